"""Two hundred at once: one seat for one person, one box at one seat, each number once. On both databases."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from desk_parts import CLERK, COLLEAGUE
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from test_rooms_bookings import TUESDAY, wanted

from mappings.access import ANONYMOUS
from service_desk.reading_room.refusals import SeatRefused
from service_desk.reading_room.tables import BoxSlot, QueueTicket, SeatBooking, SeatSlot

MANY, AT_ONCE = 200, 10


def at_once(act):
    """What came of each of them, two desks - as two processes have - taking turns."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return Counter(pool.map(act, range(MANY)))


def test_two_hundred_want_six_seats(open_desk, desk):
    desks = [desk, open_desk()]

    def book(number):
        hours = {"starts": "10:00", "ends": "11:00"} if number % 2 else {"starts": "10:30", "ends": "11:30"}
        form = wanted(name="n", contact=f"{number}@example.org", **hours)
        try:
            return desks[number % 2].rooms.book(form, visitor=str(number)).state
        except SeatRefused as error:
            return error.why

    told = at_once(book)
    assert told["booked"] == 6 and told["taken"] == MANY - 6
    with desk._database.read() as session:
        slots = session.scalars(select(SeatSlot)).all()
    assert len({(row.seat, row.at) for row in slots}) == len(slots) == 6 * 4
    assert max(Counter(row.at for row in slots).values()) == 6


def test_two_hundred_want_one_box(open_desk, desk):
    desks = [desk, open_desk()]

    def book(number):
        form = wanted(name="n", contact=f"{number}@example.org", records=["r-rail"], wait=number % 20 == 0)
        try:
            return desks[number % 2].rooms.book(form, visitor=str(number)).state
        except SeatRefused as error:
            return error.why

    told = at_once(book)
    assert told["booked"] == 1 and told["box"] + told["waiting"] == MANY - 1
    with desk._database.read() as session:
        assert len({row.booking_id for row in session.scalars(select(BoxSlot))}) == 1
        [owner] = session.scalars(select(SeatBooking).where(SeatBooking.state == "booked"))
    if told["waiting"]:
        first = desk.room_desk.plan("main", TUESDAY, CLERK).waiting[0]
        desk.rooms.cancel(owner.code, visitor=_visitor(owner))
        assert first.booking.code in {row.booking.code for row in desk.room_desk.plan("main", TUESDAY, CLERK).seated}


def _visitor(booking):
    return booking.contact.partition("@")[0]


def test_no_number_twice_and_nobody_is_called_twice(open_desk, desk):
    desks = [desk, open_desk()]
    at_once(lambda number: desks[number % 2].queue.take(("ask", "collect")[number % 2], ANONYMOUS).label)
    with desk._database.read() as session:
        tickets = session.scalars(select(QueueTicket)).all()
    assert {ticket.number for ticket in tickets if ticket.service == "ask"} == set(range(1, MANY // 2 + 1))
    assert len(tickets) == MANY
    who = (("1", CLERK), ("2", COLLEAGUE))
    called = at_once(lambda number: desks[number % 2].queue.call(*who[number % 2]).label)
    assert set(called.values()) == {1} and len(called) == MANY


def test_the_database_itself_refuses_a_second_row(desk):
    """Whoever writes past the desk is refused, too."""
    made = desk.rooms.book(wanted(records=["r-rail"], name="n"), visitor="x")
    at = dt.datetime(2026, 3, 3, 2, 0, tzinfo=dt.UTC)
    with desk._database.read() as session:
        box = session.scalars(select(BoxSlot.box).limit(1)).one()
        number = session.scalars(select(SeatBooking.id).where(SeatBooking.code == made.code)).one()
    rows = (
        insert(SeatSlot).values(room="main", seat=made.seat, at=at, place=2, booking_id=number),
        insert(SeatSlot).values(room="main", seat="2", at=at, place=1, booking_id=number),
        insert(BoxSlot).values(box=box, at=at, booking_id=number),
    )
    for row in rows:
        with pytest.raises(IntegrityError), desk._database.write() as session:
            session.execute(row)
