"""Current pages of records, read from the store in pieces: never more than a row group of them is in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.tables import IntArray, by_version, newest, only

Reader = Callable[[Sequence[str]], Iterator[pa.Table]]
"""Page rows with the columns asked for, a row group at a time; the same rows every time."""


@dataclass(slots=True)
class Piece:
    """Some pages of one record: their numbers through all copies, from 1 and ascending, and for each the ordinal of
    its copy and its JSON.
    """

    source_id: str
    numbers: list[int]
    pages: list[tuple[int, str]]


class CurrentPages:
    """The newest row of each page, deleted ones left out. Keys are looked at first, so that contents may come in the
    order in which they are stored: `totals` are the pages of each record that has any.
    """

    def __init__(self, read: Reader, keys: Sequence[str]) -> None:
        self._read = read
        self.totals: dict[str, int] = {}
        parts = list(read(["version", "action", *keys]))
        self._numbers: IntArray = np.zeros(sum(part.num_rows for part in parts), np.int32)
        if len(self._numbers):
            self._count(pa.concat_tables(parts), keys)

    def _count(self, table: pa.Table, keys: Sequence[str]) -> None:
        """Number the current pages of each record; what is not current stays 0."""
        table = by_version(table.append_column("at", pa.array(np.arange(table.num_rows))))
        table = table.take(newest(table, keys))
        table = table.filter(pc.not_equal(table["action"], "delete"))
        table = table.sort_by([("source_id", "ascending"), ("page", "ascending")])
        ids = pc.run_end_encode(table["source_id"].combine_chunks())
        at, start = table["at"].to_numpy(), 0
        for source_id, end in zip(ids.values.to_pylist(), ids.run_ends.to_pylist(), strict=True):
            self._numbers[at[start:end]] = np.arange(1, end - start + 1)
            self.totals[source_id] = end - start
            start = end

    def pieces(self, most: int) -> Iterator[Piece]:
        """All pages of all records, in pieces of about `most` bytes of JSON at most; a record whose pages are stored
        together and weigh less comes whole.
        """
        waiting: dict[str, list[tuple[int, int, str]]] = {}
        left = dict(self.totals)
        size = 0
        for source_id, number, copy, page in self._stored():
            waiting.setdefault(source_id, []).append((number, copy, page))
            left[source_id] -= 1
            size += len(page)
            if size >= most:
                yield from (_piece(*some) for some in waiting.items())
                waiting, size = {}, 0
            elif not left[source_id]:
                size -= sum(len(page) for *_, page in waiting[source_id])
                yield _piece(source_id, waiting.pop(source_id))

    def _stored(self) -> Iterator[tuple[str, int, int, str]]:
        """(source_id, number, ordinal of its copy, JSON) of each page, in the order in which they are stored."""
        start = 0
        for table in self._read(["source_id", "copy", "record"]):
            numbers = self._numbers[start : start + table.num_rows]
            start += table.num_rows
            table = only(table, pa.array(numbers > 0))
            for at, number in enumerate(numbers[numbers > 0].tolist()):
                yield table["source_id"][at].as_py(), number, table["copy"][at].as_py(), table["record"][at].as_py()


def _piece(source_id: str, pages: list[tuple[int, int, str]]) -> Piece:
    pages.sort()
    return Piece(source_id, [number for number, _, _ in pages], [(copy, page) for _, copy, page in pages])
