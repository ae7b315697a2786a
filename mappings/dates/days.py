"""Days, and stretches of days: what every reader of dates hands on.

A day is one integer that orders as days do: year, month and day in bits, so that a year before the common era needs no
second rule. Years are astronomical: 0 is 1 BCE. Days before 15 October 1582 are those of the Julian calendar, as
cataloguers and historians write them; no day is moved between the two.
"""

from __future__ import annotations

from calendar import monthrange
from typing import NamedTuple

PRECISIONS = ("day", "month", "season", "year", "decade", "century", "era")
"""From fine to coarse."""


STILL = 9999
"""The last year of what goes on: 令和, the People's Republic."""


class Stretch(NamedTuple):
    """First and last day, both included, as `day` makes them."""

    first: int
    last: int
    precision: str = "year"
    calendar: str = "gregorian"
    uncertain: bool = False
    """Several readings are possible, and the stretch covers them."""
    approximate: bool = False


def day(year: int, month: int, number: int) -> int:
    """A day as an integer that orders as days do."""
    return year << 9 | month << 5 | number


def year_of(value: int) -> int:
    return value >> 9


def iso(value: int) -> str:
    """ISO 8601 with an astronomical year: ``-0220-01-01``."""
    year = value >> 9
    sign = "-" if year < 0 else ""
    return f"{sign}{abs(year):04d}-{value >> 5 & 15:02d}-{value & 31:02d}"


JANUARY_1, DECEMBER_31 = 1 << 5 | 1, 12 << 5 | 31
"""Month and day of the ends of a year, in the bits of a day."""


def years(first: int, last: int, precision: str = "year", calendar: str = "gregorian") -> Stretch:
    """Whole years, in order whichever comes first."""
    if last < first:
        first, last = last, first
    return Stretch(first << 9 | JANUARY_1, last << 9 | DECEMBER_31, precision, calendar)


def last_day(year: int, month: int) -> int:
    """The number of days of a month. Years that are no leap years in the Gregorian calendar were so in the Julian."""
    if month == 2 and year <= 1582:
        return 29 if year % 4 == 0 else 28
    return monthrange(year % 400 + 2000, month)[1]


def months(year: int, first: int, last: int, precision: str = "month") -> Stretch:
    """From the first day of a month to the last one of another, of the same year."""
    return Stretch(day(year, first, 1), day(year, last, last_day(year, last)), precision)


def days(year: int, month: int, first: int, last: int | None = None) -> Stretch | None:
    """Days of a month; the whole month when it has no such days, None when the year has no such month."""
    if not 1 <= month <= 12:
        return None
    longest = last_day(year, month)
    last = first if last is None else last
    if not 1 <= first <= longest or not 1 <= last <= longest:
        return months(year, month, month)
    return Stretch(day(year, month, min(first, last)), day(year, month, max(first, last)), "day")


def of_ordinal(number: int) -> int:
    """The day of a Julian day number, in the calendar of its time."""
    shifted = number + 32082
    if number >= 2299161:
        centuries = (4 * (number + 32044) + 3) // 146097
        shifted = number + 32044 - 146097 * centuries // 4
    quads = (4 * shifted + 3) // 1461
    rest = shifted - 1461 * quads // 4
    month = (5 * rest + 2) // 153
    year = quads - 4800 + month // 10 + (100 * centuries if number >= 2299161 else 0)
    return day(year, month + 3 - 12 * (month // 10), rest - (153 * month + 2) // 5 + 1)
