"""``/loans`` and ``/repairs``: what is lent until when, what is in repair in which stage. For staff of the stacks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from search_ui import paths
from search_ui.web.forms import Fields
from search_ui.web.guarded import only
from search_ui.web.render import Here, here, page
from search_ui.web.stacks import fault, page_number, status
from service_desk.errors import Conflict, DeskError, Invalid, NotAllowed, NotFound
from service_desk.ports import FrozenHit
from service_desk.stacks.faults import Refused, Wrong
from service_desk.stacks.kinds import LoanRules, RepairRules
from service_desk.stacks.repairs import KINDS

SIZE: Final = 50
_work = only("stacks.work")
_LOAN: Final = ("receipt", "record", "borrower")
_REPAIR: Final = ("kind", "record", "barcode", "expected", "text")


@_work
def loans(request: Request) -> Response:
    """Open loans, the first due first."""
    return _loans(request, {}, None)


@_work
def lend(request: Request, fields: Fields) -> Response:
    """``POST /loans/lend``: the thing of a request, or another record, to its reader."""
    context = here(request)

    def act() -> object:
        receipt, borrower = fields.get("receipt", ""), fields.get("borrower", "")
        record = fields.get("record", "").strip() or _record_of(context, receipt)
        return context.services.desk.stacks.loans.lend(receipt, _hit(context, record), borrower, context.viewer)

    return _done(act, paths.LOANS, lambda error: _loans(request, dict(fields), error))


@_work
def renew(request: Request, fields: Fields) -> Response:
    """``POST /loans/renew``."""
    context = here(request)
    desk = context.services.desk.stacks.loans
    act: Callable[[], object] = lambda: desk.renew(fields.get("voucher", ""), context.viewer)  # noqa: E731
    return _done(act, paths.LOANS, lambda error: _loans(request, {}, error))


@_work
def bring_back(request: Request, fields: Fields) -> Response:
    """``POST /loans/back``: a voucher or the barcode of a box was scanned."""
    context = here(request)
    desk = context.services.desk.stacks.loans
    act: Callable[[], object] = lambda: desk.bring_back(fields.get("voucher", ""), context.viewer)  # noqa: E731
    return _done(act, paths.LOANS, lambda error: _loans(request, {}, error))


@_work
def repairs(request: Request) -> Response:
    """What is being worked on, the first expected first."""
    return _repairs(request, {}, None)


@_work
def begin(request: Request, fields: Fields) -> Response:
    """``POST /repairs``: a record, or a whole box."""
    context = here(request)

    def act() -> object:
        record, barcode = fields.get("record", "").strip(), fields.get("barcode", "").strip()
        hit = _hit(context, record) if record else None
        given = {"expected": _day(fields), "text": fields.get("text", "")}
        desk = context.services.desk.stacks.repairs
        return desk.begin(fields.get("kind", ""), context.viewer, hit=hit, barcode=barcode, **given)  # type: ignore[arg-type]

    return _done(act, paths.REPAIRS, lambda error: _repairs(request, dict(fields), error))


@_work
def move(request: Request, fields: Fields) -> Response:
    """``POST /repairs/{number}/stage``: another stage, another day, or something to tell."""
    context, number = here(request), request.path_params["number"]

    def act() -> object:
        day, text, stage = _day(fields), fields.get("text", ""), fields.get("stage", "")
        return context.services.desk.stacks.repairs.move(number, stage, context.viewer, expected=day, text=text)

    return _done(act, paths.REPAIRS, lambda error: _repairs(request, {}, error))


@_work
def end(request: Request, fields: Fields) -> Response:
    """``POST /repairs/{number}/end``."""
    context, number = here(request), request.path_params["number"]
    desk = context.services.desk.stacks.repairs
    act: Callable[[], object] = lambda: desk.end(number, context.viewer, text=fields.get("text", ""))  # noqa: E731
    return _done(act, paths.REPAIRS, lambda error: _repairs(request, {}, error))


def _done(act: Callable[[], object], back: str, failed: Callable[[DeskError], Response]) -> Response:
    try:
        act()
    except (Invalid, Conflict, NotFound) as error:
        return failed(error)
    return RedirectResponse(back, 303)


def _loans(request: Request, typed: dict[str, str], error: DeskError | None) -> Response:
    context, asked = here(request), request.query_params
    find, late, at = asked.get("find", "")[:200], asked.get("late") == "1", page_number(asked.get("page"))
    desk = context.services.desk
    found = desk.stacks.loans.page(context.viewer, overdue=late, find=find, size=SIZE, offset=(at - 1) * SIZE)
    borrowers = desk.rules.now(LoanRules).borrowers
    called = {name: rule.title.in_language(context.language) for name, rule in borrowers.items()}
    values = {"found": found, "find": find, "late": late, "at": at, "more": at * SIZE < found.total}
    typed, told = {name: typed.get(name, "")[:300] for name in _LOAN}, _fault(error, context)
    return page(request, "loans.html", status(error), **values, borrowers=called, typed=typed, error=told)


def _repairs(request: Request, typed: dict[str, str], error: DeskError | None) -> Response:
    context, asked = here(request), request.query_params
    ended, at = asked.get("ended") == "1", page_number(asked.get("page"))
    desk = context.services.desk
    found = desk.stacks.repairs.page(context.viewer, ended=ended, size=SIZE, offset=(at - 1) * SIZE)
    rules = desk.rules.now(RepairRules)
    stages = {
        kind: {stage.name: stage.title.in_language(context.language) for stage in rules.stages(kind)} for kind in KINDS
    }
    typed = {name: typed.get(name, asked.get(name, ""))[:2_000] for name in _REPAIR}
    values = {"found": found, "ended": ended, "at": at, "more": at * SIZE < found.total, "kinds": KINDS}
    told = _fault(error, context)
    return page(request, "repairs.html", status(error), **values, stages=stages, typed=typed, error=told)


def _fault(error: DeskError | None, context: Here) -> str | None:
    if isinstance(error, NotFound):
        return context.words.t("There is no such request, record or loan. Look at the code once more.")
    if isinstance(error, Refused) and "type" in error.values:
        error = Refused(error.code, type=context.services.desk.called(context.language).type(str(error.values["type"])))
    return fault(error, context.words)


def _hit(context: Here, record: str) -> FrozenHit:
    """A record by its id or ``SOURCE:SOURCE_ID``, as this person may know it. Raises NotFound."""
    found = context.services.resource(record, context.viewer) if record else None
    if found is None:
        raise NotFound("There is no such record.")
    top = found["ancestors"][0] if found["ancestors"] else {}
    fonds = top.get("reference_code") or top.get("title")
    return FrozenHit(found["id"], found["title"], found.get("reference_code"), found.get("holder"), fonds=fonds)


def _record_of(context: Here, receipt: str) -> str:
    """The record that a request is about; nothing when it is about none, or not for this person to see."""
    try:
        hit = context.services.desk.requests.case(receipt, context.viewer).hit
    except NotAllowed:
        return ""
    return hit.id if hit else ""


def _day(fields: Fields) -> dt.date | None:
    """The day of a form; None when none was written. Raises Wrong."""
    text = fields.get("expected", "").strip()
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise Wrong("expected", "day") from None


ROUTES: Final[tuple[tuple[str, Any, bool], ...]] = (
    (paths.LOANS, loans, False),
    (f"{paths.LOANS}/lend", lend, True),
    (f"{paths.LOANS}/renew", renew, True),
    (f"{paths.LOANS}/back", bring_back, True),
    (paths.REPAIRS, repairs, False),
    (paths.REPAIRS, begin, True),
    (paths.REPAIRS + "/{number:int}/stage", move, True),
    (paths.REPAIRS + "/{number:int}/end", end, True),
)
