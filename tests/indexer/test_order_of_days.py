"""Sorting by date goes by days where they are known, on every engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.engines.base import Engine
from indexer.engines.memory import MemoryEngine
from indexer.engines.tantivy_engine import TantivyEngine
from indexer.query import Query
from indexer.search import Searcher
from mappings.access import ANONYMOUS
from mappings.dates import dated
from mappings.record import Record
from tests.indexer.corpus import fill, member, resource

IN_ORDER = (
    "2nd century BCE", "44 BCE", "1901", "1 February 1901", "1-3 February 1901", "3 February 1901", "光緒二十七年五月",
    "December 1901", "1902", "1902-1905",
)  # fmt: skip


@pytest.mark.parametrize("kind", ["memory", "tantivy"])
def test_days_come_in_their_order(kind: str, tmp_path: Path) -> None:
    engine: Engine = MemoryEngine() if kind == "memory" else TantivyEngine(tmp_path / "index")
    records = [Record(f"{at:02}", text, dates=dated(text)) for at, text in enumerate(reversed(IN_ORDER))]
    fill(engine, tuple(resource(member("s", record)) for record in records))
    hits = Searcher(engine).search(Query("*", sort="date", size=100), ANONYMOUS)["hits"]
    assert [hit["title"] for hit in hits] == list(IN_ORDER)
