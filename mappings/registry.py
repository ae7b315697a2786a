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
