"""A PDF opened with PDFium, and what it says of itself as a whole: labels, outline, attachments, metadata, language.

PDFium is not thread-safe: whoever calls anything here holds `LOCK`. It opens no file and no connection, runs no script
(it is built without an engine for them), and follows no link.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
from msgspec import Struct

from mappings.record import clean

LOCK = threading.Lock()
MAX_OUTLINE = 2_000
MAX_ATTACHMENTS = 1_000
_MAX_VALUE = 1 << 16
"""Bytes of one value of the metadata, or one name; longer ones are no metadata."""
_DEEPEST = 15


class CannotOpen(Exception):
    """PDFium refuses the file; `code` is one of its FPDF_ERR values."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Bookmark(Struct, frozen=True):
    """An entry of the outline: its depth from 0, and the index of the page it leads to, if it leads to one."""

    title: str
    depth: int
    page: int | None


class Attachment(Struct, frozen=True):
    """An embedded file, not opened: name, media type as stated, size in bytes as stated."""

    name: str
    type: str | None
    size: int | None


@contextmanager
def opened(payload: bytes) -> Iterator[Any]:
    """The document, opened without a password. Raises CannotOpen.

    Opened by hand, since the library's own way refuses a document without pages, which may still carry attachments.
    """
    handle = pdfium.FPDF_LoadMemDocument64(payload, len(payload), None)
    if not handle:
        raise CannotOpen(pdfium.FPDF_GetLastError())
    document = pypdfium2.PdfDocument(handle)
    try:
        yield document
    finally:
        document.close()


def label(document: Any, index: int) -> str | None:
    """The page's number as printed (ISO 32000-1, 12.4.2 Page labels)."""
    return _text(lambda buffer, size: pdfium.FPDF_GetPageLabel(document, index, buffer, size))


def information(document: Any, key: str) -> str | None:
    """A value of the document information dictionary (ISO 32000-1, 14.3.3)."""
    name = key.encode("ascii") + b"\0"
    return _text(lambda buffer, size: pdfium.FPDF_GetMetaText(document, name, buffer, size))


def language(document: Any) -> str | None:
    """The catalog's ``Lang`` (ISO 32000-1, 14.9.2), as written."""
    return _text(lambda buffer, size: pdfium.FPDFCatalog_GetLanguage(document, buffer, size))


def outline(document: Any) -> Iterator[Bookmark]:
    """The outline (ISO 32000-1, 12.3.3), parents before children; the first `MAX_OUTLINE` entries."""
    for number, bookmark in enumerate(document.get_toc(max_depth=_DEEPEST)):
        if number >= MAX_OUTLINE:
            return
        title = _text(lambda buffer, size, one=bookmark: pdfium.FPDFBookmark_GetTitle(one, buffer, size))
        if title is None:
            continue
        target = pdfium.FPDFBookmark_GetDest(document, bookmark)
        page = pdfium.FPDFDest_GetDestPageIndex(document, target) if target else -1
        yield Bookmark(title, bookmark.level, page if page >= 0 else None)


def attachments(document: Any) -> list[Attachment]:
    """Embedded files by name (ISO 32000-1, 7.11.4); none of them is opened."""
    count = pdfium.FPDFDoc_GetAttachmentCount(document)
    return [_attachment(document, index) for index in range(min(max(count, 0), MAX_ATTACHMENTS))]


def _attachment(document: Any, index: int) -> Attachment:
    handle = pdfium.FPDFDoc_GetAttachment(document, index)
    if not handle:
        return Attachment(f"attachment {index + 1}", None, None)
    name = _text(lambda buffer, size: pdfium.FPDFAttachment_GetName(handle, buffer, size))
    kind = _text(lambda buffer, size: pdfium.FPDFAttachment_GetSubtype(handle, buffer, size))
    size = ctypes.c_ulong()
    known = pdfium.FPDFAttachment_GetFile(handle, None, 0, size)
    return Attachment(name or f"attachment {index + 1}", kind, int(size.value) if known else None)


def _text(ask: Any) -> str | None:
    """The value PDFium gives in UTF-16 when asked twice: for its size in bytes, and for itself; cleaned."""
    size = ask(None, 0)
    if not 2 < size <= _MAX_VALUE:
        return None
    buffer = ctypes.create_string_buffer(size)
    try:
        ask(buffer, size)
    except ctypes.ArgumentError:  # some functions take their buffer as UTF-16 units
        ask(ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), size)
    return clean(buffer.raw[: size - 2].decode("utf-16-le", "ignore"))
