"""``/s/<receipt>``: where a request stands. Opens with its secret, for its account, or in the browser it came from."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from search_ui import paths, security
from search_ui.api.requests import download
from search_ui.following import due_of, state_class
from search_ui.i18n import Translator
from search_ui.limits import client_of
from search_ui.web import asked, kiosk
from search_ui.web.asked import amount_of
from search_ui.web.forms import Fields, is_secure
from search_ui.web.promised import called as day_called
from search_ui.web.rating_part import rating_of
from search_ui.web.render import here, page
from search_ui.web.uploads import Files
from search_ui.web.visiting import visit_of
from service_desk import machine
from service_desk.deadlines import Calendar
from service_desk.errors import Conflict, DeskError, Invalid, NotFound, TooMany
from service_desk.forms import MessageForm, parse
from service_desk.machine import Status
from service_desk.materials import ASKED_FOR
from service_desk.ratelimit import RateLimit
from service_desk.request_types import Types
from service_desk.views import EventView, ReaderStatus

SECRET_SECONDS: Final = 12 * 3600
_TRIES = RateLimit(calls=10)
COMING: Final[dict[Status, tuple[str, ...]]] = {
    "submitted": ("accepted", "answered"),
    "reopened": ("accepted", "answered"),
    "needs_materials": ("supplied", "answered"),
    "accepted": ("searching", "answered"),
    "in_search": ("answered",),
    "relayed": ("came_back", "answered"),
    "in_review": ("answered",),
    "quoted": ("agreed", "paid", "answered"),
    "awaiting_payment": ("paid", "answered"),
    "ready": ("handed_out",),
}
"""What comes next, as far as it can be told."""
_MESSAGES: Final = frozenset({"message", "notice"})
_SAID: Final = frozenset(
    {"sent", "withdrawn", "empty", "closed", "supplied", "no_files", "agreed", "reopened", "too_late"}
)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What this browser can show for a request."""

    secret: str | None
    visitor: str | None


def ask(request: Request) -> Response:
    """``/s/``: receipt code and secret, for those who have them on paper."""
    return page(request, "follow.html", receipt="", error=None)


def show(request: Request) -> Response:
    """The timeline, or the question for the secret; a receipt that does not exist asks just the same."""
    receipt = request.path_params["receipt"]
    try:
        status = status_asked(request, receipt)
    except NotFound:
        return page(request, "follow.html", receipt=receipt, error=None)
    return page(request, "timeline.html", **_timeline(request, status, request.query_params.get("said")), problems=[])


def unlock(request: Request, fields: Fields) -> Response:
    """The secret is tried, then kept in a cookie of this one address: it never stands in an address itself."""
    receipt, secret = fields.get("receipt", "").strip(), fields.get("secret", "").strip()
    try:
        _TRIES.spend(client_of(request.scope))
        context = here(request)
        found = context.services.desk.requests.status(receipt, context.viewer, secret=secret)
    except TooMany:
        return page(request, "follow.html", 429, receipt=receipt, error="too_many")
    except NotFound:
        return page(request, "follow.html", 404, receipt=receipt, error="not_found")
    _TRIES.forgive(client_of(request.scope))  # behind one address there may be a whole reading room
    target = paths.receipt(found.receipt)
    answer = RedirectResponse(target, 303, {"cache-control": "no-store"})
    kept = security.cookie(security.SECRET, secret, seconds=SECRET_SECONDS, secure=is_secure(request), path=target)
    answer.headers.append("set-cookie", kept)
    if kiosk.is_one(context):
        answer.headers.append("set-cookie", kiosk.remembered(request, found.receipt))
    return answer


def write(request: Request, fields: Fields) -> Response:
    """A message of the reader."""
    return _act(
        request, "sent", lambda calls, receipt, **who: calls.write(receipt, parse(MessageForm, _text(fields)), **who)
    )


def supply(request: Request, fields: Fields, files: Files) -> Response:
    """What was missing, or more: files, each for its material."""
    text = fields.get("text", "")[:10_000]
    words = here(request).words
    wrong = [one.text for one in asked.wrong_files(files, words)] if files else [words.t("Choose a file")]
    if wrong:
        return _shown_again(request, wrong)
    return _act(request, "supplied", lambda calls, receipt, **who: calls.supply(receipt, files, text, **who))


def agree(request: Request, fields: Fields) -> Response:
    """The reader agrees to the estimate."""
    return _act(request, "agreed", lambda calls, receipt, **who: calls.agree(receipt, **who))


def reopen(request: Request, fields: Fields) -> Response:
    """The reader comes back to what was answered."""
    return _act(
        request,
        "reopened",
        lambda calls, receipt, **who: calls.reopen(receipt, parse(MessageForm, _text(fields)), **who),
    )


def withdraw(request: Request, fields: Fields) -> Response:
    """The reader no longer wants it."""
    return _act(request, "withdrawn", lambda calls, receipt, **who: calls.withdraw(receipt, **who))


def _text(fields: Fields) -> dict[str, object]:
    return {"text": fields.get("text", "")}


