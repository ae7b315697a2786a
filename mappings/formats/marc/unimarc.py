"""UNIMARC and CNMARC bibliographic records.

https://www.ifla.org/g/unimarc-rg/unimarc-bibliographic-3rd-edition-with-updates/ (IFLA); CNMARC is GB/T 33286, the same
with Chinese practice: pinyin in $9 or $A, dynasties in $c before the name, class marks in 690, holdings in 905.
"""

from __future__ import annotations

import re

from pymarc import Field

from mappings.access import Access, together
from mappings.access_statements import statement
from mappings.dates import parse
from mappings.formats.marc import items, links, notes
from mappings.formats.marc.coded import span_of
from mappings.formats.marc.model import MarcRecord, each, isbd, text, trimmed, whole
from mappings.formats.marc.unimarc_names import names
from mappings.identifiers import typed
from mappings.languages import code_of
from mappings.record import Dates, Holding, Identifier, Record, clean

_LEVELS = {
    "a": "component part",
    "c": "collection",
    "i": "integrating resource",
    "m": "item",
    "s": "serial",
}
_GENERAL_DATA = re.compile(r"\d{8}[a-z# |]", re.ASCII)
_MARC21_ONLY = frozenset({"245", "008"})
_MARC21_HEADINGS = frozenset({"100", "110", "111", "130", "150", "151", "155"})
_TITLE_OR_HEADING = frozenset({"200", "210", "215", "220", "230", "250"})
_ISBN = re.compile(r"[\dXx][\dXx\s-]{8,16}")
_ISSN = re.compile(r"\d{4}-?\d{3}[\dXx]", re.ASCII)
_DATE_TYPES = {"d": "s", "e": "r", "f": "q", "g": "m", "h": "t", "i": "t", "j": "e", "a": "c", "b": "d", "c": "u"}
"""100 $a/08 -> the same in 008/06 of MARC 21, which `span_of` reads."""
_NOTES = {
    "206": "physical_characteristics", "207": "numbering", "230": "physical_characteristics", "300": "note",
    "301": "other_identifiers", **dict.fromkeys(map(str, range(302, 317)), "note"), "317": "custodial_history",
    "318": "processing", "320": "bibliography", "321": "note", "322": "note", "323": "note", "324": "originals",
    "325": "copies_note", "326": "frequency", "327": "contents", "328": "dissertation", "330": "abstract",
    "332": "preferred_citation", "333": "note", "334": "note", "335": "physical_characteristics",
    "336": "physical_characteristics", "337": "physical_characteristics", "338": "note", "345": "acquisition",
    "351": "arrangement", "371": "access_conditions",
}  # fmt: skip
_TITLES = (
    "501", "503", "510", "511", "512", "513", "514", "515", "516", "517", "518", "520", "530", "531", "532", "540",
    "541", "545",
)  # fmt: skip
_CLASSES = ("675", "676", "680", "686", "690", "692", "696")
_SERIES = frozenset({"410", "411"})
_UNLABELLED = _SERIES | {"461"}
_PARTS = frozenset({"421", "422", "423", "462", "463", "464"})
_LINKS = {
    "410": "series", "411": "series", "421": "supplement", "422": "supplement to", "423": "issued with",
    "430": "continues", "431": "continues in part", "432": "supersedes", "434": "absorbed", "435": "absorbed in part",
    "436": "merger of", "437": "separated from", "440": "continued by", "441": "continued in part by",
    "442": "superseded by", "444": "absorbed by", "445": "absorbed in part by", "446": "split into",
    "447": "merged to form", "448": "changed back to", "451": "other edition", "452": "other medium",
    "453": "translated as", "454": "translation of", "455": "reproduction of", "456": "reproduced as", "461": "set",
    "462": "subset", "463": "piece", "464": "part", "470": "review of", "481": "bound in", "482": "bound with",
    "488": "related",
}  # fmt: skip


