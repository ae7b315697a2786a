"""One line of the table of counts: what we found, what a reader that knows nothing of our mappings found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Count:
    """`ours` against `theirs` (read by `reader`); a `note` explains a difference that is right."""

    format: str
    what: str
    ours: int
    theirs: int
    reader: str
    note: str = ""
