"""UNIMARC authority records: heading 2XX, variants 4XX, relations 5XX, the same in other languages and scripts 7XX.

https://www.ifla.org/g/unimarc-rg/unimarc-authorities-3rd-edition-with-updates/
"""

from __future__ import annotations

from pymarc import Field

from mappings.dates import dated
from mappings.formats.marc import notes
from mappings.formats.marc.model import MarcRecord, each, text, trimmed, whole
from mappings.formats.marc.unimarc import numbers
from mappings.formats.marc.unimarc_names import authority_of, heading_of
from mappings.languages import code_of
from mappings.record import AgentType, Authority, Dates, Identifier, Record, Relation, Variant

_TYPES: dict[str, AgentType] = {
    "00": "person", "10": "organisation", "15": "place", "16": "name", "20": "family", "30": "title", "35": "title",
    "40": "title", "50": "subject", "60": "place", "80": "genre",
}  # fmt: skip
_REASONS = {"a": "earlier", "b": "later", "d": "acronym", "e": "pseudonym", "f": "real name", "g": "broader"}
_REASONS |= {"h": "narrower", "i": "in religion", "j": "married name", "k": "before marriage", "l": "shared pseudonym"}
_REASONS |= {"m": "secular name", "n": "employment", "o": "employed by", "z": "name by marriage"}
_NOTES = {
    "300": "note",
    "305": "note",
    "310": "note",
    "320": "note",
    "330": "scope_and_content",
    "340": "administrative_history",
    "356": "places",
    "810": "sources",
}
_STAFF = {"815": "sources_without_result", "820": "note", "825": "note", "830": "note", "835": "note"}


def is_authority(record: MarcRecord) -> bool:
    """Leader/06: x authority, y reference, z general explanatory entry."""
    return record.leader[6] in "xyz"


def authority_record(record: MarcRecord, source_id: str) -> Record | None:
    """The authority; None when it has no heading (2XX)."""
    main = next((field for ending in _TYPES for field in record.fields(f"2{ending}") if authorised(field)), None)
    title = authorised(main) if main is not None else None
    if main is None or title is None:
        return None
    scripts = [form for field in record.fields(main.tag) if (form := authorised(field)) and form != title]
    same = [form for field in _of(record, "7") if (form := authorised(field)) and form != title]
    headings = tuple(dict.fromkeys([*scripts, *same]))
    return Record(
        source_id=source_id,
        title=title,
        kind="thematic",
        dates=existence(main),
        languages=_languages(record),
        description=_notes(record, _NOTES),
        staff_notes=_notes(record, _STAFF),
        identifiers=tuple(dict.fromkeys(_numbers(record))),
        problems=record.problems,
        authority=Authority(_TYPES[main.tag[1:]], headings, variants(record), relations(record)),
    )


def _of(record: MarcRecord, first: str) -> list[Field]:
    return [field for ending in _TYPES for field in record.fields(f"{first}{ending}")]


def authorised(field: Field) -> str | None:
    """A heading with its title ($t) and subdivisions ($j, $x, $y, $z)."""
    kind = _TYPES.get(field.tag[1:], "name")
    named = ("person", "organisation", "family")
    base = heading_of(field, kind) if kind in named else trimmed(text(field, "ahi", ". "))
    work = trimmed(text(field, "t"))
    whole_name = ". ".join(part for part in (base, work) if part)
    return (
        " -- ".join([part for part in (whole_name, *(v for code in "jxyz" for v in each(field, code))) if part]) or None
    )


def variants(record: MarcRecord) -> tuple[Variant, ...]:
    """4XX: variant access points; $5 or $0 says of what kind."""
    found = [
        Variant(form, _reason(field), _language(field)) for field in _of(record, "4") if (form := authorised(field))
    ]
    pinyin = [Variant(value, "pinyin") for field in _of(record, "2") for code in "9A" for value in each(field, code)]
    return tuple(dict.fromkeys([*found, *pinyin]))


def relations(record: MarcRecord) -> tuple[Relation, ...]:
    """5XX: related access points; $5 or $0 says of what kind, $3 has the number of their record."""
    found = [
        Relation(form, _reason(field), authority_of(field)) for field in _of(record, "5") if (form := authorised(field))
    ]
    return tuple(dict.fromkeys(found))


def _reason(field: Field) -> str | None:
    """$0, words meant for readers, else the code of $5."""
    return trimmed(text(field, "0")) or _REASONS.get(field.get("5", "")[:1])


def _language(field: Field) -> str | None:
    """$8: languages of cataloguing and of the heading, three letters each."""
    return code_of(field.get("8", "")[3:6]) if len(field.get("8", "")) == 6 else None


def existence(main: Field) -> Dates | None:
    """$f of a person or family: the dates as written."""
    written = trimmed(text(main, "f")) if main.tag in ("200", "220") else None
    return dated(written) if written else None


def _languages(record: MarcRecord) -> tuple[str, ...]:
    """101 $a: languages of the person or body."""
    found = [code for field in record.fields("101") for value in each(field, "a") if (code := code_of(value))]
    return tuple(dict.fromkeys(found))


def _numbers(record: MarcRecord) -> list[Identifier]:
    """010 is the ISNI here, not an ISBN; 035 other systems."""
    return [number for number in numbers(record) if number.type not in ("isbn", "issn")]


def _notes(record: MarcRecord, elements: dict[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for tag, element in elements.items():
        for field in record.fields(tag):
            notes.add(found, element, whole(field))
    return found
