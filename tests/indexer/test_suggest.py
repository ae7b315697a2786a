"""Both engines keep the promises of suggestions, of other spellings and of wider questions."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.engines.base import Engine
from indexer.engines.memory import MemoryEngine
from indexer.engines.tantivy_engine import TantivyEngine
from indexer.query import Query
from indexer.search import Searcher
from mappings.access import ANONYMOUS, Viewer
from tests.contracts.advice_contract import AdviceContract
from tests.contracts.suggest_contract import EVERYTHING, HIDDEN, STAFF, SuggestContract
from tests.indexer.corpus import fill


class TestInMemory(SuggestContract):
    @pytest.fixture
    def engine(self) -> Engine:
        return MemoryEngine()


class TestInTantivy(SuggestContract):
    @pytest.fixture
    def engine(self, tmp_path: Path) -> Engine:
        return TantivyEngine(tmp_path / "index")


class TestAdviceInMemory(AdviceContract):
    @pytest.fixture
    def engine(self) -> Engine:
        return MemoryEngine()


class TestAdviceInTantivy(AdviceContract):
    @pytest.fixture
    def engine(self, tmp_path: Path) -> Engine:
        return TantivyEngine(tmp_path / "index")


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Searcher, Searcher]:
    """The same resources in both engines."""
    engines: tuple[Engine, Engine] = (MemoryEngine(), TantivyEngine(tmp_path_factory.mktemp("both") / "index"))
    for engine in engines:
        fill(engine, (*EVERYTHING, HIDDEN))
    return Searcher(engines[0]), Searcher(engines[1])


PIECES = (
    "smi",
    "s",
    "farm",
    "bur",
    " ",
    "鐵",
    "路",
    "铁路",
    "光",
    "tie",
    "lu",
    "guang",
    "zh",
    "j1-2",
    "土地",
    "Š",
    "-3",
    "th",
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).map("".join), st.sampled_from([ANONYMOUS, STAFF]))
def test_engines_agree(both: tuple[Searcher, Searcher], text: str, viewer: Viewer) -> None:
    one, other = both
    assert one.suggest(text, viewer, 20) == other.suggest(text, viewer, 20)
    told = [side.search(Query(text.strip() or "*"), viewer)["interpretation"] for side in both]
    assert told[0]["did_you_mean"] == told[1]["did_you_mean"] and told[0]["wider"] == told[1]["wider"]
