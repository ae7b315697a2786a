"""Draws the pages of a PDF with a watermark, in a process of its own.

Takes msgpack from standard input (`pdf`, `text`, `face`) and writes a PDF to standard output. Exit code 3: too many
pages; any other but 0: it could not be drawn.
"""

from __future__ import annotations

import contextlib
import io
import sys
from typing import Any, Final

import msgspec
import pypdfium2
from PIL import Image

from mappings.formats.pdf.document import opened
from service_desk.printed.watermark import MAX_PAGES, Mark

DPI: Final = 150
SIDE: Final = 5_000
"""Pixels of the longer side at most."""
MEMORY: Final = 3 << 30
TOO_MANY: Final = 3


def main() -> int:
    """Draw what is handed in."""
    _bound()
    given = msgspec.msgpack.decode(sys.stdin.buffer.read())
    with opened(given["pdf"]) as document:
        if len(document) > MAX_PAGES:
            return TOO_MANY
        with contextlib.suppress(Exception):  # a form that cannot be drawn leaves the page as it is
            document.init_forms()
        mark = Mark(given["text"], (given["face"][0], given["face"][1]))
        sys.stdout.buffer.write(_stamped(document, mark))
    return 0


def _stamped(document: Any, mark: Mark) -> bytes:
    """Each page is drawn, marked and put away as a JPEG, so that one at a time is in memory."""
    made = pypdfium2.PdfDocument.new()
    for number in range(len(document)):
        page = document[number]
        width, height = page.get_size()
        scale = min(DPI / 72, SIDE / max(width, height, 1))
        drawn = mark.put_on(page.render(scale=scale).to_pil())
        _put(made, drawn, width, height)
        page.close()
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def _put(made: Any, drawn: Image.Image, width: float, height: float) -> None:
    jpeg = io.BytesIO()
    drawn.save(jpeg, "JPEG", quality=88)
    jpeg.seek(0)
    image = pypdfium2.PdfImage.new(made)
    image.load_jpeg(jpeg, inline=True)
    image.set_matrix(pypdfium2.PdfMatrix().scale(width, height))
    page = made.new_page(width, height)
    page.insert_obj(image)
    page.gen_content()
    page.close()


def _bound() -> None:
    """No more memory than a page of any sane size takes."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


if __name__ == "__main__":
    sys.exit(main())