def _act(request: Request, said: str, act: Any) -> Response:
    receipt, context, own = request.path_params["receipt"], here(request), _credentials(request)
    try:
        act(context.services.desk.requests, receipt, viewer=context.viewer, secret=own.secret, visitor=own.visitor)
    except NotFound:
        return page(request, "follow.html", 404, receipt=receipt, error="not_found")
    except Invalid as error:
        if said == "supplied":
            return _shown_again(request, [one.text for one in asked.wrong_fields(error, context.words)])
        said = "empty"
    except Conflict:
        said = "too_late" if said == "reopened" else "closed"
    return RedirectResponse(f"{paths.receipt(receipt)}?said={said}", 303)


def _shown_again(request: Request, problems: list[str]) -> Response:
    """The page with what is wrong with the files that were chosen."""
    receipt = request.path_params["receipt"]
    try:
        status = status_asked(request, receipt)
    except NotFound:  # what was sent is wrong, and the request is none of theirs
        return page(request, "follow.html", 404, receipt=receipt, error="not_found")
    return page(request, "timeline.html", 422, **_timeline(request, status, None), problems=problems)


def answer_file(request: Request) -> Response:
    """A file of the answer; the right is asked for each time."""
    receipt, context, own = request.path_params["receipt"], here(request), _credentials(request)
    number = request.path_params["number"]
    try:
        desk = context.services.desk
        file, data = desk.requests.file(receipt, number, context.viewer, secret=own.secret, visitor=own.visitor)
        data = desk.for_practice(data, file.media_type)
    except NotFound:
        return page(request, "not_found.html", 404)
    except DeskError:
        sentence = context.words.t("This file cannot be had now. Please try again later, or tell the desk.")
        return page(request, "sorry.html", 503, sentence=sentence)
    return download(file, data)


def _credentials(request: Request) -> Credentials:
    return Credentials(request.cookies.get(security.SECRET), security.known_visitor(request.cookies))


def status_asked(request: Request, receipt: str) -> ReaderStatus:
    context, own = here(request), _credentials(request)
    return context.services.desk.requests.status(receipt, context.viewer, secret=own.secret, visitor=own.visitor)


def _timeline(request: Request, status: ReaderStatus, said: str | None) -> dict[str, Any]:
    context, own = here(request), _credentials(request)
    desk = context.services.desk
    called, calendar = desk.called(context.language), desk.calendar
    quote = _last(status, "quoted")
    missing = [one.code for one in status.materials if one.verdict in ASKED_FOR]
    return {
        "status": status,
        "state": state_class(status.status),
        "due": due_of(status, calendar),
        "called": called,
        "missing": missing,
        "running": status.status in machine.RUNNING,
        "waiting": status.status in machine.WAITING,
        "open": status.status in machine.OPEN,
        "steps": [event for event in status.events if event.what not in _MESSAGES],
        "coming": COMING.get(status.status, ()),
        "messages": [event for event in status.events if event.what in _MESSAGES],
        "ended": _last(status, *_ENDS.get(status.status, ())),
        "quote": quote,
        "complains": "complaint" in desk.rules.now(Types).offered("web", with_record=False),
        "quote_sum": sum(map(amount_of, quote.details.get("lines", ()))) if quote else 0,
        "days": _working(status, calendar, context.words),
        "said": said if said in _SAID else None,
        "visit": visit_of(request, status, own.secret, own.visitor),
        "rating": rating_of(request, status.receipt, own.secret, own.visitor),
    }


_ENDS: Final[dict[Status, tuple[str, ...]]] = {
    "delivered": ("answered", "ready"),
    "partly_delivered": ("partly_answered",),
    "ready": ("ready",),
    "refused": ("refused",),
    "not_held": ("not_held",),
    "expired": ("expired",),
    "withdrawn": ("withdrawn",),
}
"""The event that says the most of how it ended."""


def _last(status: ReaderStatus, *whats: str) -> EventView | None:
    return next((event for event in reversed(status.events) if event.what in whats), None)


def _working(status: ReaderStatus, calendar: Calendar, words: Translator) -> list[tuple[str, list[dt.date]]]:
    """How the promised date came about: the first day that counted, the weekend days and the holidays that did not,
    each with what they are called, in the order of their days.
    """
    promise = status.promise
    holidays = {holiday.date: day_called(holiday, words) or words.t("Holiday") for holiday in promise.skipped}
    days = [promise.start + dt.timedelta(days=n) for n in range(1, (promise.due - promise.start).days + 1)]
    off = [day for day in days if not calendar.is_working(day)]
    weekend = [day for day in off if day not in holidays and day != promise.due]
    first = next((day for day in days if calendar.is_working(day)), promise.due)
    rows = {words.t("Working day {number}", number=1): [first]}
    for day, name in (*((day, words.t("Weekends passed over")) for day in weekend), *holidays.items()):
        rows.setdefault(name, []).append(day)
    return sorted(rows.items(), key=lambda row: row[1])
