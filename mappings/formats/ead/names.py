"""Headings: who made it, who and what it is about."""

from __future__ import annotations

from lxml.etree import _Element as Element

from mappings.formats.ead.stream import Parts
from mappings.formats.ead.text import inline
from mappings.formats.xml import LOCAL
from mappings.record import AgentType, Name, Role, clean

_TYPES: dict[str, AgentType] = {
    "persname": "person",
    "corpname": "organisation",
    "famname": "family",
    "geogname": "place",
    "subject": "subject",
    "occupation": "subject",
    "function": "function",
    "title": "name",
    "name": "name",
}
_AGENTS = frozenset({"person", "organisation", "family", "name"})


def creators(parts: Parts) -> list[Name]:
    """`origination`: creators, unless label or relator say that somebody only gave or collected it.

    https://www.loc.gov/ead/EAD3taglib/EAD3.html#elem-origination
    """
    found: list[Name] = []
    for element in parts.get("origination", ()):
        role: Role = "name" if (element.get("label") or "").casefold().strip(" :") in ("source", "donor") else "creator"
        inner = [name for child in element if (name := _name(child, role))]
        if not inner and (text := inline(element)):
            inner = [Name(text, "name", role)]
        found += inner
    return found


def subjects(parts: Parts) -> tuple[list[Name], list[str]]:
    """`controlaccess`, nested or not: (headings, genres and forms).

    A name with a relator other than "subject" took part (donor, director); without one it is a subject.
    https://www.loc.gov/ead/EAD3taglib/EAD3.html#elem-controlaccess
    """
    names: list[Name] = []
    genres: list[str] = []
    for element in parts.get("controlaccess", ()):
        for child in element.iterdescendants():
            tag = LOCAL[child.tag]
            if tag in ("genreform", "physfacet"):
                genres += filter(None, [_heading(child, " -- ")])
            elif tag in _TYPES and (name := _name(child, "subject")):
                names.append(name)
    return names, genres


def _name(element: Element, role: Role) -> Name | None:
    kind = _TYPES.get(LOCAL[element.tag])
    if kind is None:
        return None
    heading = _heading(element, ", " if kind in _AGENTS else " -- ")
    if heading is None:
        return None
    relator = clean(element.get("relator") or element.get("role"))
    if relator is not None and relator.casefold() in ("subject", "origination"):
        relator = None
    elif relator is not None and role == "subject" and kind in _AGENTS:
        role = "name"
    authority = element.get("authfilenumber") or element.get("identifier")
    return Name(heading, kind, role, relator, clean(authority) if authority else None)


def _heading(element: Element, separator: str) -> str | None:
    """The heading as written; EAD3 gives it in parts (https://www.loc.gov/ead/EAD3taglib/EAD3.html#elem-part)."""
    if not len(element):
        return clean(element.text)
    parts = [text for child in element if LOCAL[child.tag] == "part" and (text := inline(child))]
    return separator.join(parts) if parts else inline(element)


def unique(names: list[Name]) -> tuple[Name, ...]:
    """Names in order, each once."""
    return tuple(dict.fromkeys(names)) if len(names) > 1 else tuple(names)
