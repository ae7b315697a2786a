"""Engines, chosen by address."""

from __future__ import annotations

from pathlib import Path

from indexer.engines.base import Engine
from indexer.engines.cluster.address import SCHEMES as CLUSTERS
from indexer.engines.cluster.address import parse
from indexer.errors import EngineUnavailable

SCHEMES = ("tantivy", "memory", *CLUSTERS)


def open_engine(address: str, workspace: Path) -> Engine:
    """The engine behind an address: ``tantivy:FOLDER`` (relative to the workspace), ``opensearch+https://...`` and
    ``elasticsearch+https://...`` (docs/servers.md), or ``memory:`` (for tests and trials).

    Raises EngineUnavailable for an address nobody here understands; a server is asked only when the engine is.
    """
    scheme, _, rest = address.partition(":")
    if scheme == "tantivy" and rest:
        from indexer.engines.tantivy_engine import TantivyEngine

        return TantivyEngine(workspace / rest)
    if scheme == "memory":
        from indexer.engines.memory import MemoryEngine

        return MemoryEngine()
    if scheme in CLUSTERS:
        from indexer.engines.cluster.engine import ClusterEngine

        return ClusterEngine(parse(address, workspace))
    raise EngineUnavailable(
        f'The engine address {_told(address)}is not understood. Write engine = "tantivy:index" in onestop.toml, or '
        f"the address of a server, which begins with {', '.join(CLUSTERS)}."
    )


def _told(address: str) -> str:
    """An address that is none, unless a secret may be in it."""
    return "" if any(sign in address for sign in "@?=") else f"{address!r} "
