"""The search page in process against the fixed opponent `tantivy_page.py`: same documents, same facets, taking
turns query by query.

usage: python -m tests.benchmarks.search_page PEERS EAD_FOLDER      prints one JSON line

The opponent parses, searches, counts 13 facets and highlights; ours does the same and applies rights, stems, folds,
expands to two
layers, looks for pages, says what is available, and fills the contract's answer. Its thirteenth facet is our histogram.
"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import tempfile
from base64 import b64decode
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import orjson

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

LIMIT = {"p50": 1.4, "p95": 1.4, "visible": 2.0}
Page = Callable[[str, str], dict[str, Any]]


def resources(folder: Path) -> Iterator[Resource]:
    """One resource a record, as an unlinked source gives them."""
    reader = mapping("ead", MappingOptions())
    for item in connector("folder", {"path": str(folder)}, folder).read(None):
        for outcome in reader.records([item]):
            if isinstance(outcome, Record):
                yield Resource(
                    mint("ead", outcome.source_id), (Member("ead", "EAD", outcome, effective(outcome.access, "open")),)
                )


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
    """`page(text, mode)` of the peers' protocol; `or` is left out, since our box has no such mode."""

    def page(text: str, mode: str) -> dict[str, Any]:
        return searcher.search(Query(f'"{text}"' if mode == "phrase" else text), ANONYMOUS)

    return page


def run(peers: Path, folder: Path) -> dict[str, Any]:
    """Ratios ours : opponent of p50 and p95 for each class of queries, and of making one change visible."""
    sys.path.insert(0, str(peers))
    peer, common = importlib.import_module("tantivy_page"), importlib.import_module("common")
    common.MODES.update(short=("and",), long=("and",))
    with tempfile.TemporaryDirectory() as place:
        searcher, corpus = build(folder, Path(place))
        asked = json.loads(
            subprocess.run(
                [sys.executable, str(peers / "make_queries.py"), str(corpus)], check=True, capture_output=True
            ).stdout
        )
        facets = (*FACETS, "histogram")
        peer.build(str(corpus), f"{place}/peer", facets)
        index, page = peer.open_page(f"{place}/peer", facets)
        figures = common.interleave({"peer": page, "ours": our_page(searcher)}, asked)
        rows = {
            name: {key: round(figures["ours"][name][key] / figures["peer"][name][key], 2) for key in ("p50", "p95")}
            | {"ours_ms": figures["ours"][name]["p50"], "peer_ms": figures["peer"][name]["p50"]}
            | {"ours_hits": figures["ours"][name]["hits_median"], "peer_hits": figures["peer"][name]["hits_median"]}
            for name in figures["ours"]
        }
        return {
            "bench": "search_page",
            "documents": searcher.search(Query("*"), ANONYMOUS)["total"],
            "classes": rows,
            **visible(searcher, index),
        }


def visible(searcher: Searcher, peer_index: Any) -> dict[str, float]:
    """Milliseconds from replacing one resource to finding it, ours and a raw commit of the same library, in turns."""
    ours, raw = [], []
    writer = searcher.engine.writer()
    peer_writer = peer_index.writer(128_000_000, 1)
    import tantivy

    for turn in range(15):
        probe = f"probe{turn}x"
        record = Record(f"probe-{turn}", probe)
        begun = perf_counter()
        resource = Resource(mint("ead", record.source_id), (Member("ead", "EAD", record, effective(None, "open")),))
        writer.delete([resource.id])
        writer.add(documents(resource, mint))
        writer.commit(turn + 2)
        assert searcher.search(Query(probe), ANONYMOUS)["total"] == 1
        ours.append(perf_counter() - begun)
        begun = perf_counter()
        peer_writer.delete_documents_by_term("id", probe)
        document = tantivy.Document()
        document.add_text("id", probe)
        document.add_text("title", probe)
        peer_writer.add_document(document)
        peer_writer.commit()
        peer_index.reload()
        assert peer_index.searcher().search(tantivy.Query.term_query(peer_index.schema, "title", probe), 1).count == 1
        raw.append(perf_counter() - begun)
    writer.close()
    peer_writer.wait_merging_threads()
    return {
        "visible_ratio": round(median(ours) / median(raw), 2),
        "visible_ms": round(median(ours) * 1e3, 1),
        "raw_commit_ms": round(median(raw) * 1e3, 1),
    }


if __name__ == "__main__":
    print(json.dumps(run(Path(sys.argv[1]), Path(sys.argv[2])), ensure_ascii=False))
