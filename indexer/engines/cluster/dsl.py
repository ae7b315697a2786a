"""The few kinds of queries we ask for, as the JSON that both products take."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from indexer.engines.cluster.mapping import MOST_IDS

Query = dict[str, Any]

EVERYTHING: Query = {"match_all": {}}
NOTHING: Query = {"match_none": {}}
_IN_FIELD = frozenset({"term", "prefix", "fuzzy", "match_phrase", "match_phrase_prefix"})
"""Queries whose boost stands with the name of their field."""


def term(field: str, value: str | int) -> Query:
    """Documents with a token or a whole value in a field."""
    return {"term": {field: {"value": value}}}


def one_of(field: str, values: Iterable[str | int]) -> Query:
    """Documents with one of these values, without a score."""
    wanted = list(values)
    parts: list[Query] = [
        {"terms": {field: wanted[start : start + MOST_IDS]}} for start in range(0, len(wanted), MOST_IDS)
    ]
    return silent(any_of(parts))


def boundary(field: str, low: int | None, high: int | None) -> Query:
    """Documents with a number within these bounds, without a score; with any number for no bounds."""
    bounds = {name: value for name, value in (("gte", low), ("lte", high)) if value is not None}
    return silent({"range": {field: bounds}} if bounds else {"exists": {"field": field}})


def any_of(queries: Sequence[Query]) -> Query:
    """What one of the queries finds; scores add up."""
    if len(queries) == 1:
        return queries[0]
    return {"bool": {"should": list(queries), "minimum_should_match": 1}} if queries else NOTHING


def all_of(queries: Iterable[Query], *, lifted: Sequence[Query] = (), but: Sequence[Query] = ()) -> Query:
    """What all of the queries find and none of `but` does; `lifted` adds to the score where it matches."""
    must: list[Query] = []
    filters: list[Query] = []
    for query in queries:
        inner = _unscored(query)
        (must if inner is None else filters).append(query if inner is None else inner)
    if len(must) == 1 and not (filters or lifted or but):
        return must[0]
    parts = {
        "must": must,
        "filter": filters,
        "should": list(lifted),
        "must_not": [_unscored(one) or one for one in but],
    }
    return {"bool": {name: found for name, found in parts.items() if found}}


def best_of(queries: Sequence[Query]) -> Query:
    """What one of the queries finds, scored as the best of them."""
    return queries[0] if len(queries) == 1 else {"dis_max": {"queries": list(queries)}}


def constant(query: Query, score: float) -> Query:
    """The same documents, all with one score."""
    return {"constant_score": {"filter": _unscored(query) or query, "boost": score}}


def silent(query: Query) -> Query:
    """A condition that does not score."""
    return constant(query, 0.0)


def boosted(query: Query, weight: float) -> Query:
    """The query with its score times a weight."""
    if weight == 1.0 or query is NOTHING:
        return query
    kind, body = next(iter(query.items()))
    if kind in _IN_FIELD:
        field, said = next(iter(body.items()))
        return {kind: {field: {**said, "boost": said.get("boost", 1.0) * weight}}}
    return {kind: {**body, "boost": body.get("boost", 1.0) * weight}}


def _unscored(query: Query) -> Query | None:
    """The condition within a silent query, None for one that scores."""
    said = query.get("constant_score")
    return said["filter"] if said and said["boost"] == 0.0 else None
