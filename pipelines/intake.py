"""One source into the record store: what is listed is compared by checksum, what changed is mapped, what differs is
written.

The order of the listing decides everything that could go either way (who keeps an id two items give), and items are
committed in that order, so a run that is killed and started again ends where an undisturbed one does. Items whose ids
another item holds wait until everything is listed: only then is known which items and ids are gone.

Where a source may go on is committed with what was told before it, as long as nothing waits for the end of the listing.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, cast

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from connectors.base import Checkpoint, Connector, SourceError, StopSource
from connectors.registry import connector as connector_of
from mappings.base import Unit as UnitKind
from mappings.record import Problem, checksum
from mappings.registry import mapping as mapping_of
from pipelines.deletions import Deletions
from pipelines.identity import Claims
from pipelines.items import IN_MEMORY, Unit, unit_checksum
from pipelines.known import NO_RECORDS, Known
from pipelines.listing import Entry, KeptItems, Listing, SourceListing
from pipelines.patience import Patience
from pipelines.payloads import RUN_BYTES
from pipelines.prefetch import prefetched, without_bytes
from pipelines.record_store import RecordStore
from pipelines.report import SourceReport, Why
from pipelines.source import SourceSpec
from pipelines.tasks import Columns, Ended, Mapped, MapTask
from pipelines.workers import Died, Workers

TASK_BYTES, TASK_ITEMS = 256 << 10, 500
"""Small items travel together: a task costs about a millisecond whatever is in it."""
COMMIT_BYTES = 128 << 20
"""Rows after which a commit is made within a source: a killed run loses at most this much work."""
COMMIT_SECONDS = 30.0
"""After so long a commit is made, too, when the source can go on from there: a slow one is not asked all again."""
SHARE_LOOKED_AT = 100
"""Records after which the share of failures says something."""
Progress = Callable[[str, str, int, int | None], None]
"""Called with (source, step, done, total or None)."""


class Intake:
    """The run of one source. `run` reports and never raises for what a source does. `stop` ends it early."""

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
        stop: threading.Event | None = None,
    ) -> None:
        self._spec, self._store, self._workers, self._run = spec, store, workers, run
        self._full = full
        self._progress = progress or (lambda *_: None)
        self._commit_bytes = commit_bytes
        self._stop = stop or threading.Event()
        self._report = SourceReport(spec.name)
        self._known = Known(store, spec, full)
        self._deletions = Deletions(spec.name, self._known, allow_deletes or not spec.braked)
        self._commit = store.begin(run)
        self._committed_at = time.monotonic()
        self._options = spec.options()
        self._unit = ""
        self._is_remote = False
        self._listing: Listing
        self._replayed: KeptItems | None = None
        self._cursor: str | None = None
        self._said = (self._known.settings, self._known.cursor)
        self._in_a_row = 0
        self._kept_bytes = 0
        self._halted: StopSource | None = None
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
        return self._reported(self._source_listing)

    def replay(self) -> SourceReport:
        """Map again what was skipped or failed, from what was kept of it; nothing is asked of the source."""
        report = self._reported(self._kept_items)
        if self._replayed is not None and self._replayed.not_kept:
            some = ", ".join(self._replayed.not_kept[:3])
            reason = f"of {len(self._replayed.not_kept)} items nothing was kept, such as {some}"
            report.note("", [Problem("not-kept", reason, "the next sync fetches them from the source")])
        return report

    def _reported(self, listing_of: Callable[[Connector, UnitKind], Listing]) -> SourceReport:
        begun = time.perf_counter()
        try:
            with self._report.timed("read") as step:
                connector, unit = self._open()
                self._listing = listing_of(connector, unit)
                differing = self._differing(self._listing.entries())
                self._take_in(self._changed(prefetched(differing) if self._is_remote else differing))
                step.add(read=self._report.read, indexed=self._report.indexed)
            read = len(self._listing.listed)
            self._progress(self._spec.name, "read", read, read)
            with self._report.timed("write"):
                self._finish()
        except SourceError as error:
            hint = "nothing of this source was changed; check its file in sources/"
            self._report.hold_back("source-unreadable", str(error), hint)
        finally:
            self._commit.abort()
        self._report.seconds = time.perf_counter() - begun
        self._report.end()
        return self._report

    def _open(self) -> tuple[Connector, UnitKind]:
        """The transport, and what the mapping takes for an item. Raises StopSource."""
        connector = connector_of(self._spec.connector, self._spec.settings, self._spec.base)
        unit = "file" if connector.separate else cast("UnitKind | None", self._known.unit) or self._mapping_unit()
        self._unit, self._is_remote = unit, connector.remote
        return connector, unit

    def _mapping_unit(self) -> UnitKind:
        """Asked of the mapping only when it is new: loading one takes as long as comparing a hundred files."""
        try:
            return mapping_of(self._spec.mapping, self._options).unit
        except ValueError as error:
            raise StopSource(str(error)) from None

    def _source_listing(self, connector: Connector, unit: UnitKind) -> Listing:
        patience = Patience(self._spec.patience * 60, self._report.wait, self._stop)
        return SourceListing(self._spec, connector, unit, self._known, patience, self._full)

    def _kept_items(self, connector: Connector, unit: UnitKind) -> Listing:
        self._replayed = KeptItems(self._spec, connector, self._known)
        return self._replayed

    # What is there

    def _differing(self, entries: Iterator[Entry]) -> Iterator[Entry]:
        """Without the items that have the token they had: nobody opens those."""
        for number in itertools.count(1):
            entry = None if self._is_over() else next(entries, None)
            if entry is None:
                return
            if isinstance(entry, Unit) and self._has_known_token(entry):
                self._count_unchanged(entry.key)
            else:
                yield entry
            if number % 64 == 0:
                self._progress(self._spec.name, "read", len(self._listing.listed), None)

    def _changed(self, entries: Iterator[Entry]) -> Iterator[Entry]:
        """The items to map, and how far the source may be asked to go on from; the others are counted as they were."""
        for entry in entries:
            if isinstance(entry, Unit) and self._has_known_bytes(entry):
                self._count_unchanged(entry.key)
            else:
                yield entry

    def _is_over(self) -> bool:
        """Did somebody stop the run, or has too much failed?"""
        if self._stop.is_set() and self._halted is None:
            self._halted = StopSource("the run was stopped")
        return self._halted is not None

    def _has_known_token(self, unit: Unit) -> bool:
        return unit.token is not None and unit.token == self._known.token(unit.key)

    def _has_known_bytes(self, unit: Unit) -> bool:
        """The same bytes, under another token or without one: they are told apart by the token from now on."""
        before = self._known.checksum(unit.key)
        if before is None:
            return False
        try:
            if unit_checksum(unit) != before:
                return False
        except (SourceError, OSError):
            return False
        if unit.token is not None:
            self._commit.add("item", self._known.row(unit.key) | {"token": [unit.token]}, self._spec.name)
        return True

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

    def _take_in(self, changed: Iterable[Entry]) -> None:
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
                self._progress(self._spec.name, "read", len(self._listing.listed), None)
                self._cursor = task.cursor or self._cursor
                self._commit_when_large()

    def _tasks(self, changed: Iterable[Entry]) -> Iterator[MapTask]:
        """Neighbours together until they weigh enough; what is too large for memory alone."""
        group: list[Unit] = []
        size = 0
        cursor: str | None = None
        for unit in changed:
            if isinstance(unit, Checkpoint):
                cursor = unit.cursor
                continue
            alone = unit.size > IN_MEMORY
            if group and (alone or size + unit.size > TASK_BYTES or len(group) >= TASK_ITEMS):
                yield self._task_of(group, cursor)
                group, size = [], 0
            if alone:
                yield self._task_of([unit], cursor, alone=True)
                continue
            group.append(unit)
            size += unit.size
        if group:
            yield self._task_of(group, cursor)

    def _task_of(self, group: list[Unit], cursor: str | None, alone: bool = False) -> MapTask:
        return MapTask(self._spec.mapping, self._options, tuple(group), alone, self._is_remote, cursor)

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
        put_off = [without_bytes(unit) for unit in task.units if unit.key in self._claims.put_off]
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
        for action, _, problem in ended.problems:
            self._report.tell(ended.item, problem, action == "error")
        self._in_a_row = self._in_a_row + ended.count("error") if ended.count("error") and not ended.records else 0
        self._halted = self._halted or self._too_many_errors()
        if kept := self._deletions.end(ended, self._claims.taken):
            self._report.tell(ended.item, kept)
        if ended.item not in self._deletions.waiting:
            self._write_item(ended)

    def _too_many_errors(self) -> StopSource | None:
        """Why the source is stopped, None while it may go on."""
        allowed, failed, read = self._spec.errors, self._report.failed, self._report.read
        if allowed.total is not None and failed > allowed.total:
            return StopSource(f"{failed} records or items failed, more than errors.total {allowed.total} allows")
        if allowed.in_a_row is not None and self._in_a_row > allowed.in_a_row:
            return StopSource(f"{self._in_a_row} failed one after the other, more than errors.in_a_row allows")
        if allowed.share is not None and read >= SHARE_LOOKED_AT and failed > allowed.share * read:
            return StopSource(f"{failed} of {read} records or items failed, more than errors.share allows")
        return None

    def _write_item(self, ended: Ended) -> None:
        """The row of an item, unless it says what the one before says."""
        row = self._item_row(ended)
        if self._known.says(row):
            return
        self._keep(ended)
        self._commit.add("item", {name: [value] for name, value in row.items()}, self._spec.name)
        columns = {
            "item": [ended.item] * len(ended.problems),
            "source_id": [source_id for _, source_id, _ in ended.problems],
            "action": [action for action, _, _ in ended.problems],
            "problems": [msgspec.json.encode([problem]) for _, _, problem in ended.problems],
        }
        self._commit.add("problem", columns, self._spec.name)

    def _keep(self, ended: Ended) -> None:
        """The bytes of what failed or was skipped, for a replay; no longer those of what is well."""
        payload = ended.payload if self._kept_bytes + len(ended.payload or b"") <= RUN_BYTES else None
        if payload is not None:
            self._kept_bytes += len(payload)
            row = {"item": [ended.item], "payload": [payload], "action": ["index"]}
            self._commit.add("payload", row, self._spec.name)
        elif not ended.problems and self._known.has_payload(ended.item):
            self._commit.add("payload", {"item": [ended.item], "action": ["delete"]}, self._spec.name)

    def _item_row(self, ended: Ended) -> dict[str, Any]:
        """An item that could not be read is signed with what went wrong: it is mapped again, but written only once."""
        wrong = msgspec.json.encode([problem for _, _, problem in ended.problems])
        return {
            "item": ended.item,
            "checksum": ended.checksum,
            "signature": self._known.signature if ended.checksum else f"unread {checksum(wrong)}",
            "token": ended.token,
            "record_kind": ended.kind,
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
        is_late = self._cursor is not None and time.monotonic() - self._committed_at > COMMIT_SECONDS
        if expects or not (is_late or self._commit.bytes >= self._commit_bytes):
            return
        if self._cursor is not None and self._nothing_waits():
            self._write_source(self._cursor)
        self._commit.commit()
        self._commit = self._store.begin(self._run)
        self._committed_at = time.monotonic()

    def _nothing_waits(self) -> bool:
        """Is everything told so far in this commit or one before it, deletions included?"""
        return not (self._deletions.waiting or self._contested or self._listing.gone & self._known.items)

    # The end

    def _finish(self) -> None:
        """What only a finished listing allows: contested ids, deletions, expectations; then the last commit. Deletions
        that were held back have to be told again: the source is asked from where it was.
        """
        failure = self._listing.failure or self._halted
        if failure is None:
            failure = self._finish_listing()
        if failure is not None:
            self._leave_contested()
            self._hold_back(failure)
        if self._fulfils_expectation():
            if failure is None and not self._report.braked:
                self._write_source(self._listing.next_cursor)
            elif failure is not None:
                told = self._cursor if self._nothing_waits() else None
                self._write_source(told or self._known.cursor)
            self._commit.commit()
            self._delete_late()

    def _hold_back(self, failure: SourceError) -> None:
        """Say what ended the run of this source early, and what that means."""
        hint = "nothing was deleted; what was read up to there is taken"
        if failure is self._halted and not self._stop.is_set():
            self._report.hold_back("too-many-errors", str(failure), hint)
        elif self._listing.listed or self._listing.gone:
            self._report.hold_back("source-incomplete", str(failure), hint)
        else:
            self._report.hold_back("source-unreadable", str(failure), "nothing of this source was changed")

    def _finish_listing(self) -> SourceError | None:
        """What is missing goes, what waited for it is mapped; or why the source could not tell what is missing."""
        try:
            missing = self._listing.missing()
        except SourceError as error:
            return error
        if self._listing.count == 0:
            self._report.note("", [Problem("nothing-there", "the source lists no item", "check its settings")])
        if self._listing.count is not None:
            self._report.count_at_source(self._listing.count, reconciled="reconciliation" in missing.values())
        self._gone = set(missing)
        self._is_last_round = True
        self._take_in(self._contested)
        self._delete(missing)
        return None

    def _leave_contested(self) -> None:
        """Without a full listing nobody knows whose ids these are."""
        for unit in self._contested:
            problem = Problem("id-contested", "an id of it belongs to another item", "it is tried again next time")
            self._report.tell(unit.key, problem, is_failure=True)
            self._report.failed += 1

    def _delete(self, missing: Mapping[str, Why]) -> None:
        self._deletions.gone(missing, self._claims.taken)
        if reason := self._deletions.held_back():
            hint = "check the source; if the records are really gone, sync with --allow-deletes"
            self._report.hold_back("deletes-held-back", reason, hint)
            return
        self._report.deleted = len(self._deletions)
        for why, keys in self._deletions.proof().items():
            self._report.prove_deletes(keys, why)
        self._deletions.write(self._commit)
        for ended in self._deletions.waiting.values():
            self._write_item(ended)

    def _delete_late(self) -> None:
        """What the source told and then, in the same listing, that it is gone: only now does the store know it."""
        late = self._listing.gone - self._known.items
        known = Known(self._store, self._spec, self._full) if late else self._known
        deletions = Deletions(self._spec.name, known, allowed=True)
        deletions.gone(dict.fromkeys(late & known.items, "tombstone"), self._claims.taken)
        if not len(deletions):
            return
        with self._store.begin(self._run) as commit:
            deletions.write(commit)
            commit.commit()
        self._report.deleted += len(deletions)

    def _fulfils_expectation(self) -> bool:
        """Fewer or more records than the source file expects: nothing of this run is published."""
        found = self._report.indexed + self._report.unchanged
        if self._listing.count is None and self._known.cursor is not None:  # only changes were told
            found = max(found, self._known.records_total - self._report.deleted)
        low, high = self._spec.min_records, self._spec.max_records
        if (low is None or found >= low) and (high is None or found <= high):
            return True
        word, bound = ("fewer", low) if low is not None and found < low else ("more", high)
        reason = f"{found} records were found, {word} than the {bound} expected; the source was left as it was"
        self._report.hold_back(f"{word}-records-than-expected", reason, "check the source, or `expect` in its file")
        self._report.publish_nothing()
        return False

    def _write_source(self, cursor: str | None) -> None:
        """What the source is called, where its transport may go on, and when its keys were last compared."""
        if self._replayed is not None:
            return  # it says nothing of the source
        stated = {"title": self._spec.title, "access": self._spec.access, "unit": self._unit}
        if self._spec.holder is not None:
            stated["holder"] = self._spec.holder
        if self._listing.reconciled is not None:
            stated["reconciled"] = self._listing.reconciled
        record = msgspec.json.encode(stated).decode()
        if (record, cursor) != self._said:
            self._said = (record, cursor)
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
