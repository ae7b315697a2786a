"""The search page on servers: ours on OpenSearch and on Elasticsearch, and the opponent's one raw request, in turns.

usage: python -m tests.benchmarks.servers_page PEERS FOLDER OPENSEARCH_URL ENGINE ELASTICSEARCH_ENGINE OPENSEARCH_PID
prints one JSON line

FOLDER holds the opponent's documents (`servers_corpus`), which are loaded first. Also counted: ways to the cluster for
each of our pages when nothing is remembered of its question, and how long the server works for a page of either side,
which other work on the machine changes little.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import Any

from indexer.engines import open_engine
from indexer.engines.cluster.index import Index
from indexer.search import Searcher
from tests.benchmarks.finding_corpus import CORPUS, PEER_FACETS
from tests.benchmarks.finding_page import MODES, compared, our_page, seeded
from tests.benchmarks.rows import hottest
from tests.benchmarks.search_page import Page, Sets, profiled

WARMED, WORKED = 10, 10
"""How often the queries are asked before the server's work is counted, which has its compiler's in it at first, and
while it is."""
INDEXES = {False: "peer-english", True: "peer-chinese"}
"""The opponent's indexes: with the standard analyzer, and with the one for Chinese."""


def measure(peers: Path, folder: Path, url: str, engine: str, other: str, pid: int) -> dict[str, Any]:
    """p50 and p95 of each class of queries on each side, ways to the cluster, where our client's time goes."""
    sys.path.insert(0, str(peers))
    peer, common = importlib.import_module("opensearch_page"), importlib.import_module("common")
    client = peer.connect(url)
    searchers = {name: Searcher(open_engine(address, folder)) for name, address in (("ours", engine), ("es", other))}
    rows, classes, ways = list(common.documents(folder / CORPUS, PEER_FACETS)), {}, {}
    work: dict[str, dict[str, float]] = {}
    for chinese, index in INDEXES.items():
        print(f"  the page, {index} ...", file=sys.stderr, flush=True)
        peer.load(client, index, rows, PEER_FACETS, chinese)
        sets = {name: texts for name, texts in seeded(peers, folder / CORPUS, chinese).items() if name in MODES}
        ways |= counted(searchers["ours"], sets)
        pages = {"peer": peer.open_page(client, index, PEER_FACETS)}
        pages |= {name: our_page(searcher) for name, searcher in searchers.items()}
        classes |= compared(common, pages, sets)
        sides = {
            "peer": partial(peer.open_page, client, index, PEER_FACETS),
            "ours": partial(_as_new, engine, folder),
        }
        for name, texts in sets.items():
            work[name] = {side: worked(made, texts, MODES[name], pid) for side, made in sides.items()}
    english = seeded(peers, folder / CORPUS)
    where = hottest(profiled(our_page(searchers["ours"]), english))
    return {"documents": len(rows), "classes": classes, "ways": ways, "server_ms": work, "where": where}


def _as_new(engine: str, folder: Path) -> Page:
    """Our page, which remembers nothing yet."""
    return our_page(Searcher(open_engine(engine, folder)))


def worked(made: Callable[[], Page], texts: Sequence[str], mode: str, pid: int) -> float:
    """Milliseconds of processor time that a process takes for a page, on average."""
    begun = 0.0
    for at in range(WARMED + WORKED):
        begun = _processor_ms(pid) if at == WARMED else begun
        page = made()
        for text in texts:
            page(text, mode)
    return round((_processor_ms(pid) - begun) / (WORKED * len(texts)), 2)


def _processor_ms(pid: int) -> float:
    """What a process has worked, in steps of 10 ms."""
    said = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(said[11]) + int(said[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def counted(searcher: Searcher, sets: Sets) -> dict[str, float]:
    """Ways to the cluster for one page, on average over the queries of a class."""
    page, found, sent = our_page(searcher), {}, Index._sent
    for name, texts in sets.items():
        made: list[int] = []

        def noted(index: Index, lines: bytes, made: list[int] = made) -> Any:
            made.append(len(lines))
            return sent(index, lines)

        Index._sent = noted  # type: ignore[method-assign, assignment]
        try:
            for text in texts:
                page(text, MODES[name])
        finally:
            Index._sent = sent  # type: ignore[method-assign]
        found[name] = round(len(made) / len(texts), 2) if texts else fmean([0])
    return found


if __name__ == "__main__":
    print(
        json.dumps(measure(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:6], int(sys.argv[6])), ensure_ascii=False)
    )
