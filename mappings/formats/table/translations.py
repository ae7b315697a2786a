"""Rows that repeat a description in another language: AtoM writes one row a culture, under one id.

They are no records of their own. What they say is kept with the row they translate, under its header and the language.
https://www.accesstomemory.org/en/docs/latest/user-manual/import-export/csv-import/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mappings.formats.table.plan import Cells, Plan
from mappings.formats.table.rows import Row

_MOST = 100
"""Translations held for one row: there are fewer languages in any catalogue."""


def with_translations(
    rows: Iterator[Row], plan_of: Callable[[Row], Plan]
) -> Iterator[tuple[Row, Plan, tuple[Row, ...]]]:
    """Each row with its plan and the rows right below it that translate it."""
    held: tuple[Row, Plan] | None = None
    found: list[Row] = []
    said = ("", "")
    for row in rows:
        plan = plan_of(row)
        mine = _id_and_culture(row, plan) if "culture" in plan.columns else None
        if held is not None and mine is not None and _translates(mine, said) and len(found) < _MOST:
            found.append(row)
            continue
        if held is not None:
            yield *held, tuple(found)
            held = None
        if mine is None:
            yield row, plan, ()
        else:
            held, found, said = (row, plan), [], mine
    if held is not None:
        yield *held, tuple(found)


def _translates(mine: tuple[str, str], other: tuple[str, str]) -> bool:
    return mine[0] == other[0] and mine[1] != other[1]


def _id_and_culture(row: Row, plan: Plan) -> tuple[str, str] | None:
    """None for a row that no other can translate."""
    if row.cells is None:
        return None
    cells = Cells(row.cells, plan)
    own, culture = cells.one("id"), cells.one("culture")
    return (own, culture) if own and culture else None


def texts(translations: tuple[Row, ...], plan: Plan) -> dict[str, str]:
    """What translations say, under "header (culture)"; nothing of what is for staff."""
    found: dict[str, str] = {}
    kept = {*plan.columns.get("id", ()), *plan.columns.get("culture", ()), *plan.staff}
    for row in translations:
        cells = Cells(row.cells or {}, plan)
        culture = cells.one("culture")
        found |= {
            f"{header} ({culture})": text
            for header in cells.raw
            if header not in kept and (text := cells.text(header)) is not None
        }
    return found
