"""Where the files of the record store lie: in a folder, or in a bucket (`pipelines.bucket_files`)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import fs

if TYPE_CHECKING:
    from mappings.bucket import Bucket


class Files(Protocol):
    """Files of a Delta table by their path in it. They are written once and never changed."""

    address: str
    """What deltalake is asked for."""
    options: dict[str, str] | None
    """Its storage options."""
    configuration: dict[str, str | None] | None
    """Properties of a table that is made there."""
    errors: tuple[type[Exception], ...]
    """What may be raised beside OSError and the errors of Arrow."""

    def __str__(self) -> str:
        """The place as it may be shown."""
        ...

    def reader(self, path: str, size: int | None = None) -> AbstractContextManager[pq.ParquetFile]:
        """A file, `size` bytes long where that is known, open for the length of the block. Raises what `reason` knows,
        at once or while it is read.
        """
        ...

    def open_output(self, path: str) -> pa.NativeFile:
        """A stream to a new file, which counts for nothing before `keep`."""
        ...

    def keep(self, path: str) -> None:
        """Put a finished file where everybody finds it: from now on a commit may name it."""
        ...

    def remove(self, path: str) -> None:
        """Delete a file that no commit refers to."""
        ...

    def reason(self, error: BaseException) -> str:
        """Why it did not work and what to do, as a clause."""
        ...

    def is_away(self, error: BaseException) -> bool:
        """Did it not work because a server does not answer now?"""
        ...


def files_at(place: str | Path | Bucket, copies: Path | None) -> Files:
    """The files at a place; `copies` of those in a bucket lie in that folder."""
    if isinstance(place, str | Path):
        return FolderFiles(place)
    from pipelines.bucket_files import BucketFiles

    return BucketFiles(place, copies)


class FolderFiles:
    """Files in a folder."""

    options: dict[str, str] | None = None
    configuration: dict[str, str | None] | None = None
    errors: tuple[type[Exception], ...] = ()

    def __init__(self, folder: str | Path) -> None:
        self.address = str(folder)
        self._files: fs.FileSystem | None = None

    def __str__(self) -> str:
        return self.address

    @contextmanager
    def reader(self, path: str, size: int | None = None) -> Iterator[pq.ParquetFile]:
        with self._filesystem().open_input_file(path) as stream, pq.ParquetFile(stream) as file:
            yield file

    def open_output(self, path: str) -> pa.NativeFile:
        filesystem = self._filesystem()
        (Path(self.address) / path).parent.mkdir(parents=True, exist_ok=True)
        return filesystem.open_output_stream(path)

    def keep(self, path: str) -> None:
        """It was written to its place."""

    def remove(self, path: str) -> None:
        self._filesystem().delete_file(path)

    def reason(self, error: BaseException) -> str:
        return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")

    def is_away(self, error: BaseException) -> bool:
        return False

    def _filesystem(self) -> fs.FileSystem:
        if self._files is None:
            Path(self.address).mkdir(parents=True, exist_ok=True)
            self._files = fs.SubTreeFileSystem(self.address, fs.LocalFileSystem(use_mmap=True))
        return self._files
