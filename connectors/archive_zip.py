"""ZIP files as they come: directories that are missing, names in GBK, members that must not be unpacked.

Format: PKWARE APPNOTE 6.3. Names without the UTF-8 flag are CP437 by that standard and in no East Asian archive:
`archive_names` reads them.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from connectors.archive_members import CUT, MEMBERS, Member, Unreadable, grows, told_apart, why_refused
from connectors.archive_names import decoded

_DIRECTORY = 24 << 20
"""Bytes of a central directory: a hundred thousand members with long names. It is read into memory as a whole."""
_ENCRYPTED, _UTF8, _LENGTH_AFTER = 0x1, 0x800, 0x8
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2)  # LZMA takes as much memory as it asks for
_UNICODE_PATH = 0x7075
_WRONG = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, OverflowError, NotImplementedError)


class ZipArchive:
    """The members of a ZIP file. `damage` says what is wrong with the file itself, `members` what could be listed."""

    def __init__(self, source: BinaryIO) -> None:
        """Raises Unreadable."""
        self.damage: str | None = None
        _check_directory(source)
        try:
            self._zip = zipfile.ZipFile(source)
        except _WRONG:
            self.damage = CUT
            self._zip = _opened(_mended(source))
        infos = self._zip.infolist()
        if len(infos) > MEMBERS:
            raise Unreadable(f"it has more than {MEMBERS} members; split it")
        self._infos: dict[str, zipfile.ZipInfo] = {}
        self.members: dict[str, Member] = {}
        total = 0
        for name, info in told_apart(self._named(infos)):
            total += info.file_size
            refusal = why_refused(name, total) or _why_refused(info) or grows(info.file_size, info.compress_size)
            self._infos[name] = info
            self.members[name] = Member(name, info.file_size, f"crc {info.CRC:08x}-{info.file_size}", refusal)

    def pieces(self, name: str) -> Iterator[bytes]:
        """The bytes of a member; its checksum is verified. Raises Unreadable."""
        try:
            with self._zip.open(self._infos[name]) as stream:
                yield from iter(lambda: stream.read(1 << 20), b"")
        except (*_WRONG, OSError, RuntimeError) as error:
            raise Unreadable(f"it is damaged ({error}); fetch it again") from None

    def _named(self, infos: list[zipfile.ZipInfo]) -> Iterator[tuple[str, zipfile.ZipInfo]]:
        """Files with their names; folders have none."""
        raw = {id(info): info.orig_filename.encode("cp437") for info in infos if not info.flag_bits & _UTF8}
        names = dict(zip(raw, decoded(raw.values()), strict=True))
        for info in infos:
            name = _unicode_path(info) or names.get(id(info), info.orig_filename)
            if info.create_system == 0 and "/" not in name:
                name = name.replace("\\", "/")  # some programs of Windows write their own separator
            if not name.endswith("/"):
                yield name, info


def _why_refused(info: zipfile.ZipInfo) -> str | None:
    if info.flag_bits & _ENCRYPTED:
        return "it is locked with a password; save it without one"
    return None if info.compress_type in _METHODS else "it is packed in a way not known here; pack it with deflate"


def _unicode_path(info: zipfile.ZipInfo) -> str | None:
    """The name in UTF-8 that Info-ZIP keeps beside one in another encoding (APPNOTE 4.6.9)."""
    extra = info.extra
    while len(extra) >= 4:
        kind, size = struct.unpack("<HH", extra[:4])
        if kind == _UNICODE_PATH and size > 5:
            return extra[9 : 4 + size].decode("utf-8", "replace")
        extra = extra[4 + size :]
    return None


def _check_directory(source: BinaryIO) -> None:
    """Raises Unreadable when the directory is larger than memory should hold."""
    end = source.seek(0, io.SEEK_END)
    source.seek(max(0, end - (1 << 16) - 22))
    tail = source.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        return
    size = struct.unpack("<I", tail[at + 12 : at + 16])[0]
    if size == 0xFFFFFFFF and at >= 20:
        source.seek(min(struct.unpack("<Q", tail[at - 12 : at - 4])[0], end))
        size = int.from_bytes(source.read(56)[40:48], "little")
    if size > _DIRECTORY:
        raise Unreadable(f"its directory is larger than {_DIRECTORY >> 20} MB; split it")


def _opened(source: BinaryIO) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(source)
    except _WRONG as error:
        raise Unreadable(f"it is no ZIP file that can be read ({error}); fetch it again") from None


def _mended(source: BinaryIO) -> BinaryIO:
    """The file with a new directory of those members whose headers and bytes are all there, up to the first that is
    not. Raises Unreadable when there is none.
    """
    total = source.seek(0, io.SEEK_END)
    directory, at, count = bytearray(), 0, 0
    while (found := _local(source, at)) is not None and found[1] <= min(total, 0xFFFFFFFE) and count <= MEMBERS:
        entry, after = found
        directory += entry
        at = after
        count += 1
    if not count:
        raise Unreadable("nothing in it can be read: it is cut off, or no ZIP file; fetch it again")
    size = min(count, 0xFFFF)
    tail = bytes(directory) + struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, size, size, len(directory), at, 0)
    return io.BufferedReader(Joined(source, at, tail))


def _local(source: BinaryIO, at: int) -> tuple[bytes, int] | None:
    """A directory entry for the member whose header is at `at`, and where it ends; None when there is no header, or one
    that does not say how long its member is.
    """
    source.seek(at)
    head = source.read(30)
    if len(head) < 30 or head[:4] != b"PK\x03\x04":
        return None
    _, flags, method, clock, day, crc, packed, size, name_size, extra_size = struct.unpack("<4x5H3I2H", head)
    if flags & _LENGTH_AFTER or packed == 0xFFFFFFFF:
        return None
    name = source.read(name_size)
    entry = struct.pack(
        "<4s4B4H3I5H2I",
        *(b"PK\x01\x02", 20, 0, 20, 0, flags, method, clock, day, crc, packed, size),
        *(len(name), 0, 0, 0, 0, 0, at),
    )
    return entry + name, at + 30 + name_size + extra_size + packed


class Joined(io.RawIOBase):
    """The first `size` bytes of a file, and `tail` after them."""

    def __init__(self, source: BinaryIO, size: int, tail: bytes) -> None:
        self._source, self._size, self._tail = source, size, tail
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size + len(self._tail)}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if self._at < self._size:
            self._source.seek(self._at)
            piece = self._source.read(min(len(buffer), self._size - self._at))
        else:
            start = self._at - self._size
            piece = self._tail[start : start + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)
