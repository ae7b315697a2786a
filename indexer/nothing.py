"""Nothing found: the same question one step wider, each step with how many it finds for this viewer.

A step is left out when it finds nothing, so what is hidden and what does not exist look alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, islice
from typing import Any, Literal

from indexer.query import YEARS, Query

Kind = Literal["script", "years", "holder", "filter", "within", "everywhere", "words"]
TRIED = 16
"""Wider questions of one kind that are counted at most."""
MOST_WORDS = 6
"""Words of a question up to which each is tried without."""
STEPS = 8
NEAREST = 4
YEARS_WIDER = (10, 50)
Json = dict[str, Any]
Count = Callable[[Sequence[Query]], list[int]]
"""How many records each of some questions finds, counted together."""


@dataclass(frozen=True, slots=True)
class Step:
    """A wider question: in what it is wider, what it leaves out, and how many records it finds."""

    kind: Kind
    query: Query
    dropped: tuple[str, ...] = ()
    count: int = 0

    def to_json(self) -> Json:
        """As `interpretation.wider` has it; ``query`` names everything of the question by its API parameter."""
        query = self.query
        return {
            "kind": self.kind,
            "dropped": list(self.dropped),
            "count": self.count,
            "query": {
                "q": query.text,
                "filter": [f"{name}:{value}" for name, values in query.filters.items() for value in values],
                "from": query.year_from,
                "to": query.year_to,
                "in": query.within,
            },
        }


def wider(query: Query, words: tuple[str, ...], count: Count, count_all: Count) -> list[Step]:
    """Steps that find something: another script, other years, holders and collections, then fewer words.

    `count` says how many a search shows, `count_all` how many have all of its words.
    """
    asked = replace(query, offset=0)
    steps = [*_finding(_scripts(asked), count)[:1], *_finding(_years(asked), count)[:1]]
    steps += _finding(_filters(asked), count)
    return [*steps, *nearest(asked, words, count_all)][:STEPS]


def nearest(query: Query, words: tuple[str, ...], count_all: Count) -> list[Step]:
    """With as many of the words as any record has, those first that most records have."""
    for fewer in _fewer_words(query, words):
        if found := _finding(fewer, count_all):
            return sorted(found, key=lambda step: -step.count)[:NEAREST]
    return []


def units(words: tuple[str, ...], said: Iterable[str]) -> tuple[str, ...]:
    """What is left out as one: words, and of those that were read together (1950|年代) what was typed."""
    whole = {"".join(text.split()): text for text in said}
    found: list[str] = []
    at = 0
    while at < len(words):
        ends = (end for end in range(len(words), at + 1, -1) if "".join(words[at:end]) in whole)
        end = next(ends, at + 1)
        found.append(whole["".join(words[at:end])] if end > at + 1 else words[at])
        at = end
    return tuple(found)


def _finding(steps: Iterator[Step], count: Count) -> list[Step]:
    tried = list(islice(steps, TRIED))
    totals = count([step.query for step in tried])
    return [replace(step, count=total) for step, total in zip(tried, totals, strict=True) if total]


def _scripts(query: Query) -> Iterator[Step]:
    """An exact form in any script and form."""
    if '="' in query.text or "=“" in query.text:
        yield Step("script", replace(query, text=query.text.replace('="', '"').replace("=“", "“")))


def _years(query: Query) -> Iterator[Step]:
    first, last = query.year_from, query.year_to
    if first is None and last is None:
        return
    for more in YEARS_WIDER:
        start = None if first is None else max(YEARS[0], first - more)
        end = None if last is None else min(YEARS[-1], last + more)
        yield Step("years", replace(query, year_from=start, year_to=end))
    yield Step("years", replace(query, year_from=None, year_to=None))


def _filters(query: Query) -> Iterator[Step]:
    """Without one of the filters, then without any limit."""
    for name, values in query.filters.items():
        others = {other: chosen for other, chosen in query.filters.items() if other != name}
        kind: Kind = "holder" if name == "holder" else "filter"
        yield Step(kind, replace(query, filters=others), tuple(f"{name}:{value}" for value in values))
    if query.within:
        yield Step("within", replace(query, within=None))
    limits = len(query.filters) + bool(query.within) + (query.year_from is not None or query.year_to is not None)
    if limits > 1:
        yield Step("everywhere", replace(query, filters={}, within=None, year_from=None, year_to=None))


def _fewer_words(query: Query, words: tuple[str, ...]) -> Iterator[Iterator[Step]]:
    """With as many of the words as find something: all but one, all but two, at last each alone."""
    if 1 < len(words) <= MOST_WORDS:
        for kept in range(len(words) - 1, 0, -1):
            yield _with(query, words, kept)


def _with(query: Query, words: tuple[str, ...], kept: int) -> Iterator[Step]:
    for places in combinations(range(len(words)), kept):
        dropped = tuple(word for place, word in enumerate(words) if place not in places)
        yield Step("words", replace(query, text=with_words(query.text, words, places)), dropped)


def with_words(text: str, words: tuple[str, ...], places: tuple[int, ...]) -> str:
    """The text with some of its words: as typed where that can be told, else the words as they were understood."""
    typed = text.split()
    from_typed = typed if len(typed) == len(words) else words
    return " ".join(from_typed[place] for place in places)
