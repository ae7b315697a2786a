"""The page everybody opens first - everything, unfiltered - kept as it was found in one state of the index."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace

from indexer.plan import Answer, Every, Plan

KEPT = 16
"""Pages that are kept: of other sizes, in other orders, for staff."""
_SHOWN = ("size", "offset", "sort", "pages_per_hit", "folded", "grouped")
"""What of a plan does not change what is counted."""


class FirstPages:
    """Safe to share between threads: at worst a page is found twice."""

    def __init__(self) -> None:
        self._state: Hashable = None
        self._kept: dict[tuple[object, ...], Answer] = {}

    def answer(self, plan: Plan, look: Callable[[], Hashable], find: Callable[[Plan], Answer]) -> Answer:
        """The answer to a plan, kept when it asks for the first page of everything. `look` tells one state of the index
        from another. What some servers did not answer is not kept.
        """
        if plan.offset or not is_everything(plan):
            return find(plan)
        state = look()
        if state != self._state:
            self._state, self._kept = state, {}
        kept = self._kept
        key = (plan.rights.scope, *(getattr(plan, name) for name in (*_SHOWN, "facets", "histogram")))
        found = kept.get(key)
        if found is None:
            found = find(plan)
            if len(kept) < KEPT and not found.partial:
                kept[key] = found
        return replace(found, hits=list(found.hits), facets=dict(found.facets))


def is_everything(plan: Plan) -> bool:
    """Does a plan count everything there is, whatever it shows of it?"""
    if not isinstance(plan.node, Every):
        return False
    everything = Plan(plan.rights, facets=plan.facets, histogram=plan.histogram)
    return replace(everything, **{name: getattr(plan, name) for name in _SHOWN}) == plan
