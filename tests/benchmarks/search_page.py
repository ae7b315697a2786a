"""The search page in process against the fixed opponent `tantivy_page.py`: same documents, same facets, taking turns
query by query; and one change made visible against a raw commit of the same library.

usage: python -m tests.benchmarks.search_page PEERS EAD_FOLDER      prints one JSON line

The opponent parses, searches, counts 13 facets and highlights; ours does the same and applies rights, stems, folds,
expands to two layers, looks for pages, says what is available, and fills the contract's answer. Its thirteenth facet is
our histogram. Ours stems, so it finds more; the classes marked "equal" hold only the queries that find as many on both
sides.
"""

from __future__ import annotations

import cProfile
import importlib
import json
import subprocess
import sys
import tempfile
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import orjson
import tantivy

from connectors.base import RawItem
from connectors.registry import connector
from indexer.documents import documents
from indexer.engines import open_engine
from indexer.fields import FACETS, facet_field
from indexer.query import Query
from indexer.resource import Member, Resource, mint
from indexer.search import Searcher
from mappings.access import ANONYMOUS, effective
from mappings.base import MappingOptions
from mappings.record import Record
from mappings.registry import mapping
from tests.benchmarks.rows import Row, hottest

GOAL = 1.4
VISIBLE_GOAL = 2.0
CHANGES = 15
MODE = {"short": "and", "long": "and", "phrase": "phrase"}
"""The mode of each set of queries; `or` is left out, since our box has no such mode."""
Page = Callable[[str, str], dict[str, Any]]
Sets = dict[str, list[str]]


def rows(document: dict[str, Any]) -> list[Row]:
    """The rows of what this program printed."""
    made = []
    for name, figures in document["classes"].items():
        judged = not name.endswith("equal")
        for key in ("p50", "p95"):
            made.append(
                Row(
                    f"search page, {name}, {key}",
                    "ms",
                    figures["ours"][key],
                    figures["peer"][key],
                    goal=GOAL if judged else None,
                    detail={
                        "queries": figures["ours"]["n"],
                        "hits_median": figures["ours"]["hits_median"],
                        "peer_hits_median": figures["peer"]["hits_median"],
                    },
                    where=document["where"] if judged else [],
                )
            )
    visible = document["visible"]
    made.append(Row("one changed record visible", "ms", visible["ours"], visible["peer"], goal=VISIBLE_GOAL))
    return made


def resources(folder: Path) -> Iterator[Resource]:
    """One resource a record, as an unlinked source gives them."""
    reader = mapping("ead", MappingOptions())
    items = connector("folder", {"path": str(folder)}, folder).read(None)
    outcomes = (outcome for item in items if isinstance(item, RawItem) for outcome in reader.records([item]))
    for record in outcomes:
        if isinstance(record, Record):
            member = Member("ead", "EAD", record, effective(record.access, "open"))
            yield Resource(mint("ead", record.source_id), (member,))


def build(folder: Path, target: Path) -> tuple[Searcher, Path]:
    """Our index, and the same documents as the opponent's JSON Lines."""
    engine = open_engine("tantivy:index", target)
    writer, corpus = engine.writer(), target / "corpus.jsonl"
    with corpus.open("wb") as out:
        for resource in resources(folder):
            made = documents(resource, mint)
            writer.add(made)
            for document in made[:1]:
                out.write(peer_document(orjson.loads(document)) + b"\n")
    writer.commit(1)
    writer.close()
    return Searcher(engine), corpus


def peer_document(document: dict[str, Any]) -> bytes:
    """The opponent's fields: id, title, text, path and the facets."""
    hit = orjson.loads(b64decode(document["hit"]))
    facets = {name: document.get(facet_field(name), []) for name in FACETS}
    path = [ancestor["title"] for ancestor in hit["ancestors"]]
    return orjson.dumps(
        {
            "id": hit["id"],
            "title": hit["title"],
            "text": hit["text"],
            "path": path,
            **facets,
            "histogram": facets["decade"],
        }
    )


