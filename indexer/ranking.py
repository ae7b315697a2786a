"""What lifts a hit beside its words: words that stand together, a title that is what was typed, a fonds that is called
so, dates that keep to the years asked for.

All of it is asked of the engine as nodes that rank and match nothing by themselves, and holds for plain words only: who
writes operators, fields or phrases says exactly what is meant.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from indexer.plan import And, Inside, Key, Node, Or, Span, Term
from indexer.query import YEARS
from indexer.suggest_keys import whole_title
from mappings.text import RUN, STOP_WORDS, fold, is_han

TOGETHER = 0.2
"""Weight of two neighbouring words of the query that stand side by side, in this order. On Cranfield (tuned half)
nDCG@10 .390 at 0 and .2, .385 at .5; it is there for names and titles."""
TITLED = 2.0
"""Weight of a title that is the whole query. A box repeats its fonds' name in its own title and in its path, which
BM25 takes for twice the matter; at 1 some boxes still stand before their fonds."""
TOPMOST = 0.5
"""Weight of a fonds whose title holds all words."""
TOP_LEVELS = ("fonds", "collection", "recordgrp")
INSIDE = 3.0
"""Added when a resource is dated within the years asked for: half of what a word of middling rarity counts."""
NEAR = 1.0
"""Added when it reaches no more than `MARGIN` years beyond them."""
MARGIN = 10
MOST_PAIRS = 12
"""Pairs of neighbouring words looked at."""

Ranked = tuple[tuple[Node, float], ...]


@dataclass(frozen=True, slots=True)
class Lifts:
    """`rank` adds shares of what its nodes score, `bonus` fixed amounts (`Plan`)."""

    rank: Ranked = ()
    bonus: Ranked = ()


def lifts(text: str, node: Node, year_from: int | None, year_to: int | None, spans: tuple[Span, ...] = ()) -> Lifts:
    """What lifts hits of a typed text that was read as this tree, asked for within these years; `spans` are the years
    that its words mean: who is dated in just these comes before who reaches beyond them.
    """
    words = _plain_words(node)
    rank = (*_called(text, words), *_together(text)) if words else ()
    meant = (lifted for span in spans for lifted in _dated(span.year_from, span.year_to))
    return Lifts(rank, (*_dated(year_from, year_to), *meant))


def _plain_words(node: Node) -> tuple[Term, ...]:
    """The words of a tree that is nothing but words, all of which are wanted."""
    parts = node.parts if isinstance(node, And) else (node,)
    found = tuple(part for part in parts if isinstance(part, Term) and part.kind == "word" and not part.field)
    return found if len(found) == len(parts) else ()


def _called(text: str, words: tuple[Term, ...]) -> Iterator[tuple[Node, float]]:
    if key := whole_title(text):
        yield Key(key), TITLED
    in_title = tuple(Term(word.text, word.folded, "word", "title") for word in words)
    top = Or(tuple(Term(level, level, "word", "level") for level in TOP_LEVELS))
    yield And((*in_title, top)), TOPMOST


def _together(text: str) -> Iterator[tuple[Node, float]]:
    """Neighbouring words as phrases, and of a Han run the pairs that the dictionary may have cut."""
    folded = fold(text)
    found = list(RUN.finditer(folded))
    phrases = [
        f"{one[0]} {other[0]}"
        for one, other in pairwise(found)
        if not _apart(folded[one.end() : other.start()]) and not {one[0], other[0]} & STOP_WORDS
        if not is_han(one[0]) and not is_han(other[0])
    ]
    for run in found:
        if is_han(run[0]):
            phrases += [one + other for one, other in pairwise(run[0])]
    for words in list(dict.fromkeys(phrases))[:MOST_PAIRS]:
        yield Term(words, words, "phrase"), TOGETHER


def _apart(between: str) -> bool:
    """Does more than a blank or a hyphen stand between two words?"""
    return bool(between.strip(" -\t"))


def _dated(year_from: int | None, year_to: int | None) -> Iterator[tuple[Node, float]]:
    if year_from is None and year_to is None:
        return
    first, last = YEARS[0] if year_from is None else year_from, YEARS[-1] if year_to is None else year_to
    yield Inside(first, last), INSIDE
    yield Inside(max(YEARS[0], first - MARGIN), min(YEARS[-1], last + MARGIN)), NEAR
