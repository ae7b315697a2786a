"""``/rooms``: a day of a reading room for staff - who sits where and with what, who comes and goes, seats given at the
window, days closed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from search_ui import paths
from search_ui.web import seat_words
from search_ui.web.forms import Fields
from search_ui.web.guarded import only
from search_ui.web.reading_room import choices, read_day, times
from search_ui.web.render import Here, here, page
from service_desk.errors import Conflict, DeskError, Invalid, NotFound
from service_desk.forms import parse
from service_desk.reading_room.forms import ClosingForm, DeskBookingForm, ReasonForm
from service_desk.reading_room.room_desk import RoomDesk

_work = only("rooms.work")


@_work
def plan(request: Request) -> Response:
    """The day."""
    return _shown(request, dict(request.query_params), None)


@_work
def arrive(request: Request, fields: Fields) -> Response:
    """They are here."""
    code = request.path_params["code"]
    return _done(request, fields, lambda desk, context: desk.arrive(code, context.viewer))


@_work
def leave(request: Request, fields: Fields) -> Response:
    """They have left."""
    code = request.path_params["code"]
    return _done(request, fields, lambda desk, context: desk.leave(code, context.viewer))


@_work
def move(request: Request, fields: Fields) -> Response:
    """Another seat."""
    code, seat = request.path_params["code"], fields.get("seat", "")
    return _done(request, fields, lambda desk, context: desk.move(code, seat, context.viewer))


@_work
def cancel(request: Request, fields: Fields) -> Response:
    """Cancelled by the house."""
    code = request.path_params["code"]

    def cancelled(desk: RoomDesk, context: Here) -> object:
        form = parse(ReasonForm, {"reason": fields.get("reason", "")})
        return desk.cancel(code, form, context.viewer)

    return _done(request, fields, cancelled)


@_work
def give(request: Request, fields: Fields) -> Response:
    """A seat for somebody at the window: from now on, or at the times chosen."""

    def given(desk: RoomDesk, context: Here) -> object:
        names = ("room", "ends", "seat", "person", "name", "contact", "receipt")
        values: dict[str, object] = {name: fields.get(name, "") for name in names}
        if fields.get("starts"):
            values |= {"day": fields.get("day", ""), "starts": fields["starts"]}
        values |= {"language": context.language, "wait": bool(fields.get("wait"))}
        return desk.give(parse(DeskBookingForm, values), context.viewer)

    return _done(request, fields, given)


@_work
def close(request: Request, fields: Fields) -> Response:
    """A day closed, or open at other hours."""

    def closed(desk: RoomDesk, context: Here) -> object:
        values: dict[str, object] = {name: fields.get(name, "") for name in ("day", "hours", "reason")}
        values |= {"room": "" if fields.get("everywhere") else fields.get("room", "")}
        values |= {"instead": fields.get("instead") or None}
        return desk.close_day(parse(ClosingForm, values), context.viewer)

    return _done(request, fields, closed)


def _done(request: Request, fields: Fields, change: Callable[[RoomDesk, Here], object]) -> Response:
    context = here(request)
    try:
        change(context.services.desk.room_desk, context)
    except (Conflict, Invalid, NotFound) as error:
        return _shown(request, dict(fields), error)
    return RedirectResponse(paths.plan(fields.get("room", ""), fields.get("day", "")), 303)


def _shown(request: Request, typed: dict[str, str], error: DeskError | None) -> Response:
    context = here(request)
    desk = context.services.desk
    rules, today = desk.rooms.rules(), desk.rooms.today()
    room = typed["room"] if typed.get("room") in rules.rooms else next(iter(rules.rooms))
    day = read_day(typed.get("day", ""), today)
    shown = desk.room_desk.plan(room, day, context.viewer)
    values = {
        **choices(context, rules),
        "room": room,
        "on": day,
        "today": today,
        "before": day - dt.timedelta(days=1),
        "after": day + dt.timedelta(days=1),
        "plan": shown,
        "free": {seat.number: seat.free for seat in desk.rooms.day(room, day, context.language).seats},
        "seats": rules.rooms[room].seats,
        "times": times(rules, room, day),
        "typed": typed,
        "error": seat_words.mistaken(context.words, error) if error else None,
    }
    return page(request, "room_plan.html", seat_words.status_of(error) if error else 200, **values)


ROUTES: Final[tuple[tuple[str, Any, bool], ...]] = (
    (paths.ROOMS, plan, False),
    (f"{paths.ROOMS}/give", give, True),
    (f"{paths.ROOMS}/close", close, True),
    (paths.ROOMS + "/{code}/move", move, True),
    (paths.ROOMS + "/{code}/cancel", cancel, True),
    (paths.ROOMS + "/{code}/arrive", arrive, True),
    (paths.ROOMS + "/{code}/leave", leave, True),
)
