"""The reading room for staff: the plan of a day, who comes and goes, seats given at the window, days closed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from mappings.access import Viewer
from service_desk import codes, ledger, policy
from service_desk.audit import AuditLog
from service_desk.audit_chain import What, note
from service_desk.calendar_rules import CalendarRules
from service_desk.database import Database
from service_desk.errors import Invalid, NotFound
from service_desk.models import Person
from service_desk.notices import Notices
from service_desk.ports import Clock
from service_desk.reading_room import booked, closing
from service_desk.reading_room.bookings import deciding, new_booking, retime, seat_or_wait
from service_desk.reading_room.checks import floor
from service_desk.reading_room.forms import ClosingForm, DeskBookingForm, ReasonForm, TimeForm
from service_desk.reading_room.in_force import with_calendar
from service_desk.reading_room.refusals import SeatRefused
from service_desk.reading_room.rules import ReadingRoomRules
from service_desk.reading_room.seating import Taken, find_seat, give_back, promote, take
from service_desk.reading_room.tables import SeatBooking, Visit
from service_desk.reading_room.telling import telling
from service_desk.reading_room.views import BookingView, DayVisits, Plan, PlanRow
from service_desk.reading_room.visits import visits_by_day
from service_desk.rules import Rules
from service_desk.told import Title

_ACTION: Final = "rooms.work"


class RoomDesk:
    """For whoever works in the rooms (`rooms.work`). Every look at who is there and every change is in the audit
    log.
    """

    def __init__(self, database: Database, clock: Clock, rules: Rules, notices: Notices, audit: AuditLog) -> None:
        self._database = database
        self._clock = clock
        self._rules = rules
        self._notices = notices
        self._audit = audit
        self._tell = tell = telling(notices)
        for kind in (ReadingRoomRules, CalendarRules):
            rules.followed(kind, lambda session, now: closing.follow(database, rules, session, now, tell))
        rules.foreseen(ReadingRoomRules, self._foresee)

    def plan(self, room: str, day: dt.date, viewer: Viewer) -> Plan:
        """A day of a room. Seats that nobody took are free again first. Raises NotAllowed, NotFound."""
        policy.require(_ACTION, viewer)
        with self._deciding() as (session, rules, now):
            if room not in rules.rooms:
                raise NotFound("There is no such room.")
            starts = rules.at(day, dt.time())
            ends = rules.at(day + dt.timedelta(days=1), dt.time())
            of_day = select(SeatBooking).where(
                SeatBooking.room == room, SeatBooking.starts >= starts, SeatBooking.starts < ends
            )
            rows = session.scalars(of_day.order_by(SeatBooking.starts, SeatBooking.queued, SeatBooking.id)).all()
            plan = _plan(session, rules, room, day, rows, now)
        self._audit.saw(viewer, "room.see", f"{room} {day}")
        return plan

    def arrive(self, code: str, viewer: Viewer) -> BookingView:
        """They are here: a visit. Who comes after the seat was given away has it if it is still free. Raises
        NotAllowed, NotFound, SeatRefused.
        """
        actor = policy.require(_ACTION, viewer)
        with self._deciding() as (session, rules, now):
            booking = booked.found(session, code)
            if booking.ends <= now or booking.state not in ("booked", "missed"):
                raise SeatRefused("over")
            if (day := rules.day_of(booking.starts)) != rules.day_of(now):
                raise SeatRefused("day", day=day)
            if booking.state == "missed":
                self._seat_again(session, rules, booking, now)
            self._check_in(session, rules, booking, actor, now)
            return booked.view(session, rules, booking, now)

    def leave(self, code: str, viewer: Viewer) -> BookingView:
        """They have left; the seat is free for others from now on. Raises NotAllowed, NotFound, SeatRefused."""
        with self._acting(code, viewer, "seat.leave", ("arrived",)) as (session, rules, now, booking):
            booking.state, booking.left = "done", now
            give_back(session, booking, since=now)
            session.flush()
            promote(session, rules, now, self._tell)
            return booked.view(session, rules, booking, now)

    def move(self, code: str, seat: str, viewer: Viewer) -> BookingView:
        """Another seat in the same room; the reader is told unless they sit there. Raises NotAllowed, NotFound,
        SeatRefused.
        """
        with self._acting(code, viewer, "seat.move", ("booked", "arrived"), seat=seat[:20]) as parts:
            session, rules, now, booking = parts
            room = rules.rooms.get(booking.room)
            if room is None or room.seat(seat) is None:
                raise SeatRefused("seat", seat=seat[:20])
            since = max(booking.starts, floor(now))
            give_back(session, booking, since=since)
            session.flush()
            if not Taken(session, booking.room, since, booking.ends).is_free(seat, since, booking.ends):
                raise SeatRefused("taken")
            take(session, rules, booking, seat, since)
            if booking.state == "booked":
                self._tell(session, rules, booking, "moved", now)
            promote(session, rules, now, self._tell)
            return booked.view(session, rules, booking, now)

    def cancel(self, code: str, form: ReasonForm, viewer: Viewer) -> BookingView:
        """Cancelled by the house; the reader is told why. Raises NotAllowed, NotFound, SeatRefused."""
        with self._acting(code, viewer, "seat.cancel", booked.TO_COME) as (session, rules, now, booking):
            booking.state, booking.reason = "cancelled", form.reason
            give_back(session, booking)
            self._tell(session, rules, booking, "cancelled", now)
            session.flush()
            promote(session, rules, now, self._tell)
            return booked.view(session, rules, booking, now)

    def give(self, form: DeskBookingForm, viewer: Viewer) -> BookingView:
        """A seat for somebody at the window: for a registered person by code, or by name. Without a beginning they are
        here and sit down now. Bounds of what readers book themselves do not count. Raises NotAllowed, NotFound,
        Invalid, SeatRefused.
        """
        actor = policy.require(_ACTION, viewer)
        with self._deciding() as (session, rules, now):
            who = _at_window(session, form)
            booking = new_booking(rules, _timed(rules, form, now), who, form.language, now)
            if booking.ends <= now:
                raise SeatRefused("past")
            booked.check_alone(session, who, booking)
            seat_or_wait(session, rules, booking, form.wait, now)
            note(session, now, actor, "seat.give", booking.code)
            if form.starts is None and booking.state == "booked":
                self._check_in(session, rules, booking, actor, now)
            else:
                self._tell(session, rules, booking, "made" if booking.seat else "waits", now)
            return booked.view(session, rules, booking, now)

    def close_day(self, form: ClosingForm, viewer: Viewer) -> int:
        """A day unlike its weekday, as a new version of the rules: its number. Bookings that it leaves no room for are
        moved or cancelled, and their readers told. Raises NotAllowed, Invalid, RulesMistaken, Conflict.
        """
        actor = policy.require(_ACTION, viewer)
        version = self._rules.version(ReadingRoomRules)
        text = closing.with_day(version.text, form)
        number = self._rules.bring_into_force(ReadingRoomRules, text, actor, version.number)
        self._notices.deliver()
        return number

    def visits(self, first: dt.date, last: dt.date, viewer: Viewer) -> list[DayVisits]:
        """How many were here, on each day that anybody was. Raises NotAllowed."""
        policy.require("indicators.see", viewer)
        with self._database.read() as session:
            return visits_by_day(session, first, last)

    def _foresee(self, session: Session, document: ReadingRoomRules) -> list[Title]:
        wanted = with_calendar(session, self._rules, document)
        return list(closing.foresee(session, wanted, self._clock.now()))

    def _seat_again(self, session: Session, rules: ReadingRoomRules, booking: SeatBooking, now: dt.datetime) -> None:
        kept, since = booking.seat or "", floor(now)
        rest = TimeForm.model_construct(
            room=booking.room,
            day=rules.day_of(since),
            starts=since.astimezone(rules.zone).time(),
            ends=booking.ends.astimezone(rules.zone).time(),
            seat="",
            features=tuple(booking.wishes.get("features", ())),
        )
        retime(rules, booking, rest, now)
        taken = Taken(session, booking.room, booking.starts, booking.ends)
        is_kept = taken.is_free(kept, booking.starts, booking.ends)
        seat = (
            kept
            if is_kept and taken.has_place(rules.rooms[booking.room].places, booking.starts, booking.ends)
            else None
        )
        seat = seat or find_seat(session, rules, booking)
        if seat is None:
            raise SeatRefused("taken")
        take(session, rules, booking, seat, since)

    def _check_in(
        self, session: Session, rules: ReadingRoomRules, booking: SeatBooking, actor: str, now: dt.datetime
    ) -> None:
        booking.state, booking.arrived = "arrived", now
        visit = Visit(
            at=now,
            day=rules.day_of(now).isoformat(),
            kind="seat",
            place=f"{booking.room} {booking.seat}"[:40],
            booking_id=booking.id,
            request_id=booking.request_id,
            person=booking.person,
            by=actor,
        )
        session.add(visit)
        note(session, now, actor, "seat.arrive", booking.code)

    @contextmanager
    def _acting(
        self, code: str, viewer: Viewer, what: What, states: tuple[str, ...], **detail: object
    ) -> Iterator[tuple[Session, ReadingRoomRules, dt.datetime, SeatBooking]]:
        actor = policy.require(_ACTION, viewer)
        with self._deciding() as (session, rules, now):
            booking = booked.found(session, code)
            if booking.state not in states or booking.ends <= now:
                raise SeatRefused("over")
            note(session, now, actor, what, booking.code, **detail)
            yield session, rules, now, booking

    @contextmanager
    def _deciding(self) -> Iterator[tuple[Session, ReadingRoomRules, dt.datetime]]:
        with deciding(self._database, self._clock, self._rules, self._tell) as parts:
            yield parts
        self._notices.deliver()


def _timed(rules: ReadingRoomRules, form: DeskBookingForm, now: dt.datetime) -> TimeForm:
    """The form with its times filled in: from now, for who is here."""
    here = floor(now).astimezone(rules.zone)
    values = {name: getattr(form, name) for name in TimeForm.model_fields}
    values["day"] = form.day or here.date()
    values["starts"] = form.starts or here.time()
    return TimeForm(**values)


def _at_window(session: Session, form: DeskBookingForm) -> booked.Whose:
    person = None
    if form.person:
        person = session.scalar(select(Person).where(Person.code == codes.normalise(form.person)))
        if person is None:
            raise NotFound("There is no person with this code.")
    request = ledger.found(session, form.receipt) if form.receipt else None
    name = form.name or (person.name if person else "") or (request.name if request else "")
    if not name:
        raise Invalid.one("name", "Write the name, or the code of the person")
    account = person.account_name if person else request.account_name if request else None
    owner = f"account:{account}" if account else f"request:{request.id}" if request else None
    contact = form.contact or (person.contact if person else "") or (request.contact if request else "")
    return booked.Whose(owner, None, request, name, contact, person.code if person else None)


def _plan(
    session: Session,
    rules: ReadingRoomRules,
    room: str,
    day: dt.date,
    rows: Sequence[SeatBooking],
    now: dt.datetime,
) -> Plan:
    special = rules.special(day, room)
    shown = [_row(session, rules, booking, now) for booking in rows]
    order = {seat.number: place for place, seat in enumerate(rules.rooms[room].seats)}
    seated = [one for one in shown if one.booking.state in ("booked", "arrived")]
    seated.sort(key=lambda one: (order.get(one.booking.seat or "", len(order)), one.booking.starts))
    return Plan(
        room=room,
        day=day,
        hours=tuple(rules.open_hours(day, room)),
        reason=special.told("en") if special else None,
        seated=tuple(seated),
        waiting=tuple(one for one in shown if one.booking.state == "waiting"),
        over=tuple(one for one in shown if one.booking.state in ("done", "missed", "cancelled", "lapsed")),
    )


def _row(session: Session, rules: ReadingRoomRules, booking: SeatBooking, now: dt.datetime) -> PlanRow:
    owner = booking.owner or ""
    return PlanRow(
        booking=booked.view(session, rules, booking, now),
        name=booking.name,
        contact=booking.contact,
        person=booking.person,
        account=owner.removeprefix("account:") if owner.startswith("account:") else None,
        arrived=booking.arrived.astimezone(rules.zone) if booking.arrived else None,
        left=booking.left.astimezone(rules.zone) if booking.left else None,
    )
