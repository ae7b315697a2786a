"""The files of a record store in a bucket, with copies of them on the disk of this machine.

A file is written to the disk and sent when it is to be committed, then stays here as a copy, so that the steps of a run
do not fetch what they wrote. Copies need no checking: a file of the store never changes, and nothing is read that the
transaction log does not name. A file that others wrote is fetched whole by its first reader, with one request; one
above `WHOLE_BYTES` is read where it lies, a row group at a time. Copies that were not used for longest make room.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from minio import Minio
from pyarrow import fs

from mappings.bucket import Bucket, BucketErrors

WHOLE_BYTES = 64 << 20
"""Up to here a file is fetched whole: that costs less than asking for its row groups one by one."""
KEPT_BYTES = 4 << 30
"""Copies on this machine, in all."""
_PART_BYTES = 16 << 20
"""Sent at once, three at a time."""
_RETRIES = 2
"""By the clients themselves; who has time to wait for a server says so to the store."""
_SUMMED_UP = 10
"""Commits between two checkpoints: whoever opens the table asks for each commit since the last one, twice."""
_NEW = ".new"
_LEFT_BEHIND = 86_400
"""Seconds after which a file that nobody writes to any more was left by a run that was killed."""
_PIECE = 1 << 20


class BucketFiles:
    """Files below `bucket.prefix`. Copies lie in `copies`, by default in a folder that goes with the process."""

    errors: tuple[type[Exception], ...] = BucketErrors

    def __init__(self, bucket: Bucket, copies: Path | None = None) -> None:
        self._bucket = bucket
        self._given = copies
        self.address = f"s3://{bucket.path}"
        self.options: dict[str, str] | None = options_of(bucket)
        self.configuration: dict[str, str | None] | None = {"delta.checkpointInterval": str(_SUMMED_UP)}

    def __str__(self) -> str:
        return str(self._bucket)

    @contextmanager
    def reader(self, path: str, size: int | None = None) -> Iterator[pq.ParquetFile]:
        with self._opened(path, size) as stream, pq.ParquetFile(stream, pre_buffer=True) as file:
            yield file

    def open_output(self, path: str) -> pa.NativeFile:
        file = self._new(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        return pa.OSFile(str(file), "wb")

    def keep(self, path: str) -> None:
        """Sent whole: an object is there with its last byte, or not at all. Raises BucketErrors."""
        file = self._new(path)
        if not file.exists():
            return
        self._client.fput_object(self._bucket.name, self._bucket.key(path), str(file), part_size=_PART_BYTES)
        kept = self._copy(path)
        kept.parent.mkdir(parents=True, exist_ok=True)
        file.replace(kept)
        self._make_room()

    def remove(self, path: str) -> None:
        file = self._new(path)
        if file.exists():
            file.unlink()
            return
        self._copy(path).unlink(missing_ok=True)
        self._client.remove_object(self._bucket.name, self._bucket.key(path))

    def reason(self, error: BaseException) -> str:
        return self._bucket.reason(error)

    def is_away(self, error: BaseException) -> bool:
        return self._bucket.is_away(error)

    @cached_property
    def _copies(self) -> Path:
        if self._given is not None:
            return self._given
        self._own = tempfile.TemporaryDirectory(prefix="onestop-records-")
        return Path(self._own.name)

    @property
    def _client(self) -> Minio:
        return self._bucket.client(_RETRIES)

    def _new(self, path: str) -> Path:
        return self._copies / _NEW / path

    def _copy(self, path: str) -> Path:
        return self._copies / path

    def _opened(self, path: str, size: int | None) -> pa.NativeFile:
        """What was written here; a copy; else the object itself, when it is large or there is no room for a copy."""
        for file in (self._new(path), self._copy(path)):
            with contextlib.suppress(OSError):
                if size in (None, file.stat().st_size):  # a power cut may leave less of it
                    stream = pa.memory_map(str(file))
                    os.utime(file)
                    return stream
        if size is not None and size <= WHOLE_BYTES:
            with contextlib.suppress(OSError):
                return pa.memory_map(str(self._fetched(path)))
        return self._remote(path, size)

    def _remote(self, path: str, size: int | None) -> pa.NativeFile:
        from deltalake.fs import DeltaStorageHandler

        known = None if size is None else {path: size}
        return fs.PyFileSystem(DeltaStorageHandler(self.address, self.options, known)).open_input_file(path)

    def _fetched(self, path: str) -> Path:
        """A copy of an object, made beside and moved into place. Raises BucketErrors, OSError."""
        target = self._copy(path)
        beside = self._copies / _NEW / f"{secrets.token_hex(8)}.part"
        for folder in (target.parent, beside.parent):
            folder.mkdir(parents=True, exist_ok=True)
        answer = self._client.get_object(self._bucket.name, self._bucket.key(path))
        try:
            with beside.open("xb") as file:
                shutil.copyfileobj(answer, file, _PIECE)
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)
            answer.close()
            answer.release_conn()
        self._make_room()
        return target

    def _make_room(self) -> None:
        """Drop what was not used for longest, and what a killed run left, until the copies fit."""
        files = sorted(_sizes(self._copies), reverse=True)
        total = 0
        left_behind = time.time() - _LEFT_BEHIND
        for used, size, file in files:
            is_new = _NEW in file.relative_to(self._copies).parts
            total += size
            if used < left_behind if is_new else total > KEPT_BYTES:
                file.unlink(missing_ok=True)


def options_of(bucket: Bucket) -> dict[str, str]:
    """What deltalake has to know of a bucket: keys of the crate object_store, and that a commit is put only when nobody
    else has put that version (`If-None-Match`), so that of two writers one comes second.
    """
    options = {
        "aws_endpoint": bucket.endpoint,
        "aws_region": bucket.region,
        "aws_access_key_id": bucket.access_key,
        "aws_secret_access_key": bucket.secret_key,
        "aws_virtual_hosted_style_request": "false",
        "aws_allow_http": str(bucket.endpoint.startswith("http:")).lower(),
        "aws_conditional_put": "etag",
        "connect_timeout": "3s",
        "timeout": "15s",
        "max_retries": str(_RETRIES),
    }
    return options | ({"certificate_path": bucket.ca} if bucket.ca else {})


def _sizes(folder: Path) -> Iterator[tuple[float, int, Path]]:
    """(when it was last used, bytes, file) of all files below a folder."""
    for file in folder.rglob("*"):
        with contextlib.suppress(OSError):
            known = file.stat()
            if file.is_file():
                yield known.st_mtime, known.st_size, file
