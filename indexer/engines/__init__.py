"""Engines, chosen by address."""

from __future__ import annotations

from pathlib import Path

from indexer.engines.base import Engine
from indexer.errors import EngineUnavailable

SCHEMES = ("tantivy", "memory")


def open_engine(address: str, workspace: Path) -> Engine:
    """The engine behind an address: ``tantivy:FOLDER`` (relative to the workspace) or ``memory:`` (for tests and
    trials).

    Raises EngineUnavailable for an address nobody here understands.
    """
    scheme, _, rest = address.partition(":")
    if scheme == "tantivy" and rest:
        from indexer.engines.tantivy_engine import TantivyEngine

        return TantivyEngine(workspace / rest)
    if scheme == "memory":
        from indexer.engines.memory import MemoryEngine

        return MemoryEngine()
    raise EngineUnavailable(
        f'The engine address {address!r} is not understood. Write engine = "tantivy:index" in onestop.toml.'
    )
