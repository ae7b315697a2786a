"""Names among the words: what the headings of the hits know as a place, a person, a body or a subject."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from indexer.plan import Term, typed_terms
from indexer.understanding.piece import Piece
from indexer.understanding.question import ALL, Understood
from mappings.authorities import compared

Json = dict[str, Any]
FIELDS: Final = ("place", "person", "organisation", "subject")
MOST_WORDS: Final = 16


def named(meant: Understood, facets: Mapping[str, Sequence[tuple[str, int]]], plain: Collection[str]) -> list[Json]:
    """A reading for each word, or row of words, that is a heading of what was found; nothing is looked up for it.

    A heading is among the words of its record, so this widens nothing: it says what a word was found to be.
    """
    if ALL in plain:
        return []
    headings = {compared(value): (field, value) for field in reversed(FIELDS) for value, _ in facets.get(field, ())}
    taken = {reading["text"] for reading in meant.readings}
    return [piece.reading for piece in _pieces(meant, headings) if piece.text not in taken and piece.key not in plain]


def _pieces(meant: Understood, headings: Mapping[str, tuple[str, str]]) -> Iterator[Piece]:
    words = [term for term in typed_terms(meant.asked) if _is_plain(term)][:MOST_WORDS]
    place = 0
    while place < len(words):
        for last in range(len(words), place, -1):
            text = _joined(words[place:last])
            if text and (found := headings.get(compared(text))):
                start = words[place].at
                says = {"field": found[0], "value": found[1]}
                yield Piece(start, start + len(text), found[0], text, says=says)
                place = last - 1
                break
        place += 1


def _is_plain(term: Term) -> bool:
    return term.field is None and term.kind == "word" and term.at >= 0


def _joined(words: Sequence[Term]) -> str:
    """Words that stand beside each other as one text; empty when they do not."""
    text = words[0].text
    for before, word in pairwise(words):
        gap = word.at - before.at - len(before.text)
        if gap not in (0, 1):
            return ""
        text += " " * gap + word.text
    return text
