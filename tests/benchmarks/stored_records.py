"""Records from the store, as they are shown while the engine is down: the first one, others, and pages of volumes.

usage: python -m tests.benchmarks.stored_records [RECORDS [VOLUMES]]

Ids are random, so that no file or row group can be left out by them; a volume has 500 pages of 250 words, each with its
box. One JSON document on standard output: milliseconds, and megabytes of memory beyond what the process had before.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from indexer.resource import mint
from mappings.access import ANONYMOUS
from mappings.record import Ancestor, Copy, Dates, Page, Record, Word, encode
from pipelines.record_store import RecordStore
from pipelines.stored_records import StoredRecords

RECORDS, VOLUMES, PAGES = 400_000, 40, 500
COMMITS, SOME, SEED = 20, 4_096, 20261126
VOCABULARY = [f"word{number}" for number in range(5_000)]
Key = tuple[str, str]


def main(records: int = RECORDS, volumes: int = VOLUMES) -> None:
    """Fill a store, ask it, tell."""
    with tempfile.TemporaryDirectory(prefix="bench-stored-") as folder:
        keys, owners = _fill(RecordStore(folder), records, volumes)
        print(json.dumps(_measured(RecordStore(folder), keys, owners), indent=1))


def _measured(store: RecordStore, keys: list[Key], volumes: list[Key]) -> dict[str, Any]:
    rng, stored, before = random.Random(SEED), StoredRecords(lambda: store), _memory()
    asked = [mint(*key) for key in rng.sample(keys, min(301, len(keys)))]
    found = {"first_record": _times([lambda: stored.resource(asked[0], ANONYMOUS)])}
    found["other_records"] = _times([lambda one=one: stored.resource(one, ANONYMOUS) for one in asked[1:]])  # type: ignore[misc]
    found["records_again"] = _times([lambda one=one: stored.resource(one, ANONYMOUS) for one in asked[-100:]])  # type: ignore[misc]
    owners = [mint(*key) for key in volumes]
    found["volumes"] = _times([lambda one=one: stored.resource(one, ANONYMOUS) for one in owners])  # type: ignore[misc]
    places = [(rng.choice(owners), rng.randint(1, PAGES)) for _ in range(60)]
    found["pages_anywhere"] = _times([lambda at=at: stored.page(*at, ANONYMOUS) for at in places])  # type: ignore[misc]
    found["pages_in_a_row"] = _times([lambda at=at: stored.page(owners[0], at, ANONYMOUS) for at in range(1, 101)])  # type: ignore[misc]
    return {"records": len(keys), "pages": len(volumes) * PAGES, "ms": found, "memory_mb": round(_memory() - before)}


def _times(calls: list[Callable[[], object]]) -> dict[str, float]:
    """p50 and p95 in milliseconds; each call has to find something."""
    taken = []
    for call in calls:
        begun = time.perf_counter()
        assert call() is not None
        taken.append((time.perf_counter() - begun) * 1e3)
    taken.sort()
    return {"p50": round(taken[len(taken) // 2], 1), "p95": round(taken[int(len(taken) * 0.95)], 1)}


def _memory() -> float:
    """Resident megabytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4_096 / 1e6


def _fill(store: RecordStore, records: int, volumes: int) -> tuple[list[Key], list[Key]]:
    """Records in several commits and row groups, a commit a volume: the keys of both."""
    rng = random.Random(SEED)
    keys: list[Key] = []
    for _ in range(COMMITS):
        with store.begin("bench") as commit:
            made = (_record(rng) for _ in range(records // COMMITS))
            while some := list(islice(made, SOME)):
                commit.add("record", _rows(some), "files")
                keys += [("files", record.source_id) for record in some]
            commit.commit()
    owners = [_volume(store, rng) for _ in range(volumes)]
    with store.begin("bench") as commit:
        for source in ("files", "scans"):
            commit.add("source", {"action": ["index"], "record": ['{"title": "", "access": "open"}']}, source)
        commit.commit()
    return keys, owners


def _record(rng: random.Random) -> Record:
    return Record(
        f"{rng.getrandbits(48):012x}",
        _text(rng, 8),
        level="file",
        reference_code=f"A-{rng.randrange(10**6)}",
        dates=Dates("1950", 1950, 1950),
        description={"scope_and_content": _text(rng, 90)},
        ancestors=(Ancestor("fonds", "Fonds"),),
    )


def _volume(store: RecordStore, rng: random.Random) -> Key:
    record = Record(f"{rng.getrandbits(48):012x}", "Volume", kind="digital", copies=(Copy(page_count=PAGES),))
    pages = [encode(page).decode() for page in _pages(rng)]
    own = {"item": [record.source_id] * PAGES, "source_id": [record.source_id] * PAGES, "action": ["index"] * PAGES}
    with store.begin("bench") as commit:
        commit.add("record", _rows([record]), "scans")
        commit.add("page", {**own, "page": list(range(1, PAGES + 1)), "copy": [0] * PAGES, "record": pages}, "scans")
        commit.commit()
    return "scans", record.source_id


def _pages(rng: random.Random) -> Iterator[Page]:
    for number in range(1, PAGES + 1):
        lines = [tuple(Word(_text(rng, 1), 9.0 * at, 9.0, 8.0, 8.0, 0.9) for at in range(10)) for _ in range(25)]
        text = "\n".join(" ".join(word.text for word in line) for line in lines)
        yield Page(number, text, image=f"{number}.jpg", width=1_000, height=2_000, lines=tuple(lines))


def _rows(records: list[Record]) -> dict[str, Any]:
    ids = [record.source_id for record in records]
    kinds = [record.kind for record in records]
    payloads = [encode(record).decode() for record in records]
    return {"item": ids, "source_id": ids, "action": ["index"] * len(ids), "record_kind": kinds, "record": payloads}


def _text(rng: random.Random, count: int) -> str:
    return " ".join(rng.choices(VOCABULARY, k=count))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
