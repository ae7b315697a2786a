"""The files a METS names: ``fileSec``, its groups and locations, and which of them lie in the source.

https://www.loc.gov/standards/mets/METSOverview.v2.html#filegrp  A location is a path below the folder of the METS,
plain or as ``file:``; nothing that leads out of the source is ever meant. What lies elsewhere (http) is remembered as
an address and not fetched.
"""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Collection
from pathlib import PurePosixPath
from urllib.parse import unquote

from lxml.etree import _Element as Element
from msgspec import Struct

from mappings.formats.media import media_type
from mappings.record import clean

_LOCATION = re.compile(rb"""<(?:[\w.-]+:)?FLocat\b[^<>]*?\bhref\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_REMOTE = re.compile(r"(?:https?|ftp)://", re.IGNORECASE)
_HREF = ("{http://www.w3.org/1999/xlink}href", "{http://www.w3.org/TR/xlink}href", "href")


class File(Struct, frozen=True):
    """A ``file``: `group` are the ``USE`` of its groups from the outermost, `name` the item in the source if it is
    there, `order` its place in the file section.
    """

    id: str
    group: str
    href: str
    order: int
    name: str | None = None
    media: str | None = None

    @property
    def is_remote(self) -> bool:
        """Does it lie elsewhere?"""
        return bool(_REMOTE.match(self.href))

    @property
    def is_image(self) -> bool:
        """By what the METS says, else by its name."""
        return (self.media or "").startswith("image/")


def files_of(mets: Element, name: str, present: Collection[str]) -> dict[str, File]:
    """The files of a METS by id; `name` is the item the METS is, `present` all items that may be meant."""
    found: dict[str, File] = {}
    for order, element in enumerate(mets.iter("{*}file")):
        href = _href(element)
        if (key := element.get("ID")) and href and key not in found:
            said = (element.get("MIMETYPE") or "").strip().lower()
            media = said if "/" in said and said != "application/octet-stream" else media_type(href)
            found[key] = File(key, _group(element), href, order, resolved(href, name, present), media)
    return found


def references_in(payload: bytes, name: str, present: Collection[str]) -> set[str]:
    """The items a METS refers to, read off without parsing it: asked of every METS on each run."""
    if payload[:2] in (b"\xff\xfe", b"\xfe\xff"):
        payload = payload.decode("utf-16", "replace").encode()
    named = (found[1] or found[2] or b"" for found in _LOCATION.finditer(payload))
    addresses = (html.unescape(address.decode("utf-8", "replace")).strip() for address in named)
    return {item for address in addresses if address and (item := resolved(address, name, present))}


def resolved(href: str, name: str, present: Collection[str]) -> str | None:
    """The item of the source that a location means; None for what lies elsewhere, outside, or is not there."""
    if _REMOTE.match(href):
        return None
    path = re.sub(r"^file:(?://(?:localhost)?)?", "", href, flags=re.IGNORECASE).replace("\\", "/")
    folder = posixpath.dirname(name)
    for candidate in dict.fromkeys((path, unquote(path))):
        if "\0" in candidate or candidate.startswith("/"):
            continue
        item = posixpath.normpath(posixpath.join(folder, candidate))
        if not item.startswith("../") and item in present:
            return item
    return None


def _href(element: Element) -> str | None:
    """The first location with an address."""
    for location in element.iterchildren("{*}FLocat"):
        if href := next((text for key in _HREF if (text := clean(location.get(key)))), None):
            return href
    return None


def _group(element: Element) -> str:
    """``USE`` of the groups a file is in, joined by blanks; of the file itself where they have none."""
    uses = [use for group in element.iterancestors("{*}fileGrp") if (use := clean(group.get("USE")))]
    return " ".join(reversed(uses)) or clean(element.get("USE")) or ""


def shown_name(file: File) -> str:
    """The name a message calls a file by."""
    return PurePosixPath(file.href).as_posix()[:200]
