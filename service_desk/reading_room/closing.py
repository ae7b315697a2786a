"""Days unlike their weekday: written into the rules as an administrator would, and what becomes of bookings then."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any, Final

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from mappings import yaml_text
from service_desk.database import Database
from service_desk.errors import Conflict, Invalid
from service_desk.reading_room.checks import check_open
from service_desk.reading_room.forms import ClosingForm
from service_desk.reading_room.in_force import in_force
from service_desk.reading_room.refusals import SeatRefused
from service_desk.reading_room.rules import ReadingRoomRules, SpecialDay
from service_desk.reading_room.seating import LOCK, find_seat, give_back, promote, take
from service_desk.reading_room.tables import SeatBooking
from service_desk.reading_room.telling import Tell
from service_desk.rules import Rules, read
from service_desk.told import Title

_ONE_LINE: Final = 100_000
_HEADING = re.compile(r"(?m)^exceptions:[ \t]*(?P<empty>\[[ \t]*\])?[ \t]*(?P<comment>#.*)?$")
_ITEM = re.compile(r"\n(?:[ \t]*(?:#.*)?\n)*(?P<indent>[ ]*)- ")


def with_day(text: str, form: ClosingForm) -> str:
    """The rules with one more exception; all else, comments too, stays as it is written. One on the same day for the
    same room has to go first. Raises Invalid, Conflict when the text is written in a way we do not add to.
    """
    before = read(ReadingRoomRules, text)
    room = form.room or None
    if room is not None and room not in before.rooms:
        raise Invalid.one("room", "There is no such room")
    if any((one.day, one.room) == (form.day, room) for one in before.exceptions):
        raise Conflict("There is an exception on this day already; change it in the rules of the reading room.")
    added = _added(text, _entry(form))
    try:
        yaml_text.content(added)
    except yaml.YAMLError as error:  # written as one flow, such as JSON
        raise Conflict(_NOT_ADDED) from error
    try:
        after = read(ReadingRoomRules, added)
    except Invalid as error:
        raise Invalid.one("hours" if form.hours else "instead", str(error)) from error
    if len(after.exceptions) != len(before.exceptions) + 1:
        raise Conflict(_NOT_ADDED)
    return added


_NOT_ADDED = "The rules are written in a way that nothing can be added to here; add the day on the page of the rules."


def _entry(form: ClosingForm) -> str:
    """The exception on one line, everything in quotes, whatever the reason holds."""
    hours = [part.strip() for part in form.hours.split(",") if part.strip()]
    values: dict[str, Any] = {"day": form.day.isoformat(), "room": form.room, "hours": hours, "reason": form.reason}
    values["instead"] = form.instead.isoformat() if form.instead else ""
    told = {key: value for key, value in values.items() if value}
    dumped = yaml.safe_dump(
        told, default_flow_style=True, default_style='"', width=_ONE_LINE, allow_unicode=True, sort_keys=False
    )
    return str(dumped).strip()


def _added(text: str, entry: str) -> str:
    heading = _HEADING.search(text)
    if heading is None:
        if re.search(r"(?m)^exceptions\s*:", text):
            raise Conflict(_NOT_ADDED)
        return f"{text.rstrip()}\n\nexceptions:\n  - {entry}\n"
    item = _ITEM.match(text, heading.end())
    indent = item["indent"] if item and not heading["empty"] else "  "
    comment = f" {heading['comment']}" if heading["comment"] else ""
    return f"{text[: heading.start()]}exceptions:{comment}\n{indent}- {entry}{text[heading.end() :]}"


def follow(database: Database, documents: Rules, session: Session, now: dt.datetime, tell: Tell) -> None:
    """What becomes of bookings when the rules change: those that they leave no room for get another seat, another day,
    or are cancelled; their readers are told. Whoever waits and fits now is seated.
    """
    database.wait_for(session, LOCK)
    rules = in_force(session, documents)
    for booking in _unfit(session, rules, now):
        _displace(session, rules, booking, now, tell)
    session.flush()
    promote(session, rules, now, tell)


def foresee(session: Session, rules: ReadingRoomRules, now: dt.datetime) -> Iterator[Title]:
    """What would become of bookings, in a sentence, when there is anything to say."""
    if count := len(_unfit(session, rules, now)):
        yield Title.of(
            f"Bookings that these rules leave no room for: {count}. They are moved or cancelled, and readers told.",
            f"将受影响的预约：{count} 个。这些预约会改期或取消，并通知读者。",
            f"將受影響的預約：{count} 個。這些預約會改期或取消，並通知讀者。",
        )


def _unfit(session: Session, rules: ReadingRoomRules, now: dt.datetime) -> list[SeatBooking]:
    """Bookings to come that the rules leave no room for, in the order in which they were made."""
    coming = select(SeatBooking).where(SeatBooking.state.in_(("booked", "waiting")), SeatBooking.starts > now)
    rows = session.scalars(coming.order_by(SeatBooking.queued, SeatBooking.id)).all()
    return [booking for booking in rows if not _still_fits(rules, booking)]


def _still_fits(rules: ReadingRoomRules, booking: SeatBooking) -> bool:
    room = rules.rooms.get(booking.room)
    if room is None or (booking.seat is not None and room.seat(booking.seat) is None):
        return False
    return _is_open(rules, booking)


def _is_open(rules: ReadingRoomRules, booking: SeatBooking) -> bool:
    try:
        check_open(rules, booking.room, booking.starts, booking.ends, booking.language)
    except SeatRefused:
        return False
    return True


def _displace(session: Session, rules: ReadingRoomRules, booking: SeatBooking, now: dt.datetime, tell: Tell) -> None:
    special = rules.special(rules.day_of(booking.starts), booking.room)
    booking.reason = special.told(booking.language) if special else None
    give_back(session, booking)
    booking.seat, booking.state = None, "waiting"
    booking.wishes = {**booking.wishes, "seat": ""}
    if booking.room in rules.rooms and not _is_open(rules, booking):
        _to_other_day(rules, booking, special)
    if booking.room not in rules.rooms or not _is_open(rules, booking):
        booking.state = "cancelled"
        tell(session, rules, booking, "cancelled", now)
        return
    session.flush()
    seat = find_seat(session, rules, booking)
    if seat is not None:
        take(session, rules, booking, seat, booking.starts)
    tell(session, rules, booking, "moved" if seat else "waits", now)


def _to_other_day(rules: ReadingRoomRules, booking: SeatBooking, special: SpecialDay | None) -> None:
    """The same time of the day that the exception names, if there is one."""
    if special is not None and special.instead is not None:
        times = [at.astimezone(rules.zone).time() for at in (booking.starts, booking.ends)]
        booking.starts, booking.ends = (rules.at(special.instead, time) for time in times)
