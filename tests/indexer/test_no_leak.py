"""No engine tells a viewer of what is not for them: random corpora, rights, viewers and questions."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from indexer.engines import open_engine
from indexer.engines.base import Engine
from indexer.engines.memory import MemoryEngine
from indexer.engines.tantivy_engine import TantivyEngine
from indexer.query import Query
from indexer.resource import Resource
from mappings.access import Viewer
from tests.contracts.leak_contract import TODAY, VIEWERS, check, check_layers, check_taken_back, corpora, queries

DAYS = (TODAY, TODAY - dt.timedelta(1), TODAY + dt.timedelta(1), dt.date(1990, 1, 1))
in_process = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@in_process
@given(corpora, st.sampled_from(VIEWERS), st.lists(queries, min_size=2, max_size=4))
def test_memory(corpus: Sequence[Resource], viewer: Viewer, asked: Sequence[Query]) -> None:
    check(MemoryEngine, corpus, viewer, asked)


@in_process
@given(corpora, st.sampled_from(VIEWERS), st.lists(queries, min_size=2, max_size=4))
def test_tantivy(
    tmp_path_factory: pytest.TempPathFactory, corpus: Sequence[Resource], viewer: Viewer, asked: Sequence[Query]
) -> None:
    def made() -> Engine:
        return TantivyEngine(tmp_path_factory.mktemp("index"))

    check(made, corpus, viewer, asked)


@in_process
@given(corpora, st.sampled_from(VIEWERS), st.sampled_from(DAYS))
def test_one_of_both_layers(
    tmp_path_factory: pytest.TempPathFactory, corpus: Sequence[Resource], viewer: Viewer, today: dt.date
) -> None:
    check_layers(MemoryEngine, corpus, viewer, today)
    check_layers(lambda: TantivyEngine(tmp_path_factory.mktemp("index")), corpus, viewer, today)


@in_process
@given(corpora, st.sampled_from(VIEWERS), st.sampled_from(DAYS))
def test_copies_that_were_taken_back(
    tmp_path_factory: pytest.TempPathFactory, corpus: Sequence[Resource], viewer: Viewer, today: dt.date
) -> None:
    check_taken_back(MemoryEngine, corpus, viewer, today)
    check_taken_back(lambda: TantivyEngine(tmp_path_factory.mktemp("index")), corpus, viewer, today)


@pytest.mark.parametrize("product", ["opensearch", "elasticsearch"])
def test_clusters(product: str, request: pytest.FixtureRequest, worker_id: str, tmp_path: Path) -> None:
    server, numbers = request.getfixturevalue(product), itertools.count()

    def made() -> Engine:
        return open_engine(server.engine(f"leak-{worker_id}-{next(numbers)}", "replicas=0"), tmp_path)

    @settings(max_examples=3, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(corpora, st.sampled_from(VIEWERS[:-1]), st.lists(queries, min_size=2, max_size=3))
    def asked(corpus: Sequence[Resource], viewer: Viewer, typed: Sequence[Query]) -> None:
        check(made, corpus, viewer, typed)
        check_layers(made, corpus, viewer, TODAY)
        check_taken_back(made, corpus, viewer, TODAY)

    asked()
