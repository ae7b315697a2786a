"""Our query: plain data, no engine syntax. What was typed is parsed in `indexer.language`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from indexer.errors import QueryError

Sort = Literal["relevance", "date", "reference_code"]
SORTS: tuple[Sort, ...] = ("relevance", "date", "reference_code")
Group = Literal["", "fonds"]
GROUPS: tuple[Group, ...] = ("", "fonds")
MAX_SIZE = 200
MAX_OFFSET = 1_000_000_000
"""Beyond any number of hits: engines check an offset against the hits there are before they make room for it."""
YEARS = range(-9999, 10_000)


@dataclass(frozen=True, slots=True)
class Part:
    """What one field of a form says: any of its `texts` is enough, or a date within `years` (both ends included).

    `field` is the heading a hit stands first for (``name``, ``place``, ...); ``code`` compares the texts as reference
    codes, too.
    """

    texts: tuple[str, ...]
    years: tuple[int, int] | None = None
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Corner:
    """A part of the holdings with a form of its own: what every hit has (a facet and its values, one of which is
    enough), and what the form asks, all parts at once. With `whole` most of it is not enough, whatever the box does.
    """

    standing: tuple[tuple[str, tuple[str, ...]], ...] = ()
    parts: tuple[Part, ...] = ()
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """A question to the index: what was typed, filters (same field = or, different fields = and), years (both ends
    included).

    `within` limits to a resource and all that is below it. `plain` names readings of the words that the reader took
    back (`"all"`: read them as words and nothing else); without `synonyms` no other names of what was typed are looked
    for. `folded` shows near-identical siblings as one hit, `group` the best of each fonds. With a `corner` its form is
    asked besides: what the words of `text` find within it, and what its parts find (`indexer.corner`).
    """

    text: str = "*"
    filters: dict[str, tuple[str, ...]] = field(default_factory=dict)
    year_from: int | None = None
    year_to: int | None = None
    sort: Sort = "relevance"
    size: int = 20
    offset: int = 0
    within: str | None = None
    plain: tuple[str, ...] = ()
    synonyms: bool = True
    folded: bool = False
    group: Group = ""
    corner: Corner | None = None

    def __post_init__(self) -> None:
        from indexer.fields import FILTERS

        standing = self.corner.standing if self.corner else ()
        unknown = [name for name in (*self.filters, *(name for name, _ in standing)) if name not in FILTERS]
        if unknown:
            raise QueryError(f"There is no filter {unknown[0]!r}. Filters: {', '.join(FILTERS)}.")
        if self.sort not in SORTS:
            raise QueryError(f"There is no sort order {self.sort!r}. Orders: {', '.join(SORTS)}.")
        if self.group not in GROUPS:
            raise QueryError(f"Hits cannot be grouped by {self.group!r}, only by fonds.")
        for year in (self.year_from, self.year_to):
            if year is not None and year not in YEARS:
                raise QueryError(f"{year} is not a year between {YEARS[0]} and {YEARS[-1]}.")
        if not 0 <= self.size <= MAX_SIZE:
            raise QueryError(f"size must be between 0 and {MAX_SIZE}, not {self.size}.")
        if not 0 <= self.offset <= MAX_OFFSET:
            raise QueryError(f"offset must be between 0 and {MAX_OFFSET}, not {self.offset}.")
