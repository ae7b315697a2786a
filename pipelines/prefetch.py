"""Small items of remote transports, read ahead while those before them are mapped.

A request takes longer than mapping what it brings: one item after the other, a night would wait for the network most of
the time. Large items are streamed by whoever maps them, rows are here already, and nobody reads images to map them: all
of these go by untouched, in their place.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO
from pathlib import PurePosixPath
from typing import BinaryIO, Generic, TypeVar

from connectors.base import RawItem, SourceError
from mappings.formats.reading import read_up_to
from pipelines.items import IMAGES, Unit

Entry = TypeVar("Entry")


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is read ahead: bytes of one item (one whose size nobody told is taken to be as large), bytes of all that
    is being read, or read and not yet asked for, and how many entries of the listing that may be.
    """

    item: int = 1 << 20
    bytes: int = 16 << 20
    entries: int = 256
    threads: int = 8


BOUNDS = Bounds()


def prefetched(entries: Iterable[Entry], bounds: Bounds = BOUNDS) -> Iterator[Entry]:
    """The same entries in the same order, small items of units with their bytes on them: their openers ask nobody.

    An item that cannot be read, or is larger than its size says, goes by as it is: whoever opens it is told, and may
    ask again. What is no unit keeps its place. `entries` is walked in the caller's thread; a SourceError it ends with
    is raised after all that came before it.
    """
    failed: list[SourceError] = []
    waiting: deque[_Waiting[Entry]] = deque()
    under_way = 0
    readers = ThreadPoolExecutor(bounds.threads, "prefetch")
    try:
        for entry in _until_failure(entries, failed):
            sizes = _sizes(entry, bounds)
            weight = sum(sizes.values())
            while waiting and (under_way + weight > bounds.bytes or len(waiting) >= bounds.entries):
                under_way -= waiting[0].weight
                yield waiting.popleft().arrived()
            under_way += weight
            waiting.append(_Waiting(entry, weight, _readings(readers, entry, sizes)))
            if not weight and len(waiting) == 1:
                yield waiting.popleft().arrived()
        while waiting:
            yield waiting.popleft().arrived()
        if failed:
            raise failed[0]
    finally:
        readers.shutdown(cancel_futures=True)


def without_bytes(unit: Unit) -> Unit:
    """The unit as it was before it was read ahead: for what has to wait, and may be many."""
    return replace(unit, contents=tuple(map(_without_bytes, unit.contents)))


def _without_bytes(item: RawItem) -> RawItem:
    opener = item.opener
    if isinstance(opener, partial) and opener.func is _here:
        return replace(item, opener=opener.args[1])
    return item


def _here(payload: bytes, asked: Callable[[], BinaryIO]) -> BinaryIO:
    return BytesIO(payload)


def _until_failure(entries: Iterable[Entry], failed: list[SourceError]) -> Iterator[Entry]:
    try:
        yield from entries
    except SourceError as error:
        failed.append(error)


@dataclass(frozen=True, slots=True)
class _Waiting(Generic[Entry]):
    """An entry whose turn has not come, and the readings of its contents, by place."""

    entry: Entry
    weight: int
    readings: dict[int, Future[bytes | None]]

    def arrived(self) -> Entry:
        """The entry with what was read, once it is."""
        if not isinstance(self.entry, Unit) or not self.readings:
            return self.entry
        contents = list(self.entry.contents)
        for at, reading in self.readings.items():
            if (payload := reading.result()) is not None:
                item = contents[at]
                contents[at] = replace(item, opener=partial(_here, payload, item.opener), size=len(payload))
        return replace(self.entry, contents=tuple(contents))


def _sizes(entry: object, bounds: Bounds) -> dict[int, int]:
    """Which contents of a unit are read ahead, by place, and the bytes each may have; together they fit the bounds."""
    sizes: dict[int, int] = {}
    left = bounds.bytes
    for at, item in enumerate(entry.contents if isinstance(entry, Unit) else ()):
        size = item.size or bounds.item
        if size <= min(bounds.item, left) and not _is_here(item) and not _is_image(item):
            sizes[at] = size
            left -= size
    return sizes


def _is_here(item: RawItem) -> bool:
    """Did the listing bring the bytes, too?"""
    return item.row is not None or (isinstance(item.opener, partial) and item.opener.func is BytesIO)


def _is_image(item: RawItem) -> bool:
    return PurePosixPath(item.key).suffix.lower() in IMAGES


def _readings(readers: ThreadPoolExecutor, entry: object, sizes: dict[int, int]) -> dict[int, Future[bytes | None]]:
    contents = entry.contents if isinstance(entry, Unit) else ()
    return {at: readers.submit(_payload, contents[at], size) for at, size in sizes.items()}


def _payload(item: RawItem, size: int) -> bytes | None:
    """All bytes of an item, None when they cannot be had now or are more than `size`."""
    try:
        with item.open() as stream:
            payload = read_up_to(stream, size + 1)
    except Exception:  # whatever it is, whoever opens the item when its turn comes is told
        return None
    return payload if len(payload) <= size else None
