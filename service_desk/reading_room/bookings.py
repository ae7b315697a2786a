"""Seats for readers: what is free, booking, changing, cancelling, the waiting list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mappings.access import ANONYMOUS, Viewer
from service_desk import codes
from service_desk.database import Database
from service_desk.errors import NotFound
from service_desk.hits import frozen
from service_desk.notices import Notices
from service_desk.policy import Caller
from service_desk.ports import Clock, FrozenHit, Holdings
from service_desk.reading_room import booked
from service_desk.reading_room.checks import check_length, check_notice, check_open, units
from service_desk.reading_room.forms import BookingForm, TimeForm
from service_desk.reading_room.in_force import in_force
from service_desk.reading_room.ports import Containers
from service_desk.reading_room.refusals import SeatRefused
from service_desk.reading_room.rules import UNIT, ReadingRoomRules
from service_desk.reading_room.seating import (
    LOCK,
    Taken,
    box_in_use,
    find_seat,
    give_back,
    is_missed,
    offers,
    promote,
    settle,
    take,
)
from service_desk.reading_room.tables import SeatBooking
from service_desk.reading_room.telling import Tell, telling
from service_desk.reading_room.views import BookingView, RoomDay, SeatDay
from service_desk.rules import Rules
from service_desk.shown import frozen_hit

_LISTED = 50


class Bookings:
    """What readers do with seats. Staff have `room_desk.RoomDesk`."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        rules: Rules,
        holdings: Holdings,
        containers: Containers,
        notices: Notices,
    ) -> None:
        self._database = database
        self._clock = clock
        self._rules = rules
        self._holdings = holdings
        self._containers = containers
        self._notices = notices
        self._tell = telling(notices)

    def rules(self) -> ReadingRoomRules:
        """What is in force."""
        with self._database.read() as session:
            return in_force(session, self._rules)

    def today(self) -> dt.date:
        """The archive's day."""
        return self.rules().day_of(self._clock.now())

    def window_hours(self) -> str:
        """When the window is open today, as text; empty when it is not."""
        rules = self.rules()
        return ", ".join(f"{one.opens:%H:%M}–{one.closes:%H:%M}" for one in rules.open_hours(self.today(), None))

    def day(self, room: str, day: dt.date, language: str = "en") -> RoomDay:
        """When a room is open on a day, and each of its seats free, from now on. Raises NotFound."""
        now = self._clock.now()
        with self._database.read() as session:
            rules = in_force(session, self._rules)
            if room not in rules.rooms:
                raise NotFound("There is no such room.")
            spans = rules.open_spans(day, room)
            taken = _taken(session, rules, room, spans, now)
        special = rules.special(day, room)
        places = rules.rooms[room].places

        def free(number: str) -> Iterator[tuple[dt.datetime, dt.datetime]]:
            for opens, closes in spans:
                units_of = [at for at in units(opens, closes) if at >= now]
                fit = [at for at in units_of if taken.is_free(number, at, at + UNIT) and taken.place(at, places)]
                yield from ((a.astimezone(rules.zone), b.astimezone(rules.zone)) for a, b in _runs(fit))

        return RoomDay(
            room=room,
            day=day,
            hours=tuple(rules.open_hours(day, room)),
            reason=special.told(language) if special else None,
            seats=tuple(SeatDay(s.number, s.features, tuple(free(s.number))) for s in rules.rooms[room].seats),
        )

    def book(
        self, form: BookingForm, viewer: Viewer = ANONYMOUS, *, secret: str | None = None, visitor: str | None = None
    ) -> BookingView:
        """A seat; or, with `wait`, a place on the waiting list when there is none.

        Raises SeatRefused; NotFound for a request that is not the caller's, or a record they may not know of; Invalid.
        """
        caller = Caller(viewer, secret, visitor)
        hits = self._hits(form, viewer, caller)
        with self._deciding() as (session, rules, now):
            request = booked.request_of(session, form.receipt, caller)
            who = booked.whose(session, caller, request, form.name, form.contact)
            if len(hits) > rules.visits.records:
                raise SeatRefused("records", count=rules.visits.records)
            booking = new_booking(rules, form, who, form.language, now)
            booking.items = booked.items(hits)
            check_notice(rules, booking.starts, now, bool(hits))
            check_length(rules, booking.starts, booking.ends)
            booked.check_limits(session, rules, who, now)
            booked.check_alone(session, who, booking)
            seat_or_wait(session, rules, booking, form.wait, now)
            self._tell(session, rules, booking, "made" if booking.seat else "waits", now)
            return booked.view(session, rules, booking, now)

    def change(
        self,
        code: str,
        form: TimeForm,
        viewer: Viewer = ANONYMOUS,
        *,
        secret: str | None = None,
        visitor: str | None = None,
    ) -> BookingView:
        """Another time or another seat; the old one is kept unless the new one can be had. Raises as `book`."""
        with self._deciding() as (session, rules, now):
            booking = booked.permitted(session, code, Caller(viewer, secret, visitor))
            _check_to_come(booking, now)
            give_back(session, booking)
            retime(rules, booking, form, now)
            check_notice(rules, booking.starts, now, bool(booking.items))
            check_length(rules, booking.starts, booking.ends)
            booked.check_alone(session, _same(booking), booking)
            seat_or_wait(session, rules, booking, form.wait, now)
            self._tell(session, rules, booking, "moved" if booking.seat else "waits", now)
            promote(session, rules, now, self._tell)
            return booked.view(session, rules, booking, now)

    def cancel(
        self, code: str, viewer: Viewer = ANONYMOUS, *, secret: str | None = None, visitor: str | None = None
    ) -> BookingView:
        """The seat is not needed; who waits moves up. Raises NotFound, SeatRefused when it is over."""
        with self._deciding() as (session, rules, now):
            booking = booked.permitted(session, code, Caller(viewer, secret, visitor))
            _check_to_come(booking, now)
            give_back(session, booking)
            booking.state = "cancelled"
            self._tell(session, rules, booking, "cancelled", now)
            session.flush()
            promote(session, rules, now, self._tell)
            return booked.view(session, rules, booking, now)

    def mine(
        self, viewer: Viewer, *, receipt: str = "", secret: str | None = None, visitor: str | None = None
    ) -> list[BookingView]:
        """Bookings of the account, else of the browser, and those for a request of theirs; the next first, then what is
        over. Raises NotFound for a request that is not theirs.
        """
        with self._database.read() as session:
            rules, now = in_force(session, self._rules), self._clock.now()
            request = booked.request_of(session, receipt, Caller(viewer, secret, visitor))
            own = select(SeatBooking).where(booked.callers(viewer, visitor, request))
            rows = session.scalars(own.order_by(SeatBooking.starts.desc(), SeatBooking.id).limit(_LISTED))
            views = [booked.view(session, rules, row, now) for row in rows]
        return [one for one in reversed(views) if one.open] + [one for one in views if not one.open]

    def one(
        self, code: str, viewer: Viewer = ANONYMOUS, *, secret: str | None = None, visitor: str | None = None
    ) -> BookingView:
        """The caller's booking. Raises NotFound."""
        with self._database.read() as session:
            rules, now = in_force(session, self._rules), self._clock.now()
            wanted = select(SeatBooking).where(SeatBooking.code == codes.normalise(code))
            booking = session.scalar(wanted)
            if booking is None or not booked.is_callers(session, booking, Caller(viewer, secret, visitor)):
                raise NotFound(booked.NO_BOOKING)
            return booked.view(session, rules, booking, now)

    def tidy(self) -> None:
        """What a nightly job does, and whoever writes: what time alone has changed. Bookings that are long over say
        nothing any more of who made them.
        """
        with self._deciding() as (session, rules, now):
            before = now - dt.timedelta(days=rules.visits.kept_days)
            says_who = SeatBooking.owner.is_not(None) | (SeatBooking.name != "") | (SeatBooking.contact != "")
            for booking in session.scalars(select(SeatBooking).where(SeatBooking.ends <= before, says_who)):
                booking.name = booking.contact = ""
                booking.owner = booking.visitor_digest = booking.person = None

    @contextmanager
    def _deciding(self) -> Iterator[tuple[Session, ReadingRoomRules, dt.datetime]]:
        with deciding(self._database, self._clock, self._rules, self._tell) as parts:
            yield parts
        self._notices.deliver()

    def _hits(self, form: BookingForm, viewer: Viewer, caller: Caller) -> list[tuple[FrozenHit, str | None]]:
        """The records of the form and that of its request, as they are called now, with their containers."""
        hits = {one: frozen(self._holdings, one, viewer) for one in dict.fromkeys(form.records)}
        if form.receipt:
            with self._database.read() as session:
                request = booked.request_of(session, form.receipt, caller)
                asked = frozen_hit(request) if request else None
            if asked is not None:
                hits.setdefault(asked.id, asked)
        return [(hit, self._containers.container(hit.id)) for hit in hits.values()]


