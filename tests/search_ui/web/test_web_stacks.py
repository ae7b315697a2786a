"""The pages of the stacks: the pick list and its scan field, the register, the log, loans and repairs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from mappings.access import ANONYMOUS
from search_ui import paths
from search_ui.services import Services
from service_desk.forms import RequestForm, parse
from tests.search_ui.web.house import LAND_ID, Items, client_of, open_house, sign_in, token_in

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
    receipt = services.desk.requests.submit(parse(RequestForm, filled), ANONYMOUS).receipt
    hit = services.desk.requests._holdings.hit(LAND_ID, ANONYMOUS)
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
