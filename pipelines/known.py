"""What the record store knows of one source before a run: its items, and - when asked - the records and pages of some
of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, KeysView, Sequence
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from connectors.base import RawItem
from mappings.record import Problem
from pipelines.items import Unit
from pipelines.payloads import contents_of
from pipelines.record_store import KEYS, RecordStore
from pipelines.source import SourceSpec
from pipelines.tables import newest, only
from pipelines.tasks import is_foreign

_COUNTS = ("records", "skipped", "failed", "pages")
_ITEM_COLUMNS = ("item", "version", "checksum", "signature", "token", "record_kind", *_COUNTS)
_REPEATED_COLUMNS = ("item", "checksum", "signature", "record_kind", *_COUNTS, "raw", "action")
_RECORD_COLUMNS = ("source_id", "item", "checksum", "since")
_PAGE_COLUMNS = ("source_id", "page", "checksum")


@dataclass(frozen=True, slots=True)
class Counts:
    """What an item gave when it was last mapped."""

    records: int
    skipped: int
    failed: int
    pages: int


class Known:
    """The state of a source. Items come as one small table; records and pages are read for the items asked for."""

    def __init__(self, store: RecordStore, spec: SourceSpec, full: bool) -> None:
        self._store, self._source, self._full = store, spec.name, full
        self.signature = spec.signature()
        table = store.current("item", _ITEM_COLUMNS, source=spec.name)
        self._columns: dict[str, list[Any]] = {name: table[name].to_pylist() for name in _ITEM_COLUMNS}
        self._at = {key: at for at, key in enumerate(self._columns["item"])}
        self._problems: dict[tuple[str, int], list[str]] | None = None
        self._kept_items: set[str] | None = None
        self._all: tuple[pa.Table, dict[str, tuple[int, int]]] | None = None
        self.settings, self.cursor, self.reconciled = self._stored_settings()

    @property
    def items(self) -> KeysView[str]:
        """The keys of all items there were."""
        return self._at.keys()

    def row(self, item: str) -> dict[str, list[Any]]:
        """The stored row of an item as columns, for writing it again with something else in it."""
        table = self._store.current("item", _REPEATED_COLUMNS, source=self._source, items=[item])
        found: dict[str, list[Any]] = table.to_pydict()
        return found

    @property
    def unit(self) -> str | None:
        """What makes an item for the mapping, None when that is not known yet."""
        return None if self.settings is None else str(msgspec.json.decode(self.settings)["unit"])

    @property
    def records_total(self) -> int:
        """Records of all items."""
        return sum(self._columns["records"])

    @property
    def has_pages(self) -> bool:
        return any(self._columns["pages"])

    def checksum(self, item: str) -> str | None:
        """The checksum an item has to have to be left alone; None when it has to be mapped whatever it is."""
        at = self._at.get(item)
        if at is None or self._full or self._columns["signature"][at] != self.signature:
            return None
        checksum: str | None = self._columns["checksum"][at]
        return checksum

    def token(self, item: str) -> str | None:
        """The token an item has to have to be left alone unopened; None when it has to be looked at."""
        return self._columns["token"][self._at[item]] if self.checksum(item) is not None else None

    def kind(self, item: str, token: str) -> str | None:
        """The format an item of one file was found to have, when it has this token still; None when it is to be looked
        at.
        """
        if item not in self._at or self.token(item) != token:
            return None
        kind: str | None = self._columns["record_kind"][self._at[item]]
        return kind

    def unread(self) -> list[str]:
        """Items that could not be read when they were last tried."""
        columns = self._columns
        return [key for key, checksum in zip(columns["item"], columns["checksum"], strict=True) if checksum is None]

    def troubled(self) -> list[str]:
        """Items of which something was skipped or failed."""
        columns = self._columns
        counts = zip(columns["item"], columns["skipped"], columns["failed"], strict=True)
        return [key for key, skipped, failed in counts if skipped or failed]

    def kept(self, item: str) -> Unit | None:
        """An item as it was when it was last read, from what was kept of it; None when nothing was."""
        for row in self._store.current("item", ["raw"], source=self._source, items=[item]).to_pylist():
            if (raw := row["raw"]) is not None:
                return Unit(item, (RawItem(item, partial(BytesIO, raw.encode()), len(raw), row=json.loads(raw)),))
        rows = self._store.current("payload", ["payload"], source=self._source, items=[item]).to_pylist()
        if not rows:
            return None
        files = contents_of(rows[0]["payload"])
        return Unit(item, tuple(RawItem(name, partial(BytesIO, body), len(body)) for name, body in files))

    def has_payload(self, item: str) -> bool:
        """Are bytes of this item kept?"""
        if self._kept_items is None:
            self._kept_items = set(self._store.current("payload", ["item"], source=self._source)["item"].to_pylist())
        return item in self._kept_items

    def says(self, row: dict[str, Any]) -> bool:
        """Does the item's stored row say all of that already?"""
        at = self._at.get(row["item"])
        return at is not None and all(self._columns[name][at] == row[name] for name in _ITEM_COLUMNS if name in row)

    def counts(self, item: str) -> Counts:
        """What a known item gave."""
        at = self._at[item]
        columns = self._columns
        return Counts(columns["records"][at], columns["skipped"][at], columns["failed"][at], columns["pages"][at])

    def problems(self, item: str) -> list[Problem]:
        """Why records of a known item were skipped or failed, as written with its newest row."""
        if self._problems is None:
            self._problems = self._stored_problems()
        texts = self._problems.get((item, self._columns["version"][self._at[item]]), ())
        return [problem for text in texts for problem in msgspec.json.decode(text, type=list[Problem])]

    def _stored_problems(self) -> dict[tuple[str, int], list[str]]:
        """The problems of all items at once, by item and version: one look costs as much as many."""
        table = self._store.rows("problem", ("item", "version", "problems"), source=self._source)
        found: dict[tuple[str, int], list[str]] = {}
        for item, version, text in zip(*(table[name].to_pylist() for name in table.column_names), strict=True):
            found.setdefault((item, version), []).append(text)
        return found

    def records(self, items: Sequence[str]) -> pa.Table:
        """The current records of some items: source_id, item, checksum, since."""
        known = [item for item in items if item in self._at]
        if not known:
            return NO_RECORDS
        if self._reads_everything:
            return self._slices(known)
        return self._still_theirs(self._store.current("record", _RECORD_COLUMNS, source=self._source, items=known))

    def _still_theirs(self, table: pa.Table) -> pa.Table:
        """Without the ids that other items have taken over since: rows of those were not looked at."""
        pairs = list(zip(table["source_id"].to_pylist(), table["item"].to_pylist(), strict=True))
        holders = self.holders([source_id for source_id, item in pairs if is_foreign(source_id, item)])
        theirs = [not is_foreign(source_id, item) or holders.get(source_id) == item for source_id, item in pairs]
        return only(table, pa.array(theirs, pa.bool_()))

    def records_by_id(self, source_ids: Iterable[str]) -> pa.Table:
        """The current records with some ids, whichever item they are in: the same columns."""
        wanted = list(source_ids)
        if not self._at or not wanted:
            return NO_RECORDS
        columns = [*_RECORD_COLUMNS, "source", "version", "action"]
        table = self._store.rows("record", columns, source=self._source, source_ids=wanted)
        table = table.take(newest(table, KEYS["record"]))
        return table.filter(pc.not_equal(table["action"], "delete")).select(list(_RECORD_COLUMNS))

    def holders(self, source_ids: Iterable[str]) -> dict[str, str]:
        """Which item holds each of these ids now; ids nobody holds are left out."""
        table = self.records_by_id(source_ids)
        return dict(zip(table["source_id"].to_pylist(), table["item"].to_pylist(), strict=True))

    def pages(self, items: Sequence[str]) -> dict[tuple[str, int], str]:
        """Checksums of the current pages of some items, by (source_id, page)."""
        known = [item for item in items if item in self._at and self.counts(item).pages]
        if not known:
            return {}
        table = self._store.current("page", _PAGE_COLUMNS, source=self._source, items=known)
        ids, pages, checksums = (table[name].to_pylist() for name in _PAGE_COLUMNS)
        return dict(zip(zip(ids, pages, strict=True), checksums, strict=True))

    @property
    def _reads_everything(self) -> bool:
        """Every item is mapped again: one pass over the records is cheaper than one per task."""
        return self._full or (bool(self._at) and self._columns["signature"][0] != self.signature)

    def _slices(self, items: Sequence[str]) -> pa.Table:
        if self._all is None:
            table = self._store.current("record", _RECORD_COLUMNS, source=self._source)
            table = table.take(pc.sort_indices(table, [("item", "ascending")])).combine_chunks()
            runs = pc.run_end_encode(table["item"].combine_chunks()) if table.num_rows else None
            self._all = (table, _bounds(runs))
        table, bounds = self._all
        parts = [table.slice(*bounds[item]) for item in items if item in bounds]
        return pa.concat_tables(parts).combine_chunks() if parts else NO_RECORDS

    def _stored_settings(self) -> tuple[str | None, str | None, str | None]:
        """What was last said of the source, where its transport may go on, and when its keys were last compared;
        nothing for another mapping.
        """
        rows = self._store.current("source", ["record", "raw", "signature"], source=self._source).to_pylist()
        if not rows or rows[0]["signature"] != self.signature:
            return None, None, None
        return rows[0]["record"], rows[0]["raw"], msgspec.json.decode(rows[0]["record"]).get("reconciled")


def _bounds(runs: pa.RunEndEncodedArray | None) -> dict[str, tuple[int, int]]:
    """(first row, number of rows) of each item in a table sorted by item."""
    if runs is None:
        return {}
    ends = runs.run_ends.to_pylist()
    starts = [0, *ends]
    return {item: (start, end - start) for item, start, end in zip(runs.values.to_pylist(), starts, ends, strict=False)}


NO_RECORDS = pa.table({name: pa.array([], pa.int64() if name == "since" else pa.string()) for name in _RECORD_COLUMNS})
