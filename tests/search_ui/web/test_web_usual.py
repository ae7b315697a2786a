"""What is usual at the desk stands on hits and records in place of a promised figure, without a question to the desk
for each of them.
"""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from indexer.query import Query
from mappings.access import ANONYMOUS
from search_ui.i18n import Translator
from search_ui.screens.hits import view
from search_ui.services import Services
from search_ui.usual import Remembered, usually
from service_desk.errors import Unavailable
from service_desk.history import History, Usual, UsualTable
from service_desk.request_types import Types
from service_desk.rules import bundled_text
from tests.search_ui.web.house import HOUSE, LAND_ID

TABLE = UsualTable(
    {("consult", HOUSE, None): Usual(4, 2, 9, 37, "holder"), ("copy", None, None): Usual(1, 1, 1, 12, "type")}
)


@pytest.fixture
def known(services: Services, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A desk with a past; how often it was asked for it."""
    asked: list[int] = []

    def table() -> UsualTable:
        asked.append(1)
        return TABLE

    monkeypatch.setattr(services.desk.history, "table", table)
    monkeypatch.setattr(services, "_usual", None)
    return asked


def offers(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["action"]: one for one in found["available"]}


def test_a_record_says_what_is_usual(services: Services, browser: TestClient, known: list[int]) -> None:
    html = browser.get(f"/r/{LAND_ID}").text
    assert "usually 4 working days (2–9)" in html and "time from 37 requests" in html
    assert "usually 1 working day<" in html and "time from 12 requests" in html
    browser.cookies.set("lang", "zh-Hant")
    translated = browser.get(f"/r/{LAND_ID}").text
    assert "通常 4 個工作天（2–9）" in translated and "時間據 37 件申請統計" in translated
    assert len(known) == 1


def test_hits_pages_and_api_say_the_same(services: Services, browser: TestClient, known: list[int]) -> None:
    hit = next(one for one in services.search(Query("石碇"), ANONYMOUS)["hits"] if one["id"] == LAND_ID)
    told = {"action": "consult", "working_days": 4, "usual": {"low": 2, "high": 9, "requests": 37}}
    assert offers(hit)["consult"] == told
    assert offers(browser.get(f"/api/v1/resources/{LAND_ID}").json())["consult"] == told
    assert "usual" not in offers(hit).get("ask", {})
    english = [one.text for one in view(hit, 1, "", Translator("en")).states]
    assert "Original usually in 4 working days (2–9)" in english and "Copy usually in 1 working day" in english
    chinese = [one.text for one in view(hit, 1, "", Translator("zh-Hans")).states]
    assert "原件通常 4 个工作日可取（2–9）" in chinese
    for _ in range(3):
        services.search(Query("土地"), ANONYMOUS)
    assert len(known) == 1


def test_an_answer_that_is_remembered_is_not_changed(services: Services) -> None:
    before = services.searcher.search(Query("石碇"), ANONYMOUS)
    after = usually(before, TABLE)
    assert after != before and all("usual" not in one for hit in before["hits"] for one in hit["available"])
    assert usually(before, UsualTable()) is before


def test_while_the_desk_is_down_the_figure_of_the_rules_stands() -> None:
    class Down(History):
        def __init__(self) -> None:
            self.asked = 0

        def state(self) -> str:
            self.asked += 1
            raise Unavailable("away")

    remembered = Remembered(down := Down())
    assert remembered() == remembered() == UsualTable()
    assert down.asked == 1


def test_a_table_holds_until_the_next_day_or_a_change_of_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    class Counting(History):
        def __init__(self) -> None:
            self.day, self.made, self.looked = "2026-03-02", 0, 0

        def state(self) -> str:
            self.looked += 1
            return self.day

        def table(self) -> UsualTable:
            self.made += 1
            return TABLE

    moments = iter((0.0, 1.0, 400.0, 800.0))
    monkeypatch.setattr("search_ui.usual.time.monotonic", lambda: next(moments))
    remembered = Remembered(history := Counting())
    remembered(), remembered(), remembered()
    assert (history.looked, history.made) == (2, 1)
    history.day = "2026-03-03"
    remembered()
    assert (history.looked, history.made) == (3, 2)


def test_where_too_little_is_known_the_limit_of_the_rules_stands(services: Services, browser: TestClient) -> None:
    hit = next(one for one in services.search(Query("石碇"), ANONYMOUS)["hits"] if one["id"] == LAND_ID)
    limits = {code: rule.limit.working_days for code, rule in services.desk.rules.now(Types).types.items()}
    for act, kind in (("consult", "consult"), ("copy", "copy"), ("ask", "question")):
        assert offers(hit)[act] == {"action": act, "working_days": limits[kind], "limited": True}
    html = browser.get(f"/r/{LAND_ID}").text
    assert "our limit; too few requests yet to say what is usual" in html
    assert f"within {limits['copy']} working days" in html
    text = bundled_text(Types).replace("limit: {working_days: 5}", "limit: {working_days: 7}")
    services.desk.rules.bring_into_force(Types, text, "house")
    services._usual = None
    assert "within 7 working days" in browser.get(f"/r/{LAND_ID}").text
