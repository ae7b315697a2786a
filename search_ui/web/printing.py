"""Receipts of acceptance as PDF: for whoever follows the request, for staff, and at the window with the secret, once.

Also what every printed document of a request says in the same way: the house, the matter, the days.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, cast

from starlette.requests import Request
from starlette.responses import Response

from search_ui.api.requests import download
from search_ui.i18n import Translator
from search_ui.limits import client_of
from search_ui.services import Services
from search_ui.web.following import COMING, status_asked
from search_ui.web.guarded import only
from search_ui.web.render import Here, here, page
from service_desk import sent
from service_desk.errors import NotAllowed, NotFound, TooMany, Unavailable
from service_desk.machine import RUNNING, Status
from service_desk.printed.documents import AcceptanceReceipt
from service_desk.printed.press import CannotPrint
from service_desk.printed.sheets import House, Language
from service_desk.ratelimit import RateLimit
from service_desk.views import Case, EventView, FileView, ReaderStatus

PDF: Final = "application/pdf"
_ASKED_BOUND: Final = 2_000
_PRINTS: Final = RateLimit(calls=20)
"""Printing takes a while: so many a minute from one address."""
_see = only("requests.see", somewhere=True)
_work = only("requests.work", somewhere=True)


@dataclass(frozen=True, slots=True)
class Matter:
    """A request as its documents tell of it. `name` is left out where the paper need not say whose it is; `asked` are
    records, or else the words of the wish.
    """

    receipt: str
    type: str
    status: Status
    submitted: dt.datetime
    due: dt.date
    asked: tuple[str, ...]
    events: tuple[EventView, ...]
    name: str = ""

    def last(self, *whats: str) -> EventView | None:
        """The last event of these kinds."""
        return next((event for event in reversed(self.events) if event.what in whats), None)


def of_reader(status: ReaderStatus) -> Matter:
    """The request as its reader knows it."""
    resources = [one for one in (status.resource, *status.more) if one]
    asked = tuple(_named(one.reference_code, one.title) for one in resources)
    return Matter(
        status.receipt, status.type, status.status, status.submitted, status.promise.due,
        asked or _wish(status.events[0].text), status.events,
    )  # fmt: skip


def of_case(case: Case) -> Matter:
    """The request as staff know it; what its reader may not see is left out."""
    hits = [one for one in (case.hit, *case.more) if one]
    events = tuple(EventView(one.at, one.what, one.text, one.payload) for one in case.events if one.shown)
    asked = tuple(_named(one.reference_code, one.title) for one in hits)
    return Matter(
        case.receipt, case.type, case.status, case.submitted, case.promise.due, asked or _wish(case.note), events,
        case.name,
    )  # fmt: skip


def _named(code: str | None, title: str) -> str:
    return f"{code}  {title}" if code else title


def _wish(text: str) -> tuple[str, ...]:
    return (text[:_ASKED_BOUND],) if text else ()


def house_of(services: Services, language: str) -> House:
    """Who issues documents, as the tour of the house says."""
    contact = services.text("contact", language) or {}
    given = contact.values() if isinstance(contact, dict) else [contact]
    address = services.text("address", language)
    lines = tuple(str(one) for one in (address, *given) if one)
    name = services.text("name", language) or "onestop"
    return House(
        str(name), lines, (services.public_address or "").rstrip("/"), "Hant" if language == "zh-Hant" else "Hans"
    )


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
