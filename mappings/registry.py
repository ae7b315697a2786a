"""The formats by name. A new one is a module under `mappings.formats` and a line in `MAPPINGS`."""

from __future__ import annotations

import difflib
from importlib import import_module

from mappings.base import Mapping, MappingOptions

MAPPINGS = {
    "ead": "mappings.formats.ead:EadMapping",
    "table": "mappings.formats.table:TableMapping",
    "marc": "mappings.formats.marc:MarcMapping",
    "alto": "mappings.formats.alto:AltoMapping",
    "eac": "mappings.formats.eac:EacMapping",
    "mods": "mappings.formats.mods:ModsMapping",
    "dc": "mappings.formats.dublin_core:DublinCoreMapping",
    "gedcom": "mappings.formats.gedcom:GedcomMapping",
    "geojson": "mappings.formats.geojson:GeoJsonMapping",
    "text": "mappings.formats.text:TextMapping",
    "hocr": "mappings.formats.hocr:HocrMapping",
    "page": "mappings.formats.page_xml:PageXmlMapping",
    "mets": "mappings.formats.mets:MetsMapping",
    "image": "mappings.formats.image:ImageMapping",
    "auto": "mappings.formats.auto:AutoMapping",
    "pdf": "mappings.formats.pdf:PdfMapping",
    "iiif": "mappings.formats.iiif:IiifMapping",
    "made": "mappings.formats.made:MadeMapping",
}


def mapping(name: str, options: MappingOptions) -> Mapping:
    """The mapping of that name. Raises ValueError with one sentence when there is none, or when the options do not
    fit.
    """
    if name not in MAPPINGS:
        near = difflib.get_close_matches(name, MAPPINGS, 1)
        hint = f" (did you mean {near[0]!r}?)" if near else ""
        raise ValueError(f"mapping {name!r} is not known{hint}; known: {', '.join(sorted(MAPPINGS))}")
    module, _, attribute = MAPPINGS[name].partition(":")
    made: Mapping = getattr(import_module(module), attribute)(options)
    return made
