"""A look at a sheet before it is mapped: which crosswalk it is of, and its first rows."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

from msgspec import Struct

from mappings.base import Content
from mappings.formats.table.proposal import SAMPLE
from mappings.formats.table.reader import rows_of
from mappings.formats.table.recognise import recognised
from mappings.formats.table.rows import NotATable


class Sheet(Struct, frozen=True):
    """The first rows of a table, header -> cell, and the name of the crosswalk its headers tell, if they tell one."""

    rows: list[dict[str, Any]]
    crosswalk: str | None


def sheet(contents: Sequence[Content]) -> Sheet | None:
    """The sheet of a file, or of rows that a database delivers; None when there is none or it has no rows."""
    rows = [content.row for content in contents if content.row is not None] or _of_file(contents)
    return Sheet(rows, recognised(rows[0])) if rows else None


def _of_file(contents: Sequence[Content]) -> list[dict[str, Any]]:
    if not contents:
        return []
    try:
        with contents[0].open() as stream:
            read = islice(rows_of(stream, contents[0].name, frozenset()), SAMPLE)
            return [row.cells for row in read if row.cells is not None]
    except NotATable:
        return []
