"""What rights cost on a search page: an archive of which half is not for everybody, and the same archive from which
that half was never there, asked as an anonymous reader in turns, query by query.

usage: python -m tests.benchmarks.rights PEERS DATA      prints one JSON line

It also measures whether time tells: what is answered to the id of a resource one may not know of, and to a word that
stands in such resources alone, beside an id and a word that are nowhere.

Every fourth resource is for staff only, every fourth other one is closed, with the texts of its pages. Where they were
never there, the first are missing and the pages of the second are empty. Both give the same answers, which is looked at
before anything is timed; so the difference is what keeping the rest back costs.
"""

from __future__ import annotations

import importlib
import json
import random
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from itertools import count, islice
from pathlib import Path
from statistics import median
from time import thread_time
from typing import Any

from msgspec import structs

from indexer.documents import documents
from indexer.engines import open_engine
from indexer.query import Query
from indexer.resource import Resource, mint
from indexer.search import Searcher
from mappings.access import ANONYMOUS, Access
from mappings.record import Page, Record
from mappings.text import fold, runs
from tests.benchmarks.finding_corpus import peer_documents, resources
from tests.benchmarks.finding_page import MODES, our_page, seeded
from tests.benchmarks.rows import Row, hottest
from tests.benchmarks.search_page import Page as Ask
from tests.benchmarks.search_page import Sets, profiled

GOAL = 1.25
TOLD_APART = 1.1
ASKED = 200
ROUNDS = 7
PAGES = 20_000
EVERY = 4
INTERNAL, CLOSED = 1, 3
"""Of each `EVERY` resources these are for staff only, and closed."""


class Unlike(Exception):
    """The two archives answer a query differently: one of them tells what it must not."""


def rows(document: dict[str, Any]) -> list[Row]:
    """The rows of what this program printed."""
    made = []
    for name, figures in document["classes"].items():
        ours, without = figures["rights"], figures["without"]
        detail = {"resources": document["resources"], "queries": ours["n"], "hits_median": ours["hits_median"]}
        detail["cpu_ms"] = [ours["cpu_ms"], without["cpu_ms"]]
        for key in ("p50", "p95"):
            title = f"search page with rights, {name}, {key}"
            made.append(Row(title, "ms", ours[key], without[key], goal=GOAL, detail=detail, where=document["where"]))
    for what, (hidden, nowhere) in document["told_apart"].items():
        made.append(Row(f"{what} one may not know of, to one that is nowhere", "ms", hidden, nowhere, goal=TOLD_APART))
    return made


def run(peers: Path, data: Path) -> dict[str, Any]:
    """Figures of both archives for each class of queries, and where the time goes."""
    sys.path.insert(0, str(peers))
    common = importlib.import_module("common")
    with tempfile.TemporaryDirectory(prefix="rights-") as place:
        folder = Path(place)
        made, pages, hidden = build(data, folder)
        sets = {**seeded(peers, folder / "corpus.jsonl"), **seeded(peers, folder / "corpus.jsonl", chinese=True)}
        sets = {name: sets[name] for name in MODES if name in sets}
        compare(pages, sets)
        common.MODES.update({name: (MODES[name],) for name in sets})
        figures = common.interleave(pages, sets, rounds=5)
        return {
            "resources": made,
            "classes": {
                name.rpartition("/")[0]: {side: figures[side][name] for side in pages} for name in figures["rights"]
            },
            "told_apart": told_apart(Searcher(open_engine("tantivy:rights", folder)), hidden),
            "where": hottest(profiled(pages["rights"], {name: sets[name] for name in sets if name != "zh"})),
        }


