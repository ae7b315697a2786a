"""The search page over a large archive, in process, against the fixed opponent: English, Chinese, facets, everything.

usage: python -m tests.benchmarks.finding_page PEERS WORKSPACE SMALL      prints one JSON line

WORKSPACE holds what `finding_corpus` wrote, SMALL the same archive once, which growth is judged against.
"""

from __future__ import annotations

import datetime as dt
import importlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import orjson
import tantivy

from indexer.engines import open_engine
from indexer.fields import FACETS
from indexer.plan import Plan, Term, rights_of
from indexer.query import Query
from indexer.search import Searcher
from mappings.access import ANONYMOUS
from mappings.text import fold, is_han
from tests.benchmarks.finding_corpus import CORPUS, PEER_FACETS
from tests.benchmarks.rows import hottest
from tests.benchmarks.search_page import MODE, Page, Sets, equal_totals, profiled

MODES = {**MODE, "zh": "phrase"}
ROUNDS = 3
SCANNED = 40
"""Chinese queries that are looked for in every text."""
WIDE = 12
"""Queries with the most hits, whose facets are followed."""
SINGLE_LAYER = "peer-english"


def our_page(searcher: Searcher) -> Page:
    """`page(text, mode)` of the peers' protocol: Chinese is a phrase as it is typed."""

    def page(text: str, mode: str) -> dict[str, Any]:
        typed = f'"{text}"' if mode == "phrase" and not is_han(text) else text
        return searcher.search(Query(typed), ANONYMOUS)

    return page


class Opponents:
    """The opponents' programs, with their indexes of the archive."""

    def __init__(self, peers: Path, workspace: Path) -> None:
        sys.path.insert(0, str(peers))
        self.page = importlib.import_module("tantivy_page")
        self.common = importlib.import_module("common")
        self._peers, self._workspace = peers, workspace

    def queries(self, chinese: bool = False) -> Sets:
        """The opponents' seeded queries."""
        return seeded(self._peers, self._workspace / CORPUS, chinese)

    def open(self, name: str, chinese: bool = False) -> Page:
        """The opponent's page over its index, built now unless it is there."""
        folder = str(self._workspace / name)
        if not (self._workspace / name / "meta.json").exists():
            self.page.build(str(self._workspace / CORPUS), folder, PEER_FACETS, chinese)
        page: Page = self.page.open_page(folder, PEER_FACETS, chinese)[1]
        return page


def seeded(peers: Path, corpus: Path, chinese: bool = False, seed: int = 7) -> Sets:
    """Queries drawn from the titles of a corpus."""
    options = ["--seed", str(seed), *(["--chinese"] if chinese else [])]
    command = [sys.executable, str(peers / "make_queries.py"), str(corpus), *options]
    sets: Sets = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return sets


def measure(peers: Path, workspace: Path, small: Path) -> dict[str, Any]:
    """Everything, as `tests.benchmarks.finding` reads it."""
    searcher = Searcher(open_engine("tantivy:index", workspace))
    ours, opponents = our_page(searcher), Opponents(peers, workspace)
    classes: dict[str, Any] = {}
    english, chinese = opponents.queries(), opponents.queries(chinese=True)
    for name, sets, is_chinese in ((SINGLE_LAYER, english, False), ("peer-chinese", chinese, True)):
        pages = {"peer": opponents.open(name, is_chinese), "ours": ours}
        classes |= compared(opponents.common, pages, sets)
    wide = widest(searcher, english["short"])
    return {
        "documents": searcher.search(Query("*"), ANONYMOUS)["total"],
        "classes": classes,
        "where": hottest(profiled(ours, english)),
        "substrings": substrings(searcher, workspace / CORPUS, chinese["zh"][:SCANNED]),
        "facets": followed(searcher, wide),
        "everything": everything(searcher, workspace / SINGLE_LAYER),
        "growth": growth(ours, Searcher(open_engine("tantivy:index", small)), {**english, **chinese}),
        "index_bytes": {"ours": bytes_of(workspace / "index"), "single_layer": bytes_of(workspace / SINGLE_LAYER)},
    }


def compared(common: Any, pages: dict[str, Page], sets: Sets) -> dict[str, Any]:
    """Figures of both sides for each class, taking turns; and for those queries that find as many on both sides."""
    common.MODES.update({name: (MODES[name],) for name in sets})
    alike = equal_totals(pages, sets, MODES)
    common.MODES.update({f"{name}, equal": (MODES[name],) for name in sets})
    figures = common.interleave(pages, {**sets, **alike}, ROUNDS)
    return {name.rpartition("/")[0]: {side: figures[side][name] for side in pages} for name in figures["ours"]}


def took(ask: Callable[[], object]) -> float:
    """Milliseconds, the median of a few."""
    times = []
    for _ in range(ROUNDS):
        begun = perf_counter()
        ask()
        times.append(perf_counter() - begun)
    return median(times) * 1e3


def widest(searcher: Searcher, texts: Sequence[str]) -> list[str]:
    """The queries with the most hits."""
    totals = {text: searcher.search(Query(text), ANONYMOUS)["total"] for text in texts}
    return sorted(totals, key=lambda text: -totals[text])[:WIDE]


