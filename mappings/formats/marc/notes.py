"""Notes of MARC 21 (3XX, 5XX), filed under their ISAD(G) element; what is private goes to the notes for staff.

https://www.loc.gov/marc/bibliographic/bd5xx.html
"""

from __future__ import annotations

from pymarc import Field

from mappings.access import Access, together
from mappings.access_statements import copying, statement
from mappings.formats.marc.model import MarcRecord, each, isbd, text, trimmed, whole
from mappings.record import clean

# Tag -> ISAD(G) element, after the crosswalk MARC 21 to ISAD(G) of DACS (appendix C)
NOTES = {
    "255": "physical_characteristics",
    "306": "physical_characteristics",
    "310": "frequency",
    "321": "frequency",
    "340": "physical_characteristics",
    "351": "arrangement",
    "355": "security_class",
    "362": "numbering",
    "500": "note",
    "501": "note",
    "502": "dissertation",
    "504": "bibliography",
    "505": "contents",
    "506": "access_conditions",
    "507": "physical_characteristics",
    "508": "note",
    "510": "publication_note",
    "511": "note",
    "513": "note",
    "514": "note",
    "515": "numbering",
    "516": "physical_characteristics",
    "518": "note",
    "520": "scope_and_content",
    "521": "note",
    "522": "scope_and_content",
    "524": "preferred_citation",
    "525": "note",
    "526": "note",
    "530": "copies_note",
    "532": "physical_characteristics",
    "533": "copies_note",
    "534": "originals",
    "535": "originals",
    "536": "note",
    "538": "physical_characteristics",
    "540": "reproduction_conditions",
    "541": "acquisition",
    "542": "reproduction_conditions",
    "544": "related_material",
    "545": "administrative_history",
    "546": "language_note",
    "547": "note",
    "550": "note",
    "552": "note",
    "555": "finding_aids",
    "556": "note",
    "561": "custodial_history",
    "562": "note",
    "563": "physical_characteristics",
    "565": "note",
    "567": "note",
    "580": "related_material",
    "581": "publication_note",
    "583": "processing",
    "584": "accruals",
    "585": "note",
    "586": "note",
    "588": "note",
    "590": "note",
}
_PRIVATE = frozenset({"541", "542", "561", "583"})
"""Their first indicator 0 means: not for the public (https://www.loc.gov/marc/bibliographic/bd541.html)."""
_STAFF = {"591": "local_note", "592": "local_note", "593": "local_note", "594": "local_note", "595": "local_note"}
_PRIVATE_SUBFIELDS = {"583": "x", "541": "", "561": ""}
_SELDOM: dict[tuple[str, str], str] = {("520", "3"): "abstract", ("535", "2"): "copies_note"}
"""(tag, first indicator) -> element, where the indicator makes it another one."""


def description(record: MarcRecord) -> dict[str, str]:
    """The notes for everyone, in the order of their tags, one a line; both scripts, the original first."""
    found: dict[str, str] = {}
    for tag, element in NOTES.items():
        for field in record.fields(tag):
            if not _is_private(field):
                add(found, _SELDOM.get((tag, field.indicator1), element), note(field))
    return found


def staff_notes(record: MarcRecord) -> dict[str, str]:
    """What an indicator, a subfield or custom keeps from the public, under its ISAD(G) element."""
    found: dict[str, str] = {}
    for tag in sorted(_PRIVATE):
        for field in record.fields(tag):
            add(found, NOTES[tag], note(field) if _is_private(field) else text(field, _PRIVATE_SUBFIELDS.get(tag, "")))
    for tag, label in _STAFF.items():
        for field in record.fields(tag):
            add(found, label, whole(field))
    for field in record.fields("852"):
        add(found, "holdings", text(field, "x"))
    return found


def note(field: Field) -> str | None:
    """All of a note, addresses ($u) included; nonpublic parts left out."""
    return whole(field, without=_PRIVATE_SUBFIELDS.get(field.tag, ""))


def _is_private(field: Field) -> bool:
    return field.tag in _PRIVATE and field.indicator1 == "0"


