"""One OAI-PMH 2.0 repository, asked a page at a time and strictly parsed.

The harvesting library (`oaipmh_scythe`) speaks the protocol and names its errors. What it reads with a parser that
repairs whatever comes, and without a limit, is read here as it stands: half a page is not a shorter list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cached_property
from html import unescape
from itertools import pairwise
from typing import Any, BinaryIO, cast

import httpx2
from lxml import etree
from oaipmh_scythe import OAIResponse, Scythe
from oaipmh_scythe.models import Header

from connectors.base import StopSource
from connectors.web import Web, ask

OAI = "{http://www.openarchives.org/OAI/2.0/}"
_WITH_REASON = frozenset({400, 404, 422})
"""Statuses that some repositories give an error of the protocol with."""
_PREFIX = rb"((?:[A-Za-z_][\w.-]*:)?)"
_RECORD = re.compile(rb"<" + _PREFIX + rb"record\b[^<>]*>\s*<\1header\b")
_IDENTIFIER = re.compile(rb"<" + _PREFIX + rb"identifier\b[^<>]*>([^<]*)<")
_METADATA = re.compile(rb"<" + _PREFIX + rb"metadata\b[^<>]*>(.*)</\1metadata\s*>", re.DOTALL)


class BrokenPage(Exception):
    """The answer is no XML, ends early, or is none of OAI-PMH. The message is the reason."""


class Page(OAIResponse):
    """One answer. `broken` are the bytes of records that were cut out of a page that is not well-formed as a whole."""

    def __init__(self, payload: bytes, params: dict[str, str], *, salvage: bool = False) -> None:
        """Raises BrokenPage; with `salvage` only when the page is cut off, or more than its records is broken."""
        super().__init__(http_response=None, params=params)  # type: ignore[arg-type]
        self.broken: list[bytes] = []
        try:
            self._root = _parsed(payload)
        except BrokenPage as error:
            mended = self._mended(payload) if salvage else None
            if mended is None:
                raise error from None
            self._root = _parsed(mended)

    @property
    def xml(self) -> Any:
        return self._root

    @cached_property
    def date(self) -> datetime | None:
        """When the repository answered, by its own clock; None when it does not say so in ISO 8601."""
        return instant(self._root.findtext(f"{OAI}responseDate"))

    @property
    def token(self) -> str | None:
        """What to ask the next page with; None on the last."""
        return (self._root.findtext(f"{OAI}{self.params['verb']}/{OAI}resumptionToken") or "").strip() or None

    def entries(self, name: str) -> Iterator[Any]:
        """The elements of a list (``record``, ``header``, ``set``, ``metadataFormat``), not those of their contents."""
        return iter(self._root.findall(f"{OAI}{self.params['verb']}/{OAI}{name}"))

    def _mended(self, payload: bytes) -> bytes | None:
        """The page without the records that are not well-formed, which go to `broken`; None of half a page."""
        found = list(_RECORD.finditer(payload))
        if not found:
            return None
        starts = [one.start() for one in found]
        closing = b"</" + found[0][1] + b"record>"
        end = payload.rfind(closing) + len(closing)
        if end < starts[-1]:
            return None
        kept: list[bytes] = []
        for start, stop in pairwise([*starts, end]):
            piece = payload[start:stop]
            (kept if _is_sound(payload[: starts[0]] + piece + payload[end:]) else self.broken).append(piece)
        return payload[: starts[0]] + b"".join(kept) + payload[end:]


class Repository(Scythe):
    """The client. It asks in our one way (`connectors.web`), never waits, and tries nothing twice."""

    def __init__(self, url: str, web: Web) -> None:
        address = httpx2.URL(url)
        fixed = [(name, value) for name, value in address.params.multi_items() if name != "verb"]
        super().__init__(str(address.copy_with(query=None)))
        self._web, self._fixed = web, fixed

    def harvest(self, query: dict[str, str]) -> Page:
        """One answer. Raises RetryLater, StopSource, BrokenPage, and OAIPMHException for an error of the protocol."""
        return self.page(query)

    def page(self, query: dict[str, str], *, salvage: bool = False) -> Page:
        """`harvest`; with `salvage`, a page with records that are not well-formed is taken without them."""
        url = httpx2.URL(self.endpoint, params=httpx2.QueryParams([*self._fixed, *query.items()]))
        answer = ask(self._web, str(url), StopSource, accept=_WITH_REASON)
        with cast(BinaryIO, answer.body) as body:
            payload = body.read()
        try:
            page = Page(payload, query, salvage=salvage)
        except BrokenPage:
            if answer.status in _WITH_REASON:
                raise StopSource(f"{self.endpoint} answers {answer.status}; check settings.url") from None
            raise
        page.raise_for_oaipmh_error()
        return page


def instant(text: str | None) -> datetime | None:
    """A UTCdatetime of OAI-PMH (days are their first moment); None for anything else."""
    try:
        found = datetime.fromisoformat((text or "").strip())
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def header_of(entry: Any) -> Header:
    """The header of a record or of a list of headers."""
    found = entry if entry.tag == f"{OAI}header" else entry.find(f"{OAI}header")
    return Header(etree.Element(f"{OAI}header") if found is None else found)


def metadata_of(record: Any) -> bytes | None:
    """What ``<metadata>`` holds as an XML document of its own, with every namespace in scope there; None without.

    Metadata of several elements without a root (against the protocol) stay under ``<metadata>``.
    """
    holder = record.find(f"{OAI}metadata")
    children = [] if holder is None else list(holder.iterchildren("*"))
    if not children:
        return None
    root = children[0] if len(children) == 1 else holder
    document: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True, with_tail=False)
    return document


def identifier_in(piece: bytes) -> str:
    """The identifier of a record that is not well-formed."""
    found = _IDENTIFIER.search(piece)
    return unescape(found[2].decode("utf-8", "replace")).strip() if found else ""


def metadata_in(piece: bytes) -> bytes:
    """What ``<metadata>`` holds in a record that is not well-formed, as it stands."""
    found = _METADATA.search(piece)
    return found[2].strip() if found else b""


def _is_sound(payload: bytes) -> bool:
    try:
        _parsed(payload)
    except BrokenPage:
        return False
    return True


def _parsed(payload: bytes) -> Any:
    """The root of a page. No entity is expanded, nothing is fetched, nothing repaired. Raises BrokenPage."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(payload, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BrokenPage(f"is not well-formed XML ({error})") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise BrokenPage("declares a document type, which OAI-PMH has no use for")
    if root.tag != f"{OAI}OAI-PMH":
        raise BrokenPage(f"is no OAI-PMH but <{etree.QName(root).localname}>")
    return root
