"""How long requests took: by type, holder and fonds, on both databases, and nothing of a few."""

from __future__ import annotations

import pytest
from desk_parts import ONCE, START
from hypothesis import given
from hypothesis import strategies as st
from past import day, had

from service_desk import rules
from service_desk.history import HistoryRules, Usual, UsualTable, usual
from service_desk.machine import Clock, Stop
from service_desk.request_types import Types
from service_desk.rules import RulesMistaken

TOLD = rules.read(HistoryRules, rules.bundled_text(HistoryRules))
RULES = "months: 2\nleast: 5\nlowest: 10\nhighest: 90\nbegins: acceptance\nleft_out: [withdrawn]\n"


def told(desk, text=RULES):
    desk.rules.bring_into_force(HistoryRules, text, "test")


def test_what_is_usual_is_told_by_the_nearest_place_that_has_enough(desk):
    told(desk)
    for closed in ("2026-02-10", "2026-02-10", "2026-02-11", "2026-02-12", "2026-02-26"):
        had(desk, "copy", day("2026-02-09"), day(closed))
    for closed in ("2026-02-13", "2026-02-13", "2026-02-13"):
        had(desk, "copy", day("2026-02-09"), day(closed), fonds="J13")
    table = desk.history.table()
    # the Spring Festival of 2026: the 14th was worked, 15 to 23 were not
    assert table.of("copy", "East Wing", "J12") == Usual(2, 1, 8, 5, "fonds")
    assert table.of("copy", "East Wing", "J13") == Usual(3, 1, 8, 8, "holder")
    assert table.of("copy", "West Wing", "J13") == table.of("copy") == Usual(3, 1, 8, 8, "type")
    assert table.of("consult", "East Wing", "J12") is None
    assert table.least == 5


def test_of_a_few_requests_nothing_is_said(desk):
    told(desk)
    for _ in range(4):
        had(desk, "copy", day("2026-02-09"), day("2026-02-10"))
    limits = {code: rule.limit.working_days for code, rule in desk.rules.now(Types).types.items()}
    assert desk.history.table() == UsualTable({}, 5, {code: days for code, days in limits.items() if days})
    had(desk, "copy", day("2026-02-09"), day("2026-02-10"))
    assert desk.history.table().of("copy", "East Wing", "J12").requests == 5


def test_what_was_withdrawn_is_open_is_old_or_is_of_today_does_not_count(desk):
    told(desk)
    for _ in range(5):
        had(desk, "copy", day("2026-02-09"), day("2026-02-10"), status="withdrawn")
        had(desk, "copy", day("2025-11-10"), day("2025-11-11"))
        had(desk, "copy", day("2026-02-27"), START)
    assert desk.history.table().rows == {}


def test_the_time_begins_when_it_was_accepted_and_the_readers_turns_do_not_count(desk):
    told(desk)
    turns = (Stop(day("2026-02-05"), day("2026-02-09")), Stop(day("2026-02-12")))
    clock = Clock(day("2026-02-02"), day("2026-02-03"), turns, answered=day("2026-02-12"))
    for _ in range(5):
        had(desk, "question", day("2026-02-02"), day("2026-02-13"), clock=clock, holder=None)
    # the 4th and 5th, and from the 10th to the 12th
    assert desk.history.table().of("question") == Usual(5, 5, 5, 5, "type")
    told(desk, RULES.replace("acceptance", "submission"))
    assert desk.history.table().of("question").days == 6


@ONCE
def test_what_was_done_the_same_day_took_one(desk):
    told(desk)
    for _ in range(5):
        had(desk, "copy", day("2026-02-09"), day("2026-02-09", 8))
    assert desk.history.table().of("copy").days == 1


@ONCE
def test_the_ends_lie_apart(desk):
    with pytest.raises(RulesMistaken, match="below"):
        told(desk, RULES.replace("lowest: 10", "lowest: 50").replace("highest: 90", "highest: 50"))
    with pytest.raises(RulesMistaken):
        told(desk, RULES.replace("least: 5", "least: 1"))


@given(st.lists(st.integers(1, 400), min_size=1, max_size=200))
def test_the_median_lies_between_the_ends_and_each_was_a_day(durations):
    found = usual(durations, TOLD)
    assert found.low <= found.days <= found.high
    assert {found.low, found.days, found.high} <= set(durations)
    assert sum(one <= found.days for one in durations) >= len(durations) / 2
    assert sum(one <= found.high for one in durations) >= len(durations) * 0.9
