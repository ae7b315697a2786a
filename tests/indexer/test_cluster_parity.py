"""A cluster answers as the other engines do: the same totals and counts to the last one, nearly the same first hits,
and every case of `tests/relevance` as it is said.

The set is 20,000 resources made from the samples. What matches is compared with the memory engine, question by
question; the first hits, whose order the memory engine does not rank by BM25, with tantivy.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest

from indexer.asking import Asking
from indexer.documents import documents
from indexer.engines import open_engine
from indexer.engines.base import Engine
from indexer.engines.cluster.address import parse
from indexer.engines.cluster.connection import connect
from indexer.engines.memory import Doc, MemoryEngine
from indexer.fields import FACETS
from indexer.language import parse as parse_text
from indexer.plan import Answer, PageHit, Plan, Rights, rights_of
from indexer.query import Query
from indexer.resource import mint
from indexer.search import Searcher
from indexer.synonyms import Synonyms
from mappings.access import ANONYMOUS, Viewer
from onestop.wiring import Workspace
from tests.contracts.engine_contract import TODAY
from tests.indexer.varied_samples import resources
from tests.relevance.asked import surprises
from tests.relevance.cases import CASES
from tests.relevance.line import onestop, settle

RESOURCES = 20_000
OVERLAP = 0.9
DEPTHS = (30, 300, 3_000)
"""Hits among which those that score alike are put in order: only as many as that takes."""
PRODUCTS = ("opensearch", "elasticsearch")
VIEWERS = (ANONYMOUS, Viewer("li", frozenset({"reader"})), Viewer("mei", frozenset({"staff"})))
TEXTS = (
    "farm bureau",
    "railroad photographs",
    "committee",
    '"north carolina"',
    "title:minutes",
    "subject:agriculture",
    "creator:university",
    "corresp*",
    "letters -committee",
    "women OR children",
    "1950",
    "board of trustees annual report",
    "gazette melbourne",
    "石碇",
    "土地 登记",
    "地",
    "李白",
    '"明月"',
    "春风 江水",
    "title:送",
)
FILTERS: tuple[dict[str, Any], ...] = (
    {},
    {"kind": ("thematic",)},
    {"level": ("file", "item"), "access": ("open",)},
    {"source": ("ncsu", "land_files")},
    {"language": ("zh",)},
)
YEARS: tuple[tuple[int | None, int | None], ...] = ((None, None), (1900, 1960), (None, 1950), (1985, None))


class Unranked(MemoryEngine):
    """The memory engine without its ranking, which looks at every document for every hit; each match set is found once
    for all facets of an answer."""

    def search(self, plan: Plan) -> Answer:
        self._found: dict[str, list[Doc]] = {}
        return super().search(plan)

    def _score(self, plan: Plan, doc: Doc) -> float:
        return 0.0

    def _matched(self, plan: Plan, pages: dict[str, list[PageHit]]) -> list[Doc]:
        limits = repr(plan.filters)
        if limits not in self._found:
            self._found[limits] = super()._matched(plan, pages)
        return self._found[limits]


def plans() -> list[Plan]:
    """Every text with a viewer, filters and years of its own, and everything for each viewer."""
    found = [Plan(_rights(number), facets=FACETS, histogram=True, size=0) for number in range(len(VIEWERS))]
    for number, text in enumerate(TEXTS):
        limits, (first, last) = FILTERS[number % len(FILTERS)], YEARS[number % len(YEARS)]  # together often too much
        node = parse_text(text).node
        found.append(Plan(_rights(number), node, limits, first, last, facets=FACETS, histogram=True, size=0))
    return found


def _rights(number: int) -> Rights:
    return rights_of(VIEWERS[number % len(VIEWERS)], TODAY)


def queries() -> Iterator[tuple[Query, Viewer]]:
    """Every text as each viewer asks for it, in all sorts of limits."""
    for number, text in enumerate(TEXTS):
        for turn, viewer in enumerate(VIEWERS):
            yield Query(text, FILTERS[(number + turn) % len(FILTERS)] if turn else {}), viewer


@pytest.fixture(scope="module")
def made() -> list[list[bytes]]:
    """The documents of every resource."""
    return [documents(resource, mint) for resource in resources(RESOURCES)]


@pytest.fixture(scope="module")
def expected(made: list[list[bytes]]) -> list[Answer]:
    """What the memory engine answers."""
    engine = Unranked()
    _write(engine, made)
    return [engine.search(plan) for plan in plans()]


@pytest.fixture(scope="module")
def tantivy(made: list[list[bytes]], tmp_path_factory: pytest.TempPathFactory) -> list[tuple[dict[str, Any], set[str]]]:
    """What tantivy answers to whole questions."""
    engine = open_engine("tantivy:index", tmp_path_factory.mktemp("parity"))
    _write(engine, made)
    return _asked(engine)


@pytest.fixture(scope="module", params=PRODUCTS)
def address(request: pytest.FixtureRequest, _opensearch: Any, _elasticsearch: Any) -> Iterator[str]:
    """The address of an index of this module's own, which is gone after it."""
    server = {"opensearch": _opensearch, "elasticsearch": _elasticsearch}[request.param]
    server.start()
    address = server.engine(f"parity-{uuid.uuid4().hex[:12]}", "replicas=0")
    yield address
    _drop(address)


