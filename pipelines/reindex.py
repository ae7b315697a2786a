"""The index built anew from the record store: nothing is asked of the sources."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from indexer.engines.base import Engine
from pipelines.errors import StoreUnusable
from pipelines.intake import Progress
from pipelines.lock import INDEX, Locks
from pipelines.publish import LeftOut, publish
from pipelines.record_store import RecordStore
from pipelines.workers import Workers


@dataclass(frozen=True, slots=True)
class Reindexed:
    """The version of the record store that the new index shows, and what it does not have."""

    version: int
    seconds: float
    left_out: list[LeftOut] = field(default_factory=list)


def reindex(store: RecordStore, engine: Engine, workers: Workers, locks: Locks, progress: Progress) -> Reindexed:
    """Build everything anew; the search shows what it showed until all is there.

    Raises WorkspaceLocked while a run works on the index, StoreUnusable when nothing is in the store yet, and the
    engine's errors.
    """
    started = time.perf_counter()
    with locks.take(INDEX):
        store.refresh()
        if store.version < 0:
            raise StoreUnusable("There are no records yet to build an index from; run `onestop sync` first.")
        workers.start()
        left_out = publish(store, engine, workers, full=True, progress=progress)
        return Reindexed(store.version, time.perf_counter() - started, left_out)
