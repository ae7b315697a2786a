"""How long a closure lasts: from which day years are counted, and which day is the first that is open.

Doubt never opens early. Of a date that is not exact the latest day it can mean counts: the last day of a year, month or
span, the last day of the years read for "circa"; a date that is open at its end (1964-) gives no day. The day from
which years are counted is not one of them, and the last one has to be over (as 民法典 201 and 202 count): what came
into being on 3 May 1999 is open on 4 May 2024 after twenty-five years, and what is dated 29 February on 1 March.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Literal

from mappings.dates import dated
from mappings.record import Dates

_LABELS: dict[str, re.Pattern[str]] = {
    what: re.compile(words, re.IGNORECASE)
    for what, words in {
        "birth": r"出生(?:日期|年月|年月日|时间|時間|年)?|生年|birth|born|date of birth|birth ?date",
        "death": r"死亡(?:日期|年月|年月日|时间|時間|年)?|卒年|death|died|date of death|death ?date",
    }.items()
}
"""Labels of columns that say when a person was born or died."""


def last_day(dates: Dates | None) -> dt.date | None:
    """The last day that a date can mean; None when it names none."""
    if dates is None or dates.end is None:
        return None
    return _exact(dates.latest) or _end_of(dates.end)


def beginning(dates: Dates | None) -> dt.date | None:
    """The last day on which what is dated so can have begun."""
    if dates is None or dates.start is None:
        return None
    if dates.start == dates.end:
        return last_day(dates)
    return _end_of(dates.start)


def of_person(values: Mapping[str, str], what: Literal["birth", "death"]) -> dt.date | None:
    """The last day of the birth or death that a column speaks of; None when none does, or says no day."""
    for label, text in values.items():
        if _LABELS[what].fullmatch(label.strip()) and (found := dated(text)) is not None:
            return last_day(found)
    return None


def opening_day(counted_from: dt.date, years: int, calendar_years: bool) -> dt.date | None:
    """The first day that is open; None after the year 9999."""
    year = counted_from.year + years
    if calendar_years:
        return dt.date(year + 1, 1, 1) if year < dt.MAXYEAR else None
    if year >= dt.MAXYEAR:
        return None
    try:
        return counted_from.replace(year=year) + dt.timedelta(days=1)
    except ValueError:  # 29 February in a year without: the term ends with that month
        return dt.date(year, 3, 1)


def _exact(day: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(day) if day else None
    except ValueError:  # a day before the year 1, or after 9999
        return None


def _end_of(year: int) -> dt.date | None:
    """The last day of a year; the first of all days for one before the year 1."""
    return dt.date(max(year, 1), 12, 31) if year <= dt.MAXYEAR else None
