"""Identifiers that are valid outside their source, found out by their form and normalised for comparison."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from mappings.record import Identifier

_SYSTEM_TYPES = frozenset({"aspace_uri", "archivesspace_uri"})
_ARK = re.compile(r"(?:^|/)(ark:/?\d{5,}/\S+)", re.IGNORECASE)
_HANDLE = re.compile(r"^(?:hdl:|https?://hdl\.handle\.net/)(\d[\d.]*/\S+)$", re.IGNORECASE)
_DOI = re.compile(r"^(?:doi:\s*|https?://(?:dx\.)?doi\.org/)?(10\.\d{4,9}/\S+)$", re.IGNORECASE)
_ISBN = re.compile(r"^(?:isbn[-:\s]*(?:1[03])?[:\s]*)?((?:97[89][-\s]?)?(?:\d[-\s]?){9}[\dXx])$", re.IGNORECASE)
_ISSN = re.compile(r"^(?:issn[:\s]*)?(\d{4}-?\d{3}[\dXx])$", re.IGNORECASE)


def typed(value: str, kind: str | None = None) -> Identifier | None:
    """The identifier a value is, told by its form or by the type its source states; None for a plain number or code."""
    stated = (kind or "").casefold().strip()
    if stated in _SYSTEM_TYPES or (value.startswith("/repositories/") and "objects/" in value):
        return Identifier("aspace_uri", value)
    if found := _ARK.search(value):
        return Identifier("ark", found[1])
    if found := _HANDLE.match(value):
        return Identifier("handle", found[1])
    if found := _DOI.match(value):
        return Identifier("doi", found[1])
    return _stated(value, stated)


def _stated(value: str, stated: str) -> Identifier | None:
    """Forms that numbers of other kinds may have too: only believed when the source, or the value itself, says so."""
    if (stated == "isbn" or value[:4].casefold() == "isbn") and (found := _ISBN.match(value)):
        return Identifier("isbn", found[1])
    if (stated == "issn" or value[:4].casefold() == "issn") and (found := _ISSN.match(value)):
        return Identifier("issn", found[1])
    if stated in ("handle", "hdl", "doi", "ark"):
        return Identifier("handle" if stated == "hdl" else stated, value)
    if value.startswith(("http://", "https://", "urn:")):
        return Identifier("uri", value)
    return None


def normalised(identifier: Identifier) -> str | None:
    """The form in which two writings of one identifier are equal; None when it cannot serve to compare."""
    value = identifier.value.strip()
    rule = _RULES.get(identifier.type)
    return rule(value) if rule is not None else None


def _ark(value: str) -> str:
    """Hyphens do not count, case does (https://www.ietf.org/archive/id/draft-kunze-ark-41.html, 2.7)."""
    found = _ARK.search(value)
    return "ark:" + (found[1] if found else value)[4:].lstrip("/").replace("-", "").rstrip("/.")


def _folded(value: str) -> str:
    """DOI and handle: case does not count (DOI handbook 2.4), nor does the resolver."""
    found = _DOI.match(value) or _HANDLE.match(value)
    return (found[1] if found else value).casefold()


def _isbn(value: str) -> str | None:
    """ISBN-13, the check digit worked out anew for a ten-digit one (https://www.isbn-international.org)."""
    digits = re.sub(r"[^0-9Xx]", "", value)
    if len(digits) == 13:
        return digits
    if len(digits) != 10:
        return None
    body = "978" + digits[:9]
    total = sum(int(digit) * (3 if index % 2 else 1) for index, digit in enumerate(body))
    return body + str(-total % 10)


def _issn(value: str) -> str:
    return re.sub(r"[^0-9Xx]", "", value).upper()


def _address(value: str) -> str | None:
    """A full address without scheme, case of the host, default port, trailing slash and fragment; None for a home
    page.
    """
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
        return value if parts.scheme.lower() == "urn" else None
    host = parts.hostname if port in (None, 80, 443) else f"{parts.hostname}:{port}"
    path = parts.path.rstrip("/")
    if not path and not parts.query:
        return None  # a home page is the address of nothing in particular
    return f"{host}{path}?{parts.query}" if parts.query else f"{host}{path}"


_RULES = {
    "ark": _ark,
    "handle": _folded,
    "doi": _folded,
    "isbn": _isbn,
    "issn": _issn,
    "uri": _address,
    "link": _address,
}
