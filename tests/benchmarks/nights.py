"""Nights over four times the data: how much more memory, and what a night costs in which 1 % changed.

The sources are those of `tests.benchmarks.larger` (finding aids, tables, library records), once and four times.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.growth_corpus import Corpus, write
from tests.benchmarks.larger import change, indexed, sync, workspace
from tests.benchmarks.programs import Failed, Ran
from tests.benchmarks.rows import Row

FOLD = 4
MEMORY_GOAL, CHANGED_GOAL = 1.2, 0.06


@dataclass(frozen=True)
class Nights:
    """The runs over one size: everything, nothing new, 1 % of the finding aids changed."""

    whole: Ran
    quiet: Ran
    changed: Ran


def measure(folder: Path, work: Path) -> list[Row]:
    """The rows; `folder` holds the corpus."""
    corpus = Corpus(folder)
    once, fourfold = (_nights(corpus, fold, work) for fold in (1, FOLD))
    name = f"{FOLD}-fold data"
    detail = {"records": indexed(fourfold.whole), "of": indexed(once.whole)}
    detail |= {"changed": indexed(fourfold.changed), "quiet": round(fourfold.quiet.seconds, 2)}
    peaks = (fourfold.whole.peak_mib, once.whole.peak_mib)
    seconds = (round(fourfold.changed.seconds, 2), round(fourfold.whole.seconds, 2))
    return [
        Row(f"{name}: peak memory", "MiB", *peaks, goal=MEMORY_GOAL, detail=detail),
        Row(f"{name}: of it private", "MiB", fourfold.whole.private_mib, once.whole.private_mib),
        Row(f"{name}: a night with 1 % changed", "s", *seconds, goal=CHANGED_GOAL, detail=detail),
    ]


def _nights(corpus: Corpus, fold: int, work: Path) -> Nights:
    folder, place = work / f"nights{fold}-files", work / f"nights{fold}"
    write(corpus, folder, range(fold))
    whole, quiet = sync(workspace(place, folder)), sync(place)
    change(folder)
    changed = sync(place)
    if indexed(quiet) or not indexed(changed):
        raise Failed(f"{indexed(quiet)} records came in a night without changes, {indexed(changed)} in one with some")
    shutil.rmtree(folder)
    shutil.rmtree(place)
    return Nights(whole, quiet, changed)
