"""Suggestions over HTTP: for programs below the API, for the box beside it."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from search_ui.web import suggest
from service_desk.ratelimit import RateLimit
from tests.search_ui.web.house import HOSTILE, LAND_ID, PARTY_ID

API = "/api/v1/suggest"
BOX = "/suggest"


@pytest.mark.parametrize("path", [API, BOX])
def test_a_title_opens_its_record_and_a_name_is_a_filter(browser: TestClient, path: str) -> None:
    groups = {
        group["group"]: group for group in browser.get(path, params={"q": "石碇乡", "lang": "en"}).json()["groups"]
    }
    assert [group["label"] for group in groups.values()] == ["Names", "Titles"]
    title = next(item for item in groups["titles"]["items"] if item["id"] == LAND_ID)
    assert title["href"] == f"/r/{LAND_ID}"
    assert "".join(title["parts"]) == title["text"] and title["parts"][1] == "石碇鄉"
    name = groups["names"]["items"][0]
    found = browser.get("/api/v1/search", params={"q": "*", "filter": name["search"]["filter"]}).json()
    assert found["total"] == name["count"]
    assert name["href"].startswith("/search?f=")


@pytest.mark.parametrize(("language", "label"), [("zh-Hans", "题名"), ("zh-Hant", "題名"), ("en", "Titles")])
def test_headings_and_hints_are_in_the_readers_language(browser: TestClient, language: str, label: str) -> None:
    told = browser.get(BOX, params={"q": "石碇", "lang": language}).json()
    assert label in [group["label"] for group in told["groups"]]


@pytest.mark.parametrize(
    "asked", [{}, {"q": "a" * 201}, {"q": "a", "limit": 0}, {"q": "a", "limit": 21}, {"q": "a", "lang": "xx"}]
)
def test_the_api_is_strict(browser: TestClient, asked: dict[str, str]) -> None:
    assert browser.get(API, params=asked).status_code == 422


@pytest.mark.parametrize("typed", ["", "a" * 5_000, HOSTILE, "\x00", "%", "*"])
def test_the_box_is_not(browser: TestClient, typed: str) -> None:
    answer = browser.get(BOX, params={"q": typed})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"].startswith("private")


def test_only_staff_are_told_of_what_is_internal(browser: TestClient, reader: TestClient, staff: TestClient) -> None:
    for somebody in (browser, reader):
        for typed in ("personnel", "p", "pers"):
            assert "Personnel" not in somebody.get(BOX, params={"q": typed}).text
            assert "Personnel" not in somebody.get(API, params={"q": typed}).text
    assert "Personnel matters" in staff.get(BOX, params={"q": "personnel"}).text


def test_an_authority_says_what_it_is(browser: TestClient) -> None:
    told = browser.get(BOX, params={"q": "中國國", "lang": "en"}).json()
    hints = {item["id"]: item["hint"] for group in told["groups"] for item in group["items"]}
    assert PARTY_ID in hints and "Organisation" in hints[PARTY_ID]


def test_the_box_has_a_limit_of_its_own(browser: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suggest, "_RATE", RateLimit(calls=2))
    answers = [browser.get(BOX, params={"q": "a"}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1].json() == {"groups": []} and answers[-1].headers["retry-after"]
    assert browser.get(API, params={"q": "a"}).status_code == 200
