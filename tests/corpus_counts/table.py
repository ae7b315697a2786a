"""A count of ours beside that of a reader that knows nothing of our mappings."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Count:
    """`ours` and `theirs` are equal, or `note` says why not."""

    format: str
    what: str
    ours: int
    theirs: int
    reader: str
    note: str = ""