def build(data: Path, folder: Path) -> tuple[dict[str, int], dict[str, Ask], list[Resource]]:
    """Both indexes, and the queries' corpus: how many resources each has, and its page; some that are kept back."""
    engines = {side: open_engine(f"tantivy:{side}", folder) for side in ("rights", "without")}
    writers, made = {side: engine.writer() for side, engine in engines.items()}, dict.fromkeys(engines, 0)
    hidden: list[Resource] = []
    with (folder / "corpus.jsonl").open("wb") as corpus:
        for resource, seen in kept_back(resources(data, 1, PAGES)):
            for side, one in (("rights", resource), ("without", seen)):
                if one is not None:
                    writers[side].add(documents(one, mint))
                    made[side] += 1
            if seen is None:
                hidden.append(resource)
            else:
                corpus.writelines(peer_documents(documents(seen, mint)))
    for writer in writers.values():
        writer.commit(1)
        writer.close()
    return made, {side: our_page(Searcher(engine)) for side, engine in engines.items()}, hidden


def kept_back(archive: Iterator[Resource]) -> Iterator[tuple[Resource, Resource | None]]:
    """Each resource with its rights, and as it is where nothing is kept back; None where it was never there."""
    for number, one in zip(count(), archive, strict=False):
        part = number % EVERY
        if part == INTERNAL:
            yield _with(one, Access("internal")), None
        elif part == CLOSED:
            yield _with(one, Access("closed")), _with(one, Access("closed"), empty=True)
        else:
            yield one, one


def _with(one: Resource, access: Access, empty: bool = False) -> Resource:
    return structs.replace(
        one,
        members=tuple(
            structs.replace(member, access=access, record=_emptied(member.record) if empty else member.record)
            for member in one.members
        ),
    )


def _emptied(record: Record) -> Record:
    copies = (
        structs.replace(copy, pages=tuple(Page(page.number, "") for page in copy.pages)) for copy in record.copies
    )
    return structs.replace(record, copies=tuple(copies))


def told_apart(searcher: Searcher, hidden: Sequence[Resource]) -> dict[str, tuple[float, float]]:
    """Milliseconds of processor time for what is kept back and for what is nowhere, by what is asked."""
    ids = [one.id for one in random.Random(3).sample(hidden, ASKED)]
    words = list(islice(_words_of(searcher, hidden), ASKED))
    return {
        "an id": _taken(lambda one: searcher.resource(one, ANONYMOUS), ids, [one[:-4] + "zzzz" for one in ids]),
        "a word": _taken(lambda one: searcher.search(Query(one), ANONYMOUS), words, [one[::-1] + "q" for one in words]),
    }


def _words_of(searcher: Searcher, hidden: Sequence[Resource]) -> Iterator[str]:
    """Words of what is kept back that are found nowhere else."""
    seen: set[str] = set()
    for one in hidden:
        for word in runs(fold(one.members[0].record.title)):
            if len(word) > 4 and word.isascii() and word.isalpha() and word not in seen:
                seen.add(word)
                if not searcher.search(Query(word), ANONYMOUS)["total"]:
                    yield word


def _taken(ask: Callable[[str], object], hidden: Sequence[str], nowhere: Sequence[str]) -> tuple[float, float]:
    """The medians over what is asked, each its best of some rounds in turns."""
    best: dict[str, float] = {}
    for _ in range(ROUNDS):
        for one in (text for pair in zip(hidden, nowhere, strict=True) for text in pair):
            begun = thread_time()
            ask(one)
            best[one] = min(best.get(one, 1e9), (thread_time() - begun) * 1e3)
    first, second = (round(median(best[one] for one in texts), 4) for texts in (hidden, nowhere))
    return first, second


def compare(pages: dict[str, Ask], sets: Sets) -> None:
    """Both answer alike. Raises Unlike with the query that tells them apart."""
    for name, texts in sets.items():
        for text in texts:
            answers = [page(text, MODES[name]) for page in pages.values()]
            totals = [(answer["total"], answer["facets"], answer["histogram"]) for answer in answers]
            if totals[0] != totals[1]:
                raise Unlike(f"{name}: {text!r}")


if __name__ == "__main__":
    print(json.dumps(run(*(Path(given).resolve() for given in sys.argv[1:3])), ensure_ascii=False))
