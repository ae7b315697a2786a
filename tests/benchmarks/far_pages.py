"""Pages far behind the first of many hits, folding, groups and a chosen facet, each against the plain first page.

usage: python -m tests.benchmarks.far_pages FOLDER RESOURCES      fills an index in FOLDER, prints one JSON line

The index holds short descriptions, five thousand words varied in number as Zipf has it, in fonds of a thousand; every
tenth file holds letters that differ by their numbers only. `common` finds every one of them.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from indexer.documents import documents
from indexer.engines.base import Engine
from indexer.engines.tantivy_engine import TantivyEngine
from indexer.query import Query
from indexer.resource import Member, Resource, mint
from indexer.search import Searcher
from mappings.access import ANONYMOUS, effective
from mappings.record import Ancestor, Dates, Name, Record
from tests.benchmarks.rows import Row, in_turns, middle

WORDS = 5_000
PER_FONDS = 1_000
PER_FILE = 50
LEVELS = ("file", "item", "series")
ROUNDS = 15
RESOURCES = 500_000


def records(count: int) -> Iterator[Record]:
    """So many short descriptions; the same ones each time."""
    chance = random.Random(1)
    words = [f"w{n}" for n in range(WORDS)]
    weights = [1 / (n + 1) for n in range(WORDS)]
    for n in range(count):
        file = n // PER_FILE
        above = (Ancestor(f"f{n // PER_FONDS}", f"Papers {n // PER_FONDS}"), Ancestor(f"v{file}", f"Volume {file}"))
        said = chance.choices(words, weights, k=12)
        title = f"Common letter {n}" if file % 10 == 0 else f"Common {' '.join(said[:4])}"
        yield Record(
            f"r{n}",
            title,
            level=LEVELS[n % 3],
            reference_code=f"C-{n}",
            dates=Dates(str(1800 + n % 150), 1800 + n % 150, 1800 + n % 150),
            names=(Name(said[0], "subject", "subject"),),
            description={"note": " ".join(said)},
            ancestors=above,
            position=n,
        )


def fill(engine: Engine, count: int) -> None:
    """Index so many resources in one commit."""
    writer = engine.writer()
    for record in records(count):
        member = Member("s", "Source", record, effective(record.access, "open"))
        writer.add(documents(Resource(mint("s", record.source_id), (member,)), mint))
    writer.commit(1)
    writer.close()


def measure(searcher: Searcher) -> list[Row]:
    """The rows: each kind of page and the plain page it is compared with, in turns."""
    total = searcher.search(Query("common", size=0), ANONYMOUS)["total"]
    last, plain = (total - 1) // 20 * 20, Query("common")
    few = "w20 w30"
    kinds: dict[str, tuple[Query, Query, float | None]] = {
        "page 1,000 of all hits": (Query("common", offset=999 * 20), plain, 2),
        "last page of all hits": (Query("common", offset=last), plain, 3),
        "last page by date": (Query("common", sort="date", offset=last), plain, None),
        "last page by code": (Query("common", sort="reference_code", offset=last), plain, None),
        "folded page, nothing alike": (Query(few, folded=True), Query(few), 1.1),
        "folded page, most alike": (Query("common", folded=True), plain, None),
        "page of fonds": (Query("common", group="fonds"), plain, None),
        "a facet's filter set": (Query("w20", {"level": ("file",)}), Query("w20"), 1.2),
        "filters of two facets set": (Query("w20", {"level": ("file",), "decade": ("1850",)}), Query("w20"), 1.2),
    }
    return [_row(searcher, f"{name}, {total:,} resources", *pair) for name, pair in kinds.items()]


def _row(searcher: Searcher, name: str, ours: Query, plain: Query, goal: float | None) -> Row:
    times = in_turns({"ours": lambda: _timed(searcher, ours), "plain": lambda: _timed(searcher, plain)}, ROUNDS)
    return Row(name, "ms", middle(times["ours"]), middle(times["plain"]), goal=goal)


def _timed(searcher: Searcher, query: Query) -> float:
    """Milliseconds."""
    begun = perf_counter()
    searcher.search(query, ANONYMOUS)
    return (perf_counter() - begun) * 1e3


def rows(work: Path, count: int = RESOURCES) -> list[Row]:
    """The rows over a new index in a folder, or over the one that is there."""
    engine = TantivyEngine(work)
    if engine.store_version() is None:
        fill(engine, count)
    return measure(Searcher(engine))


if __name__ == "__main__":
    print(json.dumps([row.to_json() for row in rows(Path(sys.argv[1]), int(sys.argv[2]))]))