@pytest.fixture(scope="module")
def cluster(address: str, made: list[list[bytes]]) -> Engine:
    """The set on a cluster."""
    engine = open_engine(address, Path())
    _write(engine, made)
    return engine


def _write(engine: Engine, made: Sequence[list[bytes]]) -> None:
    writer = engine.writer()
    for some in made:
        writer.add(some)
    assert writer.commit(1) == {}
    writer.close()
    engine.refresh()


def _asked(engine: Engine) -> list[tuple[dict[str, Any], set[str]]]:
    """The answers to whole questions, and the ids of the first ten hits of each."""
    searcher = Searcher(engine, today=lambda: TODAY)
    return [(searcher.search(query, viewer), _first_ten(engine, query, viewer)) for query, viewer in queries()]


def _first_ten(engine: Engine, query: Query, viewer: Viewer) -> set[str]:
    """Of hits that score alike those with the first ids: what is alike, each engine orders in its own way."""
    plan, _ = Asking(engine, Synonyms(engine)).planned(query, rights_of(viewer, TODAY))
    plan = replace(plan, folded=False, facets=(), histogram=False, pages_per_hit=0)
    for depth in DEPTHS:
        hits = engine.search(replace(plan, size=depth)).hits
        if len(hits) < depth or hits[-1].score < hits[9].score:  # all that score like the tenth are among them
            break
    ordered = sorted((-hit.score, hit.stored["id"]) for hit in hits)
    return {name for _, name in ordered[:10]}


def _drop(address: str) -> None:
    parsed = parse(address, Path())
    connection = connect(parsed)
    for index in connection.ask("GET", f"/{parsed.name}-*"):
        connection.ask("DELETE", f"/{index}")
    connection.close()


def test_totals_and_counts_are_those_of_the_memory_engine(cluster: Engine, expected: list[Answer]) -> None:
    for plan, right in zip(plans(), expected, strict=True):
        answer = cluster.search(plan)
        assert answer.total == right.total, plan
        assert answer.facets == right.facets, plan
        assert answer.decades == right.decades, plan
    assert sum(answer.total > 0 for answer in expected) > len(expected) / 3


def test_whole_questions_find_what_tantivy_finds(
    cluster: Engine, tantivy: list[tuple[dict[str, Any], set[str]]]
) -> None:
    """Totals and facets alike; of the first ten hits nine on average are the same."""
    shares = []
    for (query, viewer), (ours, our_ten), (right, right_ten) in zip(queries(), _asked(cluster), tantivy, strict=True):
        for name in ("total", "facets", "histogram"):
            assert ours[name] == right[name], (query, viewer)
        shares.append(len(our_ten & right_ten) / len(right_ten) if right_ten else 1.0)
    assert fmean(shares) >= OVERLAP


def test_every_case_is_as_it_says(address: str, synced_cases: Path, tmp_path: Path) -> None:
    """The index is built from the records of a workspace that was filled before."""
    name, _, parameters = address.partition("?")
    engine = f"{name}-cases?{parameters}"
    folder = tmp_path / "cases"
    shutil.copytree(synced_cases, folder, ignore=shutil.ignore_patterns("index"))
    settle(folder, engine)
    try:
        onestop(folder, "sync")
        with Workspace(folder, {}) as here:
            assert surprises(here, CASES) == []
    finally:
        _drop(engine)
