"""A terminal of the reading room reads what may be read on site, signed in or not."""

from __future__ import annotations

import pytest

from mappings.access import Access
from mappings.record import Copy, Record
from tests.search_ui.web import house
from tests.search_ui.web.house import Items, client_of, mint, open_house, sign_in, token_in

ON_SITE = Record(
    "on-site",
    "Minutes",
    kind="digital",
    access=Access("onsite"),
    copies=(Copy(page_count=1, pages=(house.page(1, "x"),)),),
)
ADDRESS = f"/api/v1/resources/{mint('scans', 'on-site')}/pages/1"


@pytest.fixture
def services(tmp_path, monkeypatch):
    known = house.resources()
    monkeypatch.setattr(house, "resources", lambda: [*known, house._resource(house._member("scans", ON_SITE))])
    made = open_house(tmp_path, Items())
    yield made
    made.desk.close()


def make_terminal(browser, key):
    return browser.post("/terminal", data={"csrf": token_in(browser.get("/terminal").text), "key": key})


def test_what_is_for_the_house_is_read_at_its_terminals(services):
    browser = client_of(services)
    assert browser.get(ADDRESS).status_code == 404
    assert "is not a terminal" in browser.get("/terminal").text
    answer = make_terminal(browser, services.desk.terminals.add("R3", "root"))
    cookie = answer.headers["set-cookie"]
    assert answer.status_code == 303 and cookie.startswith("tid=") and "HttpOnly" in cookie and "SameSite=Lax" in cookie
    assert browser.get(ADDRESS).status_code == 200
    assert "can be read here" in browser.get("/terminal").text
    sign_in(browser, "chen")
    assert browser.get(ADDRESS).status_code == 200
    elsewhere = client_of(services)
    sign_in(elsewhere, "chen")
    assert elsewhere.get(ADDRESS).status_code == 404
    services.desk.terminals.remove("R3", "root")
    assert browser.get(ADDRESS).status_code == 404


def test_a_key_that_is_none_and_a_form_from_elsewhere(services):
    browser = client_of(services)
    answer = make_terminal(browser, "2222-2222")
    assert answer.status_code == 401 and "no key of a terminal" in answer.text and "set-cookie" not in answer.headers
    key = services.desk.terminals.add("R3", "root")
    assert browser.post("/terminal", data={"key": key}).status_code == 403
    browser.cookies.set("tid", "1.x.y")
    assert browser.get(ADDRESS).status_code == 404
