"""The program that draws masked pages, in a process of its own: `pipelines.deidentify.drawing` starts it and talks to
it. Decoders of images and PDFium read files from anywhere; what brings them down brings down this process and no other.
"""

from __future__ import annotations

import resource
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

from pipelines.deidentify.pdf import NewPdf, OtherText
from pipelines.deidentify.pictures import OtherImage, jpeg, masked_picture
from pipelines.ocr.pictures import BadPicture

MEMORY: Final = 3 << 30
IDLE: Final = 300
"""Seconds without a page after which the program ends."""


class _Drawer:
    """What can be asked; each answers with bytes, or with a sentence why not."""

    def __init__(self) -> None:
        self._new: NewPdf | None = None

    def image(self, path: str, mask: Any) -> bytes:
        return jpeg(masked_picture(Path(path), mask))

    def page(self, path: str, mask: Any, page: Any) -> bytes:
        """Add a page to the PDF that is begun with the first."""
        self._new = self._new or NewPdf()
        self._new.add(masked_picture(Path(path), mask), page)
        return b""

    def save(self, path: str) -> bytes:
        new, self._new = self._new or NewPdf(), None
        new.save(Path(path))
        return b""


def serve(asked: int, answers: int) -> None:
    """Answer (what, arguments) with (bytes, "") or (b"", reason) until the other side closes."""
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    questions, results = Connection(asked, writable=False), Connection(answers, readable=False)
    drawer = _Drawer()
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while questions.poll(IDLE):
            what, arguments = questions.recv()
            try:
                results.send((getattr(drawer, what)(*arguments), ""))
            except BadPicture as error:
                results.send((b"", f"{error.problem.reason}; {error.problem.hint}"))
            except (OtherImage, OtherText, MemoryError, OSError) as error:
                results.send((b"", str(error) or type(error).__name__))
