"""Indicators of random histories equal those of a slow reference, which knows nothing of how they are computed: it
walks through each request day by day.
"""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service_desk import machine
from service_desk.calendar_rules import CalendarRules
from service_desk.indicators.definitions import Given, figures, outcomes, percentile, spread
from service_desk.indicators.rounds import MOVING, SAYING, About, Told, WorkingDays, rounds
from service_desk.indicators.weak import AskedFor, Late, Wait, weak_points
from service_desk.legs.rules import Partners
from service_desk.materials import Materials
from service_desk.request_types import Types
from service_desk.routes import Departments, Routes
from service_desk.rules import bundled_text, read
from service_desk.terms import Terms

DAY = dt.timedelta(days=1)
START = dt.datetime(2026, 1, 5, 2, tzinfo=dt.UTC)
MATERIALS = ("identity_document", "proof_of_relation", "power_of_attorney")


@pytest.fixture(scope="module")
def terms() -> Terms:
    """The rules of the package."""
    kinds = (Types, Materials, Routes, CalendarRules, Departments, Partners)
    types, materials, routes, calendar, departments, partners = (read(kind, bundled_text(kind)) for kind in kinds)
    return Terms(types, materials, routes, calendar.calendar(), departments, partners)  # type: ignore[attr-defined,arg-type]


def history(chance: random.Random) -> list[Told]:
    """Some way through the machine, of any length, at any pace."""
    events: list[Told] = []
    state, at = machine.State(), START + dt.timedelta(hours=chance.randrange(24 * 120))
    for number in range(1, chance.randrange(2, 26)):
        possible = [one for one in machine.ACTIONS.values() if machine._starts(state, one)]
        if state.status in ("accepted", "in_search", "in_review") and chance.random() < 0.5:
            possible = [one for one in possible if one.ends]
        action = chance.choice(possible)
        payload: dict[str, Any] = {}
        if action.name == "extend":
            payload = {"days": chance.randrange(1, 8)}
        if action.name == "ask_materials":
            payload = {"missing": chance.sample(MATERIALS, chance.randrange(1, 4))}
        if action.name == "submit" and chance.random() < 0.2:
            payload = {"received": (at - dt.timedelta(days=chance.randrange(9))).isoformat()}
        party = chance.choice(sorted(action.by))
        events.append(Told(number, at, party, action.event, payload))
        state = machine.after(state, action, "li" if party == "staff" else None, at, payload)
        at += dt.timedelta(minutes=chance.choice((0, 5, 300, 1440, 4000, 20000)))
    return events


# The reference

ENDS = {
    "submitted": "submitted",
    "accepted": "accepted",
    "materials_asked": "needs_materials",
    "searching": "in_search",
    "relayed": "relayed",
    "came_back": "in_search",
    "in_review": "in_review",
    "quoted": "quoted",
    "agreed": "awaiting_payment",
    "ready": "ready",
    "handed_out": "delivered",
    "answered": "delivered",
    "partly_answered": "partly_delivered",
    "refused": "refused",
    "not_held": "not_held",
    "withdrawn": "withdrawn",
    "expired": "expired",
    "reopened": "reopened",
}
READERS = ("needs_materials", "quoted", "awaiting_payment")
OVER: tuple[str, ...] = ("delivered", "partly_delivered", "refused", "not_held", "withdrawn", "expired")
ANSWER = OVER[:4]


def told(events: list[Told], type_: str, terms: Terms) -> Iterator[dict[str, Any]]:
    """Each round that ended, as plain facts."""
    status, back, current = "draft", "", dict[str, Any]()
    for event in events:
        before = status
        status = back if event.what in ("resumed", "paid") else ENDS.get(event.what, status)
        back = back if before in READERS else before
        if event.what in ("submitted", "reopened"):
            current = begun(event, status)
        elif before not in OVER:
            gone_on(current, event, before, status)
            if status in OVER:
                yield {**current, **ended(current, event, status, type_, terms)}


def begun(event: Told, status: str) -> dict[str, Any]:
    said = event.payload.get("received")
    began = dt.datetime.fromisoformat(said) if said else event.at
    known = {"accepted": None, "answered": None, "turns": [], "extended": 0, "asked": set()}
    return {"began": began, "path": [(began, status)], **known}


