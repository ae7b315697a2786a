"""What else a row says of a person or body: when it existed, and whom it stands to. ISAAR(CPF) 5.2.1 and 5.3."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import structs

from mappings.dates import Span, parse
from mappings.formats.table.plan import Cells
from mappings.record import Dates, Record, Relation


def completed(record: Record, cells: Cells, columns: Sequence[str]) -> Record:
    """An authority record with its `relations`, of the kind their column's header says, and with dates of existence
    when `columns`, the headers of its dates, are two; any other record as it is.
    """
    known = record.authority
    if known is None:
        return record
    separator = cells.separator("relations")
    relations = tuple(
        Relation(name, header)
        for header, text in cells.labelled("relations")
        for piece in (text.split(separator) if separator else (text,))
        if (name := piece.strip())
    )
    variants = tuple(dict.fromkeys(variant for variant in known.variants if variant.name != record.title))
    return structs.replace(
        record,
        dates=_existence(cells, columns) if len(columns) == 2 else record.dates,
        authority=structs.replace(known, variants=variants, relations=(*known.relations, *relations)),
    )


def _existence(cells: Cells, columns: Sequence[str]) -> Dates | None:
    """Beginning and end, each from its own column: an end alone is no beginning. Many databases write 0 for unknown."""
    found = {header: text for header, text in cells.labelled("dates") if text != "0"}
    begin, end = (found.get(header) for header in columns)
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
