"""``/s/<receipt>``: where a request stands. Opens with its secret, for its account, or in the browser it came from."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from search_ui import paths, security
from search_ui.api.requests import download
from search_ui.limits import client_of
from search_ui.web.forms import Fields, is_secure
from search_ui.web.render import here, page
from service_desk import machine
from service_desk.errors import Conflict, DeskError, Invalid, NotFound, TooMany
from service_desk.forms import MessageForm, parse
from service_desk.ratelimit import RateLimit
from service_desk.views import EventView, ReaderStatus

SECRET: Final = "rs"  # noqa: S105 - the name of the cookie
SECRET_SECONDS: Final = 12 * 3600
_TRIES = RateLimit(calls=10)
_STATE_CLASS: Final = {
    "submitted": "soon",
    "taken": "soon",
    "answered": "now",
    "refused": "closed",
    "withdrawn": "calm",
}
_STILL_TO_COME: Final = {"submitted": ("taken", "answered"), "taken": ("answered",)}
_MESSAGES: Final = frozenset({"message", "notice"})
_DONE_ALREADY: Final = frozenset({"submitted", "taken", "answered", "refused", "withdrawn", "released"})


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
        status = _status(request, receipt)
    except NotFound:
        return page(request, "follow.html", receipt=receipt, error=None)
    return page(request, "timeline.html", **_timeline(status, request.query_params.get("said")))


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
    kept = security.cookie(SECRET, secret, seconds=SECRET_SECONDS, secure=is_secure(request), path=target)
    answer.headers.append("set-cookie", kept)
    return answer


def write(request: Request, fields: Fields) -> Response:
    """A message of the reader."""
    return _act(
        request, "sent", lambda calls, receipt, **who: calls.write(receipt, parse(MessageForm, _text(fields)), **who)
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
    except Invalid:
        said = "empty"
    except Conflict:
        said = "closed"
    return RedirectResponse(f"{paths.receipt(receipt)}?said={said}", 303)


def answer_file(request: Request) -> Response:
    """A file of the answer; the right is asked for each time."""
    receipt, context, own = request.path_params["receipt"], here(request), _credentials(request)
    number = request.path_params["number"]
    try:
        found = context.services.desk.requests.file(
            receipt, number, context.viewer, secret=own.secret, visitor=own.visitor
        )
    except NotFound:
        return page(request, "not_found.html", 404)
    except DeskError:
        sentence = context.words.t("This file cannot be had now. Please try again later, or tell the desk.")
        return page(request, "sorry.html", 503, sentence=sentence)
    return download(*found)


def _credentials(request: Request) -> Credentials:
    return Credentials(request.cookies.get(SECRET), security.known_visitor(request.cookies))


def _status(request: Request, receipt: str) -> ReaderStatus:
    context, own = here(request), _credentials(request)
    return context.services.desk.requests.status(receipt, context.viewer, secret=own.secret, visitor=own.visitor)


def _timeline(status: ReaderStatus, said: str | None) -> dict[str, Any]:
    return {
        "status": status,
        "state": _STATE_CLASS[status.status],
        "open": status.status in machine.OPEN,
        "steps": [event for event in status.events if event.what in _DONE_ALREADY],
        "coming": _STILL_TO_COME.get(status.status, ()),
        "messages": [event for event in status.events if event.what in _MESSAGES],
        "answer": _last(status, "answered"),
        "refusal": _last(status, "refused"),
        "days": _working(status),
        "said": said if said in ("sent", "withdrawn", "empty", "closed") else None,
    }


def _last(status: ReaderStatus, what: str) -> EventView | None:
    return next((event for event in reversed(status.events) if event.what == what), None)


def _working(status: ReaderStatus) -> dict[str, Any]:
    """How the promised date came about: the first day that counted, the weekend days and holidays that did not."""
    promise = status.promise
    holidays = {holiday.date for holiday in promise.skipped}
    days = [promise.start + dt.timedelta(days=n) for n in range(1, (promise.due - promise.start).days + 1)]
    weekend = [day for day in days if day.weekday() >= 5 and day not in holidays and day != promise.due]
    first = next((day for day in days if day.weekday() < 5 and day not in holidays), promise.due)
    return {"first": first, "weekend": weekend}
