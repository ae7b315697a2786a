"""The pages of the stacks: the pick list and its scan field, the register, the log, loans and repairs."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from indexer.query import Query
from mappings.access import ANONYMOUS
from search_ui import paths
from search_ui.busy import of_hits
from search_ui.i18n import Translator
from search_ui.screens import hits
from search_ui.services import Services
from service_desk.forms import RequestForm, parse
from tests.search_ui.web.house import CLOSED_ID, LAND_ID, Items, client_of, open_house, token_in

TABLE = (
    "barcode,kind,title,inside,contents\n"
    "K1,room,Stack 1,,\nK1-1,row,Row 1,K1,\nK1-1-1,shelf,Shelf 1,K1-1,\nBX-1,box,Box 1,K1-1-1,Z013-1\n"
)


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    made = open_house(tmp_path, Items())
    made.desk.stacks.register.bring_in(TABLE.encode(), "places.csv", "test")
    yield made
    made.desk.close()


@pytest.fixture
def receipt(services: Services) -> str:
    """A request that ordered the land record."""
    filled = {"resource_id": LAND_ID, "type": "consult", "name": "n", "contact": "c"}
    receipt = services.desk.filing.submit(parse(RequestForm, filled), ANONYMOUS).receipt
    services.desk.cases.act(receipt, "classify", {"type": "borrow"}, services.desk.accounts.viewer("lin"))
    hit = services.desk.filing._holdings.hit(LAND_ID, ANONYMOUS)
    assert hit is not None
    with services.desk._database.write() as session:
        services.desk.stacks.picking.order(session, receipt, [hit], dt.date(2030, 1, 2), goes_to="Seat 4")
    return receipt


def post(browser: TestClient, page: str, path: str, **fields: Any) -> Any:
    """A form of a page, sent."""
    token = token_in(browser.get(page).text)
    return browser.post(path, data={"csrf": token, **fields})


def test_a_box_is_fetched_given_out_and_taken_back(staff: TestClient, receipt: str) -> None:
    listed = staff.get(paths.STACKS).text
    assert receipt in listed and "BX-1" in listed and "Seat 4" in listed and "Stack 1 › Row 1 › Shelf 1" in listed
    for act, said in (("picked", "fetched"), ("out", "given out"), ("back", "came back")):
        answer = post(staff, paths.STACKS, f"{paths.STACKS}/scan", barcode="BX-1", act=act)
        assert answer.status_code == 303
        assert f"{said}: BX-1" in staff.get(answer.headers["location"]).text
    log = staff.get(f"{paths.STACKS}/log").text
    assert log.index("came back") < log.index("given out") < log.index("fetched") < log.index("ordered")


@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant"])
def test_what_goes_wrong_is_said(staff: TestClient, receipt: str, language: str) -> None:
    for barcode, act, code in (("no<b>", "next", 404), ("K1", "next", 409), ("BX-1", "out", 409), ("BX-1", "x", 422)):
        answer = post(staff, paths.STACKS, f"{paths.STACKS}/scan?lang={language}", barcode=barcode, act=act)
        assert answer.status_code == code
        assert 'role="alert"' in answer.text and "stack_fault" not in answer.text and "no<b>" not in answer.text


def test_nobody_else_sees_anything(services: Services, reader: TestClient, receipt: str) -> None:
    for path in (paths.STACKS, f"{paths.STACKS}/log"):
        assert reader.get(path).status_code == 404
        assert client_of(services).get(path).status_code == 303
    assert post(reader, paths.ACCOUNT, f"{paths.STACKS}/scan", barcode="BX-1").status_code == 404


PAGES = (
    paths.STACKS,
    f"{paths.STACKS}/places",
    f"{paths.STACKS}/places/BX-1",
    f"{paths.STACKS}/places/K1",
    f"{paths.STACKS}/log",
    paths.LOANS,
    paths.REPAIRS,
)


@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant"])
def test_every_page_is_whole_in_every_language(
    services: Services, staff: TestClient, receipt: str, language: str
) -> None:
    post(staff, paths.REPAIRS, paths.REPAIRS, kind="repair", record=LAND_ID, text="spine <b>")
    post(staff, paths.STACKS, f"{paths.STACKS}/scan", barcode="BX-1", act="picked")
    post(staff, paths.LOANS, f"{paths.LOANS}/lend", receipt=receipt, borrower="office")
    for path in (*PAGES, f"{paths.REPAIRS}?ended=1", f"{paths.LOANS}?late=1", f"{paths.STACKS}/places?find=nothing"):
        text = staff.get(path, params={"lang": language}).text
        assert "spine <b>" not in text
        assert not re.search(r"\b(stack_\w+|box_state|place_kind|order_state|treatment)\.", text), path
    assert services.desk.stacks.loans.page(services.desk.accounts.viewer("lin")).total == 1


def test_pages_of_the_stacks_are_for_staff_of_the_stacks(services: Services, reader: TestClient) -> None:
    for path in PAGES:
        assert reader.get(path).status_code == 404
        assert client_of(services).get(path).status_code == 303


def test_the_register_is_kept_on_its_pages(staff: TestClient) -> None:
    places = f"{paths.STACKS}/places"
    assert post(staff, places, places, barcode="BX/2", kind="box", title="Box 2", inside="K1-1-1").status_code == 303
    box = paths.stack_place("BX/2")
    assert "Box 2" in staff.get(box).text
    for act, fields, told in (
        ("rename", {"title": "Box two"}, "Box two"),
        ("fill", {"codes": "Q-1..Q-9\nQ-20"}, "Q-1..Q-9"),
        ("move", {"to": "K1", "why": "flood"}, "flood"),
    ):
        answer = post(staff, box, f"{paths.STACKS}/{act}", place="BX/2", **fields)
        assert (answer.status_code, answer.headers.get("location")) == (303, box), answer.text
        assert told in staff.get(box).text
    assert "BX/2" in staff.get(places, params={"find": "q 5"}).text, "found by a code that lies in it"
    for act, fields, code in (
        ("move", {"to": "K1-1-1", "why": ""}, 422),
        ("move", {"to": "BX/2", "why": "x"}, 409),
        ("move", {"to": "none", "why": "x"}, 422),
        ("rename", {"title": ""}, 422),
        ("fill", {"codes": "nothing"}, 422),
        ("fill", {"codes": "Z013-1"}, 409),
    ):
        answer = post(staff, box, f"{paths.STACKS}/{act}", place="BX/2", **fields)
        assert answer.status_code == code and 'role="alert"' in answer.text
    assert post(staff, places, places, barcode="BX/2", kind="box", title="x", inside="K1").status_code == 422
    assert post(staff, places, f"{paths.STACKS}/move", place="none", to="K1", why="x").status_code == 404
    assert staff.get(paths.stack_place("none")).status_code == 404


def test_a_pasted_table_is_looked_through_before_it_is_read_in(staff: TestClient) -> None:
    places, table = (
        f"{paths.STACKS}/places",
        "barcode\tkind\ttitle\tinside\nBX-9\tbox\tBox 9\tK1-1-1\nBX-8\tbox\tBox 8\tK9\n",
    )
    dry = post(staff, places, f"{paths.STACKS}/import", table=table)
    assert "What would become of each row" in dry.text and "No place has the barcode K9" in dry.text
    assert staff.get(paths.stack_place("BX-9")).status_code == 404
    done = post(staff, places, f"{paths.STACKS}/import", table=table, really="yes")
    assert "Add a row for that place, or mend the barcode." in done.text
    assert staff.get(paths.stack_place("BX-9")).status_code == 200
    assert post(staff, places, f"{paths.STACKS}/import", table="nothing of use").status_code == 422


@pytest.mark.parametrize(
    "language, told", [("en", "its type is Digital copy"), ("zh-Hans", "不能借阅"), ("zh-Hant", "不能借閱")]
)
def test_nothing_is_lent_on_a_request_that_is_not_for_it(
    services: Services, staff: TestClient, receipt: str, language: str, told: str
) -> None:
    services.desk.cases.act(receipt, "classify", {"type": "copy"}, services.desk.accounts.viewer("lin"))
    lend = f"{paths.LOANS}/lend?lang={language}"
    refused = post(staff, paths.LOANS, lend, receipt=receipt, borrower="office")
    assert refused.status_code == 409 and told in refused.text


def test_lent_renewed_and_brought_back_on_the_page(staff: TestClient, receipt: str) -> None:
    assert post(staff, paths.LOANS, f"{paths.LOANS}/lend", receipt=receipt, borrower="office").status_code == 303
    listed = staff.get(paths.LOANS).text
    [voucher] = set(re.findall(r"J\d{4}-\d{5}", listed))
    assert post(staff, paths.LOANS, f"{paths.LOANS}/renew", voucher=voucher).status_code == 303
    again = post(staff, paths.LOANS, f"{paths.LOANS}/lend", receipt=receipt, borrower="office")
    assert again.status_code == 409 and "lent already" in again.text
    assert post(staff, paths.LOANS, f"{paths.LOANS}/back", voucher="bx").status_code == 404
    assert post(staff, paths.LOANS, f"{paths.LOANS}/back", voucher=voucher).status_code == 303
    assert post(staff, paths.LOANS, f"{paths.LOANS}/lend", receipt="none", borrower="office").status_code == 404


def test_in_repair_from_stage_to_stage_on_the_page(staff: TestClient) -> None:
    assert post(staff, paths.REPAIRS, paths.REPAIRS, kind="repair", barcode="BX-1", text="mould").status_code == 303
    assert "mould" in staff.get(paths.REPAIRS).text
    number = re.search(paths.REPAIRS + r"/(\d+)/stage", staff.get(paths.REPAIRS).text)
    assert number is not None
    address = f"{paths.REPAIRS}/{number[1]}"
    assert post(staff, paths.REPAIRS, f"{address}/stage", stage="mended", expected="2099-12-31").status_code == 422
    assert post(staff, paths.REPAIRS, f"{address}/stage", stage="mended", expected="soon").status_code == 422
    assert post(staff, paths.REPAIRS, f"{address}/stage", stage="mended", text="托裱").status_code == 303
    assert post(staff, paths.REPAIRS, f"{address}/end").status_code == 303
    assert "托裱" in staff.get(f"{paths.REPAIRS}?ended=1").text
    assert post(staff, paths.REPAIRS, paths.REPAIRS, kind="repair", record="nothing").status_code == 404
    assert post(staff, paths.REPAIRS, paths.REPAIRS, kind="repair").status_code == 422


class Asked:
    """What keeps records, counted."""

    def __init__(self, services: Services) -> None:
        self.desk, self.questions = services.desk, 0

    def state(self) -> object:
        return self.desk.stacks.busy.revision()

    def __call__(self, things: Any) -> Any:
        self.questions += 1
        return self.desk.stacks.busy(things)


def test_a_record_says_what_keeps_it_and_no_place(
    services: Services, browser: TestClient, staff: TestClient, receipt: str
) -> None:
    services.busy = asked = Asked(services)
    before = browser.get(paths.record(LAND_ID)).text
    post(staff, paths.LOANS, f"{paths.LOANS}/lend", receipt=receipt, borrower="office")
    asked.questions = 0
    lent = browser.get(paths.record(LAND_ID)).text
    assert "On loan until" in lent and "On loan" not in before and asked.questions == 1
    assert not any(secret in lent for secret in ("BX-1", "K1-1", receipt, "Shelf 1", "J20"))
    post(staff, paths.LOANS, f"{paths.LOANS}/back", voucher="BX-1")
    assert browser.get(paths.record(LAND_ID)).text == before
    post(staff, paths.REPAIRS, paths.REPAIRS, kind="repair", barcode="BX-1")
    for language, said in (("en", "being assessed"), ("zh-Hans", "鉴定破损"), ("zh-Hant", "鑑定破損")):
        assert said in browser.get(paths.record(LAND_ID), params={"lang": language}).text
    assert "In repair" not in browser.get(paths.record(CLOSED_ID)).text


def test_programs_are_told_what_keeps_a_record_in_one_question(
    services: Services, browser: TestClient, staff: TestClient, receipt: str
) -> None:
    services.busy = asked = Asked(services)
    post(staff, paths.REPAIRS, paths.REPAIRS, kind="repair", barcode="BX-1")
    asked.questions = 0
    answer = browser.get("/api/v1/search", params={"q": "土地"})
    told = {hit["id"]: hit["busy"] for hit in answer.json()["hits"]}
    kept = told.pop(LAND_ID)
    assert asked.questions == 1 and kept["kind"] == "in_repair" and set(told.values()) == {None}
    assert kept["stage"]["zh-Hans"] == "鉴定破损" and dt.date.fromisoformat(kept["until"])
    assert browser.get(f"/api/v1/resources/{LAND_ID}").json()["busy"] == kept and asked.questions == 2
    assert "BX-1" not in answer.text and "K1-1" not in answer.text
    described = browser.get("/api/v1/openapi.json").json()["paths"]["/search"]["get"]["responses"]["200"]
    hit = described["content"]["application/json"]["schema"]["properties"]["hits"]["items"]
    assert set(kept) == set(hit["properties"]["busy"]["properties"])


def test_the_hits_of_a_page_are_asked_for_in_one_question(services: Services, receipt: str) -> None:
    services.busy = asked = Asked(services)
    services.desk.stacks.repairs.begin("copying", services.desk.accounts.viewer("lin"), barcode="BX-1")
    answer = services.search(Query("土地"), ANONYMOUS)
    kept = of_hits(services.busy, answer["hits"])
    assert set(kept) & {LAND_ID} and asked.questions == 1
    words = Translator("en")
    [hit] = [hit for hit in answer["hits"] if hit["id"] == LAND_ID]
    shown = hits.view(hit, 1, "", words, kept[LAND_ID])
    plain = hits.view(hit, 1, "", words)
    assert next(state.text for state in shown.states if state not in plain.states).startswith("Being copied")
    assert len(shown.states) == len(plain.states)
