"""The days of a year: which are worked on, and who is there. Counted here by hand, not by the desk's own calendar."""

from __future__ import annotations

import datetime as dt
import random
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import holidays

ZONE = ZoneInfo("Asia/Shanghai")
ONE = dt.timedelta(days=1)
_BESIDE = 120
"""Days before and after a year that are known, too: what began in it may end behind it."""


def at(day: dt.date, hour: int, minute: int = 0) -> dt.datetime:
    """That time of the day at the archive, in UTC."""
    return dt.datetime.combine(day, dt.time(hour, minute), ZONE).astimezone(dt.UTC)


class Days:
    """Days from `first` to `last`, and which of them are worked on in China."""

    def __init__(self, first: dt.date, last: dt.date) -> None:
        self.first, self.last = first, last
        known = holidays.country_holidays("CN")
        span = range((last - first).days + 2 * _BESIDE)
        around = (first + (number - _BESIDE) * ONE for number in span)
        self._worked = [day for day in around if known.is_working_day(day)]
        self._set = frozenset(self._worked)
        self.inside = [day for day in self._worked if first <= day <= last]

    def is_worked(self, day: dt.date) -> bool:
        """Is the archive at work?"""
        return day in self._set

    def after(self, day: dt.date, count: int) -> dt.date:
        """The working day that comes so many working days after a day."""
        return self._worked[bisect_right(self._worked, day) - 1 + count]

    def between(self, first: dt.date, last: dt.date) -> int:
        """Working days from the day after `first` up to `last`."""
        return bisect_right(self._worked, last) - bisect_right(self._worked, first)

    def ends(self, day: dt.date) -> dt.date:
        """The last day of a time that would end on this one: the next that is worked on."""
        while not self.is_worked(day):
            day += ONE
        return day

    def week(self, chance: random.Random) -> frozenset[dt.date]:
        """Five working days in a row."""
        start = chance.randrange(max(1, len(self.inside) - 5))
        return frozenset(self.inside[start : start + 5])


class Staff:
    """Clerks, how much each does in a day, and when each is away."""

    def __init__(self, names: Sequence[str], a_day: int, days: Days, chance: random.Random) -> None:
        self.names, self._a_day, self._days = tuple(names), a_day, days
        self.away = {name: days.week(chance) | days.week(chance) | days.week(chance) for name in names}
        self._done: Counter[tuple[str, dt.date]] = Counter()

    def there(self, day: dt.date) -> list[str]:
        """Who is there: always somebody."""
        return [name for name in self.names if day not in self.away[name]] or [self.names[0]]

    def does(self, day: dt.date) -> tuple[str, dt.date]:
        """Whoever has done least does one thing more that day, or on the next one on which anybody has time."""
        while True:
            name = min(self.there(day), key=lambda one: (self._done[one, day], one))
            if self._done[name, day] < self._a_day:
                self._done[name, day] += 1
                return name, day
            day = self._days.after(day, 1)
