"""Years in a question: 1950年代, before 1911, between 1900 and 1920, 光緒二十年, late 19th century.

What a date means is said by `mappings.dates`; here stands how one is found among other words, and what before, after
and between make of it. "Before" and "after" do not include the year they name, "until" and "since" do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache

from indexer.plan import Either, Node, Span
from indexer.query import YEARS
from indexer.understanding.eras import Years, chinese_dates
from indexer.understanding.piece import Piece
from mappings.dates import parse
from mappings.dates.eras import eras
from mappings.dates.eras import folded as date_folded
from mappings.dates.patterns import READ, any_of
from mappings.dates.western_patterns import pattern
from mappings.dates.words import MONTHS, SEASONS

KIND = "years"
_FIRST, _LAST = 1000, 2199
"""A bare number within these is a year."""
_KIND_NAMES = """
iso year_word day_word month_word season_word year_season century century_after decade short_decades double year
romanised dynasty
"""
_KINDS = frozenset(_KIND_NAMES.split())
"""Of the dates that catalogues write, those that people type into a question."""
_NUMBERS = ("twenties", "thirties", "forties", "fifties", "sixties", "seventies", "eighties", "nineties")
_SPOKEN = re.compile(
    rf"\b(?:(?P<century>eighteen|nineteen)[\s-]+|the\s+(?:roaring\s+)?)(?P<tens>{'|'.join(_NUMBERS)})\b"
)
_JOINS = re.compile(r"[-/.:_'’]*(?:pre|post|mid|early|late)?[-/.:_'’]*")
"""What may stand beside dates in one token."""
_TOKEN = re.compile(r"[a-z0-9][a-z0-9\-/.:_'’]*")
_BETWEEN_DATES = re.compile(r"\s*(?:-|–|—|~|～|to|and|until|till|through|至|到|与|和)\s*(?:the\s+)?")
_WEAK = re.compile(r"\s*(?:and|与|和)\s*(?:the\s+)?")
"""What joins two dates only after "between" or before 之间."""
_BEFORE_IT = re.compile(
    r"(?:(?P<between>\bbetween\b|\bfrom\b)|(?P<before>\bbefore\b|\bprior\s+to\b|\bpre\b)|(?P<until>\buntil\b|\btill\b|\bup\s+to\b|\bno\s+later\s+than\b)"
    r"|(?P<after>\bafter\b|\bpost\b|\blater\s+than\b)|(?P<since>\bsince\b|\bstarting\s+in\b)"
    r"|(?P<neutral>\b(?:in|of|the|during|dated|dating|around|about|circa|ca\.?|c\.|early|mid|late|years?|decade)(?=[\s-])))[\s-]*$"
)
_AFTER_IT = re.compile(
    r"\s*(?:(?P<until>以前)|(?P<before>之前|前(?=的|$|[^\w]))|(?P<since>以后|以来|以降|起(?=的|$|[^\w])|onwards?\b)"
    r"|(?P<after>之后|后(?=的|$|[^\w]))|(?P<neutral>左右|前后|期间|年间|之?间|中期|初期?|末期?|早期|晚期|中叶|上半叶|下半叶))"
)


@dataclass(frozen=True, slots=True)
class _Date:
    start: int
    end: int
    spans: tuple[Years, ...]


def years(text: str) -> list[Piece]:
    """The years a typed text speaks of, each as what resources are to be dated by; in order of place."""
    folded = date_folded(text)
    dates = [_Date(*found) for found in chinese_dates(folded)]
    dates = sorted([*dates, *_western(_blanked(folded, dates))], key=lambda date: date.start)
    return [_piece(text, _bounded(folded, date)) for date in _joined(folded, dates)]


def _blanked(text: str, dates: list[_Date]) -> str:
    for date in dates:
        text = f"{text[: date.start]}{READ * (date.end - date.start)}{text[date.end :]}"
    return text


def _western(text: str) -> list[_Date]:
    is_worded = _worded().search(text) is not None
    if not is_worded and not any(char.isdigit() for char in text):
        return []
    found = [_spoken(match) for match in _SPOKEN.finditer(text)]
    typed, text = text, _blanked(text, found)
    for match in pattern(is_worded).finditer(text):
        if match.lastgroup in _KINDS and (read := _read(match.start(), match[0])):
            found.append(read)
    return _standing_alone(typed, found)


@cache
def _worded() -> re.Pattern[str]:
    """Is there a word of a date? Most texts that hold a number have none, and need not be looked through for them."""
    romanised = any_of(name for name in eras() if name.isascii())
    return re.compile(
        rf"centur|dynasty|period|\bera\b|\d0'?s|{'|'.join(_NUMBERS)}|\b(?:{any_of(MONTHS)}|{any_of(SEASONS)}|{romanised})\b"
    )


def _read(start: int, text: str) -> _Date | None:
    first, last = parse(text)
    if first is None or last is None or (text.isdigit() and not _FIRST <= first <= _LAST):
        return None
    at = start + len(text) - len(text.lstrip())
    return _Date(at, at + len(text.strip()), ((first, last),))


def _spoken(match: re.Match[str]) -> _Date:
    century = 18 if match["century"] == "eighteen" else 19
    first = century * 100 + 20 + 10 * _NUMBERS.index(match["tens"])
    return _Date(*match.span(), ((first, first + 9),))


def _standing_alone(text: str, dates: list[_Date]) -> list[_Date]:
    """Those that are no part of a code or a word: Z013-1905 is no year, pre-1911 and 1900-1920 are."""
    rest = _blanked(text, dates)
    broken = [
        token.span()
        for token in _TOKEN.finditer(text)
        if READ in (left := rest[token.start() : token.end()]) and _JOINS.fullmatch(left.replace(READ, "")) is None
    ]
    return [date for date in dates if not any(start < date.end and end > date.start for start, end in broken)]


def _joined(text: str, dates: list[_Date]) -> list[_Date]:
    """Two dates with "to" between them are one span, from the first to the last."""
    out: list[_Date] = []
    for date in dates:
        if out and date.start < out[-1].end:
            continue
        if out and _are_one(text, out[-1], date):
            out[-1] = _Date(out[-1].start, date.end, ((out[-1].spans[0][0], date.spans[-1][1]),))
        else:
            out.append(date)
    return out


def _are_one(text: str, one: _Date, other: _Date) -> bool:
    between = text[one.end : other.start]
    if not _BETWEEN_DATES.fullmatch(between) or other.spans[-1][1] < one.spans[0][0]:
        return False
    if _WEAK.fullmatch(between):
        before = text[: one.start].rstrip().removesuffix("the").rstrip()
        return before.endswith(("between", "from")) or text[other.end :].startswith(("之间", "间"))
    return True


def _bounded(text: str, date: _Date) -> _Date:
    """The date with the words round it that open an end of it or say nothing."""
    while match := _BEFORE_IT.search(text[: date.start]):
        date = _opened(replace(date, start=match.start()), match.lastgroup or "")
        if match.lastgroup != "neutral":
            break
    if match := _AFTER_IT.match(text, date.end):
        date = _opened(replace(date, end=match.end()), match.lastgroup or "")
    return date


def _opened(date: _Date, how: str) -> _Date:
    first, last = min(one for one, _ in date.spans), max(other for _, other in date.spans)
    ends = {
        "before": (YEARS[0], first - 1),
        "until": (YEARS[0], last),
        "after": (last + 1, YEARS[-1]),
        "since": (first, YEARS[-1]),
    }
    return replace(date, spans=(ends[how],)) if how in ends else date


def _piece(text: str, date: _Date) -> Piece:
    spans = [Span(first, last) for first, last in date.spans]
    meaning: Node = spans[0] if len(spans) == 1 else Either(tuple(spans))
    first, last = min(one for one, _ in date.spans), max(other for _, other in date.spans)
    says: dict[str, object] = {"from": _shown(first), "to": _shown(last)}
    if len(spans) > 1:
        says["spans"] = [list(span) for span in date.spans]
    return Piece(date.start, date.end, KIND, text[date.start : date.end], meaning, says=says)


def _shown(year: int) -> int | None:
    return None if year in (YEARS[0], YEARS[-1]) else year
