"""``/reading-room``: when seats are free, booking one, one's own bookings. Below ``/s/<receipt>/seat`` the same for a
request, where the secret that was typed once is known.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from search_ui import paths, security
from search_ui.i18n import Translator
from search_ui.limits import client_of
from search_ui.web import seat_words
from search_ui.web.forms import Fields
from search_ui.web.render import Here, here, page
from service_desk import machine
from service_desk.errors import Conflict, DeskError, Invalid, NotFound, TooMany
from service_desk.forms import parse
from service_desk.ratelimit import RateLimit
from service_desk.reading_room.forms import BookingForm, TimeForm
from service_desk.reading_room.refusals import Offer, SeatRefused
from service_desk.reading_room.rules import UNIT, ReadingRoomRules
from service_desk.reading_room.views import BookingView, RoomDay

_RATE = RateLimit(calls=20)
_DAYS: Final = 7
_USUAL: Final = 120
"""Minutes that a visit is proposed to take."""
_FEATURE: Final = "feature-"


@dataclass(frozen=True, slots=True)
class Asked:
    """What this browser can show: the secret of the request in the address, the cookie."""

    receipt: str
    secret: str | None
    visitor: str | None

    @property
    def keys(self) -> dict[str, str | None]:
        return {"secret": self.secret, "visitor": self.visitor}


def asked(request: Request) -> Asked:
    """The same for this request."""
    receipt = request.path_params.get("receipt", "")
    secret = request.cookies.get(security.SECRET) if receipt else None
    return Asked(receipt, secret, security.known_visitor(request.cookies))


def booking_page(request: Request) -> Response:
    """Free times of a day, the form, and one's own bookings."""
    return _shown(request, dict(request.query_params), None)


def book(request: Request, fields: Fields) -> Response:
    """``POST .../book``."""
    context, who = here(request), asked(request)
    secret = who.secret or fields.get("secret", "").strip() or None
    try:
        _RATE.spend(client_of(request.scope))
        form = parse(BookingForm, _booking(context, who, fields))
        made = context.services.desk.rooms.book(form, context.viewer, secret=secret, visitor=who.visitor)
    except TooMany as error:
        sentence = context.words.t("Too many tries. Wait {count} seconds.", count=error.retry_after)
        return page(request, "sorry.html", 429, sentence=sentence)
    except (Conflict, Invalid, NotFound) as error:
        return _shown(request, dict(fields), error)
    return RedirectResponse(f"{paths.seat(made.code, who.receipt)}?said=booked", 303)


def one(request: Request) -> Response:
    """``.../bookings/<code>``."""
    return _one(request, dict(request.query_params), None)


def change(request: Request, fields: Fields) -> Response:
    """Another time or seat."""
    context, who = here(request), asked(request)

    def changed(code: str) -> BookingView:
        form = parse(TimeForm, _time(context, fields))
        return context.services.desk.rooms.change(code, form, context.viewer, **who.keys)

    return _act(request, fields, "changed", changed)


def cancel(request: Request, fields: Fields) -> Response:
    """It is not needed any more."""
    context, who = here(request), asked(request)

    def cancelled(code: str) -> BookingView:
        return context.services.desk.rooms.cancel(code, context.viewer, **who.keys)

    return _act(request, fields, "cancelled", cancelled)


def _act(request: Request, fields: Fields, said: str, act: Callable[[str], BookingView]) -> Response:
    try:
        done = act(request.path_params["code"])
    except NotFound:
        return page(request, "not_found.html", 404)
    except (Conflict, Invalid) as error:
        return _one(request, dict(fields), error)
    return RedirectResponse(f"{paths.seat(done.code, asked(request).receipt)}?said={said}", 303)


