"""What a date text says, in one line, so that cases can be read as a table.

``1911-05-12 day``, ``1894-12-27/1895-01-25 month chinese``, ``../1950 year``: the time from its first to its last day
(whole years and months shortened), its precision, ``~`` when approximate, ``?`` when uncertain, ``undated`` when it
says so, and the calendar when it is not ours. ``nothing`` when it names no time.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping

import pytest

from mappings.dates import read


def said(text: str) -> str:
    reading = read(text)
    if reading.precision is None:
        return "undated" if reading.undated else "nothing"
    marks = ((" ~", reading.approximate), (" ?", reading.uncertain), (" undated", reading.undated))
    flags = "".join(mark for mark, is_so in marks if is_so)
    calendar = "" if reading.calendar == "gregorian" else f" {reading.calendar}"
    return f"{_short(reading.earliest, reading.latest)} {reading.precision}{flags}{calendar}"


def _short(first: str | None, last: str | None) -> str:
    if first and last and first.endswith("-01-01") and last.endswith("-12-31"):
        first, last = first[:-6], last[:-6]
    elif first and last and first[:-2] == last[:-2] and first.endswith("-01") and int(last[-2:]) == _longest(last):
        first = last = first[:-3]
    elif last is None and first and first.endswith("-01-01"):
        first = first[:-6]
    elif first is None and last and last.endswith("-12-31"):
        last = last[:-6]
    return first if first == last and first else f"{first or '..'}/{last or '..'}"


def _longest(day: str) -> int:
    return monthrange(2000 + int(day[:-6]) % 400, int(day[-5:-3]))[1]


def cases(tables: Mapping[str, Mapping[str, str]]) -> list[object]:
    """Every case of every table, named by both."""
    return [
        pytest.param(text, expected, id=f"{theme}: {text}")
        for theme, table in tables.items()
        for text, expected in table.items()
    ]
