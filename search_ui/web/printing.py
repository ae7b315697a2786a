"""Receipts of acceptance as PDF: for readers, for staff, and at the window, once, with the secret."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Final, cast

from starlette.requests import Request
from starlette.responses import Response

from search_ui.api.requests import download
from search_ui.i18n import Translator
from search_ui.limits import client_of
from search_ui.matters import Matter, house_of, of_case, of_reader
from search_ui.services import Services
from search_ui.web.following import COMING, status_asked
from search_ui.web.guarded import only
from search_ui.web.render import Here, here, page
from service_desk import sent
from service_desk.errors import NotAllowed, NotFound, TooMany, Unavailable
from service_desk.machine import RUNNING
from service_desk.printed.documents import AcceptanceReceipt
from service_desk.printed.press import CannotPrint
from service_desk.printed.sheets import Language
from service_desk.ratelimit import RateLimit
from service_desk.views import FileView

PDF: Final = "application/pdf"
_PRINTS: Final = RateLimit(calls=20)
"""Printing takes a while: so many a minute from one address."""
_see = only("requests.see", somewhere=True)
_work = only("requests.work", somewhere=True)


def acceptance(services: Services, matter: Matter, language: str, secret: str | None = None) -> AcceptanceReceipt:
    """The receipt of acceptance as it stands now."""
    desk, words = services.desk, Translator(language, "web")
    day, accepted = desk.calendar.day_of, matter.last("accepted")
    return AcceptanceReceipt(
        house=house_of(services, language),
        language=cast(Language, language),
        issued=desk.calendar.local(dt.datetime.now(dt.UTC)),
        receipt=matter.receipt,
        kind=desk.called(language).type(matter.type),
        asked=matter.asked,
        filed=day(matter.submitted),
        applicant=matter.name,
        accepted=day(accepted.at) if accepted else None,
        due=matter.due if matter.status in RUNNING else None,
        steps=tuple(words.term("coming", step) for step in COMING.get(matter.status, ())),
        secret=secret,
    )


def for_reader(request: Request) -> Response:
    """``/s/<receipt>/receipt.pdf``, for whoever may see the page it belongs to."""
    context = here(request)
    try:
        status = status_asked(request, request.path_params["receipt"])
    except NotFound:
        return page(request, "not_found.html", 404)
    return printed(request, lambda: _receipt(context, of_reader(status), context.language))


@_see
def for_staff(request: Request) -> Response:
    """The receipt of a case, in the language of its reader."""
    context = here(request)
    try:
        case = context.services.desk.requests.case(request.path_params["receipt"], context.viewer)
    except (NotFound, NotAllowed):
        return page(request, "not_found.html", 404)
    return printed(request, lambda: _receipt(context, of_case(case), case.language))


@_work
def at_window(request: Request) -> Response:
    """What was just keyed in, with its secret: as long as the page that tells it, and for whom it was told."""
    context = here(request)
    desk, once = context.services.desk, sent.once(request.path_params["number"], context.viewer, context.visitor)
    try:
        if once is None:
            raise NotFound("There is no such form.")
        filed = desk.filing.told(once)
        case = desk.requests.case(filed.receipt, context.viewer)
    except (NotFound, NotAllowed):
        return page(request, "not_found.html", 404)
    return printed(request, lambda: _receipt(context, of_case(case), case.language, filed.secret))


def _receipt(context: Here, matter: Matter, language: str, secret: str | None = None) -> tuple[str, bytes]:
    document = acceptance(context.services, matter, language, secret)
    return f"{matter.receipt}.pdf", context.services.desk.printing.receipt(document)


def printed(request: Request, made: Callable[[], tuple[str, bytes]]) -> Response:
    """A PDF to be saved, or the page that says why there is none."""
    words = here(request).words
    try:
        _PRINTS.spend(client_of(request.scope))
        name, pdf = made()
    except TooMany:
        return page(request, "sorry.html", 429, sentence=words.t("Too many tries. Please wait a minute."))
    except NotFound:
        return page(request, "not_found.html", 404)
    except (CannotPrint, Unavailable):
        sentence = words.t("This cannot be printed now. Please try again later, or tell the desk.")
        return page(request, "sorry.html", 503, sentence=sentence)
    return download(FileView(1, name, PDF, len(pdf)), pdf)
