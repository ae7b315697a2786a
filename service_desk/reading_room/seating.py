"""Who sits where: the rows that keep two people off one seat and one box off two, and the waiting list.

Everything here happens in a writing transaction under `LOCK`, so that what is looked at still holds when it is written;
the unique keys of the tables hold all the same.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from service_desk.reading_room.checks import check_open, floor, units
from service_desk.reading_room.refusals import Offer, SeatRefused
from service_desk.reading_room.rules import UNIT, ReadingRoomRules, Room
from service_desk.reading_room.tables import BoxSlot, SeatBooking, SeatItem, SeatSlot
from service_desk.reading_room.telling import Tell

LOCK = "reading room"
OFFERS = 3
_OFFERED_DAYS = 7


class Taken:
    """What is taken in a room between two instants: which seats, and how many places, in each quarter of an hour."""

    def __init__(self, session: Session, room: str, starts: dt.datetime, ends: dt.datetime) -> None:
        within = SeatSlot.room == room, SeatSlot.at >= floor(starts), SeatSlot.at < ends
        self._fill(session.scalars(select(SeatSlot).where(*within)).all())

    def _fill(self, rows: Sequence[SeatSlot]) -> None:
        self._rows = rows
        self._seats: dict[dt.datetime, set[str]] = defaultdict(set)
        self._places: dict[dt.datetime, set[int]] = defaultdict(set)
        for row in rows:
            self._seats[row.at].add(row.seat)
            self._places[row.at].add(row.place)

    def leave_out(self, booking: int) -> None:
        """Look away from the rows of this booking."""
        self._fill([row for row in self._rows if row.booking_id != booking])

    def is_free(self, seat: str, starts: dt.datetime, ends: dt.datetime) -> bool:
        """Is the seat free all the time?"""
        return not any(seat in self._seats[at] for at in units(starts, ends))

    def has_place(self, places: int, starts: dt.datetime, ends: dt.datetime) -> bool:
        """Is there room for one more of `places` all the time?"""
        return all(self.place(at, places) is not None for at in units(starts, ends))

    def place(self, at: dt.datetime, places: int) -> int | None:
        """The first place that nobody has then."""
        taken = self._places[at]
        return next((number for number in range(1, places + 1) if number not in taken), None)

    def seat_for(
        self, room: Room, wishes: Sequence[str], wanted: str, starts: dt.datetime, ends: dt.datetime
    ) -> str | None:
        """A seat that is free all the time: the one wanted, else the plainest that has what is wished for, so that
        those with more stay free for who needs them.
        """
        if not self.has_place(room.places, starts, ends):
            return None
        fit = [seat for seat in room.seats if wanted in ("", seat.number) and set(wishes) <= set(seat.features)]
        fit.sort(key=lambda seat: len(seat.features))
        return next((seat.number for seat in fit if self.is_free(seat.number, starts, ends)), None)


def find_seat(session: Session, rules: ReadingRoomRules, booking: SeatBooking) -> str | None:
    """A seat for a booking, None when there is none, or when one of its boxes lies elsewhere."""
    room = rules.rooms.get(booking.room)
    if room is None or box_in_use(session, booking) is not None:
        return None
    taken = Taken(session, booking.room, booking.starts, booking.ends)
    features, wanted = booking.wishes.get("features", ()), booking.wishes.get("seat", "")
    return taken.seat_for(room, features, wanted, booking.starts, booking.ends)


def box_in_use(session: Session, booking: SeatBooking) -> SeatItem | None:
    """The first of its records whose box lies at another seat at this time."""
    boxes = {item.box for item in booking.items}
    if not boxes:
        return None
    others = [BoxSlot.box.in_(boxes), BoxSlot.at >= floor(booking.starts), BoxSlot.at < booking.ends]
    if booking.id is not None:
        others.append(BoxSlot.booking_id != booking.id)
    elsewhere = set(session.scalars(select(BoxSlot.box).where(*others)))
    return next((item for item in booking.items if item.box in elsewhere), None)


def take(session: Session, rules: ReadingRoomRules, booking: SeatBooking, seat: str, since: dt.datetime) -> None:
    """Put a booking that has no rows yet on a seat, from `since` on."""
    starts = max(booking.starts, since)
    taken, places = Taken(session, booking.room, starts, booking.ends), rules.rooms[booking.room].places
    booking.seat, booking.state = seat, "booked" if booking.state == "waiting" else booking.state
    session.add(booking)
    session.flush()
    for at in units(starts, booking.ends):
        place = taken.place(at, places)
        if place is None:
            raise SeatRefused("taken")
        session.add(SeatSlot(room=booking.room, seat=seat, at=at, place=place, booking_id=booking.id))
        session.add_all(BoxSlot(box=box, at=at, booking_id=booking.id) for box in {item.box for item in booking.items})
    session.flush()


def give_back(session: Session, booking: SeatBooking, since: dt.datetime | None = None) -> None:
    """Let others have the seat and the boxes: from the quarter of an hour that `since` lies in, or altogether."""
    for table in (SeatSlot, BoxSlot):
        rows = delete(table).where(table.booking_id == booking.id)
        session.execute(rows if since is None else rows.where(table.at >= floor(since)))


def settle(session: Session, rules: ReadingRoomRules, now: dt.datetime, tell: Tell) -> int:
    """What time alone has changed: seats nobody took are free again, who waited in vain is told, who waits moves up.
    How many bookings it touched.
    """
    touched = _missed(session, rules, now, tell) + _lapsed(session, rules, now, tell) + _gone(session, now)
    return touched + promote(session, rules, now, tell)


def is_missed(rules: ReadingRoomRules, state: str, starts: dt.datetime, made: dt.datetime, now: dt.datetime) -> bool:
    """Is this a seat that nobody took? Counted from the beginning, or from the booking when that was later."""
    return state == "booked" and now >= max(starts, made) + dt.timedelta(minutes=rules.missed.minutes)


def _missed(session: Session, rules: ReadingRoomRules, now: dt.datetime, tell: Tell) -> int:
    begun = select(SeatBooking).where(SeatBooking.state == "booked", SeatBooking.starts <= now)
    rows = [one for one in session.scalars(begun) if is_missed(rules, one.state, one.starts, one.queued, now)]
    for booking in rows:
        give_back(session, booking, since=now)
        booking.state = "missed"
        tell(session, rules, booking, "missed", now)
    return len(rows)


def _lapsed(session: Session, rules: ReadingRoomRules, now: dt.datetime, tell: Tell) -> int:
    late = select(SeatBooking).where(SeatBooking.state == "waiting", SeatBooking.starts <= now)
    rows = session.scalars(late).all()
    for booking in rows:
        booking.state = "lapsed"
        tell(session, rules, booking, "lapsed", now)
    return len(rows)


def _gone(session: Session, now: dt.datetime) -> int:
    """Whose time is over has left, also when nobody noted it."""
    over = select(SeatBooking).where(SeatBooking.state == "arrived", SeatBooking.ends <= now)
    rows = session.scalars(over).all()
    for booking in rows:
        booking.state, booking.left = "done", booking.ends
    return len(rows)


def promote(session: Session, rules: ReadingRoomRules, now: dt.datetime, tell: Tell) -> int:
    """Give seats that are free to those who wait, in the order in which they came; how many got one."""
    seated = 0
    for booking in waiting(session, now):
        seat = find_seat(session, rules, booking) if _is_open(rules, booking) else None
        if seat is not None:
            booking.queued = now
            take(session, rules, booking, seat, booking.starts)
            tell(session, rules, booking, "seated", now)
            seated += 1
    return seated


def waiting(session: Session, now: dt.datetime) -> Sequence[SeatBooking]:
    """Who waits for a time to come, in order."""
    chosen = select(SeatBooking).where(SeatBooking.state == "waiting", SeatBooking.starts > now)
    return session.scalars(chosen.order_by(SeatBooking.queued, SeatBooking.id)).all()


def _is_open(rules: ReadingRoomRules, booking: SeatBooking) -> bool:
    if booking.room not in rules.rooms:
        return False
    try:
        check_open(rules, booking.room, booking.starts, booking.ends, booking.language)
    except SeatRefused:
        return False
    return True


def offers(
    session: Session, rules: ReadingRoomRules, booking: SeatBooking, now: dt.datetime, earliest: dt.datetime
) -> list[Offer]:
    """The next free times of the same length in the same room with what was wished for, from `earliest` on."""
    room = rules.rooms[booking.room]
    length, first = booking.ends - booking.starts, rules.day_of(booking.starts)
    last = min(first + dt.timedelta(days=_OFFERED_DAYS), rules.day_of(now) + dt.timedelta(days=rules.visits.days_ahead))
    horizon = booking.starts, booking.starts + dt.timedelta(days=_OFFERED_DAYS + 2)
    taken = Taken(session, booking.room, horizon[0] - dt.timedelta(days=1), horizon[1])
    found: list[Offer] = []
    for starts in _beginnings(rules, booking.room, first, last, length):
        if starts < earliest:
            continue
        seat = taken.seat_for(room, list(booking.wishes.get("features", ())), "", starts, starts + length)
        if seat is not None:
            found.append(Offer(seat, starts.astimezone(rules.zone), (starts + length).astimezone(rules.zone)))
        if len(found) == OFFERS:
            break
    return found


def _beginnings(
    rules: ReadingRoomRules, room: str, first: dt.date, last: dt.date, length: dt.timedelta
) -> Iterable[dt.datetime]:
    """Where a visit of that length may begin."""
    step = dt.timedelta(minutes=rules.visits.step)
    for number in range((last - first).days + 1):
        for opens, closes in rules.open_spans(first + dt.timedelta(days=number), room):
            at = opens
            while at + length <= closes:
                if _on_step(rules, at):
                    yield at
                    at += step
                else:
                    at += UNIT


def _on_step(rules: ReadingRoomRules, at: dt.datetime) -> bool:
    clock = at.astimezone(rules.zone)
    return (clock.hour * 60 + clock.minute) % rules.visits.step == 0
