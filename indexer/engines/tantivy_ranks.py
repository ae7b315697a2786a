"""Slices of a ranking: pages however deep, near-identical hits folded, the best hits of each fonds.

tantivy makes room for every hit it passes over, and for offsets that lead nowhere, too: far pages are first checked
against the number of hits, and only a few are made at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import BoundedSemaphore
from typing import Any

from tantivy import DocAddress, Occur, Order, Query, Searcher, SearchResult

from indexer.engines.tantivy_query import Compiler
from indexer.fields import WEIGHT
from indexer.folding import WINDOW, Keys, page
from indexer.plan import MOST_GROUPS, Plan

FAR = 10_000
"""Hits that may be passed over without counting first."""
LISTED = 30_000
"""Hits from which listing the codes takes less time than ordering by them."""
STEP = 1_000
MOST_RANKS = 64_000
"""Ranks looked at in one go for fonds not seen yet, at first and at most."""
_FAR_AT_A_TIME = BoundedSemaphore(2)
CODE_ORDER = "sort_code"
_ORDERS = {"date": "sort_date", "reference_code": CODE_ORDER, "archival": "order", "weight": WEIGHT}
Found = tuple[float, DocAddress]


@dataclass(slots=True)
class Ranked:
    """A hit of a slice: its score, where it is, and where those are that are folded under it."""

    score: float
    address: DocAddress
    folded: list[DocAddress] = field(default_factory=list)


@dataclass(slots=True)
class RankedGroup:
    """The best hits of one fonds and how many it has."""

    hits: list[Ranked]
    total: int


class Ranking:
    """The hits of one query in one order."""

    def __init__(self, searcher: Searcher, compiler: Compiler, query: Query, plan: Plan) -> None:
        self._searcher = searcher
        self._compiler = compiler
        self._query = query
        order = _ORDERS.get(plan.sort)
        self._scored = order is None
        self._order: dict[str, Any] = (
            {"order_by_field": order, "order": Order.Desc if order == WEIGHT else Order.Asc} if order else {}
        )

    def slice(self, offset: int, size: int) -> tuple[list[Ranked], int]:
        """So many hits from `offset` on, and how many there are in all."""
        found, total = self._far(offset, size) if offset > FAR else self._slice(self._query, offset, size)
        return self._ranked(found), total

    def folded(self, offset: int, size: int) -> tuple[list[Ranked], int, int]:
        """The same with near-identical hits as one, and how many are hidden so."""
        first, total = self._slice(self._query, 0, WINDOW)
        asked = page(self._keys(first), offset, size)
        hits = self._ranked([first[best] for best, *_ in asked.shown])
        for hit, (_, *others) in zip(hits, asked.shown, strict=True):
            hit.folded = [first[at][1] for at in others]
        if asked.size and total > len(first):
            hits += self.slice(asked.offset, asked.size)[0]
        return hits, total, asked.hidden

    def groups(self, offset: int, size: int, each: int) -> tuple[list[RankedGroup], bool]:
        """So many fonds from `offset` on, the one with the best hit first, and whether there are more of them."""
        fonds = self._fonds(min(offset + size + 1, MOST_GROUPS))
        made = []
        for key in fonds[offset : offset + size]:
            of_fonds = self._compiler.of_fonds([key])
            best, total = self._slice(Query.boolean_query([(Occur.Must, self._query), (Occur.Must, of_fonds)]), 0, each)
            made.append(RankedGroup(self._ranked(best), total))
        return made, len(fonds) > offset + size

    def _fonds(self, wanted: int) -> list[int]:
        """The first fonds in the order of their best hits: those of the best ranks, then of the best ranks without
        them, until there are enough."""
        known: dict[int, None] = {}
        step = STEP
        while len(known) < wanted:
            others = [(Occur.Must, self._query), (Occur.MustNot, self._compiler.of_fonds(known))]
            found, _ = self._slice(Query.boolean_query(others) if known else self._query, 0, step)
            known.update(dict.fromkeys(self._values("fonds_key", found)))
            if len(found) < step:
                break
            step = min(step * 4, MOST_RANKS)
        return list(known)[:wanted]

    def _far(self, offset: int, size: int) -> tuple[list[Found], int]:
        total = counted(self._searcher.search(self._query, 1, count=True))
        if offset >= total:
            return [], total
        with _FAR_AT_A_TIME:
            if self._order.get("order_by_field") == CODE_ORDER and offset > LISTED:
                return self._far_by_code(offset, size), total
            return self._slice(self._query, offset, min(size, total - offset))

    def _far_by_code(self, offset: int, size: int) -> list[Found]:
        """By text tantivy orders a hit in 30 microseconds; listing all the texts there are in their order takes two for
        each, in this order or another. What has no code comes last."""
        listed = self._searcher.terms_with_prefix(CODE_ORDER, "", filter_query=self._query)
        wanted = [text for text, _ in listed[offset : offset + size]]
        coded = self._slice(self._with_code(Occur.Must, wanted), 0, len(wanted))[0] if wanted else []
        left = size - len(coded)
        behind = max(offset - len(listed), 0)
        return [*coded, *self._slice(self._with_code(Occur.MustNot), behind, left)[0]] if left else coded

    def _with_code(self, occur: Occur, texts: Sequence[str] = ()) -> Query:
        """Hits with one of these codes as they are ordered, or with any when none is named; or hits without."""
        coded = self._compiler.ordered_as(texts) if texts else Query.exists_query(CODE_ORDER)
        return Query.boolean_query([(Occur.Must, self._query), (occur, coded)])

    def _slice(self, query: Query, offset: int, size: int) -> tuple[list[Found], int]:
        found = self._searcher.search(query, max(size, 1), count=True, offset=offset, **self._order)
        return found.hits[:size], counted(found)

    def _ranked(self, found: Sequence[Found]) -> list[Ranked]:
        return [Ranked(score if self._scored else 0.0, address) for score, address in found]

    def _keys(self, found: Sequence[Found]) -> list[Keys]:
        return list(zip(self._values("alike", found), self._values("twin", found), strict=True))

    def _values(self, name: str, found: Sequence[Found]) -> list[Any]:
        return self._searcher.fast_field_values(name, [address for _, address in found])


def counted(result: SearchResult) -> int:
    """The exact number of matches (`count` is missing from tantivy's stubs)."""
    count: int = result.count  # type: ignore[attr-defined]
    return count
