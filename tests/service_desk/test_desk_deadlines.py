"""Promised dates, against calendars as published: State Council notice for 2026, Taiwan, England."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service_desk.deadlines import Calendar

CHINA = Calendar()
CASES = {
    # start, days, due, holidays passed over
    "a plain week": (CHINA, "2026-03-02", 5, "2026-03-09", []),
    "filed on a Saturday": (CHINA, "2026-03-07", 1, "2026-03-09", []),
    "no days at all": (CHINA, "2026-03-02", 0, "2026-03-02", []),
    "Saturday 14 February 2026 is worked": (CHINA, "2026-02-13", 1, "2026-02-14", []),
    "Labour Day": (CHINA, "2026-04-30", 1, "2026-05-06", ["2026-05-01", "2026-05-04", "2026-05-05"]),
    "England at Christmas": (
        Calendar("GB-ENG", timezone="Europe/London"),
        "2026-12-24",
        1,
        "2026-12-29",
        ["2026-12-25", "2026-12-28"],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_due(name):
    calendar, start, days, due, skipped = CASES[name]
    promise = Calendar(calendar.country, days, calendar.timezone).after(dt.date.fromisoformat(start))
    assert (str(promise.due), [str(holiday.date) for holiday in promise.skipped]) == (due, skipped)


def test_it_explains_itself():
    promise = Calendar(days=1).after(dt.date(2026, 4, 30))
    assert promise.explain() == (
        "Received 2026-04-30, 1 working days, so by 2026-05-06, holidays passed over: Labor Day (2026-05-01), "
        f"{promise.skipped[1].name} (2026-05-04), {promise.skipped[2].name} (2026-05-05)."
    )
    assert all(holiday.name for holiday in promise.skipped)


def test_the_day_is_that_of_the_archive():
    late_evening_utc = dt.datetime(2026, 3, 1, 20, tzinfo=dt.UTC)
    assert CHINA.promise(late_evening_utc).start == dt.date(2026, 3, 2)
    assert CHINA.start_of(dt.date(2026, 3, 2)) == dt.datetime(2026, 3, 1, 16, tzinfo=dt.UTC)


DAYS = st.dates(dt.date(2024, 1, 1), dt.date(2027, 12, 31))


@given(DAYS, st.integers(0, 30))
def test_a_later_start_is_never_due_earlier(start, days):
    calendar = Calendar(days=days)
    assert start <= calendar.after(start).due <= calendar.after(start + dt.timedelta(days=1)).due


@given(DAYS, st.integers(0, 30))
def test_late_is_what_started_before_the_first_start_on_time(today, days):
    calendar = Calendar(days=days)
    first = calendar.earliest_on_time(today)
    assert calendar.after(first).due >= today > calendar.after(first - dt.timedelta(days=1)).due
