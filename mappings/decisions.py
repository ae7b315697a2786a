"""What staff decided about two records: that they are one thing, or that they are not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

Verdict = Literal["same", "apart"]
Key = tuple[str, str]
"""(source, source_id) of a record."""


class Decision(Struct, frozen=True, order=True):
    """One decision. `one` sorts before `other`; `day` is the ISO day it was taken. Of several on one pair the last
    counts.
    """

    one: Key
    other: Key
    verdict: Verdict
    day: str = ""


def ordered(one: Key, other: Key) -> tuple[Key, Key]:
    """Two keys in the order in which a pair names them."""
    return (one, other) if one <= other else (other, one)


def newest(decisions: Iterable[Decision]) -> list[Decision]:
    """The decisions that count, given oldest first: the last of each pair, in the order of their pairs."""
    found = {ordered(each.one, each.other): each for each in decisions}
    return [Decision(*pair, each.verdict, each.day) for pair, each in sorted(found.items())]
