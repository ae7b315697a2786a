"""What the contracts of engines are given."""

from __future__ import annotations

import pytest

from indexer.engines.base import Engine
from tests.indexer.corpus import fill


@pytest.fixture
def filled(engine: Engine, request: pytest.FixtureRequest) -> Engine:
    """An engine with the `CONTENT` of the contract that asks for it."""
    fill(engine, request.cls.CONTENT)
    return engine
