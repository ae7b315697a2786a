"""Facets counted by profile: resources that are counted under the same values share a number, so that a match set is
counted in one column of numbers and not in a column of texts for each facet.

A profile's number follows from its values (`indexer.documents.profile`); what a number stands for is read once from a
resource that has it. Archives repeat themselves - a hundred thousand units share a few thousand profiles. Where they do
not (every resource has subjects of its own), what many hits have is counted column by column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from operator import itemgetter
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
Table = list[tuple[str, int]]
"""Values of a facet with their counts, in no order."""
Read = Callable[[int], list[tuple[str, str]]]
_Numbers = npt.NDArray[np.int64]
_PROFILE, _COUNT = itemgetter("key"), itemgetter("doc_count")


class _Column:
    """Numbers that are appended one by one and looked up all at once."""

    def __init__(self) -> None:
        self._new: list[int] = []
        self._whole = np.zeros(0, np.int64)

    def append(self, number: int) -> None:
        self._new.append(number)

    def values(self) -> _Numbers:
        """All of them."""
        if self._new:
            self._whole, self._new = np.concatenate((self._whole, np.array(self._new, np.int64))), []
        return self._whole


class Profiles:
    """What profiles stand for, as far as it was needed. Kept from commit to commit; safe to share between threads.

    A heading is a value of a facet. Each profile has its headings in a row of one long list.
    """

    def __init__(self) -> None:
        self._headings: list[tuple[str, str]] = []
        self._numbers: dict[tuple[str, str], int] = {}
        self._same_as: dict[tuple[str, str], int] = {}
        self._facet_numbers: dict[str, int] = {}
        self._places: dict[int, int] = {}
        self._facets, self._same = _Column(), _Column()
        self._rows, self._starts, self._lengths = _Column(), _Column(), _Column()
        self._filled = 0
        self._lock = Lock()

    def counted(self, buckets: Sequence[Mapping[str, int]], read: Read, whole: bool) -> Iterable[tuple[str, str, int]]:
        """Facet, value and count of what profiles with these counts stand for: all, or those that can be among the
        first twenty of their facet. `read` gives the facets of a profile that is not known."""
        with self._lock:
            numbers, lengths = self._rows_of(self._placed(list(map(_PROFILE, buckets)), read))
            weights = np.repeat(np.fromiter(map(_COUNT, buckets), np.int64, len(buckets)), lengths)
            sums = np.bincount(numbers, weights=weights).astype(np.int64)
            numbers = np.flatnonzero(sums)
            if len(numbers) > FEW_VALUES and not whole:
                numbers = numbers[self._most_frequent(numbers, sums[numbers])]
        found = zip(numbers.tolist(), sums[numbers].tolist(), strict=True)
        return [(*self._headings[number], count) for number, count in found]

    def _placed(self, profiles: list[int], read: Read) -> _Numbers:
        known = zip(profiles, map(self._places.get, profiles), strict=True)
        return np.array([self._learn(profile, read) if place is None else place for profile, place in known], np.int64)

    def _rows_of(self, places: _Numbers) -> tuple[_Numbers, _Numbers]:
        """The headings of all these profiles in a row, and how many each has."""
        starts, lengths = self._starts.values()[places], self._lengths.values()[places]
        ends = np.cumsum(lengths)
        within = np.arange(ends[-1]) - np.repeat(ends - lengths, lengths)
        return self._rows.values()[np.repeat(starts, lengths) + within], lengths

    def _learn(self, profile: int, read: Read) -> int:
        numbers = [self._number(name, value) for name, value in read(profile)]
        self._starts.append(self._filled)
        self._lengths.append(len(numbers))
        for number in numbers:
            self._rows.append(number)
        self._filled += len(numbers)
        return self._places.setdefault(profile, len(self._places))

    def _number(self, name: str, value: str) -> int:
        number = self._numbers.setdefault((name, value), len(self._headings))
        if number == len(self._headings):
            form = fold(value) if name in WRITTEN_FACETS else value
            self._facets.append(self._facet_numbers.setdefault(name, len(self._facet_numbers)))
            self._same.append(self._same_as.setdefault((name, form), number))
            self._headings.append((name, value))
        return number

    def _most_frequent(self, numbers: _Numbers, counts: _Numbers) -> npt.NDArray[np.bool_]:
        """Which headings can be among the first twenty of their facet, forms of one value counted together; of decades
        all."""
        same = self._same.values()[numbers]
        totals = np.bincount(same, weights=counts)
        values = np.flatnonzero(totals)
        facets = self._facets.values()[values]
        kept = np.zeros(len(totals), bool)
        for name, facet in self._facet_numbers.items():
            chosen = values[facets == facet]
            if len(chosen) > FACET_VALUES and name != "decade":
                least = np.partition(totals[chosen], -FACET_VALUES)[-FACET_VALUES]
                chosen = chosen[totals[chosen] >= least]
            kept[chosen] = True
        return kept[same]


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
            if buckets := found[group]["buckets"]:
                for name, value, count in self._profiles.counted(buckets, partial(self._read, group), whole):
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

    def _read(self, group: str, profile: int) -> list[tuple[str, str]]:
        """What a profile stands for, from any resource that has it: the number follows from the values alone."""
        query = Query.term_query(self._schema, group, profile, index_option="basic")
        address = self._searcher.search(query, 1, count=False).hits[0][1]
        facets = orjson.loads(self._searcher.doc(address).get_first("hit") or b"")["facets"]
        return [(name, value) for name in PROFILES[group] for value in facets.get(name, ())]


def _terms(field: str) -> dict[str, Any]:
    return {"terms": {"field": field, "size": SEGMENT_VALUES, "segment_size": SEGMENT_VALUES}}
