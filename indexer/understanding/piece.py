"""A piece of what was typed that means something: where it stands, what it means, what is shown of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from indexer.plan import Node
from mappings.text import RUN, fold, is_han, segment

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters `start` to `end` of the typed text, read as a `kind` of thing.

    `meaning` is looked for as well as the words; a piece that is `left_out` is not asked for, but lifts what has it
    when it `lifts`. `says` is what the reader is shown of it beside kind, key and text.
    """

    start: int
    end: int
    kind: str
    text: str
    meaning: Node | None = None
    left_out: bool = False
    lifts: bool = False
    says: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def key(self) -> str:
        """By which the reader takes the reading back (`Query.plain`)."""
        return f"{self.kind}:{fold(self.text)}"

    @property
    def reading(self) -> Json:
        """As `interpretation.readings` has it."""
        return {"kind": self.kind, "key": self.key, "text": self.text, **self.says}


def apart(pieces: Iterable[Piece]) -> list[Piece]:
    """The pieces without those that overlap an earlier one of the list, in order of place."""
    kept: list[Piece] = []
    for piece in pieces:
        if all(piece.end <= other.start or piece.start >= other.end for other in kept):
            kept.append(piece)
    return sorted(kept, key=lambda piece: piece.start)


def word_edges(folded: str) -> set[int]:
    """Places in a folded text where a word begins or ends; in a run of Han characters a word of the dictionary."""
    edges = {0, len(folded)}
    for run in RUN.finditer(folded):
        at = run.start()
        edges |= {at, run.end()}
        for word in segment(run[0]) if is_han(run[0]) else ():
            at += len(word)
            edges.add(at)
    return edges
