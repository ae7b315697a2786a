"""What each kind of western date means: from the groups of its pattern (`western.py`) to a stretch of days.

Every function takes the groups in order, None for those that are not there, and gives a stretch, a `Partial` for a date
without year, or None when it is no date after all (31/13/1999).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from mappings.dates.calendars import hebrew, hijri, republican
from mappings.dates.days import Stretch, day, days, last_day, months, year_of, years
from mappings.dates.eras import candidates, likeliest, periods, whole
from mappings.dates.numerals import roman
from mappings.dates.words import EDTF_SEASONS, MONTHS, ORDINALS, PARTS, REPUBLICAN_MONTHS, SEASONS

Groups = tuple[str | None, ...]
LATEST_YEAR = 2199
"""A larger number is not a year: 9999 stands for an open end."""
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


def _number(text: str) -> int:
    """The number a group begins with: 3rd, 1er."""
    return int("".join(char for char in text if char.isdigit()))


def _year(text: str | None) -> int | None:
    year = int(text or 0)
    return year if 0 < year <= LATEST_YEAR else None


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
    return _day_and_month(_year(year), int(first or 0), int(second or 0), separator == ".")


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
    year, month = _year(groups[1]), int(groups[0] or 0)
    return None if year is None else months(year, month, month)


def _word(year: int | None, month: str | None, first: str | None, last: str | None) -> Stretch | Partial | None:
    part = Partial(MONTHS[month or ""], _number(first) if first else None, _number(last) if last else None)
    return part if year is None else part.of(year)


def _written_year(year: str | None, double: str | None, short: str | None) -> int | None:
    """The year of a day or month; of 1711/12 the second, in which the year now begins on 1 January."""
    if short:
        return _short_year(short)
    if not year or not (number := _year(year)):
        return None
    return number + 1 if double and (number + 1) % 10 ** len(double) == int(double) else number


def _year_word(groups: Groups) -> Stretch | Partial | None:
    """1939 Nov. 5-8."""
    return _word(_year(groups[0]), *groups[1:4])


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
    """Spring 1923; Winter 1943-1944. The winter of one year is at either end of it."""
    season, year, until = groups[:3]
    first = _year(year)
    if first is None:
        return None
    last = int(until) if until and len(until) == 4 else first // 100 * 100 + int(until) if until else None
    return _season(first, *SEASONS[season or ""], last)


def _season(year: int, first: int, last: int, until: int | None = None) -> Stretch:
    if until is not None and until > year:
        end = last if first <= last or until == year + 1 else 12
        return Stretch(day(year, first, 1), day(until, end, last_day(until, end)), "season")
    return months(year, 1, 12, "season") if last < first else months(year, first, last, "season")


def _year_season(groups: Groups) -> Stretch | None:
    year = _year(groups[0])
    return None if year is None else _season(year, *SEASONS[groups[1] or ""])


def _ordinal(text: str | None) -> int | None:
    if not text:
        return None
    if text in ORDINALS:
        return ORDINALS[text]
    if text[0].isdigit():
        return _number(text)
    return roman(text.rstrip(".").removesuffix("eme").removesuffix("e"))


def _century(groups: Groups) -> Stretch | None:
    """The 19th century is 1801 to 1900; early, mid and late are its first four, middle and last four decades."""
    minus, part, first, other, second, before = groups[:6]
    before = before or minus
    numbers = [number for text in (first, second) if (number := _ordinal(text)) is not None]
    if not numbers or not all(1 <= number <= 30 for number in numbers):
        return None
    spans = [_hundred(numbers[0], part, before)]
    if len(numbers) == 2:
        spans.append(_hundred(numbers[1], other, before))
    return years(min(low for low, _ in spans), max(high for _, high in spans), "century")


def _hundred(century: int, part: str | None, before: str | None) -> tuple[int, int]:
    low, high = PARTS.get(part or "", (0, 99))
    base = 1 - century * 100 if before else (century - 1) * 100 + 1
    return base + low, base + high


def _century_after(groups: Groups) -> Stretch | None:
    """s. XVI, saec. XII-XIII."""
    return _century((None, None, groups[0], None, groups[1], None))


def _before_christ(groups: Groups) -> Stretch | None:
    found = [1 - int(group) for group in groups[:2] if group and int(group)]
    return years(found[0], found[-1]) if found else None


def _of_christ(groups: Groups) -> Stretch | None:
    found = [int(group) for group in groups[:3] if group and 0 < int(group) <= LATEST_YEAR]
    return years(found[0], found[-1]) if found else None


def _hebrew(groups: Groups) -> Stretch | None:
    return hebrew(int(groups[0] or 0))


def _hijri(groups: Groups) -> Stretch | None:
    return hijri(int(groups[0] or groups[1] or 0))


def _republican(groups: Groups) -> Stretch | None:
    """20 prairial an II, an VIII."""
    number, month, year = groups[:3]
    counted = int(year or 0) if (year or "").isdigit() else roman(year or "")
    if counted is None:
        return None
    return republican(counted, REPUBLICAN_MONTHS[month] if month else None, _number(number) if number else None)


_LETTERS = {"m": 1868, "t": 1912, "s": 1926, "h": 1989, "r": 2019}


def _japanese(groups: Groups) -> Stretch | None:
    """S20.8.15 is the twentieth year of 昭和."""
    letter, year, month, number = groups[:4]
    return days(_LETTERS[letter or ""] + int(year or 0) - 1, int(month or 0), int(number or 0))


def _short_decades(groups: Groups) -> Stretch | None:
    century, first, last = groups[:3]
    return years(int(f"{century}{first}0"), int(f"{century}{last}9"), "decade")


def _decade(groups: Groups) -> Stretch | None:
    first = int(next(group for group in groups if group)) * 10
    return years(first, first + 9, "decade")


def _placeholder(groups: Groups) -> Stretch | None:
    """Digits left open: 193-, 193x, 19--, 19uu, 1xxx."""
    century, decade, millennium = groups[:3]
    if millennium:
        return years(int(millennium) * 1000, int(millennium) * 1000 + 999, "century")
    if decade:
        return years(int(f"{century}{decade}0"), int(f"{century}{decade}9"), "decade")
    return years(int(f"{century}00"), int(f"{century}99"), "century")


def _double(groups: Groups) -> Stretch | None:
    """1982-89 and 1905-6 are ranges, 1905-06 is a month (ISO 8601), 1984-22 a summer (EDTF), 1712/13 two years."""
    century, short, sign, end = (group or "" for group in groups[:4])
    year = int(century + short)
    number = int(end)
    if len(end) == 1:
        return years(year, year - year % 10 + number) if number > year % 10 else years(year, year)
    if sign == "/" and number == (year + 1) % 100:
        return years(year, year + 1)
    if 1 <= number <= 12:
        return months(year, number, number)
    if number > int(short):
        return years(year, year - year % 100 + number)
    if sign == "-" and number in EDTF_SEASONS:
        return _season(year, *EDTF_SEASONS[number])
    return years(year, year)


def _run_together(groups: Groups) -> Stretch | None:
    """19201939, and 990 - 1053."""
    first, last = _year(groups[0]), _year(groups[1])
    return years(first, last) if first and last and first <= last else None


def _one_year(groups: Groups) -> Stretch | None:
    year = _year(groups[0])
    return None if year is None else years(year, year)


def _roman(groups: Groups) -> Stretch | None:
    year = roman(groups[0] or "")
    return years(year, year) if year is not None and year <= LATEST_YEAR else None


def _romanised(groups: Groups) -> Stretch | None:
    """Minguo 74, Guangxu 20, Meiji; the month is not written so."""
    members = likeliest(candidates(groups[0] or "", None, None))
    if not groups[1]:
        return whole(members)
    number = int(groups[1])
    fitting = [era for era in members if 1 <= number <= era.length]
    return years(fitting[0].first + number - 1, fitting[0].first + number - 1) if fitting else None


def _dynasty(groups: Groups) -> Stretch | None:
    span = periods()[groups[1] or ""][0]
    if span is None:
        return None
    quarter = (span[1] - span[0]) // 4
    low, high = {"early": (0, 3), "late": (3, 0), "mid": (1, 1), "middle": (1, 1)}.get(groups[0] or "", (0, 0))
    return years(span[0] + quarter * low, span[1] - quarter * high, "era")


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
    "republican": _republican,
    "month_word": _month_word,
    "season_word": _season_word,
    "year_season": _year_season,
    "century": _century,
    "century_after": _century_after,
    "before_christ": _before_christ,
    "hebrew": _hebrew,
    "hijri": _hijri,
    "of_christ": _of_christ,
    "japanese": _japanese,
    "short_decades": _short_decades,
    "decade": _decade,
    "placeholder": _placeholder,
    "double": _double,
    "run_together": _run_together,
    "early": _run_together,
    "year": _one_year,
    "roman": _roman,
    "romanised": _romanised,
    "dynasty": _dynasty,
}
"""By the name of the alternative in the pattern."""
