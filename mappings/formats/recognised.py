"""Recognised pages of whatever format a file is in: PAGE XML, ALTO, hOCR or plain text, told by its bytes."""

from __future__ import annotations

from mappings.base import MappingOptions
from mappings.formats.alto import AltoMapping
from mappings.formats.hocr import HocrMapping
from mappings.formats.page_text import PageTextMapping, page_of
from mappings.formats.page_xml import PageXmlMapping
from mappings.formats.table.decoding import decode
from mappings.formats.volume import PageFile
from mappings.record import Word, clean
from mappings.sniff import HEAD, sniff

_READERS: dict[str, PageTextMapping] = {
    "alto": AltoMapping(MappingOptions()),
    "hocr": HocrMapping(MappingOptions()),
    "page": PageXmlMapping(MappingOptions()),
}


def read_recognised(payload: bytes) -> PageFile:
    """The pages of a file in one of the formats of recognised pages; `pages` is None when it is in none of them."""
    reader = _READERS.get(sniff(payload[:HEAD]) or "")
    return PageFile(None) if reader is None else reader.read(payload)


def read_any(payload: bytes) -> PageFile:
    """The same, and plain text: lines without places."""
    kind = sniff(payload[:HEAD])
    if kind not in ("text", "table"):
        return read_recognised(payload)
    decoded = decode(payload)
    texts = (clean(line) for line in (decoded.lines if decoded else "").splitlines())
    lines: list[tuple[Word, ...]] = [(Word(text, 0, 0, 0, 0),) for text in texts if text]
    return PageFile([page_of(lines, None, None, None, None)])
