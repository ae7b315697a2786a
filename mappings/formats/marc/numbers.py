"""Numbers of MARC 21: the record's own, those valid everywhere, and all others as text."""

from __future__ import annotations

import re

from pymarc import Field

from mappings.formats.marc.coded import is_archival
from mappings.formats.marc.model import MarcRecord, each, text
from mappings.identifiers import typed
from mappings.record import Identifier, clean

_ISBN = re.compile(r"[\dXx][\dXx\s-]{8,16}")
_ISSN = re.compile(r"\d{4}-?\d{3}[\dXx]", re.ASCII)
_OCLC = re.compile(r"\(OCoLC(?:-[A-Z])?\)\s*(?:oc[mn]|on)?0*(\d+)", re.IGNORECASE | re.ASCII)
_STANDARD = {"0": "isrc", "1": "upc", "2": "ismn", "3": "ean", "4": "sici"}
_OTHER = {
    "027": "report number",
    "028": "publisher number",
    "030": "CODEN",
    "036": "study number",
    "037": "stock number",
    "074": "GPO item number",
    "086": "government document number",
    "088": "report number",
}


def own_id(record: MarcRecord, organisation: bool = True) -> str | None:
    """001, the control number, with 003, the organisation that gave it: ``(DLC)n79046262``. None without 001.

    https://www.loc.gov/marc/bibliographic/bd001.html
    """
    number = clean(record.control("001"))
    if number is None:
        return None
    code = clean(record.control("003")) if organisation else None
    return f"({code}){number}" if code else number


def identifiers(record: MarcRecord) -> list[Identifier]:
    """All identifiers valid outside the source: LCCN, ISBN, ISSN, 024, OCLC number. Cancelled ones ($z) are none."""
    found = [*_lccn(record), *_isbn(record), *_issn(record), *_standard(record), *_system(record)]
    return list(dict.fromkeys(found))


def _lccn(record: MarcRecord) -> list[Identifier]:
    """010 $a, Library of Congress control number, in its normal form.

    https://www.loc.gov/marc/lccn-namespace.html
    """
    return [
        Identifier("lccn", number)
        for field in record.fields("010")
        for value in each(field, "a")
        if (number := _normal_lccn(value))
    ]


def _normal_lccn(value: str) -> str:
    """Blanks out, what follows a slash out, the part behind a hyphen filled up to six digits."""
    value = value.replace(" ", "").partition("/")[0]
    before, hyphen, after = value.partition("-")
    return before + after.zfill(6) if hyphen and after.isdigit() else value


def _isbn(record: MarcRecord) -> list[Identifier]:
    """020 $a without its qualifier ("0486466213 (pbk.)").

    https://www.loc.gov/marc/bibliographic/bd020.html
    """
    return [
        identifier
        for field in record.fields("020")
        for value in each(field, "a")
        if (match := _ISBN.match(value)) and (identifier := typed(match[0].strip(), "isbn"))
    ]


def _issn(record: MarcRecord) -> list[Identifier]:
    """022 $a; the linking ISSN ($l) names all media versions together and so no resource.

    https://www.loc.gov/marc/bibliographic/bd022.html
    """
    return [
        Identifier("issn", match[0])
        for field in record.fields("022")
        for value in each(field, "a")
        if (match := _ISSN.match(value))
    ]


def _standard(record: MarcRecord) -> list[Identifier]:
    """024: what its first indicator or $2 says it is (ISMN, DOI, handle, ARK, URI ...).

    https://www.loc.gov/marc/bibliographic/bd024.html
    """
    found = []
    for field in record.fields("024"):
        kind = _STANDARD.get(field.indicator1) or (text(field, "2") or "").casefold() or None
        for value in each(field, "a"):
            known = typed(value, kind)
            if known is not None or kind is not None:
                found.append(known or Identifier(kind or "", value))
        found += [Identifier("uri", value) for value in each(field, "1") if value.startswith("http")]
    return found


def _system(record: MarcRecord) -> list[Identifier]:
    """035 $a: the number of another system, behind that system's code; OCLC's is told apart.

    https://www.loc.gov/marc/bibliographic/bd035.html
    """
    return [
        Identifier("oclc", match[1]) if (match := _OCLC.match(value)) else Identifier("control_number", value)
        for field in record.fields("035")
        for value in each(field, "a")
    ]


def other_numbers(record: MarcRecord) -> str | None:
    """Numbers of reports, publishers, stock and documents, and cancelled ISBN and ISSN, each with what it is."""
    found = [
        f"{label}: {number}"
        for tag, label in _OTHER.items()
        for field in record.fields(tag)
        if (number := text(field, "a"))
    ]
    for tag, label in (("020", "other ISBN"), ("022", "other ISSN")):
        found += [f"{label}: {value}" for field in record.fields(tag) for code in "zy" for value in each(field, code)]
    return "; ".join(dict.fromkeys(found)) or None


def reference_code(record: MarcRecord) -> str | None:
    """Of archives: local call number (099, 090), else the shelving mark of 852, else the call number (050).

    Class marks of a library (050, 090 of other material) name no single thing and are no reference code.
    https://www.loc.gov/marc/bibliographic/bd09x.html
    """
    if not is_archival(record):
        return None
    for tag in ("099", "090"):
        for field in record.fields(tag):
            if code := text(field, "ab"):
                return code
    for field in record.fields("852"):
        if code := shelf_mark(field):
            return code
    return next((code for field in record.fields("050") if (code := text(field, "ab"))), None)


def shelf_mark(field: Field) -> str | None:
    """852 $k $h $i $m, or $j or $c alone: prefix, class, item, suffix; shelving control number.

    https://www.loc.gov/marc/holdings/hd852.html
    """
    parts = [text(field, code) for code in ("k", "h", "i", "m")]
    return clean(" ".join(part for part in parts if part)) or text(field, "j")


def control_of(record: MarcRecord) -> str | None:
    """004 of a holdings record, the control number of the record it belongs to, behind the organisation of 003.

    https://www.loc.gov/marc/holdings/hd004.html
    """
    number, code = clean(record.control("004")), clean(record.control("003"))
    return f"({code}){number}" if number and code else number
