"""What centuries, decades, years and other calendars mean: the coarser half of `understood.py`."""

from __future__ import annotations

from mappings.dates import calendars, numerals
from mappings.dates.days import Stretch, days, months, years
from mappings.dates.eras import candidates, likeliest, periods, whole
from mappings.dates.seasons import season_of
from mappings.dates.words import EDTF_SEASONS, ORDINALS, PARTS, REPUBLICAN_MONTHS

Groups = tuple[str | None, ...]
LATEST_YEAR = 2199
"""A larger number is not a year: 9999 stands for an open end."""


def year_number(text: str | None) -> int | None:
    """A year of the common era, None for a number that is none."""
    year = int(text or 0)
    return year if 0 < year <= LATEST_YEAR else None


def leading_number(text: str) -> int:
    """The number a group begins with: 3rd, 1er."""
    return int("".join(char for char in text if char.isdigit()))


def _ordinal(text: str | None) -> int | None:
    if not text:
        return None
    if text in ORDINALS:
        return ORDINALS[text]
    if text[0].isdigit():
        return leading_number(text)
    return numerals.roman(text.rstrip(".").removesuffix("eme").removesuffix("e"))


def century(groups: Groups) -> Stretch | None:
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


def century_after(groups: Groups) -> Stretch | None:
    """s. XVI, saec. XII-XIII, XVIIIe s."""
    return century((None, None, groups[0] or groups[2], None, groups[1], None))


def before_christ(groups: Groups) -> Stretch | None:
    found = [1 - int(group) for group in groups[:2] if group and int(group)]
    return years(found[0], found[-1]) if found else None


def of_christ(groups: Groups) -> Stretch | None:
    found = [int(group) for group in groups[:3] if group and 0 < int(group) <= LATEST_YEAR]
    return years(found[0], found[-1]) if found else None


def hebrew(groups: Groups) -> Stretch | None:
    return calendars.hebrew(int(groups[0] or 0))


def hijri(groups: Groups) -> Stretch | None:
    return calendars.hijri(int(groups[0] or groups[1] or 0))


def republican(groups: Groups) -> Stretch | None:
    """20 prairial an II, an VIII."""
    number, month, year = groups[:3]
    counted = int(year or 0) if (year or "").isdigit() else numerals.roman(year or "")
    if counted is None:
        return None
    return calendars.republican(
        counted, REPUBLICAN_MONTHS[month] if month else None, leading_number(number) if number else None
    )


_LETTERS = {"m": 1868, "t": 1912, "s": 1926, "h": 1989, "r": 2019}


def japanese(groups: Groups) -> Stretch | None:
    """S20.8.15 is the twentieth year of 昭和."""
    letter, year, month, number = groups[:4]
    return days(_LETTERS[letter or ""] + int(year or 0) - 1, int(month or 0), int(number or 0))


def short_decades(groups: Groups) -> Stretch | None:
    century, first, last = groups[:3]
    return years(int(f"{century}{first}0"), int(f"{century}{last}9"), "decade")


def decade(groups: Groups) -> Stretch | None:
    first = int(next(group for group in groups if group)) * 10
    return years(first, first + 9, "decade")


def placeholder(groups: Groups) -> Stretch | None:
    """Digits left open: 193-, 193x, 19--, 19uu, 1xxx."""
    century, decade, millennium = groups[:3]
    if millennium:
        return years(int(millennium) * 1000, int(millennium) * 1000 + 999, "century")
    if decade:
        return years(int(f"{century}{decade}0"), int(f"{century}{decade}9"), "decade")
    return years(int(f"{century}00"), int(f"{century}99"), "century")


def double(groups: Groups) -> Stretch | None:
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
        return season_of(year, *EDTF_SEASONS[number])
    return years(year, year)


def run_together(groups: Groups) -> Stretch | None:
    """19201939, and 990 - 1053."""
    first, last = year_number(groups[0]), year_number(groups[1])
    return years(first, last) if first and last and first <= last else None


def one_year(groups: Groups) -> Stretch | None:
    year = year_number(groups[0])
    return None if year is None else years(year, year)


def roman(groups: Groups) -> Stretch | None:
    year = numerals.roman(groups[0] or "")
    return years(year, year) if year is not None and year <= LATEST_YEAR else None


def romanised(groups: Groups) -> Stretch | None:
    """Minguo 74, Guangxu 20, Meiji; the month is not written so."""
    members = likeliest(candidates(groups[0] or "", None, None))
    if not groups[1]:
        return whole(members)
    number = int(groups[1])
    fitting = [era for era in members if 1 <= number <= era.length]
    return years(fitting[0].first + number - 1, fitting[0].first + number - 1) if fitting else None


def dynasty(groups: Groups) -> Stretch | None:
    span = periods()[groups[1] or ""][0]
    if span is None:
        return None
    quarter = (span[1] - span[0]) // 4
    low, high = {"early": (0, 3), "late": (3, 0), "mid": (1, 1), "middle": (1, 1)}.get(groups[0] or "", (0, 0))
    return years(span[0] + quarter * low, span[1] - quarter * high, "era")
