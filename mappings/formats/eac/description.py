"""ISAAR(CPF) 5.2 description area and 5.4 control area: places, functions, history, languages, sources, identifiers."""

from __future__ import annotations

from collections.abc import Iterator

from lxml.etree import _Element as Element

from mappings.formats.ead import text as ead_text
from mappings.formats.ead.text import inline
from mappings.formats.markup import written
from mappings.formats.xml import LOCAL
from mappings.identifiers import typed
from mappings.languages import code_of
from mappings.record import AgentType, Identifier, Name, Role, clean

# Element of ``description`` -> ISAAR(CPF) element; the others have rules of their own
NOTES = {
    "biogHist": "administrative_history",
    "generalContext": "general_context",
    "structureOrGenealogy": "structure",
    "legalStatus": "legal_status",
    "mandate": "mandates",
}
_TERMS: dict[str, tuple[AgentType, Role, str | None]] = {
    "function": ("function", "name", None),
    "occupation": ("function", "name", "occupation"),
}
_GROUPS = frozenset({
    "functions", "occupations", "places", "legalStatuses", "mandates", "languagesUsed", "localDescriptions",
})  # fmt: skip
_SUBJECTS = frozenset({"subject", "subjects", "associatedsubject", "topicalsubject"})


# Blocks that EAD does not have, or writes in small letters -> EAD's
_BLOCKS = {"chronList": "chronlist", "level": "item", "outline": "list"}


def paragraphs(element: Element) -> str | None:
    """A note, one line a paragraph, an item of a list or an event of a chronology."""
    for inner in list(element.iterdescendants()):
        name = LOCAL[inner.tag]
        if name == "chronItem":
            event = written(inner)
            inner.clear(keep_tail=True)
            inner.tag, inner.text = "chronitem", event
        elif name in _BLOCKS:
            inner.tag = _BLOCKS[name]
    return ead_text.paragraphs(element)


def members(description: Element) -> Iterator[Element]:
    """The elements of ``description``, those in plural groups taken out of them."""
    for child in description:
        if LOCAL[child.tag] in _GROUPS:
            yield from members(child)
        elif LOCAL[child.tag]:
            yield child


def names(elements: list[Element]) -> Iterator[Name]:
    """Places with their role, functions and occupations, subjects among the local descriptions (5.2.3, 5.2.5)."""
    for element in elements:
        tag = LOCAL[element.tag]
        if tag == "place":
            yield from _places(element)
        elif tag in _TERMS and (found := _term(element)) is not None:
            kind, role, relator = _TERMS[tag]
            yield Name(found[0], kind, role, relator, found[1])
        elif tag == "localDescription" and _is_subject(element) and (found := _term(element)) is not None:
            yield Name(found[0], "subject", "subject", None, found[1])


def _places(place: Element) -> Iterator[Name]:
    """``placeEntry``, in EAC 2.0 ``placeName``; the role is ``placeRole`` or `@localType`."""
    said = place.find("{*}placeRole")
    relator = (inline(said) if said is not None else None) or clean(place.get("localType"))
    for entry in place.iterchildren("{*}placeEntry", "{*}placeName"):
        text = inline(entry)
        if text is not None:
            yield Name(text, "place", "name", relator, _address(entry))


def _term(element: Element) -> tuple[str, str | None] | None:
    term = element.find("{*}term")
    text = inline(term) if term is not None else None
    return (text, _address(term)) if term is not None and text is not None else None


def _address(element: Element) -> str | None:
    """The address of the heading: `@valueURI`, or `@vocabularySource` where that is one."""
    stated = element.get("valueURI") or element.get("vocabularySource")
    return clean(stated) if stated and "://" in stated else None


def _is_subject(element: Element) -> bool:
    return (element.get("localType") or "").casefold() in _SUBJECTS


