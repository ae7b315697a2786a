"""Files of a folder, or one file, as raw items; those in archives, too (`archives`).

Keys are paths relative to `settings.path` with ``/`` between the parts (for a single file its name), in sorted order.
Hidden files, devices and pipes are left out, and nothing outside the folder is ever opened: a link that leads out of it
does not exist here. In names that are not UTF-8 the odd bytes are
written out (``\\xc4``), so that every key is valid text.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from connectors.archives import Listing, is_archive, open_member, places
from connectors.base import RawItem, SkipItem, StopSource
from connectors.globs import glob_pattern


class FolderSettings(BaseModel):
    """`path` of a folder or file, absolute or relative to the workspace; `glob` chooses files below it. With
    `archives`, a chosen archive is the files in it.
    """

    model_config = ConfigDict(extra="forbid")
    path: str = Field(min_length=1)
    glob: str = Field(default="**/*", min_length=1)
    archives: bool = True


class FolderConnector:
    """Transport ``folder``: every regular file below a folder, listed in full on each run."""

    settings_model: ClassVar[type[BaseModel]] = FolderSettings
    remote = False
    separate = False

    def __init__(self, settings: FolderSettings, base: Path) -> None:
        given = base / Path(settings.path).expanduser()
        try:
            self._root = given.resolve(strict=True)
        except (OSError, RuntimeError, ValueError):
            raise StopSource(f"settings.path {settings.path!r} does not exist; create {given} or correct it") from None
        self._wanted = glob_pattern(settings.glob)
        self._single = self._root.is_file()
        self._has_archives = settings.archives
        self._archives = Listing({})
        self.complete = True

    def read(self, cursor: str | None) -> Iterator[RawItem]:
        """Every file, sorted by key; the cursor only spares unpacking archives. A folder that may not be listed is one
        item that cannot be opened, and `complete` turns False.
        """
        self.complete = True
        self._archives = Listing.since(cursor)
        for item, is_whole in self._listed(self._archives):
            self.complete = self.complete and is_whole
            yield item

    def _listed(self, archives: Listing) -> Iterator[tuple[RawItem, bool]]:
        """Every item, and whether all that it stands for is told."""
        for key in [self._root.name] if self._single else sorted(self._keys()):
            path = self._path(key)
            if key.endswith("/"):
                yield RawItem(key, partial(_refuse, key)), False
                continue
            try:
                found = path.stat()
            except OSError:
                continue  # deleted since it was listed
            if self._has_archives and is_archive(key):
                yield from ((item, archives.whole) for item in archives.items(path, key))
                continue
            yield RawItem(key, partial(_open, path, key), found.st_size, f"{found.st_size}-{found.st_mtime_ns}"), True

    def next_cursor(self) -> str | None:
        """What lies in archives that have to be unpacked to be listed; None without any."""
        return self._archives.cursor()

    def keys(self) -> Iterator[str]:
        """The keys that `read` gives. Raises StopSource when there is more that cannot be listed."""
        for item, is_whole in self._listed(Listing(self._archives.remembered, self._archives.forgot)):
            if not is_whole:
                raise StopSource(f"{item.key!r} cannot be listed to its end, so nobody knows what is gone; repair it")
            yield item.key

    def fetch(self, key: str) -> BinaryIO:
        """The bytes of one file below the folder. Raises SkipItem for anything else."""
        for outer, way in places(key) if self._has_archives else ():
            archive = self._path(outer)
            if self._is_a_file_here(archive, outer):
                return open_member(archive, key, way)
        path = self._path(key)
        if not self._is_a_file_here(path, key):
            raise SkipItem(f"{key!r} is not a file of this source")
        return _open(path, key)

    def _is_a_file_here(self, path: Path, key: str) -> bool:
        return not (self._single and key != self._root.name) and self._is_inside(path)

    def _path(self, key: str) -> Path:
        """Where a key lies; not yet checked to be inside."""
        if self._single:
            return self._root
        path = self._root / key
        return path if "\\x" not in key or os.path.lexists(path) else self._root / _hidden_bytes(key)

    def _keys(self) -> Iterator[str]:
        """Keys of the wanted files; a folder that cannot be listed as its own key with a slash at the end."""
        folders = [""]
        while folders:
            inside = folders.pop()
            try:
                entries = list(os.scandir(self._root / inside))
            except OSError:
                yield _shown(inside) or "/"
                continue
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    folders.append(f"{inside}{entry.name}/")
                elif self._wanted.match(inside + entry.name) and self._is_file(entry):
                    yield _shown(inside + entry.name)

    def _is_file(self, entry: os.DirEntry[str]) -> bool:
        return self._is_inside(Path(entry.path)) if entry.is_symlink() else entry.is_file(follow_symlinks=False)

    def _is_inside(self, path: Path) -> bool:
        """Is this a regular file below the folder and not hidden, whatever links lead to it?"""
        try:
            real = path.resolve(strict=True)
            regular = stat.S_ISREG(real.stat().st_mode)
        except (OSError, RuntimeError, ValueError):
            return False
        if not regular or (real != self._root and self._root not in real.parents):
            return False
        return not any(part.startswith(".") for part in real.parts[len(self._root.parts) :])


def _shown(name: str) -> str:
    """A name as text: bytes that are no UTF-8 (surrogate escapes, PEP 383) written out."""
    return name if name.isascii() else os.fsencode(name).decode("utf-8", "backslashreplace")


def _hidden_bytes(key: str) -> str:
    """The name of the file system that `_shown` wrote out."""
    written = re.sub(r"\\x([89a-f][0-9a-f])", lambda found: chr(0xDC00 + int(found[1], 16)), key)
    return os.fsdecode(os.fsencode(written))


def _refuse(key: str) -> BinaryIO:
    raise SkipItem(f"folder {key!r} cannot be listed; check its owner and mode")


def _open(path: Path, key: str) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise SkipItem(f"{key!r} cannot be read ({error.strerror}); check its owner and mode") from None
