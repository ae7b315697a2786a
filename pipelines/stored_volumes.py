"""One resource made into documents from its rows in the store, as publishing does; its pages one by one."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import pyarrow.compute as pc

from indexer.documents import variants
from indexer.resource import PREFIX, Place, Resource, mint
from mappings.decisions import Key
from pipelines.copies import released_copies
from pipelines.decided import DecidedAccess
from pipelines.documents import DocumentTask, Piece, Row, Source
from pipelines.link import Links
from pipelines.places import Places
from pipelines.publish import sources_of
from pipelines.record_store import KEYS, RecordStore
from pipelines.stored_pages import StoredPages
from pipelines.tables import newest
from pipelines.volumes import PAGED

KEPT_BYTES = 32 << 20
"""Of documents kept ready: what a record page shows is asked for again by its pages and images."""
_ABSENT_BYTES = 256
_MINTED = re.compile(rf"{PREFIX}([0-9a-f]{{16}})")
_COLUMNS = ("version", "source", "source_id", "item", "action", "record")


@dataclass(slots=True)
class Volume:
    """A resource read from the store: its rows, the ids of joined records above them, the ids it had before, where the
    pages of each row lie, and its documents but those of pages.
    """

    resource: str
    rows: list[Row]
    ids: dict[str, dict[str, str]]
    former: tuple[str, ...] = ()
    pages: dict[Key, StoredPages] = field(default_factory=dict)
    documents: list[bytes] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Bytes, about."""
        texts = sum(map(len, self.documents)) + sum(len(row.record) for row in self.rows)
        return 2_048 + texts + sum(64 * pages.total for pages in self.pages.values())


class Volumes:
    """All resources of one state of a store. `records`, `pages` and `copies` know where their rows
    lie."""

    def __init__(self, store: RecordStore, records: Places, pages: Places, copies: Places) -> None:
        records.refresh()
        self._records, self._pages, self._copies = records, pages, copies
        self._released = released_copies(store)
        self._links = Links.read(store)
        self._members, self._ids = self._links.by_resource(), self._links.by_item()
        self._former = self._links.former()
        self._sources: dict[str, Source] = sources_of(store)
        self._decided = DecidedAccess.read(store)
        self._kept = _Kept()

    def meant(self, identifier: str) -> list[Volume]:
        """What may go by an id, by one that was given up, or by ``SOURCE:SOURCE_ID``."""
        source, colon, source_id = identifier.partition(":")
        own = mint(source, source_id) if colon else identifier
        ids = [own, self._links.follow(own)]
        if colon:
            ids.append(self._links.resource_of(source, source_id))
        found = (self._kept.get(resource, self._read) for resource in dict.fromkeys(ids))
        return [volume for volume in found if volume is not None]

    def page(self, volume: Volume, number: int) -> Iterator[bytes]:
        """The documents of the page that has this number for one of the audiences."""
        wanted = _numbers(self._task(volume, []).resource(Piece(volume.resource, volume.rows)), volume, number)
        rows = [_with_pages(row, volume, wanted.get((row.source, row.source_id), [])) for row in volume.rows]
        if wanted:
            yield from _run(self._task(volume, [Piece(volume.resource, rows, "pages")]))
            copied = [self._with_copied(row) for row in rows]
            yield from _run(self._task(volume, [Piece(volume.resource, copied, "copy")]))

    def _with_copied(self, row: Row) -> Row:
        """The row with the same pages of its released copy."""
        if row.released is None or row.place is None or not row.place.numbers:
            return row
        self._copies.refresh()
        pages = StoredPages(self._copies, (row.source, row.source_id))
        numbers = [number for number in row.place.numbers if number <= pages.total]
        return replace(row, copied=[pages.page(number)[1] for number in numbers])

    def _read(self, resource: str) -> Volume | None:
        volume = self._joined(resource) or self._single(resource)
        if volume is None:
            return None
        rows = volume.rows
        for row in rows:
            if PAGED in row.record:
                self._pages.refresh()
                volume.pages[row.source, row.source_id] = StoredPages(self._pages, (row.source, row.source_id))
        described = [_with_reduced(row, volume) for row in rows]
        volume.documents = list(_run(self._task(volume, [Piece(resource, described, "description")])))
        return volume

    def _joined(self, resource: str) -> Volume | None:
        """The records whose link rows say that they belong to a resource; of those that are gone the rows may stay."""
        rows, ids = self._rows(self._members.get(resource, ()))
        return Volume(resource, rows, ids, self._former.get(resource, ())) if rows else None

    def _single(self, resource: str) -> Volume | None:
        """The record without a link row from which an id is minted."""
        number = _number(resource)
        key = None if number is None else self._records.key(number)
        rows, ids = self._rows([key] if key is not None and key not in self._links.assigned else [])
        return Volume(resource, rows, ids) if rows else None

    def _rows(self, keys: Sequence[Key]) -> tuple[list[Row], dict[str, dict[str, str]]]:
        """The current rows of some records, and the ids of joined ones in their items."""
        found: list[Row] = []
        ids: dict[str, dict[str, str]] = {}
        for source, source_id in keys:
            row = self._current((source, source_id))
            if row is not None and source in self._sources:
                key = (source, source_id)
                (access,) = self._decided.texts([key])
                link, released = self._links.evidence(key), self._released.get(key)
                found.append(Row(*key, row["record"], link=link, access=access, released=released))
                ids.setdefault(source, {}).update(self._ids.get((source, row["item"]), {}))
        return found, ids

    def _current(self, key: Key) -> dict[str, str] | None:
        table = self._records.rows(key, _COLUMNS)
        if table is None:
            return None
        table = table.take(newest(table, KEYS["record"]))
        rows: list[dict[str, str]] = table.filter(pc.not_equal(table["action"], "delete")).to_pylist()
        return rows[0] if rows else None

    def _task(self, volume: Volume, pieces: list[Piece]) -> DocumentTask:
        return DocumentTask(self._sources, None, pieces, volume.ids, {volume.resource: volume.former})