def _shown(request: Request, typed: dict[str, str], error: DeskError | None) -> Response:
    context, who = here(request), asked(request)
    rooms, words = context.services.desk.rooms, context.words
    rules = rooms.rules()
    try:
        own = rooms.mine(context.viewer, receipt=who.receipt, **who.keys)
    except NotFound:
        return RedirectResponse(paths.receipt(who.receipt), 303)
    room = typed["room"] if typed.get("room") in rules.rooms else next(iter(rules.rooms))
    today = rooms.today()
    week = {day: _around(context, room, day) for day in _week(rules, room, today)}
    day = read_day(typed.get("day", ""), _first_free(week.values(), today))
    shown = week[day] = week.get(day) or _around(context, room, day)
    may_be = times(rules, room, day)
    notice = rules.visits.fetch_minutes if day == today and (typed.get("records") or typed.get("resource")) else 0
    typed = _proposed(shown, may_be, rules.visits.step, notice) | typed
    values = {
        **choices(context, rules),
        "room": room,
        "on": day,
        "today": today,
        "last": today + dt.timedelta(days=rules.visits.days_ahead),
        "days": [week[each] for each in sorted(week)],
        "shown": shown,
        "times": may_be,
        "typed": typed,
        "chosen": [code for code in rules.features if typed.get(_FEATURE + code)],
        "records": _records(context, typed),
        "receipt": who.receipt,
        "requests": [] if who.receipt else _requests(context, who),
        "own": own,
        "here": paths.seats(who.receipt),
        "error": _mistaken(words, error, typed) if error else None,
        "offers": _offers(error),
        "wait": isinstance(error, SeatRefused) and error.why == "taken",
    }
    return page(request, "reading_room.html", seat_words.status_of(error) if error else 200, **values)


def _mistaken(words: Translator, error: DeskError, typed: dict[str, str]) -> str:
    """What is in the way. That the seat which was chosen is taken does not say that all are."""
    if isinstance(error, SeatRefused) and error.why == "taken" and typed.get("seat"):
        return words.t("Seat {seat} is not free at this time.", seat=typed["seat"])
    return seat_words.mistaken(words, error)


