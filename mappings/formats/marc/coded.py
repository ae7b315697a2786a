"""What MARC 21 says in codes: leader, 006-008, 041."""

from __future__ import annotations

import re

from mappings.formats.marc.model import MarcRecord, each
from mappings.languages import code_of
from mappings.record import Dates, Kind, clean

_LEVELS = {
    "a": "component part",
    "b": "component part",
    "c": "collection",
    "d": "subunit",
    "i": "integrating resource",
    "m": "item",
    "s": "serial",
}
_ELECTRONIC = frozenset("oqs")
_VISUAL = frozenset("efgkor")
"""Leader/06 of maps and visual materials, whose 008 has the form of item at 29 instead of 23."""
_YEAR = re.compile(r"[0-9u]{4}", re.ASCII)
_ONE = frozenset("serptb")
_OPEN = "9999"


def is_archival(record: MarcRecord) -> bool:
    """Leader/08 "a", or mixed materials: described as archives are.

    https://www.loc.gov/marc/bibliographic/bdleader.html
    """
    return record.leader[8] == "a" or record.leader[6] in "pb"


def level(record: MarcRecord) -> str | None:
    """The level of arrangement of 351 $c, else leader/07 in words.

    https://www.loc.gov/marc/bibliographic/bd351.html
    """
    for field in record.fields("351"):
        if stated := clean(" ".join(each(field, "c"))):
            return stated.strip(" .;:").casefold() or None
    return _LEVELS.get(record.leader[7])


def kind(record: MarcRecord) -> Kind:
    """Digital when the form of item (008/23; for maps and visual materials 008/29) says electronic.

    https://www.loc.gov/marc/bibliographic/bd008a.html
    """
    place = 29 if record.leader[6] in _VISUAL else 23
    return "digital" if record.control("008")[place : place + 1] in _ELECTRONIC else "physical"


def languages(record: MarcRecord) -> tuple[str, ...]:
    """041 $a (text) and $d (sung or spoken), else 008/35-37. Old records write several codes as one: "engfre".

    https://www.loc.gov/marc/bibliographic/bd041.html
    """
    stated = [value for field in record.fields("041") for code in "ad" for value in each(field, code)]
    codes = [piece for value in stated for piece in _divided(value)]
    found = [code for piece in codes or [record.control("008")[35:38]] if (code := code_of(piece))]
    return tuple(dict.fromkeys(found))


def _divided(value: str) -> list[str]:
    if len(value) > 3 and len(value) % 3 == 0 and value.isalpha() and value.islower():
        return [value[place : place + 3] for place in range(0, len(value), 3)]
    return [value]


def coded_dates(record: MarcRecord) -> Dates | None:
    """008/06-14: type of date, first and second date; "u" is an unknown digit, 9999 no end.

    https://www.loc.gov/marc/bibliographic/bd008a.html
    """
    coded = record.control("008")
    return span_of(coded[6:7], coded[7:11], coded[11:15])


def span_of(kind: str, first: str, second: str) -> Dates | None:
    """Two coded dates as one: for single, detailed, reprint and copyright dates the second says something else."""
    if not _YEAR.fullmatch(first) or first == "uuuu" or kind in "n|b":
        return None
    start, end = _bounds(first)
    if kind in _ONE or not _YEAR.fullmatch(second):
        return Dates(_shown(first), start, end)
    if second == _OPEN or (kind in "cu" and second == "uuuu"):
        return Dates(f"{_shown(first)}-", start, None)
    if second == "uuuu" or second == first:
        return Dates(_shown(first), start, end)
    last = _bounds(second)[1]
    if last < start:
        return Dates(_shown(first), start, end)
    sign = " - " if "u" in first + second else "-"
    return Dates(f"{_shown(first)}{sign}{_shown(second)}", start, last)


def _bounds(year: str) -> tuple[int, int]:
    return int(year.replace("u", "0")), int(year.replace("u", "9"))


def _shown(year: str) -> str:
    return year.replace("u", "-") if "u" in year else year.lstrip("0") or "0"
