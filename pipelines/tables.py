"""Rows of the record store as Arrow tables: which are the newest, which pass a test. Vectorised, never row by row."""

from __future__ import annotations

import sys
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


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


def newest_mask(table: pa.Table, keys: Sequence[str]) -> pa.Array:
    """For each row, in whatever order, whether it is the last of its key."""
    order = np.argsort(table["version"].to_numpy(), kind="stable")
    mask = np.zeros(table.num_rows, np.bool_)
    mask[order[newest(table.take(pa.array(order)), keys).to_numpy()]] = True
    return pa.array(mask)


def codes_of(table: pa.Table, keys: Sequence[str]) -> np.ndarray[Any, Any]:
    """A number per row, equal where all keys are equal."""
    codes: np.ndarray[Any, Any] = np.zeros(table.num_rows, np.int64)
    for key in keys:
        encoded = table[key].combine_chunks().dictionary_encode(null_encoding="encode")
        part = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
        codes = codes * (len(encoded.dictionary) + 1) + part
        codes = pa.array(codes).dictionary_encode().indices.to_numpy(zero_copy_only=False).astype(np.int64)
    return codes


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