def is_unimarc(record: MarcRecord) -> bool:
    """Told by the content: title in 200 or general data of UNIMARC's form in 100, and nothing that only MARC 21 has."""
    if record.tags & _MARC21_ONLY:
        return False
    if any(_GENERAL_DATA.match(value) for field in record.fields("100") for value in each(field, "a")):
        return True
    telling = _TITLE_OR_HEADING if record.leader[6] in "xyz" else {"200"}
    return bool(record.tags & telling) and not record.tags & _MARC21_HEADINGS


def bibliographic(record: MarcRecord, source_id: str, holder: str | None) -> Record:
    """The record of `record`; `holder` is that of the source file."""
    title, parallel = titles(record)
    copies, identifiers, related = links.links(record)
    when = dates(record)
    return Record(
        source_id=source_id,
        title=title or other_title(record) or (when.text if when else "untitled"),
        supplied_title=title is None,
        level=_LEVELS.get(record.leader[7]),
        holder=holder,
        dates=when,
        names=names(record),
        languages=languages(record),
        formats=formats(record),
        extent=extent(record),
        description=_description(record, parallel, related),
        identifiers=tuple(dict.fromkeys([*numbers(record), *identifiers])),
        holdings=holdings(record),
        copies=copies,
        access=access(record),
        problems=record.problems,
    )


def titles(record: MarcRecord) -> tuple[str | None, list[str]]:
    """200: (title proper with other title information and part, parallel titles and pinyin).

    UNIMARC leaves the punctuation out that ISBD sets: it is supplied.
    """
    found = [title for field in record.fields("200") if (title := _proper(field))]
    others = [value for field in record.fields("200") for code in "d9A" for value in each(field, code)]
    unique = list(dict.fromkeys([*found, *(value for value in map(trimmed, others) if value)]))
    return (unique[0], unique[1:]) if found else (None, unique)


def _proper(field: Field) -> str | None:
    """$a, further works of $a and $c, $e other title information, $h number and $i name of a part."""
    return isbd(field, {"a": " ; ", "c": ". ", "e": " : ", "h": ". ", "i": ", " if field.get("h") else ". "})


def other_title(record: MarcRecord) -> str | None:
    """A title for a record without 200: uniform (500), else another one."""
    return next((title for field in record.fields("500", *_TITLES) if (title := trimmed(text(field, "a")))), None)


def dates(record: MarcRecord) -> Dates | None:
    """210 $d, 214 $d (publication before others) as written, else the coded dates of 100 $a/08-16."""
    coded = _coded_dates(record)
    for field in record.fields("210", "214"):
        if written := trimmed(", ".join(each(field, "d")) or None):
            start, end = parse(written)
            known = start is not None or end is not None or coded is None
            return Dates(written, start, end) if known or coded is None else Dates(written, coded.start, coded.end)
    return coded


def _coded_dates(record: MarcRecord) -> Dates | None:
    for field in record.fields("100"):
        for value in each(field, "a"):
            if _GENERAL_DATA.match(value):
                first, second = (piece.replace("#", "u").replace("|", "u") for piece in (value[9:13], value[13:17]))
                return span_of(_DATE_TYPES.get(value[8], "s"), first, second.strip() or "")
    return None


def languages(record: MarcRecord) -> tuple[str, ...]:
    """101 $a: language of the text."""
    found = [code for field in record.fields("101") for value in each(field, "a") if (code := code_of(value))]
    return tuple(dict.fromkeys(found))


def formats(record: MarcRecord) -> tuple[str, ...]:
    """608: form, genre or physical characteristics as a heading."""
    found = [" -- ".join(value for code in "axyz" for value in each(field, code)) for field in record.fields("608")]
    return tuple(dict.fromkeys(filter(None, found)))


def extent(record: MarcRecord) -> str | None:
    """215: extent : other details ; dimensions + accompanying material."""
    found = [isbd(field, {"a": " + ", "c": " : ", "d": " ; ", "e": " + "}) for field in record.fields("215")]
    return "; ".join(dict.fromkeys(filter(None, found))) or None


