"""A constructed year comes out of the desk as it was constructed, and nothing of it is lost."""

from __future__ import annotations

import datetime as dt
import statistics
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from onestop.year.days import ONE, Days, at
from onestop.year.house import Year, open_year
from onestop.year.lives import LIMITS, End, Life
from onestop.year.plan import plan
from service_desk.deadlines import Calendar
from service_desk.indicators.definitions import SATISFIED, percentile
from service_desk.indicators.periods import Period
from service_desk.indicators.service import Group, Report, Selection
from service_desk.request_types import Types
from service_desk.rules import bundled_text, read
from tests.services.postgres_server import PostgresServer

FIRST, LAST = dt.date(2025, 1, 1), dt.date(2025, 12, 31)
REQUESTS = 300


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
def year(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Year]:
    if request.param == "sqlite":
        address = f"sqlite:///{tmp_path / 'desk.db'}"
    else:
        address = request.getfixturevalue("postgres").url("year_of_test")
    with open_year(address, tmp_path, plan(REQUESTS, FIRST, LAST)) as one:
        one.play()
        yield one
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres")
        server.drop("year_of_test")


def test_the_indicators_are_what_was_constructed_and_nothing_is_lost(year: Year) -> None:
    assert year.lost() == []
    assert year.counts()["requests"] == REQUESTS
    ended = list(year.plan.ended())
    assert_told(year.report(Selection(Period.named("2025"))), ended)
    for month in range(1, 13):
        one = Period.named(f"2025-{month:02}")
        assert_told(year.report(Selection(one)), [case for case in ended if one.has(case[1].day)])
    for type_ in LIMITS:
        narrowed = year.report(Selection(Period.named("2025"), type=type_))
        assert_told(narrowed, [case for case in ended if case[0].type == type_])


def assert_told(told: Report, cases: list[tuple[Life, End]]) -> None:
    """Every number of a report, counted by hand."""
    worked = [end for _, end in cases if end.worked]
    handled = [end.handled for end in worked]
    stars = [end.stars for end in (end for _, end in cases) if end.stars is not None]
    good = [end for end in worked if end.outcome in ("delivered", "partly_delivered")]
    assert told.figures["handling"].n == told.figures["fulfilment"].n == len(worked)
    assert told.figures["handling"].value == (pytest.approx(statistics.fmean(handled)) if handled else None)
    seen = [end.visits for end in worked]
    assert told.figures["visits"].n == len(worked)
    assert told.figures["visits"].value == (pytest.approx(statistics.fmean(seen)) if seen else None)
    assert told.figures["fulfilment"].value == (pytest.approx(len(good) / len(worked)) if worked else None)
    assert told.figures["satisfaction"].n == told.satisfied.n == len(stars)
    assert told.figures["satisfaction"].value == (pytest.approx(statistics.fmean(stars)) if stars else None)
    assert told.satisfied.value == (sum(one >= SATISFIED for one in stars) / len(stars) if stars else None)
    assert (told.spread.n, told.spread.late) == (len(worked), sum(end.late for end in worked))
    if handled:
        assert told.spread.median == statistics.median(handled) and told.spread.p90 == percentile(sorted(handled), 90)
    counted = Counter("at_once" if end.at_once else end.outcome for _, end in cases)
    assert {name: getattr(told.outcomes, name) for name in told.outcomes.__struct_fields__ if counted[name]} == counted
    assert dict(groups(told.groups["type"])) == dict(by(cases, lambda life: life.type))
    assert dict(groups(told.groups["department"])) == dict(by(cases, lambda life: life.department))


def groups(told: Iterable[Group]) -> Iterator[tuple[str, tuple[int, int]]]:
    """Worked and late, of each."""
    return ((one.value, (one.spread.n, one.spread.late)) for one in told)


def by(cases: list[tuple[Life, End]], of) -> Iterator[tuple[str, tuple[int, int]]]:
    for value in {of(life) for life, _ in cases} - {None}:
        worked = [end for life, end in cases if of(life) == value and end.worked]
        yield value, (len(worked), sum(end.late for end in worked))


def test_a_plan_is_the_same_for_the_same_seed_and_has_everything_in_it() -> None:
    made = plan(REQUESTS, FIRST, LAST)
    assert made.lives == plan(REQUESTS, FIRST, LAST).lives != plan(REQUESTS, FIRST, LAST, seed=1).lives
    done = Counter(move.do for life in made.lives for move in life.moves)
    for do in (
        "ask",
        "supply",
        "check",
        "extend",
        "release",
        "leg",
        "not_held",
        "refuse",
        "reopen",
        "hand_out",
        "rate",
        "quote",
        "pay",
        "relay",
        "back",
        "hand_over",
        "come",
        "sit",
    ):
        assert done[do], do
    ended = [end for life in made.lives for end in life.ends]
    assert {"expired", "withdrawn"} < {end.outcome for end in ended}
    assert any(end.late for end in ended) and any(end.at_once for end in ended)
    for life in made.lives:
        assert list(life.moves) == sorted(life.moves, key=lambda move: move.at)


def test_the_days_of_the_plan_are_those_of_the_calendar() -> None:
    days, calendar = Days(FIRST, LAST), Calendar()
    assert all(calendar.is_working(day) for day in days.inside)
    assert len(days.inside) == calendar.working_days(FIRST - ONE, LAST)
    assert calendar.day_of(at(FIRST, 0)) == FIRST


def test_the_limits_of_the_plan_are_those_of_the_package() -> None:
    types = read(Types, bundled_text(Types)).types
    assert {code: types[code].limit.working_days for code in LIMITS} == LIMITS


def test_capacity_is_kept() -> None:
    made = plan(REQUESTS, FIRST, LAST)
    done = Counter(
        (move.by, move.at.date()) for life in made.lives for move in life.moves if move.do in ("answer", "refuse")
    )
    for (name, day), count in done.items():
        if name in made.staff.names and count > 3:
            raise AssertionError(f"{name} answers {count} on {day}")
