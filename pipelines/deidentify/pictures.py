"""The picture of a page with black boxes on it: new pixels in a new JPEG, nothing else of the file they come from."""

from __future__ import annotations

import io
import math
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw

from mappings.deidentification import Box, ImageMask
from mappings.record import Problem
from pipelines.ocr.pictures import PDF_DPI, READ_PIXELS, BadPicture, picture

QUALITY: Final = 85
_SHAPE: Final = 0.02
"""Difference of the proportions of an image and of the page its words were read from: beyond it is another image."""
_POINTS: Final = 72
_HEAD: Final = 1024


class OtherImage(Exception):
    """The boxes are those of another picture."""


def masked_picture(path: Path, mask: ImageMask) -> Image.Image:
    """The picture with its boxes, upright, in RGB. Raises BadPicture when there is none, OtherImage when the boxes are
    not those of this picture.
    """
    shown, size = _pdf_page(path, mask.frame or 0) if _is_pdf(path) else picture(path, mask.frame or 0)
    across, down = mask.width or size[0], mask.height or size[1]
    if not (across > 0 and down > 0) or abs(across * size[1] / (down * size[0]) - 1) > _SHAPE:
        reason = f"the image is {size[0]} x {size[1]}, the page its words were read from {across:g} x {down:g}"
        raise OtherImage(f"{reason}; let the page be read again, then look at the copy again")
    made = Image.frombytes("RGB", shown.size, shown.tobytes())  # pixels alone: no comment, no profile, no EXIF
    draw = ImageDraw.Draw(made)
    for box in mask.boxes:
        draw.rectangle(_pixels(box, made.width / across, made.height / down), fill="black")
    return made


def jpeg(image: Image.Image) -> bytes:
    """An image as JPEG."""
    out = io.BytesIO()
    image.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()


def _pixels(box: Box, across: float, down: float) -> tuple[int, int, int, int]:
    """Every pixel that a box touches."""
    right, bottom = (box.x + box.width) * across, (box.y + box.height) * down
    return math.floor(box.x * across), math.floor(box.y * down), math.ceil(right), math.ceil(bottom)


def _is_pdf(path: Path) -> bool:
    with path.open("rb") as stream:
        return b"%PDF-" in stream.read(_HEAD)


def _pdf_page(path: Path, frame: int) -> tuple[Image.Image, tuple[int, int]]:
    """A page of a PDF without what lies upon it: comments and filled-in fields are no text of the page, so nobody
    looked for names in them.
    """
    from pypdfium2 import PdfiumError

    from mappings.formats.pdf.document import LOCK, CannotOpen, opened

    try:
        with LOCK, opened(path.read_bytes()) as document:
            page = document[frame]
            try:
                across, down = page.get_size()
                scale = min(PDF_DPI / _POINTS, math.sqrt(READ_PIXELS / max(across * down, 1.0)))
                drawn = page.render(scale=scale, draw_annots=False, may_draw_forms=False).to_pil().convert("RGB")
            finally:
                page.close()
    except (CannotOpen, PdfiumError, IndexError, ValueError, MemoryError) as error:
        reason = f"the page of the PDF cannot be rendered ({type(error).__name__})"
        raise BadPicture(Problem("damaged-image", reason, "put a sound file in its place")) from None
    return drawn, drawn.size