def notes(elements: list[Element]) -> Iterator[tuple[str, str]]:
    """(field, paragraph) of everything told in words."""
    for element in elements:
        tag = LOCAL[element.tag]
        if tag in NOTES:
            yield from _history(element, NOTES[tag])
        elif tag in _TERMS:
            note = element.find("{*}descriptiveNote")
            if note is not None and (text := paragraphs(note)) is not None:
                yield "functions", text
        elif tag == "localDescription" and not _is_subject(element):
            yield from _local(element)
        elif tag not in ("place", "languageUsed", "existDates", "localDescription") and (text := paragraphs(element)):
            yield tag, text


def _history(element: Element, field: str) -> Iterator[tuple[str, str]]:
    """A note; its ``abstract`` apart."""
    for abstract in element.iterchildren("{*}abstract"):
        if (text := paragraphs(abstract)) is not None:
            yield "abstract", text
        abstract.tag = "head"  # which the note below leaves out
    if (text := paragraphs(element)) is not None:
        yield field, text


def _local(element: Element) -> Iterator[tuple[str, str]]:
    """``localDescription`` (5.2.x of a source's own): its term under its type."""
    found = _term(element)
    text = found[0] if found is not None else paragraphs(element)
    kind = clean(element.get("localType"))
    if text is not None:
        yield "note", f"{kind}: {text}" if kind and "/" not in kind else text


def languages(elements: list[Element]) -> tuple[str, ...]:
    """``languageUsed``: the codes of its languages (5.2.x; not those the record is written in)."""
    found = [
        code
        for element in elements
        if LOCAL[element.tag] == "languageUsed"
        for inner in element.iterdescendants("{*}language")
        if (code := code_of(inner.get("languageCode") or inline(inner) or ""))
    ]
    return tuple(dict.fromkeys(found))


def identifiers(control: Element | None, identities: list[Element]) -> tuple[list[Identifier], list[str]]:
    """``recordId``, ``otherRecordId``, ``entityId`` (2.0: ``identityId``): (typed ones, other numbers with their type).

    ISAAR(CPF) 5.4.1, 5.1.6.
    """
    elements = list(control.iterdescendants("{*}recordId", "{*}otherRecordId")) if control is not None else []
    elements += [inner for identity in identities for inner in identity.iterdescendants("{*}entityId", "{*}identityId")]
    found: list[Identifier] = []
    others: list[str] = []
    for element in elements:
        text, kind = inline(element), clean(element.get("localType"))
        if text is None:
            continue
        identifier = typed(text, kind)
        if identifier is not None:
            found.append(identifier)
        elif LOCAL[element.tag] != "recordId":
            others.append(f"{kind}: {text}" if kind and "/" not in kind else text)
    return list(dict.fromkeys(found)), list(dict.fromkeys(others))


def agency(control: Element | None) -> str | None:
    """``maintenanceAgency``: the body that keeps the record (5.4.2), by its name, else its code."""
    holder = control.find("{*}maintenanceAgency") if control is not None else None
    if holder is None:
        return None
    for name in ("agencyName", "agencyCode", "otherAgencyCode"):
        element = holder.find(f"{{*}}{name}")
        if element is not None and (text := inline(element)) is not None:
            return text
    return None


def sources(control: Element | None) -> Iterator[str]:
    """``source`` (5.4.8): its entry or citation."""
    for element in control.iterdescendants("{*}source") if control is not None else ():
        parts = [
            text for part in element if LOCAL[part.tag] != "descriptiveNote" and (text := inline(part)) is not None
        ]
        if parts:
            yield ", ".join(parts)


def rules(control: Element | None) -> str | None:
    """``conventionDeclaration`` (5.4.3): the rules by their short names, else as they are cited."""
    found: list[str] = []
    for element in control.iterdescendants("{*}conventionDeclaration") if control is not None else ():
        for name in ("abbreviation", "shortCode", "citation", "reference"):
            part = element.find(f"{{*}}{name}")
            if part is not None and (text := inline(part)) is not None:
                found.append(text)
                break
    return "; ".join(dict.fromkeys(found)) or None
