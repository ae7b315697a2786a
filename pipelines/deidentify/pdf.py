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
            for number, word in enumerate(line):
                self._write(made, *_reaching(word, line[number + 1 : number + 2]), scale, down)
        made.gen_content()
        made.close()
        self._said.append(page.text)

    def save(self, path: Path) -> None:
        """Write the document and read it again. Raises OtherText when more can be read in it than was put in."""
        with path.open("wb") as file:
            self._document.save(file)
        self._document.close()
        check(path.read_bytes(), self._said)

    def _write(self, made: Any, text: str, word: Word, scale: tuple[float, float], down: float) -> None:
        """A text without shape in the box of a word."""
        units = text.encode("utf-16-le", "ignore")
        codes = [int.from_bytes(units[at : at + 2], "little") for at in range(0, len(units), 2)]
        height, width = word.height * scale[1], word.width * scale[0]
        if not codes or not (height > 0 and width > 0):
            return
        written = pdfium.FPDFPageObj_CreateTextObj(self._document, self._font, height)
        pdfium.FPDFText_SetCharcodes(written, (ctypes.c_uint32 * len(codes))(*codes), len(codes))
        pdfium.FPDFTextObj_SetTextRenderMode(written, pdfium.FPDF_TEXTRENDERMODE_INVISIBLE)
        stretch = width / (len(codes) * _ADVANCE * height)
        left, base = word.x * scale[0], down - (word.y + word.height) * scale[1]
        pdfium.FPDFPageObj_Transform(written, stretch, 0, 0, 1, left, base)
        pdfium.FPDFPage_InsertObject(made, written)


def _reaching(word: Word, following: Sequence[Word]) -> tuple[str, Word]:
    """A word with the blank behind it, if there is one; else one that reaches to the next word, so that no reader sees
    a blank between them.
    """
    if not following:
        return word.text, word
    [after] = following
    if not closes_up(word.text[-1], after.text[0]):
        return f"{word.text} ", word
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