def _proposed(shown: RoomDay, may_be: list[str], step: int, notice: int) -> dict[str, str]:
    """From when to when is proposed: the first time at which a seat is free, `notice` minutes on for what is fetched,
    as long as it is free, or as is usual.
    """
    ahead = dt.timedelta(minutes=notice)
    spans = [(f"{begins + ahead:%H:%M}", f"{ends:%H:%M}") for seat in shown.seats for begins, ends in seat.free]
    found = [(at, ends) for begins, ends in spans for at in may_be if begins <= at < ends]
    if not found:
        return {"ends": may_be[min(_USUAL // step, len(may_be) - 1)]}
    starts, free_until = min(found, key=lambda span: (span[0], [-ord(char) for char in span[1]]))
    usual = may_be[min(may_be.index(starts) + _USUAL // step, len(may_be) - 1)]
    return {"starts": starts, "ends": min(usual, free_until)}


def _one(request: Request, typed: dict[str, str], error: DeskError | None) -> Response:
    context, who = here(request), asked(request)
    rooms = context.services.desk.rooms
    try:
        booking = rooms.one(request.path_params["code"], context.viewer, **who.keys)
    except NotFound:
        return page(request, "not_found.html", 404)
    rules = rooms.rules()
    today = rooms.today()
    day = read_day(typed.get("day", ""), booking.starts.date())
    asked_for = {"starts": f"{booking.starts:%H:%M}", "ends": f"{booking.ends:%H:%M}", "seat": booking.seat or ""}
    said = request.query_params.get("said")
    values = {
        **choices(context, rules),
        "booking": booking,
        "room": booking.room,
        "on": day,
        "today": today,
        "last": today + dt.timedelta(days=rules.visits.days_ahead),
        "times": times(rules, booking.room, day) if booking.room in rules.rooms else [],
        "seats": [seat.number for seat in rules.rooms[booking.room].seats] if booking.room in rules.rooms else [],
        "typed": {**asked_for, **typed},
        "here": paths.seat(booking.code, who.receipt),
        "back": paths.seats(who.receipt),
        "error": seat_words.mistaken(context.words, error) if error else None,
        "offers": _offers(error),
        "said": said if said in ("booked", "changed", "cancelled") else None,
    }
    return page(request, "seat_booking.html", seat_words.status_of(error) if error else 200, **values)


def choices(context: Here, rules: ReadingRoomRules) -> dict[str, Any]:
    """What pages of the reading room call things."""
    words = context.words
    return {
        "rooms": {code: room.title.in_language(words.language) for code, room in rules.rooms.items()},
        "features": seat_words.titles(words, rules.features),
        "states": seat_words.lines(words),
        "state_class": seat_words.STATE_CLASS,
        "visits": rules.visits,
        "missed": rules.missed.minutes,
    }


def times(rules: ReadingRoomRules, room: str, day: dt.date) -> list[str]:
    """What may be chosen as a beginning or an end on that day; of a closed day, of the whole day."""
    spans = rules.open_hours(day, room)
    opens, closes = (spans[0].opens, spans[-1].closes) if spans else (dt.time(8), dt.time(18))
    at, end = dt.datetime.combine(day, opens), dt.datetime.combine(day, closes)
    found = []
    while at <= end:
        if (at.hour * 60 + at.minute) % rules.visits.step == 0:
            found.append(f"{at:%H:%M}")
        at += UNIT
    return found


def _booking(context: Here, who: Asked, fields: Fields) -> dict[str, object]:
    records = [one for one in fields.get("records", "").split() if one]
    given = {
        "receipt": who.receipt or fields.get("receipt", "") or fields.get("typed_receipt", ""),
        "name": fields.get("name", ""),
        "contact": fields.get("contact", ""),
        "language": context.language,
        "records": records,
    }
    return {**_time(context, fields), **given}


def _time(context: Here, fields: Fields) -> dict[str, object]:
    chosen = [key.removeprefix(_FEATURE) for key in fields if key.startswith(_FEATURE)]
    plain = {name: fields.get(name, "") for name in ("room", "day", "starts", "ends", "seat")}
    return {**plain, "features": chosen, "wait": bool(fields.get("wait"))}


def _records(context: Here, typed: dict[str, str]) -> list[dict[str, str]]:
    """The records that the address or the form names, as far as this reader may know of them."""
    wanted = [*typed.get("records", "").split(), typed.get("resource", "")][:20]
    found = (context.services.resource(one, context.viewer) for one in dict.fromkeys(wanted) if one)
    return [{"id": one["id"], "title": one["title"]} for one in found if one is not None]


def _requests(context: Here, who: Asked) -> list[tuple[str, str]]:
    """Open requests of this reader, to book for: receipt and title."""
    mine = context.services.desk.requests.mine(context.viewer, who.visitor)
    return [(one.receipt, one.resource.title if one.resource else "") for one in mine if one.status in machine.OPEN]


def _offers(error: DeskError | None) -> tuple[Offer, ...]:
    return error.offers if isinstance(error, SeatRefused) else ()


def read_day(text: str, default: dt.date) -> dt.date:
    """The day that an address or a form names, else `default`; so is one that is years away."""
    try:
        day = dt.date.fromisoformat(text[:10])
    except ValueError:
        return default
    return day if abs((day - default).days) < 800 else default


def _week(rules: ReadingRoomRules, room: str, today: dt.date) -> list[dt.date]:
    """The next days on which the room may be open."""
    ahead = (today + dt.timedelta(days=number) for number in range(rules.visits.days_ahead + 1))
    return [one for one in ahead if rules.open_hours(one, room) or rules.special(one, room)][:_DAYS]


def _first_free(days: Iterable[RoomDay], today: dt.date) -> dt.date:
    """The day that is shown to who has named none: the first with a free seat, else the first that is open."""
    is_open = [one for one in days if one.hours]
    is_free = (one for one in is_open if any(seat.free for seat in one.seats))
    return next((one.day for one in (*is_free, *is_open)), today)


def _around(context: Here, room: str, day: dt.date) -> RoomDay:
    return context.services.desk.rooms.day(room, day, context.language)


_SEATS: Final = (paths.READING_ROOM, "/s/{receipt}/seat")
ROUTES: Final[tuple[tuple[str, Any, bool], ...]] = tuple(
    route
    for above in _SEATS
    for route in (
        (above, booking_page, False),
        (f"{above}/book", book, True),
        (above + "/bookings/{code}", one, False),
        (above + "/bookings/{code}/change", change, True),
        (above + "/bookings/{code}/cancel", cancel, True),
    )
)
