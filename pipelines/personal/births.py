"""Days of birth: a word that says so beside a date to the month at least. Nobody born before 1900 lives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from pipelines.personal.spans import Span

EARLIEST: Final = 1900
_LATEST: Final = 2100
_REPUBLIC: Final = 1911
_DIGITS: Final = {char: str(number) for number, char in enumerate("〇一二三四五六七八九")} | {"零": "0", "○": "0"}
_MONTHS: Final = (
    r"(?i:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_SMALL: Final = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})"
_CHINESE_DATE: Final = (
    rf"(?:(?P<year>(?:1[89]|20)\d\d|[一二][〇零○一二三四五六七八九]{{3}})年|民[国國](?P<republic>\d{{1,3}})年)"
    rf"{_SMALL}月(?:{_SMALL}[日号號])?"
)
_WESTERN_DATE: Final = (
    rf"(?:\d{{1,2}}(?:st|nd|rd|th)? {_MONTHS},? (?P<y1>\d{{4}})"
    rf"|{_MONTHS} (?:\d{{1,2}}(?:st|nd|rd|th)?,? )?(?P<y2>\d{{4}})"
    r"|(?P<y3>(?:1[89]|20)\d\d)(?P<sign>[-./])\d{1,2}(?P=sign)\d{1,2})(?![0-9])"
)
_NUMERIC: Final = r"(?P<y4>(?:1[89]|20)\d\d)(?P<dot>[-./])\d{1,2}(?:(?P=dot)\d{1,2})?(?![0-9])"
_RULES: Final = (
    (
        "born-zh",
        re.compile(
            r"(?:出生(?:日期|年月日?|时间|時間|[于於])?|生[于於]|生日)[:： 为為是]{0,3}"
            rf"(?P<date>{_CHINESE_DATE}|{_NUMERIC})"
        ),
    ),
    ("born-zh", re.compile(rf"(?P<date>{_CHINESE_DATE})(?:出生|生(?=[。，；,;）)]|$|于|於))")),
    (
        "born-en",
        re.compile(
            rf"(?<![A-Za-z])(?:[Bb]orn|[Bb]\.|[Dd]ate of [Bb]irth|DOB|D\.O\.B\.|[Bb]irth ?date)"
            rf"(?: on| in|:)?(?: [Aa]bout)? ?(?P<date>{_WESTERN_DATE})"
        ),
    ),
)
_HINT: Final = re.compile(r"生|[Bb]orn|[Bb]\.|[Bb]irth|DOB|D\.O\.B")
_LABEL: Final = re.compile(r"出生(?:日期|年月日?|時間|时间)?|生日|date of birth|birth ?date|born|dob", re.IGNORECASE)
_VALUE: Final = re.compile(rf"{_CHINESE_DATE}|{_NUMERIC}")
_VALUE_EN: Final = re.compile(_WESTERN_DATE)


def births(text: str) -> Iterator[Span]:
    """Dates of birth in running text."""
    if not _HINT.search(text):
        return
    for rule, pattern in _RULES:
        for found in pattern.finditer(text):
            if _year(found) >= EARLIEST:
                yield Span(*found.span("date"), "birth_date", rule, 0.9)


def births_in_column(label: str, value: str) -> Iterator[Span]:
    """A date that is the value of a column of births."""
    if not _LABEL.fullmatch(label.strip()):
        return
    found = _VALUE.search(value) or _VALUE_EN.search(value)
    if found and _year(found) >= EARLIEST:
        yield Span(*found.span(), "birth_date", "birth-column", 0.95)


def _year(found: re.Match[str]) -> int:
    """The year of a date, 0 for one that is none of ours."""
    parts = found.groupdict()
    if republic := parts.get("republic"):
        return _REPUBLIC + int(republic)
    written = next((value for name in ("year", "y1", "y2", "y3", "y4") if (value := parts.get(name))), "0")
    year = int("".join(_DIGITS.get(char, char) for char in written))
    return year if year < _LATEST else 0
