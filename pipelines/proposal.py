"""For a source of tables that says nothing of its columns: the crosswalk its sheet is of, or a proposal for one."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

import msgspec

from connectors.base import SourceError
from mappings.formats.table.proposal import SAMPLE, propose
from mappings.formats.table.sheet import Sheet, sheet
from pipelines.items import Contents, Unit, read_unit
from pipelines.source import SourceSpec

FILES = 5
"""Files opened to find one that is a table."""


def proposal(spec: SourceSpec, units: Iterable[Unit]) -> dict[str, Any]:
    """What `source check` says of columns: `crosswalk` (stated or recognised, None when there is none) and `proposal`.

    `proposal` is None where nothing is to be proposed; else `item` (where the rows are from), and `columns`, each with
    header, sample, field (None: left among the values), confidence from 0 to 1, why, split, unique.
    """
    nothing = {"crosswalk": spec.crosswalk, "proposal": None}
    if spec.mapping != "table" or spec.columns or spec.crosswalk:
        return nothing
    item, found = _first_sheet(units)
    if found is None or found.crosswalk is not None:
        return nothing if found is None else {"crosswalk": found.crosswalk, "proposal": None}
    columns = [msgspec.to_builtins(column) for column in propose(found.rows)]
    return {"crosswalk": None, "proposal": {"item": item, "columns": columns}}


def _first_sheet(units: Iterable[Unit]) -> tuple[str, Sheet | None]:
    """The first file that is a table with rows, or the first rows of a database together."""
    rows: list[Contents] = []
    key = ""
    for number, unit in enumerate(islice(units, SAMPLE)):
        try:
            _, contents = read_unit(unit)
        except (SourceError, OSError):
            continue
        key = key or unit.key
        if contents[0].row is not None:
            rows += contents
        elif (found := sheet(contents)) is not None:
            return unit.key, found
        elif number + 1 >= FILES:
            break
    return key, sheet(rows)
