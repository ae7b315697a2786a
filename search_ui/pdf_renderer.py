"""The program that renders pages of PDF, in a process of its own: `search_ui.pdf_images` starts it and talks to it.

PDFium is native code, not thread-safe, and reads files from anywhere: what brings it down, or to a standstill, brings
down this process and no other. It opens no file and no connection; what it may take of memory and time is bounded.
"""

from __future__ import annotations

import io
import resource
from contextlib import ExitStack, suppress
from multiprocessing.connection import Connection
from typing import Any, Final

RESOLUTION: Final = 150
"""Dots per inch of a page shown whole: small print of an A4 page can be read, and it comes in a quarter of a second."""
LONGEST: Final = 4_000
"""Pixels of the longer side, whatever the page's size: a wall map is shown smaller."""
IDLE: Final = 300
"""Seconds without a page after which the program ends and gives its memory back."""
MEMORY: Final = 3 << 30
_POINTS: Final = 72


def serve(asked: int, answers: int) -> None:
    """Answer until the other side closes, or nothing is asked for `IDLE` seconds. A question is (frame, width or 0), or
    b"new" followed by the pieces of a document and an empty one; an answer is a JPEG, or empty.
    """
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    questions, results = Connection(asked, writable=False), Connection(answers, readable=False)
    payload, open_one = b"", ExitStack()
    document: Any = None
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while questions.poll(IDLE):
            question = questions.recv()
            if question == b"new":
                open_one.close()
                payload = _payload(questions)
                document = _opened(payload, open_one)
                continue
            results.send_bytes(rendered(document, *question) if document is not None else b"")


def _payload(questions: Connection) -> bytes:
    pieces = []
    while piece := questions.recv_bytes():
        pieces.append(piece)
    return b"".join(pieces)


def _opened(payload: bytes, until: ExitStack) -> Any:
    """The document, its form fields ready to be drawn; None when it cannot be opened."""
    from mappings.formats.pdf.document import CannotOpen, opened

    try:
        document = until.enter_context(opened(payload))
    except CannotOpen:
        return None
    with suppress(Exception):  # a form that cannot be drawn leaves the page as it is
        document.init_forms()
    return document


def rendered(document: Any, frame: int, width: int) -> bytes:
    """The page of this index as JPEG, `width` pixels wide if that is not 0; empty when there is none."""
    from pypdfium2 import PdfiumError

    try:
        page = document[frame]
    except (PdfiumError, IndexError):
        return b""
    try:
        across, down = page.get_size()
        scale = scale_of(across, down, width)
        image = page.render(scale=scale).to_pil().convert("RGB") if scale else None
    except (PdfiumError, ValueError, MemoryError):
        return b""
    finally:
        page.close()
    if image is None:
        return b""
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85, optimize=True, progressive=True)
    return out.getvalue()


def scale_of(across: float, down: float, width: int) -> float:
    """Pixels a point: those of `RESOLUTION`, or as many as make the page `width` pixels wide, never a side longer than
    `LONGEST`; 0 for a page of no size.
    """
    if not (across > 0 and down > 0):
        return 0.0
    wanted = min(width / across, RESOLUTION / _POINTS) if width else RESOLUTION / _POINTS
    return min(wanted, LONGEST / max(across, down))
