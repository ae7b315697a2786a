"""The nightly run: every source into the record store, records of one thing linked, the index brought to the store's
version.
"""

from __future__ import annotations

import datetime as dt
import secrets
import time
from collections.abc import Collection, Iterable, Sequence
from contextlib import nullcontext

import pyarrow as pa

from indexer.engines.base import Engine
from mappings.decisions import Decision
from pipelines.deletions import Deletions
from pipelines.intake import COMMIT_BYTES, Intake, Progress
from pipelines.known import Known
from pipelines.link import link
from pipelines.publish import publish
from pipelines.record_store import RecordStore
from pipelines.report import RunReport, SourceReport
from pipelines.source import SourceSpec
from pipelines.taken import Taken
from pipelines.tidying import tidy
from pipelines.workers import Workers

__all__ = ["Progress", "RunReport", "SourceSpec", "sync"]


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
    decisions: Iterable[Decision] = (),
    commit_bytes: int = COMMIT_BYTES,
) -> RunReport:
    """Bring store and index up to date with some sources. The caller holds the workspace lock.

    `full` maps every item again and builds the index anew. `configured` are the names of all sources there are, when
    the caller wants those of the store that are not among them taken out (braked as any deletion). `workers` are used
    and left running; without any the run has its own. `decisions` are what staff said of records that may be one thing,
    oldest first. `commit_bytes` of rows make a commit. Raises StoreUnusable and
    the engine's EngineUnavailable; what goes wrong in a source is in its report.
    """
    report = RunReport(_run_name())
    with nullcontext(workers) if workers else Workers() as pool:
        if full or store.version < 0:
            pool.start()
        for spec in sources:
            intake = Intake(
                spec,
                store,
                pool,
                report.run,
                full=full,
                allow_deletes=allow_deletes,
                progress=progress,
                commit_bytes=commit_bytes,
            )
            report.sources.append(intake.run())
        for name in _unconfigured(store, configured):
            report.sources.append(_retire(name, store, report.run, allow_deletes))
        link(store, report.run, decisions)
        pa.default_memory_pool().release_unused()  # what reading took is not kept beside what writing the index takes
        for source, resource in publish(store, engine, pool, full=full, progress=progress):
            reason = f"resource {resource} ended the worker process that prepared it for the index; it cannot be found"
            report.of(source).hold_back("not-indexed", reason, "check its record; sync --full tries it again")
    tidy(store)
    return report


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
    deletions.gone(known.items, Taken())
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
