"""A place in a text where something is named, and which of several claims on one place counts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from mappings.record import MentionType

GAZETTEER, RULE, MODEL = range(3)
"""Who found it; of two equally long claims the first of these counts."""


class Found(NamedTuple):
    """``text[start:end]`` names something. `entries` are numbers of gazetteer entries that go by it.

    `is_weak`: so short a name that it needs dates beside it (`resolve`).
    """

    start: int
    end: int
    type: MentionType
    by: int = RULE
    entries: tuple[int, ...] = ()
    is_weak: bool = False


def chosen(found: Iterable[Found]) -> list[Found]:
    """Claims that do not overlap, in text order: the longest counts, a trained model's only where nobody else has one.

    >>> [one.end for one in chosen([Found(0, 4, "place"), Found(0, 9, "organisation")])]
    [9]
    """
    taken: list[Found] = []
    covered: set[int] = set()
    for one in sorted(set(found), key=_order):
        if covered.isdisjoint(range(one.start, one.end)):
            covered.update(range(one.start, one.end))
            taken.append(one)
    return sorted(taken)


def _order(one: Found) -> tuple[bool, int, int, int, str]:
    return one.by == MODEL, one.start - one.end, one.by, one.start, one.type
