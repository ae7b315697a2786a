"""A PDF made anew: pictures of pages, and the masked text upon them, unseen, where its words stand. Nothing of the
original file is in it.

The letters have no shape (data/glyphless.ttf, from Tesseract), so that text in any script can be searched and copied.
"""

from __future__ import annotations

import ctypes
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, Final

import pypdfium2
import pypdfium2.raw as pdfium
from msgspec import structs
from PIL import Image

from mappings.formats.page_text import closes_up
from mappings.record import Page, Word
from pipelines.deidentify.pictures import jpeg
from pipelines.ocr.pictures import PDF_DPI

_POINTS: Final = 72
_ADVANCE: Final = 0.5
"""Width of each letter of the font in its height."""
_ASLANT: Final = 2.0
"""A line this much thicker than its thickest word is written aslant."""
_CODES: Final = 0x10000
_TO_UNICODE: Final = b"""/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
1 beginbfrange
<0000> <FFFF> <0000>
endbfrange
endcmap
CMapName currentdict /CMap defineresource pop
end
end
"""


class OtherText(Exception):
    """What can be read in the finished PDF is not the masked text."""


class NewPdf:
    """A document that pages are added to. Whoever uses it holds `mappings.formats.pdf.document.LOCK`."""

    def __init__(self) -> None:
        self._document = pypdfium2.PdfDocument.new()
        self._font = _font(self._document)
        self._said: list[str] = []

    def add(self, image: Image.Image, page: Page) -> None:
        """A page: its masked picture, and its masked words; sizes are those of a scan of `PDF_DPI`."""
        across, down = (side * _POINTS / PDF_DPI for side in image.size)
        made = self._document.new_page(across, down)
        shown = pypdfium2.PdfImage.new(self._document)
        shown.load_jpeg(io.BytesIO(jpeg(image)), inline=True)
        shown.set_matrix(pypdfium2.PdfMatrix().scale(across, down))
        made.insert_obj(shown)
        scale = across / (page.width or image.width), down / (page.height or image.height)
        for line in page.lines:
            upright = _is_upright(line)
            placed = _level(line, upright)
            for number, word in enumerate(placed):
                text, reaching = _reaching(word, placed[number + 1 : number + 2], upright)
                self._write(made, text, _scaled(reaching, scale), down, upright)
        made.gen_content()
        made.close()
        self._said.append(page.text)

    def save(self, path: Path) -> None:
        """Write the document and read it again. Raises OtherText when more can be read in it than was put in."""
        with path.open("wb") as file:
            self._document.save(file)
        self._document.close()
        check(path.read_bytes(), self._said)

    def _write(self, made: Any, text: str, word: Word, down: float, upright: bool) -> None:
        """A text without shape in the box of a word, from left to right or from top to bottom."""
        units = text.encode("utf-16-le", "ignore")
        codes = [int.from_bytes(units[at : at + 2], "little") for at in range(0, len(units), 2)]
        size, length = (word.width, word.height) if upright else (word.height, word.width)
        if not codes or not (size > 0 and length > 0):
            return
        written = pdfium.FPDFPageObj_CreateTextObj(self._document, self._font, size)
        pdfium.FPDFText_SetCharcodes(written, (ctypes.c_uint32 * len(codes))(*codes), len(codes))
        pdfium.FPDFTextObj_SetTextRenderMode(written, pdfium.FPDF_TEXTRENDERMODE_INVISIBLE)
        stretch = length / (len(codes) * _ADVANCE * size)
        if upright:
            pdfium.FPDFPageObj_Transform(written, 0, -stretch, 1, 0, word.x, down - word.y)
        else:
            pdfium.FPDFPageObj_Transform(written, stretch, 0, 0, 1, word.x, down - word.y - word.height)
        pdfium.FPDFPage_InsertObject(made, written)


def _is_upright(line: Sequence[Word]) -> bool:
    """Is a line written from top to bottom?"""
    across = max((word.x + word.width for word in line), default=0) - min((word.x for word in line), default=0)
    down = max((word.y + word.height for word in line), default=0) - min((word.y for word in line), default=0)
    return down > across and sum(len(word.text) for word in line) > 1


def _scaled(word: Word, scale: tuple[float, float]) -> Word:
    """In points, from the top left."""
    across, down = scale
    return structs.replace(
        word, x=word.x * across, y=word.y * down, width=word.width * across, height=word.height * down
    )


def _level(line: Sequence[Word], upright: bool) -> Sequence[Word]:
    """The words of a line with one top and one foot (or one left and one right), as long as they stand in a row:
    letters of different heights would be read as different lines.
    """
    low = min((word.x if upright else word.y for word in line), default=0.0)
    high = max((word.x + word.width if upright else word.y + word.height for word in line), default=0.0)
    if high - low > _ASLANT * max((word.width if upright else word.height for word in line), default=0.0):
        return line
    if upright:
        return [structs.replace(word, x=low, width=high - low) for word in line]
    return [structs.replace(word, y=low, height=high - low) for word in line]


def _reaching(word: Word, following: Sequence[Word], upright: bool) -> tuple[str, Word]:
    """A word with the blank behind it, if there is one; else one that reaches to the next word, so that no reader sees
    a blank between them.
    """
    if not following:
        return word.text, word
    [after] = following
    if not closes_up(word.text[-1], after.text[0]):
        return f"{word.text} ", word
    if upright:
        return word.text, structs.replace(word, height=max(word.height, after.y - word.y))
    return word.text, structs.replace(word, width=max(word.width, after.x - word.x))


def check(payload: bytes, said: Iterable[str]) -> None:
    """Is nothing to be read on each page but its masked text? Raises OtherText."""
    document = pypdfium2.PdfDocument(payload)
    try:
        for number, text in enumerate(said):
            page = document[number]
            found = page.get_textpage().get_text_bounded()
            if _letters(found) - _letters(text):
                raise OtherText(f"page {number + 1} of the new PDF holds other text than the masked page")
    finally:
        document.close()


def _letters(text: str) -> Counter[str]:
    """Letters and digits; hyphens at line ends are taken away by whoever extracts."""
    return Counter(char for char in text if char.isalnum())


def _font(document: Any) -> Any:
    data = resources.files(__package__).joinpath("data/glyphless.ttf").read_bytes()
    shapes, one = (ctypes.c_uint8 * len(data)).from_buffer_copy(data), b"\0\1" * _CODES
    letters = (ctypes.c_uint8 * len(one)).from_buffer_copy(one)
    return pdfium.FPDFText_LoadCidType2Font(document, shapes, len(data), _TO_UNICODE, letters, len(one))
