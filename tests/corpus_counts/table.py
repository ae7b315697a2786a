"""A line of the table that `make corpus` prints."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Count:
    """What we counted in a part of the corpus, and what a reader of other make counted in the same files."""

    format: str
    what: str
    ours: int
    theirs: int
    reader: str
    note: str = ""
