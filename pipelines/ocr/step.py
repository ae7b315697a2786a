"""The step of the nightly run that reads page images without text.

Of each source whose file says `ocr`, what changed since the step was last done with it is looked at. Killed anywhere,
it goes on where its last commit ended; what one night's budget leaves is read in the next. What comes of it depends on
the store, the images and the engines alone.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Final

from pipelines.intake import Progress
from pipelines.ocr.engines import Engines
from pipelines.ocr.files import Files
from pipelines.ocr.kept import Kept
from pipelines.ocr.rows import STEP, Mark, Rows, read_mark
from pipelines.ocr.source import Share, SourceReader, SourceReadings, standing
from pipelines.ocr.wanted import changed_items, is_touched, wanted
from pipelines.record_store import RecordStore
from pipelines.source import SourceSpec
from pipelines.workers import Workers

__all__ = ["Budget", "SourceReadings", "read_pages"]
PROCESSES: Final = 4
"""At most; an engine takes up to a gigabyte in each."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What one night may spend on reading: pages that an engine reads (None: any number), and minutes. A source gets
    its share of what those before it left.
    """

    pages: int | None = None
    minutes: float = 120.0


def read_pages(
    store: RecordStore,
    run: str,
    specs: Iterable[SourceSpec],
    budget: Budget | None = None,
    progress: Progress | None = None,
    workers: Workers | None = None,
) -> list[SourceReadings]:
    """Read what is to be read in the sources that ask for it; one entry for each of them. `workers` are used and left
    running; without any the step has its own. Raises StoreUnusable.
    """
    asked = [spec for spec in specs if spec.ocr]
    if not asked:
        return []
    with nullcontext(workers) if workers else Workers(min(PROCESSES, os.cpu_count() or 1)) as pool:
        night = _Night(store, run, pool, budget or Budget(), progress or (lambda *_: None))
        return [night.read(spec, len(asked) - number) for number, spec in enumerate(asked)]


class _Night:
    """What the sources of one run share."""

    def __init__(self, store: RecordStore, run: str, workers: Workers, budget: Budget, progress: Progress) -> None:
        self._store, self._run, self._workers, self._progress = store, run, workers, progress
        self._engines = Engines.here()
        self._pages = budget.pages
        self._ends = time.monotonic() + 60 * budget.minutes
        self._kept: Kept | None = None

    def read(self, spec: SourceSpec, sources_left: int) -> SourceReadings:
        """One source, with its share."""
        setting = spec.ocr or ""
        signature = self._engines.signature(setting)
        mark = read_mark(self._store, spec.name, signature)
        if mark.version >= 0 and not mark.is_unfinished and not is_touched(self._store, spec.name, mark.version):
            return SourceReadings(spec.name, problems=list(mark.problems))
        begun = time.monotonic()
        counts = self._read(spec, setting, signature, mark, self._share(sources_left))
        counts.seconds = time.monotonic() - begun
        return counts

    def _share(self, sources_left: int) -> Share:
        now = time.monotonic()
        pages = None if self._pages is None else -(-self._pages // sources_left)
        return Share(pages, now + (self._ends - now) / sources_left)

    def _read(self, spec: SourceSpec, setting: str, signature: str, mark: Mark, share: Share) -> SourceReadings:
        store, name = self._store, spec.name
        changed = changed_items(store, name, mark.version)
        if self._kept is None:
            self._kept = Kept(store)
        rows = Rows(store, self._run, name, signature, mark.version)
        with Files(spec) as files:
            reader = SourceReader(
                store,
                name,
                self._engines,
                setting,
                self._kept,
                rows,
                files,
                share,
                lambda done: self._progress(name, STEP, done, None),
            )
            pages = wanted(store, name, changed, mark.version < 0)
            reader.read(pages, self._workers, standing(mark, changed))
        if self._pages is not None:
            self._pages = max(self._pages - reader.counts.read, 0)
        reader.counts.problems = reader.told()
        return reader.counts
