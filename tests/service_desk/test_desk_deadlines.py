"""Deadlines, against calendars as published: State Council notice for 2026, Taiwan, England."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service_desk.deadlines import Calendar, Exceptional, Limit, Pause, months_after
from service_desk.machine import Clock, Stop

CHINA = Calendar()
TAIWAN = Calendar("TW", "Asia/Taipei")
ENGLAND = Calendar("GB-ENG", "Europe/London")


def working(days):
    return Limit(working_days=days)


def day(text):
    return dt.date.fromisoformat(text)


CASES = {
    # calendar, start, limit, due, days off passed over
    "a plain week": (CHINA, "2026-03-02", working(5), "2026-03-09", []),
    "filed on a Saturday": (CHINA, "2026-03-07", working(1), "2026-03-09", []),
    "no days at all": (CHINA, "2026-03-02", working(0), "2026-03-02", []),
    "Saturday 14 February 2026 is worked": (CHINA, "2026-02-13", working(1), "2026-02-14", []),
    "Labour Day": (CHINA, "2026-04-30", working(1), "2026-05-06", ["2026-05-01", "2026-05-04", "2026-05-05"]),
    "England at Christmas": (ENGLAND, "2026-12-24", working(1), "2026-12-29", ["2026-12-25", "2026-12-28"]),
    "thirty days from acceptance in Taiwan are days of the calendar": (
        TAIWAN, "2026-02-10", Limit(calendar_days=30), "2026-03-12", [],
    ),
    "a period that ends on a day off ends after it": (
        CHINA, "2026-04-02", Limit(calendar_days=29), "2026-05-06", [],
    ),
    "closed by the house": (
        Calendar(exceptions={day("2026-03-03"): Exceptional(False, "Moving")}),
        "2026-03-02", working(1), "2026-03-04", ["2026-03-03"],
    ),
    "open by the house on a Saturday": (
        Calendar(exceptions={day("2026-03-07"): Exceptional(True, "Open day")}),
        "2026-03-06", working(1), "2026-03-07", [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_due(name):
    calendar, start, limit, due, skipped = CASES[name]
    promise = calendar.after(day(start), limit)
    assert (str(promise.due), [str(holiday.date) for holiday in promise.skipped]) == (due, skipped)


def test_it_explains_itself():
    promise = CHINA.after(day("2026-04-30"), working(1))
    assert promise.explain() == (
        "Received 2026-04-30, 1 working days, so by 2026-05-06, holidays passed over: Labor Day (2026-05-01), "
        f"{promise.skipped[1].name} (2026-05-04), {promise.skipped[2].name} (2026-05-05)."
    )
    assert all(holiday.name for holiday in promise.skipped)


def test_the_day_is_that_of_the_archive():
    late_evening_utc = dt.datetime(2026, 3, 1, 20, tzinfo=dt.UTC)
    assert CHINA.promise(Clock(late_evening_utc), working(5), late_evening_utc).start == day("2026-03-02")
    assert CHINA.start_of(day("2026-03-02")) == dt.datetime(2026, 3, 1, 16, tzinfo=dt.UTC)


def at(text):
    return dt.datetime.fromisoformat(f"{text}:00+08:00")


def test_days_on_which_it_is_the_readers_turn_do_not_count():
    """Monday filed, Wednesday asked, next Monday supplied: two days counted before, three after."""
    clock = Clock(at("2026-03-02T09:00"), stops=(Stop(at("2026-03-04T15:00"), at("2026-03-09T10:00")),))
    promise = CHINA.promise(clock, working(5), at("2026-03-10T09:00"))
    assert promise.due == day("2026-03-12")
    assert promise.pauses == (Pause(day("2026-03-04"), day("2026-03-09")),)
    assert "2026-03-04 to 2026-03-09" in promise.explain()


def test_while_the_clock_stands_still_the_date_moves_on():
    clock = Clock(at("2026-03-02T09:00"), stops=(Stop(at("2026-03-04T15:00")),))
    dates = [CHINA.promise(clock, working(5), at(f"2026-03-{now:02}T09:00")).due for now in (4, 5, 9)]
    assert dates == [day("2026-03-09"), day("2026-03-10"), day("2026-03-12")]
    assert CHINA.promise(clock, working(5), at("2026-03-09T09:00")).stands_still


def test_an_extension_adds_days_of_the_same_unit():
    clock = Clock(at("2026-03-02T09:00"), extended=15, extensions=1)
    promise = TAIWAN.promise(clock, Limit(calendar_days=15), at("2026-03-02T09:00"))
    assert (promise.days, promise.extended, promise.due) == (30, 15, day("2026-04-01"))


def test_days_may_count_from_acceptance():
    clock = Clock(at("2026-03-02T09:00"), accepted=at("2026-03-04T09:00"))
    limit, now = working(4), at("2026-03-04T09:00")
    assert CHINA.promise(clock, limit, now).due == day("2026-03-06")
    assert CHINA.promise(clock, limit, now, from_acceptance=True).due == day("2026-03-10")


def test_hours_are_those_on_the_wall():
    friday_evening = at("2026-03-06T17:30")
    promise = CHINA.promise(Clock(friday_evening), Limit(hours=2), friday_evening)
    assert CHINA.ends(promise) == at("2026-03-06T19:30")
    stopped = Clock(friday_evening, stops=(Stop(at("2026-03-06T18:00"), at("2026-03-06T18:45")),))
    assert CHINA.ends(CHINA.promise(stopped, Limit(hours=2), friday_evening)) == at("2026-03-06T20:15")


def test_a_day_is_broken_when_it_is_over():
    promise = CHINA.after(day("2026-03-02"), working(1))
    assert CHINA.ends(promise) == dt.datetime(2026, 3, 3, 16, tzinfo=dt.UTC)


DAYS = st.dates(dt.date(2024, 1, 1), dt.date(2027, 12, 31))
LIMITS = st.integers(0, 30).map(working) | st.integers(0, 60).map(lambda days: Limit(calendar_days=days))


@given(DAYS, LIMITS)
def test_a_later_start_is_never_due_earlier(start, limit):
    next_day = start + dt.timedelta(days=1)
    assert start <= CHINA.after(start, limit).due <= CHINA.after(next_day, limit).due


@given(DAYS, st.integers(0, 30))
def test_working_days_are_counted_as_they_were_promised(start, days):
    assert CHINA.working_days(start, CHINA.after(start, working(days)).due) == days


@given(DAYS, st.integers(1, 20), st.lists(st.tuples(st.integers(0, 30), st.integers(0, 20)), max_size=3))
def test_pauses_only_ever_move_a_date_back_and_by_their_days(start, days, drawn):
    pauses, begins = [], start
    for wait, length in drawn:
        begins += dt.timedelta(days=wait)
        pauses.append(Pause(begins, begins + dt.timedelta(days=length)))
        begins = pauses[-1].last
    plain, paused = CHINA.after(start, working(days)), CHINA.after(start, working(days), pauses=tuple(pauses))
    assert paused.due >= plain.due
    assert CHINA.working_days(start, paused.due, pauses) == days


def test_a_day_that_the_house_calls_something_is_called_so_everywhere():
    calendar = Calendar(exceptions={dt.date(2026, 3, 3): Exceptional(working=False, name="盘点")})
    promise = calendar.after(dt.date(2026, 3, 2), Limit(working_days=2))
    assert [(day.name, day.own) for day in promise.skipped] == [("盘点", True)]
    public = CHINA.after(dt.date(2026, 4, 30), Limit(working_days=1))
    assert public.skipped and not any(day.own for day in public.skipped)


def months(count):
    return Limit(months=count)


BELGIUM = Calendar("BE", "Europe/Brussels")
MONTHS = {
    # calendar, start, months, due: Regulation 1182/71 art. 3
    "the day of the same number": (BELGIUM, "2026-03-03", 1, "2026-04-03"),
    "no 31 in April, and the 30th": (BELGIUM, "2026-03-31", 1, "2026-04-30"),
    "the end of February is a Saturday": (BELGIUM, "2026-01-31", 1, "2026-03-02"),
    "a leap year": (BELGIUM, "2028-01-31", 1, "2028-02-29"),
    "over the new year": (BELGIUM, "2026-11-30", 3, "2027-03-01"),
    "Easter Monday": (BELGIUM, "2026-03-06", 1, "2026-04-07"),
    "one month and two more": (BELGIUM, "2026-03-03", 3, "2026-06-03"),
    "in England, on a Sunday": (ENGLAND, "2026-09-04", 1, "2026-10-05"),
}


@pytest.mark.parametrize("name", MONTHS)
def test_months(name):
    calendar, start, count, due = MONTHS[name]
    promise = calendar.after(day(start), months(count))
    assert (str(promise.due), promise.unit, promise.days) == (due, "months", count)


def test_an_extension_of_months_is_of_months_from_the_beginning():
    promise = BELGIUM.after(day("2026-01-31"), months(1), extended=2)
    assert (str(promise.due), promise.days, promise.extended) == ("2026-04-30", 3, 2)


def test_the_readers_turn_is_added_to_a_month():
    pause = Pause(day("2026-03-09"), day("2026-03-19"))
    assert BELGIUM.after(day("2026-03-03"), months(1), pauses=(pause,)).due == day("2026-04-13")


DAYS = st.dates(dt.date(2024, 1, 1), dt.date(2032, 12, 31))
COUNTS = st.integers(1, 36)


@given(DAYS, COUNTS)
def test_a_month_ends_on_the_same_number_or_on_the_last_of_its_month(start, count):
    end = months_after(start, count)
    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == count
    assert end.day == start.day or (end.day < start.day and (end + dt.timedelta(1)).month != end.month)


@given(DAYS, COUNTS)
def test_a_period_in_months_ends_on_a_working_day_the_first_one_from_its_last_day_on(start, count):
    due, last = BELGIUM.after(start, months(count)).due, months_after(start, count)
    assert due >= last and BELGIUM.is_working(due)
    between = (last + number * dt.timedelta(1) for number in range((due - last).days))
    assert not any(map(BELGIUM.is_working, between))


@given(DAYS, COUNTS)
def test_later_and_longer_never_end_sooner(start, count):
    due = BELGIUM.after(start, months(count)).due
    assert BELGIUM.after(start + dt.timedelta(1), months(count)).due >= due
    assert BELGIUM.after(start, months(count + 1)).due > due


@given(DAYS, st.integers(1, 24), st.integers(1, 24))
def test_months_in_two_steps_never_end_later_than_in_one(start, one, other):
    """31 January and one month, and one more: the number of the day is lost on the way."""
    assert months_after(months_after(start, one), other) <= months_after(start, one + other)


@given(DAYS, st.integers(1, 12), st.integers(0, 20), st.integers(0, 60))
def test_a_pause_puts_the_end_off_by_its_days(start, count, after, length):
    pause = Pause(start + dt.timedelta(after), start + dt.timedelta(after + length))
    plain = Calendar("BE", "Europe/Brussels").after(start, months(count)).due
    paused = BELGIUM.after(start, months(count), pauses=(pause,)).due
    assert plain <= paused
    assert (paused - months_after(start, count)).days >= length


def test_it_names_its_provision():
    promise = BELGIUM.after(day("2026-03-03"), Limit(months=1, basis="GDPR art. 12(3)"))
    assert promise.basis == "GDPR art. 12(3)"
    assert promise.explain() == "Received 2026-03-03, 1 months, so by 2026-04-03, by GDPR art. 12(3)."
