"""One row of the table of counts: ours beside those of an independent reader."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Count:
    """What was counted in the files of a format, by us and by another reader; `note` explains a difference."""

    format: str
    what: str
    ours: int
    theirs: int
    reader: str
    note: str = ""
