"""The nightly run: every source into the record store, records of one thing linked, the index brought to the store's
version.
"""

from __future__ import annotations

import datetime as dt
import secrets
import threading
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from functools import partial
from typing import Any

import pyarrow as pa

from connectors.registry import is_remote
from indexer.engines.base import Engine
from pipelines.deletions import Deletions
from pipelines.intake import COMMIT_BYTES, Intake, Progress
from pipelines.known import Known
from pipelines.link import link
from pipelines.lock import INDEX, Locks
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
    commit_bytes: int = COMMIT_BYTES,
    locks: Locks | None = None,
    replay: bool = False,
) -> RunReport:
    """Bring store and index up to date with some sources. The caller holds their locks (`pipelines.lock`).

    `full` maps every item again and builds the index anew. `configured` are the names of all sources there are, when
    the caller wants those of the store that are not among them taken out (braked as any deletion). `workers` are used
    and left running; without any the run has its own. `commit_bytes` of rows make a commit. `locks` keep runs of other
    sources from building the index at the same time. `replay` maps again what was skipped or failed, without asking the
    sources. Raises StoreUnusable and the engine's EngineUnavailable; what goes wrong in a source is in its report.
    """
    report = RunReport(_run_name())
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
            _finish(report, sources, store, engine, pool, full, progress)
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


def _finish(
    report: RunReport,
    sources: Sequence[SourceSpec],
    store: RecordStore,
    engine: Engine,
    pool: Workers,
    full: bool,
    progress: Progress | None,
) -> None:
    """What looks at all sources together: links and the index."""
    with report.timed("link"), store.writing():
        link(store, report.run)
    pa.default_memory_pool().release_unused()  # what reading took is not kept beside what writing the index takes
    with report.timed("index"):
        for source, resource in publish(store, engine, pool, full=full, progress=progress):
            reason = f"resource {resource} ended the worker process that prepared it for the index; it cannot be found"
            report.of(source).hold_back("not-indexed", reason, "check its record; sync --full tries it again")
    with report.timed("tidy"):
        tidy(store)


def _run_name() -> str:
    """When the run began, and four random digits."""
    return f"{dt.datetime.now(dt.UTC):%Y-%m-%dT%H:%M:%SZ}-{secrets.token_hex(2)}"


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
    report.seconds = time.perf_counter() - begun
    return report
