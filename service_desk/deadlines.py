"""Promised dates in working days of a real holiday calendar, which explain themselves.

Day 1 is the first working day after the day of submission (the archive's own calendar day). Working days follow the
`holidays` library: public holidays are off, weekends made working days by decree (China) count. Dates are computed when
asked for, so a changed calendar moves every open one.
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from zoneinfo import ZoneInfo

import holidays
from msgspec import Struct

ONE_DAY = dt.timedelta(days=1)


class Holiday(Struct, frozen=True):
    """A public holiday that would have been a working day."""

    date: dt.date
    name: str


class Promise(Struct, frozen=True):
    """How a date was worked out: `days` working days after `start` gives `due`; `skipped` are the holidays passed over
    on the way.
    """

    start: dt.date
    days: int
    due: dt.date
    skipped: tuple[Holiday, ...] = ()

    def explain(self) -> str:
        """One English sentence; screens in other languages write their own from the fields."""
        passed = ", ".join(f"{each.name} ({each.date})" for each in self.skipped)
        holidays_told = f", holidays passed over: {passed}" if passed else ""
        return f"Received {self.start}, {self.days} working days, so by {self.due}{holidays_told}."


class Calendar(Struct, frozen=True):
    """The archive's calendar: `country` as in ISO 3166-1 (optionally ``CN-XX`` with a subdivision), `days` promised,
    its time zone.
    """

    country: str = "CN"
    days: int = 5
    timezone: str = "Asia/Shanghai"

    def promise(self, submitted: dt.datetime) -> Promise:
        """The promise for a request submitted at this instant."""
        return self.after(self.day_of(submitted))

    def after(self, start: dt.date) -> Promise:
        """The promise for a start on this day."""
        day, left, skipped = start, self.days, []
        while left > 0:
            day += ONE_DAY
            if is_working(self.country, day):
                left -= 1
            elif day.weekday() < 5:
                skipped.append(Holiday(day, holiday_name(self.country, day)))
        return Promise(start, self.days, day, tuple(skipped))

    def earliest_on_time(self, today: dt.date) -> dt.date:
        """The first start whose promise is not yet broken today; whatever started before it is late."""
        start = today
        while self.after(start - ONE_DAY).due >= today:
            start -= ONE_DAY
        return start

    def day_of(self, instant: dt.datetime) -> dt.date:
        """The calendar day at the archive."""
        return instant.astimezone(ZoneInfo(self.timezone)).date()

    def start_of(self, day: dt.date) -> dt.datetime:
        """The instant at which that day begins at the archive."""
        return dt.datetime.combine(day, dt.time(), ZoneInfo(self.timezone))


def is_working(country: str, day: dt.date) -> bool:
    """Is the archive at work on this day?"""
    return _calendar(country).is_working_day(day)


def holiday_name(country: str, day: dt.date) -> str:
    """What the holiday is called (in English where the library knows it)."""
    return str(_calendar(country).get(day, ""))


@cache
def _calendar(country: str) -> holidays.HolidayBase:
    code, _, subdivision = country.partition("-")
    language = "en_US" if "en_US" in holidays.country_holidays(code).supported_languages else None
    return holidays.country_holidays(code, subdiv=subdivision or None, language=language)
