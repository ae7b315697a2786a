"""Which ids have come up so far, for files of millions of records: eight bytes each once they are many."""

from __future__ import annotations

from typing import Any

_RECENT = 1 << 16
"""Ids kept as text. Few files have more; what is beyond is kept as sorted hashes."""


class Seen:
    """A set one can only add to. Of many ids only a hash is kept (64 bits, keyed anew in every process)."""

    __slots__ = ("_older", "_recent")

    def __init__(self) -> None:
        self._recent: set[str] = set()
        self._older: Any = None

    def __bool__(self) -> bool:
        return bool(self._recent) or self._older is not None

    def __contains__(self, text: str) -> bool:
        return text in self._recent or (self._older is not None and self._is_older(text))

    def add(self, text: str) -> None:
        """Note one."""
        self._recent.add(text)
        if len(self._recent) >= _RECENT:
            self._sort_in()

    def _is_older(self, text: str) -> bool:
        number = hash(text)
        at = self._older.searchsorted(number)
        return bool(at < len(self._older) and self._older[at] == number)

    def _sort_in(self) -> None:
        import numpy as np  # a worker that reads small files never needs it

        hashes = np.sort(np.fromiter(map(hash, self._recent), np.int64, len(self._recent)))
        self._recent = set()
        older = self._older
        self._older = hashes if older is None else np.insert(older, older.searchsorted(hashes), hashes)
