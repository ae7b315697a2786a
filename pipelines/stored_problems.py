"""The problems that hold now: of items as they were last read, and of the records that came of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

import msgspec
import pyarrow.compute as pc

from mappings.record import Problem
from pipelines.record_store import RecordStore

Outcome = Literal["error", "skip", "note"]
"""What came of it: no record, deliberately no record, or a record on which the problem stands."""


class Stored(NamedTuple):
    """One problem, and where: source, key of the item, id of the record where there is one."""

    source: str
    item: str
    source_id: str | None
    outcome: Outcome
    problem: Problem


def stored_problems(store: RecordStore, source: str | None = None) -> Iterator[Stored]:
    """All problems that hold now, what failed or was skipped before what was noted; memory is that of the items."""
    yield from _of_items(store, source)
    yield from _of_records(store, source)


def _of_items(store: RecordStore, source: str | None) -> Iterator[Stored]:
    """A problem row belongs to the item row of the same version; those of earlier versions hold no more."""
    items = store.current("item", ["source", "item", "version"], source=source)
    names, keys, versions = (items[name].to_pylist() for name in ("source", "item", "version"))
    current = dict(zip(zip(names, keys, strict=True), versions, strict=True))
    columns = ["version", "source", "item", "source_id", "action", "problems"]
    for table in store.row_groups("problem", columns, source=source):
        for row in table.to_pylist():
            if current.get((row["source"], row["item"])) == row["version"]:
                for problem in _read(row["problems"]):
                    yield Stored(row["source"], row["item"], row["source_id"], row["action"], problem)


def _of_records(store: RecordStore, source: str | None) -> Iterator[Stored]:
    columns = ["source", "item", "source_id", "action", "problems"]
    for table in store.newest_groups("record", columns, source=source):
        there = pc.and_(pc.is_valid(table["problems"]), pc.not_equal(table["action"], "delete"))
        for row in table.filter(there).to_pylist():
            for problem in _read(row["problems"]):
                yield Stored(row["source"], row["item"], row["source_id"], "note", problem)


def _read(text: str | None) -> list[Problem]:
    return msgspec.json.decode(text, type=list[Problem]) if text else []
