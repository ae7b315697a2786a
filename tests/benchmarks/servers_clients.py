"""Clients that ask for search pages back to back, as threads of this process: our page, or the opponent's raw one.

usage: python -m tests.benchmarks.servers_clients ours|peer PEERS FOLDER WHERE SECONDS THREADS SEED
prints one JSON line

WHERE is the engine of ours, the URL of the opponent. Every thread asks other questions, drawn from the titles of the
corpus in FOLDER by a seed of its own; none is asked twice.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

from indexer.engines import open_engine
from indexer.search import Searcher
from tests.benchmarks.finding_corpus import CORPUS, PEER_FACETS
from tests.benchmarks.finding_page import MODES, our_page, seeded
from tests.benchmarks.search_page import Page
from tests.benchmarks.servers_page import INDEXES


def opened(side: str, peers: Path, where: str) -> Page:
    """The page of a side."""
    if side == "ours":
        return our_page(Searcher(open_engine(where, Path())))
    sys.path.insert(0, str(peers))
    peer = importlib.import_module("opensearch_page")
    page: Page = peer.open_page(peer.connect(where), INDEXES[False], PEER_FACETS)
    return page


def questions(peers: Path, folder: Path, seed: int) -> list[tuple[str, str]]:
    """Text and mode; the classes take turns."""
    sets = {name: texts for name, texts in seeded(peers, folder / CORPUS, seed=seed).items() if name in MODES}
    classes = [[(text, MODES[name]) for text in texts] for name, texts in sets.items()]
    return [one for one in chain.from_iterable(zip_longest(*classes)) if one is not None]


def client(page: Page, asked: Iterator[tuple[str, str]], end: float) -> tuple[list[float], float]:
    """Seconds of each page that came in time, and pages a second while there was something to ask."""
    taken, first = [], time.perf_counter()
    for text, mode in asked:
        begun = time.perf_counter()
        page(text, mode)
        if time.perf_counter() > end:
            break
        taken.append(time.perf_counter() - begun)
    return taken, len(taken) / (time.perf_counter() - first)


def measure(side: str, peers: Path, folder: Path, where: str, seconds: float, threads: int, seed: int) -> Any:
    """Pages a second, p50 and p95 in ms, and whether the questions ran out (then a client had less to do)."""
    page = opened(side, peers, where)
    asked = [questions(peers, folder, seed + number) for number in range(threads)]
    for text, mode in asked[0][:10]:
        page(text, mode)
    end = time.perf_counter() + seconds
    with ThreadPoolExecutor(threads) as pool:
        found = list(pool.map(partial(_asking, page, end), asked))
    taken = [some for some, _ in found]
    all_taken = sorted(second for some in taken for second in some) or [0.0]
    return {
        "per_second": round(sum(speed for _, speed in found), 2),
        "p50_ms": round(all_taken[len(all_taken) // 2] * 1e3, 2),
        "p95_ms": round(all_taken[int(len(all_taken) * 0.95)] * 1e3, 2),
        "ran_out": any(len(some) == len(given) for some, given in zip(taken, asked, strict=True)),
    }


def _asking(page: Page, end: float, asked: list[tuple[str, str]]) -> tuple[list[float], float]:
    return client(page, iter(asked), end)


if __name__ == "__main__":
    side, peers, folder, where, seconds, threads, seed = sys.argv[1:8]
    print(json.dumps(measure(side, Path(peers), Path(folder), where, float(seconds), int(threads), int(seed))))
