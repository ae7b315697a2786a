"""Tasks of resources with pages. Small ones travel together; a volume of thousands of pages comes in pieces, its
description last, since that says whether there are images and texts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from indexer.resource import Place
from mappings.decisions import Key
from mappings.record import Page, encode
from pipelines.copies import copy_pages
from pipelines.documents import DocumentTask, Piece, Row, Source
from pipelines.record_store import RecordStore

TASK_BYTES = 192 << 10
"""Of records and pages that travel together."""
PIECE_BYTES = 512 << 10
"""Of pages: some five of a newspaper. Their documents weigh five times as much."""
PAGED = '"page_count":'
"""What the JSON of a record with pages holds; rarely that of another, too, which then is looked up in vain."""
IMAGED, WORDED = '"image":', '"text":'
"""What the JSON of a page with an image, with text holds, and no other: quotes in a text are escaped."""


@dataclass(slots=True)
class Volumes:
    """Makes tasks of some resources, given with their rows without pages; `ids` and `former` as in `DocumentTask`."""

    store: RecordStore
    sources: dict[str, Source]
    resources: Mapping[str, list[Row]]
    ids: dict[str, dict[str, str]] = field(default_factory=dict)
    former: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def tasks(self) -> Iterator[DocumentTask]:
        """All of them."""
        some: list[Piece] = []
        size = 0
        for piece in self._pieces():
            some.append(piece)
            size += piece.size
            if size >= TASK_BYTES:
                yield self._task(some, size)
                some, size = [], 0
        if some:
            yield self._task(some, size)

    def _task(self, pieces: list[Piece], size: int) -> DocumentTask:
        former = {one.resource: self.former[one.resource] for one in pieces if one.resource in self.former}
        return DocumentTask(self.sources, None, pieces, self.ids, former, size)

    def _pieces(self) -> Iterator[Piece]:
        """Those without pages first."""
        owners, by_source = self._paged()
        pages = {source: self.store.pages(source, ids) for source, ids in by_source.items()}
        totals = {(source, one): total for source, found in pages.items() for one, total in found.totals.items()}
        open_ones = {owners[key]: _Volume(owners[key], self.resources[owners[key]], totals) for key in totals}
        yield from (Piece(resource, rows) for resource, rows in self.resources.items() if resource not in open_ones)
        for source, found in pages.items():
            for piece in found.pieces(PIECE_BYTES):
                key = (source, piece.source_id)
                yield from open_ones[owners[key]].add(key, piece.numbers, piece.pages)
        yield from self._copied(owners, open_ones)

    def _copied(self, owners: Mapping[Key, str], volumes: Mapping[str, _Volume]) -> Iterator[Piece]:
        """The pages of released copies."""
        by_source: dict[str, list[str]] = {}
        for rows in self.resources.values():
            for row in rows:
                if row.released is not None and owners.get((row.source, row.source_id)) in volumes:
                    by_source.setdefault(row.source, []).append(row.source_id)
        for source, ids in by_source.items():
            for piece in copy_pages(self.store, source, ids).pieces(PIECE_BYTES):
                key = (source, piece.source_id)
                yield volumes[owners[key]].copied(key, piece.numbers, [page for _, page in piece.pages])

    def _paged(self) -> tuple[dict[Key, str], dict[str, list[str]]]:
        """The resource of each record that may have pages, and their source_ids by source."""
        owners: dict[Key, str] = {}
        by_source: dict[str, list[str]] = {}
        for resource, rows in self.resources.items():
            for row in rows:
                if PAGED in row.record:
                    owners[row.source, row.source_id] = resource
                    by_source.setdefault(row.source, []).append(row.source_id)
        return owners, by_source


class _Volume:
    """One resource with pages while they are read."""

    def __init__(self, resource: str, rows: list[Row], totals: Mapping[Key, int]) -> None:
        self._resource = resource
        self._rows = [replace(row, place=Place((), totals.get((row.source, row.source_id), 0))) for row in rows]
        self._total = self._left = sum(row.place.total for row in self._rows if row.place)
        self._seen: dict[Key, dict[tuple[int, str], None]] = {}

    def add(self, key: Key, numbers: list[int], pages: list[tuple[int, str]]) -> Iterator[Piece]:
        """These pages; after the last of them, the description."""
        if len(pages) == self._total:
            yield Piece(self._resource, [replace(row, place=None) for row in self._with(key, numbers, pages)])
            return
        yield Piece(self._resource, self._with(key, numbers, pages), "pages")
        self._seen.setdefault(key, {}).update(dict.fromkeys((copy, _reduced(page)) for copy, page in pages))
        self._left -= len(pages)
        if not self._left:
            seen = [(row, self._seen.get((row.source, row.source_id), {})) for row in self._rows]
            yield Piece(self._resource, [replace(row, pages=sorted(shown)) for row, shown in seen], "description")

    def copied(self, key: Key, numbers: list[int], pages: list[str]) -> Piece:
        """These pages of the released copy of one of its records."""
        rows = [
            replace(row, copied=pages) for row in self._with(key, numbers, []) if (row.source, row.source_id) == key
        ]
        others = [row for row in self._rows if (row.source, row.source_id) != key]
        return Piece(self._resource, rows + others, "copy")

    def _with(self, key: Key, numbers: list[int], pages: list[tuple[int, str]]) -> list[Row]:
        """The rows, one of them with pages."""
        return [
            replace(row, pages=pages, place=Place(numbers, row.place.total))
            if row.place and (row.source, row.source_id) == key
            else row
            for row in self._rows
        ]


def _reduced(page: str) -> str:
    """A page that says of another no more than whether it has an image and text."""
    return reduced(IMAGED in page, WORDED in page)


def reduced(imaged: bool, worded: bool) -> str:
    """The JSON of a page that has an image and text or not, and nothing else."""
    return encode(Page(0, "-" if worded else "", image="-" if imaged else None)).decode()
