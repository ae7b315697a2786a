"""The engine port: small, and it speaks our language. Implementations: memory (the reference), tantivy.

Documents are flat dicts made by `indexer.documents` from the fields declared in `indexer.fields`; engines neither parse text nor
know formats. The contract suite in `tests/contracts/engine_contract.py` runs on every implementation.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from indexer.plan import Answer, Plan

Document = dict[str, Any]


class Writer(Protocol):
    """One writing session; nothing is visible before `commit`, and a killed session leaves the last commit."""

    def delete(self, resource_ids: Iterable[str]) -> None:
        """Take out all documents (resource and pages) of these resources."""

    def add(self, documents: Iterable[bytes]) -> None:
        """Add documents, each as the JSON bytes that `indexer.documents.documents` makes."""

    def commit(self, store_version: int) -> None:
        """Make everything visible and record, in the same commit, which version of the record store the index now shows."""

    def close(self) -> None:
        """Let go of the index (waits for merges); uncommitted work is dropped."""


class Engine(Protocol):
    """An index one can ask. Opened by address in `indexer.engines.open_engine`."""

    def store_version(self) -> int | None:
        """The version of the record store this index shows, or None for an empty one. Raises IndexVersionMismatch."""

    def search(self, plan: Plan) -> Answer:
        """Answer a plan: exact total, ranked addresses, exact facet counts, pages."""

    def get(self, resource_id: str, plan: Plan) -> dict[str, Any] | None:
        """The stored document of a resource, if the plan's rights allow it."""

    def writer(self) -> Writer:
        """Begin writing. Raises EngineUnavailable when another process writes."""

    def refresh(self) -> None:
        """See the newest commit."""
