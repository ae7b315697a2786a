"""The index as a view of the record store at one version: what changed since the version the index shows is taken out
and put in.

An index of no version, of another schema, or ahead of the store is built from nothing. The version is committed with
the documents, so a killed run leaves the index of the last one, and the next run does exactly what is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from indexer.engines.base import Engine, Writer
from indexer.errors import IndexMissing, IndexVersionMismatch
from indexer.resource import mint
from mappings.decisions import Key
from pipelines.copies import released_copies
from pipelines.decided import DecidedAccess
from pipelines.documents import DocumentTask, Packed, Row, Source
from pipelines.intake import Progress
from pipelines.link import Links
from pipelines.record_store import KEYS, RecordStore, RowKind
from pipelines.tables import newest, only
from pipelines.volumes import PAGED, TASK_BYTES, Volumes
from pipelines.workers import Died, Workers

LOOKED_UP = 100
"""Resources whose records or pages are looked up together."""
AHEAD_BYTES = 2 << 20
"""Of records under way to the index: their documents weigh five times as much."""
SHOWN_KINDS: tuple[RowKind, ...] = ("record", "page", "released", "masked", "link", "redirect", "access", "source")
"""Rows that the index shows; the reports of runs and what steps remember make a store newer, but no index old."""
_COLUMNS = ("version", "source", "item", "source_id", "action", "record")
_KEY_COLUMNS = ("version", "source", "source_id")


class LeftOut(NamedTuple):
    """A resource of which documents are not in the index; `refused` says why the index did not take them, and is empty
    when they could not be made.
    """

    source: str
    resource: str
    refused: str = ""

    @property
    def reason(self) -> str:
        """A clause for people."""
        if self.refused:
            return f"the index does not take all of resource {self.resource} ({self.refused})"
        return f"resource {self.resource} ended the worker process that prepared it for the index; it cannot be found"


def publish(
    store: RecordStore, engine: Engine, workers: Workers, *, full: bool = False, progress: Progress | None = None
) -> list[LeftOut]:
    """Bring the index to the store's version. Returns what it could not get."""
    shown = None if full else _shown(engine, store.version)
    if shown is not None and not is_behind(shown, store):
        return []
    view = _View(store, -1 if shown is None else shown)
    writer = engine.writer()
    try:
        if shown is None:
            writer.clear()
        lost = _write(view, writer, workers, progress or (lambda *_: None))
        lost += view.sources_of(writer.commit(store.version))
    finally:
        writer.close()
    engine.refresh()
    return lost


def is_behind(shown: int | None, store: RecordStore) -> bool:
    """Has the store rows to show that an index of this version lacks?"""
    return (-1 if shown is None else shown) < store.version_of(SHOWN_KINDS)


def _shown(engine: Engine, version: int) -> int | None:
    """The version the index shows, None when it has to be built anew."""
    try:
        shown = engine.store_version()
    except (IndexVersionMismatch, IndexMissing):
        return None
    return shown if shown is not None and shown <= version else None


def _write(view: _View, writer: Writer, workers: Workers, progress: Progress) -> list[LeftOut]:
    lost: list[LeftOut] = []
    done = 0
    for task, result in workers.ordered(view.tasks(writer), AHEAD_BYTES):
        if isinstance(result, Died):
            lost += [LeftOut(piece.rows[0].source, piece.resource) for piece in task.pieces]
        elif result:
            documents = result.split(b"\n")
            writer.add(documents)
            done += len(documents)
            progress("", "index", done, None)
    return list(dict.fromkeys(lost))