class _Kept:
    """The latest volumes by resource, as far as `KEPT_BYTES` go; also that there is none of a name."""

    def __init__(self) -> None:
        self._volumes: OrderedDict[str, Volume | None] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def get(self, resource: str, read: Callable[[str], Volume | None]) -> Volume | None:
        with self._lock:
            if resource in self._volumes:
                self._volumes.move_to_end(resource)
                return self._volumes[resource]
        volume = read(resource)
        with self._lock:
            if resource not in self._volumes:
                self._volumes[resource] = volume
                self._size += _size(volume)
            while self._size > KEPT_BYTES:
                self._size -= _size(self._volumes.popitem(last=False)[1])
        return volume


def _size(volume: Volume | None) -> int:
    return _ABSENT_BYTES if volume is None else volume.size


def _run(task: DocumentTask) -> Iterator[bytes]:
    """The documents of a task, one by one."""
    for message in task.run():
        yield from filter(None, message.split(b"\n"))


def _numbers(resource: Resource, volume: Volume, number: int) -> dict[Key, list[int]]:
    """Which pages of which records have a number of a resource, for one audience or the other: who may not know of a
    record counts without it.
    """
    wanted: dict[Key, list[int]] = {}
    for variant, _ in variants(resource):
        left = number
        for member in variant.members:
            key = (member.source, member.record.source_id)
            total = volume.pages[key].total if key in volume.pages else 0
            if 1 <= left <= total:
                wanted[key] = sorted({*wanted.get(key, ()), left})
            left -= total
    return wanted


def _with_pages(row: Row, volume: Volume, numbers: Sequence[int]) -> Row:
    """The row with some of its pages, and their place among all of them."""
    pages = volume.pages.get((row.source, row.source_id))
    if pages is None:
        return row
    return replace(row, pages=[pages.page(number) for number in numbers], place=Place(numbers, pages.total))


def _with_reduced(row: Row, volume: Volume) -> Row:
    pages = volume.pages.get((row.source, row.source_id))
    return row if pages is None else replace(row, pages=pages.reduced())


def _number(resource: str) -> int | None:
    """What an id says, read as a number; None for what was never minted."""
    found = _MINTED.fullmatch(resource)
    return int(found[1], 16) if found else None
