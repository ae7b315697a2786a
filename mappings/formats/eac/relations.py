"""ISAAR(CPF) 5.3 relationships area and 6 (related resources)."""

from __future__ import annotations

from collections.abc import Iterator

from lxml.etree import _Element as Element

from mappings.formats.ead.text import attribute, inline
from mappings.formats.xml import LOCAL
from mappings.record import Relation, clean

_RECORD_ID = "recordId:"
_SHORT = 80  # characters; a longer note tells a story, a shorter one says what the relation is
_AGENTS = frozenset({"person", "corporatebody", "family", "agent"})


def relations(record: Element) -> tuple[Relation, ...]:
    """``cpfRelation`` (1.x) and ``relation`` to an agent (2.0): whom, in which way, and by which identifier."""
    found = [_relation(element, _entry(element)) for element in record.iterdescendants("{*}cpfRelation")]
    found += [_relation(element, _target(element)) for element in _of_2(record, agents=True)]
    return tuple(dict.fromkeys(relation for relation in found if relation is not None))


def resources(record: Element) -> Iterator[str]:
    """``resourceRelation`` (1.x) and other ``relation`` (2.0): the resource, how it stands to it, its address."""
    for element in (*record.iterdescendants("{*}resourceRelation"), *_of_2(record, agents=False)):
        text = _entry(element) or _target(element) or attribute(element, "title")
        address = attribute(element, "href")
        if text is None and address is None:
            continue
        kind = _kind(element)
        whole = f"{text} ({address})" if text and address else text or address
        yield f"{kind}: {whole}" if kind else f"{whole}"


def functions(record: Element) -> Iterator[str]:
    """``functionRelation``: a function described elsewhere."""
    for element in record.iterdescendants("{*}functionRelation"):
        text = _entry(element) or attribute(element, "title")
        if text is not None:
            yield text


def _of_2(record: Element, agents: bool) -> Iterator[Element]:
    """``relation`` elements of EAC 2.0 whose target is an agent, or is none."""
    for element in record.iterdescendants("{*}relation"):
        target = element.find("{*}targetEntity")
        if target is not None and ((target.get("targetType") or "").casefold() in _AGENTS) == agents:
            yield element


def _entry(element: Element) -> str | None:
    """All ``relationEntry`` elements, a comma between them: some give name and dates apart."""
    texts = [text for entry in element.iterchildren("{*}relationEntry") if (text := inline(entry)) is not None]
    return ", ".join(texts) or None


def _target(element: Element) -> str | None:
    target = element.find("{*}targetEntity")
    if target is None:
        return None
    parts = [text for part in target.iterchildren("{*}part") if (text := inline(part)) is not None]
    return ", ".join(parts) or None


def _relation(element: Element, name: str | None) -> Relation | None:
    if name is None:
        return None
    note = next((text for child in element.iterchildren("{*}descriptiveNote") if (text := inline(child))), None)
    kind, identifier = _kind(element), _identifier(element)
    if note is not None and note.startswith(_RECORD_ID):
        identifier = identifier or clean(note.removeprefix(_RECORD_ID))
    elif note is not None and len(note) <= _SHORT:
        kind = f"{kind}: {note}" if kind else note
    return Relation(name, kind, identifier)


def _kind(element: Element) -> str | None:
    """The end of `@arcrole` ("isPrecededBy"), else `@cpfRelationType`, ``relationType``, `@localType` of the entry."""
    role = attribute(element, "arcrole")
    if role:
        return clean(role.rpartition("#")[2].rpartition("/")[2]) or None
    stated = element.get("cpfRelationType") or element.get("resourceRelationType")
    if stated:
        return clean(stated)
    for child in element.iterdescendants("{*}relationType", "{*}targetRole"):
        if (text := inline(child)) is not None:
            return text
    entry = element.find("{*}relationEntry")
    return clean(entry.get("localType")) if entry is not None else None


def _identifier(element: Element) -> str | None:
    """`@href`, `@valueURI`, else the id of the entry, which some archives make the identifier of the related record."""
    for holder in (element, *element.iterchildren("{*}targetEntity", "{*}relationEntry")):
        for key in ("href", "valueURI"):
            if found := attribute(holder, key):
                return found
    for entry in element.iterchildren("{*}relationEntry"):
        for key, value in entry.attrib.items():
            if LOCAL[key] == "id":
                return clean(value)
    return None
