"""Facets counted by the cluster, exactly: the commonest values at first, all of them where that leaves a doubt.

A facet whose values are written by people counts forms of one value together (`indexer.plan.ranked`), so the first
twenty are certain only when all forms are known. Shards each tell their own commonest values; what they leave out is
certain only when they say so. Where there is a doubt, every value is asked for, page by page.
"""

from __future__ import annotations

from typing import Any

from indexer.fields import FACET_VALUES, WRITTEN_FACETS, facet_field
from indexer.plan import Plan

Json = dict[str, Any]
Table = list[tuple[str, int]]
WRITTEN_VALUES = 2_000
"""Values asked for of a facet that people write: more than that, and all are."""
DECADES = 1_000
STEP = 10_000
"""Values of a page when all are asked for."""


def wanted(plan: Plan) -> Json:
    """Aggregations for the facets of a plan that its own filters do not limit."""
    return {name: of_facet(name, bool(plan.facet_text)) for name in plan.facets if name not in plan.filters}


def decades_wanted(plan: Plan) -> Json:
    """The aggregation for the histogram."""
    return {"histogram": {"terms": {"field": facet_field("decade"), "size": DECADES}}} if plan.histogram else {}


def of_facet(name: str, whole: bool) -> Json:
    """The aggregation for one facet."""
    size = STEP if whole else WRITTEN_VALUES if name in WRITTEN_FACETS else FACET_VALUES
    return {"terms": {"field": facet_field(name), "size": size}}


def table(aggregation: Json) -> Table:
    """The values of a facet with their counts."""
    return [(bucket["key"], bucket["doc_count"]) for bucket in aggregation["buckets"]]


def is_certain(name: str, aggregation: Json, whole: bool) -> bool:
    """Can nothing that was left out be among the first twenty, or change a count of them?"""
    if aggregation["sum_other_doc_count"] == 0:
        return True
    return not whole and name not in WRITTEN_FACETS and aggregation["doc_count_error_upper_bound"] == 0


def every_value(field: str, after: Json | None) -> Json:
    """The aggregation for a page of all values of a field."""
    source = {"value": {"terms": {"field": field}}}
    return {"composite": {"size": STEP, "sources": [source], **({"after": after} if after else {})}}


def page_of_values(aggregation: Json) -> tuple[Table, Json | None]:
    """A page of all values with their counts, and where the next one begins."""
    found = [(bucket["key"]["value"], bucket["doc_count"]) for bucket in aggregation["buckets"]]
    return found, aggregation.get("after_key") if len(found) == STEP else None
