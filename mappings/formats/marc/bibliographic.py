"""A bibliographic or holdings record of MARC 21 as a record of ours: the fields put together, one function for each.

https://www.loc.gov/marc/bibliographic/  https://www.loc.gov/marc/holdings/
"""

from __future__ import annotations

from collections.abc import Iterable

from mappings.formats.marc import coded, dates, items, links, names, notes, numbers, titles
from mappings.formats.marc.model import MarcRecord
from mappings.record import Identifier, Record

HOLDINGS = frozenset("uvxy")
"""Leader/06 of a holdings record (https://www.loc.gov/marc/holdings/hdleader.html)."""


def bibliographic(record: MarcRecord, source_id: str, holder: str | None) -> Record:
    """The record of `record`; `holder` is that of the source file."""
    title, parallel = titles.titles(record)
    copies, identifiers, related = links.links(record)
    level = coded.level(record)
    code = numbers.reference_code(record)
    when = dates.dates(record)
    return Record(
        source_id=source_id,
        title=title or titles.other_title(record) or (when.text if when else "untitled"),
        supplied_title=title is None,
        kind=coded.kind(record),
        level=level,
        reference_code=code,
        fonds=code if level in ("collection", "fonds") else None,
        holder=holder or items.holder(record),
        dates=when,
        names=names.unique([*names.creators(record), *names.added_names(record), *names.subjects(record)]),
        languages=coded.languages(record),
        formats=names.formats(record),
        extent=notes.extent(record),
        description=_description(record, parallel, related),
        staff_notes=notes.staff_notes(record),
        identifiers=tuple(dict.fromkeys([*numbers.identifiers(record), *identifiers])),
        holdings=items.holdings(record),
        copies=copies,
        access=notes.access(record),
        problems=record.problems,
    )


def _description(record: MarcRecord, parallel: list[str], related: list[str]) -> dict[str, str]:
    """Titles, publication and notes, each under its name; several of one kind one below the other."""
    found: dict[str, str] = {}
    for key, lines in (
        ("parallel_title", parallel),
        ("responsibility", titles.responsibility(record)),
        ("uniform_title", titles.uniform(record)),
        ("variant_titles", titles.variants(record)),
        ("edition", notes.edition(record)),
        ("publication", notes.publication(record)),
        ("series", titles.series(record)),
    ):
        _all(found, key, lines)
    for key, said in notes.description(record).items():
        notes.add(found, key, said)
    _all(found, "added_titles", titles.added(record))
    for key, said in notes.related(record):
        notes.add(found, key, said)
    _all(found, "related_links", related)
    notes.add(found, "classification", None if numbers.reference_code(record) else notes.classification(record))
    notes.add(found, "other_identifiers", numbers.other_numbers(record))
    return found


def _all(found: dict[str, str], key: str, lines: Iterable[str]) -> None:
    for line in lines:
        notes.add(found, key, line)


def holdings_record(record: MarcRecord, source_id: str, holder: str | None) -> Record:
    """A holdings record by itself: what is on the shelf of the bibliographic record that 004 names.

    https://www.loc.gov/marc/holdings/hd004.html
    """
    copies, identifiers, related = links.links(record)
    described = numbers.control_of(record)
    description: dict[str, str] = {}
    _all(description, "related_links", related)
    return Record(
        source_id=source_id,
        title=f"Holdings of {described}" if described else "Holdings",
        supplied_title=True,
        level="holdings",
        holder=holder or items.holder(record),
        description={**notes.description(record), **description},
        staff_notes=notes.staff_notes(record),
        identifiers=(*numbers.identifiers(record), *identifiers, *_described(described)),
        holdings=items.holdings(record),
        copies=copies,
        access=notes.access(record),
        problems=record.problems,
    )


def _described(number: str | None) -> list[Identifier]:
    return [Identifier("control_number", number)] if number else []
