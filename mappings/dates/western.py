"""Dates in western figures and words: ISO 8601 and EDTF, days and months in eight languages, seasons, decades, years.

One pattern of many alternatives finds the dates from left to right, the more definite before the less; what understands
each stands in `understood.py`. The text is folded and stripped of the signs of doubt (`stripped`).
"""

from __future__ import annotations

import re

from mappings.dates.days import Stretch, days, year_of, years
from mappings.dates.patterns import READ, single_spaced
from mappings.dates.understood import HANDLERS, Partial
from mappings.dates.western_patterns import pattern

_SUPPLIED_DIGITS = re.compile(r"(?<![\d\[])(\d{0,3})\[(\d{1,3})\](\d{0,3})(?!\d)")
_OPEN_DIGIT = re.compile(r"(?<!\d)((?:1\d|20)\d)\?(?!\d)")
_OPEN_DIGITS = re.compile(r"(?<!\d)(1\d|20)\?\?")
_ROUGH = re.compile(r"[~%](?!\s*\d)|^\s*~|\?")
_CORRECTED = re.compile(r"^.*\bi\.?\s?e\.?,?\s*(?=\D*[012]\d{3})")
_BRACKET = re.compile(r"[\[\](){}<>]")
_BRACKETS = str.maketrans("[({<", "    ", "])}>")


def stripped(text: str) -> str:
    """Brackets and signs of doubt gone: 19[45] is 1945, 190? is 190x, "1697 [i.e. 1967]" is 1967."""
    if "(?)" in text:
        text = text.replace("(?)", "?")
    if "[" in text:
        text = _SUPPLIED_DIGITS.sub(_joined, text)
    if "?" in text:
        text = _OPEN_DIGITS.sub(r"\1xx", _OPEN_DIGIT.sub(r"\1x", text))
    if "?" in text or "~" in text or "%" in text:
        text = _ROUGH.sub("", text).replace("~", "-")
    if "e" in text and "i" in text:
        text = _CORRECTED.sub("", text)
    return single_spaced(text.translate(_BRACKETS)) if _BRACKET.search(text) else text


def _joined(found: re.Match[str]) -> str:
    digits = "".join(found.groups())
    return digits if len(digits) == 4 and (found[1] or found[3]) else found[0]


_HUNDREDS = re.compile(r"00'?s")
_LETTER = re.compile(r"[a-z\u0600-\u06ff]")
_SHORT_YEAR_FIRST = re.compile(r"\s*(3[2-9]|[4-9]\d|1[0-2]\d)\.(0?[1-9]|1[0-2])\.(0?[1-9]|[12]\d|3[01])\s*")
_EARLY = re.compile(
    r"\s*(?P<lived>(?:fl|f|d|b|r|active|born|died|reigned)\b\.?\s*)?(?:(?:ca|c|circa|about)\b\.?\s*)?(?P<first>-?\d{1,3})"
    r"(?:\s*[-/]\s*(?:(?:ca|c|circa|about)\b\.?\s*)?(?P<last>-?\d{1,4}))?[\s.]*"
)


def read_western(text: str) -> tuple[list[Stretch], str]:
    """What a stripped text says, in order, and the text with that marked as read."""
    found: list[Stretch | Partial] = []
    spans: list[tuple[int, int]] = []
    for match in pattern(_LETTER.search(text) is not None).finditer(text):
        kind = match.lastgroup or ""
        first = match.lastindex or 0
        one = HANDLERS[kind](match.groups()[first:])
        if one is not None:
            found.append(one)
            spans.append(match.span())
    if not found:
        return _early(text)
    dated = _dated(found)
    if "00" in text and all(one.precision == "decade" for one in dated) and _HUNDREDS.search(text):
        dated = _hundreds(dated)
    return dated, _marked(text, spans)


def _hundreds(found: list[Stretch]) -> list[Stretch]:
    """1800s alone may be a decade or a century, and so may 1800s-1900s; 1890s-1900s are decades, and so is 2000s.

    Cataloguers' own `@normal` of 1900s is 1900/1999 wherever the corpus has both.
    """
    firsts = [year_of(one.first) for one in found]
    if any(
        year % 100 or year >= 2000 or year_of(one.last) != year + 9 for year, one in zip(firsts, found, strict=True)
    ):
        return found
    return [years(year, year + 99, "century")._replace(uncertain=True) for year in firsts]


def _marked(text: str, spans: list[tuple[int, int]]) -> str:
    if len(spans) == 1 and spans[0] == (0, len(text)):
        return ""
    parts, at = [], 0
    for start, end in spans:
        parts += [text[at:start], READ]
        at = end
    return "".join((*parts, text[at:]))


def _dated(found: list[Stretch | Partial]) -> list[Stretch]:
    """Days and months without a year take that of the next date, or else of the one before: 20 Apr. - 1 May 1987."""
    dated: list[Stretch] = []
    waiting: list[Partial] = []
    for one in found:
        if isinstance(one, Stretch):
            dated += [stretch for part in waiting if (stretch := part.before(one)) is not None]
            dated.append(one)
            waiting = []
        else:
            waiting.append(one)
    if waiting and dated:
        year = year_of(dated[-1].last)
        dated += [stretch for part in waiting if (stretch := part.of(year)) is not None]
    return dated


def _early(text: str) -> tuple[list[Stretch], str]:
    """Years of less than four digits, when there is nothing else: 618-907, fl. 40, -545 - -501."""
    if found := _SHORT_YEAR_FIRST.fullmatch(text):
        return _two_calendars(*(int(number) for number in found.groups())), ""
    match = _EARLY.fullmatch(text)
    if match is None:
        return [], text
    numbers = [int(number) for number in (match["first"], match["last"]) if number]
    if not (match["lived"] or numbers[0] < 0 or max(numbers) > 99) or max(numbers) > 2100:
        return [], text
    first, last = min(numbers), max(numbers)
    return [years(first, last)], ""


def _two_calendars(year: int, month: int, number: int) -> list[Stretch]:
    """54.4.30, where the first number can only be the year: of 1900, or of the Republic (民國), as in Taiwan."""
    readings = [1911 + year, *([1900 + year] if year < 100 else [])]
    found = [stretch for reading in readings if (stretch := days(reading, month, number)) is not None]
    return [stretch._replace(uncertain=len(found) > 1) for stretch in found]
