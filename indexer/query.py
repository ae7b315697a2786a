"""Our query: plain data, no engine syntax. What was typed is parsed in `indexer.language`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from indexer.errors import QueryError

Sort = Literal["relevance", "date", "reference_code"]
SORTS: tuple[Sort, ...] = ("relevance", "date", "reference_code")
MAX_SIZE = 200
MAX_OFFSET = 100_000
YEARS = range(-9999, 10_000)


@dataclass(frozen=True, slots=True)
class Query:
    """A question to the index: what was typed, filters (same field = or, different fields = and), years (both ends
    included)."""

    text: str = "*"
    filters: dict[str, tuple[str, ...]] = field(default_factory=dict)
    year_from: int | None = None
    year_to: int | None = None
    sort: Sort = "relevance"
    size: int = 20
    offset: int = 0

    def __post_init__(self) -> None:
        from indexer.fields import FILTERS

        unknown = [name for name in self.filters if name not in FILTERS]
        if unknown:
            raise QueryError(f"There is no filter {unknown[0]!r}. Filters: {', '.join(FILTERS)}.")
        if self.sort not in SORTS:
            raise QueryError(f"There is no sort order {self.sort!r}. Orders: {', '.join(SORTS)}.")
        for year in (self.year_from, self.year_to):
            if year is not None and year not in YEARS:
                raise QueryError(f"{year} is not a year between {YEARS[0]} and {YEARS[-1]}.")
        if not 0 <= self.size <= MAX_SIZE:
            raise QueryError(f"size must be between 0 and {MAX_SIZE}, not {self.size}.")
        if not 0 <= self.offset <= MAX_OFFSET:
            raise QueryError(f"offset must be between 0 and {MAX_OFFSET}, not {self.offset}.")
