"""Image files on their way to the engines: fetched through the source's transport, copied once for all processes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import BinaryIO, Final, Self

from connectors.base import Connector, SkipItem
from connectors.registry import connector
from pipelines.ocr.pictures import PDF_BYTES
from pipelines.source import SourceSpec

_PIECE: Final = 1 << 20


@dataclass(slots=True)
class ImageFile:
    """A copy of an item: where it is, the checksum of its bytes, and how many pictures of it wait to be read."""

    key: str
    path: Path
    checksum: str
    waiting: int = 0


class Files:
    """The files of one source. Used as a context manager: leaving it removes what is left of them.

    A copy stays while pictures of it wait, and until another file is fetched: the pages of a PDF come one by one.
    """

    def __init__(self, spec: SourceSpec) -> None:
        self._spec = spec
        self._files: dict[str, ImageFile] = {}
        self._number = 0
        self._last = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if "_folder" in self.__dict__:
            self._folder.cleanup()

    @cached_property
    def _connector(self) -> Connector:
        return connector(self._spec.connector, self._spec.settings, self._spec.base)

    @cached_property
    def _folder(self) -> TemporaryDirectory[str]:
        return TemporaryDirectory(prefix="onestop-ocr-")

    def get(self, key: str) -> ImageFile:
        """The file with this key. Raises SkipItem, RetryLater or StopSource."""
        if key in self._files:
            return self._files[key]
        self._number += 1
        path = Path(self._folder.name) / str(self._number)
        try:
            with self._connector.fetch(key) as stream:
                found = ImageFile(key, path, _copied(stream, path))
        except OSError as error:
            raise SkipItem(f"{key!r} cannot be read ({error.strerror or type(error).__name__})") from None
        before, self._last = self._last, key
        self._files[key] = found
        self._remove_if_done(before)
        return found

    def done(self, file: ImageFile) -> None:
        """One of its pictures waits no more."""
        file.waiting -= 1
        self._remove_if_done(file.key)

    def _remove_if_done(self, key: str) -> None:
        file = self._files.get(key)
        if file is not None and not file.waiting and key != self._last:
            del self._files[key]
            file.path.unlink(missing_ok=True)


def _copied(stream: BinaryIO, path: Path) -> str:
    """Copy a stream and tell the checksum of its bytes: of all that may be read of a file, and a piece more, so that it
    shows how large it is.
    """
    digest = hashlib.blake2b(digest_size=16)
    total = 0
    with path.open("wb") as copy:
        while total <= PDF_BYTES and (piece := stream.read(_PIECE)):
            digest.update(piece)
            copy.write(piece)
            total += len(piece)
    return digest.hexdigest()
