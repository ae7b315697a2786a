"""What each kind of western date means: from the groups of its pattern (`western.py`) to a stretch of days.

Every function takes the groups in order, None for those that are not there, and gives a stretch, a `Partial` for a date
without year, or None when it is no date after all (31/13/1999).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from mappings.dates import understood_years as coarse
from mappings.dates.days import Stretch, days, months, year_of, years
from mappings.dates.seasons import season_of
from mappings.dates.understood_years import LATEST_YEAR, Groups, leading_number, year_number
from mappings.dates.words import MONTHS, SEASONS

_PIVOT = 30
"""Years of two digits below it are of this century, as spreadsheets have it, which write Sep-99."""


class Partial(NamedTuple):
    """A month, or days of one, without a year."""

    month: int
    first: int | None = None
    last: int | None = None

    def of(self, year: int) -> Stretch | None:
        """In that year."""
        if self.first is None:
            return months(year, self.month, self.month)
        return days(year, self.month, self.first, self.last)

    def before(self, after: Stretch) -> Stretch | None:
        """In the year of the date it stands before, or the one before that: 30 Dec - 2 Jan 1988."""
        if after.precision in ("decade", "century", "era"):
            return None
        found = self.of(year_of(after.first))
        if found is not None and found.first > after.last:
            return self.of(year_of(after.first) - 1)
        return found


def _iso(groups: Groups) -> Stretch | None:
    """1901-02-03; 2016-00-00 is the year."""
    year, month, number = (int(group or 0) for group in groups[:3])
    if not 0 < year <= LATEST_YEAR:
        return None
    if month == 0:
        return years(year, year)
    return months(year, month, month) if number == 0 and month <= 12 else days(year, month, number)


def _compact(groups: Groups) -> Stretch | None:
    """19830511 is a day, 19830500 a month, 19830000 a year (DA/T 18); 19401949 are two years."""
    found = _iso(groups)
    if found is not None and found.precision != "month":
        return found
    if found is not None and groups[2] == "00":
        return found
    first, last = int(groups[0] or 0), int(f"{groups[1]}{groups[2]}")
    return years(first, last) if first <= last <= LATEST_YEAR and last > 999 else found


def _year_month(groups: Groups) -> Stretch | None:
    """198305, as DA/T 18 writes a month."""
    year, month = int(groups[0] or 0), int(groups[1] or 0)
    return months(year, month, month) if 1500 <= year <= LATEST_YEAR else None


def _signed(groups: Groups) -> Stretch | None:
    """-0043 is astronomical (ISO 8601), 44 BCE."""
    year = -int(groups[0] or 0)
    if groups[1] is None:
        return years(year, year)
    month = int(groups[1])
    if not 1 <= month <= 12:
        return years(year, year)
    return days(year, month, int(groups[2])) if groups[2] else months(year, month, month)


def _day_and_month(year: int | None, first: int, second: int, day_first: bool = False) -> Stretch | None:
    """Both readings of 12/05/1911; one when only one is a date, or when points say that the day comes first."""
    if year is None:
        return None
    readings = [(first, second)] if day_first or first == second else [(first, second), (second, first)]
    dates = [days(year, month, number) for number, month in readings if 1 <= month <= 12 and 1 <= number <= 31]
    known = [date for date in dates if date is not None]
    if not known:
        return days(year, first, second) if day_first else None
    together = Stretch(min(one.first for one in known), max(one.last for one in known), known[0].precision)
    return together._replace(uncertain=len(known) > 1)


def _numeric(groups: Groups) -> Stretch | None:
    first, separator, second, other, year = groups[:5]
    if separator != other:
        return None
    return _day_and_month(year_number(year), int(first or 0), int(second or 0), separator == ".")


def _numeric_short(groups: Groups) -> Stretch | None:
    """11/18/82: the century is a guess."""
    found = _day_and_month(_short_year(groups[2]), int(groups[0] or 0), int(groups[1] or 0))
    return None if found is None else found._replace(uncertain=True)


def _short_year(text: str | None) -> int:
    number = int(text or 0)
    return number + (2000 if number < _PIVOT else 1900)


def _year_first(groups: Groups) -> Stretch | None:
    return _iso(groups)


def _month_slash(groups: Groups) -> Stretch | None:
    year, month = year_number(groups[1]), int(groups[0] or 0)
    return None if year is None else months(year, month, month)


def _word(year: int | None, month: str | None, first: str | None, last: str | None) -> Stretch | Partial | None:
    part = Partial(
        MONTHS[month or ""], leading_number(first) if first else None, leading_number(last) if last else None
    )
    return part if year is None else part.of(year)


def _written_year(year: str | None, double: str | None, short: str | None) -> int | None:
    """The year of a day or month; of 1711/12 the second, in which the year now begins on 1 January."""
    if short:
        return _short_year(short)
    if not year or not (number := year_number(year)):
        return None
    return number + 1 if double and (number + 1) % 10 ** len(double) == int(double) else number


def _year_word(groups: Groups) -> Stretch | Partial | None:
    """1939 Nov. 5-8."""
    return _word(year_number(groups[0]), *groups[1:4])


def _day_word(groups: Groups) -> Stretch | Partial | None:
    """27 & 30 Oct. 1987, 5 February 1711/12, 1-Sep-99."""
    first, last, month, year, double, short = groups[:6]
    found = _word(_written_year(year, double, short), month, first, last)
    return found._replace(uncertain=True) if short and isinstance(found, Stretch) else found


def _month_word(groups: Groups) -> Stretch | Partial | None:
    """May 12, 1911; Dec. 17-18, 1987; June 1990; Sep-99."""
    month, first, last, _, year, double, short = groups[:7]
    found = _word(_written_year(year, double, short), month, first, last)
    return found._replace(uncertain=True) if short and isinstance(found, Stretch) else found


def _season_word(groups: Groups) -> Stretch | None:
    """Spring 1923; Fall/Winter 1950; Winter 1943-1944. The winter of one year is at either end of it."""
    season, other, year, until = groups[:4]
    first = year_number(year)
    if first is None:
        return None
    last = int(until) if until and len(until) == 4 else first // 100 * 100 + int(until) if until else None
    return season_of(first, SEASONS[season or ""][0], SEASONS[other or season or ""][1], last)


def _year_season(groups: Groups) -> Stretch | None:
    year, season, other = groups[:3]
    first = year_number(year)
    return None if first is None else season_of(first, SEASONS[season or ""][0], SEASONS[other or season or ""][1])


HANDLERS: dict[str, Callable[[Groups], Stretch | Partial | None]] = {
    "iso": _iso,
    "compact": _compact,
    "year_month": _year_month,
    "signed": _signed,
    "year_first": _year_first,
    "numeric": _numeric,
    "numeric_short": _numeric_short,
    "month_slash": _month_slash,
    "year_word": _year_word,
    "day_word": _day_word,
    "republican": coarse.republican,
    "month_word": _month_word,
    "season_word": _season_word,
    "year_season": _year_season,
    "century": coarse.century,
    "century_after": coarse.century_after,
    "before_christ": coarse.before_christ,
    "hebrew": coarse.hebrew,
    "hijri": coarse.hijri,
    "of_christ": coarse.of_christ,
    "japanese": coarse.japanese,
    "short_decades": coarse.short_decades,
    "decade": coarse.decade,
    "placeholder": coarse.placeholder,
    "double": coarse.double,
    "run_together": coarse.run_together,
    "early": coarse.run_together,
    "year": coarse.one_year,
    "roman": coarse.roman,
    "romanised": coarse.romanised,
    "dynasty": coarse.dynasty,
}
"""By the name of the alternative in the pattern."""
