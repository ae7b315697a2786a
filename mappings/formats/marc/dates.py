"""Dates of MARC 21: of creation in 245 $f $g, of publication in 260 and 264 $c; as written, their years beside them."""

from __future__ import annotations

from pymarc import Field

from mappings.dates import NOTHING, Span, dated, joined, parse
from mappings.formats.marc.coded import coded_dates, is_archival
from mappings.formats.marc.model import Linked, MarcRecord, each, trimmed
from mappings.record import Dates

_BEST_FIRST = ("1", "0", " ", "2", "3")
"""264, second indicator: publication, production, none stated, distribution, manufacture. Copyright (4) comes last."""


def dates(record: MarcRecord) -> Dates | None:
    """Of archives the dates of creation (245 $f, $g), of other material those of publication; else the other of the
    two, else the coded ones of 008. An end that the text leaves open is taken from the code.

    https://www.loc.gov/marc/bibliographic/bd245.html  https://www.loc.gov/marc/bibliographic/bd264.html
    """
    coded = coded_dates(record)
    choices = (_creation, _publication) if is_archival(record) else (_publication, _creation)
    for choice in choices:
        found = choice(record)
        if found is not None:
            return _with_code(found, coded)
    return coded


def _with_code(found: Dates, coded: Dates | None) -> Dates:
    if coded is None or (found.start is not None and found.end is not None):
        return found
    if found.start is None and found.end is None:
        return Dates(found.text, coded.start, coded.end)
    if found.start is not None and coded.end is not None and coded.end >= found.start and coded.start == found.start:
        return Dates(found.text, found.start, coded.end)
    return found


def _creation(record: MarcRecord) -> Dates | None:
    """245 $f inclusive dates, $g bulk dates, which lie within them."""
    for field in record.fields("245"):
        inclusive = trimmed(" ".join(each(field, "f")))
        bulk = trimmed(" ".join(each(field, "g")))
        if inclusive is None and bulk is None:
            continue
        said = bulk if bulk is None or "bulk" in bulk.casefold() else f"bulk {bulk}"
        return joined(", ".join(part for part in (inclusive, said) if part), (dated(inclusive or bulk or ""),))
    return None


def _publication(record: MarcRecord) -> Dates | None:
    """260 $c, or $c of the 264 that says most; the years from whichever script they can be read in."""
    candidates = sorted(record.linked("264"), key=_rank)
    for linked in (*candidates, *record.linked("260")):
        written = _written(linked.field) or (_written(linked.parallel) if linked.parallel else None)
        if written is not None:
            return Dates(written, *_years(linked, written))
    return None


def _rank(linked: Linked) -> int:
    indicator = linked.field.indicator2
    return _BEST_FIRST.index(indicator) if indicator in _BEST_FIRST else len(_BEST_FIRST)


def _written(field: Field) -> str | None:
    return trimmed(", ".join(value.strip(" ,;") for value in each(field, "c")))


def _years(linked: Linked, written: str) -> Span:
    found = parse(written)
    if found == NOTHING and linked.parallel is not None and (other := _written(linked.parallel)):
        return parse(other)
    return found
