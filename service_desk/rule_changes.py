"""What changed between two texts of rules, line by line."""

from __future__ import annotations

import difflib
from typing import Literal

from msgspec import Struct

AROUND = 3
"""Lines that are shown around what changed."""


class Line(Struct, frozen=True):
    """A line of either text: its number in each, None where it does not stand. A *gap* stands for lines left out."""

    what: Literal["same", "gone", "new", "gap"]
    text: str = ""
    before: int | None = None
    after: int | None = None


def changes(before: str, after: str) -> list[Line]:
    """What changed, with some lines around it; nothing when nothing did."""
    old, new = before.splitlines(), after.splitlines()
    found: list[Line] = []
    for group in difflib.SequenceMatcher(None, old, new).get_grouped_opcodes(AROUND):
        if found or group[0][1] > 0:
            found.append(Line("gap"))
        for kind, old_from, old_to, new_from, new_to in group:
            found += _lines(kind == "equal", old, new, range(old_from, old_to), range(new_from, new_to))
    return found


def _lines(same: bool, old: list[str], new: list[str], gone: range, come: range) -> list[Line]:
    if same:
        return [Line("same", old[at], at + 1, to + 1) for at, to in zip(gone, come, strict=True)]
    return [
        *(Line("gone", old[at], before=at + 1) for at in gone),
        *(Line("new", new[to], after=to + 1) for to in come),
    ]
