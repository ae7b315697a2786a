"""The picture of one page out of a file: of an image, of one frame of a TIFF, of one page of a PDF. All bounded."""

from __future__ import annotations

import math
import warnings
from pathlib import Path
from typing import Final

from PIL import Image

from mappings.formats.image_header import READABLE
from mappings.record import Problem, clean
from pipelines.pictures import upright

IMAGE_BYTES: Final = 64 << 20
PDF_BYTES: Final = 512 << 20
"""As much as the mapping reads of a PDF."""
MAX_PIXELS: Final = 200_000_000
"""Of an image that is decoded at all: 600 MB in RGB."""
READ_PIXELS: Final = 40_000_000
"""Of a picture that is read: a newspaper page at 300 dpi is one of 35 million. Larger ones are made smaller."""
PDF_DPI: Final = 200
_POINTS: Final = 72
_HEAD: Final = 1024
_AGAIN: Final = "scan or export it again; it is read when the file has changed"


class BadPicture(Exception):
    """No picture can be had; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.reason)
        self.problem = problem


def picture(path: Path, frame: int) -> tuple[Image.Image, tuple[int, int]]:
    """The page in RGB, upright, no larger than is read; (width, height) of the page as shown. Raises BadPicture."""
    with path.open("rb") as stream:
        is_pdf = b"%PDF-" in stream.read(_HEAD)
    if path.stat().st_size > (PDF_BYTES if is_pdf else IMAGE_BYTES):
        reason = f"the file has more than {(PDF_BYTES if is_pdf else IMAGE_BYTES) >> 20} MiB and is not read"
        raise BadPicture(Problem("image-too-large", reason, "make it smaller, or divide it"))
    return _pdf_page(path, frame) if is_pdf else _image(path, frame)


def _image(path: Path, frame: int) -> tuple[Image.Image, tuple[int, int]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # large scans and odd tags; what is too large is refused below
        try:
            with Image.open(path, formats=READABLE) as image:
                if frame:
                    image.seek(frame)
                if image.width * image.height > MAX_PIXELS:
                    raise Image.DecompressionBombError
                found = upright(image)
        except Image.DecompressionBombError:
            reason = f"the image has more than {MAX_PIXELS // 1_000_000} million pixels and is not read"
            raise BadPicture(Problem("image-too-large", reason, "make it smaller")) from None
        except Exception as error:  # decoders of images meet whatever a damaged file holds
            reason = f"the image cannot be decoded: {type(error).__name__}: {clean(str(error)[:120]) or 'damaged'}"
            raise BadPicture(Problem("damaged-image", reason.replace(str(path), "file"), _AGAIN)) from None
    scale = min(1.0, math.sqrt(READ_PIXELS / (found.width * found.height)))
    size = max(1, int(found.width * scale)), max(1, int(found.height * scale))
    return (found if scale == 1.0 else found.resize(size, Image.Resampling.LANCZOS)), found.size


def _pdf_page(path: Path, frame: int) -> tuple[Image.Image, tuple[int, int]]:
    """Rendered in the resolution that is read. Its boxes have no other pixels to be counted in."""
    from pypdfium2 import PdfiumError

    from mappings.formats.pdf.document import LOCK, CannotOpen, opened

    try:
        with LOCK, opened(path.read_bytes()) as document:
            page = document[frame]
            try:
                across, down = page.get_size()
                most = math.sqrt(READ_PIXELS / max(across * down, 1.0))
                image = page.render(scale=min(PDF_DPI / _POINTS, most)).to_pil().convert("RGB")
            finally:
                page.close()
    except (CannotOpen, PdfiumError, IndexError, ValueError, MemoryError) as error:
        reason = f"the page of the PDF cannot be rendered ({type(error).__name__})"
        raise BadPicture(Problem("damaged-image", reason, _AGAIN)) from None
    return image, image.size
