"""The pages of one record as they lie in the store: counted by their keys, read one by one or looked through once."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mappings.decisions import Key
from pipelines.places import Places, Where
from pipelines.record_store import KEYS
from pipelines.tables import by_version, newest
from pipelines.volumes import IMAGED, WORDED, reduced

_COLUMNS = ("version", "action", "page", "copy")


class StoredPages:
    """The current pages of a record, numbered from 1 through all its copies; what is kept of them are their places."""

    def __init__(self, places: Places, key: Key) -> None:
        self._places = places
        self._wheres: list[Where] = []
        parts = [self._numbered(where, table) for where, table in places.located(key, _COLUMNS)]
        self._rows = _current(pa.concat_tables(parts)) if parts else pa.table({"group": pa.array([], pa.int64())})

    def _numbered(self, where: Where, table: pa.Table) -> pa.Table:
        self._wheres.append(where)
        return table.append_column("group", pa.array(np.full(table.num_rows, len(self._wheres) - 1)))

    @property
    def total(self) -> int:
        """How many there are."""
        return int(self._rows.num_rows)

    def page(self, number: int) -> tuple[int, str]:
        """One page: (ordinal of its copy, JSON). Raises IndexError."""
        row = self._rows.slice(number - 1, 1).to_pylist()[0]
        where = self._wheres[row["group"]]
        return row["copy"], self._places.column(where, "record", np.array([row["at"]]))[0].as_py()

    def reduced(self) -> list[tuple[int, str]]:
        """Of each copy as many pages as say whether there are images and texts, and nothing else."""
        seen: set[tuple[int, bool, bool]] = set()
        for group, where in enumerate(self._wheres):
            rows = self._rows.filter(pc.equal(self._rows["group"], group))
            if rows.num_rows:
                pages = self._places.column(where, "record", rows["at"].to_numpy())
                told = (pc.match_substring(pages, mark).to_pylist() for mark in (IMAGED, WORDED))
                seen.update(zip(rows["copy"].to_pylist(), *told, strict=True))
        return sorted((copy, reduced(imaged, worded)) for copy, imaged, worded in seen)


def _current(table: pa.Table) -> pa.Table:
    """The newest row of each page that is there, in the order of the pages."""
    table = by_version(table)
    table = table.take(newest(table, KEYS["page"]))
    return table.filter(pc.not_equal(table["action"], "delete")).sort_by("page")
