"""Copies with a watermark: who they are for, tiled over each page, light enough to read through.

Images are drawn on here. A PDF is drawn page by page in a process of its own (`service_desk.printed.stamping`): what is
wrong with a file ends that process and not ours. Its pages become images, so that the mark cannot be taken off.
"""

from __future__ import annotations

import io
import subprocess
import sys
from typing import Any, Final

import msgspec
from PIL import Image, ImageDraw, ImageFont, ImageOps, UnidentifiedImageError

from service_desk.printed.fonts import Fonts
from service_desk.printed.press import CannotPrint

MAX_BYTES: Final = 200 << 20
MAX_PIXELS: Final = 60_000_000
"""Of one page."""
MAX_PAGES: Final = 300
TEXT_BOUND: Final = 300
SECONDS: Final = 180
ANGLE: Final = 30
FORMATS: Final = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP", "image/tiff": "TIFF"}
PDF: Final = "application/pdf"
_PER_LINE: Final = 30
"""A line of the mark is so many times in the shorter side of a page."""
_LIGHT, _DARK = (255, 255, 255, 80), (60, 60, 60, 70)


class Mark:
    """The text and the font it is drawn with."""

    def __init__(self, text: str, face: tuple[str, int]) -> None:
        self._lines = text[:TEXT_BOUND]
        self._face = face

    def put_on(self, page: Image.Image) -> Image.Image:
        """The page with the mark on it, light on dark and dark on light."""
        size = max(min(page.size) // _PER_LINE, 9)
        tile = self._tile(size)
        marked = page.convert("RGB")
        step_x, step_y = tile.width + size, tile.height + size
        for row, y in enumerate(range(-tile.height // 2, page.height, step_y)):
            for x in range(-(row % 2) * step_x // 2, page.width, step_x):
                marked.paste(tile, (x, y), tile)
        return marked

    def _tile(self, size: int) -> Image.Image:
        path, index = self._face
        font = ImageFont.truetype(path, size, index=index)
        probe = ImageDraw.Draw(Image.new("RGBA", (1, 1)))
        left, top, right, bottom = probe.multiline_textbbox((0, 0), self._lines, font, spacing=size // 3)
        tile = Image.new("RGBA", (int(right - left) + 4, int(bottom - top) + 4), (0, 0, 0, 0))
        drawing = ImageDraw.Draw(tile)
        at = (2 - left, 2 - top)
        stroke = max(size // 24, 1)
        drawing.multiline_text(at, self._lines, _DARK, font, spacing=size // 3, stroke_width=stroke, stroke_fill=_LIGHT)
        return tile.rotate(ANGLE, Image.Resampling.BICUBIC, expand=True)


def watermarked(data: bytes, media_type: str, text: str, fonts: Fonts) -> bytes:
    """The image or PDF with `text` (lines) over each page, of the same kind. Raises CannotPrint for other kinds, for
    what cannot be read and for what is too large; FontsMissing.
    """
    kind = media_type.partition(";")[0].strip().lower()
    if len(data) > MAX_BYTES:
        raise CannotPrint(f"This file has more than {MAX_BYTES >> 20} MiB; no watermark is put on it.")
    if kind == PDF:
        return _pdf(data, text, fonts.face("Hans"))
    if kind not in FORMATS:
        raise CannotPrint(f"No watermark can be put on a file of this kind ({kind[:60]}); use an image or a PDF.")
    return _image(data, FORMATS[kind], Mark(text, fonts.face("Hans")))


def _image(data: bytes, kind: str, mark: Mark) -> bytes:
    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as image:
            count = getattr(image, "n_frames", 1) if kind == "TIFF" else 1
            if count > MAX_PAGES:
                raise CannotPrint(f"This file has more than {MAX_PAGES} pages; make several of it.")
            pages = []
            for number in range(count):
                image.seek(number)
                pages.append(mark.put_on(_upright(image)))
    except (OSError, ValueError, SyntaxError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise CannotPrint("This image cannot be read; no watermark is put on it.") from error
    return _saved(pages, kind)


def _saved(pages: list[Image.Image], kind: str) -> bytes:
    """Pages as one file. Nothing of the metadata is kept: it may say where a picture was taken."""
    made = io.BytesIO()
    options: dict[str, dict[str, Any]] = {
        "TIFF": {"compression": "tiff_deflate", "save_all": True, "append_images": pages[1:]},
        "JPEG": {"quality": 88},
    }
    pages[0].save(made, kind, **options.get(kind, {}))
    return made.getvalue()


def _upright(image: Image.Image) -> Image.Image:
    if image.width * image.height > MAX_PIXELS:
        raise CannotPrint(f"A page has more than {MAX_PIXELS // 1_000_000} megapixels; no watermark is put on it.")
    upright = ImageOps.exif_transpose(image)
    assert upright is not None
    return upright


def _pdf(data: bytes, text: str, face: tuple[str, int]) -> bytes:
    given = msgspec.msgpack.encode({"pdf": data, "text": text, "face": face})
    command = [sys.executable, "-m", "service_desk.printed.stamping"]
    try:
        done = subprocess.run(command, input=given, capture_output=True, timeout=SECONDS, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise CannotPrint("This PDF takes too long to draw; no watermark is put on it.") from None
    if done.returncode != 0:
        told = {3: f"This PDF has more than {MAX_PAGES} pages; make several of it."}
        raise CannotPrint(told.get(done.returncode, "This PDF cannot be drawn; no watermark is put on it."))
    return done.stdout