def gone_on(current: dict[str, Any], event: Told, before: str, status: str) -> None:
    if status != before:
        current["path"].append((event.at, status))
    if status == "accepted":
        current["accepted"] = current["accepted"] or event.at
    current["extended"] += event.payload.get("days", 0)
    current["asked"] |= set(event.payload.get("missing", ()))
    if status in READERS and before not in READERS:
        current["turns"].append([event.at, None])
    if before in READERS and status not in READERS:
        current["turns"][-1][1] = event.at
    if status in (*OVER, "ready") and before != "ready":
        current["answered"] = event.at


def ended(one: dict[str, Any], event: Told, status: str, type_: str, terms: Terms) -> dict[str, Any]:
    at_once = event.what == "answered" and event.party == "desk"
    start = one["accepted"] or one["began"]
    if start > one["answered"]:
        start = one["began"]
    free = [(day(a), day(b or one["answered"])) for a, b in one["turns"]]
    handled = sum(
        works(each, terms) and not any(a < each <= b for a, b in free)
        for each in days(day(start), day(one["answered"]))
    )
    return {
        "outcome": status,
        "at_once": at_once,
        "worked": status in ANSWER and not at_once,
        "handled": handled,
        "late": is_late(one, type_, terms, free),
        "stood": stood(one, event, terms),
    }


def is_late(one: dict[str, Any], type_: str, terms: Terms, free: list[Any]) -> bool:
    rule = terms.types.types[type_]
    start = (one["accepted"] or one["began"]) if rule.counts_from == "acceptance" else one["began"]
    if rule.limit.hours is not None:
        stood_still = sum(((b or one["answered"]) - a for a, b in one["turns"]), dt.timedelta())
        due = start + dt.timedelta(hours=rule.limit.hours) + dt.timedelta(days=one["extended"]) + stood_still
        return bool(one["answered"] >= due)
    left, each = (rule.limit.working_days or rule.limit.calendar_days or 0) + one["extended"], day(start)
    while left:
        each += DAY
        if rule.limit.working_days is not None and not works(each, terms):
            continue
        left -= not any(a < each <= b for a, b in free)
    return bool(day(one["answered"]) > each)


def stood(one: dict[str, Any], event: Told, terms: Terms) -> dict[str, int]:
    found: dict[str, int] = {}
    path = [*one["path"], (event.at, "")]
    for (since, status), (until, _) in itertools.pairwise(path):
        count = sum(works(each, terms) for each in days(day(since), day(until)))
        if count:
            found[status] = found.get(status, 0) + count
    return found


def day(at: dt.datetime) -> dt.date:
    return (at + dt.timedelta(hours=8)).date()


