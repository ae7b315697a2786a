"""What a ``dmdSec`` says of the whole: MODS, Dublin Core or DSpace's DIM, read for the few things a volume needs.

`described` is the one door: a fuller reading of these formats may take its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lxml.etree import _Element as Element
from msgspec import Struct

from mappings.access import Access
from mappings.access_statements import statement
from mappings.dates import dated
from mappings.formats.xml import LOCAL
from mappings.identifiers import typed
from mappings.languages import code_of
from mappings.record import AgentType, Dates, Identifier, Name, Role, clean

_DC_NAMES: dict[str, tuple[AgentType, Role]] = {
    "creator": ("name", "creator"),
    "contributor": ("name", "name"),
    "publisher": ("name", "name"),
    "subject": ("subject", "subject"),
    "coverage": ("place", "subject"),
}
_DC_NOTES = {"description": "scope_and_content", "abstract": "abstract", "rights": "access_conditions"}
_MODS_TYPES: dict[str, AgentType] = {"personal": "person", "corporate": "organisation", "family": "family"}
_CREATORS = frozenset({"aut", "cre", "author", "creator", "art", "cmp", "edt"})


class Described(Struct, frozen=True):
    """A description: what is not said is None or empty."""

    title: str | None = None
    dates: Dates | None = None
    names: tuple[Name, ...] = ()
    languages: tuple[str, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    formats: tuple[str, ...] = ()
    reference_code: str | None = None
    extent: str | None = None
    description: dict[str, str] = {}
    access: Access | None = None


def described(element: Element) -> Described:
    """What a ``dmdSec`` (or any element around a description) says."""
    for inner in element.iter():
        name = LOCAL[inner.tag]
        if name == "mods":
            return _mods(inner)
        if name == "dim" or (name == "dc" and len(inner)):
            return _dublin_core(inner)
    return _dublin_core(element)


def _mods(mods: Element) -> Described:
    """https://www.loc.gov/standards/mods/userguide/"""
    notes = {
        "abstract": _joined(_texts(mods, "abstract")),
        "note": _joined(_texts(mods, "note")),
        "access_conditions": _joined(_texts(mods, "accessCondition")),
        "preferred_citation": _joined([text for kind, text in _mods_identifiers(mods) if kind == "citation"]),
    }
    return Described(
        title=_mods_title(mods),
        dates=_mods_dates(mods),
        names=tuple(_mods_names(mods)),
        languages=_languages(_inner(mods, "language", "languageTerm")),
        identifiers=_identifiers(entry for entry in _mods_identifiers(mods) if entry[0] != "citation"),
        formats=tuple(dict.fromkeys(_texts(mods, "genre"))),
        reference_code=next(iter(_inner(mods, "location", "shelfLocator")), None) or _shelf_mark(mods),
        extent=_joined(_inner(mods, "physicalDescription", "extent")),
        description={key: text for key, text in notes.items() if text},
        access=statement(notes["access_conditions"]) if notes["access_conditions"] else None,
    )


def _mods_identifiers(mods: Element) -> Iterator[tuple[str | None, str]]:
    """(type, value); DSpace writes the citation among them."""
    for entry in mods.iterchildren("{*}identifier"):
        if text := clean(entry.text):
            yield clean(entry.get("type")), text


def _mods_title(mods: Element) -> str | None:
    """``titleInfo`` without a type: nonSort, title, subTitle, partNumber, partName."""
    for info in mods.iterchildren("{*}titleInfo"):
        if info.get("type") is None:
            before = next(_texts_of(info, "nonSort"), None)
            main = " ".join(filter(None, (before, next(_texts_of(info, "title"), None))))
            rest = [text for key in ("subTitle", "partNumber", "partName") for text in _texts_of(info, key)]
            if title := " : ".join(filter(None, (main, *rest[:1]))):
                return ", ".join((title, *rest[1:]))
    return None


def _mods_dates(mods: Element) -> Dates | None:
    """Creation before issue; a pair of points is a span; the date of digitisation is not that of the thing."""
    for key in ("dateCreated", "dateIssued", "copyrightDate", "dateOther"):
        found = [
            entry
            for origin in mods.iterchildren("{*}originInfo")
            if origin.get("eventType") not in ("digitization", "digitisation")
            for entry in origin.iterchildren(f"{{*}}{key}")
            if clean(entry.text)
        ]
        ends = [entry for entry in found if entry.get("point") in ("start", "end")][:2]
        chosen = ends or [entry for entry in found if entry.get("keyDate")][:1] or found[:1]
        if chosen:
            return _dates("/".join(filter(None, (clean(entry.text) for entry in chosen))))
    return None


