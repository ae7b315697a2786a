"""Hits shown together: what is folded under a hit, and the best hits of each fonds, as the contract has them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from indexer.keys import fonds_of
from indexer.plan import Answer, Group, Hit

Json = dict[str, Any]


def shown_hits(answer: Answer, shown: Callable[[Hit], Json]) -> Json:
    """The part of an answer that shows hits: ``hits``, each with what is folded under it, or ``groups``.

    ``more`` of a hit is None, or its near-identical siblings ``{"count", "parent", "ids"}``: all that match are
    counted, those folded under it are named, and others come further behind. ``same`` are ids of further descriptions
    of the same thing. A group is ``{"fonds": {"id", "title", "holder"}, "count", "hits"}``; ``more_groups`` says that
    others follow.
    """
    return {
        "hits": [{**shown(hit), **_folded(hit)} for hit in answer.hits],
        "groups": [_group(group, shown) for group in answer.groups],
        "more_groups": answer.more_groups,
    }


def _folded(hit: Hit) -> Json:
    own, parent = hit.stored["alike"][0], _parent(hit.stored)
    siblings = [other["id"] for other in hit.folded if own is not None and own == other["alike"][0]]
    more = {"count": hit.siblings, "parent": parent, "ids": siblings}
    same = [other["id"] for other in hit.folded if other["id"] not in siblings]
    return {"more": more if siblings else None, "same": same}


def _parent(stored: Json) -> Json | None:
    return stored["ancestors"][-1] if stored["ancestors"] else None


def _group(group: Group, shown: Callable[[Hit], Json]) -> Json:
    best = group.hits[0].stored
    fonds = fonds_of(best)
    named = {"id": fonds["id"], "title": fonds["title"], "holder": best["holder"]}
    hits = [{**shown(hit), "more": None, "same": []} for hit in group.hits]
    return {"fonds": named, "count": group.total, "hits": hits}
