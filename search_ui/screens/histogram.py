"""The bars above the year fields: thirty at most, whatever the holdings span. The fields are the accessible way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from indexer.query import Query
from search_ui.i18n import Translator

MOST: Final = 30
SPANS: Final = (10, 20, 50, 100, 200, 500, 1000)
"""Years a bar may stand for; the smallest that gives at most `MOST` bars is taken."""
TAIL: Final = 0.01
"""Share of the dated records that may lie beyond either end: one charter of 1040 would else squeeze a whole century."""
LONELY: Final = 0.1
"""The same for what lies more than `GAP` empty years away from everything else."""
GAP: Final = 100


@dataclass(frozen=True, slots=True)
class Bar:
    """A span of years, both ends included: `height` in per cent of the tallest, `within` the chosen years or not."""

    first: int
    last: int
    count: int
    title: str
    height: int
    within: bool


def bars(decades: list[dict[str, Any]], query: Query, words: Translator) -> list[Bar]:
    """Bars of equal spans without a gap between them, from counts by decade in ascending order."""
    kept = _without_tail(_without_tail([(each["from"], each["count"]) for each in decades])[::-1])[::-1]
    if not kept:
        return []
    counts = _grouped(kept)
    tallest = max(count for _, _, count in counts)
    return [_bar(first, last, count, tallest, query, words) for first, last, count in counts]


def _without_tail(counts: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Without the few decades at the beginning, `counts` running in either direction."""
    total, passed, cut = sum(count for _, count in counts), 0, 0
    for place, (decade, count) in enumerate(counts[:-1]):
        passed += count
        gap = abs(counts[place + 1][0] - decade)
        if passed <= total * (LONELY if gap > GAP else TAIL):
            cut = place + 1
    return counts[cut:]


def _grouped(decades: list[tuple[int, int]]) -> list[tuple[int, int, int]]:
    first, last = decades[0][0], decades[-1][0] + 9
    span = next((years for years in SPANS if last // years - first // years < MOST), SPANS[-1])
    return list(_spans(decades, first // span * span, last, span))


def _spans(decades: list[tuple[int, int]], start: int, end: int, span: int) -> Iterator[tuple[int, int, int]]:
    counts: dict[int, int] = {}
    for decade, count in decades:
        counts[decade // span * span] = counts.get(decade // span * span, 0) + count
    for first in range(start, end + 1, span):
        yield first, first + span - 1, counts.get(first, 0)


def _bar(first: int, last: int, count: int, tallest: int, query: Query, words: Translator) -> Bar:
    starts = query.year_from is None or last >= query.year_from
    ends = query.year_to is None or first <= query.year_to
    height = max(3, round(100 * count / tallest)) if count else 0
    return Bar(first, last, count, f"{first}–{last}: {words.number(count)}", height, starts and ends)
