"""Long ways through an index: every match, ranks far behind, values that are more than one answer holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from indexer.engines.cluster import bodies, facets
from indexer.engines.cluster.bodies import FAR, Body, Rank
from indexer.engines.cluster.dsl import Query
from indexer.engines.cluster.index import Asks
from indexer.fields import facet_field
from indexer.plan import Plan

KEEP = "1m"
"""How long a state of the index is kept for a walk that does not go on."""
STEP = 5_000
_DOCUMENT: list[Body] = [{"id": {"order": "asc"}}, {"number": {"order": "asc", "missing": "_first"}}]
"""An order in which no two documents of one kind are equal."""


def every_document(index: Asks, query: Query, *fields: str) -> Iterator[Body]:
    """Everything a query finds, with the values of some fields, in one state of the index."""
    body = bodies.search(query, STEP, sort=_DOCUMENT, docvalue_fields=list(fields))
    with _state(index) as state:
        yield from _hits(index, state, body)


def far(index: Asks, plan: Plan, matched: Query, offset: int, size: int) -> list[Rank]:
    """So many ranks from `offset` on, behind those that one search reaches: the whole way is walked, without reading
    anything of what is passed."""
    body = bodies.ranks(bodies.bare(plan, FAR), matched)
    body.pop("from", None)
    found: list[Body] = []
    with _state(index) as state:
        for at, hit in enumerate(_hits(index, state, body)):
            if at >= offset:
                found.append(hit)
            if len(found) == size:
                break
    return bodies.read(found, scored=plan.sort == "relevance")


def _hits(index: Asks, state: str, body: Body) -> Iterator[Body]:
    asked = {**body, "pit": {"id": state, "keep_alive": KEEP}, "track_total_hits": False}
    while True:
        hits = index.ask("POST", "/_search", asked)["hits"]["hits"]
        yield from hits
        if len(hits) < body["size"]:
            return
        asked = {**asked, "search_after": hits[-1]["sort"]}


@contextmanager
def _state(index: Asks) -> Iterator[str]:
    """The index as it is now, for several searches (a point in time: each product has its own name for it)."""
    if index.connection.product == "opensearch":
        made = index.ask("POST", f"/{index.shown}/_search/point_in_time?keep_alive={KEEP}")["pit_id"]
        path, body = "/_search/point_in_time", {"pit_id": [made]}
    else:
        made = index.ask("POST", f"/{index.shown}/_pit?keep_alive={KEEP}")["id"]
        path, body = "/_pit", {"id": made}
    try:
        yield made
    finally:
        index.ask("DELETE", path, body)


def every_value(index: Asks, wanted: Sequence[tuple[str, Query]]) -> dict[str, facets.Table]:
    """All values of some facets, each counted over what its query finds."""
    found: dict[str, facets.Table] = {name: [] for name, _ in wanted}
    queries, left = dict(wanted), dict[str, Body | None].fromkeys(found)
    while left:
        asked = [_values_page(queries[name], facet_field(name), after) for name, after in left.items()]
        for name, answer in zip(list(left), index.search(asked), strict=True):
            values, left[name] = facets.page_of_values(answer["aggregations"]["all"])
            found[name] += values
        left = {name: after for name, after in left.items() if after is not None}
    return found


def _values_page(query: Query, field: str, after: Body | None) -> Body:
    return {**bodies.search(query, 0), "aggs": {"all": facets.every_value(field, after)}}


def every_owner(index: Asks, plan: Plan) -> dict[str, int]:
    """How many pages of each resource a plan finds."""
    query, found = bodies.pages(plan)["query"], dict[str, int]()
    after: Body | None = None
    while True:
        answer = index.search([_values_page(query, "id", after)])[0]
        values, after = facets.page_of_values(answer["aggregations"]["all"])
        found.update(values)
        if after is None:
            return found
