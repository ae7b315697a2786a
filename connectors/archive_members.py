"""What all archives have in common: what a member is, which are refused, and how much is unpacked at most."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, Protocol, TypeVar

from connectors.spool import spooled

MEMBERS = 100_000
"""Members of one archive, those of archives in it included."""
TOTAL = 1 << 40
"""Bytes of all members of an archive together: a thousand volumes of scans, and no more than a disk holds."""
BIGGEST = 16 << 30
"""Bytes that are unpacked at once, on the disk of the temporary folder: a member, a compressed tar."""
_RATIO, _RATIO_FROM = 200, 16 << 20
"""Real text shrinks to a fiftieth at best; deflate reaches a thousandth with bytes that say nothing."""
CUT = "it is cut off or damaged; what could be read of it was"
_IN_MEMORY = 4 << 20
_ABSOLUTE = re.compile(r"[/\\]|[A-Za-z]:")
_CLUTTER = "__MACOSX"

T = TypeVar("T")


class Unreadable(Exception):
    """An archive, or a member of one, that cannot be read. The message is the reason and what to do."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file in an archive. `token` tells versions of it apart: by itself in a ZIP, in a tar together with the
    checksum of the archive. `refusal` says why it is not unpacked.
    """

    name: str
    size: int
    token: str
    refusal: str | None = None


class Archive(Protocol):
    """An opened archive: `members` by name, in its order; `damage` when there should be more."""

    damage: str | None
    members: dict[str, Member]

    def pieces(self, name: str) -> Iterator[bytes]:
        """The bytes of a member that is not refused, as they are unpacked. Raises Unreadable."""
        ...


def why_refused(name: str, total: int) -> str | None:
    """Why a member of that name is not unpacked, `total` bytes into its archive; None when it may be."""
    if _ABSOLUTE.match(name):
        return "it has an absolute path, which may lead anywhere"
    if ".." in re.split(r"[/\\]", name):
        return "its path leads out of the archive"
    if total > TOTAL:
        return f"the archive unpacks to more than {TOTAL >> 30} GB; split it"
    return None


def grows(size: int, packed: int) -> str | None:
    """Why what is `packed` bytes and unpacks to `size` is not unpacked; None when it may be."""
    if size > _RATIO_FROM and size > _RATIO * max(packed, 1):
        return f"it grows more than {_RATIO}-fold when unpacked, which no document does"
    return None


def told_apart(entries: Iterable[tuple[str, T]]) -> Iterator[tuple[str, T]]:
    """Files under tidy names; the second of one name is ``NAME~2``. Hidden files, and what macOS leaves beside each
    file, are left out, as they are in folders.
    """
    seen: dict[str, int] = {}
    for given, entry in entries:
        absolute = "/" if given.startswith("/") else ""
        parts = [part for part in given.split("/") if part not in ("", ".")]
        if not parts or _CLUTTER in parts or any(part.startswith(".") and part != ".." for part in parts):
            continue
        name = absolute + "/".join(parts)
        seen[name] = seen.get(name, 0) + 1
        yield (name if seen[name] == 1 else f"{name}~{seen[name]}"), entry


class Unfolding(io.RawIOBase):
    """A member as a stream that is unpacked as far as it is read: who only looks at its beginning costs little. What
    was unpacked is kept, in memory or in a nameless file. Raises what the pieces raise, of small members at once.
    """

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._spool = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
        self._size = self._at = 0
        self._is_whole = False
        self._unfold(1)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence == io.SEEK_END:
            self._unfold(BIGGEST)
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        self._unfold(self._at + len(buffer))
        self._spool.seek(self._at)
        piece = self._spool.read(len(buffer))
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def close(self) -> None:
        self._spool.close()
        super().close()

    def _unfold(self, to: int) -> None:
        while self._size < to and not self._is_whole:
            piece = next(self._pieces, None)
            self._is_whole = piece is None
            self._spool.seek(self._size)
            self._size += self._spool.write(piece or b"")


def kept(pieces: Iterable[bytes], most: int) -> BinaryIO:
    """Bytes that can be read from the beginning, in memory or in a nameless file. Raises Unreadable beyond `most`."""
    return spooled(_bounded(pieces, most), _IN_MEMORY)


def _bounded(pieces: Iterable[bytes], most: int) -> Iterator[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > most:
            raise Unreadable(f"it unpacks to more than {most >> 20} MB; split it")
        yield piece
