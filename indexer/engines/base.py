"""The engine port: small, and it speaks our language. Implementations: memory (the reference), tantivy.

Documents are flat dicts made by `indexer.documents` from the fields declared in `indexer.fields`; engines neither
parse text nor
know formats. The contract suite in `tests/contracts/engine_contract.py` runs on every implementation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from indexer.plan import Answer, Node, PageHit, Plan, Rights, Term

Document = dict[str, Any]
Beginning = tuple[str, Rights, int]
"""What `Engine.values` is asked for."""


class Writer(Protocol):
    """One writing session; nothing is visible before `commit`, and a killed session leaves the last commit."""

    def delete(self, resource_ids: Iterable[str]) -> None:
        """Take out all documents (resource and pages) of these resources."""
        ...

    def clear(self) -> None:
        """Take out everything: the index is about to be built again."""
        ...

    def add(self, documents: Iterable[bytes]) -> None:
        """Add documents, each as the JSON bytes that `indexer.documents.documents` makes."""
        ...

    def commit(self, store_version: int) -> Mapping[str, str]:
        """Make everything visible and record, in the same commit, which version of the record store the index now
        shows. Returns why documents are left out that the index does not take, by the id of their resource."""
        ...

    def close(self) -> None:
        """Let go of the index (waits for merges); uncommitted work is dropped."""
        ...


@runtime_checkable
class KeepsLast(Protocol):
    """An engine that keeps the index which it showed before the one it shows."""

    def go_back(self) -> str:
        """Show the index that was shown before, and keep the one that is shown now: the name of the one. Raises
        IndexMissing when there is none, and EngineUnavailable."""
        ...


class Engine(Protocol):
    """An index one can ask. Opened by address in `indexer.engines.open_engine`."""

    def store_version(self) -> int | None:
        """The version of the record store this index shows, or None for an empty one. Raises IndexVersionMismatch."""
        ...

    def search(self, plan: Plan) -> Answer:
        """Answer a plan: exact total, ordered hits, exact facet counts, pages."""
        ...

    def values(self, beginning: str, rights: Rights, limit: int) -> list[tuple[str, int]]:
        """Terms of `indexer.suggest_keys` that begin so (without their audience), each with how many resources these
        rights may know of have it: by count, then by term, at most `limit`. What the last commits took away may
        still be counted, or be there without any resource: whoever shows a count asks for it."""
        ...

    def counts(self, plans: Sequence[Plan]) -> list[int]:
        """How many resources each of these plans finds, asked together: what costs a way to a server costs one."""
        ...

    def foresee(self, plans: Iterable[Plan], beginnings: Iterable[Beginning] = ()) -> None:
        """Be told what is likely to be asked next: plans by `search`, or by `counts` (as `without_hits` has them), and
        beginnings by `values`. An engine to which each question is a way asks for all of it now, as one; others do
        not even look. Raises as `search` does."""
        ...

    def get(self, resource_id: str, rights: Rights, whole: bool = False) -> Document | None:
        """``{"hit": dict, "full": bytes}`` of a resource these rights may know of, or None. `full` is the JSON of a
        `Resource`, its long texts cut unless the `whole` is asked for."""
        ...

    def page(self, resource_id: str, number: int, rights: Rights, part: int = 1) -> Document | None:
        """The stored page of a resource (`full` of its sheet), or a part of a long one, when these rights may read it,
        else None."""
        ...

    def page_numbers(self, resource_id: str, plan: Plan) -> list[int]:
        """The numbers of the pages of one resource that match a plan, ascending: a page matches as in `search`."""
        ...

    def page_hits(self, resource_id: str, numbers: Sequence[int], rights: Rights) -> list[PageHit]:
        """What is stored for a hit of these pages of one resource, as far as these rights may read them, ascending."""
        ...

    def parts(self, resource_id: str, number: int, plan: Plan, size: int) -> list[Document]:
        """The first `size` parts of a long page that hold a term of a plan; of a long description, with number 0."""
        ...

    def frequencies(self, terms: Sequence[Term]) -> list[int]:
        """In how many descriptions each word stands, or a heading in the field of the term: what tells rare from
        common, for choosing what to ask. Counted over what everyone may know of."""
        ...

    def texts(self, node: Node, rights: Rights) -> Iterator[tuple[str, int | None]]:
        """Every description that matches by itself (id and None), and every page (id and number), that these rights
        may read; in no order."""
        ...

    def writer(self) -> Writer:
        """Begin writing. Raises EngineUnavailable when another process writes."""
        ...

    def refresh(self) -> None:
        """See the newest commit."""
        ...