@contextmanager
def deciding(
    database: Database, clock: Clock, rules: Rules, tell: Tell
) -> Iterator[tuple[Session, ReadingRoomRules, dt.datetime]]:
    """A transaction in which seats are given: what time alone has changed has happened. Raises SeatRefused when the
    database had to keep two apart.
    """
    try:
        with database.write(lock=LOCK) as session:
            now, held = clock.now(), in_force(session, rules)
            settle(session, held, now, tell)
            yield session, held, now
    except IntegrityError as error:
        if not any(name in str(error.orig) for name in ("seat_slot", "box_slot")):
            raise
        raise SeatRefused("taken") from error


def new_booking(
    rules: ReadingRoomRules, form: TimeForm, who: booked.Whose, language: str, now: dt.datetime
) -> SeatBooking:
    """The row of a form, with neither seat nor records yet. Raises NotFound, SeatRefused."""
    booking = SeatBooking(
        code=codes.new_receipt(),
        made=now,
        owner=who.owner,
        visitor_digest=who.visitor_digest,
        request_id=who.request.id if who.request else None,
        person=who.person,
        name=who.name,
        contact=who.contact,
        language=language,
    )
    retime(rules, booking, form, now)
    return booking


def retime(rules: ReadingRoomRules, booking: SeatBooking, form: TimeForm, now: dt.datetime) -> None:
    """Room, time and wishes of a form. Raises NotFound, SeatRefused."""
    room = rules.rooms.get(form.room)
    if room is None:
        raise NotFound("There is no such room.")
    fit = [seat for seat in room.seats if set(form.features) <= set(seat.features) and form.seat in ("", seat.number)]
    if not fit:
        raise SeatRefused("seat", seat=form.seat or "–")
    starts, ends = rules.at(form.day, form.starts), rules.at(form.day, form.ends)
    if ends <= starts:
        raise SeatRefused("short", minutes=rules.visits.shortest)
    booking.room, booking.starts, booking.ends, booking.queued = form.room, starts, ends, now
    booking.wishes = {"seat": form.seat, "features": list(form.features)}
    booking.seat, booking.state = None, "waiting"


