"""The nightly run: every source into the record store, records of one thing linked, the index brought to the store's version."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence

from indexer.engines.base import Engine
from pipelines.intake import COMMIT_BYTES, Intake, Progress
from pipelines.link import link
from pipelines.publish import publish
from pipelines.record_store import RecordStore
from pipelines.report import RunReport
from pipelines.source import SourceSpec
from pipelines.workers import Workers

__all__ = ["Progress", "RunReport", "SourceSpec", "sync"]


def sync(
    sources: Sequence[SourceSpec],
    store: RecordStore,
    engine: Engine,
    *,
    full: bool = False,
    allow_deletes: bool = False,
    progress: Progress | None = None,
    processes: int = 2,
    commit_bytes: int = COMMIT_BYTES,
) -> RunReport:
    """Bring store and index up to date with some sources."""
    run = run_name()
    report = RunReport(run)
    with Workers(processes) as workers:
        if full or store.version < 0:
            workers.start()
        for spec in sources:
            intake = Intake(
                spec,
                store,
                workers,
                run,
                full=full,
                allow_deletes=allow_deletes,
                progress=progress,
                commit_bytes=commit_bytes,
            )
            report.sources.append(intake.run())
        link(store, run)
        publish(store, engine, workers, full=full)
    return report


def run_name() -> str:
    """The name of a run: when it began and four random digits."""
    return f"{dt.datetime.now(dt.UTC):%Y-%m-%dT%H:%M:%SZ}-{secrets.token_hex(2)}"
