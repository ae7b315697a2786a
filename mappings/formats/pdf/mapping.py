"""From a PDF file to a record: the volume it is, with its pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar, Literal

import pypdfium2.raw as pdfium
from msgspec import Struct

from mappings.base import Content, Failed, MappingOptions, Outcome, Skipped
from mappings.formats.pdf import metadata
from mappings.formats.pdf.document import (
    LOCK,
    MAX_OUTLINE,
    Attachment,
    Bookmark,
    CannotOpen,
    attachments,
    information,
    language,
    opened,
    outline,
)
from mappings.formats.pdf.metadata import Said
from mappings.formats.pdf.pages import Pages
from mappings.formats.pdf.xmp import dublin_core
from mappings.formats.reading import read_up_to
from mappings.record import Copy, Problem, Record

LARGEST = 512 << 20
"""Bytes of a file; PDFium wants all of it at hand."""
_HEADER = 1024
"""Bytes within which ``%PDF-`` stands (ISO 32000-1, annex H, note 13)."""
_KEYS = ("Title", "Author", "Subject", "Keywords", "CreationDate")
_LEAVE_OUT = "choose another mapping or a glob that leaves it out"


class _Read(Struct, frozen=True):
    """What a document gave; nothing of PDFium's is left in it."""

    said: Said
    outline: list[Bookmark]
    attachments: list[Attachment]
    pages: Pages


class PdfMapping:
    """Mapping ``pdf``."""

    unit: ClassVar[Literal["file", "folder"]] = "file"

    def __init__(self, options: MappingOptions) -> None:
        self._options = options

    def records(self, contents: Sequence[Content]) -> Iterator[Outcome]:
        """One record a file, or why there is none."""
        for content in contents:
            yield self._outcome(content)

    def _outcome(self, content: Content) -> Outcome:
        with content.open() as stream:
            payload = read_up_to(stream, LARGEST + 1)
        name = content.name
        if not payload.strip(b"\0 \t\r\n"):
            return Skipped(Problem("empty-file", "the file is empty", _LEAVE_OUT), name)
        if len(payload) > LARGEST:
            reason = f"the PDF is larger than {LARGEST >> 20} MiB"
            return Failed(Problem("too-large", reason, "divide it into volumes"), name)
        if b"%PDF-" not in payload[:_HEADER] and not name.lower().endswith(".pdf"):
            return Skipped(Problem("wrong-format", "the file is not PDF", _LEAVE_OUT), name)
        try:
            with LOCK:
                found = _read(payload, name)
        except CannotOpen as error:
            return Failed(_why_not(error.code, payload), name)
        if not found.pages.found and not found.attachments:
            return Failed(Problem("damaged-pdf", "the PDF has no pages", "fetch or export it again"), name)
        return self._record(name, found)

    def _record(self, name: str, found: _Read) -> Record:
        """The volume. What the file fixes is overruled by nothing it says itself; what the source fixes fills gaps."""
        said, pages, fixed = found.said, tuple(found.pages.found), self._options.fixed
        stated = metadata.title(said, name) or fixed.get("title")
        is_scan = 2 * found.pages.scans > len(pages)
        made = metadata.dates(said)
        return Record(
            source_id=name,
            title=stated or metadata.supplied_title(name),
            kind="digital",
            supplied_title=stated is None,
            level=fixed.get("level"),
            holder=self._options.holder,
            dates=None if is_scan else made,
            names=(*metadata.creators(said), *metadata.publishers(said), *metadata.subjects(said)),
            languages=metadata.languages(said),
            description=_description(found, made.text if is_scan and made else None),
            identifiers=metadata.identifiers(said),
            copies=(Copy(format="application/pdf", page_count=len(pages), pages=pages),),
            unit=name,
            problems=tuple(found.pages.problems()),
        )


def _read(payload: bytes, name: str) -> _Read:
    """Everything the file says, read in one go. Raises CannotOpen."""
    with opened(payload) as document:
        values = {key: metadata.legible(value) for key in _KEYS if (value := information(document, key))}
        said = Said(values, dublin_core(payload), language(document))
        pages = Pages(name)
        pages.read(document)
        return _Read(said, list(outline(document)), attachments(document), pages)


def _description(found: _Read, scanned: str | None) -> dict[str, str]:
    """The elements that have something to say. The date of a scan is that of its making, not of what it shows."""
    labels = [page.label for page in found.pages.found]
    contents = metadata.contents(found.outline, labels)
    if contents and len(found.outline) == MAX_OUTLINE:
        contents += "\n..."
    elements = {
        "abstract": metadata.abstract(found.said),
        "reproduction_conditions": metadata.rights(found.said),
        "contents": contents,
        "attachments": metadata.attached(found.attachments),
        "date_digitised": scanned,
    }
    return {name: text for name, text in elements.items() if text}


def _why_not(code: int, payload: bytes) -> Problem:
    """What PDFium's refusal means, and what to do about it."""
    if code == pdfium.FPDF_ERR_PASSWORD:
        hint = "save it without a password, or leave it out"
        return Problem("encrypted", "the PDF can only be opened with a password", hint)
    if code == pdfium.FPDF_ERR_SECURITY:
        hint = "save it without protection, or leave it out"
        return Problem("encrypted", "the PDF is protected in a way that cannot be read", hint)
    if b"%PDF-" not in payload[:_HEADER]:
        return Problem(
            "damaged-pdf", "the file does not begin like a PDF (%PDF-)", "fetch or export it again", "byte 0"
        )
    whole = b"%%EOF" in payload[-2048:]
    reason = "the PDF cannot be opened" if whole else "the PDF is cut off and cannot be opened"
    return Problem("damaged-pdf", reason, "fetch or export it again")
