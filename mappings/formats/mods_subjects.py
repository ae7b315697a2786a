"""Names and subjects of MODS, which share their parts.

https://www.loc.gov/standards/mods/userguide/name.html  https://www.loc.gov/standards/mods/userguide/subject.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml.etree import _Element as Element

from mappings.formats.described import Gathering
from mappings.formats.ead.text import inline
from mappings.formats.markup import part, written
from mappings.formats.xml import LOCAL
from mappings.record import AgentType, Name, Role, clean

_TYPES: dict[str, AgentType] = {
    "personal": "person",
    "corporate": "organisation",
    "family": "family",
    "conference": "organisation",
}
# Roles, as words or MARC relator codes, of those who made it (https://www.loc.gov/marc/relators/)
_MAKER_WORDS = """
creator cre author aut composer cmp photographer pht artist art compiler com cartographer ctg architect arc
correspondent crp
"""
_MAKERS = frozenset(_MAKER_WORDS.split())


def authority(element: Element) -> str | None:
    """`@valueURI`; without it nothing identifies the heading, since `@authority` only names its list."""
    return clean(element.get("valueURI"))


def names(element: Element, role: Role | None) -> Iterator[Name]:
    """The name of a ``name`` element; `role` is what it is to the record, None where its role term says."""
    heading = _heading(element)
    if heading is None:
        return
    kind = _TYPES.get(element.get("type") or "", "name")
    terms = [term for term in element.iterfind("{*}role/{*}roleTerm") if inline(term)]
    spoken = [term for term in terms if term.get("type") != "code"]
    relator = next((inline(term) for term in spoken or terms), None)
    words = {(inline(term) or "").casefold().strip(" .") for term in terms}
    if role is None:
        maker = bool(words & _MAKERS) or (not words and element.get("usage") == "primary")
        role = "creator" if maker or not words else "name"
    yield Name(heading, kind, role, None if words & {"creator", "cre"} else relator, authority(element))


def _heading(element: Element) -> str | None:
    """``namePart`` in order: numbers and titles after a comma, dates after a comma; given name after the family's."""
    found: dict[str, list[str]] = {}
    for child in element.iterfind("{*}namePart"):
        text = inline(child)
        if text is not None:
            found.setdefault(child.get("type") or "", []).append(text.rstrip(" ,"))
    if not found:
        return part(element, "displayForm") or (inline(element) if not len(element) else None)
    main = ". ".join(found.get("", ()))
    pieces = [
        main,
        *found.get("family", ()),
        *found.get("given", ()),
        *found.get("termsOfAddress", ()),
        *found.get("date", ()),
    ]
    return ", ".join(piece for piece in pieces if piece)


_PIECES: dict[str, AgentType] = {
    "topic": "subject",
    "geographic": "place",
    "temporal": "subject",
    "titleinfo": "title",
    "name": "name",
    "genre": "genre",
    "hierarchicalgeographic": "place",
    "geographiccode": "place",
    "occupation": "subject",
}


def subject(element: Element, found: Gathering) -> None:
    """``subject``: its parts are one heading, of the kind of its first; coordinates and codes are a note."""
    pieces: list[tuple[str, Element, str]] = []
    for child in element:
        name = LOCAL[child.tag].casefold()
        if name == "cartographics":
            _cartographics(child, found)
        elif name == "geographiccode":
            found.note("place_codes", inline(child), clean(child.get("authority")))
        elif name and (text := _piece(child, name)) is not None:
            pieces.append((name, child, text))
    if not pieces:
        text = clean(element.text) if not len(element) else None
        if text is not None:
            found.name(Name(text, "subject", "subject", None, authority(element)))
        return
    name, first, _ = pieces[0]
    heading = " -- ".join(text for _, _, text in pieces)
    kind = _TYPES.get(first.get("type") or "", "name") if name == "name" else _PIECES.get(name, "subject")
    identifier = authority(element) or (authority(first) if len(pieces) == 1 else None)
    if kind == "genre":
        found.format(heading)
    else:
        found.name(Name(heading, kind, "subject", None, identifier))


def _piece(child: Element, name: str) -> str | None:
    """The text of one part of a subject: places from the largest to the smallest."""
    if name == "name":
        return next((name.name for name in names(child, "subject")), None)
    if name == "hierarchicalgeographic":
        return " -- ".join(text for level in child if (text := inline(level)) is not None) or None
    return inline(child) if not len(child) else written(child)


def _cartographics(element: Element, found: Gathering) -> None:
    """``cartographics``: scale, projection, coordinates."""
    for child in element:
        found.note("coordinates" if LOCAL[child.tag] == "coordinates" else "physical_characteristics", inline(child))
