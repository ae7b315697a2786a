"""Placing a request on the plain page: what the form says, what it files, what it keeps, what it refuses."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from mappings.access import ANONYMOUS
from search_ui.i18n import Translator
from search_ui.services import Services
from search_ui.web import forms
from search_ui.web.promised import promised
from service_desk.deadlines import Calendar, Exceptional, Limit
from service_desk.errors import Unavailable
from service_desk.fees import Fees
from service_desk.forms import RefusalForm
from service_desk.views import Case
from tests.search_ui.web.house import HOSTILE, LAND_ID, ODD_ID, SECRET_ID, UNKNOWN_ID, client_of

PNG = ("id.png", b"\x89PNG\r\n\x1a\n123", "image/png")
SENDER = {"name": "Chen", "contact": "chen@example.org"}


def fields_of(html: str) -> dict[str, str]:
    """What a browser would send of the form on a page, its box ticked."""
    form = html.split("data-ask", 1)[1].split("</form>", 1)[0]
    found = {}
    for tag in re.findall(r"<input[^>]*>", form):
        kind, name, value = (re.search(rf'{key}="([^"]*)"', tag) for key in ("type", "name", "value"))
        if name and (kind is None or kind[1] not in ("file", "radio") or "checked" in tag):
            found[name[1]] = value[1] if value else ""
    for name, text in re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>([^<]*)</textarea>', form):
        found[name] = text
    return found


def opened(browser: TestClient, address: str = f"/ask?resource={LAND_ID}&type=copy", **values: str) -> dict[str, Any]:
    """The fields of the form at that address, filled in."""
    answer = browser.get(address)
    assert answer.status_code == 200, answer.text
    return {**fields_of(answer.text), **SENDER, "do": "send", **values}


def sent(browser: TestClient, fields: dict[str, Any], **files: Any) -> Any:
    return browser.post("/ask", data=fields, files={name.replace("__", "-"): file for name, file in files.items()})


def case_of(services: Services, receipt: str) -> Case:
    return services.desk.requests.case(receipt, services.desk.accounts.viewer("lin"))


def receipt_in(html: str) -> tuple[str, str]:
    """Code and secret on a receipt."""
    code, secret = re.findall(r"data-copy>([^<]+)<", html)
    return code, secret


def test_a_request_is_filed_with_how_the_reader_came_to_the_record(browser: TestClient, services: Services) -> None:
    fields = opened(browser, f"/ask?resource={LAND_ID}&type=copy&q=土地&rank=3", note="page 2")
    answer = sent(browser, fields)
    assert answer.status_code == 303, answer.text
    page = browser.get(answer.headers["location"])
    code, secret = receipt_in(page.text)
    case = case_of(services, code)
    assert (case.type, case.name, case.note, case.channel) == ("copy", "Chen", "page 2", "web")
    assert (case.hit.id, case.hit.query, case.hit.rank) == (LAND_ID, "土地", 3)
    assert services.desk.requests.status(code, ANONYMOUS, secret=secret).receipt == code
    assert page.headers["cache-control"] == "no-store"
    assert re.search(r'<svg [^>]*viewBox="', page.text) and f'href="/s/{code}/receipt.pdf"' in page.text
    assert "look here yourself" not in page.text


def test_who_cannot_be_reached_is_told_to_look(browser: TestClient) -> None:
    told = sent(browser, opened(browser, contact="come by some day"))
    assert "look here yourself" in browser.get(told.headers["location"]).text


def test_what_the_notice_said_is_kept_with_the_request(browser: TestClient, services: Services) -> None:
    from service_desk.privacy import Privacy

    fields = opened(browser)
    assert fields["consent"] == services.desk.rules.now(Privacy).mark
    without = sent(browser, {**fields, "consent": ""})
    assert without.status_code == 422
    assert '<a href="#consent">' in without.text
    code, _ = receipt_in(browser.get(sent(browser, fields).headers["location"]).text)
    with services.desk._database.read() as session:
        from service_desk import ledger

        assert ledger.found(session, code).consent == services.desk.rules.now(Privacy).mark


def test_what_is_missing_is_told_at_once_and_nowhere_is_a_file_lost_in_silence(browser: TestClient) -> None:
    fields = opened(browser, type="certificate", name="", contact=" ", note="half a <b>sentence</b>")
    answer = sent(browser, fields, file__identity_document=PNG)
    assert answer.status_code == 422
    for target in ("name", "contact"):
        assert f'<a href="#{target}">' in answer.text
        assert f'aria-invalid="true" aria-describedby="{target}-wrong"' in answer.text
    assert "half a &lt;b&gt;sentence&lt;/b&gt;" in answer.text
    assert "Choose “id.png” again" in answer.text
    assert fields_of(answer.text)["once"] == fields["once"]


def test_the_same_form_twice_is_one_request(browser: TestClient, services: Services) -> None:
    before = len(services.desk.requests.mine(ANONYMOUS, browser.cookies.get("vid")))
    fields = opened(browser, note="twice")
    first, second = sent(browser, fields), sent(browser, fields)
    assert first.headers["location"] == second.headers["location"]
    pages = [browser.get(first.headers["location"]).text for _ in range(2)]
    assert receipt_in(pages[0]) == receipt_in(pages[1])
    assert len(services.desk.requests.mine(ANONYMOUS, browser.cookies.get("vid"))) == before + 1
    changed = sent(browser, {**fields, "note": "something else"})
    assert changed.status_code == 409
    assert receipt_in(pages[0])[0] in changed.text and "something else" in changed.text
    again = sent(browser, {**fields_of(changed.text), "do": "send"})
    assert again.status_code == 303 and again.headers["location"] != first.headers["location"]


def test_a_receipt_is_for_whom_it_was_told(browser: TestClient, services: Services) -> None:
    location = sent(browser, opened(browser)).headers["location"]
    stranger = client_of(services)
    stranger.get("/login")
    assert stranger.get(location).status_code == 404
    assert browser.get(f"/ask/receipt/{'A' * 32}").status_code == 404
    assert browser.get("/ask/receipt/x").status_code == 404


def test_what_it_needs_follows_type_and_relation(browser: TestClient) -> None:
    plain = browser.get(f"/ask/part?resource={LAND_ID}&type=copy").text
    heir = browser.get(f"/ask/part?resource={LAND_ID}&type=certificate&relation=heir").text
    assert "None are needed" in plain
    assert 'id="file-identity_document"' in heir and 'id="file-proof_of_relation"' in heir
    assert "working days after" in heir
    drawn = browser.post(
        "/ask", data={**opened(browser, type="certificate", relation="heir", name="Kept"), "do": "update"}
    )
    assert drawn.status_code == 200
    assert 'id="file-proof_of_relation"' in drawn.text and 'value="Kept"' in drawn.text


def test_a_relation_is_asked_for_where_it_changes_something(browser: TestClient) -> None:
    assert 'name="relation"' in browser.get(f"/ask?resource={LAND_ID}&type=certificate").text
    assert 'name="relation"' not in browser.get("/ask?type=question").text


def test_a_complaint_may_name_what_it_is_about(browser: TestClient, services: Services) -> None:
    code, _ = receipt_in(browser.get(sent(browser, opened(browser)).headers["location"]).text)
    fields = opened(browser, "/ask?type=complaint", note="slow", concerns=code.lower())
    assert "concerns" in fields
    about, _ = receipt_in(browser.get(sent(browser, fields).headers["location"]).text)
    assert case_of(services, about).concerns == code


def test_a_complaint_begins_at_the_request_it_is_about(browser: TestClient, services: Services) -> None:
    code, _ = receipt_in(browser.get(sent(browser, opened(browser, note="page 2")).headers["location"]).text)
    services.desk.requests.take(code, services.desk.accounts.viewer("lin"))
    led = re.search(r'href="(/ask\?type=complaint[^"]*)"', browser.get(f"/s/{code}").text)
    assert led is not None
    fields = opened(browser, led[1].replace("&amp;", "&"), note="nobody answers")
    about, _ = receipt_in(browser.get(sent(browser, fields).headers["location"]).text)
    assert case_of(services, about).concerns == code and case_of(services, about).barred == ("lin",)


def test_who_appeals_from_a_refusal_need_not_type_what_it_is_about(
    browser: TestClient, staff: TestClient, services: Services
) -> None:
    code, _ = receipt_in(browser.get(sent(browser, opened(browser, note="page 2")).headers["location"]).text)
    lin = services.desk.accounts.viewer("lin")
    services.desk.requests.refuse(code, RefusalForm(reason="closed", alternative="come by"), lin)
    led = re.search(r'href="(/ask\?type=appeal[^"]*)"', browser.get(f"/s/{code}").text)
    assert led is not None
    fields = opened(browser, led[1].replace("&amp;", "&"), note="look again")
    assert (fields["type"], fields["concerns"]) == ("appeal", code)
    browser.post("/ask/draft", data={**fields, "concerns": ""})
    assert opened(browser, led[1].replace("&amp;", "&"))["concerns"] == code
    about, _ = receipt_in(browser.get(sent(browser, fields).headers["location"]).text)
    case = services.desk.requests.case(about, lin)
    assert case.concerns == code and case.barred == ("lin",) and case.actions == ()


def test_types_are_those_of_the_channel(browser: TestClient) -> None:
    with_record, without = browser.get(f"/ask?resource={LAND_ID}").text, browser.get("/ask").text
    assert 'value="borrow"' in with_record and 'value="emergency"' not in with_record
    assert 'value="borrow"' not in without
    refused = sent(browser, opened(browser, type="emergency"))
    assert refused.status_code == 422 and '<a href="#type">' in refused.text


@pytest.mark.parametrize("record", [UNKNOWN_ID, SECRET_ID, "../x", "<script>"])
def test_a_record_that_is_not_there_for_the_reader_is_not_found(browser: TestClient, record: str) -> None:
    assert browser.get("/ask", params={"resource": record}).status_code == 404
    assert browser.get("/ask/part", params={"resource": record}).status_code == 404
    answer = sent(browser, opened(browser, records=f"{LAND_ID} {record}".strip()))
    assert answer.status_code == 422
    assert "no longer there" in answer.text


def test_many_records_are_one_request(browser: TestClient, services: Services) -> None:
    fields = opened(browser, f"/ask?resource={LAND_ID}&resource={ODD_ID}&type=copy")
    code, _ = receipt_in(browser.get(sent(browser, fields).headers["location"]).text)
    case = case_of(services, code)
    assert [case.hit.id, *(hit.id for hit in case.more)] == [LAND_ID, ODD_ID]


def test_odd_text_is_kept_as_text(browser: TestClient, services: Services) -> None:
    fields = opened(browser, note=f"{HOSTILE}\x00\x07\U0001f469‍\U0001f467 end", name="\u202egpj \x1b[31m陳")
    code, _ = receipt_in(browser.get(sent(browser, fields).headers["location"]).text)
    case = case_of(services, code)
    assert case.name == "gpj [31m陳"
    assert "<script>" in case.note and "\x00" not in case.note and "\U0001f469‍\U0001f467" in case.note
    long = sent(browser, opened(browser, name="陳" * 201, note="x" * 10_001))
    assert long.status_code == 422 and "<script>alert" not in long.text
    assert "longer than we can keep" in long.text


FILES = {
    "empty": (("a.png", b"", "image/png"), "is empty"),
    "of another kind": (("a.png", b"<html>", "image/png"), "of a kind we cannot take"),
    "a program": (("a.exe", b"MZ", "image/png"), "of a kind we cannot take"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_taken_for_what_it_is(browser: TestClient, name: str) -> None:
    file, said = FILES[name]
    answer = sent(browser, opened(browser, type="certificate"), file__identity_document=file)
    assert answer.status_code == 422
    assert said in answer.text and '<a href="#file-identity_document">' in answer.text


def test_a_file_arrives_under_a_name_of_its_own(browser: TestClient, services: Services) -> None:
    fields = opened(browser, type="certificate", relation="self")
    answer = sent(browser, fields, file__identity_document=("../../e\\vil\u202e.png", PNG[1], "text/html"))
    code, _ = receipt_in(browser.get(answer.headers["location"]).text)
    (file,) = case_of(services, code).attachments
    assert (file.name, file.media_type, file.material) == ("vil.png", "image/png", "identity_document")


def test_a_form_is_no_larger_than_it_may_be(browser: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "WITH_FILES", 200_000)
    large = sent(browser, opened(browser), file=("a.png", PNG[1] + b"0" * forms.WITH_FILES, "image/png"))
    assert large.status_code == 413
    many = [("file", PNG) for _ in range(11)]
    answer = browser.post("/ask", data=opened(browser), files=many)
    assert answer.status_code == 422 and "at most 10 files" in answer.text
    assert browser.post("/ask", content=b"x" * 10, headers={"content-type": "multipart/form-data"}).status_code in (
        403,
        413,
    )


def test_forms_of_others_are_refused_before_they_are_read(browser: TestClient, services: Services) -> None:
    fields = opened(browser)
    assert browser.post("/ask", data=fields, headers={"origin": "https://evil.example"}).status_code == 403
    assert sent(browser, {**fields, "csrf": "x"}).status_code == 403
    assert client_of(services).post("/ask", data=fields).status_code == 403


# Drafts


def test_what_is_typed_is_kept_and_said_so(browser: TestClient, services: Services) -> None:
    address = f"/ask?resource={LAND_ID}&type=copy"
    fields = opened(browser, address, note="half a sen", contact="")
    kept = browser.post("/ask/draft", data=fields)
    assert kept.json()["kept"]
    page = browser.get(address)
    assert "half a sen" in page.text and "You typed this earlier" in page.text
    assert "half a sen" not in browser.get(f"/ask?resource={ODD_ID}").text
    assert "half a sen" not in client_of(services).get(address).text
    sent(browser, {**fields_of(page.text), **SENDER, "do": "send"})
    assert "half a sen" not in browser.get(address).text


def test_without_a_script_a_button_keeps_it(browser: TestClient) -> None:
    fields = opened(browser, "/ask?type=question", note="tomorrow", do="keep")
    assert browser.post("/ask", data=fields).headers["location"] == "/requests"
    assert "tomorrow" in browser.get("/ask").text
    name = "request:"
    thrown = browser.post("/ask/draft/delete", data={"csrf": fields["csrf"], "draft": name})
    assert thrown.status_code == 303
    assert "tomorrow" not in browser.get("/ask").text


def test_nothing_typed_is_nothing_kept(browser: TestClient) -> None:
    assert browser.post("/ask/draft", data=opened(browser, contact="")).json() == {"kept": None}


def test_a_reader_with_an_account_need_not_write_the_name(reader: TestClient) -> None:
    assert 'value="陳小姐"' in reader.get("/ask").text


def test_nobody_has_to_ask_twice(browser: TestClient) -> None:
    address = f"/ask?resource={ODD_ID}&type=consult"
    code, _ = receipt_in(browser.get(sent(browser, opened(browser, address)).headers["location"]).text)
    page = browser.get(address)
    assert "You have asked for this already" in page.text and code in page.text


def test_while_the_desk_does_not_answer_what_was_typed_stands_in_the_page(
    browser: TestClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    fields = opened(browser, "/ask?type=question", note="Where are the <maps>?")

    def away(*_: object, **__: object) -> None:
        raise Unavailable("The database does not answer.")

    with monkeypatch.context() as patch:
        patch.setattr(services.desk.filing, "submit", away)
        answer = sent(browser, fields)
    assert answer.status_code == 503
    assert "Where are the &lt;maps&gt;?" in answer.text and 'value="chen@example.org"' in answer.text
    again = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', answer.text))
    assert sent(browser, {**again, "note": fields["note"], "do": "send"}).status_code == 303


def test_what_a_copy_costs_stands_beside_the_form(browser: TestClient, services: Services) -> None:
    page = browser.get(f"/ask?type=copy&resource={LAND_ID}").text
    assert "What it costs" in page and "Digital copy, a page" in page and "CNY 1.00" in page
    assert "What it costs" not in browser.get("/ask?type=question").text
    services.desk.rules.bring_into_force(Fees, "fees: {}", "test")
    assert "What it costs" not in browser.get(f"/ask?type=copy&resource={LAND_ID}").text


def test_what_is_about_staff_is_about_no_record(browser: TestClient) -> None:
    with_record, without = browser.get(f"/ask?resource={LAND_ID}").text, browser.get("/ask?type=complaint").text
    assert 'value="complaint"' not in with_record and 'value="appeal"' not in with_record
    assert 'value="complaint"' in without and "Search for a record first" not in without
    assert "Search for a record first" in browser.get("/ask?type=question").text
    assert "Once a record is chosen, also: Loan, Reading room." in without
    assert "Once a record is chosen" not in with_record


def test_days_off_are_called_as_the_house_calls_them() -> None:
    shut = Calendar(exceptions={dt.date(2026, 4, 30): Exceptional(working=False, name="盘点")})
    promise = shut.after(dt.date(2026, 4, 29), Limit(working_days=1))
    said = promised(promise, Translator("zh-Hant", "web")).reason
    assert "盘点 04-30" in said and "05-01" in said
    assert not re.search("[A-Za-z]", said)  # names of public holidays are known in English only
