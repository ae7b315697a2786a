"""Pages far behind the first of many hits, folding, groups and a chosen facet, each against the plain first page.

usage: python -m tests.benchmarks.far_pages FOLDER RESOURCES      fills an index in FOLDER, prints one JSON line

The index holds short descriptions, five thousand words varied in number as Zipf has it, in fonds of a thousand; every
tenth file holds letters that differ by their numbers only. `common` finds every one of them.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from indexer.documents import documents
from indexer.engines.base import Engine
from indexer.engines.tantivy_engine import TantivyEngine
from indexer.query import Query
from indexer.resource import Member, Resource, mint
from indexer.search import Searcher
from mappings.access import ANONYMOUS, effective
from mappings.record import Ancestor, Dates, Name, Record

WORDS = 5_000
PER_FONDS = 1_000
PER_FILE = 50
LEVELS = ("file", "item", "series")
ROUNDS = 15


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


def timed(ask: Callable[[], Any]) -> float:
    """Milliseconds, the median of some rounds."""
    taken = []
    for _ in range(ROUNDS):
        begun = perf_counter()
        ask()
        taken.append((perf_counter() - begun) * 1e3)
    return round(median(taken), 2)


def pages(searcher: Searcher) -> dict[str, float]:
    """What each kind of page takes, in milliseconds."""
    total = searcher.search(Query("common", size=0), ANONYMOUS)["total"]
    kinds = {
        "first": Query("common"),
        "1,000th": Query("common", offset=999 * 20),
        "last": Query("common", offset=(total - 1) // 20 * 20),
        "last by date": Query("common", sort="date", offset=(total - 1) // 20 * 20),
        "first, folded": Query("common", folded=True),
        "second, folded": Query("common", folded=True, offset=20),
        "first of nothing alike": Query("w20 w30"),
        "first of nothing alike, folded": Query("w20 w30", folded=True),
        "by fonds": Query("common", group="fonds"),
        "one level": Query("common", {"level": ("file",)}),
        "one level and its decade": Query("common", {"level": ("file",), "decade": ("1850",)}),
    }
    taken = {name: timed(lambda query=query: searcher.search(query, ANONYMOUS)) for name, query in kinds.items()}  # type: ignore[misc]
    return {"total": total, **taken}


if __name__ == "__main__":
    engine = TantivyEngine(Path(sys.argv[1]))
    if engine.store_version() is None:
        fill(engine, int(sys.argv[2]))
    print(json.dumps(pages(Searcher(engine))))
