"""Authority records of MARC 21: the authorised heading, its variants and relations, existence, notes.

https://www.loc.gov/marc/authority/
"""

from __future__ import annotations

from pymarc import Field

from mappings.dates import NOTHING, Span, dated, parse
from mappings.formats.marc import notes, numbers
from mappings.formats.marc.model import Linked, MarcRecord, each, text, trimmed, whole
from mappings.formats.marc.names import HEADINGS, heading_of
from mappings.languages import code_of
from mappings.record import AgentType, Authority, Dates, Record, Relation, Variant

TYPES: dict[str, AgentType] = {
    "00": "person", "10": "organisation", "11": "organisation", "30": "title", "47": "subject", "48": "subject",
    "50": "subject", "51": "place", "55": "genre", "62": "subject", "80": "subject", "81": "place", "82": "subject",
    "85": "genre",
}  # fmt: skip
"""Last two digits of 1XX, 4XX, 5XX, 7XX -> what is named (https://www.loc.gov/marc/authority/ad1xx3xx.html)."""
_REASONS = {"a": "earlier", "b": "later", "d": "acronym", "f": "musical composition", "g": "broader", "h": "narrower"}
_REASONS |= {"t": "parent body"}
_NOTES = {
    "368": "attributes",
    "370": "places",
    "371": "address",
    "372": "field_of_activity",
    "373": "affiliation",
    "374": "occupation",
    "376": "family_information",
    "670": "sources",
    "678": "administrative_history",
    "680": "scope_and_content",
    "681": "note",
}
_STAFF = {"663": "references", "667": "note", "675": "sources_without_result", "682": "note"}


def is_authority(record: MarcRecord) -> bool:
    """Leader/06 "z".

    https://www.loc.gov/marc/authority/adleader.html
    """
    return record.leader[6] == "z"


def authority_record(record: MarcRecord, source_id: str) -> Record | None:
    """The authority; None when it has no heading (1XX)."""
    main = _main(record)
    if main is None:
        return None
    title, others = _headings(main)
    kind = _type(main.field)
    return Record(
        source_id=source_id,
        title=title,
        kind="thematic",
        dates=existence(record, main.field),
        languages=languages(record),
        description=_notes(record, _NOTES),
        staff_notes=_notes(record, _STAFF),
        identifiers=tuple(numbers.identifiers(record)),
        problems=record.problems,
        authority=Authority(kind, (*others, *_equivalents(record, title)), variants(record), relations(record)),
    )


def _main(record: MarcRecord) -> Linked | None:
    for ending in TYPES:
        for linked in record.linked(f"1{ending}"):
            if authorised(linked.parallel or linked.field):
                return linked
    return None


def _type(field: Field) -> AgentType:
    kind = TYPES.get(field.tag[1:], "name")
    return "family" if kind == "person" and field.indicator1 == "3" else kind


def _headings(main: Linked) -> tuple[str, list[str]]:
    """(authorised form, the same in another script): the authorised form is that of the 1XX itself; an 880 that stands
    for it is of equal rank.
    """
    forms = [authorised(field) for field in (main.parallel, main.field) if field is not None]
    first, *others = [form for form in forms if form]
    return first, others


def authorised(field: Field) -> str | None:
    """A heading in full: with work ($t ...) and subdivisions set off by dashes.

    https://www.loc.gov/marc/authority/ad1xx3xx.html
    """
    base = heading_of(field) if field.tag[1:] in HEADINGS else trimmed(text(field, "abcdg"))
    work = trimmed(text(field, "tklmoprs")) if field.get("t") else None
    named = ". ".join(part for part in (base, work) if part)
    divisions = [value for part in field.subfields if part.code in "vxyz" and (value := trimmed(part.value.strip()))]
    return " -- ".join(part for part in (named, *divisions) if part) or None


def variants(record: MarcRecord) -> tuple[Variant, ...]:
    """4XX: see-from tracings; $i or $w says what kind of form it is.

    https://www.loc.gov/marc/authority/adtracing.html
    """
    fields = [field for ending in TYPES for field in record.fields(f"4{ending}")]
    found = [Variant(form, _reason(field)) for field in fields if (form := authorised(field))]
    return tuple(dict.fromkeys(found))


def relations(record: MarcRecord) -> tuple[Relation, ...]:
    """5XX: see-also-from tracings, with $i or $w as their kind and $0 or $1 as their authority.

    https://www.loc.gov/marc/authority/adtracing.html
    """
    fields = [field for ending in TYPES for field in record.fields(f"5{ending}")]
    found = [
        Relation(form, _reason(field), next(iter(each(field, "0") + each(field, "1")), None))
        for field in fields
        if (form := authorised(field))
    ]
    return tuple(dict.fromkeys(found))


def _reason(field: Field) -> str | None:
    if stated := trimmed(" ".join(each(field, "i"))):
        return stated
    return _REASONS.get(field.get("w", "")[:1])


def _equivalents(record: MarcRecord, title: str) -> list[str]:
    """7XX: the heading of the same in another list or language.

    https://www.loc.gov/marc/authority/ad7xx.html
    """
    fields = [field for ending in TYPES for field in record.fields(f"7{ending}")]
    found = [form for field in fields if (form := authorised(field)) and form != title]
    return list(dict.fromkeys(found))


def existence(record: MarcRecord, main: Field) -> Dates | None:
    """The dates of the heading ($d) as written, their years from 046 where that says them; else those of 046.

    https://www.loc.gov/marc/authority/ad046.html
    """
    written = trimmed(text(main, "d")) if main.tag[1:] == "00" else None
    for field in record.fields("046"):
        first, last = (text(field, codes) for codes in ("fs", "gt"))
        if first or last:
            said = f"{_day(first)}/{_day(last)}" if last else _day(first)
            return Dates(written or said.strip("/"), *_years(first, last))
    return dated(written) if written else None


def _years(first: str | None, last: str | None) -> Span:
    start = parse(_day(first)) if first else NOTHING
    end = parse(_day(last)) if last else NOTHING
    return start[0], end[1] if end[1] is not None else None


def _day(coded: str | None) -> str:
    """yyyymmdd or yyyymm as ISO 8601; 046 also has EDTF, which stays."""
    if coded is None:
        return ""
    if coded.isdigit() and coded.isascii() and len(coded) in (6, 8):
        return "-".join(part for part in (coded[:4], coded[4:6], coded[6:]) if part)
    return coded


def languages(record: MarcRecord) -> tuple[str, ...]:
    """377 $a: languages associated with the person or body.

    https://www.loc.gov/marc/authority/ad377.html
    """
    found = [code for field in record.fields("377") for value in each(field, "a") if (code := code_of(value))]
    return tuple(dict.fromkeys(found))


def _notes(record: MarcRecord, elements: dict[str, str]) -> dict[str, str]:
    """Notes and attributes under their names, one a line.

    https://www.loc.gov/marc/authority/ad6xx.html
    """
    found: dict[str, str] = {}
    for tag, element in elements.items():
        for field in record.fields(tag):
            notes.add(found, element, trimmed(whole(field, without="stuv" if tag < "600" else "")))
    return found
