"""``/stacks/places``: the register of places, a place with what is in it, and the register from a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from mappings.access import Viewer
from search_ui import paths
from search_ui.web.forms import Fields
from search_ui.web.guarded import only
from search_ui.web.render import Here, here, page
from search_ui.web.stacks import fault, page_number, said, status
from service_desk.errors import Conflict, DeskError, Invalid, NotFound
from service_desk.stacks.importing import ADVICE, ImportReport, RowReport
from service_desk.stacks.shelving import KINDS

SIZE: Final = 100
REPORTED: Final = 500
"""Rows of a report on one page."""
PLACES: Final = f"{paths.STACKS}/places"
_work = only("stacks.work")
_EMPTY: Final = {"barcode": "", "kind": "box", "title": "", "inside": "", "table": ""}


@_work
def listed(request: Request) -> Response:
    """Places by barcode, title or reference code; the outermost ones at first."""
    return _list(request, _EMPTY, None)


@_work
def add(request: Request, fields: Fields) -> Response:
    """``POST /stacks/places``: a new place."""
    context = here(request)
    typed = {name: fields.get(name, "")[:1_000] for name in ("barcode", "kind", "title", "inside")}
    try:
        context.services.desk.stacks.register.add(**typed, viewer=context.viewer)
    except (Invalid, Conflict) as error:
        return _list(request, {**_EMPTY, **typed}, error)
    return _to(typed["barcode"])


@_work
def read_table(request: Request, fields: Fields) -> Response:
    """``POST /stacks/import``: a table that was pasted; at first only what would become of each row."""
    context, text, dry = here(request), fields.get("table", ""), fields.get("really") != "yes"
    try:
        register = context.services.desk.stacks.register
        report = register.read_table(text.encode("utf-8", "replace"), "pasted.csv", context.viewer, dry_run=dry)
    except (Invalid, Conflict) as error:
        return _list(request, {**_EMPTY, "table": text}, error)
    return page(request, "stack_import.html", report=report, rows=_reported(report, context), table=text)


@_work
def one(request: Request) -> Response:
    """A place: what it stands in, what is in it, its moves, who has it."""
    return _shown(request, request.path_params["barcode"], None)


@_work
def rename(request: Request, fields: Fields) -> Response:
    """Another title."""
    return _changed(request, fields, lambda viewer: (fields.get("title", ""), viewer), "rename")


@_work
def move(request: Request, fields: Fields) -> Response:
    """Put somewhere else, with all that is in it."""
    return _changed(request, fields, lambda viewer: (fields.get("to", ""), fields.get("why", ""), viewer), "move")


@_work
def fill(request: Request, fields: Fields) -> Response:
    """What lies in a box."""
    contents = {name: fields.get(name, "") for name in ("codes", "resource", "container")}
    return _changed(request, fields, lambda viewer: (contents, viewer), "fill")


def _changed(request: Request, fields: Fields, given: Callable[[Viewer], tuple[Any, ...]], what: str) -> Response:
    context, barcode = here(request), fields.get("place", "")
    try:
        getattr(context.services.desk.stacks.register, what)(barcode, *given(context.viewer))
    except (Invalid, Conflict) as error:
        return _shown(request, barcode, error)
    except NotFound:
        return page(request, "not_found.html", 404)
    return _to(barcode)


def _list(request: Request, typed: dict[str, str], error: DeskError | None) -> Response:
    context, asked = here(request), request.query_params
    find, at = asked.get("find", "")[:200], page_number(asked.get("page"))
    found = context.services.desk.stacks.register.find(find, context.viewer, size=SIZE, offset=(at - 1) * SIZE)
    values = {"found": found, "find": find, "at": at, "more": at * SIZE < found.total, "kinds": KINDS}
    told = fault(error, context.words)
    return page(request, "stack_places.html", status(error), **values, typed=typed, error=told)


def _shown(request: Request, barcode: str, error: DeskError | None) -> Response:
    context, at = here(request), page_number(request.query_params.get("page"))
    stacks = context.services.desk.stacks
    try:
        place = stacks.register.one(barcode, context.viewer, size=SIZE, offset=(at - 1) * SIZE)
    except NotFound:
        return page(request, "not_found.html", 404)
    values: dict[str, Any] = {
        "place": place,
        "orders": stacks.picking.holds(context.viewer, place.barcode),
        "loans": stacks.loans.page(context.viewer, find=place.barcode).rows,
        "at": at,
        "more": at * SIZE < place.inside_total,
        "error": fault(error, context.words),
    }
    return page(request, "stack_place.html", status(error), **values)


def _reported(report: ImportReport, context: Here) -> list[dict[str, Any]]:
    """Rows of a report in the reader's language, those that need somebody first; so many and no more."""
    worst_first = sorted(report.rows, key=lambda row: (row.outcome != "rejected", row.outcome == "unchanged", row.row))
    return [_row(row, context) for row in worst_first[:REPORTED]]


def _row(row: RowReport, context: Here) -> dict[str, Any]:
    words = context.words
    return {
        "row": row.row,
        "barcode": row.barcode,
        "outcome": row.outcome,
        "wrong": said(row.code, row.values, words) if row.code else "",
        "advice": words.term("stack_advice", row.code) if row.code in ADVICE else "",
        "changes": [words.term("stack_change", change) for change in row.changes],
        "taken_out": row.taken_out,
    }


def _to(barcode: str) -> Response:
    return RedirectResponse(paths.stack_place(barcode.strip()), 303)


ROUTES: Final[tuple[tuple[str, Any, bool], ...]] = (
    (PLACES, listed, False),
    (PLACES, add, True),
    (f"{paths.STACKS}/import", read_table, True),
    (f"{paths.STACKS}/rename", rename, True),
    (f"{paths.STACKS}/move", move, True),
    (f"{paths.STACKS}/fill", fill, True),
    (PLACES + "/{barcode:path}", one, False),
)
