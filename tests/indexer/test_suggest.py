"""Both engines keep the promises of suggestions, of other spellings and of wider questions."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.engines.base import Engine
from indexer.engines.memory import MemoryEngine
from indexer.engines.tantivy_engine import TantivyEngine
from tests.contracts.advice_contract import AdviceContract
from tests.contracts.suggest_contract import SuggestContract


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
