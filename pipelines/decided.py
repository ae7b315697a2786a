"""The access that was decided for records: rows of kind `access`, held as two numbers a key and the few texts.

A record has a row when something else holds for it than what it states (`pipelines.opening`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from mappings.decisions import Key
from pipelines.record_store import KEYS, RecordStore
from pipelines.tables import BoolArray, IntArray, hashes_of, is_among

Said = tuple[str | None, ...]
NOTHING = -1


@dataclass(frozen=True, slots=True)
class DecidedAccess:
    """What the newest rows say in some of their columns, by the hash of their keys (sorted). `changed` are the keys of
    which something else was said at an earlier version, `sources` those in which they lie.
    """

    hashes: IntArray
    codes: IntArray
    said: list[Said]
    changed: IntArray
    sources: frozenset[str] = frozenset()

    @classmethod
    def read(cls, store: RecordStore, after: int = -1, columns: Sequence[str] = ("record",)) -> DecidedAccess:
        """All rows of a store; `after` is the earlier version."""
        texts: dict[Said, int] = {}
        hashes, versions, codes = [_none()], [_none()], [_none()]
        sources: set[str] = set()
        for table in store.row_groups("access", ["version", *KEYS["access"], "action", *columns]):
            hashes.append(hashes_of(table, KEYS["access"]))
            versions.append(table["version"].to_numpy())
            codes.append(_codes(table, columns, texts))
            new = table.filter(pa.array(versions[-1] > after))
            sources.update(new["source"].unique().to_pylist())
        rows = _Rows(*map(np.concatenate, (hashes, versions, codes)))
        keys, now = rows.newest()
        earlier, then = rows.newest(after)
        before = _looked_up(keys, earlier, then)
        return cls(keys, now, list(texts), keys[now != before], frozenset(sources))

    def codes_of(self, table: pa.Table) -> IntArray:
        """For each row of a table with keys, the place of what is said of it in `said`, `NOTHING` for most."""
        if not len(self.hashes):
            return np.full(table.num_rows, NOTHING, np.int64)
        return _looked_up(hashes_of(table, KEYS["access"]), self.hashes, self.codes)

    def of(self, keys: Iterable[Key]) -> list[Said | None]:
        """What is said of some records."""
        wanted = np.fromiter(map(hash, keys), np.int64)
        return [None if code == NOTHING else self.said[code] for code in _looked_up(wanted, self.hashes, self.codes)]

    def texts(self, keys: Iterable[Key]) -> list[str | None]:
        """The first column of it: the JSON of an access."""
        return [None if said is None else said[0] for said in self.of(keys)]

    def has_changed(self, table: pa.Table) -> BoolArray:
        """For each row of a table with keys, whether it is among `changed`."""
        return is_among(hashes_of(table, KEYS["access"]), self.changed)


@dataclass(frozen=True, slots=True)
class _Rows:
    """All rows, oldest first where their versions are."""

    hashes: IntArray
    versions: IntArray
    codes: IntArray

    def newest(self, until: int | None = None) -> tuple[IntArray, IntArray]:
        """The last row of each key up to a version: sorted hashes, and codes."""
        at = np.arange(len(self.hashes)) if until is None else np.flatnonzero(self.versions <= until)
        order = at[np.lexsort((at, self.versions[at], self.hashes[at]))]
        hashes = self.hashes[order]
        is_last = np.append(hashes[1:] != hashes[:-1], True) if len(hashes) else np.empty(0, np.bool_)
        return hashes[is_last], self.codes[order][is_last]


def _none() -> IntArray:
    return np.empty(0, np.int64)


def _codes(table: pa.Table, columns: Sequence[str], texts: dict[Said, int]) -> IntArray:
    """A number for each row by what it says; a deleted one, and one that says nothing of access, say nothing."""
    rows: Iterable[tuple[Any, ...]] = zip(*(table[name].to_pylist() for name in columns), strict=True)
    actions = table["action"].to_pylist()
    found = [
        NOTHING if action == "delete" or not any(said) else texts.setdefault(said, len(texts))
        for action, said in zip(actions, rows, strict=True)
    ]
    return np.array(found, np.int64)


def _looked_up(wanted: IntArray, hashes: IntArray, codes: IntArray) -> IntArray:
    """The code of each wanted hash, `NOTHING` where there is none."""
    if not len(hashes):
        return np.full(len(wanted), NOTHING, np.int64)
    at = np.minimum(np.searchsorted(hashes, wanted), len(hashes) - 1)
    return np.where(hashes[at] == wanted, codes[at], NOTHING)
