"""Names and subjects of UNIMARC and CNMARC: 600-610, 700-730; pinyin beside the characters as a form of its own."""

from __future__ import annotations

from pymarc import Field

from mappings.formats.marc.model import MarcRecord, each, text, trimmed
from mappings.formats.marc.names import authority, unique
from mappings.record import AgentType, Name, Role, clean

_AGENTS: dict[str, AgentType] = {"70": "person", "71": "organisation", "72": "family"}
_SUBJECTS: dict[str, AgentType] = {
    "600": "person", "601": "organisation", "602": "family", "604": "title", "605": "title", "606": "subject",
    "607": "place", "610": "subject", "615": "subject", "616": "name", "617": "place", "620": "place", "660": "place",
    "661": "subject",
}  # fmt: skip
RELATORS = {
    "020": "annotator", "030": "arranger", "040": "artist", "060": "associated name", "065": "auctioneer",
    "070": "author", "072": "author in quotations", "075": "author of afterword", "080": "author of introduction",
    "100": "bibliographic antecedent", "180": "cartographer", "205": "contributor", "210": "commentator",
    "220": "compiler", "230": "composer", "260": "copyright holder", "270": "corrector", "300": "director",
    "310": "distributor", "320": "donor", "330": "dubious author", "340": "editor", "350": "engraver",
    "390": "former owner", "400": "funder", "410": "graphic technician", "440": "illustrator", "460": "interviewee",
    "470": "interviewer", "550": "narrator", "570": "other", "590": "performer", "600": "photographer",
    "610": "printer", "630": "producer", "640": "proof-reader", "650": "publisher", "651": "publishing director",
    "673": "research team head", "675": "reviewer", "695": "scientific advisor", "700": "scribe", "705": "sculptor",
    "710": "redactor", "720": "signer", "723": "sponsor", "727": "thesis advisor", "730": "translator",
    "750": "typographer", "760": "wood-engraver", "770": "writer of accompanying material",
}  # fmt: skip
"""UNIMARC manual, appendix C: relator codes, those that archives and libraries use."""
_CREATING = frozenset({"author", "artist", "composer", "cartographer", "photographer", "著", "撰", "编", "編", "编著"})


def names(record: MarcRecord) -> tuple[Name, ...]:
    """700-730: creators are those of 7X0 and 7X1 (primary and alternative responsibility); 600-661: subjects."""
    found: list[Name] = []
    for begins, kind in _AGENTS.items():
        for field in record.fields(f"{begins}0", f"{begins}1"):
            found += _agents(field, kind, "creator")
        for field in record.fields(f"{begins}2"):
            found += _agents(field, kind, "name")
    for field in record.fields("716", "730"):
        found += _agents(field, "name", "name")
    for tag, subject in _SUBJECTS.items():
        for field in record.fields(tag):
            found += _subject(field, subject)
    return unique(found)


def _agents(field: Field, kind: AgentType, role: Role) -> list[Name]:
    """A name as written, and its pinyin ($9, $A) as another form of it."""
    said = relator(field)
    role = "creator" if role == "name" and said in _CREATING else role
    forms = [heading_of(field, kind), *(trimmed(value) for code in "9A" for value in each(field, code))]
    return [Name(form, kind, role, said, authority_of(field)) for form in forms if form]


def heading_of(field: Field, kind: AgentType) -> str | None:
    """Persons and families: $a, $b after a comma, $d, $f; $c in parentheses where the record has it, for Chinese
    practice sets the dynasty before the name. Bodies: $a, then each $b after a full stop.
    """
    said = ""
    for part in field.subfields:
        value = clean(part.value) if part.code in "abcdfgh" else None
        if value is None:
            continue
        if part.code == "c":
            said += f"({value})" if not said else f" ({value})"
        elif part.code == "g" and kind == "person":
            continue  # the expansion of initials is another form of $b
        elif not said or said == f"({clean(field.get('c'))})":
            said += value
        else:
            said += _sign(part.code, value, kind) + value
    return trimmed(said or None)


def _sign(code: str, value: str, kind: AgentType) -> str:
    if value[:1] in ",;(.":
        return " " if value[:1] == "(" else ""
    return ". " if kind == "organisation" and code == "b" else " " if code == "d" else ", "


def relator(field: Field) -> str | None:
    """$4: the word for a code of three digits, else the word that Chinese records write there themselves (著, 译)."""
    said = [RELATORS.get(value, value) for value in each(field, "4")]
    return ", ".join(dict.fromkeys(said)) or None


def authority_of(field: Field) -> str | None:
    """$3, the number of the authority record, else $0 or $1."""
    return next(iter(each(field, "3")), None) or authority(field)


def _subject(field: Field, kind: AgentType) -> list[Name]:
    """6XX: a name counts as itself, and with its subdivisions ($j form, $x topic, $y place, $z time) as a subject."""
    link = authority_of(field)
    if field.tag == "610":
        return [Name(term, kind, "subject") for value in each(field, "a") if (term := trimmed(value))]
    base = heading_of(field, kind) if field.tag in ("600", "601", "602") else trimmed(text(field, "at"))
    if base is None:
        return []
    divided = " -- ".join([base, *(value for code in "xyzj" for value in each(field, code))])
    if kind == "subject" or divided == base:
        return [Name(divided, kind, "subject", None, link)]
    return [Name(base, kind, "subject", None, link), Name(divided, "subject", "subject")]
