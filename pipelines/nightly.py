"""The nightly run: every source into the record store, records of one thing linked, the index brought to the store's
version.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import pyarrow as pa

from connectors.registry import is_remote
from indexer.engines.base import Engine
from indexer.errors import SearchError
from mappings.decisions import Decision
from mappings.deidentification import Release
from mappings.opening import Review
from mappings.record import Problem
from pipelines.deletions import Deletions
from pipelines.enrichment.step import enrich
from pipelines.intake import COMMIT_BYTES, Intake, Progress
from pipelines.known import Known
from pipelines.link import link
from pipelines.lock import INDEX, Locks
from pipelines.made import ties
from pipelines.personal.step import find_personal
from pipelines.publish import publish
from pipelines.record_store import RecordStore
from pipelines.report import RunReport, SourceReport
from pipelines.source import SourceSpec
from pipelines.taken import Taken
from pipelines.tidying import tidy
from pipelines.workers import Workers

__all__ = ["Progress", "RunReport", "SourceSpec", "sync"]
TakeIn = Callable[[SourceSpec, Workers, threading.Event], SourceReport]
"""The run of one source with some workers, until it is told to stop."""


SIDE_BY_SIDE = 4
"""Sources read at once: those that wait for a network. What only our own cores hold up comes one after the other."""


def sync(
    sources: Sequence[SourceSpec],
    store: RecordStore,
    engine: Engine,
    *,
    full: bool = False,
    allow_deletes: bool = False,
    configured: Collection[str] | None = None,
    progress: Progress | None = None,
    workers: Workers | None = None,
    decisions: Iterable[Decision] | None = (),
    reviews: Sequence[Review] | None = (),
    today: dt.date | None = None,
    commit_bytes: int = COMMIT_BYTES,
    locks: Locks | None = None,
    replay: bool = False,
    report: RunReport | None = None,
    models: Mapping[str, str] | None = None,
    releases: Iterable[Release] | None = None,
) -> RunReport:
    """Bring store and index up to date with some sources. The caller holds their locks (`pipelines.lock`).

    `full` maps every item again and builds the index anew. `configured` are the names of all sources there are, when
    the caller wants those of the store that are not among them taken out (braked as any deletion). `workers` are used
    and left running; without any the run has its own. `decisions` are what staff said of records that may be one thing,
    oldest first (None: nobody can tell now, so links stay as they are); `reviews` what they said of opening records
    (None: what the last run knew holds), decided for the day `today`; `models` are trained spaCy pipelines by language;
    `releases` are the de-identified copies that stand (None: nobody can tell now, so copies stay as they are).
    `commit_bytes` of rows make a commit. `locks` keep runs of other sources from building the index at the same time.
    `replay` maps again what was skipped or failed, without asking the sources. `report` is filled as the run goes on.
    Raises StoreUnusable and the engine's EngineUnavailable; what goes wrong in a source is in its report.
    """
    report = report or RunReport()
    with nullcontext(workers) if workers else Workers() as pool:
        if full or store.version < 0:
            pool.start()
        take_in = partial(
            _take_in,
            store=store,
            run=report.run,
            replay=replay,
            full=full,
            allow_deletes=allow_deletes,
            progress=progress,
            commit_bytes=commit_bytes,
        )
        report.sources += _all_taken_in(sources, take_in, pool)
        for name in _unconfigured(store, configured):
            report.sources.append(_retire(name, store, report.run, allow_deletes))
        with locks.wait(INDEX) if locks else nullcontext():
            decided = None if decisions is None else list(decisions)
            standing = None if releases is None else list(releases)
            told = _Told(decided, standing, reviews, today or dt.date.today())
            whole = _Whole(report, sources, store, engine, pool, full, progress, models or {}, told)
            whole.work()
    return report


def _all_taken_in(sources: Sequence[SourceSpec], take_in: TakeIn, pool: Workers) -> list[SourceReport]:
    """Remote sources side by side, each with a worker of its own; meanwhile the local ones in turn, with the pool."""
    remote = [spec for spec in sources if is_remote(spec.connector)] if len(sources) > 1 else []
    stop = threading.Event()
    with ThreadPoolExecutor(SIDE_BY_SIDE, "source") as threads:
        try:
            under_way = {spec.name: threads.submit(_alone, spec, take_in, stop) for spec in remote}
            done = {spec.name: take_in(spec, pool, stop) for spec in sources if spec.name not in under_way}
            return [done[spec.name] if spec.name in done else under_way[spec.name].result() for spec in sources]
        except BaseException:
            stop.set()
            raise


def _alone(spec: SourceSpec, take_in: TakeIn, stop: threading.Event) -> SourceReport:
    with Workers(1) as workers:
        return take_in(spec, workers, stop)


def _take_in(
    spec: SourceSpec, workers: Workers, stop: threading.Event, *, replay: bool, **options: Any
) -> SourceReport:
    intake = Intake(spec, options.pop("store"), workers, options.pop("run"), stop=stop, **options)
    return intake.replay() if replay else intake.run()


@dataclass(frozen=True, slots=True)
class _Told:
    """What staff said, None where nobody can tell now, and the day for which it is decided."""

    decisions: Sequence[Decision] | None
    releases: Sequence[Release] | None
    reviews: Sequence[Review] | None
    today: dt.date


@dataclass(frozen=True, slots=True)
class _Whole:
    """What looks at all sources together, once they are in the store. What was read is searchable before page images
    are read, which may take hours.
    """

    report: RunReport
    sources: Sequence[SourceSpec]
    store: RecordStore
    engine: Engine
    workers: Workers
    full: bool
    progress: Progress | None
    models: Mapping[str, str]
    told: _Told

    def work(self) -> None:
        """Names, links, who may read, released copies, the index; then page images, and the index again; then personal
        data, which stays out.
        """
        self._names()
        self._link()
        self._open()
        self._copies()
        self._index(self.full)
        if any(spec.ocr for spec in self.sources) and self._read_pages():
            self._link()
            self._copies()
            self._index(False)
        self._personal()
        with self.report.timed("tidy"):
            tidy(self.store)

    def _names(self) -> None:
        if not any(spec.enrich for spec in self.sources):
            return
        with self.report.timed("enrich") as step:
            found = enrich(
                self.store,
                self.report.run,
                self.sources,
                models=self.models,
                workers=self.workers,
                progress=self.progress,
            )
            step.add(read=found.read, records_named=found.written)
        for source, source_id in found.lost:
            reason = f"looking for names in {source_id} ended the worker process"
            self.report.of(source).note("", [Problem("worker-died", reason, "its record is there, without them")])
        for problem in found.problems:
            self.report.of(self.sources[0].name).note("", [problem])

    def _link(self) -> None:
        if self.told.decisions is None:
            return
        with self.report.timed("link"), self.store.writing():
            link(self.store, self.report.run, [*ties(self.store), *self.told.decisions])

    def _copies(self) -> None:
        """Released copies into the store, withdrawn and stale ones out of it, before the index follows it."""
        if self.told.releases is None or not (self.told.releases or self.store.has_rows("released")):
            return
        from pipelines.deidentify.step import STEP, show_released  # few nights need what it loads

        with self.report.timed(STEP) as step, self.store.writing():
            done = show_released(self.store, self.report.run, self.told.releases)
            step.add(copies_shown=done.shown, copies_ended=done.ended)
            step.counts["copies_stale"] = done.stale

    def _open(self) -> None:
        if self.store.version < 0:
            return
        from pipelines.opening import decide_access  # its rules are read by few

        with self.report.timed("opening") as step:
            found = decide_access(
                self.store,
                self.report.run,
                self.told.reviews,
                self.told.today,
                shown=self._shown(),
                progress=self.progress,
            )
            step.add(read=found.looked_at, opened=found.opened, closed=found.closed)

    def _shown(self) -> int:
        """The version that readers know; -1 where nobody can tell."""
        with suppress(SearchError):
            shown = self.engine.store_version()
            return -1 if shown is None else shown
        return -1

    def _index(self, full: bool) -> None:
        # what reading took is not kept beside what writing the index takes
        pa.default_memory_pool().release_unused()
        with self.report.timed("index"):
            for one in publish(self.store, self.engine, self.workers, full=full, progress=self.progress):
                code = "index-refused" if one.refused else "not-indexed"
                self.report.of(one.source).hold_back(code, one.reason, "check its record; reindex tries it again")

    def _read_pages(self) -> int:
        """How many pages got a text."""
        from pipelines.ocr.step import read_pages  # few nights need what it loads

        with self.report.timed("ocr") as whole:
            readings = read_pages(self.store, self.report.run, self.sources, progress=self.progress)
            whole.add(pages_read=sum(one.read + one.known for one in readings))
        for one in readings:
            source = self.report.of(one.source)
            source.step("ocr").add(pages_read=one.read + one.known, failed=one.failed)
            for item, problem in one.problems:
                source.note(item, [problem])
        return sum(one.read + one.known for one in readings)

    def _personal(self) -> None:
        with self.report.timed("personal_data") as whole:
            for one in find_personal(self.store, self.report.run, self.sources, progress=self.progress):
                whole.add(read=one.looked_at, personal_data_found=sum(one.spans.values()))


def _unconfigured(store: RecordStore, configured: Collection[str] | None) -> list[str]:
    if configured is None:
        return []
    return sorted(set(store.current("source", ["source"])["source"].to_pylist()) - set(configured))


def _retire(name: str, store: RecordStore, run: str, allow_deletes: bool) -> SourceReport:
    """Delete what is left of a source that has no file any more."""
    begun = time.perf_counter()
    report = SourceReport(name)
    known = Known(store, SourceSpec(name, name, "", ""), full=True)
    deletions = Deletions(name, known, allow_deletes)
    deletions.gone(dict.fromkeys(known.items, "source removed"), Taken())
    if reason := deletions.held_back():
        hint = f"put sources/{name}.yml back, or sync with --allow-deletes to take its records out"
        report.hold_back("source-not-configured", reason, hint)
        return report
    with store.begin(run) as commit:
        deletions.write(commit)
        commit.add("source", {"action": ["delete"]}, name)
        commit.commit()
    report.deleted = len(deletions)
    for why, keys in deletions.proof().items():
        report.prove_deletes(keys, why)
    report.seconds = time.perf_counter() - begun
    return report