def add(found: dict[str, str], key: str, said: str | None) -> None:
    """One more line of a description field, unless it stands there already."""
    if said and said not in found.get(key, "").split("\n"):
        found[key] = f"{found[key]}\n{said}" if key in found else said


def access(record: MarcRecord) -> Access | None:
    """506, the strictest that says something clear: in words, by $f, else by its first indicator (0 no restrictions, 1
    some); and who may have copies, as 540 says.

    https://www.loc.gov/marc/bibliographic/bd506.html, https://www.loc.gov/marc/bibliographic/bd540.html
    """
    found = [access for field in record.fields("506") if (access := _stated(field)) is not None]
    used = (copying(said) for field in record.fields("540") for said in _each(field, "afu"))
    return together([*found, *filter(None, used)])


def _each(field: Field, codes: str) -> list[str]:
    """The subfields of a note, one by one, and the note as a whole."""
    parts = (clean(value) for value in field.get_subfields(*codes))
    return [*filter(None, parts), note(field) or ""]


def _stated(field: Field) -> Access | None:
    said = note(field)
    clear = together(filter(None, map(statement, _each(field, "f")))) if said else None
    if clear is not None or field.indicator1 not in "01":
        return clear
    words = said or ("no restrictions" if field.indicator1 == "0" else "restrictions apply")
    return Access("open" if field.indicator1 == "0" else "restricted", words[:500])


_EXTENT = {"3": " ", "a": " + ", "b": " : ", "c": " ; ", "e": " + ", "f": " ", "g": " "}
_PUBLICATION = {"3": " ", "a": " ; ", "b": " : ", "c": ", ", "e": " ; ", "f": " : ", "g": ", "}


def extent(record: MarcRecord) -> str | None:
    """300: extent, other details, dimensions, accompanying material; several carriers set off by semicolons.

    https://www.loc.gov/marc/bibliographic/bd300.html
    """
    found = [isbd(field, _EXTENT) for field in record.fields("300")]
    return "; ".join(dict.fromkeys(filter(None, found))) or None


def publication(record: MarcRecord) -> list[str]:
    """260, 264: place, publisher and date as stated.

    https://www.loc.gov/marc/bibliographic/bd264.html
    """
    found = [isbd(field, _PUBLICATION) for field in record.fields("260", "264")]
    return list(dict.fromkeys(filter(None, found)))


def edition(record: MarcRecord) -> list[str]:
    """250.

    https://www.loc.gov/marc/bibliographic/bd250.html
    """
    return [said for field in record.fields("250") if (said := trimmed(text(field, "3ab")))]


def related(record: MarcRecord) -> list[tuple[str, str]]:
    """760-787: (description field, entry). 773 and 774 are the whole it is in and the parts it has.

    https://www.loc.gov/marc/bibliographic/bd76x78x.html
    """
    found = []
    for tag, label in _LINKING.items():
        for field in record.fields(tag):
            said = trimmed(whole(field, without="iw4"))
            reason = trimmed(" ".join(each(field, "i"))) or _REASONS.get(tag)
            if said:
                found.append((label, f"{reason}: {said}" if reason else said))
    return found


_LINKING = {"773": "host", "774": "parts"} | dict.fromkeys(
    ("760", "762", "765", "767", "770", "772", "775", "776", "777", "780", "785", "786", "787"), "related_material"
)
_REASONS = {
    "760": "series",
    "762": "subseries",
    "765": "translation of",
    "767": "translated as",
    "770": "supplement",
    "772": "supplement to",
    "775": "other edition",
    "776": "other form",
    "777": "issued with",
    "780": "continues",
    "785": "continued by",
    "786": "data source",
}


def classification(record: MarcRecord) -> str | None:
    """050, 060, 070, 080, 082, 084, 090: class marks of the library, no reference code.

    https://www.loc.gov/marc/bibliographic/bd01x09x.html
    """
    found = [text(field, "ab") for field in record.fields("050", "060", "070", "080", "082", "084", "090")]
    return "; ".join(dict.fromkeys(filter(None, found))) or None
