"""Saved searches in the browser: kept, named, opened, and how much is new, with the rights of who looks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from indexer.documents import documents
from indexer.resource import Resource, mint
from mappings.access import Access
from mappings.record import Record
from search_ui.services import Services
from tests.search_ui.web.house import HOSTILE, Items, client_of, open_house, sign_in, token_in
from tests.search_ui.web.house import _member as member


@pytest.fixture
def house(tmp_path: Path) -> Services:
    """A house of its own: records are added."""
    return open_house(tmp_path, Items())


def save(browser: TestClient, address: str, name: str) -> int:
    token = token_in(browser.get(f"/my-searches/new?{address}").text)
    answer = browser.post("/my-searches", data={"csrf": token, "name": name, "address": address})
    assert answer.headers.get("location") == "/my-searches", answer.text
    return int(re.findall(r"/my-searches/(\d+)/open", browser.get("/my-searches").text)[-1])


def act(browser: TestClient, number: int, what: str, **fields: str) -> object:
    token = token_in(browser.get("/my-searches/new").text)
    return browser.post(f"/my-searches/{number}/{what}", data={"csrf": token, **fields})


def add(house: Services, *records: Record) -> None:
    engine = house.searcher.engine  # type: ignore[attr-defined]
    writer = engine.writer()
    for record in records:
        writer.add(documents(Resource(mint("new", record.source_id), (member("new", record),)), mint))
    writer.commit(engine.store_version() + 1)


def test_a_search_is_saved_named_opened_and_deleted(house: Services) -> None:
    browser = client_of(house)
    assert "None yet" in browser.get("/my-searches").text
    number = save(browser, "q=letter&f=level:item&page=3", "Letters")
    listed = browser.get("/my-searches").text
    assert "Letters" in listed and "130 results" in listed
    act(browser, number, "rename", name="Many letters")
    assert "Many letters" in browser.get("/my-searches").text
    opened = act(browser, number, "open")
    assert (opened.status_code, opened.headers["location"]) == (303, "/search?q=letter&f=level%3Aitem")  # type: ignore[attr-defined]
    act(browser, number, "delete")
    assert "None yet" in browser.get("/my-searches").text


def test_what_is_new_is_counted_until_it_is_looked_at(house: Services) -> None:
    browser = client_of(house)
    few, many = save(browser, "q=minutes", "Few"), save(browser, "q=letter", "Many")
    assert few != many and " new<" not in browser.get("/my-searches").text
    add(house, Record("n1", "New minutes"), Record("n2", "New letter"), Record("n3", "Another letter"))
    assert re.findall(r"(\d+) new<", browser.get("/my-searches").text) == ["1", "2"]
    act(browser, many, "open")
    assert re.findall(r"(\d+) new<", browser.get("/my-searches").text) == ["1"]


def test_what_is_new_is_so_for_this_reader(house: Services) -> None:
    browser, staff = client_of(house), client_of(house)
    sign_in(staff, "lin")
    for one in (browser, staff):
        save(one, "q=minutes", "Minutes")
    add(house, Record("n1", "Secret minutes", access=Access("internal")))
    assert " new<" not in browser.get("/my-searches").text
    assert "1 new<" in staff.get("/my-searches").text


def test_searches_of_others_are_not_there(house: Services) -> None:
    browser, other = client_of(house), client_of(house)
    number = save(browser, "q=minutes", "Minutes")
    assert "Minutes" not in other.get("/my-searches").text
    for what in ("open", "rename", "delete"):
        assert act(other, number, what, name="x").status_code == 404  # type: ignore[attr-defined]
    assert "Minutes" in browser.get("/my-searches").text


def test_a_form_without_its_token_saves_nothing(house: Services) -> None:
    browser = client_of(house)
    browser.get("/my-searches")
    assert browser.post("/my-searches", data={"name": "x", "address": "q=x"}).status_code == 403


def test_hostile_names_stay_names(house: Services) -> None:
    browser = client_of(house)
    save(browser, "q=%3Cscript%3Ealert(1)%3C/script%3E", HOSTILE)
    assert "<script>alert" not in browser.get("/my-searches").text
    assert "<script>alert" not in browser.get("/my-searches/new?q=%3Cscript%3Ealert(1)%3C/script%3E").text


@pytest.mark.parametrize("name", ["", " ", "x" * 201])
def test_a_bad_name_is_said_so(house: Services, name: str) -> None:
    browser = client_of(house)
    token = token_in(browser.get("/my-searches/new?q=x").text)
    answer = browser.post("/my-searches", data={"csrf": token, "name": name, "address": "q=x"})
    assert answer.status_code == 422 and "at most 200 characters" in answer.text
