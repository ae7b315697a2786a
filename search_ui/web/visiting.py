"""The part of a request's page (``timeline_visit.html``) on a seat for it, and on what is lent."""

from __future__ import annotations

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from search_ui import paths, security
from search_ui.web.forms import Fields
from search_ui.web.render import here, page
from service_desk.errors import DeskError, NotFound
from service_desk.stacks.faults import Refused
from service_desk.views import ReaderStatus

_SEATED: Final = frozenset({"accepted", "ready"})
"""Where a seat can be booked for a request to consult."""
_SAID: Final = frozenset({"renewed", "refused"})


def visit_of(request: Request, status: ReaderStatus, secret: str | None, visitor: str | None) -> dict[str, Any] | None:
    """The value ``visit`` of the template; None when there is nothing to come for, and where the desk does not
    answer.
    """
    context, receipt = here(request), status.receipt
    desk, shown = context.services.desk, {"secret": secret, "visitor": visitor}
    may_book = status.type == "consult" and status.status in _SEATED
    try:
        loans = [one for one in desk.stacks.loans.of_request(receipt, context.viewer, **shown) if not one.returned]
        booked = desk.rooms.mine(context.viewer, receipt=receipt, **shown)
    except DeskError:
        return None
    seats = [one for one in booked if one.receipt == receipt and one.open]
    if not (may_book or loans or seats):
        return None
    said = request.query_params.get("loan")
    return {"may_book": may_book, "loans": loans, "seats": seats, "said": said if said in _SAID else None}


def renew(request: Request, fields: Fields) -> Response:
    """``POST /s/RECEIPT/loans/VOUCHER/renew``: a loan of this request, kept longer."""
    receipt, voucher, context = request.path_params["receipt"], request.path_params["voucher"], here(request)
    shown = {"secret": request.cookies.get(security.SECRET), "visitor": security.known_visitor(request.cookies)}
    loans = context.services.desk.stacks.loans
    try:
        if voucher not in {one.voucher for one in loans.of_request(receipt, context.viewer, **shown)}:
            raise NotFound("There is no such loan.")
        loans.renew(voucher, context.viewer, **shown)
        said = "renewed"
    except NotFound:
        return page(request, "follow.html", 404, receipt=receipt, error="not_found")
    except Refused:
        said = "refused"
    return RedirectResponse(f"{paths.receipt(receipt)}?loan={said}#visit", 303)
