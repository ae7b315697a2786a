"""Names and subjects of MARC 21: who made it, who took part, who and what it is about. Original script first.

https://www.loc.gov/marc/bibliographic/bd1xx.html  https://www.loc.gov/marc/bibliographic/bd6xx.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import structs
from pymarc import Field

from mappings.formats.marc.model import MarcRecord, each, make_field, text, trimmed
from mappings.record import AgentType, Name, Role, clean

HEADINGS: dict[str, str] = {"00": "abcdjq", "10": "abcdgn", "11": "acdegnq", "30": "adfgklmnoprs"}
"""Last two digits of the tag -> subfields of the heading itself (https://www.loc.gov/marc/bibliographic/bdx00.html):
person, body, meeting, title. Those of a work (X00 $t and what follows it), and relators, are no part of it."""
_PLAIN = "abcdegz"
_SUBDIVISIONS = "vxyz"
_CREATING_WORDS = """
aut cmp art pht cre arc ctg author creator composer artist photographer architect cartographer
"""
_CREATING = frozenset(_CREATING_WORDS.split())
_SUBJECTS: dict[str, AgentType] = {
    "600": "person", "610": "organisation", "611": "organisation", "630": "title", "647": "subject", "648": "subject",
    "650": "subject", "651": "place", "653": "subject", "654": "subject", "656": "subject", "657": "function",
    "658": "subject", "662": "place", "690": "subject", "691": "place", "695": "subject", "696": "person",
    "697": "organisation", "698": "subject", "699": "subject",
}  # fmt: skip
_LOCAL = {"790": "700", "791": "710", "792": "711", "796": "700", "797": "710", "798": "711"}
_UNCONTROLLED: dict[str, AgentType] = {"1": "person", "2": "organisation", "3": "organisation", "5": "place"}
_BAR_CODED = re.compile(r"\s*\|\s?[a-z] ")
"""A subfield sign that an export wrote into the text: "Communism |z United States"."""
_AUTHORITY = re.compile(r"\([^)]+\)\S.*|https?://\S+|urn:\S+|\S*\d\S*")


def creators(record: MarcRecord) -> list[Name]:
    """100, 110, 111: main entry.

    https://www.loc.gov/marc/bibliographic/bd100.html
    """
    fields = record.fields("100", "110", "111")
    return [name for field in fields if (name := agent(field, agent_type(field), "creator"))]


def added_names(record: MarcRecord) -> list[Name]:
    """700, 710, 711, 720, and the local 79X like them: added entries, creators where their relator says so; 751, 752:
    places of production.

    https://www.loc.gov/marc/bibliographic/bd700.html  https://www.loc.gov/marc/bibliographic/bd752.html
    """
    found = []
    for field in [*record.fields("700", "710", "711", "720"), *_local(record)]:
        name = agent(field, agent_type(field), "name")
        if name is not None:
            creating = name.relator is not None and name.relator.casefold().strip(".") in _CREATING
            found.append(structs.replace(name, role="creator") if creating else name)
    for field in record.fields("751", "752"):
        if place := trimmed(text(field, "abcdfgh", " -- ")):
            found.append(Name(place, "place", "name", relator(field), authority(field)))
    return found


def _local(record: MarcRecord) -> list[Field]:
    """Local added entries, under the tag they are modelled on."""
    made = [
        make_field(like, f"{field.indicator1}{field.indicator2}", field.subfields)
        for tag, like in _LOCAL.items()
        for field in record.fields(tag)
    ]
    return [field for field in made if field is not None]


def agent_type(field: Field) -> AgentType:
    """What a heading field names: X00 a person, or a family (first indicator 3); X10 and X11 bodies; 720 either.

    https://www.loc.gov/marc/bibliographic/bdx00.html
    """
    if field.tag == "720":
        return "person" if field.indicator1 == "1" else "name"
    if field.tag.endswith("00"):
        return "family" if field.indicator1 == "3" else "person"
    return "title" if field.tag.endswith("30") else "organisation"


def agent(field: Field, kind: AgentType, role: Role) -> Name | None:
    """The name of a heading field with its relator and authority."""
    heading = heading_of(field)
    return Name(heading, kind, role, relator(field), authority(field)) if heading else None


def heading_of(field: Field) -> str | None:
    """The heading without work and subdivisions; a person's dates are set off by a comma, as is the rule."""
    codes = HEADINGS.get(field.tag[1:], _PLAIN)
    parts: list[str] = []
    for part in field.subfields:
        if part.code == "t":
            break  # what follows belongs to the work
        value = clean(part.value) if part.code in codes else None
        if value is None:
            continue
        if parts and part.code == "d" and codes == HEADINGS["00"] and parts[-1][-1] not in ",;:-":
            parts[-1] += ","
        parts.append(value)
    return trimmed(" ".join(parts))


def relator(field: Field) -> str | None:
    """$e (X11: $j) as written, else the code of $4, which may be an address whose end is the code.

    https://www.loc.gov/marc/relators/
    """
    codes = "j" if field.tag.endswith("11") else "e"
    if words := [word for value in each(field, codes) if (word := trimmed(value))]:
        return ", ".join(words).strip(" .") or None
    return next((value.rstrip("/").rpartition("/")[2] or None for value in each(field, "4")), None)


def authority(field: Field) -> str | None:
    """$0 or $1, an address before a number with its source in parentheses; words in $0 are none.

    https://www.loc.gov/marc/bibliographic/ecbdcntf.html
    """
    found = [value for code in "01" for value in each(field, code) if _AUTHORITY.fullmatch(value)]
    return next((value for value in found if value.startswith("http")), found[0] if found else None)


def subjects(record: MarcRecord) -> list[Name]:
    """600-662, 69X. A name or place with subdivisions counts as itself, and the whole heading as a subject.

    https://www.loc.gov/marc/bibliographic/bd6xx.html
    """
    return [name for tag, kind in _SUBJECTS.items() for field in record.fields(tag) for name in _subject(field, kind)]


def _subject(field: Field, kind: AgentType) -> Iterable[Name]:
    if field.tag == "653":
        kind = _UNCONTROLLED.get(field.indicator2, "subject")
        return [Name(term, kind, "subject") for value in each(field, "a") if (term := trimmed(value))]
    if field.tag == "600" and field.indicator1 == "3":
        kind = "family"
    link = authority(field)
    base = _plain(field)
    if base is None:
        return []
    divided = " -- ".join([base, *_divisions(field)])
    if kind in ("subject", "function") or divided == base:
        return [Name(divided, kind, "subject", None, link)]
    return [Name(base, kind, "subject", None, link), Name(divided, "subject", "subject")]


def _plain(field: Field) -> str | None:
    """The heading before its subdivisions; of a name with a work both ("Dante Alighieri. Divina commedia")."""
    if field.tag[1:] in HEADINGS:
        return heading_of(field)
    said = trimmed(text(field, "abcdefgh" if field.tag in ("662", "651", "691") else "abcdg"))
    return _BAR_CODED.sub(" -- ", said) if said else None


def _divisions(field: Field) -> list[str]:
    work = [text(field, "tklmnoprs")] if field.get("t") else []
    divisions = [trimmed(part.value) for part in field.subfields if part.code in _SUBDIVISIONS]
    return [value for part in (*work, *divisions) if (value := clean(trimmed(part)))]


def formats(record: MarcRecord) -> tuple[str, ...]:
    """655 genre or form, with its subdivisions; 653 where its second indicator says form.

    https://www.loc.gov/marc/bibliographic/bd655.html
    """
    found = [
        " -- ".join(part for part in (trimmed(text(field, "abc")), *_divisions(field)) if part)
        for field in record.fields("655")
    ]
    found += [value for field in record.fields("653") if field.indicator2 == "6" for value in each(field, "a")]
    return tuple(dict.fromkeys(filter(None, found)))


def unique(names: Iterable[Name]) -> tuple[Name, ...]:
    """Names in order, each once."""
    return tuple(dict.fromkeys(names))
