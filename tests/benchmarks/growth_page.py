"""The search page of a workspace for seeded queries, everything with all facets, and a record: in process, as an
anonymous reader.

usage: python -m tests.benchmarks.growth_page WORKSPACE QUERIES.json      prints one JSON line
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Any

from indexer.query import Query
from indexer.search import Searcher
from mappings.access import ANONYMOUS
from onestop.wiring import Workspace

ROUNDS = 3


def asked(searcher: Searcher, texts: list[str], phrase: bool) -> dict[str, Any]:
    """Figures of a class of queries, in milliseconds: each the median of its rounds, after one that warms up."""
    found = [searcher.search(_query(text, phrase), ANONYMOUS) for text in texts]
    times = [took(lambda text=text: searcher.search(_query(text, phrase), ANONYMOUS)) for text in texts]  # type: ignore[misc]
    cuts = quantiles(times, n=100)
    hits = [answer["total"] for answer in found]
    return {"p50": round(cuts[49], 2), "p95": round(cuts[94], 2), "hits_median": median(hits), "hits_most": max(hits)}


def _query(text: str, phrase: bool) -> Query:
    return Query(f'"{text}"' if phrase else text)


def took(ask: Callable[[], object]) -> float:
    """Milliseconds, the median of a few rounds."""
    times = []
    for _ in range(ROUNDS):
        begun = perf_counter()
        ask()
        times.append(perf_counter() - begun)
    return median(times) * 1e3


def measure(workspace: Path, queries: Path) -> dict[str, Any]:
    """Everything, as `tests.benchmarks.growth` reads it."""
    with Workspace(workspace) as here:
        searcher = here.searcher
        sets: dict[str, list[str]] = json.loads(queries.read_text(encoding="utf-8"))
        figures: dict[str, Any] = {name: asked(searcher, texts, name == "phrase") for name, texts in sets.items()}
        begun = perf_counter()
        everything = searcher.search(Query("*"), ANONYMOUS)
        first = (perf_counter() - begun) * 1e3
        ids = [hit["id"] for text in sets["short"][:20] for hit in searcher.search(Query(text), ANONYMOUS)["hits"][:1]]
        record = median(took(lambda id=id: searcher.resource(id, ANONYMOUS)) for id in ids)  # type: ignore[misc]
    return {**figures, "everything": round(first, 2), "record": round(record, 2), "resources": everything["total"]}


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]), Path(sys.argv[2]))))
