"""Raw items as the run handles them: storable keys, checksums, and contents read once."""

from __future__ import annotations

import dataclasses
import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, BinaryIO

from connectors.base import Checkpoint, Gone, Listed, RawItem, SourceError
from mappings.base import Unit as UnitKind
from mappings.formats.reading import read_up_to
from mappings.grouping import groups
from pipelines.patience import Patience

IN_MEMORY = 32 << 20
"""Items up to this size are read once, so that what is checked and what is mapped are the same bytes; of larger ones
(a volume of thousands of pages) what is beyond it is streamed twice.
"""
IMAGES = frozenset({".jpg", ".jpeg", ".jp2", ".jpx", ".png", ".tif", ".tiff", ".gif", ".webp", ".bmp"})
"""Told apart by their change token instead of their bytes: records refer to images, they hold nothing of them."""
PATIENCE = 30.0
"""Seconds a worker waits in all for one item that its source gives later."""
ROW_SIZE = 1 << 10
"""What a row of a database is taken to weigh."""
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Unit:
    """One item: its key, and its contents (one file or row, or all files that make it). `kind` is the format of a
    single file that had to be looked at to find out what makes an item.
    """

    key: str
    contents: tuple[RawItem, ...]
    kind: str | None = None

    @property
    def size(self) -> int:
        return sum(content.size or ROW_SIZE for content in self.contents)

    @property
    def token(self) -> str | None:
        """What the source vouches for: equal means unchanged. None when it does not for every part."""
        tokens = [content.token for content in self.contents]
        if None in tokens:
            return None
        if len(tokens) == 1 and self.key == self.contents[0].key:
            return tokens[0]
        return _digest("\n".join(f"{one.key}\0{one.token}" for one in self.contents).encode())


@dataclass(frozen=True, slots=True)
class Contents:
    """One file or row as a mapping sees it, its bytes perhaps already here."""

    raw: RawItem
    payload: bytes | None = None

    @property
    def name(self) -> str:
        return self.raw.key

    @property
    def row(self) -> dict[str, Any] | None:
        return self.raw.row

    def open(self) -> BinaryIO:
        """A fresh stream of the bytes. Raises SkipItem or RetryLater."""
        return io.BytesIO(self.payload) if self.payload is not None else opened(self.raw)


def storable(key: str) -> str:
    """A key as text every store can hold: bytes of a name that are not UTF-8 are written ``\\xNN``."""
    return key if key.isascii() else key.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


class Kinds:
    """Formats by the first bytes of files. Of one that is the same as when it was last looked at, the format then:
    `known` tells it by key and token.
    """

    def __init__(self, known: Callable[[str, str], str | None] = lambda *_: None) -> None:
        self._known = known
        self.found: dict[str, str] = {}

    def __call__(self, item: RawItem, look: Callable[[], str | None]) -> str | None:
        kind = None if item.token is None else self._known(item.key, item.token)
        kind = look() if kind is None else kind
        if kind is not None:
            self.found[item.key] = kind
        return kind


def units(listing: Iterable[Listed], unit: UnitKind, kinds: Kinds | None = None) -> Iterator[Unit | Gone | Checkpoint]:
    """The items of a listing as the mapping wants its files put together (`mappings.grouping`).

    What is gone is told last; of a folder it is not, since one that lost a file is another version of the same item.
    Files that are put together know no checkpoint: an item may lie on both sides of it.
    """
    if unit in ("folder", "package", "mixed"):
        gone: list[Gone] = []
        told = kinds or Kinds()
        for key, files in groups(unit, _here(listing, gone), _peek, told):
            yield Unit(key, files, told.found.get(key) if len(files) == 1 else None)
        yield from gone if unit != "folder" else ()
        return
    for entry in listing:
        if isinstance(entry, Checkpoint):
            yield entry
            continue
        safe = dataclasses.replace(entry, key=storable(entry.key))
        yield safe if isinstance(safe, Gone) else Unit(safe.key, (safe,))


def _here(listing: Iterable[Listed], gone: list[Gone]) -> Iterator[RawItem]:
    """What there is, under storable keys; the rest is put aside."""
    for entry in listing:
        if isinstance(entry, Checkpoint):
            continue
        safe = dataclasses.replace(entry, key=storable(entry.key))
        if isinstance(safe, Gone):
            gone.append(safe)
        else:
            yield safe


def _peek(item: RawItem, size: int) -> bytes:
    """The first bytes of an item; none of one that cannot be opened, which will be said when it is read."""
    try:
        with opened(item) as stream:
            return read_up_to(stream, size)
    except (SourceError, OSError):
        return b""


def unit_checksum(unit: Unit) -> str:
    """The checksum of an item's content. Raises SkipItem, RetryLater, OSError."""
    return _together(unit, [_checksum(item) for item in unit.contents])


def read_unit(unit: Unit) -> tuple[str, list[Contents]]:
    """The checksum of an item and its contents, in memory as long as they are small together; of a volume of a thousand
    files, the later ones are read when their turn comes. Raises SkipItem, RetryLater, OSError.
    """
    digests, contents = [], []
    left = IN_MEMORY
    for item in unit.contents:
        payload = None
        if not _is_image(item) and item.size <= left:
            with opened(item) as stream:
                payload = stream.read()
            left -= len(payload)
        digests.append(_checksum(item) if payload is None else _digest(payload))
        contents.append(Contents(item, payload))
    return _together(unit, digests), contents


def opened(item: RawItem) -> BinaryIO:
    """The stream of an item, asked for again when the transport says later. Raises SkipItem, RetryLater."""
    return Patience(PATIENCE).ask(item.open)


def _checksum(item: RawItem) -> str:
    if _is_image(item):
        return item.version or str(item.size)
    digest = hashlib.blake2b(digest_size=16)
    with opened(item) as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _digest(payload: bytes) -> str:
    return hashlib.blake2b(payload, digest_size=16).hexdigest()


def _together(unit: Unit, digests: Sequence[str]) -> str:
    """One file is its own checksum; a folder's covers the names, too."""
    if len(digests) == 1 and unit.key == unit.contents[0].key:
        return digests[0]
    lines = (f"{item.key}\0{digest}" for item, digest in zip(unit.contents, digests, strict=True))
    return _digest("\n".join(lines).encode())


def _is_image(item: RawItem) -> bool:
    return item.row is None and PurePosixPath(item.key).suffix.lower() in IMAGES
