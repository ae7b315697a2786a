"""The exact form and plain Han strings against a scan for the substring, on the texts of the shared corpus.

usage: python -m tests.benchmarks.exact [DOCUMENTS]      (default 60,000; the corpus as in `tests/conftest.py`)

Prints recall and precision over all strings asked for, and how long an answer takes beside the scan and beside the same
string in any form.
"""

from __future__ import annotations

import datetime as dt
import os
import random
import re
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from statistics import median

from indexer.engines.tantivy_engine import TantivyEngine
from indexer.exact import with_exact_forms
from indexer.language import parse
from indexer.plan import Plan, rights_of
from indexer.search import Searcher
from mappings.access import ANONYMOUS
from mappings.text import HAN, fold
from tests.benchmarks.places import ROOT
from tests.indexer.real_texts import Said, index, said

QUERIES = 150
_RUN = re.compile(f"[{HAN}]{{2,}}")
_WORDS = re.compile(r"[A-Za-z]{3,} [A-Za-z]{3,}")
RIGHTS = rights_of(ANONYMOUS, dt.date(2026, 1, 1))


def strings(texts: list[Said]) -> list[str]:
    """Substrings of 2 to 6 Han characters of random texts, some in the other script, and pairs of Latin words."""
    chosen = random.Random(7)
    found: list[str] = []
    while len(found) < QUERIES:
        text = "\n".join(chosen.choice(texts))
        runs = (_WORDS if len(found) % 6 == 0 else _RUN).findall(text)
        if runs:
            run, length = chosen.choice(runs), chosen.randint(2, 6)
            start = chosen.randrange(max(1, len(run) - length + 1))
            found.append(run if run.isascii() else run[start : start + length])
    return [fold(string) if number % 5 == 1 else string for number, string in enumerate(found)]


def asked(engine: TantivyEngine, typed: str) -> set[str]:
    """Places of the texts that an engine finds."""
    node = with_exact_forms(parse(typed).node, engine, RIGHTS)
    hits = engine.search(Plan(RIGHTS, node, size=1_000_000)).hits
    return {source["source_id"] for hit in hits for source in hit.stored["sources"]}


def scanned(texts: list[Said], string: str) -> set[str]:
    """Places of the texts that hold it."""
    if not string.isascii():
        return {str(at) for at, pair in enumerate(texts) if string in pair[0] or string in pair[1]}
    word = re.compile(rf"(?<![A-Za-z0-9]){re.escape(string)}(?![A-Za-z0-9])")
    return {str(at) for at, pair in enumerate(texts) if word.search(pair[0]) or word.search(pair[1])}


def timed(play: Callable[[], object]) -> float:
    """Milliseconds, the best of three."""
    taken = []
    for _ in range(3):
        begun = time.perf_counter()
        play()
        taken.append((time.perf_counter() - begun) * 1e3)
    return min(taken)


def page(searcher: Searcher, typed: str) -> float:
    """Milliseconds of a search page."""
    from indexer.query import Query

    return timed(lambda: searcher.search(Query(typed), ANONYMOUS))


def main() -> None:
    """Measures and prints."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 60_000
    corpus = Path(os.environ.get("ONESTOP_CORPUS", ROOT.parent / "shared" / "data"))
    everything = list(said(corpus))
    step = max(1, len(everything) // count)
    with tempfile.TemporaryDirectory() as folder:
        engine = TantivyEngine(Path(folder) / "index")
        texts = index(engine, islice(everything, 0, None, step))
        searcher = Searcher(engine)
        right = found = wanted = 0
        times: list[tuple[float, float, float]] = []
        for string in strings(texts):
            hits, holding = asked(engine, f'="{string}"'), scanned(texts, string)
            right, found, wanted = right + len(hits & holding), found + len(hits), wanted + len(holding)
            if hits != holding:
                print("differs:", string, sorted(hits - holding)[:3], sorted(holding - hits)[:3])
            times.append(
                (
                    page(searcher, f'="{string}"'),
                    page(searcher, f'"{string}"'),
                    timed(lambda s=string: scanned(texts, s)),
                )
            )
    print(f"{len(texts)} texts, {QUERIES} strings: recall {right / wanted:.4f}, precision {right / found:.4f}")
    for name, column in zip(("exact form", "any form", "scan"), zip(*times, strict=True), strict=True):
        ordered = sorted(column)
        print(f"{name}: median {median(ordered):.2f} ms, p95 {ordered[len(ordered) * 95 // 100]:.2f} ms")


if __name__ == "__main__":
    main()
