"""Where the material lies and what digital copies there are: containers, locations, digital objects."""

from __future__ import annotations

import re

from lxml.etree import _Element as Element

from mappings.formats.ead.did import link_of
from mappings.formats.ead.stream import Parts
from mappings.formats.ead.text import attribute, inline
from mappings.formats.media import media_type
from mappings.formats.xml import LOCAL
from mappings.record import Copy, Holding, Identifier, clean
from mappings.remember import remember

_BARCODE = re.compile(r"\s*\[(\w[\w.-]{4,})\]\s*$")


@remember(4096)
def _label(kind: str) -> str:
    """A container's type as a word on a slip: "box" and "BOX" are "Box", "Flat-File-Folder" stays, "legalbox" is
    "Legalbox".
    """
    words = " ".join(kind.replace("_", " ").split())
    return (
        words
        if any(char.isupper() for char in words[1:]) and not words.isupper()
        else words[:1].upper() + words[1:].lower()
    )


def holdings(parts: Parts) -> tuple[Holding, ...]:
    """`container` elements grouped into carriers, top container first; `physloc` is where they stand (staff only).

    A container with `@parent` belongs to that one; another of a type already there, or a new ArchivesSpace top
    container, begins the next carrier. https://www.loc.gov/ead/EAD3taglib/EAD3.html#elem-container
    """
    elements = parts.get("container", ())
    location = "; ".join(text for element in parts.get("physloc", ()) if (text := inline(element))) or None
    if not elements:
        return (Holding(location=location),) if location else ()
    carriers: list[_Carrier] = []
    by_id: dict[str, _Carrier] = {}
    for element in elements:
        _place(element, carriers, by_id)
    return tuple(carrier.holding(location) for carrier in carriers)


class _Carrier:
    """One physical carrier while its containers are read."""

    __slots__ = ("barcode", "form", "names", "types")

    def __init__(self) -> None:
        self.names: list[str] = []
        self.types: set[str] = set()
        self.form: str | None = None
        self.barcode: str | None = None

    def holding(self, location: str | None) -> Holding:
        return Holding(tuple(self.names), None, self.form, None, location, self.barcode)


def _place(element: Element, carriers: list[_Carrier], by_id: dict[str, _Carrier]) -> None:
    text = inline(element)
    if text is None:
        return
    kind = element.get("localtype") or element.get("type") or ""
    own, parent = element.get("id"), element.get("parent")
    carrier = by_id.get(parent) if parent else None
    if carrier is None:
        begins = not carriers or kind in carriers[-1].types or (own is not None and own.startswith("aspace_"))
        if begins:
            carriers.append(_Carrier())
        carrier = carriers[-1]
    carrier.types.add(kind)
    carrier.names.append(_slip(kind, text))
    if own:
        by_id[own] = carrier
    label = element.get("label")
    if label and carrier.form is None:
        carrier.form, carrier.barcode = _form_and_barcode(label)
    if carrier.barcode is None:
        carrier.barcode = clean(element.get("containerid"))


def _slip(kind: str, text: str) -> str:
    label = _label(kind)
    return text if not label or text.casefold().startswith(label.casefold()) else f"{label} {text}"


@remember(4096)
def _form_and_barcode(label: str) -> tuple[str | None, str | None]:
    """ArchivesSpace writes ``Mixed Materials [31142046916675]``: what it is, and its barcode."""
    found = _BARCODE.search(label)
    return clean(label[: found.start()] if found else label), found[1] if found else None


def copies(parts: Parts) -> tuple[Copy, ...]:
    """`dao`, `daoset`, `daogrp` and `daoloc` with an address, in order.

    https://www.loc.gov/ead/EAD3taglib/EAD3.html#elem-dao
    """
    found: dict[str, Copy] = {}
    for name in ("dao", "daogrp", "daoset"):
        for element in parts.get(name, ()):
            for inner in (element, *element.iterdescendants()):
                if LOCAL[inner.tag] in ("dao", "daoloc") and (url := link_of(inner)):
                    found.setdefault(url, Copy(url, _dao_title(inner, element), media_type(url)))
    return tuple(found.values())


def _dao_title(element: Element, group: Element) -> str | None:
    stated = attribute(element, "title") or attribute(element, "linktitle")
    if stated:
        return stated
    for holder in (element, group):
        for child in holder:
            if LOCAL[child.tag] in ("daodesc", "descriptivenote"):
                return inline(child)
    return None


def links(found: tuple[Copy, ...]) -> list[Identifier]:
    """The addresses of the digital objects as identifiers to join by."""
    return [Identifier("link", copy.url) for copy in found if copy.url]