def seat_or_wait(session: Session, rules: ReadingRoomRules, booking: SeatBooking, wait: bool, now: dt.datetime) -> None:
    """Put the booking on a seat, or on the waiting list when that is wished. Raises SeatRefused, with free times."""
    check_open(rules, booking.room, booking.starts, booking.ends, booking.language)
    seat = find_seat(session, rules, booking)
    if seat is not None:
        take(session, rules, booking, seat, booking.starts)
        return
    if wait:
        booking.state = "waiting"
        session.add(booking)
        session.flush()
        return
    box = box_in_use(session, booking)
    if box is not None:
        raise SeatRefused("box", title=box.title)
    notice = dt.timedelta(minutes=rules.visits.fetch_minutes if booking.items else 0)
    raise SeatRefused("taken", offers(session, rules, booking, now, max(booking.starts, now + notice)))


def _check_to_come(booking: SeatBooking, now: dt.datetime) -> None:
    if booking.state not in booked.TO_COME or booking.starts <= now:
        raise SeatRefused("over")


def _same(booking: SeatBooking) -> booked.Whose:
    return booked.Whose(booking.owner, None, None, booking.name, booking.contact, booking.person)


def _taken(
    session: Session,
    rules: ReadingRoomRules,
    room: str,
    spans: Sequence[tuple[dt.datetime, dt.datetime]],
    now: dt.datetime,
) -> Taken:
    """What is taken within these hours, without seats that nobody took in time."""
    if not spans:
        return Taken(session, room, now, now)
    taken = Taken(session, room, spans[0][0], spans[-1][1])
    begun = select(SeatBooking).where(
        SeatBooking.room == room, SeatBooking.state == "booked", SeatBooking.starts <= now, SeatBooking.ends > now
    )
    for booking in session.scalars(begun):
        if is_missed(rules, booking.state, booking.starts, booking.queued, now):
            taken.leave_out(booking.id)
    return taken


def _runs(at: Sequence[dt.datetime]) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """Quarters of an hour that follow each other, as spans."""
    begin = end = None
    for each in at:
        if end != each:
            if begin is not None and end is not None:
                yield begin, end
            begin = each
        end = each + UNIT
    if begin is not None and end is not None:
        yield begin, end
