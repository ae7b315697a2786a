"""What changed rules would do to open dates is told before, and is what then happens."""

from __future__ import annotations

import pytest

from mappings.access import ANONYMOUS
from service_desk.calendar_rules import CalendarRules
from service_desk.desk import Desk
from service_desk.models import Request
from service_desk.request_types import Types
from service_desk.rules import bundled_text

SHORTER = bundled_text(Types).replace("limit: {working_days: 5}", "limit: {working_days: 2}")


@pytest.fixture
def filed_three(desk: Desk, form, clock):
    for type_ in ("copy", "copy", "borrow"):
        desk.filing.submit(form(type=type_), ANONYMOUS)
        clock.push(days=1)
    return desk


def dates(desk: Desk) -> list[object]:
    with desk._database.read() as session:
        return [row.due for row in session.query(Request).order_by(Request.id)]


def test_types_tell_which_dates_move_and_which_are_missed(filed_three: Desk, clock) -> None:
    desk, before = filed_three, dates(filed_three)
    clock.push(days=1)
    told = [said.en for said in desk.rules.consequences(Types, SHORTER)]
    assert told == ["Open dates that move: 2.", "Requests that are late by that at once: 2."]
    assert dates(desk) == before, "telling changes nothing"
    desk.rules.bring_into_force(Types, SHORTER, "adm")
    assert sum(one != other for one, other in zip(before, dates(desk), strict=True)) == 2
    assert desk.rules.consequences(Types, SHORTER) == []


def test_a_calendar_tells_it_too(filed_three: Desk) -> None:
    text = bundled_text(CalendarRules)
    closed = "  - {day: 2026-03-05, working: false, name: moving house}\n"
    assert desk_says(filed_three, CalendarRules, text) == []
    changed = text[: text.index("\nexceptions:") + 1] if "\nexceptions:" in text else text
    told = desk_says(filed_three, CalendarRules, f"{changed}exceptions:\n{closed}")
    assert told == ["Open dates that move: 2."], "the third waits for its reader, by days of the calendar on the wall"


def desk_says(desk: Desk, kind, text: str) -> list[str]:
    return [said.en for said in desk.rules.consequences(kind, text)]
