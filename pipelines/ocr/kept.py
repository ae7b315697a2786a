"""What was read before, by the checksum of the image: rows of kind `reading`. A moved or renamed image, another record,
a source built anew cost nothing but this look.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import numpy as np

from mappings.record import Problem
from pipelines.record_store import Commit, RecordStore
from pipelines.tables import IntArray, hashes_of

Found = str | Problem
"""A reading as JSON, or why the image cannot be read."""


def key_of(image: str, frame: int, signature: str) -> str:
    """The key of a reading: checksum of the file, which picture of it, by which engine."""
    return f"{image}-{frame}-{signature}"


class Kept:
    """Readings in the store, and those on their way into it. Known by their hash (64 bits, keyed anew in every
    process): sixteen bytes each.

    The `item` of a row is about the version it was committed as: what was read together has one in common, so that
    readings of neighbours are looked up in few row groups.
    """

    def __init__(self, store: RecordStore) -> None:
        self._store = store
        self._fresh: dict[str, Found] = {}
        self._tag = 0
        hashes: IntArray = np.empty(0, np.int64)
        versions: IntArray = np.empty(0, np.int64)
        for table in store.row_groups("reading", ["source_id", "item"]):
            hashes = np.append(hashes, hashes_of(table, ["source_id"]))
            versions = np.append(versions, table["item"].cast("int64").to_numpy())
        order = np.argsort(hashes, kind="stable")
        self._hashes: IntArray = hashes[order]
        self._versions: IntArray = versions[order]

    def find(self, keys: Iterable[str]) -> dict[str, Found]:
        """The readings with these keys; those nobody made are left out."""
        found: dict[str, Found] = {}
        versions: dict[str, str] = {}
        for key in keys:
            if key in self._fresh:
                found[key] = self._fresh[key]
            elif (version := self._version(key)) is not None:
                versions[key] = _item(version)
        return found | self._stored(versions)

    def _version(self, key: str) -> int | None:
        at = int(np.searchsorted(self._hashes, hash(key)))
        return int(self._versions[at]) if at < len(self._hashes) and self._hashes[at] == hash(key) else None

    def _stored(self, versions: dict[str, str]) -> dict[str, Found]:
        if not versions:
            return {}
        columns = ("source_id", "record", "problems")
        table = self._store.rows("reading", columns, items=set(versions.values()), source_ids=versions)
        rows = zip(*(table[name].to_pylist() for name in columns), strict=True)
        return {key: record if problems is None else _problem(problems) for key, record, problems in rows}

    def add(self, key: str, found: Found) -> None:
        """One more, to be written with the next commit."""
        self._fresh[key] = found

    def write(self, commit: Commit) -> None:
        """The new ones as rows; `committed` is to be told."""
        self._tag = commit.version
        values = self._fresh.values()
        columns = {
            "source_id": list(self._fresh),
            "item": [_item(commit.version)] * len(self._fresh),
            "action": ["index"] * len(self._fresh),
            "record": [None if isinstance(value, Problem) else value for value in values],
            "problems": [
                msgspec.json.encode(value).decode() if isinstance(value, Problem) else None for value in values
            ],
        }
        commit.add("reading", columns)

    def committed(self) -> None:
        """They are in the store now."""
        hashes = np.fromiter(map(hash, self._fresh), np.int64, len(self._fresh))
        order = np.argsort(hashes, kind="stable")
        at = np.searchsorted(self._hashes, hashes[order])
        self._hashes = np.insert(self._hashes, at, hashes[order])
        self._versions = np.insert(self._versions, at, self._tag)
        self._fresh = {}


def _item(version: int) -> str:
    return f"{version:012d}"


def _problem(problems: str) -> Problem:
    return msgspec.json.decode(problems, type=Problem)
