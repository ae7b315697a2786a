"""``/counter-search``: a list of names or reference codes, typed or as a sheet, looked up for a request line by line;
what is ticked becomes findings of its report or certificate.

Names travel in bodies of forms: they never stand in an address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from indexer.errors import SearchError
from mappings.access import may_begin
from search_ui import paths
from search_ui.services import current
from search_ui.web import findings
from search_ui.web.forms import Fields, Files
from search_ui.web.guarded import only
from search_ui.web.looked_up import MOST, SHOWN, Line, NoSheet, first_column, lines_of, looked_up
from search_ui.web.render import Here, here, page
from service_desk.errors import Invalid, NotAllowed, NotFound, TooMany
from service_desk.ratelimit import RateLimit
from service_desk.views import Case

FIELDS: Final = 3 * MOST * SHOWN + 20
BODY: Final = 2 * 2**20
_LISTS: Final = RateLimit(calls=10)
_work = only("requests.work", somewhere=True)


def may_send(request: Request) -> bool:
    """Does the large body of a sheet come from somebody who may look it up?"""
    return may_begin(current().viewer(request.cookies), "requests.work")


@_work
def form(request: Request) -> Response:
    """The empty list."""
    return _page(request, request.query_params.get("receipt", ""))


@_work
def send(request: Request, fields: Fields, files: Files) -> Response:
    """The list, looked up."""
    context, t = here(request), here(request).words.t
    text, sheets = fields.get("list", ""), [one for sent in files.values() for one in sent]
    try:
        lines = list(dict.fromkeys([*lines_of(text), *_of_sheets(sheets)]))
        _LISTS.spend(context.viewer.name or "")
    except NoSheet:
        wrong = t("This file is no sheet that can be read: save it as CSV or XLSX, at most 2 MB.")
        return _page(request, fields.get("receipt", ""), text, wrong=wrong, code=422)
    except TooMany:
        wrong = t("Too many lists at once; wait a minute.")
        return _page(request, fields.get("receipt", ""), text, wrong=wrong, code=429)
    if not 0 < len(lines) <= MOST:
        wrong = t("Write from 1 to {most} lines, a name or a reference code each.", most=MOST)
        return _page(request, fields.get("receipt", ""), text, wrong=wrong, code=422)
    return _page(request, fields.get("receipt", ""), "\n".join(lines), looked_up(context, lines))


def _of_sheets(sheets: Sequence[Any]) -> list[str]:
    return [line for sheet in sheets for line in first_column(sheet.name, sheet.data)]


@_work
def add(request: Request, fields: Fields) -> Response:
    """What was ticked, written down as findings."""
    context = here(request)
    case = _case(context, fields.get("receipt", ""))
    if case is None:
        return page(request, "not_found.html", 404)
    try:
        found = [_finding(context, case, name, fields) for name in fields if name.startswith("pick-")]
        nothing = lines_of(fields.get("nothing", "")) if "tell-nothing" in fields else []
        findings.add(context, case, [one for one in found if one], nothing)
    except Invalid:
        wrong = context.words.t("This is too long for one document: make several of it.")
        return _page(request, case.receipt, fields.get("list", ""), wrong=wrong, code=422)
    except SearchError:
        wrong = context.words.t("Search does not answer now; nothing was written down. Please try again.")
        return _page(request, case.receipt, fields.get("list", ""), wrong=wrong, code=503)
    return RedirectResponse(f"{paths.case(case.receipt)}/findings?kept=1", 303)


def _finding(context: Here, case: Case, name: str, fields: Mapping[str, str]) -> dict[str, Any] | None:
    """A record as it is today, with the words that were left standing; None of what is not there."""
    key = name.removeprefix("pick-")
    resource = context.services.resource(fields[name][:300], context.viewer)
    number = fields.get(f"page-{key}", "")
    at = int(number) if number.isascii() and number.isdigit() and len(number) < len("1000000") else None
    return findings.finding_of(context, case, resource, fields.get(f"passage-{key}", ""), at) if resource else None


def _case(context: Here, receipt: str) -> Case | None:
    """The request that is worked on; None for one that is not there, or not theirs."""
    try:
        case = context.services.desk.requests.case(receipt[:20], context.viewer) if receipt else None
        if case is not None:
            context.services.desk.giving.check(case.receipt, context.viewer, "voucher")
    except (NotFound, NotAllowed):
        return None
    return case


def _page(
    request: Request,
    receipt: str,
    text: str = "",
    lines: list[Line] | None = None,
    *,
    wrong: str = "",
    code: int = 200,
) -> Response:
    case = _case(here(request), receipt)
    if receipt and case is None:
        return page(request, "not_found.html", 404)
    return page(
        request,
        "counter_search.html",
        code,
        case=case,
        text=text,
        looked=lines,
        nothing=[line.text for line in lines or () if not line.matches and not line.rests],
        wrong=wrong,
        most=MOST,
        back=paths.case(case.receipt) if case else paths.INBOX,
    )
