"""By what records of one thing find each other: (rule, value) pairs; two records with one pair in common are one
resource.

Typed identifiers join across holders. A reference code joins only within its holder and fonds, and only if it says
itself which fonds it is of: a unit id like "1" or "Box 2" joins nothing (contract, "Identity").
"""

from __future__ import annotations

import re
from functools import lru_cache

from mappings.identifiers import normalised, typed
from mappings.record import Identifier, Record
from mappings.reference_codes import CARRIERS, normalise

LONGEST = 200  # characters; a longer code is none
_RESOLVER = re.compile(r"/ark:|://hdl\.handle\.net/|doi\.org/", re.IGNORECASE)
_DATE = re.compile(r"\d{1,4}-\d{1,2}-\d{1,4}")


def link_keys(record: Record, holder: str | None) -> tuple[tuple[str, str], ...]:
    """The pairs of a record; `holder` is that of its source, used when the record names none."""
    keys: list[tuple[str, str]] = []
    for identifier in record.identifiers:
        for inner in (identifier, _resolved(identifier)):
            value = normalised(inner) if inner is not None else None
            if inner is not None and value is not None:
                keys.append((inner.type, value))
    if record.reference_code is not None:
        body = record.holder or holder
        if (
            body
            and len(record.reference_code) <= LONGEST
            and (qualified := _qualified(record.reference_code, record.fonds))
        ):
            keys.append(("reference_code", f"{normalise(body)}|{qualified}"))
    return tuple(dict.fromkeys(keys)) if len(keys) > 1 else tuple(keys)


def _resolved(identifier: Identifier) -> Identifier | None:
    """The persistent identifier that an address resolves (https://n2t.net/ark:/..., https://hdl.handle.net/...)."""
    if identifier.type not in ("link", "uri") or not _RESOLVER.search(identifier.value):
        return None
    found = typed(identifier.value)
    return found if found is not None and found.type in ("ark", "handle", "doi") else None


@lru_cache(maxsize=16_384)
def _qualified(code: str, fonds: str | None) -> str | None:
    """``fonds|code``, or None when the code does not begin with its fonds and is not the fonds itself."""
    whole = normalise(code)
    if fonds is None:
        prefix = _stated_fonds(whole)
    else:
        prefix = normalise(fonds)
        if whole != prefix and not whole.startswith(prefix + "-"):
            return None
    return f"{prefix}|{whole}" if prefix and any(char.isdigit() for char in whole) else None


def _stated_fonds(whole: str) -> str | None:
    """The first part of a code of three parts or more, if it has a digit itself ("z013-1-001-005") and is neither
    carrier nor date.
    """
    parts = whole.split("-")
    first = parts[0]
    if len(parts) < 3 or first in CARRIERS or _DATE.fullmatch(whole):
        return None
    return first if any(char.isdigit() for char in first) else None
