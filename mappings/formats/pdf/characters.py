"""The characters of a page as PDFium finds them, in the order of its content, and where they stand on it as shown."""

from __future__ import annotations

import ctypes
import math
import unicodedata
from collections.abc import Iterator
from typing import Any

import pypdfium2.raw as pdfium
from msgspec import Struct

HYPHEN = "\u00ad"
"""Stands for the hyphen of a word that PDFium found divided at a line end."""
Box = tuple[float, float, float, float]
"""Left, top, right, bottom, in points from the top left corner of the page as shown."""

_PDFIUM_HYPHEN = 2
_FINE = 1000
"""PDFium gives whole device units: a thousandth of a point each."""
_LARGEST_PAGE = 1_000_000.0
_NO_CHARACTERS = frozenset({0xFFFE, 0xFFFF, 0xFFFD})


class Character(Struct, frozen=True, gc=False):
    """One character, or several when a ligature was resolved; `place` is its index in the page's text."""

    text: str
    place: int


class Frame(Struct, frozen=True):
    """A page as shown: its size in points, and how the page's own space turns into it (crop box and rotation done)."""

    width: float
    height: float
    matrix: tuple[float, float, float, float, float, float]


def frame_of(page: Any) -> Frame | None:
    """The frame of a loaded page; None for a page of no size."""
    width, height = pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page)
    if not (0 < width < _LARGEST_PAGE and 0 < height < _LARGEST_PAGE):
        return None
    unit = 1000.0
    to_x, to_y = ctypes.c_int(), ctypes.c_int()
    points = []
    for x, y in ((0.0, 0.0), (unit, 0.0), (0.0, unit)):
        size = (round(width * _FINE), round(height * _FINE))
        if not pdfium.FPDF_PageToDevice(page, 0, 0, *size, 0, x, y, to_x, to_y):
            return None
        points.append((to_x.value / _FINE, to_y.value / _FINE))
    (x0, y0), (x1, y1), (x2, y2) = points
    matrix = ((x1 - x0) / unit, (y1 - y0) / unit, (x2 - x0) / unit, (y2 - y0) / unit, x0, y0)
    return Frame(round(width, 2), round(height, 2), matrix)


def characters(textpage: Any, count: int) -> Iterator[Character]:
    """The first `count` characters of a text page; divided words have `HYPHEN`, line ends are a newline."""
    high = 0
    for place in range(count):
        code = pdfium.FPDFText_GetUnicode(textpage, place)
        if 0xD800 <= code < 0xDC00:
            high = code
            continue
        if 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00) if high else 0
        high = 0
        text = _TEXTS[code]
        if text:
            yield Character(text, place)


def _character(code: int) -> str:
    """The character of a code; empty for what is none."""
    if code == _PDFIUM_HYPHEN:
        return HYPHEN
    if code in (0x0A, 0x0D):
        return "\n"
    if code in _NO_CHARACTERS or not 0 < code < 0x110000 or 0xD800 <= code < 0xE000:
        return ""
    text = _resolved(chr(code))
    if text == HYPHEN:
        return "-"
    return text if text.isprintable() or text.isspace() else ""


def _resolved(char: str) -> str:
    """Ligatures, Arabic shapes and Han radicals as the letters they stand for: fonts of PDFs are full of them, and
    nobody searches with them (Unicode, compatibility decomposition).
    """
    if "\u2e80" <= char <= "\u2fdf" or "\ufb00" <= char <= "\ufdff" or "\ufe70" <= char <= "\ufeff":
        return unicodedata.normalize("NFKC", char).strip()
    return char


class _Texts(dict[int, str]):
    """Code -> its text, worked out once a code."""

    def __missing__(self, code: int) -> str:
        text = _character(code)
        if len(self) < 100_000:  # a hostile font may invent codes without end
            self[code] = text
        return text


_TEXTS = _Texts()


class Boxes:
    """Where the characters of a text page stand on the page as shown."""

    def __init__(self, textpage: Any, frame: Frame) -> None:
        self.frame = frame
        self._textpage = textpage
        self._loose = pdfium.FS_RECTF()
        self._tight = tuple(ctypes.c_double() for _ in range(4))

    def of(self, place: int) -> Box | None:
        """The box of a character in the height of its font, else as it is drawn; None when there is none."""
        found = self._in_its_font(place) or self._drawn(place)
        if found is None or not all(map(math.isfinite, found)):
            return None
        left, bottom, right, top = found
        a, b, c, d, e, f = self.frame.matrix
        x1, y1 = a * left + c * bottom + e, b * left + d * bottom + f
        x2, y2 = a * right + c * top + e, b * right + d * top + f
        return min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)

    def _in_its_font(self, place: int) -> Box | None:
        box = self._loose
        if not pdfium.FPDFText_GetLooseCharBox(self._textpage, place, box):
            return None
        return (box.left, box.bottom, box.right, box.top) if box.left != box.right and box.bottom != box.top else None

    def _drawn(self, place: int) -> Box | None:
        left, right, bottom, top = self._tight
        if not pdfium.FPDFText_GetCharBox(self._textpage, place, left, right, bottom, top):
            return None
        return left.value, bottom.value, right.value, top.value
