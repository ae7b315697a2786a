"""One source into the record store: what is listed is compared by checksum, what changed is mapped, what differs is
written.

The order of the listing decides everything that could go either way (who keeps an id two items give), and items are
committed in that order, so a run that is killed and started again ends where an undisturbed one does. Items whose ids
another item holds wait until everything is listed: only then is known which items and ids are gone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from connectors.base import Checkpoint, Connector, Gone, Listed, SourceError, StopSource
from connectors.registry import connector as connector_of
from mappings.base import Unit as UnitKind
from mappings.record import Problem, checksum
from mappings.registry import mapping as mapping_of
from pipelines.deletions import Deletions
from pipelines.identity import Claims
from pipelines.items import IN_MEMORY, Unit, patiently, unit_checksum, units
from pipelines.known import NO_RECORDS, Known
from pipelines.record_store import RecordStore
from pipelines.report import SourceReport
from pipelines.source import SourceSpec
from pipelines.tasks import Columns, Ended, Mapped, MapTask
from pipelines.workers import Died, Workers

TASK_BYTES, TASK_ITEMS = 256 << 10, 500
"""Small items travel together: a task costs about a millisecond whatever is in it."""
COMMIT_BYTES = 128 << 20
"""Rows after which a commit is made within a source: a killed run loses at most this much work."""
Progress = Callable[[str, str, int, int | None], None]
"""Called with (source, step, done, total or None)."""


class Intake:
    """The run of one source. `run` reports and never raises for what a source does."""

    def __init__(
        self,
        spec: SourceSpec,
        store: RecordStore,
        workers: Workers,
        run: str,
        *,
        full: bool = False,
        allow_deletes: bool = False,
        progress: Progress | None = None,
        commit_bytes: int = COMMIT_BYTES,
    ) -> None:
        self._spec, self._store, self._workers, self._run = spec, store, workers, run
        self._full = full
        self._progress = progress or (lambda *_: None)
        self._commit_bytes = commit_bytes
        self._report = SourceReport(spec.name)
        self._known = Known(store, spec, full)
        self._deletions = Deletions(spec.name, self._known, allow_deletes)
        self._commit = store.begin(run)
        self._options = spec.options()
        self._unit = ""
        self._listed: set[str] = set()
        self._said_gone: set[str] = set()
        self._failure: SourceError | None = None
        self._is_unread = False
        self._claims = Claims(self._holders)
        self._contested: list[Unit] = []
        self._is_last_round = False
        self._gone: set[str] = set()
        self._task: MapTask | None = None
        self._stored = NO_RECORDS
        self._stored_pages: dict[tuple[str, int], str] = {}
        self._paged: set[tuple[str, int]] = set()

    def run(self) -> SourceReport:
        """Read everything, write what changed, delete what is gone."""
        begun = time.perf_counter()
        try:
            connector, unit = self._open()
            self._take_in(self._changed(units(self._listing(connector), unit)))
            self._finish(connector)
        except SourceError as error:
            hint = "nothing of this source was changed; check its file in sources/"
            self._report.hold_back("source-unreadable", str(error), hint)
        finally:
            self._commit.abort()
        self._report.seconds = time.perf_counter() - begun
        return self._report

    def _open(self) -> tuple[Connector, UnitKind]:
        """The transport, and what the mapping takes for an item. Raises StopSource."""
        connector = connector_of(self._spec.connector, self._spec.settings, self._spec.base)
        unit = cast("UnitKind | None", self._known.unit) or self._mapping_unit()
        self._unit = unit
        return connector, unit

    def _mapping_unit(self) -> UnitKind:
        """Asked of the mapping only when it is new: loading one takes as long as comparing a hundred files."""
        try:
            return mapping_of(self._spec.mapping, self._options).unit
        except ValueError as error:
            raise StopSource(str(error)) from None

    # What is there

    def _listing(self, connector: Connector) -> Iterator[Listed]:
        """Everything the transport lists, up to the point where it fails."""
        try:
            yield from patiently(lambda: connector.read(None if self._full else self._known.cursor))
        except SourceError as error:
            self._failure = error

    def _changed(self, listing: Iterable[Unit | Gone | Checkpoint]) -> Iterator[Unit]:
        """The items to map; the others are counted as they were."""
        for entry in listing:
            if isinstance(entry, Checkpoint):
                continue
            if isinstance(entry, Gone):
                self._said_gone.add(entry.key)
                continue
            self._listed.add(entry.key)
            if self._is_unchanged(entry):
                self._count_unchanged(entry.key)
            else:
                yield entry
            if len(self._listed) % 64 == 0:
                self._progress(self._spec.name, "read", len(self._listed), None)

    def _is_unchanged(self, unit: Unit) -> bool:
        before = self._known.checksum(unit.key)
        if before is None:
            return False
        try:
            return unit_checksum(unit) == before
        except (SourceError, OSError):
            return False

    def _count_unchanged(self, key: str) -> None:
        before = self._known.counts(key)
        self._report.unchanged += before.records
        self._report.skipped += before.skipped
        self._report.failed += before.failed
        self._report.pages += before.pages
        if before.skipped or before.failed:
            for problem in self._known.problems(key):
                self._report.tell(key, problem)

    # What changed

    def _take_in(self, changed: Iterable[Unit]) -> None:
        """Map items and write their rows, a task at a time, in their order."""
        waiting: list[Mapped] = []
        for task, result in self._workers.ordered(self._tasks(changed)):
            if isinstance(result, Died):
                self._lose(task)
            elif result is not None:
                waiting.append(result)
            if waiting and (result is None or task.alone):
                self._write(task, waiting)
                waiting = []
            if result is None:
                self._progress(self._spec.name, "read", len(self._listed), None)
                self._commit_when_large()

    def _tasks(self, changed: Iterable[Unit]) -> Iterator[MapTask]:
        """Neighbours together until they weigh enough; what is too large for memory alone."""
        group: list[Unit] = []
        size = 0
        for unit in changed:
            alone = unit.size > IN_MEMORY
            if group and (alone or size + unit.size > TASK_BYTES or len(group) >= TASK_ITEMS):
                yield MapTask(self._spec.mapping, self._options, tuple(group))
                group, size = [], 0
            if alone:
                yield MapTask(self._spec.mapping, self._options, (unit,), alone=True)
                continue
            group.append(unit)
            size += unit.size
        if group:
            yield MapTask(self._spec.mapping, self._options, tuple(group))

    def _lose(self, task: MapTask) -> None:
        """The worker died on this one item. Records it delivered before that are good."""
        problem = Problem(
            "worker-died",
            "reading it ended the worker process (out of memory, or a crash in a library)",
            "split the file or check it; it is tried again next time",
        )
        ended = Ended(task.units[0].key, lost=True, problems=[("error", None, problem)])
        self._write(task, [Mapped(ended=[ended])])

    def _write(self, task: MapTask, results: list[Mapped]) -> None:
        """Rows that differ from those stored, and the items that ended."""
        if self._task is not task:
            keys = [unit.key for unit in task.units]
            self._task, self._stored = task, self._known.records(keys)
            self._stored_pages, self._paged = self._known.pages(keys), set()
            self._deletions.expect(self._stored)
        for mapped in results:
            self._settle(task, mapped)
            if mapped.records.item:
                self._write_records(mapped.records, self._stored_under(mapped))
            self._write_pages(mapped)
            self._deletions.see(mapped)
        for mapped in results:
            for ended in mapped.ended:
                self._end(ended)

    def _settle(self, task: MapTask, mapped: Mapped) -> None:
        """Items whose ids others hold are put off, once."""
        if self._is_last_round:
            self._claims.assign(mapped, self._stored)
            return
        self._claims.settle(mapped, self._stored)
        put_off = [unit for unit in task.units if unit.key in self._claims.put_off]
        self._contested += [unit for unit in put_off if unit not in self._contested]

    def _stored_under(self, mapped: Mapped) -> pa.Table:
        """The stored rows of the task's items, and of ids its items took over from others."""
        if not mapped.foreign:
            return self._stored
        own = set(self._stored["source_id"].to_pylist())
        pairs = zip(mapped.records.source_id, mapped.records.item, strict=True)
        foreign = [source_id for source_id, item in pairs if item in mapped.foreign and source_id not in own]
        return pa.concat_tables([self._stored, self._known.records_by_id(foreign)]).combine_chunks()

    def _write_records(self, records: Columns, stored: pa.Table) -> None:
        """Rows whose content differs from what is stored, or that moved to another item with it."""
        table = pa.table({name: pa.array(getattr(records, name), kind) for name, kind in _TYPES.items()})
        same = moved = 0
        since: pa.Array = pa.nulls(table.num_rows, pa.int64())
        if stored.num_rows:
            at = pc.index_in(table["source_id"], value_set=stored["source_id"])
            is_same = pc.fill_null(pc.equal(table["checksum"], stored["checksum"].take(at)), False)
            is_here = pc.fill_null(pc.equal(table["item"], stored["item"].take(at)), False)
            same = pc.sum(is_same).as_py() or 0
            changed = pc.invert(pc.and_(is_same, is_here))
            since = stored["since"].take(at).filter(changed)
            table = table.filter(changed)
            moved = same - (len(records.item) - table.num_rows)
        self._report.unchanged += same
        self._report.indexed += table.num_rows - moved
        self._note_problems(table)
        columns = {name: table[name] for name in table.column_names}
        columns["action"] = pa.repeat(pa.scalar("index"), table.num_rows)
        columns["since"] = pc.fill_null(since, self._commit.version)
        self._commit.add("record", columns, self._spec.name)

    def _note_problems(self, table: pa.Table) -> None:
        told = table.filter(pc.is_valid(table["problems"])).select(["item", "problems"])
        for row in told.to_pylist():
            self._report.note(row["item"], msgspec.json.decode(row["problems"], type=list[Problem]))

    def _write_pages(self, mapped: Mapped) -> None:
        """Pages that are new or changed, and those that are gone from records that are still there.

        A record's pages come before it, perhaps in several messages: with it, all of them are known.
        """
        pages = mapped.pages
        stored = self._stored_pages
        keys = list(zip(pages.source_id, pages.page, strict=True))
        if stored:
            self._paged.update(keys)
        keep = [at for at, key in enumerate(keys) if stored.get(key) != pages.checksum[at]]
        columns: dict[str, list[Any]] = {name: [getattr(pages, name)[at] for at in keep] for name in _PAGE_NAMES}
        self._commit.add("page", columns | {"action": ["index"] * len(keep)}, self._spec.name)
        if stored:
            here = dict(zip(mapped.records.source_id, mapped.records.item, strict=True))
            gone = sorted(key for key in stored.keys() - self._paged if key[0] in here)
            columns = {"source_id": [key[0] for key in gone], "page": [key[1] for key in gone]}
            columns["item"] = [here[key[0]] for key in gone]
            self._commit.add("page", columns | {"action": ["delete"] * len(gone)}, self._spec.name)

    def _end(self, ended: Ended) -> None:
        """Count an item and write its row - later, when records of it are to be deleted."""
        self._report.skipped += ended.count("skip")
        self._report.failed += ended.count("error")
        self._report.pages += ended.pages
        self._report.dates += ended.dates
        self._report.dates_unread += ended.dates_unread
        self._is_unread = self._is_unread or ended.checksum is None
        for action, _, problem in ended.problems:
            self._report.tell(ended.item, problem, action == "error")
        if kept := self._deletions.end(ended, self._claims.taken):
            self._report.tell(ended.item, kept)
        if ended.item not in self._deletions.waiting:
            self._write_item(ended)

    def _write_item(self, ended: Ended) -> None:
        """The row of an item, unless it says what the one before says."""
        row = self._item_row(ended)
        if self._known.says(row):
            return
        self._commit.add("item", {name: [value] for name, value in row.items()}, self._spec.name)
        columns = {
            "item": [ended.item] * len(ended.problems),
            "source_id": [source_id for _, source_id, _ in ended.problems],
            "action": [action for action, _, _ in ended.problems],
            "problems": [msgspec.json.encode([problem]) for _, _, problem in ended.problems],
        }
        self._commit.add("problem", columns, self._spec.name)

    def _item_row(self, ended: Ended) -> dict[str, Any]:
        """An item that could not be read is signed with what went wrong: it is mapped again, but written only once."""
        wrong = msgspec.json.encode([problem for _, _, problem in ended.problems])
        return {
            "item": ended.item,
            "checksum": ended.checksum,
            "signature": self._known.signature if ended.checksum else f"unread {checksum(wrong)}",
            "records": ended.records + self._deletions.kept.get(ended.item, 0),
            "skipped": ended.count("skip"),
            "failed": ended.count("error"),
            "pages": ended.pages,
            "raw": ended.raw,
            "action": "index" if ended.checksum else "error",
        }

    def _commit_when_large(self) -> None:
        """A source with an expectation is published whole or not at all."""
        expects = self._spec.min_records is not None or self._spec.max_records is not None
        if self._commit.bytes >= self._commit_bytes and not expects:
            self._commit.commit()
            self._commit = self._store.begin(self._run)

    # The end

    def _finish(self, connector: Connector) -> None:
        """What only a finished listing allows: contested ids, deletions, expectations; then the last commit."""
        if self._failure is None:
            unlisted = set(self._known.items) - self._listed if connector.complete else set()
            self._gone = unlisted | self._said_gone
            self._is_last_round = True
            self._take_in(self._contested)
            self._delete()
        else:
            self._leave_contested()
            hint = "nothing was deleted; what was read up to there is taken"
            self._report.hold_back("source-incomplete", str(self._failure), hint)
        if self._fulfils_expectation():
            self._write_source(connector)
            self._commit.commit()

    def _leave_contested(self) -> None:
        """Without a full listing nobody knows whose ids these are."""
        for unit in self._contested:
            problem = Problem("id-contested", "an id of it belongs to another item", "it is tried again next time")
            self._report.tell(unit.key, problem, is_failure=True)
            self._report.failed += 1

    def _delete(self) -> None:
        self._deletions.gone(self._gone & set(self._known.items), self._claims.taken)
        if reason := self._deletions.held_back():
            hint = "check the source; if the records are really gone, sync with --allow-deletes"
            self._report.hold_back("deletes-held-back", reason, hint)
            return
        self._report.deleted = len(self._deletions)
        self._deletions.write(self._commit)
        for ended in self._deletions.waiting.values():
            self._write_item(ended)

    def _fulfils_expectation(self) -> bool:
        """Fewer or more records than the source file expects: nothing of this run is published."""
        found = self._report.indexed + self._report.unchanged
        low, high = self._spec.min_records, self._spec.max_records
        if (low is None or found >= low) and (high is None or found <= high):
            return True
        word, bound = ("fewer", low) if low is not None and found < low else ("more", high)
        reason = f"{found} records were found, {word} than the {bound} expected; the source was left as it was"
        self._report.hold_back(f"{word}-records-than-expected", reason, "check the source, or `expect` in its file")
        self._report.publish_nothing()
        return False

    def _write_source(self, connector: Connector) -> None:
        """What the source is called, and where its transport may go on - unless something has to be read again."""
        stated = {"title": self._spec.title, "access": self._spec.access, "unit": self._unit}
        record = msgspec.json.encode(stated).decode()
        is_whole = self._failure is None and not self._is_unread
        cursor = connector.next_cursor() if is_whole else self._known.cursor
        if (record, cursor) != (self._known.settings, self._known.cursor):
            row = {"action": ["index"], "record": [record], "raw": [cursor], "signature": [self._known.signature]}
            self._commit.add("source", row, self._spec.name)

    def _holders(self, source_ids: Iterable[str]) -> dict[str, str]:
        """Which stored item holds each id, those left out that are about to lose it."""
        return {
            source_id: item
            for source_id, item in self._known.holders(source_ids).items()
            if item not in self._gone and not self._deletions.is_pending(source_id)
        }


_TYPES = {
    "item": pa.string(),
    "source_id": pa.string(),
    "checksum": pa.string(),
    "record_kind": pa.string(),
    "nested": pa.bool_(),
    "link_keys": pa.list_(pa.string()),
    "blocks": pa.list_(pa.string()),
    "record": pa.string(),
    "problems": pa.string(),
}
_PAGE_NAMES = ("item", "source_id", "page", "copy", "checksum", "record")
