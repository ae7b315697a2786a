"""Objects in a folder: the default of the ObjectStore port."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

_KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")


class FolderObjects:
    """A file per key below `root`.

    Written beside and moved into place, so a key holds all of the bytes or is not there.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, key: str, data: bytes) -> None:
        """Keep the bytes, on the disk when this returns. Raises OSError."""
        target = self._path(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        write_whole(target, data)

    def get(self, key: str) -> bytes:
        """The bytes put there. Raises KeyError when there are none."""
        try:
            return self._path(key).read_bytes()
        except FileNotFoundError:
            raise KeyError(key) from None

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise ValueError(f"not a key: {key!r}")
        return self._root / key


def write_whole(target: Path, data: bytes) -> None:
    """Write a file so that a reader, or a crash, finds the whole of it or nothing."""
    beside = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    with beside.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(target)
