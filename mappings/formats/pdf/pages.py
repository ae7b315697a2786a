"""The pages of a PDF: size as shown, number as printed, text layer as lines of words; each page closed when it is read.

Bounds: `MAX_PAGES` pages, `MAX_CHARACTERS` a page, `MAX_WORDS` with a box of their own in a file - after those, a line
is one word, so that a volume of any length fits into memory.
"""

from __future__ import annotations

import ctypes
from typing import Any

import pypdfium2.raw as pdfium

from mappings.formats.page_text import line_text
from mappings.formats.pdf.characters import Boxes, Frame, characters, frame_of
from mappings.formats.pdf.document import label
from mappings.formats.pdf.lines import Line, lines_of, whole
from mappings.record import Divided, Page, Problem

MAX_PAGES = 20_000
MAX_CHARACTERS = 100_000
MAX_WORDS = 1_500_000
"""About 330 MB of words; a book of 2,000 pages has a million."""
_MISSES = 20
"""Pages in a row that cannot be read before the page count of the file is no longer believed."""
_OBJECTS = 50
"""Objects of a page looked at for an image: a scan is among the first."""
_COVERS = 0.5
"""Share of the page from which an image is taken for a scan of the page rather than a picture on it."""
_SHOWN = 10


class Pages:
    """The pages of one document on their way to a record. The caller holds `document.LOCK`."""

    def __init__(self, name: str) -> None:
        self.found: list[Page] = []
        self.scans = 0
        self._name = name
        self._words = 0
        self._unread: list[int] = []
        self._cut: list[int] = []
        self._textless: list[int] = []
        self._more = 0

    def read(self, document: Any) -> None:
        """Read all pages, as far as the bounds go."""
        count = max(pdfium.FPDF_GetPageCount(document), 0)
        self._more = max(count - MAX_PAGES, 0)
        for index in range(min(count, MAX_PAGES)):
            self.found.append(self._page(document, index))
            if self._unread[-_MISSES:] == list(range(index + 2 - _MISSES, index + 2)):
                del self.found[-_MISSES:]
                break

    def _page(self, document: Any, index: int) -> Page:
        """The page of this index; without text and image when it cannot be loaded."""
        page = pdfium.FPDF_LoadPage(document, index)
        if not page:
            self._unread.append(index + 1)
            return Page(index + 1, label=label(document, index))
        try:
            frame = frame_of(page)
            lines, divided = self._lines(page, index + 1, frame) if frame is not None else ([], [])
            is_scan = frame is not None and _is_scan(page, frame)
        finally:
            pdfium.FPDF_ClosePage(page)
        self.scans += is_scan
        if is_scan and not lines:
            self._textless.append(index + 1)
        text = "\n".join(map(line_text, lines))
        width, height = (frame.width, frame.height) if frame else (None, None)
        printed = label(document, index)
        rests = tuple(divided)
        return Page(index + 1, text, printed, self._name, width, height, tuple(lines), frame=index, divided=rests)

    def _lines(self, page: Any, number: int, frame: Frame) -> tuple[list[Line], list[Divided]]:
        handle = pdfium.FPDFText_LoadPage(page)
        if not handle:
            self._unread.append(number)
            return [], []
        try:
            count = pdfium.FPDFText_CountChars(handle)
            if count > MAX_CHARACTERS:
                self._cut.append(number)
            lines, divided = lines_of(characters(handle, min(count, MAX_CHARACTERS)), Boxes(handle, frame))
        finally:
            pdfium.FPDFText_ClosePage(handle)
        self._words += sum(map(len, lines))
        if self._words > MAX_WORDS:
            return [whole(line, line_text(line)) for line in lines], []
        return lines, divided

    def problems(self) -> list[Problem]:
        """What is wrong with the pages: each thing once for the file, with the pages it is about."""
        found = []
        if self._unread:
            hint = "what could be read was kept; repair the file and run again"
            found.append(Problem("damaged-pdf", "pages that cannot be read", hint, _numbers(self._unread)))
        if self._more:
            reason = f"{self._more} pages beyond the first {MAX_PAGES} were left out"
            found.append(Problem("too-many-pages", reason, "divide the file into volumes"))
        if self._cut:
            reason = f"more than {MAX_CHARACTERS} characters on a page; the rest of it was left out"
            found.append(Problem("page-too-long", reason, "check whether it is a page", _numbers(self._cut)))
        if self._textless:
            reason = f"{len(self._textless)} of {len(self.found)} pages are images without a text layer"
            found.append(Problem("no-text-layer", reason, "have them recognised", _numbers(self._textless)))
        return found


def _numbers(pages: list[int]) -> str:
    """Page numbers as a position, runs as ranges: "pages 2, 5-9"."""
    runs: list[list[int]] = []
    for number in pages:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    shown = ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs[:_SHOWN])
    word = "page" if len(pages) == 1 else "pages"
    return f"{word} {shown}{', ...' if len(runs) > _SHOWN else ''}"


def _is_scan(page: Any, frame: Frame) -> bool:
    """Is the page an image of a page: does one of its first objects cover most of it and is an image?"""
    for place in range(min(pdfium.FPDFPage_CountObjects(page), _OBJECTS)):
        handle = pdfium.FPDFPage_GetObject(page, place)
        if handle and pdfium.FPDFPageObj_GetType(handle) == pdfium.FPDF_PAGEOBJ_IMAGE and _covers(handle, frame):
            return True
    return False


def _covers(handle: Any, frame: Frame) -> bool:
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    if not pdfium.FPDFPageObj_GetBounds(handle, left, bottom, right, top):
        return False
    area = (right.value - left.value) * (top.value - bottom.value)
    return bool(area > _COVERS * frame.width * frame.height)