def _mods_names(mods: Element) -> Iterator[Name]:
    """``name`` by display form or parts, with role and authority; topics, places and names among the subjects."""
    for entry in mods.iterchildren("{*}name"):
        if heading := _heading(entry):
            roles = _inner(entry, "role", "roleTerm")
            role: Role = "creator" if not roles or _CREATORS & {text.lower() for text in roles} else "name"
            kind = _MODS_TYPES.get(entry.get("type") or "", "name")
            yield Name(heading, kind, role, next(iter(roles), None), clean(entry.get("valueURI")))
    for subject in mods.iterchildren("{*}subject"):
        for text in _texts_of(subject, "topic"):
            yield Name(text, "subject", "subject")
        for text in _texts_of(subject, "geographic"):
            yield Name(text, "place", "subject")
        for entry in subject.iterchildren("{*}name"):
            if heading := _heading(entry):
                yield Name(heading, _MODS_TYPES.get(entry.get("type") or "", "name"), "subject")


def _heading(name: Element) -> str | None:
    """``displayForm``, else family and given parts, else the parts as they stand."""
    if shown := next(_texts_of(name, "displayForm"), None):
        return shown
    parts = list(name.iterchildren("{*}namePart"))
    undated = [text for part in parts if part.get("type") != "date" and (text := clean(part.text))]
    return ", ".join(undated) or None


def _shelf_mark(mods: Element) -> str | None:
    """Goobi writes the shelf mark as a physical location of that type."""
    for location in mods.iterchildren("{*}location"):
        for entry in location.iterchildren("{*}physicalLocation"):
            if entry.get("type") == "shelfmark":
                return clean(entry.text)
    return None


def _dublin_core(holder: Element) -> Described:
    """Dublin Core elements, qualified or not, and DIM ``field`` with ``@element``.

    https://www.dublincore.org/specifications/dublin-core/dces/
    """
    said: dict[str, list[str]] = {}
    for entry in holder.iter():
        key = (entry.get("element") if LOCAL[entry.tag] == "field" else LOCAL[entry.tag]) or ""
        if text := clean(entry.text) if isinstance(entry.tag, str) and not len(entry) else None:
            said.setdefault(_refined(key, entry.get("qualifier")), []).append(text)
    names = [Name(text, *kind) for key, kind in _DC_NAMES.items() for text in said.get(key, ())]
    notes = {note: text for key, note in _DC_NOTES.items() if (text := _joined(said.get(key, [])))}
    when = next((said[key][0] for key in ("created", "issued", "date", "temporal") if key in said), None)
    return Described(
        title=next(iter(said.get("title", ())), None),
        dates=_dates(when) if when else None,
        names=tuple(dict.fromkeys(names)),
        languages=_languages(said.get("language", [])),
        identifiers=_identifiers((None, text) for text in said.get("identifier", ())),
        formats=tuple(dict.fromkeys(said.get("type", ()))),
        extent=next(iter(said.get("extent", ())), None),
        description=notes,
        access=statement(notes["access_conditions"]) if "access_conditions" in notes else None,
    )


def _refined(element: str, qualifier: str | None) -> str:
    """DIM's ``date.issued`` is DCMI's ``issued``; authors are creators; technical dates say nothing of the thing."""
    if element == "date":
        return qualifier or "date"
    if element == "contributor" and qualifier == "author":
        return "creator"
    if element == "description" and qualifier:
        return "abstract" if qualifier == "abstract" else f"description.{qualifier}"
    return element


def _dates(text: str) -> Dates:
    return dated(text)


def _languages(values: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code_of(value) or value for value in values))


def _identifiers(values: Iterable[tuple[str | None, str | None]]) -> tuple[Identifier, ...]:
    """Typed where form or source says so; a bare number of a catalogue is kept under its own type."""
    found = [typed(text, kind) or Identifier(kind or "identifier", text) for kind, text in values if text]
    return tuple(dict.fromkeys(found))


def _texts(element: Element, name: str) -> list[str]:
    return list(_texts_of(element, name))


def _texts_of(element: Element, name: str) -> Iterator[str]:
    """The texts of children by name."""
    return (text for child in element.iterchildren(f"{{*}}{name}") if (text := clean("".join(child.itertext()))))


def _inner(element: Element, outer: str, name: str) -> list[str]:
    """The texts of grandchildren by names."""
    return [text for child in element.iterchildren(f"{{*}}{outer}") for text in _texts_of(child, name)]


def _joined(texts: list[str]) -> str | None:
    return "; ".join(dict.fromkeys(texts)) or None
