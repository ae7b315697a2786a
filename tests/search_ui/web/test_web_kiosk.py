"""At a terminal of the reading room: nothing of one person is left to the next."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from mappings.access import ANONYMOUS
from search_ui.services import Services
from service_desk.forms import RequestForm, parse
from tests.search_ui.web.house import LAND_ID, client_of, sign_in, token_in
from tests.search_ui.web.test_web_asking import case_of, opened, receipt_in, sent

ASK = f"/ask?resource={LAND_ID}&type=copy"


@pytest.fixture
def terminal(services: Services) -> TestClient:
    made = client_of(services)
    key = services.desk.terminals.add(f"desk {id(made)}", "boss")
    token = token_in(made.get("/terminal").text)
    assert made.post("/terminal", data={"csrf": token, "key": key}).status_code == 303
    return made


def test_a_request_of_a_terminal_is_followed_with_its_secret_only(terminal: TestClient, services: Services) -> None:
    page = terminal.get(ASK).text
    assert 'data-wipe="120"' in page and "data-draft" not in page and 'autocomplete="off"' in page
    before = terminal.cookies.get("vid")
    fields = opened(terminal, ASK, note="at the terminal")
    answer = sent(terminal, fields)
    assert answer.status_code == 200
    code, secret = receipt_in(answer.text)
    assert case_of(services, code).channel == "kiosk"
    assert terminal.cookies.get("vid") != before
    assert services.desk.requests.mine(ANONYMOUS, before) == []
    assert services.desk.requests.status(code, secret=secret).receipt == code
    assert 'data-wipe="90"' in answer.text
    assert terminal.get(f"/ask/receipt/{fields['once']}").status_code == 404
    wiped = terminal.post("/ask/wipe", data={"csrf": token_in(answer.text)})
    assert (wiped.status_code, wiped.headers["location"]) == (303, "/")


def test_nothing_is_kept_of_what_is_typed_at_a_terminal(terminal: TestClient) -> None:
    fields = opened(terminal, ASK, note="nobody else's business")
    assert terminal.post("/ask/draft", data=fields).json() == {"kept": None}
    assert sent(terminal, {**fields, "consent": ""}).status_code == 422
    assert terminal.post("/ask", data={**fields, "do": "keep"}).status_code != 303
    assert "nobody else" not in terminal.get(ASK).text


def test_wiping_makes_another_visitor_and_signs_out(terminal: TestClient) -> None:
    sign_in(terminal, "chen")
    page = terminal.get(ASK).text
    before = terminal.cookies.get("vid")
    wiped = terminal.post("/ask/wipe", data={"csrf": token_in(page)})
    assert wiped.headers["clear-site-data"] == '"cache", "storage"'
    assert terminal.cookies.get("vid") != before
    assert "陳小姐" not in terminal.get("/about").text
    assert "This machine is a terminal" in terminal.get("/terminal").text


def test_elsewhere_nothing_is_wiped(browser: TestClient) -> None:
    page = browser.get(ASK).text
    assert "data-wipe" not in page
    before = browser.cookies.get("vid")
    assert browser.post("/ask/wipe", data={"csrf": token_in(page)}).headers["location"] == "/"
    assert browser.cookies.get("vid") == before


PLAIN = ("/about", "/basket", "/r", f"/r/{LAND_ID}", "/s/", "/login", "/verify", "/reading-room")


@pytest.mark.parametrize("path", PLAIN)
def test_every_page_of_a_terminal_wipes_itself_and_is_kept_nowhere(
    terminal: TestClient, browser: TestClient, path: str
) -> None:
    page = terminal.get(path)
    assert page.text.count('data-wipe="120"') == 1 and "/assets/terminal.js" in page.text
    assert page.headers["cache-control"] == "no-store"
    elsewhere = browser.get(path)
    assert "data-wipe" not in elsewhere.text and "terminal.js" not in elsewhere.text


def test_staff_at_a_terminal_are_not_wiped(terminal: TestClient) -> None:
    sign_in(terminal, "lin")
    assert "data-wipe" not in terminal.get("/about").text


def test_a_receipt_that_was_opened_asks_for_its_secret_again(terminal: TestClient, services: Services) -> None:
    form = parse(RequestForm, {"resource_id": LAND_ID, "type": "copy", "name": "n", "contact": "c", "note": "SECRET"})
    filed = services.desk.filing.submit(form, ANONYMOUS)
    data = {"csrf": token_in(terminal.get("/s/").text), "receipt": filed.receipt, "secret": filed.secret}
    assert terminal.post("/s/", data=data).status_code == 303
    address = f"/s/{filed.receipt}"
    opened_page = terminal.get(address).text
    assert 'name="secret"' not in opened_page and opened_page.count("data-wipe") == 1
    terminal.post("/ask/wipe", data={"csrf": token_in(opened_page)})
    assert 'name="secret"' in terminal.get(address).text
