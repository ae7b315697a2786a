"""Searches as they are sent, and what comes back of one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from indexer.engines.cluster import queries
from indexer.engines.cluster.dsl import Query
from indexer.engines.cluster.facets import decades_wanted, wanted
from indexer.fields import WEIGHT
from indexer.folding import WINDOW
from indexer.plan import MOST_GROUPS, PAGES_RANKED, PER_GROUP, Plan

Body = dict[str, Any]
FAR = 10_000
"""Ranks a search may reach by itself (`max_result_window`); those behind are walked to."""
AT_ONCE = 100
"""Ranks whose stored hits come with them; of more, only those that are shown are asked for."""
MOST_BUCKETS = 65_000
"""Values one aggregation may give; of more, the rest is asked for page by page."""
FOLDED = ("alike", "twin")
_LAST = {"missing": "_last"}
_SORTS: Mapping[str, Body] = {
    "relevance": {"_score": {"order": "desc"}},
    "date": {"sort_date": {"order": "asc", **_LAST}},
    "reference_code": {"sort_code": {"order": "asc", **_LAST}},
    "archival": {"order": {"order": "asc", **_LAST}},
    "weight": {WEIGHT: {"order": "desc", **_LAST}},
}
_BEST_PAGES = [_SORTS["relevance"], {"number": {"order": "asc"}}]


@dataclass(slots=True)
class Rank:
    """A place of a ranking: its score, the document there, and what its fields say."""

    score: float
    document: str
    fields: dict[str, list[Any]] = field(default_factory=dict)
    inner: list[Rank] = field(default_factory=list)
    inner_total: int = 0

    @property
    def resource(self) -> str:
        """The resource a document belongs to (`writer`)."""
        return self.document.rpartition(":")[0]


def order(plan: Plan) -> list[Body]:
    """Ranks in the order of a plan; the id tells equal ones apart, so that every copy of the index says the same."""
    return [_SORTS[plan.sort], {"id": {"order": "asc"}}]


def search(query: Query, size: int, **more: Any) -> Body:
    """A search for the first documents of a query, whose ids alone are told."""
    return {"query": query, "size": size, "_source": False, "track_total_hits": False, **more}


def kept(query: Query, size: int, *fields: str, **more: Any) -> Body:
    """A search for what is stored of the first documents of a query."""
    return search(query, size, stored_fields=list(fields or ("hit",)), **more)


def of_documents(documents: Sequence[str]) -> Body:
    """What is stored of some documents for a hit."""
    return kept({"ids": {"values": list(documents)}}, len(documents))


def pages(plan: Plan) -> Body:
    """The best of the pages a plan finds, and how many there are of each resource."""
    # Of a few owners among a million resources: counted by their ids, not in a table of all ids there are.
    owners = {"owners": {"terms": {"field": "id", "size": MOST_BUCKETS, "execution_hint": "map"}}}
    best: Body = {"size": PAGES_RANKED, "sort": _BEST_PAGES} if plan.size else {"size": 0}
    return {**search(queries.pages(plan), 0, track_total_hits=True, aggs=owners), **best}


def best_pages(plan: Plan, resource: str, size: int) -> Body:
    """The best pages of one resource, with what is stored of them."""
    return kept(queries.of_owner(queries.pages(plan), resource), size, sort=_BEST_PAGES)


def bare(plan: Plan, size: int) -> Plan:
    """The first ranks of a plan and nothing beside them."""
    return replace(plan, size=size, offset=0, facets=(), histogram=False, folded=False, grouped=False)


def ranks(plan: Plan, matched: Query) -> Body:
    """The ranks an answer needs, as far as one search reaches, with the counts that belong to it."""
    offset, size = reach(plan)
    scored = plan.sort == "relevance" and size
    query = queries.resources(plan, matched) if scored else {"bool": {"filter": [matched]}}
    body = search(query, size, track_total_hits=True)
    if size:
        body |= {"from": offset, "sort": order(plan)}
    if aggregations := {**wanted(plan), **decades_wanted(plan)}:
        body["aggs"] = aggregations
    if plan.grouped and size:
        best = {"name": "best", "size": PER_GROUP, "sort": order(plan), "_source": False}
        body["collapse"] = {"field": "fonds", "inner_hits": best}
    elif plan.folded and size:
        body["docvalue_fields"] = list(FOLDED)
    elif 0 < size <= AT_ONCE:
        body["stored_fields"] = ["hit"]
    return body


def reach(plan: Plan) -> tuple[int, int]:
    """From which rank on how many are asked for at first: for folding the whole window, of groups one more than are
    shown, of far pages none.
    """
    if not plan.size:
        return 0, 0
    if plan.grouped:
        return plan.offset, max(0, min(plan.size + 1, MOST_GROUPS - plan.offset))
    if plan.folded:
        return 0, WINDOW
    return (0, 0) if plan.offset + plan.size > FAR else (plan.offset, plan.size)


def read(found: Iterable[Body], *, scored: bool) -> list[Rank]:
    """The ranks of an answer's hits."""
    return [_rank(hit, scored) for hit in found]


def _rank(hit: Body, scored: bool) -> Rank:
    rank = Rank(hit["sort"][0] if scored else 0.0, hit["_id"], hit.get("fields", {}))
    if "inner_hits" in hit:
        best = hit["inner_hits"]["best"]["hits"]
        rank.inner, rank.inner_total = read(best["hits"], scored=scored), best["total"]["value"]
    return rank