def our_page(searcher: Searcher) -> Page:
    """`page(text, mode)` of the peers' protocol."""

    def page(text: str, mode: str) -> dict[str, Any]:
        return searcher.search(Query(f'"{text}"' if mode == "phrase" else text), ANONYMOUS)

    return page


def run(peers: Path, folder: Path) -> dict[str, Any]:
    """Figures of both sides for each class of queries, where our time goes, and what one change costs."""
    sys.path.insert(0, str(peers))
    peer, common = importlib.import_module("tantivy_page"), importlib.import_module("common")
    with tempfile.TemporaryDirectory() as place:
        searcher, corpus = build(folder, Path(place))
        facets = (*FACETS, "histogram")
        peer.build(str(corpus), f"{place}/peer", facets)
        index, page = peer.open_page(f"{place}/peer", facets)
        pages, sets = {"peer": page, "ours": our_page(searcher)}, asked(peers, corpus)
        alike = equal_totals(pages, sets)
        common.MODES.update({name: (mode,) for name, mode in MODE.items()})
        common.MODES.update({f"{name}, equal": (mode,) for name, mode in MODE.items()})
        figures = common.interleave(pages, {**sets, **alike})
        return {
            "documents": searcher.search(Query("*"), ANONYMOUS)["total"],
            "classes": {
                name.rpartition("/")[0]: {side: figures[side][name] for side in pages} for name in figures["ours"]
            },
            "where": hottest(profiled(pages["ours"], sets)),
            "visible": visible(searcher, index),
        }


def asked(peers: Path, corpus: Path) -> Sets:
    """The opponent's seeded queries."""
    command = [sys.executable, str(peers / "make_queries.py"), str(corpus)]
    sets: Sets = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return sets


def equal_totals(pages: dict[str, Page], sets: Sets, modes: Mapping[str, str] = MODE) -> Sets:
    """Of each set the queries that find as many on all sides, so that like is compared with like."""
    return {
        f"{name}, equal": [
            text for text in texts if len({page(text, modes[name])["total"] for page in pages.values()}) == 1
        ]
        for name, texts in sets.items()
    }


def profiled(page: Page, sets: Sets) -> cProfile.Profile:
    """One round of all queries under the profiler."""
    profile = cProfile.Profile()
    for name, texts in sets.items():
        for text in texts:
            profile.runcall(page, text, MODE[name])
    return profile


def visible(searcher: Searcher, peer_index: Any) -> dict[str, float]:
    """Milliseconds from replacing one resource to finding it, ours and a raw commit of the same library, in turns."""
    writer, peer_writer = searcher.engine.writer(), peer_index.writer(128_000_000, 1)
    taken: dict[str, list[float]] = {"ours": [], "peer": []}
    for turn in range(CHANGES):
        word = f"probe{turn}x"
        begun = perf_counter()
        replace(searcher, writer, word, turn)
        between = perf_counter()
        replace_raw(peer_index, peer_writer, word)
        taken["ours"].append(between - begun)
        taken["peer"].append(perf_counter() - between)
    writer.close()
    peer_writer.wait_merging_threads()
    return {side: round(median(seconds) * 1e3, 2) for side, seconds in taken.items()}


def replace(searcher: Searcher, writer: Any, word: str, turn: int) -> None:
    """Put a record into our index and find it."""
    record = Record(f"probe-{turn}", word)
    resource = Resource(mint("ead", record.source_id), (Member("ead", "EAD", record, effective(None, "open")),))
    writer.delete([resource.id])
    writer.add(documents(resource, mint))
    writer.commit(turn + 2)
    assert searcher.search(Query(word), ANONYMOUS)["total"] == 1


def replace_raw(index: Any, writer: Any, word: str) -> None:
    """The same with the bare library."""
    writer.delete_documents_by_term("id", word)
    document = tantivy.Document()
    document.add_text("id", word)
    document.add_text("title", word)
    writer.add_document(document)
    writer.commit()
    index.reload()
    assert index.searcher().search(tantivy.Query.term_query(index.schema, "title", word), 1).count == 1


if __name__ == "__main__":
    print(json.dumps(run(Path(sys.argv[1]), Path(sys.argv[2])), ensure_ascii=False))
