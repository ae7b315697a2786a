"""Rows of the record store as Arrow tables: which are the newest, which pass a test. Vectorised, never row by row."""

from __future__ import annotations

import sys
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

IntArray = np.ndarray[Any, Any]
BoolArray = np.ndarray[Any, Any]
_PARTS = 8
_BLOCK = 1 << 20


class _WithoutPandas:
    """pyarrow asks once, at its first array, whether there is pandas, and imports it for the answer: 0.2 s of a run
    that has no use for it. This answers for it; what needs pandas later gets it all the same.
    """

    def find_spec(self, name: str, *_: object) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(name)

    def __enter__(self) -> None:
        sys.meta_path.insert(0, self)

    def __exit__(self, *_: object) -> None:
        sys.meta_path.remove(self)


if "pandas" not in sys.modules:
    with _WithoutPandas():
        pa.array([])


class RowTest:
    """What rows have to hold in one column: one of some values, or a number above a bound."""

    def __init__(self, values: Iterable[str] | None = None, above: int | None = None) -> None:
        self._above = above
        self._values = sorted(set(values or ()))
        self._set = pa.array(self._values, pa.string()) if above is None else None

    def may_pass(self, low: Any, high: Any) -> bool:
        """Can a file or row group with these ends hold such a row? Unknown ends: yes."""
        if low is None or high is None:
            return True
        if self._above is not None:
            return bool(high > self._above)
        at = bisect_left(self._values, low)
        return at < len(self._values) and bool(self._values[at] <= high)

    def mask(self, column: pa.ChunkedArray) -> pa.ChunkedArray:
        return pc.greater(column, self._above) if self._above is not None else pc.is_in(column, value_set=self._set)


def newest(table: pa.Table, keys: Sequence[str]) -> pa.Array:
    """Positions of the last row of each key, in order. The table is in the order of its versions."""
    if not table.num_rows:
        return pa.array([], pa.int64())
    codes = codes_of(table, keys)
    last = np.full(int(codes.max()) + 1, -1, np.int64)
    last[codes] = np.arange(len(codes))
    return pa.array(np.sort(last[last >= 0]))


class Newest:
    """Which rows are the last of their key, for more rows than their keys would fit into memory: eight bytes a row.

    Keys are compared by their hash (64 bits, keyed anew in every process): of ten million keys two are taken for one
    once in 400,000 runs.
    """

    def __init__(self, keys: Sequence[str], room: int) -> None:
        self._keys = keys
        self._hashes = np.empty(room, np.int64)
        self._versions: list[tuple[int, int | IntArray]] = []
        self._count = 0

    def add(self, table: pa.Table) -> None:
        """The next rows, with their versions."""
        if not table.num_rows:
            return
        stop = self._count + table.num_rows
        self._hashes[self._count : stop] = hashes_of(table, self._keys)
        versions = table["version"].to_numpy()
        self._versions.append((stop, int(versions[0]) if (versions == versions[0]).all() else versions))
        self._count = stop

    def mask(self) -> BoolArray:
        """For each row, in the order they were added, whether it is the last of its key."""
        hashes = self._hashes[: self._count]
        keep = np.ones(self._count, np.bool_)
        several = repeated(hashes)
        at = np.concatenate([found for _, found in holding(hashes, several)]) if len(several) else several
        if len(at):
            order = np.lexsort((at, self._versions_at(at), hashes[at]))
            ordered = hashes[at][order]
            is_last = np.append(ordered[1:] != ordered[:-1], True)
            keep[at[order[~is_last]]] = False
        return keep

    def _versions_at(self, positions: IntArray) -> IntArray:
        found = np.empty(len(positions), np.int64)
        begin = 0
        for end, versions in self._versions:
            low, high = np.searchsorted(positions, (begin, end))
            found[low:high] = versions if isinstance(versions, int) else versions[positions[low:high] - begin]
            begin = end
        return found


def hashes_of(table: pa.Table, keys: Sequence[str]) -> IntArray:
    """A number per row from all its keys: Python's own hash, which nobody can foresee from outside the process."""
    columns = [table[key].to_pylist() for key in keys]
    rows: Iterable[object] = zip(*columns, strict=True) if len(columns) > 1 else columns[0]
    return np.fromiter(map(hash, rows), np.int64, table.num_rows)


def repeated(numbers: IntArray) -> IntArray:
    """The numbers that occur more than once, sorted; an eighth of them is looked at at a time."""
    found = []
    for part in range(_PARTS):
        some = numbers[(numbers & (_PARTS - 1)) == part]
        some.sort()
        found.append(np.unique(some[1:][some[1:] == some[:-1]]))
    return np.sort(np.concatenate(found))


def holding(numbers: IntArray, wanted: IntArray) -> Iterator[tuple[int, IntArray]]:
    """Positions of the numbers that are among some sorted ones, block by block: (where the block begins, positions)."""
    for start in range(0, len(numbers), _BLOCK):
        block = numbers[start : start + _BLOCK]
        yield start, np.flatnonzero(is_among(block, wanted)) + start


def is_among(numbers: IntArray, wanted: IntArray) -> BoolArray:
    """For each number, whether it is among some sorted ones."""
    if not len(wanted):
        return np.zeros(len(numbers), np.bool_)
    at = np.minimum(np.searchsorted(wanted, numbers), len(wanted) - 1)
    return np.asarray(wanted[at] == numbers)


def codes_of(table: pa.Table, keys: Sequence[str]) -> np.ndarray[Any, Any]:
    """A number per row, equal where all keys are equal."""
    codes: np.ndarray[Any, Any] = np.zeros(table.num_rows, np.int64)
    for key in keys:
        encoded = table[key].combine_chunks().dictionary_encode(null_encoding="encode")
        part = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
        codes = codes * (len(encoded.dictionary) + 1) + part
        codes = pa.array(codes).dictionary_encode().indices.to_numpy(zero_copy_only=False).astype(np.int64)
    return codes


def shared(column: pa.ChunkedArray) -> list[str]:
    """The texts of a column; rows that say the same have one text in common, where `to_pylist` makes one for each."""
    encoded = column.combine_chunks().dictionary_encode()
    texts = encoded.dictionary.to_pylist()
    return [texts[code] for code in encoded.indices.to_pylist()]


def only(table: pa.Table, mask: pa.Array | pa.ChunkedArray) -> pa.Table:
    """The rows of a mask; the same table, not a copy, when that is all of them."""
    return table if pc.all(mask, min_count=0).as_py() else table.filter(mask)


def by_version(table: pa.Table) -> pa.Table:
    versions = table["version"].to_numpy()
    if (versions[1:] >= versions[:-1]).all():
        return table
    return table.take(pa.array(np.argsort(versions, kind="stable")))


def tests_of(
    after: int, source: str | None, items: Iterable[str] | None, source_ids: Iterable[str] | None
) -> dict[str, RowTest]:
    tests: dict[str, RowTest] = {}
    if after >= 0:
        tests["version"] = RowTest(above=after)
    if source is not None:
        tests["source"] = RowTest([source])
    if items is not None:
        tests["item"] = RowTest(items)
    if source_ids is not None:
        tests["source_id"] = RowTest(source_ids)
    return tests


def filtered(table: pa.Table, tests: dict[str, RowTest]) -> pa.Table:
    for column, test in tests.items():
        table = only(table, test.mask(table[column]))
    return table
