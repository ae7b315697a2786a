"""Facets counted by profile: resources that are counted under the same values share a number, so that a match set is
counted in one column of numbers and not in a column of texts for each facet.

A profile's number follows from its values (`indexer.documents.profile`); what a number stands for is read once from a
resource that has it. Archives repeat themselves - a hundred thousand units share a few thousand profiles. Where they do
not (every resource has subjects of its own), what many hits have is counted column by column.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
from tantivy import Query, Schema, Searcher

from indexer.fields import FACET_VALUES, PROFILES, WRITTEN_FACETS, facet_field
from mappings.text import fold

SEGMENT_VALUES = 65_000
"""Values a segment reports when there are several. With tantivy's default, counts of wide facets are wrong."""
MOST_PROFILES = 30_000
FEW_HITS = 2_000
"""Hits that are counted by profile however different they are."""
FEW_VALUES = 300
"""Values that are sorted as they are; of more only those with the highest counts are looked at one by one."""
PROFILES_KEPT = 500_000
Table = list[tuple[str, int]]
"""Values of a facet with their counts, in no order."""
_Numbers = npt.NDArray[np.int64]


class Profiles:
    """What profiles stand for, as far as it was needed. Kept from commit to commit; safe to share between threads."""

    def __init__(self) -> None:
        self.headings: list[tuple[str, str]] = []
        """(facet, value) by number."""
        self._facets: list[int] = []
        self._same: list[int] = []
        self._numbers: dict[tuple[str, str], int] = {}
        self._first: dict[tuple[str, str], int] = {}
        self._names: dict[str, int] = {}
        self._known: dict[int, _Numbers] = {}
        self._arrays = (np.zeros(0, np.int64), np.zeros(0, np.int64))
        self._lock = Lock()

    def get(self, profile: int) -> _Numbers | None:
        """The numbers of a profile's headings, when it is known."""
        return self._known.get(profile)

    def learn(self, profile: int, facets: Mapping[str, Iterable[str]], names: Iterable[str]) -> _Numbers:
        """Remember a profile by the facets of a resource that has it."""
        with self._lock:
            if len(self._known) >= PROFILES_KEPT:
                self._known.clear()
            numbers = [self._number(name, value) for name in names for value in facets.get(name, ())]
            self._known[profile] = made = np.array(numbers, np.int64)
        return made

    def _number(self, name: str, value: str) -> int:
        number = self._numbers.setdefault((name, value), len(self.headings))
        if number == len(self.headings):
            form = fold(value) if name in WRITTEN_FACETS else value
            self._facets.append(self._names.setdefault(name, len(self._names)))
            self._same.append(self._first.setdefault((name, form), number))
            self.headings.append((name, value))
        return number

    def most_frequent(self, numbers: _Numbers, counts: _Numbers) -> _Numbers:
        """Places of the headings that can be among the first twenty of their facet, with all forms of a value."""
        facets, same = self._columns()
        totals = np.bincount(same[numbers], weights=counts)[same[numbers]]
        kept = np.zeros(len(numbers), bool)
        for facet in np.unique(facets[numbers]):
            places = np.flatnonzero(facets[numbers] == facet)
            first = np.unique(same[numbers[places]], return_index=True)[1]
            if len(first) > FACET_VALUES:
                least = np.partition(totals[places[first]], -FACET_VALUES)[-FACET_VALUES]
                places = places[totals[places] >= least]
            kept[places] = True
        return np.flatnonzero(kept)

    def _columns(self) -> tuple[_Numbers, _Numbers]:
        """Facet of each heading, and the first heading that is the same value."""
        if len(self._arrays[0]) < len(self.headings):
            with self._lock:
                self._arrays = np.array(self._facets, np.int64), np.array(self._same, np.int64)
        return self._arrays


class FacetCounts:
    """Counts facets in one commit."""

    def __init__(self, searcher: Searcher, schema: Schema, profiles: Profiles) -> None:
        self._searcher = searcher
        self._schema = schema
        self._profiles = profiles
        self._shared: dict[str, bool] = {}

    def tables(self, query: Query, facets: Sequence[str], total: int, whole: bool = False) -> dict[str, Table]:
        """Of each facet, counted over the `total` hits of a query, the values that can be among the first twenty, with
        all forms of each; all values if the `whole` is asked for, and of decades always."""
        groups = [group for group in PROFILES if self._by_profile(group, total) and set(PROFILES[group]) & set(facets)]
        single = [name for name in facets if not any(name in PROFILES[group] for group in groups)]
        wanted = {group: _terms(group) for group in groups} | {name: _terms(facet_field(name)) for name in single}
        found = self._searcher.aggregate(query, wanted) if wanted else {}
        tables: dict[str, Table] = {name: [] for name in facets}
        for group in groups:
            for name, value, count in self._counted(group, found[group]["buckets"], whole):
                if name in tables:
                    tables[name].append((value, count))
        for name in single:
            tables[name] = [(bucket["key"], bucket["doc_count"]) for bucket in found[name]["buckets"]]
        return tables

    def _by_profile(self, group: str, total: int) -> bool:
        """Are there few enough profiles among so many hits for them to be counted? The estimate is good enough."""
        if total <= FEW_HITS:
            return True
        if group not in self._shared:
            self._shared[group] = self._searcher.cardinality(Query.all_query(), group) < MOST_PROFILES
        return self._shared[group]

    def _counted(self, group: str, buckets: Sequence[Mapping[str, int]], whole: bool) -> Iterable[tuple[str, str, int]]:
        if not buckets:
            return
        known = self._profiles.get
        stood_for = [known(bucket["key"]) for bucket in buckets]
        lists = [
            numbers if numbers is not None else self._read(group, bucket["key"])
            for numbers, bucket in zip(stood_for, buckets, strict=True)
        ]
        weights = np.repeat([bucket["doc_count"] for bucket in buckets], list(map(len, lists)))
        sums = np.bincount(np.concatenate(lists), weights=weights).astype(np.int64)
        numbers = np.flatnonzero(sums)
        counts = sums[numbers]
        if len(numbers) > FEW_VALUES and not whole and group != "shape":
            chosen = self._profiles.most_frequent(numbers, counts)
            numbers, counts = numbers[chosen], counts[chosen]
        headings = self._profiles.headings
        for number, count in zip(numbers.tolist(), counts.tolist(), strict=True):
            yield (*headings[number], count)

    def _read(self, group: str, profile: int) -> _Numbers:
        """What a profile stands for, from any resource that has it: the number follows from the values alone."""
        query = Query.term_query(self._schema, group, profile, index_option="basic")
        address = self._searcher.search(query, 1, count=False).hits[0][1]
        hit: dict[str, Any] = orjson.loads(self._searcher.doc(address).get_first("hit") or b"")
        return self._profiles.learn(profile, hit["facets"], PROFILES[group])


def _terms(field: str) -> dict[str, Any]:
    return {"terms": {"field": field, "size": SEGMENT_VALUES, "segment_size": SEGMENT_VALUES}}
