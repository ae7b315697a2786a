"""Deadlines in working days of a real holiday calendar, which explain themselves.

Day 1 is the first counting day after the day on which the request began (the archive's own calendar day). Working days
follow the `holidays` library - public holidays are off, weekends made working days by decree (China) count - and the
exceptions of the house. Days on which it was the reader's turn do not count: from the day after the archive asked up
to the day on which it got what it asked for. What a deadline is computed from is kept with each request
(`machine.Clock`), so a changed calendar moves every open one.
"""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from zoneinfo import ZoneInfo

import holidays
from msgspec import Struct

from service_desk.machine import Clock, Stop

UNITS = ("working_days", "calendar_days", "hours", "months")
ONE_DAY = dt.timedelta(days=1)
LONGEST = 3660
"""Days after which a search for the next working day gives up: a calendar without any is a mistake of its rules."""


class Holiday(Struct, frozen=True, omit_defaults=True):
    """A day off that would have been a working day; `own`: the house closes it, and calls it so in its own words."""

    date: dt.date
    name: str
    own: bool = False


class Limit(Struct, frozen=True):
    """How long something may take: so many working days, calendar days, months or hours; exactly one of them is given.
    `basis` is the provision that says so, as it is cited.
    """

    working_days: int | None = None
    calendar_days: int | None = None
    hours: int | None = None
    months: int | None = None
    basis: str = ""

    @property
    def _given(self) -> tuple[str, int]:
        units = {name: getattr(self, name) for name in UNITS}
        return next((unit, count) for unit, count in units.items() if count is not None)

    @property
    def unit(self) -> str:
        """One of `UNITS`."""
        return self._given[0]

    @property
    def count(self) -> int:
        """How many of its unit."""
        return self._given[1]


class Pause(Struct, frozen=True):
    """Days on which the clock stood still: from the day after it was stopped up to `last`, None while it still does."""

    asked: dt.date
    last: dt.date | None


class Promise(Struct, frozen=True):
    """How a date was worked out: `days` (or hours, months) of its `unit`, `extended` among them, after `start` give
    `due`; `skipped` are the days off passed over on the way, `pauses` the reader's turns. While the clock stands still
    the date is the one that would hold if it went on today. `basis` is the provision that the period follows.
    """

    start: dt.date
    days: int
    due: dt.date
    skipped: tuple[Holiday, ...] = ()
    unit: str = "working_days"
    extended: int = 0
    pauses: tuple[Pause, ...] = ()
    at: dt.datetime | None = None
    basis: str = ""

    @property
    def stands_still(self) -> bool:
        """Is it the reader's turn?"""
        return bool(self.pauses) and self.pauses[-1].last is None

    def explain(self) -> str:
        """One English sentence; screens in other languages write their own from the fields."""
        passed = ", ".join(f"{each.name} ({each.date})" for each in self.skipped)
        holidays_told = f", holidays passed over: {passed}" if passed else ""
        paused = ", ".join(f"{each.asked} to {each.last or 'today'}" for each in self.pauses)
        pauses_told = f", not counted while we waited for you: {paused}" if paused else ""
        more = f" ({self.extended} of them added)" if self.extended else ""
        due = self.at.isoformat(timespec="minutes") if self.at else str(self.due)
        return (
            f"Received {self.start}, {self.days} {self.unit.replace('_', ' ')}{more}, so by {due}"
            f"{holidays_told}{pauses_told}{f', by {self.basis}' if self.basis else ''}."
        )


class Exceptional(Struct, frozen=True):
    """A day on which the house does otherwise than its country."""

    working: bool
    name: str