class _View:
    """What an index at version `after` lacks."""

    def __init__(self, store: RecordStore, after: int) -> None:
        self._store, self._after = store, after
        self._links = Links.read(store)
        self._ids, self._members = self._links.by_item(), self._links.by_resource()
        self._former = self._links.former()
        self._sources = sources_of(store)
        self._released = released_copies(store)
        self._decided = DecidedAccess.read(store, after)
        self._joined: dict[str, pa.Array] = {}

    def tasks(self, writer: Writer) -> Iterator[DocumentTask]:
        """Everything to make documents of. What the index shows of it is taken out before the first of it goes in."""
        joined = self._joined_resources()
        self._take_out(joined, writer)
        left = self._left_alone(joined)
        for table in self._changed(_COLUMNS):
            yield from self._singles(table, writer, left)
        for source, ids in _grouped(left).items():
            yield from self._documents_of(self._newest(source, ids), source)
        yield from self._several(sorted(joined & self._members.keys()))

    def sources_of(self, refused: Mapping[str, str]) -> list[LeftOut]:
        """What the index refused, by resource, with the source of its first record: ids are looked for among all."""
        found = {one: self._members[one][0][0] for one in refused if one in self._members}
        if len(found) < len(refused):
            for table in self._store.newest_groups("record", _KEY_COLUMNS):
                for source, source_id in zip(table["source"].to_pylist(), table["source_id"].to_pylist(), strict=True):
                    if (resource := mint(source, source_id)) in refused:
                        found.setdefault(resource, source)
        first = min(self._sources, default="")
        return [LeftOut(found.get(resource, first), resource, reason) for resource, reason in sorted(refused.items())]

    def _take_out(self, resources: Iterable[str], writer: Writer) -> None:
        """An index begun anew has nothing to take out."""
        if self._after >= 0:
            writer.delete(sorted(resources))

    # Which records

    def _changed(self, columns: Sequence[str]) -> Iterator[pa.Table]:
        """Rows of records whose documents change: their own content, their source's words, the ids of ancestors, or the
        access that was decided for them.
        """
        yield from self._store.newest_groups("record", columns, after=self._after)
        if self._after < 0:
            return
        whole = _renamed_sources(self._store, self._after)
        for source in whole:
            yield from self._older(self._store.newest_groups("record", columns, source=source))
        renewed = self._items_with_new_ids()
        for source, items in renewed.items():
            if source not in whole:
                yield from self._older([self._store.current("record", columns, source=source, items=items)])
        copied = self._with_other_copies()
        for source in sorted({*self._decided.sources, *copied}.difference(whole)):
            yield from self._older(self._decided_anew(source, columns, renewed.get(source, ())))
            yield from self._older(self._copied_anew(source, columns, copied.get(source, ()), renewed.get(source, ())))

    def _with_other_copies(self) -> dict[str, list[str]]:
        """Records of which another released copy is to be shown, or none any more."""
        rows = self._store.rows("released", ("source", "source_id"), after=self._after).to_pylist()
        return _grouped({(row["source"], row["source_id"]) for row in rows})

    def _copied_anew(
        self, source: str, columns: Sequence[str], ids: Sequence[str], but: Sequence[str]
    ) -> Iterator[pa.Table]:
        """Rows of these records, those of some items left out, and those for which another access was decided, too."""
        table = self._newest(source, ids) if ids else None
        if table is not None:
            done = pc.is_in(table["item"], value_set=pa.array(but, pa.string()))
            done = pc.or_(done, pa.array(self._decided.has_changed(table)))
            yield only(table, pc.invert(done)).select(list(columns))

    def _decided_anew(self, source: str, columns: Sequence[str], but: Sequence[str]) -> Iterator[pa.Table]:
        """Rows of a source for which another access was decided, those of some items left out."""
        if source not in self._decided.sources:
            return
        left_out = pa.array(but, pa.string())
        for table in self._store.newest_groups("record", list(dict.fromkeys([*columns, "item"])), source=source):
            is_new = pa.array(self._decided.has_changed(table))
            table = table.filter(pc.and_(is_new, pc.invert(pc.is_in(table["item"], value_set=left_out))))
            yield table.select(list(columns))

    def _joined_resources(self) -> set[str]:
        """Resources of several records, now or before, of which one changed, came or left."""
        if self._after < 0:
            return set(self._members)
        found = self._changed_resources()
        for table in self._changed(_KEY_COLUMNS):
            for key in zip(table["source"].to_pylist(), table["source_id"].to_pylist(), strict=True):
                if (assigned := self._links.assigned.get(key)) is not None:
                    found |= {assigned.resource, mint(*key)}
        return found

    def _left_alone(self, joined: set[str]) -> set[Key]:
        """Records without a link row now that go by one of these ids: others left it to them."""
        if self._after < 0:
            return set()
        keys = {(row["source"], row["source_id"]) for row in self._link_rows()}
        return {key for key in keys if mint(*key) in joined and key not in self._links.assigned}

    def _older(self, groups: Iterable[pa.Table]) -> Iterator[pa.Table]:
        """Rows that are not among the changed ones anyway."""
        for table in groups:
            yield table.filter(pc.less_equal(table["version"], self._after))

    def _link_rows(self) -> list[dict[str, Any]]:
        columns = ("version", "source", "item", "source_id", "action", "resource")
        return self._store.rows("link", columns).to_pylist() if self._after >= 0 else []

    def _changed_resources(self) -> set[str]:
        """Resources that records joined or left since; all their earlier ids, too."""
        rows = self._link_rows()
        moved = {(row["source"], row["source_id"]) for row in rows if row["version"] > self._after}
        ids = {row["resource"] for row in rows if (row["source"], row["source_id"]) in moved}
        return ids | {mint(*key) for key in moved}

    def _items_with_new_ids(self) -> dict[str, list[str]]:
        """Items in which a record goes by another id than the index shows: those below it name it."""
        shown: dict[Key, str] = {}
        found: dict[str, list[str]] = {}
        for row in self._link_rows():
            key = (row["source"], row["source_id"])
            now = mint(*key) if row["action"] == "delete" else row["resource"]
            if row["version"] > self._after and now != shown.get(key, mint(*key)):
                found.setdefault(row["source"], []).append(row["item"])
            if row["version"] <= self._after:
                shown[key] = now
        return found

    # Documents

    def _singles(self, table: pa.Table, writer: Writer, left: set[Key]) -> Iterator[DocumentTask]:
        """Tasks of records that are a resource by themselves; they are not `left` then."""
        for source in table["source"].unique().to_pylist():
            rows = self._without_joined(only(table, pc.equal(table["source"], source)), source)
            if self._after >= 0:
                ids = rows["source_id"].to_pylist()
                writer.delete([mint(source, source_id) for source_id in ids])
                left.difference_update((source, source_id) for source_id in ids)
            yield from self._documents_of(rows, source)

    def _without_joined(self, table: pa.Table, source: str) -> pa.Table:
        if source not in self._joined:
            self._joined[source] = pa.array(sorted(self._links.of_source(source)), pa.string())
        joined = self._joined[source]
        return only(table, pc.invert(pc.is_in(table["source_id"], value_set=joined))) if len(joined) else table

    def _documents_of(self, rows: pa.Table, source: str) -> Iterator[DocumentTask]:
        """Tasks of single records, deleted ones left out."""
        rows = only(rows, pc.not_equal(rows["action"], "delete"))
        paged = pc.match_substring(rows["record"], PAGED)
        yield from self._packed(only(rows, pc.invert(paged)), source)
        yield from self._paged(rows.filter(paged), source)

    def _packed(self, rows: pa.Table, source: str) -> Iterator[DocumentTask]:
        """Slices of about `TASK_BYTES`, cut from Arrow's own buffers."""
        if not rows.num_rows:
            return
        records = rows["record"].combine_chunks()
        ends = np.cumsum(pc.binary_length(records).to_numpy())
        access = self._access_of(rows)
        start = 0
        while start < rows.num_rows:
            before = ends[start - 1] if start else 0
            stop = max(start + 1, int(np.searchsorted(ends, before + TASK_BYTES)))
            piece = pa.concat_arrays([records.slice(start, stop - start)])
            data = piece.buffers()[2]
            packed = Packed(
                source,
                data.to_pybytes() if data else b"",
                (ends[start:stop] - before).astype(np.int32).tobytes(),
                access[start:stop] if any(access[start:stop]) else (),
            )
            yield DocumentTask(
                self._sources, packed, ids=self._ids_of(rows.slice(start, stop - start), source), size=len(packed.data)
            )
            start = stop

    def _paged(self, rows: pa.Table, source: str) -> Iterator[DocumentTask]:
        """Tasks of records that may have pages."""
        for start in range(0, rows.num_rows, LOOKED_UP):
            some = rows.slice(start, LOOKED_UP)
            resources = {
                mint(source, source_id): [
                    Row(source, source_id, record, access=access, released=self._released.get((source, source_id)))
                ]
                for source_id, record, access in zip(
                    some["source_id"].to_pylist(), some["record"].to_pylist(), self._access_of(some), strict=True
                )
            }
            yield from Volumes(self._store, self._sources, resources, self._ids_of(some, source)).tasks()

    def _access_of(self, rows: pa.Table) -> list[str | None]:
        """What was decided for some records, as JSON."""
        return [None if code < 0 else self._decided.said[code][0] for code in self._decided.codes_of(rows)]

    def _ids_of(self, rows: pa.Table, source: str) -> dict[str, dict[str, str]]:
        """The ids of joined records in the items of these rows: one may be an ancestor of them."""
        if not self._ids:
            return {}
        found: dict[str, str] = {}
        for item in rows["item"].unique().to_pylist():
            found |= self._ids.get((source, item), {})
        return {source: found} if found else {}

    def _several(self, resources: Sequence[str]) -> Iterator[DocumentTask]:
        """Tasks of resources with link rows."""
        for start in range(0, len(resources), LOOKED_UP):
            some = resources[start : start + LOOKED_UP]
            rows, ids = self._rows_of(key for resource in some for key in self._members[resource])
            members = {one: [rows[key] for key in self._members[one] if key in rows] for one in some}
            there = {one: found for one, found in members.items() if found}
            yield from Volumes(self._store, self._sources, there, ids, self._former).tasks()

    def _rows_of(self, keys: Iterable[Key]) -> tuple[dict[Key, Row], dict[str, dict[str, str]]]:
        """The stored rows of some records, and the ids of their joined ancestors."""
        found: dict[Key, Row] = {}
        ids: dict[str, dict[str, str]] = {}
        for source, source_ids in _grouped(keys).items():
            table = self._newest(source, source_ids)
            table = table.filter(pc.not_equal(table["action"], "delete"))
            ids |= self._ids_of(table, source)
            columns = (table["source_id"].to_pylist(), table["record"].to_pylist(), self._access_of(table))
            for source_id, record, access in zip(*columns, strict=True):
                key = (source, source_id)
                link, released = self._links.evidence(key), self._released.get(key)
                found[key] = Row(*key, record, link=link, access=access, released=released)
        return found, ids

    def _newest(self, source: str, ids: Iterable[str]) -> pa.Table:
        table = self._store.rows("record", _COLUMNS, source=source, source_ids=ids)
        return table.take(newest(table, KEYS["record"]))


def _grouped(keys: Iterable[Key]) -> dict[str, list[str]]:
    """Source_ids by source."""
    found: dict[str, list[str]] = {}
    for source, source_id in sorted(keys):
        found.setdefault(source, []).append(source_id)
    return found


def sources_of(store: RecordStore) -> dict[str, Source]:
    """The sources that have records, by name."""
    rows = store.current("source", ["source", "record"]).to_pylist()
    return {row["source"]: _source(row["record"]) for row in rows}


def _source(record: str) -> Source:
    stated = msgspec.json.decode(record)
    return Source(stated["title"], stated["access"])


def _renamed_sources(store: RecordStore, after: int) -> list[str]:
    """Sources whose title or default access is another than the index shows."""
    now = sources_of(store)
    shown: dict[str, Source] = {}
    for row in store.rows("source", ["version", "source", "action", "record"]).to_pylist():
        if row["version"] <= after and row["action"] == "delete":
            shown.pop(row["source"], None)
        elif row["version"] <= after:
            shown[row["source"]] = _source(row["record"])
    return sorted(name for name, source in now.items() if name in shown and shown[name] != source)
