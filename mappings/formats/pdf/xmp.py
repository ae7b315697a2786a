"""The XMP packet of a PDF as a whole, as far as it lies open in the file: Dublin Core, each value once.

ISO 16684-1; ISO 32000-1, 14.3.2: the metadata stream of the catalog is XML and, so that others find it, seldom
compressed. Packets of images inside the file look the same: only the catalog's own counts, or the only one there is.
"""

from __future__ import annotations

import re
from itertools import pairwise

from lxml.etree import _Element as Element

from mappings.formats.xml import parse
from mappings.record import clean

_LARGEST = 1 << 20
_CATALOG = re.compile(rb"/Type\s*/Catalog\b")
_NAMED = re.compile(rb"/Metadata\s+(\d{1,10})\s+(\d{1,5})\s+R\b")
_PACKET = re.compile(rb"<(?:x|xap):x[am]pmeta[\s>]|<rdf:RDF[\s>]")
_END = re.compile(rb"</(?:x:xmpmeta|x:xapmeta|rdf:RDF)\s*>")
_DC = "{http://purl.org/dc/elements/1.1/}"
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def dublin_core(payload: bytes) -> dict[str, list[str]]:
    """Values by element of Dublin Core (title, creator, subject, description, rights, language, identifier ...); of
    alternatives in several languages, the default first.
    """
    packet = _packet(payload)
    root = parse(packet)[0] if packet else None
    found: dict[str, list[str]] = {}
    if root is None:
        return found
    for element in root.iter(f"{_DC}*"):
        name = str(element.tag)[len(_DC) :]
        values = found.setdefault(name, [])
        values += [text for text in _values(element) if text not in values]
    return {name: values for name, values in found.items() if values}


def _values(element: Element) -> list[str]:
    """The items of a Bag, Seq or Alt, else the element's own text."""
    items = list(element.iter(f"{_RDF}li"))
    items.sort(key=lambda item: item.get(_LANG) != "x-default")
    texts = [clean("".join(map(str, item.itertext()))) for item in items or [element]]
    return [text for text in texts if text]


def _packet(payload: bytes) -> bytes | None:
    """The packet of the catalog, else the only one."""
    start = _of_catalog(payload)
    if start is None:
        places = [found.start() for found in _PACKET.finditer(payload)]
        inner = [at for before, at in pairwise(places) if _END.search(payload, before, at) is None]
        if len(places) - len(inner) != 1:
            return None
        start = places[0]
    begins = _PACKET.search(payload, start, start + _LARGEST)
    if begins is None:
        return None
    closing = b"rdf:RDF" if begins[0].startswith(b"<rdf") else b"meta"
    for end in _END.finditer(payload, begins.end(), begins.end() + _LARGEST):
        if closing in end[0]:
            return payload[begins.start() : end.end()]
    return None


def _of_catalog(payload: bytes) -> int | None:
    """Where the object named as metadata by the last catalog begins."""
    for catalog in reversed(list(_CATALOG.finditer(payload))[-3:]):
        around = payload[max(catalog.start() - 2_000, 0) : catalog.end() + 2_000]
        begins = around.rfind(b" obj", 0, min(catalog.start(), 2_000))
        named = _NAMED.search(around, max(begins, 0))
        if named is not None:
            number, generation = named[1].decode(), named[2].decode()
            objects = list(re.finditer(rf"(?<!\d){number}\s+{generation}\s+obj\b".encode(), payload))
            if objects:
                return objects[-1].end()
    return None
