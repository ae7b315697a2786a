"""The queue at the window: tickets (``/tickets``), the screen of the hall (``/hall``), the counter (``/counter``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from search_ui import paths, security
from search_ui.limits import client_of
from search_ui.web import seat_words
from search_ui.web.forms import Fields
from search_ui.web.guarded import only
from search_ui.web.render import Here, here, page
from service_desk.errors import Conflict, NotFound, TooMany
from service_desk.ratelimit import RateLimit
from service_desk.reading_room.queue import QueueFull, WindowClosed, WindowQueue

_RATE = RateLimit(calls=20)
_work = only("rooms.work")
HALL_SECONDS: Final = 10
TICKET_SECONDS: Final = 20


def services(request: Request) -> Response:
    """What people come for, with how many wait."""
    return _services(request, None)


def take(request: Request, fields: Fields) -> Response:
    """``POST /tickets``: a ticket, once for each browser; at a terminal for each person."""
    context = here(request)
    try:
        if not context.viewer.on_site:
            _RATE.spend(client_of(request.scope))
        visitor = security.known_visitor(request.cookies)
        ticket = context.services.desk.queue.take(fields.get("service", ""), context.viewer, visitor)
    except (WindowClosed, QueueFull, NotFound, TooMany) as error:
        return _services(request, error)
    return RedirectResponse(paths.ticket(ticket.code), 303)


def ticket(request: Request) -> Response:
    """A ticket: how many are before it, and how long that takes. It looks again by itself."""
    context = here(request)
    try:
        found = context.services.desk.queue.one(request.path_params["code"], context.viewer)
    except NotFound:
        return page(request, "not_found.html", 404)
    waits = found.state in ("waiting", "called")
    values = {**_called(context), "ticket": found, "seconds": TICKET_SECONDS if waits else 0}
    return page(request, "ticket.html", **values)


def give_up(request: Request, fields: Fields) -> Response:
    """Not waiting any more."""
    context, code = here(request), request.path_params["code"]
    try:
        context.services.desk.queue.give_up(code, context.viewer)
    except NotFound:
        return page(request, "not_found.html", 404)
    except Conflict:
        return RedirectResponse(paths.ticket(code), 303)
    return RedirectResponse(paths.TICKETS, 303)


def hall(request: Request) -> Response:
    """Numbers only, large; looks again by itself."""
    context = here(request)
    values = {**_called(context), "hall": context.services.desk.queue.hall(), "seconds": HALL_SECONDS}
    return page(request, "hall.html", **values)


@_work
def counter(request: Request) -> Response:
    """The queue as a counter's clerk sees it."""
    return _counter(request, request.query_params.get("counter", ""), None)


@_work
def call(request: Request, fields: Fields) -> Response:
    """The next, please."""
    number, service = fields.get("counter", ""), fields.get("service", "")
    return _acted(request, fields, lambda queue, context: queue.call(number, context.viewer, service))


@_work
def recall(request: Request, fields: Fields) -> Response:
    """The same once more."""
    code = request.path_params["code"]
    return _acted(request, fields, lambda queue, context: queue.recall(code, context.viewer))


@_work
def end(request: Request, fields: Fields) -> Response:
    """Served, or not there."""
    code, how, receipt = request.path_params["code"], fields.get("how", ""), fields.get("receipt", "").strip()
    return _acted(request, fields, lambda queue, context: queue.end(code, how, context.viewer, receipt))


def _acted(request: Request, fields: Fields, act: Callable[[WindowQueue, Here], object]) -> Response:
    context, number = here(request), fields.get("counter", "")
    try:
        act(context.services.desk.queue, context)
    except NotFound:
        known = number in context.services.desk.rooms.rules().window.counters
        return _counter(request, number, "receipt", 404) if known else page(request, "not_found.html", 404)
    except Conflict:
        return _counter(request, number, "changed", 409)
    return RedirectResponse(paths.counter(number), 303)


def _counter(request: Request, number: str, problem: str | None, code: int = 200) -> Response:
    context = here(request)
    rules = context.services.desk.rooms.rules()
    number = number if number in rules.window.counters else next(iter(rules.window.counters))
    view = context.services.desk.queue.counter(number, context.viewer)
    values = {**_called(context), "view": view, "number_of": number, "problem": problem}
    return page(request, "counter.html", code, **values)


def _services(request: Request, error: Exception | None) -> Response:
    context = here(request)
    queue, words = context.services.desk.queue, context.words
    sentences: dict[type, str] = {
        WindowClosed: words.t("The window is closed now; tickets are given while it is open."),
        QueueFull: words.t("Too many people wait for this already; please come again later."),
        NotFound: words.t("Choose what you come for."),
        TooMany: words.t("Too many tickets from here. Please wait a minute."),
    }
    statuses: dict[type, int] = {WindowClosed: 409, QueueFull: 409, NotFound: 404, TooMany: 429}
    kind = type(error)
    values = {
        **_called(context),
        "services": queue.services(),
        "open": queue.is_open(),
        "hours": context.services.desk.rooms.window_hours(),
        "error": sentences.get(kind),
    }
    return page(request, "tickets.html", statuses.get(kind, 200), **values)


def _called(context: Here) -> dict[str, Any]:
    """What services and counters are called."""
    window = context.services.desk.rooms.rules().window
    return {
        "service_names": seat_words.titles(context.words, {key: one.title for key, one in window.services.items()}),
        "counters": seat_words.titles(context.words, window.counters),
    }


ROUTES: Final[tuple[tuple[str, Any, bool], ...]] = (
    (paths.TICKETS, services, False),
    (paths.TICKETS, take, True),
    (paths.TICKETS + "/{code}", ticket, False),
    (paths.TICKETS + "/{code}/give-up", give_up, True),
    (paths.HALL, hall, False),
    (paths.COUNTER, counter, False),
    (f"{paths.COUNTER}/call", call, True),
    (paths.COUNTER + "/{code}/recall", recall, True),
    (paths.COUNTER + "/{code}/end", end, True),
)
