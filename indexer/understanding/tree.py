"""Readings put into the tree of what was typed. A reading widens a part and never narrows one.

Where a piece means something, its words stay as one way to say it beside the meaning; what is left out is asked for no
more; of a word that a piece takes only a part of, the rest stays. So whatever holds all the words as typed matches.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from indexer.plan import And, Either, Node, Not, Or, Term, typed_terms
from indexer.understanding.piece import Piece
from mappings.text import fold, is_han

_QUOTES = '"“”„'


@dataclass(frozen=True, slots=True)
class Widened:
    """`asked` is what must match; `each` the same with as many parts as were typed, of which most can be asked;
    `lifting` what adds to the score of what has it. `read` are the pieces that found a place.
    """

    asked: Node
    each: Node
    lifting: tuple[Node, ...] = ()
    read: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A part of what is asked for, and where it stands in what was typed (nowhere for what no reading may touch)."""

    node: Node
    start: int
    end: int


def widened(node: Node, text: str, pieces: Sequence[Piece]) -> Widened:
    """The tree with what the pieces mean; pieces stand in order and do not overlap."""
    if isinstance(node, Or):
        groups = [widened(part, text, pieces) for part in node.parts]
        return Widened(
            Or(tuple(group.asked for group in groups)),
            node,
            tuple(lifted for group in groups for lifted in group.lifting),
            tuple(dict.fromkeys(piece for group in groups for piece in group.read)),
        )
    parts = parts_of(node, text)
    taken = {place: _taking(part, pieces) for place, part in enumerate(parts)}
    read = tuple(dict.fromkeys(piece for found in taken.values() for piece in found))
    if not read:
        return Widened(node, node)
    units = list(_units(parts, taken))
    if all(isinstance(unit, Not) for unit in units):  # nothing but words of asking: they are what is asked
        return Widened(node, node, read=tuple(piece for piece in read if not piece.left_out))
    lifting = tuple(_together(_words(parts, taken, piece)) for piece in read if piece.left_out and piece.lifts)
    each = [_with_meaning(part.node, first) for part, first in _firsts(parts, taken)]
    return Widened(_together(units), _together(each), lifting, read)


def parts_of(node: Node, text: str) -> list[Part]:
    """What a group asks for, part by part."""
    return [_placed(part, text) for part in (node.parts if isinstance(node, And) else (node,))]


def _placed(node: Node, text: str) -> Part:
    found = list(typed_terms(node))
    if not found or any(term.field or term.at < 0 or term.kind not in ("word", "phrase") for term in found):
        return Part(node, -1, -1)
    start, end = found[0].at, max(term.at + len(term.text) for term in found)
    return Part(node, -1, -1) if text[start - 1 : start] in _QUOTES and start else Part(node, start, end)


def _taking(part: Part, pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    return tuple(piece for piece in pieces if piece.start < part.end and piece.end > part.start)


def _units(parts: Sequence[Part], taken: dict[int, tuple[Piece, ...]]) -> Iterator[Node]:
    """What is asked for: each piece once, with all its words; what no piece takes as it is."""
    done: set[Piece] = set()
    for place, part in enumerate(parts):
        pieces = [piece for piece in taken[place] if piece.left_out or piece.meaning is not None]
        if not pieces:
            yield part.node
            continue
        for piece in pieces:
            if piece not in done and not piece.left_out and piece.meaning is not None:
                yield Either((_together(_words(parts, taken, piece)), *_ways(piece.meaning)))
            done.add(piece)
        yield from _rest(part, pieces)


def _words(parts: Sequence[Part], taken: dict[int, tuple[Piece, ...]], piece: Piece) -> list[Node]:
    return [part.node for place, part in enumerate(parts) if piece in taken[place]]


def _ways(meaning: Node) -> tuple[Node, ...]:
    return meaning.parts if isinstance(meaning, Either) else (meaning,)


def _rest(part: Part, pieces: Sequence[Piece]) -> Iterator[Node]:
    """What the pieces leave of a Han word they cut into; a single character says too little to be asked for."""
    term = part.node
    if not isinstance(term, Term) or not is_han(term.folded):
        return
    at = part.start
    for start, end in [*((piece.start, piece.end) for piece in pieces), (part.end, part.end)]:
        typed = term.text[at - part.start : max(at, start) - part.start]
        if len(typed) > 1:
            yield Term(typed, fold(typed), "word", at=at)
        at = max(at, end)


def _firsts(parts: Sequence[Part], taken: dict[int, tuple[Piece, ...]]) -> Iterator[tuple[Part, tuple[Piece, ...]]]:
    """Each part with the pieces that it is the first to stand in: a meaning counts once among most of the words."""
    done: set[Piece] = set()
    for place, part in enumerate(parts):
        yield part, tuple(piece for piece in taken[place] if piece not in done)
        done.update(taken[place])


def _with_meaning(node: Node, first: tuple[Piece, ...]) -> Node:
    ways = [way for piece in first if piece.meaning is not None and not piece.left_out for way in _ways(piece.meaning)]
    return Either((node, *ways)) if ways else node


def _together(nodes: Sequence[Node]) -> Node:
    return nodes[0] if len(nodes) == 1 else And(tuple(nodes))
