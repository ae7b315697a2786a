"""856: addresses on the web, as copies when they lead to the thing itself, else as links to something about it.

https://www.loc.gov/marc/bibliographic/bd856.html
"""

from __future__ import annotations

import re

from pymarc import Field

from mappings.formats.marc.model import MarcRecord, each, text, trimmed
from mappings.formats.media import media_type
from mappings.identifiers import typed
from mappings.record import Copy, Identifier, clean

_ADDRESS = re.compile(r"(?:https?|ftp)://[^\s<>\"]+", re.IGNORECASE)
_ABOUT = re.compile(
    r"contents|finding aid|inventory|publisher|description|contributor|biograph|abstract|summary|cover|"
    r"review|sample|excerpt|home ?page|guide|information|rights|目录|目次|摘要|书评|封面",
    re.IGNORECASE,
)
_THE_THING = frozenset("01")
_MEDIA = re.compile(r"[a-z]+/[\w.+-]+", re.IGNORECASE | re.ASCII)


def links(record: MarcRecord) -> tuple[tuple[Copy, ...], list[Identifier], list[str]]:
    """(copies, identifiers to join by, lines about related resources); every $u is in one of the three."""
    copies: dict[str, Copy] = {}
    identifiers: list[Identifier] = []
    related: list[str] = []
    for field in record.fields("856"):
        for address in each(field, "u"):
            known = typed(address) if not _ADDRESS.fullmatch(address) else None
            if known is not None and _is_the_thing(field):
                identifiers.append(known)
            elif _ADDRESS.fullmatch(address) and _is_the_thing(field):
                copies.setdefault(address, Copy(address, _label(field), _media(field, address)))
            else:
                label = _label(field)
                related.append(f"{label}: {address}" if label else address)
    return tuple(copies.values()), [*(Identifier("link", address) for address in copies), *identifiers], related


def _is_the_thing(field: Field) -> bool:
    """Second indicator 0 is the resource, 1 a version of it, 2 a related one; without it the words have to tell."""
    if field.indicator2 in _THE_THING:
        return True
    return field.indicator2 not in "28" and not _ABOUT.search(text(field, "3yz") or "")


def _label(field: Field) -> str | None:
    """What it is ($3), or the text of the link ($y), or the public note ($z)."""
    return next((label for code in "3yz" if (label := trimmed(text(field, code)))), None)


def _media(field: Field, address: str) -> str | None:
    """$q where it is a media type, else by the name of the file."""
    stated = clean(field.get("q"))
    return stated if stated and _MEDIA.fullmatch(stated) else media_type(address)
