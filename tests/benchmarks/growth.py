"""Growth: the same archive once, ten times and a hundred times, and how much more a record, a page and a byte cost.

usage: python -m tests.benchmarks.growth [FOLD ...]        1 and 10 when none is named; `make test-long` adds 100

Every size is a workspace of its own, synchronised by `onestop sync`. Then: a night without changes, a night in which
1 % of the files changed, and the search page for the same seeded queries. At the end a fonds with 100,000 parts beside
one with 50, and volumes of 2,000 pages beside single pages. Figures of N-fold are judged against 1-fold. What was
written is removed as soon as it is measured.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from tests.benchmarks import growth_fonds, growth_volumes
from tests.benchmarks.growth_corpus import Corpus, write
from tests.benchmarks.larger import change, indexed, sync, workspace
from tests.benchmarks.places import ROOT, Missing, finding_aids, machine, peers
from tests.benchmarks.programs import Ran, module, run
from tests.benchmarks.rows import Row
from tests.benchmarks.run import WIDTH, refuse, table

RESULTS = ROOT / ".bench" / "growth.json"
TIME_GOAL = {10: 1.2, 100: 1.4}
PAGE_GOAL = {10: 3.0, 100: 10.0}
MEMORY_GOAL, MEMORY_MOST, DISK_GOAL, CHILDREN_GOAL = 1.3, 1500.0, 3.0, 2.0


@dataclass(frozen=True)
class Size:
    """What one size of the archive took. Times in seconds, memory in MiB, disk in bytes, pages in milliseconds."""

    fold: int
    records: int
    whole: Ran
    quiet: Ran
    changed: Ran
    text_bytes: int
    disk_bytes: int
    page: dict[str, Any]

    @property
    def cpu_a_record(self) -> float:
        """Processor time for a record, in microseconds."""
        return self.whole.cpu_seconds / self.records * 1e6

    @property
    def seconds_a_record(self) -> float:
        """Time on the clock for a record, in microseconds."""
        return self.whole.seconds / self.records * 1e6


def measure(corpus: Corpus, fold: int, work: Path, queries: Path) -> Size:
    """One size, from nothing to its figures."""
    folder, place = work / f"files{fold}", work / f"workspace{fold}"
    text_bytes = write(corpus, folder, range(fold))
    whole = sync(workspace(place, folder))
    disk = bytes_of(place / "records") + bytes_of(place / "index")
    quiet = sync(place)
    change(folder)
    changed = sync(place)
    page = run(*module("growth_page", place, queries)).document
    shutil.rmtree(folder)
    shutil.rmtree(place)
    return Size(fold, indexed(whole), whole, quiet, changed, text_bytes, disk, page)


def bytes_of(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def rows(sizes: Sequence[Size]) -> Iterator[Row]:
    """Every size beside the smallest, which is its opponent; then what is judged by itself."""
    for size in sizes[1:]:
        yield from _growth(size, sizes[0])
    for size in sizes:
        yield from _absolute(size)


def _growth(size: Size, small: Size) -> Iterator[Row]:
    name, goal = f"{size.fold}-fold", TIME_GOAL.get(size.fold)
    cpu, seconds = (size.cpu_a_record, small.cpu_a_record), (size.seconds_a_record, small.seconds_a_record)
    yield Row(f"{name}: processor time a record", "us", *_rounded(cpu), goal=goal, detail=detail(size))
    yield Row(f"{name}: time a record", "us", *_rounded(seconds), goal=goal)
    yield Row(f"{name}: peak memory", "MiB", size.whole.peak_mib, small.whole.peak_mib, goal=MEMORY_GOAL)
    yield Row(f"{name}: of it private", "MiB", size.whole.private_mib, small.whole.private_mib)
    for query in ("short", "long", "phrase"):
        ours, theirs = size.page[query], small.page[query]
        yield Row(f"{name}: search page, {query}, p50", "ms", ours["p50"], theirs["p50"])
        yield Row(f"{name}: search page, {query}, p95", "ms", ours["p95"], theirs["p95"], goal=PAGE_GOAL.get(size.fold))
    yield Row(f"{name}: everything, all facets", "ms", size.page["everything"], small.page["everything"])
    yield Row(f"{name}: a record", "ms", size.page["record"], small.page["record"], goal=CHILDREN_GOAL)


def _absolute(size: Size) -> Iterator[Row]:
    name, whole = f"{size.fold}-fold", round(size.whole.seconds, 2)
    yield Row(f"{name}: peak memory in all", "MiB", size.whole.peak_mib, judged="ours", goal=MEMORY_MOST)
    disk = round(size.disk_bytes / size.text_bytes, 2)
    yield Row(f"{name}: disk to the sources' bytes", "", disk, judged="ours", goal=DISK_GOAL)
    nights = {"without changes": size.quiet, "with 1 % of the files changed": size.changed}
    for said, night in nights.items():
        taken = {"cpu": round(night.cpu_seconds, 2), "peak_mib": night.peak_mib, "records": indexed(night)}
        yield Row(f"{name}: a night {said}", "s", round(night.seconds, 2), whole, detail=taken)


def _rounded(pair: tuple[float, float]) -> tuple[float, float]:
    return round(pair[0], 1), round(pair[1], 1)


def detail(size: Size) -> dict[str, Any]:
    """What a reader needs to check the figures of a size."""
    return {
        "records": size.records,
        "seconds": round(size.whole.seconds, 1),
        "cpu": round(size.whole.cpu_seconds, 1),
        "source_bytes": size.text_bytes,
        "disk_bytes": size.disk_bytes,
        "page": size.page,
    }


def seeded(corpus: Corpus, peer: Path, work: Path) -> Path:
    """The opponents' seeded queries, drawn from the titles of the corpus itself: every size has them all."""
    titles = work / "titles.jsonl"
    with titles.open("w", encoding="utf-8") as out:
        for number, title in enumerate(corpus.titles()):
            out.write(json.dumps({"id": str(number), "title": title, "text": "", "path": []}) + "\n")
    made = subprocess.run([sys.executable, str(peer / "make_queries.py"), str(titles)], check=True, capture_output=True)
    queries = work / "queries.json"
    queries.write_bytes(made.stdout)
    return queries


def main(arguments: Sequence[str]) -> int:
    """The command line."""
    folds = sorted({1, *(int(fold) for fold in arguments or ["10"])})
    try:
        source, opponents = finding_aids().parent, peers()
    except Missing as missing:
        return refuse(str(missing))
    before, begun = machine(), time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="growth-") as place:
        work = Path(place)
        corpus = Corpus(source)
        queries = seeded(corpus, opponents, work)
        sizes = []
        for fold in folds:
            print(f"measuring {fold}-fold ...", file=sys.stderr, flush=True)
            sizes.append(measure(corpus, fold, work, queries))
        made = [*rows(sizes), *growth_fonds.measure(work), *growth_volumes.measure(work)]
    document = {
        "machine": before,
        "load_after": machine()["load"],
        "seconds": round(time.perf_counter() - begun, 1),
        "rows": [row.to_json() for row in made],
    }
    text = json.dumps(document, ensure_ascii=False, indent=2)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(text + "\n", encoding="utf-8")
    print(text, flush=True)
    Console(stderr=True, width=None if sys.stderr.isatty() else WIDTH).print(table(document, made))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
