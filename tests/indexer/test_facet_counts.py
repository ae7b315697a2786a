"""Counting by profile gives what counting one by one gives, either way and however many values there are."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.documents import documents, profile
from indexer.engines import facet_counts
from indexer.engines.base import Engine
from indexer.engines.facet_counts import Profiles
from indexer.engines.tantivy_engine import TantivyEngine
from indexer.fields import PROFILES
from indexer.plan import ranked
from indexer.query import Query
from indexer.resource import mint
from indexer.search import Searcher
from mappings.access import ANONYMOUS
from mappings.record import Name, Record
from tests.contracts.engine_contract import EngineContract
from tests.indexer.corpus import member
from tests.indexer.corpus import resource as joined

NAMED = PROFILES["named"]
values = st.integers(0, 60).map(lambda number: f"value {number % 40}" if number < 50 else f"VALUE {number % 40}")
facets = st.dictionaries(
    st.sampled_from(NAMED), st.lists(values, min_size=1, max_size=4, unique_by=str.lower), min_size=1
)


@given(st.lists(st.tuples(facets, st.integers(1, 9)), min_size=1, max_size=60))
def test_profiles_stand_for_their_values(resources: list[tuple[dict[str, list[str]], int]]) -> None:
    found = [([(name, had[name]) for name in NAMED if name in had], times) for had, times in resources]
    counts, known = Counter[int](), {}
    for headings, times in found:
        counts[profile(headings)] += times
        known[profile(headings)] = [(name, value) for name, had in headings for value in had]
    buckets = [{"key": number, "doc_count": times} for number, times in counts.items()]
    expected = {name: Counter[str]() for name in NAMED}
    for headings, times in found:
        for name, had in headings:
            expected[name].update(dict.fromkeys(had, times))
    for few in (0, 1_000):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(facet_counts, "FEW_VALUES", few)
            counted = list(Profiles().counted(buckets, known.__getitem__, whole=False))
        for name in NAMED:
            pairs = [(value, count) for facet, value, count in counted if facet == name]
            assert ranked(name, pairs) == ranked(name, expected[name].items())


class TestCountedColumnByColumn(EngineContract):
    """As where every resource has values of its own."""

    @pytest.fixture
    def engine(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
        monkeypatch.setattr(facet_counts, "FEW_HITS", -1)
        monkeypatch.setattr(facet_counts, "MOST_PROFILES", 0)
        return TantivyEngine(tmp_path / "index")


@pytest.mark.parametrize("most", [0, 30_000], ids=["by column", "by profile"])
def test_many_values_with_ties_at_the_edge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(facet_counts, "FEW_HITS", -1)
    monkeypatch.setattr(facet_counts, "MOST_PROFILES", most)
    engine = TantivyEngine(tmp_path / "index")
    for store_version in (1, 2):  # two commits: two segments
        writer = engine.writer()
        for number in range(200):
            names = (Name(f"subject {number:03}", "subject"), Name(f"Person {number % 25:02}", "person"))
            record = Record(f"{store_version}-{number}", f"Letter {number}", names=names)
            writer.add(documents(joined(member("letters", record)), mint))
        writer.commit(store_version)
        writer.close()
    found = Searcher(engine).search(Query("letter"), ANONYMOUS)["facets"]
    assert [(value["value"], value["count"]) for value in found["subject"]] == [
        (f"subject {number:03}", 2) for number in range(20)
    ]
    assert [(value["value"], value["count"]) for value in found["person"]] == [
        (f"Person {number:02}", 16) for number in range(20)
    ]
