"""Tar files, plain or compressed: members by their place, and nothing of what a tar can ask for besides files.

A compressed tar can only be read from its beginning: it is unpacked once, to a nameless temporary file, and its members
are read from there.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import tarfile
import zlib
from collections.abc import Iterator
from threading import Lock
from typing import BinaryIO, NamedTuple, cast

from connectors.archive_members import BIGGEST, CUT, MEMBERS, Member, Unreadable, grows, kept, told_apart, why_refused
from connectors.archive_names import decoded

_PIECE = 1 << 20
_HEADER = 4 << 20
"""Bytes of one header with its extensions; a longer one is no name."""
_XZ_MEMORY = 256 << 20
"""What `xz -9` needs is a quarter of this."""
_WRONG = (tarfile.TarError, EOFError, OSError, zlib.error, lzma.LZMAError, ValueError, RecursionError)


class _Entry(NamedTuple):
    """A header, in a tenth of the memory that tarfile keeps it in."""

    name: bytes
    start: int
    size: int
    refusal: str | None


class TarArchive:
    """The members of a tar. `damage` says what is wrong with the file itself, `members` what could be listed."""

    def __init__(self, source: BinaryIO, packing: str | None) -> None:
        """`packing` is None, ``gz``, ``bz2`` or ``xz``. Raises Unreadable."""
        self.damage: str | None = None
        self._file = source if packing is None else self._unpacked(source, packing)
        self._length = self._file.seek(0, 2)
        self._turn = Lock()  # several threads may read from one archive
        self._places: dict[str, tuple[int, int]] = {}
        self.members: dict[str, Member] = {}
        entries = list(self._entries())
        names = decoded(entry.name for entry in entries)
        total = 0
        for name, entry in told_apart(zip(names, entries, strict=True)):
            total += entry.size
            self._places[name] = (entry.start, entry.size)
            refusal = why_refused(name, total) or entry.refusal
            self.members[name] = Member(name, entry.size, f"at {entry.start}", refusal)

    def pieces(self, name: str) -> Iterator[bytes]:
        """The bytes of a member. Raises Unreadable."""
        start, size = self._places[name]
        at = start
        while at < start + size:
            with self._turn:
                self._file.seek(at)
                piece = self._file.read(min(_PIECE, start + size - at))
            if not piece:
                raise Unreadable("its archive was cut off while it was read; it is tried again next time")
            yield piece
            at += len(piece)

    def _entries(self) -> Iterator[_Entry]:
        """Everything but folders. What ends before its end is `damage`."""
        self._file.seek(0)
        count = 0
        try:
            tar = tarfile.open(fileobj=cast(BinaryIO, _Careful(self._file)), mode="r:")  # noqa: SIM115
            for count, info in enumerate(tar, 1):
                tar.members = []  # type: ignore[attr-defined]  # it would keep them all
                if count > MEMBERS:
                    raise Unreadable(f"it has more than {MEMBERS} members; split it")
                if info.isreg() and info.offset_data + info.size > self._length:
                    self.damage = CUT
                elif not info.isdir():
                    yield _entry(info)
            self._file.seek(tar.offset)
            end = self._file.read(tarfile.BLOCKSIZE)
            if len(end) < tarfile.BLOCKSIZE or end.strip(b"\0"):
                self.damage = CUT
        except _WRONG as error:
            if not count:
                raise Unreadable(f"it is no tar file that can be read ({error}); fetch it again") from None
            self.damage = CUT

    def _unpacked(self, source: BinaryIO, packing: str) -> BinaryIO:
        """The tar without its compression; what there is of it when that ends early. Raises Unreadable."""
        packed = source.seek(0, 2)
        source.seek(0)
        return kept(self._pieces(source, packing, packed), BIGGEST)

    def _pieces(self, source: BinaryIO, packing: str, packed: int) -> Iterator[bytes]:
        size = 0
        try:
            for piece in _PACKINGS[packing](source):
                size += len(piece)
                if bomb := grows(size, packed):
                    raise Unreadable(bomb)
                yield piece
        except _WRONG as error:
            if not size:
                raise Unreadable(f"it cannot be unpacked ({error}); fetch it again") from None
            self.damage = CUT


class _Careful:
    """A file that gives no header too large for one: tarfile reads names and PAX records whole."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= _HEADER:
            raise tarfile.ReadError("a header that is too large")
        return self._file.read(size)


def _entry(info: tarfile.TarInfo) -> _Entry:
    return _Entry(info.name.encode("utf-8", "surrogateescape"), info.offset_data, info.size, _kind(info))


def _kind(info: tarfile.TarInfo) -> str | None:
    """Why an entry that is no plain file is not unpacked."""
    if info.issym() or info.islnk():
        return "it is a link to another file, which is not followed in an archive; pack the file itself"
    if info.isdev():
        return "it is a device or a pipe, not a file"
    return "it is a file with holes (sparse); pack it without them" if info.issparse() else None


def _gzip(source: BinaryIO) -> Iterator[bytes]:
    with gzip.GzipFile(fileobj=source, mode="rb") as stream:
        yield from iter(lambda: stream.read(_PIECE), b"")


def _bzip2(source: BinaryIO) -> Iterator[bytes]:
    with bz2.BZ2File(source) as stream:
        yield from iter(lambda: stream.read(_PIECE), b"")


def _xz(source: BinaryIO) -> Iterator[bytes]:
    """Within `_XZ_MEMORY`, which `lzma.LZMAFile` knows no setting for."""
    unpacker = lzma.LZMADecompressor(memlimit=_XZ_MEMORY)
    while block := source.read(_PIECE):
        while block or not (unpacker.eof or unpacker.needs_input):
            if unpacker.eof:
                unpacker = lzma.LZMADecompressor(memlimit=_XZ_MEMORY)
            if piece := unpacker.decompress(block, _PIECE):
                yield piece
            block = unpacker.unused_data.lstrip(b"\0") if unpacker.eof else b""
    if not unpacker.eof:
        raise EOFError("it ends early")


_PACKINGS = {"gz": _gzip, "bz2": _bzip2, "xz": _xz}
