"""Objects in a folder: the default of the ObjectStore port."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import suppress
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
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            raise KeyError(key) from None

    def delete(self, key: str) -> None:
        """Forget the bytes. Raises OSError."""
        with suppress(FileNotFoundError, NotADirectoryError, IsADirectoryError):
            self._path(key).unlink()

    def keys(self) -> Iterator[str]:
        """The key of every object, in their order."""
        found = (path.relative_to(self._root).as_posix() for path in self._root.rglob("*") if path.is_file())
        yield from sorted(key for key in found if _KEY.fullmatch(key))

    def check(self) -> None:
        """A folder is made when something is put into it."""

    def _path(self, key: str) -> Path:
        return self._root / checked(key)


def checked(key: str) -> str:
    """The key. Raises ValueError when it is none."""
    if not _KEY.fullmatch(key):
        raise ValueError(f"not a key: {key!r}")
    return key


def write_whole(target: Path, data: bytes) -> None:
    """Write a file so that a reader, or a crash, finds the whole of it or nothing."""
    beside = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    with beside.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(target)