def followed(searcher: Searcher, texts: Sequence[str]) -> dict[str, dict[str, float]]:
    """For each facet: milliseconds of the page, and of the page limited to the facet's first value, summed over
    queries."""
    found = {name: {"page": 0.0, "limited": 0.0} for name in FACETS}
    for text in texts:
        values = searcher.search(Query(text), ANONYMOUS)["facets"]
        for name in FACETS:
            if values[name]:
                limited = Query(text, {name: (values[name][0]["value"],)})
                searcher.search(limited, ANONYMOUS)
                found[name]["page"] += took(partial(searcher.search, Query(text), ANONYMOUS))
                found[name]["limited"] += took(partial(searcher.search, limited, ANONYMOUS))
    return {name: {key: round(value, 2) for key, value in sums.items()} for name, sums in found.items() if sums["page"]}


def everything(searcher: Searcher, peer: Path) -> dict[str, float]:
    """The page of everything: ours, and a raw page of the opponent's index whose facet tables are kept."""
    index = tantivy.Index.open(str(peer))
    raw, query = index.searcher(), tantivy.Query.all_query()
    wanted = {name: {"terms": {"field": f"facet_{name}", "size": 20, "segment_size": 65_000}} for name in PEER_FACETS}
    kept = raw.aggregate(query, wanted)

    def cached() -> dict[str, Any]:
        found = raw.search(query, 20, count=True)
        hits = [orjson.loads(raw.doc(address).get_first("doc") or b"") for _, address in found.hits]
        counts = {name: [(b["key"], b["doc_count"]) for b in table["buckets"]] for name, table in kept.items()}
        return {"hits": hits, "facets": counts}

    searcher.search(Query("*"), ANONYMOUS)
    times = [(took(partial(searcher.search, Query("*"), ANONYMOUS)), took(cached)) for _ in range(7)]
    return {"ours": round(median(ours for ours, _ in times), 2), "peer": round(median(raw for _, raw in times), 2)}


def growth(ours: Page, small: Searcher, sets: Sets) -> dict[str, Any]:
    """p50 and p95 of each class in both sizes, asked in turns."""
    pages, found = {"large": ours, "small": our_page(small)}, {}
    for name, texts in sets.items():
        times: dict[str, list[float]] = {size: [] for size in pages}
        for text in texts:
            for size, page in pages.items():
                page(text, MODES[name])
                times[size].append(took(partial(page, text, MODES[name])))
        found[name] = {size: quantiles(values) for size, values in times.items()}
    return found


def quantiles(values: Sequence[float]) -> dict[str, float]:
    """p50 and p95, as the opponents have them."""
    ordered = sorted(values)
    places = {"p50": int(0.5 * len(ordered)), "p95": min(len(ordered) - 1, int(0.95 * len(ordered)))}
    return {name: round(ordered[place], 3) for name, place in places.items()}


def substrings(searcher: Searcher, corpus: Path, texts: Sequence[str]) -> dict[str, Any]:
    """Of Chinese strings: the share of resources holding one that the search finds, whichever way it is written; and
    of what `="..."` finds the share that holds it as it is typed."""
    folded, holding = [fold(text) for text in texts], [set[str]() for _ in texts]
    for identifier, raw in scanned(corpus):
        whole = fold(raw)
        for found, text in zip(holding, folded, strict=True):
            if text in whole:
                found.add(identifier)
    right = {"held": 0, "found": 0, "exact": 0, "exact_right": 0}
    for text, held in zip(texts, holding, strict=True):
        ids = set(everyone(searcher, text))
        right["held"] += len(held)
        right["found"] += len(held & ids)
        exact = searcher.search(Query(f'="{text}"', size=100), ANONYMOUS)["hits"]
        right["exact"] += len(exact)
        right["exact_right"] += sum(holds(searcher, hit["id"], text) for hit in exact)
    return right


def scanned(corpus: Path) -> Iterator[tuple[str, str]]:
    """Id of the resource and text of every field of every document, where there is Chinese in it."""
    with corpus.open("rb") as lines:
        for line in lines:
            document = orjson.loads(line)
            identifier, slash, _ = document["id"].partition("/")
            fields = [document["text"]] if slash else [document["title"], document["text"], *document["path"]]
            if not all(map(str.isascii, fields)):
                yield identifier, "\n".join(fields)


def everyone(searcher: Searcher, text: str) -> Iterator[str]:
    """Ids of all hits of a Chinese string, without facets and highlights."""
    plan = Plan(rights_of(ANONYMOUS, dt.date.today()), Term(text, fold(text)), size=100_000, pages_per_hit=0)
    return (hit.stored["id"] for hit in searcher.engine.search(plan).hits)


def holds(searcher: Searcher, identifier: str, text: str) -> bool:
    """Does a resource, or one of its pages, hold a string exactly?"""
    rights = rights_of(ANONYMOUS, dt.date.today())
    stored = searcher.engine.get(identifier, rights)
    if stored is not None and text in stored["full"].decode():
        return True
    numbers = searcher.matching_pages(identifier, text, ANONYMOUS)
    pages = (searcher.engine.page(identifier, number, rights) for number in numbers)
    return any(page is not None and text in page["page"]["text"] for page in pages)


def bytes_of(folder: Path) -> int:
    """Bytes of the files in a folder."""
    return sum(file.stat().st_size for file in folder.iterdir() if file.is_file())


if __name__ == "__main__":
    print(json.dumps(measure(*map(Path, sys.argv[1:4])), ensure_ascii=False))
