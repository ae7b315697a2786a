"""Documents of a case: what was issued, what can be issued now, and links by which a file of the answer is sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final, cast

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from mappings.access import may_begin
from search_ui import paths
from search_ui.api.requests import download
from search_ui.letters import REFUSED, Made, refusal_of
from search_ui.matters import common, of_case
from search_ui.web.case_look import Json, Look, Section
from search_ui.web.forms import Fields
from search_ui.web.guarded import only
from search_ui.web.printing import PDF, printed
from search_ui.web.render import Here, here, page
from service_desk.errors import Conflict, Invalid, NotAllowed, NotFound, Unavailable
from service_desk.forms import one_line
from service_desk.printed.documents import (
    CENT,
    Charge,
    Estimate,
    Kind,
    Lent,
    LoanVoucher,
)
from service_desk.printed.issued import Listed
from service_desk.printed.links import MAX_DAYS, MAX_TIMES
from service_desk.printed.press import CannotPrint
from service_desk.printed.rules import PrintedTexts
from service_desk.stacks.loans import LoanView
from service_desk.views import Case, FileView

_HUNDRED: Final = 100
_STAMP_BOUND: Final = 200
_see = only("requests.see", somewhere=True)
_decide = only("requests.decide", somewhere=True)
_work = only("requests.work", somewhere=True)


def papers(look: Look) -> Json | None:
    """What was issued, what can be, and what a link can be made to."""
    case, desk, viewer = look.case, look.context.services.desk, look.context.viewer
    may_lend, may = desk.giving.may(case.receipt, viewer, "voucher"), desk.giving.may(case.receipt, viewer)
    texts, language = desk.rules.now(PrintedTexts), look.context.language
    issued = desk.documents.of(case.receipt, viewer)
    kinds = [kind for kind in _offered(look, issued) if (may_lend if kind == "voucher" else may)]
    base = paths.case(case.receipt)
    return {
        "issued": [
            {
                "number": one.number,
                "kind": texts.title(one.kind, language),
                "at": one.at,
                "revoked": one.revoked,
                "why": one.why,
            }
            for one in issued
        ],
        "may": may,
        "kinds": [(kind, texts.title(kind, language)) for kind in kinds],
        "finds": may_begin(viewer, "requests.work"),
        "counter": f"{paths.COUNTER_SEARCH}?receipt={case.receipt}",
        "findings": f"{base}/findings",
        "files": case.files if may else (),
        "most_days": MAX_DAYS,
        "most_times": MAX_TIMES,
    }


PAPERS: Final = Section("case_papers.html", papers)


def _offered(look: Look, issued: Sequence[Listed]) -> list[Kind]:
    """The kinds that this request is ripe for. Its refusal has one letter, unless that was revoked."""
    case = look.case
    quoted = case.status in ("quoted", "awaiting_payment")
    lent = _lent(look.context, case.receipt)
    there = any(one.kind == "refusal" and one.revoked is None for one in issued)
    refused = case.status in REFUSED and not there
    ripe: dict[Kind, bool] = {"estimate": quoted, "refusal": refused, "voucher": bool(lent)}
    return [kind for kind, is_ripe in ripe.items() if is_ripe]


def _lent(context: Here, receipt: str) -> tuple[LoanView, ...]:
    loans = context.services.desk.stacks.loans.of_request(receipt, context.viewer)
    return tuple(one for one in loans if one.returned is None)


@_work
def issue(request: Request, fields: Fields) -> Response:
    """``POST .../documents``: issue what the button says. A voucher is paper; the others go to the reader, too."""
    context, kind = here(request), cast(Kind, fields.get("kind", ""))
    desk, receipt = context.services.desk, request.path_params["receipt"]
    try:
        case = desk.requests.case(receipt, context.viewer)
        desk.giving.check(case.receipt, context.viewer, kind)
        made = made_of(context, case, kind)
        if kind == "voucher":
            issued = desk.giving.only_issue(case.receipt, kind, made, context.viewer)
            return printed(request, lambda: (f"{issued.mark.number}.pdf", issued.pdf))
        name = f"{desk.rules.now(PrintedTexts).title(kind, case.language)}.pdf"
        desk.giving.issue(case.receipt, kind, made, context.viewer, name)
    except (NotFound, NotAllowed, Conflict, CannotPrint, Unavailable) as error:
        return told(request, error)
    return RedirectResponse(f"{paths.case(receipt)}?done=issue#documents", 303)


def told(request: Request, error: Exception) -> Response:
    """The page that says why a document was not issued."""
    t = here(request).words.t
    if isinstance(error, NotFound):
        return page(request, "not_found.html", 404)
    if isinstance(error, NotAllowed):
        return page(request, "sorry.html", 403, sentence=t("Your roles do not allow this here."))
    if isinstance(error, Conflict):
        sentence = t("This cannot be issued now: the request is no longer where it was. Open the case again.")
        return page(request, "sorry.html", 409, sentence=sentence)
    return page(
        request,
        "sorry.html",
        503,
        sentence=t("This cannot be printed now. Please try again later, or tell the desk."),
    )


def made_of(context: Here, case: Case, kind: Kind) -> Made:
    """What makes the document. Raises Conflict for one that the request is not ripe for."""
    makers: dict[Kind, Callable[[Here, Case], Made | None]] = {
        "estimate": _estimate,
        "refusal": lambda here, case: refusal_of(here.services, case),
        "voucher": _voucher,
    }
    made = makers[kind](context, case) if kind in makers else None
    if made is None:
        raise Conflict("The request is not where this document belongs.")
    return made


def _estimate(context: Here, case: Case) -> Made | None:
    quote, services = of_case(case).last("quoted"), context.services
    if quote is None or case.due is None:
        return None
    details, valid = quote.details, services.desk.calendar.day_of(case.due - dt.timedelta(microseconds=1))
    charges = tuple(
        Charge(
            line["what"],
            "",
            Decimal(line["count"]),
            _sum(line["price"]),
            _sum(line.get("off", 0)),
            line.get("why", ""),
        )
        for line in details["lines"]
    )
    return lambda mark, at: Estimate(
        **common(services, case, mark, at),
        person=case.name,
        charges=charges,
        currency=str(details.get("currency", "")),
        valid_until=valid,
    )


def _sum(smallest: int) -> Decimal:
    return (Decimal(smallest) / _HUNDRED).quantize(CENT)


def _voucher(context: Here, case: Case) -> Made | None:
    loans, services = _lent(context, case.receipt), context.services
    if not loans:
        return None
    day = services.desk.calendar.day_of
    return lambda mark, at: LoanVoucher(
        **common(services, case, mark, at),
        borrower=case.name,
        lent=tuple(Lent(one.reference_code or "—", one.title, 1, one.voucher) for one in loans),
        lent_on=day(min(one.lent for one in loans)),
        due=min(one.due for one in loans),
    )


@_see
def document(request: Request) -> Response:
    """``GET .../documents/<number>``: a document of this case once more."""
    context, number = here(request), request.path_params["number"]
    try:
        pdf = context.services.desk.giving.pdf(request.path_params["receipt"], number, context.viewer)
    except (NotFound, NotAllowed):
        return page(request, "not_found.html", 404)
    return download(FileView(1, f"{number}.pdf", PDF, len(pdf)), pdf)


@_decide
def revoke(request: Request, fields: Fields) -> Response:
    """``POST .../revoke``: a document does not hold any more, and why."""
    context, receipt = here(request), request.path_params["receipt"]
    number, t = fields.get("number", ""), context.words.t
    try:
        context.services.desk.giving.revoke(receipt, number, fields.get("why", ""), context.viewer)
    except Invalid:
        return page(request, "sorry.html", 422, sentence=t("Write why the document no longer holds. Nothing was done."))
    except Conflict:
        sentence = t("This document is not one of this request, or was revoked before. Open the case again.")
        return page(request, "sorry.html", 409, sentence=sentence)
    except (NotFound, NotAllowed) as error:
        return told(request, error)
    return RedirectResponse(f"{paths.case(receipt)}?done=revoke#documents", 303)


@_decide
def link(request: Request, fields: Fields) -> Response:
    """``POST .../links``: a link to a file of the answer, shown this once."""
    context, receipt = here(request), request.path_params["receipt"]
    try:
        token = context.services.desk.giving.link(
            receipt,
            _number(fields, "file"),
            context.viewer,
            days=_number(fields, "days"),
            times=_number(fields, "times"),
            stamp=str(one_line(fields.get("stamp", "")))[:_STAMP_BOUND],
        )
    except Invalid:
        sentence = context.words.t("Write for how many days and downloads the link is good. Nothing was made.")
        return page(request, "sorry.html", 422, sentence=sentence)
    except (NotFound, NotAllowed) as error:
        return told(request, error)
    base = context.services.public_address or str(request.base_url)
    answer = page(request, "file_link_made.html", address=f"{base.rstrip('/')}/f/{token}", back=paths.case(receipt))
    answer.headers["cache-control"] = "no-store"
    return answer


def _number(fields: Fields, name: str) -> int:
    """A number of a form; 0 for what is none."""
    text = fields.get(name, "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < len("1000000000") else 0
