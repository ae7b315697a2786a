"""Which ready crosswalk a sheet is of, told by its headers."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from mappings.crosswalks import crosswalk, names
from mappings.formats.table.rows import folded

_Marks = tuple[frozenset[str], frozenset[str], int, frozenset[str]]


def recognised(headers: Iterable[str]) -> str | None:
    """The name of the crosswalk whose signature fits, the one with most of its marks when several do; else None."""
    present = {folded(header) for header in headers}
    found = {name: score for name, marks in _signatures().items() if (score := _score(marks, present))}
    return max(found, key=lambda name: found[name]) if found else None


@cache
def _signatures() -> dict[str, _Marks]:
    return {name: _marks(name) for name in names()}


def _marks(name: str) -> _Marks:
    signature = crosswalk(name).signature
    every, some, none = (frozenset(map(folded, part)) for part in (signature.all, signature.any, signature.none))
    return every, some, signature.least, none


def _score(marks: _Marks, present: set[str]) -> int:
    every, some, least, none = marks
    if not every <= present or none & present:
        return 0
    hits = len(some & present)
    return len(every) + hits if hits >= least else 0
