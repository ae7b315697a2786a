"""Pages of PDF as images, rendered by a process that is started when the first is asked for (`search_ui.pdf_renderer`).

One page at a time: PDFium is not thread-safe. The document rendered last is kept open there, so that turning its pages
does not carry it over again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from contextlib import suppress
from multiprocessing import connection
from typing import BinaryIO, Final

import structlog

from pipelines.workers import child
from search_ui.images import PageImage

log = structlog.get_logger(__name__)

MAX_BYTES: Final = 512 << 20
"""As much as the mapping reads of a PDF."""
SECONDS: Final = 30
"""After which a page that is not there yet never comes: the process is ended, the page shows without image."""
_PIECE: Final = 1 << 20
_HEAD: Final = 1024
_PROGRAM: Final = """
import sys
asked, answers, *sys.path[:] = sys.argv[1:]
from search_ui.pdf_renderer import serve
serve(int(asked), int(answers))
"""


class NotPdf(Exception):
    """The item is something else; a name's ending says nothing."""


class _Process:
    """The rendering process: what it is asked and what it answers."""

    def __init__(self) -> None:
        asked, self._asked = connection.Pipe(duplex=False)
        self._answers, answers = connection.Pipe(duplex=False)
        self._process = child(_PROGRAM, asked, answers)

    @property
    def runs(self) -> bool:
        return self._process.poll() is None

    def load(self, stream: BinaryIO) -> bool:
        """Hand a document over in pieces; False when it is larger than `MAX_BYTES`. Raises NotPdf."""
        piece = stream.read(_HEAD)
        if b"%PDF-" not in piece:
            raise NotPdf
        self._asked.send(b"new")
        total = len(piece)
        while piece and total <= MAX_BYTES:
            self._asked.send_bytes(piece)
            piece = stream.read(_PIECE)
            total += len(piece)
        self._asked.send_bytes(b"")
        return total <= MAX_BYTES

    def ask(self, frame: int, width: int) -> bytes:
        """The page as JPEG. Raises EOFError when the process died on it, TimeoutError when it takes too long."""
        self._asked.send((frame, width))
        if not self._answers.poll(SECONDS):
            raise TimeoutError
        return self._answers.recv_bytes()

    def stop(self) -> None:
        self._asked.close()
        self._answers.close()
        self._process.kill()
        self._process.wait()


class Renderer:
    """Renders pages, for all threads of the process that serves."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: _Process | None = None
        self._loaded: Hashable = None

    def page(self, key: Hashable, source: Callable[[], BinaryIO], frame: int, width: int | None) -> PageImage | None:
        """A page of the document `key` stands for, by its index from 0, as JPEG; None when it cannot be shown.

        `source` opens the document, and is asked only when it is not the last one. Raises NotPdf, and what it raises.
        """
        with self._lock:
            try:
                data = self._rendered(key, source, frame, width or 0)
            except (EOFError, OSError, TimeoutError) as error:
                log.warning("a page of a PDF cannot be rendered", document=str(key), frame=frame, error=repr(error))
                self._stop()
                return None
        return PageImage(data, "image/jpeg") if data else None

    def _rendered(self, key: Hashable, source: Callable[[], BinaryIO], frame: int, width: int) -> bytes:
        process = self._process
        if process is None or not process.runs:
            self._stop()
            process = self._process = _Process()
        if self._loaded != key:
            self._loaded = None
            with source() as stream:
                try:
                    fits = process.load(stream)
                except NotPdf:
                    raise
                except BaseException:
                    self._stop()  # it waits for the rest of a document that will not come
                    raise
            if not fits:
                self._stop()
                return b""
            self._loaded = key
        return process.ask(frame, width)

    def _stop(self) -> None:
        process, self._process, self._loaded = self._process, None, None
        if process is not None:
            with suppress(OSError):
                process.stop()

    def close(self) -> None:
        """End the process, if there is one."""
        with self._lock:
            self._stop()
