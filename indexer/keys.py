"""Keys of a resource document: by which it sorts, is folded with others like it, and belongs to its fonds."""

from __future__ import annotations

import re
from typing import Any

from indexer.resource import Member, ResourceIds, id_number
from mappings.reference_codes import key as code_key
from mappings.text import fold, runs

UNDATED = 1 << 62
"""The least of the keys by which what has no date is sorted: behind everything that has one."""
MOST_TITLE = 1_000
"""Characters of a title that count for likeness."""
_TIES = (1 << 16) - 1
_NUMBER = r"[\d〇零一二三四五六七八九十百千]+"
_NUMBERS = re.compile(rf"{_NUMBER}(?:[-–—~/.,、之至]{_NUMBER})*")


def fonds_of(hit: dict[str, Any]) -> dict[str, Any]:
    """The topmost unit above a hit that is for everyone, ``{"id", "title"}``, else the hit itself."""
    top: dict[str, Any] = hit["ancestors"][0] if hit["ancestors"] else hit
    return top


def alike(member: Member, resource_id: ResourceIds) -> int | None:
    """What near-identical siblings have in common: where they hang, and their titles but for the numbers in them.

    Units that are not for everyone are passed over: what is shown as one must not tell of them.
    """
    above = next((above for above in reversed(member.record.ancestors) if not above.internal), None)
    if above is None:
        return None
    title = _NUMBERS.sub("#", fold(member.record.title[:MOST_TITLE]))
    return id_number(f"{resource_id(member.source, above.source_id)}|{title}")


def twin(title: str, code: str | None, holder: str | None) -> int | None:
    """What two descriptions of one thing have in common, whoever delivers them: title, code and holder."""
    written = code_key(code) if code else None
    return id_number(f"{written}|{holder}|{fold(title)}") if written and holder else None


def date_key(start: int, first: str, end: int, last: str, resource: str) -> int:
    """Two days, each its year and ``MM-DD``, as a number that sorts as they do; a part of the id tells equal ones apart
    (23, 23 and 16 bits)."""
    return (_day(start, first) << 39) + (_day(end, last) << 16) + (id_number(resource) & _TIES)


def _day(year: int, month_and_day: str) -> int:
    counted = min(max(year, -9_999), 9_999) + 10_000
    return (counted * 12 + int(month_and_day[:2])) * 31 + int(month_and_day[3:])


def undated_key(resource: str) -> int:
    """The key of what has no date."""
    return UNDATED + (id_number(resource) & _TIES)


def natural_key(code: str) -> str:
    """A key by which codes sort as people do: Z013-2 before Z013-10."""
    return " ".join(run.zfill(10) if run.isdigit() else run for run in runs(fold(code)))[:200]
