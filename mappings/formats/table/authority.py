"""Rows that describe names instead of material: persons, bodies, places or subjects with their variants.

``fixed: {authority: person}``, or a column that says it, makes a row an authority record: the title is the authorised
form, `variants` and `relations` are further columns whose headers say of which kind they are (字, 號, 父).
"""

from __future__ import annotations

import re
from typing import get_args

from msgspec import structs

from mappings.dates import Span, parse
from mappings.formats.table.plan import Cells
from mappings.record import AgentType, Authority, Dates, Record, Relation, Variant

TYPES: tuple[AgentType, ...] = get_args(AgentType)


def completed(record: Record, cells: Cells) -> Record:
    """The record with its authority, if the row is to have one; dates in two columns are then those of existence."""
    stated = cells.one("authority")
    kind = next((known for known in TYPES if known == stated), None)
    if kind is None:
        return record
    variants = (Variant(text, header) for header, text in cells.pieces("variants") if text != record.title)
    relations = (Relation(text, header) for header, text in cells.pieces("relations"))
    columns = cells.each("dates")
    return structs.replace(
        record,
        dates=_existence(*columns) if len(columns) == 2 else record.dates,
        names=tuple(structs.replace(name, role="name") for name in record.names),
        authority=Authority(kind, (), tuple(dict.fromkeys(variants)), tuple(dict.fromkeys(relations))),
    )


def _existence(begin: str | None, end: str | None) -> Dates | None:
    """Beginning and end (ISAAR(CPF) 5.2.1), each from its own column: an end alone is no beginning. Many databases
    write 0 for unknown.
    """
    begin, end = (None if text == "0" else text for text in (begin, end))
    if begin is None and end is None:
        return None
    start = _years(begin)[0] if begin else None
    stop = _years(end)[1] if end else None
    return Dates(f"{begin or ''} - {end or ''}".strip(), start, stop)


def _years(text: str) -> Span:
    """A bare number is a year however short, and a negative one is before the common era (-145 is 145 BCE)."""
    if not _YEAR.fullmatch(text):
        return parse(text)
    year = int(text)
    return (year + 1, year + 1) if year < 0 else (year, year)


_YEAR = re.compile(r"-?\d{1,4}", re.ASCII)
