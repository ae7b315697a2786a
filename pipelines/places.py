"""Where the rows of a record lie in the store: found by the id that is minted from it, which says nothing about it.

Of each file of one kind of rows, the ids in it as numbers, sorted, and for each the row group it is in: twelve bytes a
record and group. Files never change, so each is looked through once, and a new commit costs no more than its own rows.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from indexer.resource import minted
from mappings.decisions import Key
from pipelines.record_store import RecordStore, RowKind
from pipelines.tables import IntArray, by_version

RECENT = 4
"""Row groups (32 MB each at most) of which a column is kept: whoever turns pages reads the same one again."""


class Where(NamedTuple):
    """A row group: the path of its file, and which of its groups."""

    path: str
    group: int


@dataclass(frozen=True, slots=True)
class _File:
    """The sorted numbers of one file, and the group each is in."""

    numbers: IntArray
    groups: IntArray

    def groups_of(self, number: int) -> list[int]:
        low, high = (int(np.searchsorted(self.numbers, np.uint64(number), side)) for side in ("left", "right"))
        return [int(group) for group in np.unique(self.groups[low:high])]


class Places:
    """Of one kind of rows. Safe to share between threads: of several who ask first, one looks and the others wait."""

    def __init__(self, store: RecordStore, kind: RowKind) -> None:
        self.store, self._kind = store, kind
        self._files: dict[str, _File] = {}
        self._recent: OrderedDict[tuple[Where, str], pa.ChunkedArray] = OrderedDict()
        self._lock = threading.Lock()

    def refresh(self) -> None:
        """Look through the files that came since the last time; what is gone from the store is forgotten."""
        with self._lock:
            known = self._files
            self._files = {
                path: known[path] if path in known else self._looked_through(path)
                for path in self.store.paths(self._kind)
            }

    def key(self, number: int) -> Key | None:
        """The record from which an id with this number is minted, None when there never was one."""
        for where in self._of(number):
            table = self._group(where, ("source", "source_id"))
            found = np.flatnonzero(_numbers(table) == np.uint64(number))
            if len(found):
                return table["source"][int(found[0])].as_py(), table["source_id"][int(found[0])].as_py()
        return None

    def rows(self, key: Key, columns: Sequence[str]) -> pa.Table | None:
        """All rows of a record, oldest first, with ``version`` among the columns; None when there is none."""
        read = tuple(dict.fromkeys((*columns, "version", "source", "source_id")))
        parts = []
        for where in self._of(_number_of(key)):
            table = self._group(where, read)
            parts.append(table.filter(_is_of(table, key)))
        return by_version(pa.concat_tables(parts)) if parts else None

    def located(self, key: Key, columns: Sequence[str]) -> Iterator[tuple[Where, pa.Table]]:
        """The rows of a record group by group, with their positions in the group as column ``at``."""
        for where in self._of(_number_of(key)):
            table = self._group(where, (*columns, "source", "source_id"))
            table = table.append_column("at", pa.array(np.arange(table.num_rows)))
            yield where, table.filter(_is_of(table, key))

    def column(self, where: Where, name: str, at: IntArray) -> pa.ChunkedArray:
        """The values of a column at some positions of a group."""
        with self._lock:
            values = self._recent.pop((where, name), None)
        if values is None:
            values = self._group(where, (name,))[name]
        with self._lock:
            self._recent[where, name] = values
            while len(self._recent) > RECENT:
                self._recent.popitem(last=False)
        return values.take(pa.array(at))

    def _of(self, number: int) -> list[Where]:
        return [Where(path, group) for path, file in self._files.items() for group in file.groups_of(number)]

    def _group(self, where: Where, columns: Sequence[str]) -> pa.Table:
        return next(iter(self.store.rows_of(where.path, columns, [where.group])))

    def _looked_through(self, path: str) -> _File:
        tables = self.store.rows_of(path, ("source", "source_id"))
        found = [_numbers(table.group_by(["source", "source_id"]).aggregate([])) for table in tables]
        groups = np.repeat(np.arange(len(found), dtype=np.uint32), [len(numbers) for numbers in found])
        numbers = np.concatenate(found) if found else np.empty(0, np.uint64)
        order = np.argsort(numbers, kind="stable")
        return _File(numbers[order], groups[order])


def _is_of(table: pa.Table, key: Key) -> pa.ChunkedArray:
    return pc.and_(pc.equal(table["source"], key[0]), pc.equal(table["source_id"], key[1]))


def _number_of(key: Key) -> int:
    return int.from_bytes(minted(*key), "big")


def _numbers(table: pa.Table) -> IntArray:
    """What the ids minted from some records say, read as numbers."""
    keys = zip(table["source"].to_pylist(), table["source_id"].to_pylist(), strict=True)
    return np.frombuffer(b"".join(minted(*key) for key in keys), ">u8").astype(np.uint64)
