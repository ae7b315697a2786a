"""Entries of thematic databases as tables: one for each database, its own labels as columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

MAX_COLUMNS: Final = 12
SHORT: Final = 2


@dataclass(slots=True)
class EntryTable:
    """The entries of one database; `labels` in the order they first appear."""

    title: str
    labels: list[str] = field(default_factory=list)
    entries: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_short(self) -> bool:
        """So few entries read better as lists than as a wide table."""
        return len(self.entries) <= SHORT


def entry_tables(entries: Sequence[dict[str, Any]]) -> list[EntryTable]:
    """A table for each source, in the order of the entries."""
    tables: dict[str, EntryTable] = {}
    for entry in entries:
        table = tables.setdefault(entry["source"], EntryTable(entry["source_title"]))
        table.entries.append(entry)
        told = (entry["source_id"], entry["title"])
        new = [label for label, value in entry["values"].items() if label not in table.labels and value not in told]
        table.labels += new[: MAX_COLUMNS - len(table.labels)]
    return list(tables.values())
