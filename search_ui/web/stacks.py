"""``/stacks``: what has to be fetched, the one field for a scanner, and what went which way."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final, cast
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from search_ui import paths
from search_ui.i18n import Translator
from search_ui.web.forms import Fields
from search_ui.web.guarded import only
from search_ui.web.render import here, page
from service_desk.errors import Conflict, DeskError, Invalid, NotFound
from service_desk.stacks.faults import Refused, Wrong
from service_desk.stacks.logbook import WAYS
from service_desk.stacks.picking import ACTS, Act

SIZE: Final = 100
_work = only("stacks.work")
_EMPTY: Final = {"barcode": "", "act": "next", "note": "", "goes_to": ""}


@_work
def picking(request: Request) -> Response:
    """The pick list and the scan field; after a scan also what it did."""
    return _shown(request, _EMPTY, None)


@_work
def scan(request: Request, fields: Fields) -> Response:
    """``POST /stacks/scan``: a barcode, or the number of an order that has none."""
    context = here(request)
    typed = {name: fields.get(name, "")[:1_000] for name in _EMPTY}
    given = {"note": typed["note"], "goes_to": typed["goes_to"]}
    act, number = cast(Act, typed["act"] or "next"), fields.get("order", "")
    desk = context.services.desk.stacks.picking
    try:
        if number.isascii() and number.isdecimal() and len(number) < 10:
            done = desk.handle(int(number), context.viewer, act, **given)
        else:
            done = desk.scan(typed["barcode"], context.viewer, act, **given)
    except (Invalid, Conflict, NotFound) as error:
        return _shown(request, typed, error)
    told = {"did": done.way, "what": done.barcode or done.title, "to": done.goes_to}
    return RedirectResponse(f"{paths.STACKS}?{urlencode({name: text for name, text in told.items() if text})}", 303)


@_work
def log(request: Request) -> Response:
    """``/stacks/log``: the newest first, of one box or one request where that is asked."""
    context, asked = here(request), request.query_params
    barcode, receipt = asked.get("barcode", "")[:200], asked.get("receipt", "")[:200]
    sought = {"barcode": barcode, "receipt": receipt}
    at = page_number(asked.get("page"))
    log = context.services.desk.stacks.log
    found = log.page(context.viewer, barcode=barcode, receipt=receipt, size=SIZE, offset=(at - 1) * SIZE)
    return page(request, "stack_log.html", found=found, sought=sought, at=at, more=at * SIZE < found.total)


def _shown(request: Request, typed: dict[str, str], error: DeskError | None) -> Response:
    context, asked = here(request), request.query_params
    did = asked.get("did", "")
    values: dict[str, Any] = {
        "list": context.services.desk.stacks.picking.pick_list(context.viewer),
        "today": context.services.desk.calendar.day_of(dt.datetime.now(dt.UTC)),
        "acts": ACTS,
        "typed": typed,
        "error": fault(error, context.words),
        "did": did if did in WAYS else None,
        "what": asked.get("what", "")[:300],
        "to": asked.get("to", "")[:300],
    }
    return page(request, "stacks.html", status(error), **values)


def status(error: DeskError | None) -> int:
    """The status of a page that says what went wrong."""
    return {Invalid: 422, Wrong: 422, Conflict: 409, Refused: 409, NotFound: 404}.get(type(error), 200)


def fault(error: DeskError | None, words: Translator) -> str | None:
    """What went wrong, in the reader's language; states and kinds of places as words, too."""
    if error is None:
        return None
    if isinstance(error, Refused | Wrong):
        return said(error.code, dict(error.values), words)
    return words.t("No place has this barcode. Scan it again, or look it up in the register.")


def said(code: str, values: dict[str, Any], words: Translator) -> str:
    """A fault of the stacks as a sentence."""
    named = dict(values)
    for name, group in (("kind", "place_kind"), ("other", "place_kind"), ("state", "box_state"), ("status", "status")):
        if name in named:
            named[name] = words.term(group, str(named[name]))
    return words.term("stack_fault", code).format(**named)


def page_number(text: str | None) -> int:
    """The page of a list that is asked for, from 1."""
    return min(max(int(text), 1), 100_000) if text and text.isascii() and text.isdecimal() and len(text) < 7 else 1


ROUTES: Final[tuple[tuple[str, Any, bool], ...]] = (
    (paths.STACKS, picking, False),
    (f"{paths.STACKS}/scan", scan, True),
    (f"{paths.STACKS}/log", log, False),
)
