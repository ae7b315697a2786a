"""Which item took an id in a run, for more ids than would fit into memory as text: twelve bytes each."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from pipelines.tables import IntArray, is_among

_RECENT = 1 << 16
"""Ids kept as they come before they are sorted in: looking one up among these costs what a dict costs."""


class Taken:
    """Ids and the items that took them; the last to take an id has it.

    Ids are told apart by their hash (64 bits, keyed anew in every process).
    """

    def __init__(self) -> None:
        self._items: list[str] = []
        self._numbers: dict[str, int] = {}
        self._recent: dict[int, int] = {}
        self._hashes: IntArray = np.empty(0, np.int64)
        self._holders: IntArray = np.empty(0, np.int32)

    def put(self, source_ids: Iterable[str], item: str) -> None:
        """These ids are the item's now."""
        number = self._numbers.setdefault(item, len(self._items))
        if number == len(self._items):
            self._items.append(item)
        self._recent.update((hash(source_id), number) for source_id in source_ids)
        if len(self._recent) >= _RECENT:
            self._sort_in()

    def among(self, source_ids: Iterable[str]) -> dict[str, str]:
        """The items that have these ids; ids nobody took are left out."""
        found: dict[str, str] = {}
        older: list[str] = []
        for source_id in source_ids:
            number = self._recent.get(hash(source_id))
            if number is None:
                older.append(source_id)
            else:
                found[source_id] = self._items[number]
        return found | self._sorted_in(older)

    def _sorted_in(self, source_ids: list[str]) -> dict[str, str]:
        if not source_ids or not len(self._hashes):
            return {}
        wanted = np.fromiter(map(hash, source_ids), np.int64, len(source_ids))
        at = np.minimum(np.searchsorted(self._hashes, wanted), len(self._hashes) - 1)
        there = np.flatnonzero(self._hashes[at] == wanted)
        return {source_ids[one]: self._items[self._holders[at[one]]] for one in there.tolist()}

    def _sort_in(self) -> None:
        """The recent ones, which win over those before, go among the sorted ones."""
        count = len(self._recent)
        hashes = np.fromiter(self._recent.keys(), np.int64, count)
        holders = np.fromiter(self._recent.values(), np.int32, count)
        self._recent = {}
        order = np.argsort(hashes, kind="stable")
        hashes, holders = hashes[order], holders[order]
        at = np.searchsorted(self._hashes, hashes)
        new = ~is_among(hashes, self._hashes)
        self._holders[at[~new]] = holders[~new]
        self._hashes = np.insert(self._hashes, at[new], hashes[new])
        self._holders = np.insert(self._holders, at[new], holders[new])