class Calendar(Struct, frozen=True):
    """The archive's calendar: `country` as in ISO 3166-1 (optionally ``CN-XX`` with a subdivision), its time zone, and
    the days on which the house does otherwise.
    """

    country: str = "CN"
    timezone: str = "Asia/Shanghai"
    exceptions: Mapping[dt.date, Exceptional] = {}

    def promise(self, clock: Clock, limit: Limit, now: dt.datetime, *, from_acceptance: bool = False) -> Promise:
        """The deadline of a request. `from_acceptance`: the days count from then on, once it is accepted."""
        began = (clock.accepted or clock.began) if from_acceptance else clock.began
        if limit.unit == "hours":
            return self._in_hours(began, clock, limit, now)
        pauses = tuple(self._pause(stop) for stop in clock.stops)
        return self.after(self.day_of(began), limit, extended=clock.extended, pauses=pauses, today=self.day_of(now))

    def after(
        self,
        start: dt.date,
        limit: Limit,
        *,
        extended: int = 0,
        pauses: tuple[Pause, ...] = (),
        today: dt.date | None = None,
    ) -> Promise:
        """The promise for a start on this day, of a limit in days. `today` ends a pause that has not ended.

        A period of calendar days or months whose last day is a day off ends with the next working day (民法典 art. 203,
        行政程序法 art. 48, Regulation (EEC, Euratom) 1182/71 art. 3(4)).
        """
        days = limit.count + extended
        working, skipped, day = limit.unit == "working_days", [], start
        left = (months_after(start, days) - start).days if limit.unit == "months" else days
        for day in self._days_after(start, left):
            if _paused(day, pauses, today or start):
                continue
            if working and not self.is_working(day):
                own = bool(self.own_day_off(day))
                skipped += [Holiday(day, self.holiday_name(day), own)] if day.weekday() < 5 else []
                continue
            left -= 1
            if left <= 0 and (working or self.is_working(day)):
                break
        return Promise(start, days, day, tuple(skipped), limit.unit, extended, pauses, None, limit.basis)

    def _days_after(self, start: dt.date, wanted: int) -> Iterator[dt.date]:
        if wanted <= 0:
            return
        for number in range(1, LONGEST + 1):
            yield start + number * ONE_DAY

    def _in_hours(self, began: dt.datetime, clock: Clock, limit: Limit, now: dt.datetime) -> Promise:
        """Hours are those of the clock on the wall: who is on duty does not wait for Monday."""
        stood = sum(((stop.ended or now) - stop.began for stop in clock.stops), dt.timedelta())
        at = began + dt.timedelta(hours=limit.count, days=clock.extended) + stood
        pauses = tuple(self._pause(stop) for stop in clock.stops)
        start, due = self.day_of(began), self.day_of(at)
        return Promise(start, limit.count, due, (), "hours", clock.extended, pauses, at, limit.basis)

    def _pause(self, stop: Stop) -> Pause:
        return Pause(self.day_of(stop.began), self.day_of(stop.ended) if stop.ended else None)

    def ends(self, promise: Promise) -> dt.datetime:
        """The instant from which a promise is broken: its own, or the end of its day at the archive."""
        return promise.at or self.start_of(promise.due + ONE_DAY)

    def working_days(self, first: dt.date, last: dt.date, pauses: Iterable[Pause] = ()) -> int:
        """How many working days from the day after `first` up to `last`, without those of the pauses."""
        kept = tuple(pauses)
        days = (first + number * ONE_DAY for number in range(1, (last - first).days + 1))
        return sum(self.is_working(day) and not _paused(day, kept, last) for day in days)

    def is_working(self, day: dt.date) -> bool:
        """Is the archive at work on this day?"""
        exception = self.exceptions.get(day)
        return exception.working if exception else _is_working(self.country, day)

    def holiday_name(self, day: dt.date) -> str:
        """What the day off is called: by the house, else by the library (in English where it knows it)."""
        exception = self.exceptions.get(day)
        return exception.name if exception else str(_holidays(self.country).get(day, ""))

    def own_day_off(self, day: dt.date) -> str:
        """What the house calls a day on which it is closed by a rule of its own; empty for any other day."""
        exception = self.exceptions.get(day)
        return exception.name if exception and not exception.working else ""

    def local(self, instant: dt.datetime) -> dt.datetime:
        """The same instant by the archive's clock."""
        return instant.astimezone(ZoneInfo(self.timezone))

    def day_of(self, instant: dt.datetime) -> dt.date:
        """The calendar day at the archive."""
        return self.local(instant).date()

    def last_day(self, due: dt.datetime) -> dt.date:
        """The last day on which it is not too late for what is due at that instant."""
        return self.day_of(due - dt.timedelta(microseconds=1))

    def start_of(self, day: dt.date) -> dt.datetime:
        """The instant at which that day begins at the archive."""
        return dt.datetime.combine(day, dt.time(), ZoneInfo(self.timezone))


def months_after(day: dt.date, months: int) -> dt.date:
    """The day of the same number so many months later; where there is none, the last one of that month (Regulation
    1182/71 art. 3(2)(c), 民法典 art. 202).
    """
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return dt.date(year, month, min(day.day, monthrange(year, month)[1]))


def _paused(day: dt.date, pauses: tuple[Pause, ...], today: dt.date) -> bool:
    return any(pause.asked < day <= (pause.last or today) for pause in pauses)


@cache
def _is_working(country: str, day: dt.date) -> bool:
    return _holidays(country).is_working_day(day)


@cache
def _holidays(country: str) -> holidays.HolidayBase:
    code, _, subdivision = country.partition("-")
    language = "en_US" if "en_US" in holidays.country_holidays(code).supported_languages else None
    return holidays.country_holidays(code, subdiv=subdivision or None, language=language)