def numbers(record: MarcRecord) -> list[Identifier]:
    """010 ISBN, 011 ISSN, 013 ISMN, 017 others by $2, 020 national bibliography, 035 other systems."""
    found = []
    for tag, kind, form in (("010", "isbn", _ISBN), ("011", "issn", _ISSN)):
        for field in record.fields(tag):
            matches = (form.match(value) for value in each(field, "a"))
            found += [made for match in matches if match and (made := typed(match[0].strip(), kind))]
    for tag, kind in (("013", "ismn"), ("020", "national_bibliography_number"), ("035", "control_number")):
        found += [Identifier(kind, value) for field in record.fields(tag) if (value := text(field, "ab"))]
    for field in record.fields("017"):
        kind = (text(field, "2") or "other").casefold()
        found += [typed(value, kind) or Identifier(kind, value) for value in each(field, "a")]
    if (address := typed(clean(record.control("003")) or "")) is not None:
        found.append(address)
    return found


def holdings(record: MarcRecord) -> tuple[Holding, ...]:
    """852 as in MARC 21, 905 of CNMARC, and the item fields of national practice."""
    return tuple(dict.fromkeys([*items.holdings(record), *items.local_items(record, items.UNIMARC_ITEMS)]))


def access(record: MarcRecord) -> Access | None:
    """371: notes on access, the strictest that says something clear."""
    found = [clear for field in record.fields("371") if (said := whole(field)) and (clear := statement(said))]
    return together(found)


def _description(record: MarcRecord, parallel: list[str], related: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, lines in (
        ("parallel_title", parallel),
        ("responsibility", [_joined(field, "fg", " ; ") for field in record.fields("200")]),
        ("uniform_title", [trimmed(text(field, "abhiklmnqrsuv")) for field in record.fields("500")]),
        ("variant_titles", [trimmed(text(field, "aehi9")) for field in record.fields(*_TITLES)]),
        ("edition", [_joined(field, "abdf", ", ") for field in record.fields("205")]),
        ("publication", [publication(field) for field in record.fields("210", "214")]),
        ("series", [trimmed(text(field, "adefhivx")) for field in record.fields("225")]),
    ):
        for line in lines:
            notes.add(found, key, line)
    for tag, element in _NOTES.items():
        for field in record.fields(tag):
            notes.add(found, element, whole(field))
    for tag in _LINKS:
        for field in record.fields(tag):
            notes.add(found, _element(tag), linked(field))
    for line in related:
        notes.add(found, "related_links", line)
    marks = [text(field, "a") for field in record.fields(*_CLASSES)]
    notes.add(found, "classification", "; ".join(dict.fromkeys(filter(None, marks))))
    return found


def _element(tag: str) -> str:
    if tag in _SERIES:
        return "series"
    return "host" if tag == "461" else "parts" if tag in _PARTS else "related_material"


def _joined(field: Field, codes: str, sign: str) -> str | None:
    return trimmed(text(field, codes, sign))


def publication(field: Field) -> str | None:
    """210, 214: place : publisher, date."""
    return isbd(field, {"a": " ; ", "c": " : ", "d": ", ", "e": " ; ", "g": " : ", "h": ", "})


def linked(field: Field) -> str | None:
    """4XX: kind of link and what is linked, from standard subfields ($t, $a, $v) or fields embedded behind $1."""
    if not field.get("1"):
        said = trimmed(text(field, "atofhivx", " / ") if field.get("a") else text(field, "tofhivx"))
        return _labelled(field.tag, said)
    said_parts: list[str] = []
    inside = ""
    for part in field.subfields:
        if part.code == "1":
            inside = part.value[:3]
        elif (inside[:1] == "2" and part.code in "aehiv") or (inside[:1] in "57" and part.code in "ab"):
            said_parts.append(part.value)
    return _labelled(field.tag, trimmed(clean(" ".join(said_parts).replace(" ,", ","))))


def _labelled(tag: str, said: str | None) -> str | None:
    return f"{_LINKS[tag]}: {said}" if said and tag not in _UNLABELLED else said
