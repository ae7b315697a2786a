"""The units directly below one, as one viewer may know them, in archival order: found once for each commit.

Sorting a hundred thousand of them again for every page of sixty takes longer than everything else on that page.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Iterable
from threading import Lock
from typing import Any

from tantivy import DocAddress, Document, Order, Query, Searcher

from indexer.plan import Every, Plan

MANY = 1_000
"""Units below one from which their order is kept: fewer are sorted in a fraction of a millisecond."""
KEPT = 4_000_000
"""Units kept in all, at sixteen bytes."""
Found = tuple[int | None, DocAddress]
"""The order of a unit (None when it states none), and where it is."""


class Siblings:
    """One family in order, with the searcher that knows where its members are."""

    __slots__ = ("_documents", "_orders", "_searcher", "_segments", "total")

    def __init__(self, searcher: Searcher, found: Iterable[Found]) -> None:
        self._searcher = searcher
        self._orders, self._segments, self._documents = array("q"), array("i"), array("i")
        for order, address in found:
            self._orders.append(order or 0)
            self._segments.append(address.segment_ord)
            self._documents.append(address.doc)
        self.total = len(self._orders)

    def page(self, offset: int, size: int) -> list[Document]:
        """The documents of one page."""
        reach = range(offset, min(offset + size, self.total))
        return [self._searcher.doc(DocAddress(self._segments[at], self._documents[at])) for at in reach]

    def before(self, order: int) -> int:
        """How many stand before a place."""
        return bisect_left(self._orders, order)


class Families:
    """The families of one commit that were asked for lately. Safe to share between threads."""

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher
        self._kept: OrderedDict[tuple[str, str], Siblings] = OrderedDict()
        self._lock = Lock()

    def asked(self, plan: Plan, matching: Callable[[], Query]) -> Siblings | None:
        """The family a plan asks for: kept, or found now because a page of it is asked for; None when it is small."""
        key = (plan.rights.scope, plan.parent or "")
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
        if kept is not None or not plan.size:
            return kept
        query = matching()
        total: int = self._searcher.search(query, 1, count=True).count  # type: ignore[attr-defined]
        return self._keep(key, query, total) if total >= MANY else None

    def _keep(self, key: tuple[str, str], query: Query, total: int) -> Siblings:
        """In place of those not asked for the longest."""
        hits: Any = self._searcher.search(query, total, count=False, order_by_field="order", order=Order.Asc).hits
        made = Siblings(self._searcher, hits)
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > 1 and sum(family.total for family in self._kept.values()) > KEPT:
                self._kept.popitem(last=False)
        return made


def is_family(plan: Plan) -> bool:
    """Does a plan ask for units below one, or their number, and nothing else?"""
    narrows = (
        plan.filters
        or plan.standing
        or plan.within is not None
        or plan.member is not None
        or plan.year_from is not None
        or plan.year_to is not None
    )
    counts = plan.facets or plan.histogram
    in_order = not plan.size if plan.before is not None else plan.sort == "archival" or not plan.size
    return plan.parent is not None and isinstance(plan.node, Every) and in_order and not (narrows or counts)
