"""Masked page images and PDFs, drawn by a process that is started when the first is asked for and ended with `close`
(`pipelines.deidentify.drawer`). A file is whole and masked, or there is none.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing import connection
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, BinaryIO, Final, Self

from mappings.deidentification import ImageMask
from mappings.record import Record
from pipelines.deidentify.layer import DeidentifiedLayer
from pipelines.errors import PipelineError
from pipelines.ocr.pictures import PDF_BYTES
from pipelines.workers import child

SECONDS: Final = 60
"""For a page; then the process is ended."""
SAVE_SECONDS: Final = 600
_PIECE: Final = 1 << 20
_PROGRAM: Final = """
import sys
asked, answers, *sys.path[:] = sys.argv[1:]
from pipelines.deidentify.drawer import serve
serve(int(asked), int(answers))
"""
Open = Callable[[str], BinaryIO]
"""Opens an item of the record's source by its key."""


class CannotMask(PipelineError):
    """No masked file can be made: mend what the message names, then ask again."""


class Drawing:
    """Draws for all threads of a process, one page at a time. Used as a context manager, or with `close`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._folder = TemporaryDirectory(prefix="onestop-masked-")
        self._path = Path(self._folder.name) / "item"
        self._file: tuple[str, str, str] | None = None
        self._process: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def image(self, source: str, open_item: Open, mask: ImageMask, number: int) -> bytes:
        """The masked image of page `number` as JPEG. Raises CannotMask, and what `open_item` does."""
        with self._lock:
            path = self._copy(source, open_item, mask, number)
            return self._ask(_where(source, mask, number), SECONDS, "image", path, mask)

    def pdf(self, source: str, open_item: Open, layer: DeidentifiedLayer, into: Path) -> None:
        """All pages as one PDF in the file `into`. Raises CannotMask, and what `open_item` does; the file is not
        touched then.
        """
        part = Path(self._folder.name) / "new.pdf"
        with self._lock:
            try:
                for number, page in enumerate(layer.pages, 1):
                    if page.image is None:
                        why = "there is no image whose words have places; let it be read (`ocr:`), or give the text"
                        raise CannotMask(f"{source}, page {number}: {why}.")
                    path = self._copy(source, open_item, page.image, number)
                    self._ask(_where(source, page.image, number), SECONDS, "page", path, page.image, page.page)
                self._ask(f"{source}: the copy", SAVE_SECONDS, "save", str(part))
            except BaseException:
                self._stop()  # it holds the pages so far
                part.unlink(missing_ok=True)
                raise
            _put(part, into)

    def close(self) -> None:
        """End the process and remove its files."""
        with self._lock:
            self._stop()
            self._folder.cleanup()

    def _ask(self, where: str, seconds: float, what: str, *arguments: Any) -> bytes:
        """The answer of the process. Raises CannotMask when there is none."""
        if self._process is None or self._process[0].poll() is not None:
            self._stop()
            self._process = _started()
        _, asked, answers = self._process
        try:
            asked.send((what, arguments))
            if not answers.poll(seconds):
                raise TimeoutError
            made, reason = answers.recv()
        except (EOFError, OSError) as error:
            self._stop()
            why = f"takes more than {seconds:.0f} seconds" if isinstance(error, TimeoutError) else "ends the program"
            raise CannotMask(f"{where}: drawing it {why}; put a sound file in its place.") from None
        if reason:
            raise CannotMask(f"{where}: {reason}.")
        return bytes(made)

    def _copy(self, source: str, open_item: Open, mask: ImageMask, number: int) -> str:
        """The item as a file of ours; the last one is kept, since the pages of a PDF come one by one."""
        if self._file != (source, mask.key, mask.digest):
            self._file = None
            with open_item(mask.key) as stream, self._path.open("wb") as copy:
                digest, total = _digested(stream, copy)
            if total > PDF_BYTES:
                raise CannotMask(f"{_where(source, mask, number)}: more than {PDF_BYTES >> 20} MiB; divide the file.")
            if digest != mask.digest:
                why = "is another file than the one that was released; look at the copy again, then release it anew"
                raise CannotMask(f"{_where(source, mask, number)}: this {why}.")
            self._file = source, mask.key, mask.digest
        return str(self._path)

    def _stop(self) -> None:
        if self._process is not None:
            process, asked, answers = self._process
            self._process = None
            with suppress(OSError):
                asked.close()
                answers.close()
            process.kill()
            process.wait()


def _started() -> tuple[Any, Any, Any]:
    """The process, where it is asked, and where it answers."""
    questions, asked = connection.Pipe(duplex=False)
    answers, results = connection.Pipe(duplex=False)
    return child(_PROGRAM, questions, results), asked, answers


def _put(part: Path, into: Path) -> None:
    """The finished file in its place: whole or not at all."""
    beside = into.with_name(f"{into.name}.part")
    beside.write_bytes(part.read_bytes())
    part.unlink()
    beside.replace(into)


def _where(source: str, mask: ImageMask, number: int) -> str:
    return f"{source}: {mask.key}, page {number}"


def image_digests(record: Record, open_item: Open, numbers: Sequence[int] | None = None) -> dict[str, str]:
    """The items that the images of a record's pages come from, by key, with digests of their bytes: what is released
    with a copy. Of some pages when their `numbers` are given. Raises what `open_item` does.
    """
    pages = record.pages if numbers is None else [record.pages[number - 1] for number in numbers]
    keys = dict.fromkeys(page.image for page in pages if page.image is not None)
    found = {}
    for key in keys:
        with open_item(key) as stream:
            found[key], _ = _digested(stream)
    return found


def _digested(stream: BinaryIO, copy: BinaryIO | None = None) -> tuple[str, int]:
    """(digest, bytes) of a stream, up to a piece more than is drawn of any; copied where `copy` is."""
    digest, total = hashlib.blake2b(digest_size=16), 0
    while total <= PDF_BYTES and (piece := stream.read(_PIECE)):
        digest.update(piece)
        total += len(piece)
        if copy is not None:
            copy.write(piece)
    return digest.hexdigest(), total
