"""From a text to what it says: the readers in their order, open ends, doubts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from msgspec import Struct

from mappings.dates.chinese import read_chinese
from mappings.dates.days import DECEMBER_31, JANUARY_1, PRECISIONS, STILL, Stretch, iso
from mappings.dates.eras import folded
from mappings.dates.patterns import single_spaced
from mappings.dates.western import read_western, stripped
from mappings.record import Dates
from mappings.remember import remember

Span = tuple[int | None, int | None]
NOTHING: Span = (None, None)
LONGEST = 500
"""Characters; a longer text is a note, not a date."""
_REMEMBERED = 16_384
"""Texts. The 64,056 records of the finding aids that we test with have 10,928 different ones: 65,536 are no faster,
4,096 a tenth slower."""

_ONE = re.compile(r"\s*\[?([12]\d{3})\]?[.?]?\s*", re.ASCII)
_TWO = re.compile(r"\s*\[?([12]\d{3})\s*[-/]\s*([12]\d{3})\]?\s*", re.ASCII)
_LATEST = 2199
_EAST = re.compile(r"[\u4e00-\u9fff\uac00-\ud7a3〇]")
_SIGNS = {
    **dict.fromkeys(map(ord, "‐‑‒–—―−"), "-"),
    **dict.fromkeys(map(ord, "〜～"), "~"),
    **{ord(wide): chr(ord(wide) - 0xFEE0) for wide in "／．，（）［］？："},
    **{code + digit: str(digit) for code in (0x660, 0x6F0) for digit in range(10)},
    0: " ",
    ord("©"): " ",
    ord("℗"): " ",
}
_SAYS_NO_DATE = re.compile(
    r"\bun-?dated?s?\b|\bn\.?\s?d\b\.?|\bs\.?\s?[da]\b\.|\[s\.?\s?[da]\.?\]|\bo\.?\s?[jd]\b\."
    r"|\bno dates?\b|\bdate .*not identified|\bnot dated\b"
    r"|\bunknown\b|\bsine anno\b|\bsans date\b|\bsin fecha\b|\bsenza data\b|\bsem data\b|\bohne (?:jahr|datum)\b"
    r"|\bdates? not (?:known|given|available)\b|不详|无日期|无年月|年代不明|日期不明|未详|时间不明|^\W+$"
)
_ROUGH = re.compile(
    r"\b(?:ca|circa|about|abt|approx(?:imately|\.)?|around|vers|env(?:iron)?|um|etwa|hacia|verso|omstreeks)\b|\bc\.?\s*(?=[\[\d]|early|late|mid)|[~%]|约|顷|左右|前后"
)
_DOUBT = re.compile(
    r"[?%]|\bprob(?:ably|\.)?|\bpossibly\b|\bperhaps\b|\bor\b|\bpeut-etre\b|\bwohl\b|\bvermutl|或|疑|可能"
)
_AFTER = re.compile(
    r"^\W*(?:not before|on or after|no earlier than|after|since|from|aft|post|begun|apres|depuis|nach|seit|ab|dopo|dal"
    r"|desde|despues de|apos|na)\b[\W]*"
    r"(?:ca?\.?|circa|about)?\s*\0+[^\0]*$"
)
_ONWARDS = re.compile(
    r"\0\s*(?:(?:-|/|to|until|till)\s*(?:\.\.+|9999|date|open|now|today|heute)?|以后|之后|起|至今|至今日|onwards?|ff\.?)"
    r"[\s.,;&]*(?:(?:and\s+)?undated?)?[\s.]*$|\0\s*(?:-|to|until)\s*(?:present|ongoing|current)\b"
    r"|\0[\s,;/-]*(?:(?:to|until|till)\s*)?(?:the\s+)?(?:present|current|ongoing)[\s.]*$"
)
_BEFORE = re.compile(
    r"^\W*(?:not after|no later than|on or before|prior to|before|until|till|up to|pre|bef|ante|avant"
    r"|jusqu'?(?:a|en)?|vor|bis|prima del|antes d[eo]|tot|voor)\b[\W]*(?:ca?\.?|circa|about)?\s*\0"
    r"|^\s*(?:\.\.\s*/|/|-)\s*\0|\0\s*(?:以前|之前)\s*$"
)


class Reading(Struct, frozen=True, omit_defaults=True):
    """What a date text says.

    `earliest` and `latest` are ISO 8601 days with astronomical years, both included, None at an open end or when no
    time is named. `precision` is that of the coarsest date in it (day, month, season, year, decade, century, era).
    `uncertain` means that the cataloguer doubted it or that it can be read in several ways, all of which the days
    cover. `undated` means that it says so, of all or of a part.
    """

    earliest: str | None = None
    latest: str | None = None
    precision: str | None = None
    approximate: bool = False
    uncertain: bool = False
    open_start: bool = False
    open_end: bool = False
    undated: bool = False
    calendar: str = "gregorian"


class _Understood(NamedTuple):
    text: str
    stretches: list[Stretch]
    open_start: bool = False
    open_end: bool = False

    @property
    def first(self) -> int | None:
        return None if self.open_start else min(one.first for one in self.stretches)

    @property
    def last(self) -> int | None:
        last = None if self.open_end else max(one.last for one in self.stretches)
        return last if last is None or last >> 9 != STILL else None


@remember(_REMEMBERED)
def parse(text: str) -> Span:
    """The first and last year a text speaks of, both included; None at an open end, (None, None) when it names none.
    Never raises.
    """
    if found := _ONE.fullmatch(text):
        year = int(found[1])
        return (year, year) if year <= _LATEST else NOTHING
    if (found := _TWO.fullmatch(text)) and found[1] <= found[2] <= str(_LATEST):
        return int(found[1]), int(found[2])
    understood = _understand(text)
    if not understood.stretches:
        return NOTHING
    first, last = understood.first, understood.last
    return first if first is None else first >> 9, last if last is None else last >> 9


def read(text: str) -> Reading:
    """Everything a text says of time. Never raises."""
    understood = _understand(text)
    plain, stretches = understood.text, understood.stretches
    undated = _SAYS_NO_DATE.search(plain) is not None
    if not stretches:
        return Reading(undated=undated)
    first, last = understood.first, understood.last
    return Reading(
        earliest=None if first is None else iso(first),
        latest=None if last is None else iso(last),
        precision=max((one.precision for one in stretches), key=PRECISIONS.index),
        approximate=any(one.approximate for one in stretches) or _ROUGH.search(plain) is not None,
        uncertain=any(one.uncertain for one in stretches) or _DOUBT.search(plain) is not None,
        open_start=understood.open_start,
        open_end=last is None,
        undated=undated,
        calendar=next((one.calendar for one in stretches if one.calendar != "gregorian"), "gregorian"),
    )


def _understand(text: str) -> _Understood:
    plain = text[:LONGEST]
    is_ascii = plain.isascii()
    plain = single_spaced(plain.lower().replace("\0", " ") if is_ascii else folded(plain.translate(_SIGNS)))
    stretches: list[Stretch] = []
    rest = plain
    if not is_ascii and _EAST.search(plain):
        stretches, rest = read_chinese(plain)
    western, rest = read_western(stripped(rest))
    stretches = stretches + western
    if not stretches or not rest:
        return _Understood(plain, stretches)
    return _Understood(plain, stretches, *_open(rest))


def _open(rest: str) -> tuple[bool, bool]:
    """Is it open at the start, at the end? Never at both: "before 1950-" says nothing of either."""
    if _BEFORE.search(rest):
        return True, False
    return False, _ONWARDS.search(rest) is not None or _AFTER.search(rest) is not None


@remember(_REMEMBERED)
def dated(text: str) -> Dates:
    """The dates of a record from their text: years, and days where they are finer than whole years."""
    understood = _understand(text)
    if not understood.stretches:
        return Dates(text)
    return _dates(text, understood.first, understood.last)


def joined(text: str, parts: Iterable[Dates]) -> Dates:
    """The dates of a record whose time is said in several places; `text` is what is shown.

    The ends are the outermost ones of the parts, as far as these are closed.
    """
    found = tuple(parts)
    firsts = [part for part in found if part.start is not None]
    lasts = [part for part in found if part.end is not None]
    first = min(((part.start, part.earliest or "") for part in firsts), default=(None, ""))
    last = max(((part.end, part.latest or _AFTER_ALL) for part in lasts), default=(None, ""))
    earliest, latest = first[1] or None, None if last[1] == _AFTER_ALL else last[1] or None
    if first[0] is not None and earliest is None and latest is not None:
        earliest = iso(first[0] << 9 | JANUARY_1)
    if last[0] is not None and latest is None and earliest is not None:
        latest = iso(last[0] << 9 | DECEMBER_31)
    return Dates(text, first[0], last[0], earliest, latest)


def is_unread(dates: Dates) -> bool:
    """Does it have a text that names no time we understand, and that does not say "undated" either?"""
    return dates.start is None and dates.end is None and not read(dates.text).undated


_AFTER_ALL = "~"
"""Sorts behind every day of a year: a part without days reaches to the end of its year."""


def _dates(text: str, first: int | None, last: int | None) -> Dates:
    """With days only when one end is no end of a year."""
    start, end = None if first is None else first >> 9, None if last is None else last >> 9
    if (first is None or first & 511 == JANUARY_1) and (last is None or last & 511 == DECEMBER_31):
        return Dates(text, start, end)
    return Dates(text, start, end, None if first is None else iso(first), None if last is None else iso(last))