def days(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    while first < last:
        first += DAY
        yield first


def works(each: dt.date, terms: Terms) -> bool:
    return terms.calendar.is_working(each)


@settings(deadline=None)
@given(st.randoms(use_true_random=False))
def test_each_round_is_what_the_reference_says(terms: Terms, chance: random.Random) -> None:
    type_ = chance.choice(sorted(terms.types.types))
    events = history(chance)
    found = rounds(About(1, "2222-2222", type_, None), events, terms, WorkingDays(terms.calendar))
    expected = list(told(events, type_, terms))
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        assert (one.outcome, one.at_once, one.worked) == (other["outcome"], other["at_once"], other["worked"])
        assert (one.began, one.answered, one.handled) == (other["began"], other["answered"], other["handled"])
        assert one.stood == other["stood"] and set(one.asked) == other["asked"]
        assert one.late == (other["late"] and other["outcome"] in ANSWER)


@settings(deadline=None, max_examples=60)
@given(st.randoms(use_true_random=False))
def test_the_numbers_are_what_the_reference_says(terms: Terms, chance: random.Random) -> None:
    cases, facts, days = [], [], WorkingDays(terms.calendar)
    for id in range(chance.randrange(1, 25)):
        type_, events = chance.choice(("query", "copy", "emergency")), history(chance)
        department = chance.choice((None, "press", "maps"))
        found = rounds(About(id, str(id), type_, department, ("land",) if id % 3 else ()), events, terms, days)
        for one, fact in zip(found, told(events, type_, terms), strict=True):
            stars, visits = chance.choice((None, 1, 2, 3, 4, 5)), chance.randrange(3)
            cases.append((one, Given(stars, visits)))
            groups = {("type", type_), *([("department", department)] if department else [])}
            facts.append(
                {
                    **fact,
                    "stars": stars,
                    "visits": visits,
                    "groups": groups | ({("theme", "land")} if id % 3 else set()),
                }
            )
    worked = [fact for fact in facts if fact["worked"]]
    rated = [fact["stars"] for fact in facts if fact["stars"]]
    good = sum(fact["outcome"] in ("delivered", "partly_delivered") for fact in worked)
    expected = {
        "handling": (mean([fact["handled"] for fact in worked]), len(worked)),
        "visits": (mean([fact["visits"] for fact in worked]), len(worked)),
        "fulfilment": (Fraction(good, len(worked)) if worked else None, len(worked)),
        "satisfaction": (mean(rated), len(rated)),
    }
    for key, figure in figures(cases).items():
        value, n = expected[key]
        assert figure.n == n and (
            figure.value is None if value is None else figure.value == pytest.approx(float(value))
        )
    assert outcomes(cases).at_once == sum(fact["at_once"] for fact in facts)
    assert outcomes(cases).refused == sum(fact["outcome"] == "refused" for fact in facts)
    told_spread = spread(cases)
    assert (told_spread.n, told_spread.late) == (len(worked), sum(fact["late"] for fact in worked))
    if worked:
        ordered = sorted(fact["handled"] for fact in worked)
        middle = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
        assert told_spread.median == sum(middle) / 2
        assert told_spread.p90 == min(x for x in ordered if sum(y <= x for y in ordered) * 10 >= len(ordered) * 9)
    check_weak(cases, facts, worked)


def check_weak(cases: list[Any], facts: list[Any], worked: list[Any]) -> None:
    points = {type(point): point for point in weak_points(cases)}
    late = [fact for fact in worked if fact["late"]]
    assert (Late in points) == bool(late)
    if late:
        point = points[Late]
        key = (point.by, point.value)
        groups = {group for fact in worked for group in fact["groups"]}
        excess = {
            group: sum(group in fact["groups"] for fact in late)
            - Fraction(len(late), len(worked)) * sum(group in fact["groups"] for fact in worked)
            for group in groups
        }
        assert float(excess[key]) == pytest.approx(float(max(excess.values())))
        assert point.late == sum(key in fact["groups"] for fact in late)
        assert point.n == sum(key in fact["groups"] for fact in worked)
    asked = [code for fact in facts for code in fact["asked"]]
    assert (AskedFor in points) == bool(asked)
    if asked:
        assert points[AskedFor].n == max(asked.count(code) for code in asked) == asked.count(points[AskedFor].material)
    waits: dict[str, int] = {}
    for fact in worked:
        for state, count in fact["stood"].items():
            if state not in (*READERS, "ready"):
                waits[state] = waits.get(state, 0) + count
    assert (Wait in points) == bool(waits)
    if waits:
        assert points[Wait].days == waits[points[Wait].state] == max(waits.values())


def mean(numbers: list[int]) -> Fraction | None:
    return Fraction(sum(numbers), len(numbers)) if numbers else None


@settings(deadline=None)
@given(st.randoms(use_true_random=False))
def test_what_is_not_read_says_nothing(terms: Terms, chance: random.Random) -> None:
    events, days = history(chance), WorkingDays(terms.calendar)
    about = About(1, "2222-2222", "query", None)
    read_ = [
        Told(one.number, one.at, one.party, one.what, one.payload if one.what in SAYING else {})
        for one in events
        if one.what in MOVING
    ]
    assert rounds(about, read_, terms, days) == rounds(about, events, terms, days)


@given(st.lists(st.integers(0, 50), min_size=1), st.integers(1, 100))
def test_a_percentile_is_the_smallest_value_that_covers_so_many(numbers: list[int], percent: int) -> None:
    ordered = sorted(numbers)
    found = percentile(ordered, percent)
    assert sum(each <= found for each in ordered) * 100 >= percent * len(ordered)
    assert all(
        sum(each <= other for each in ordered) * 100 < percent * len(ordered) for other in ordered if other < found
    )
