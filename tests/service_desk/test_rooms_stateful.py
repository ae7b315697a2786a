"""Whatever readers and staff do: no seat twice, no box twice, no more people than places, nobody passed over."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections import Counter
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest
from desk_parts import CLERK, FakeHoldings, StandingClock
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from service_desk.desk import Desk
from service_desk.errors import Conflict
from service_desk.forms import parse
from service_desk.objects import FolderObjects
from service_desk.ports import FrozenHit
from service_desk.reading_room.checks import units
from service_desk.reading_room.forms import BookingForm, ClosingForm, DeskBookingForm, ReasonForm, TimeForm
from service_desk.reading_room.refusals import SeatRefused
from service_desk.reading_room.rules import ReadingRoomRules
from service_desk.reading_room.seating import find_seat, waiting
from service_desk.reading_room.tables import BoxSlot, SeatBooking, SeatSlot

DAYS = [dt.date(2026, 3, day) for day in (2, 3, 4)]
RULES = """
features: {power: {en: p, zh-Hans: p, zh-Hant: p}}
rooms:
  main:
    title: {en: m, zh-Hans: m, zh-Hant: m}
    capacity: 2
    seats: [{number: 1}, {number: 2, features: [power]}, {number: 3, features: [power]}]
    hours: {mon: ["09:00-11:00", "11:00-14:00"], tue: ["09:00-13:00"], wed: ["10:00-12:00"]}
visits: {at_once: 100, step: 30, fetch_minutes: 0}
missed: {times: 100}
window:
  hours: {mon: ["09:00-14:00"]}
  services: {ask: {letter: A, title: {en: a, zh-Hans: a, zh-Hant: a}}}
  counters: {1: {en: c, zh-Hans: c, zh-Hant: c}}
"""
STARTS = st.sampled_from([dt.time(9, 30), dt.time(10), dt.time(10), dt.time(10), dt.time(12)])
ENDS = st.sampled_from([dt.time(11), dt.time(12), dt.time(12), dt.time(12), dt.time(13)])
OFTEN = st.sampled_from([True, True, True, False])
FEATURES = st.sampled_from([[], [], [], ["power"]])
RECORDS = st.sampled_from([[], [], [], ["r-rail"], ["r-2"], ["r-rail", "r-2"]])
BOOKED = st.sampled_from([DAYS[0], DAYS[1], DAYS[1], DAYS[1]])
SEATED = ("booked", "arrived")


class Rooms(RuleBasedStateMachine):
    """Readers are browsers, each with a contact of its own."""

    staffed: Path

    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        shutil.copy(self.staffed, self.folder / "desk.db")
        self.clock, holdings = StandingClock(), FakeHoldings()
        holdings.records["r-2"] = FrozenHit("r-2", "二號卷")
        address = f"sqlite:///{self.folder / 'desk.db'}"
        self.desk = Desk(address, objects=FolderObjects(self.folder), holdings=holdings, clock=self.clock)
        self.desk.rules.bring_into_force(ReadingRoomRules, RULES, "test")
        self.made: list[tuple[str, str]] = []
        self.order: dict[str, int] = {}
        self.numbers = count()
        self.waited: set[str] = set()
        for _ in range(5):  # a full room, and some who wait
            ten = {"day": DAYS[1], "starts": "10:00", "ends": "12:00", "seat": ""}
            self._book(features=[], records=[], wait=True, **ten)

    def teardown(self):
        self.desk.close()
        shutil.rmtree(self.folder)

    @rule(
        day=BOOKED,
        starts=STARTS,
        ends=ENDS,
        features=FEATURES,
        records=RECORDS,
        wait=OFTEN,
        seat=st.sampled_from(["", "", "", "2"]),
    )
    def book(self, **given):
        self._book(**given)

    def _book(self, **given):
        who = f"visitor-{len(self.made)}"
        form = parse(BookingForm, {"room": "main", "name": who, "contact": f"{who}@example.org", **given})
        with suppress(SeatRefused):
            code = self.desk.rooms.book(form, visitor=who).code
            self.made.append((code, who))
            self._came(code)

    @rule(which=st.integers(0, 9), day=BOOKED, starts=STARTS, ends=ENDS, wait=OFTEN)
    def change(self, which, **given):
        code, who = self.made[which % len(self.made)]
        form = parse(TimeForm, {"room": "main", **given})
        with suppress(SeatRefused):
            self.desk.rooms.change(code, form, visitor=who)
            self._came(code)

    def _came(self, code):
        """In which order they came to what they wait for now."""
        self.order[code] = next(self.numbers)

    @rule(which=st.integers(0, 9))
    def cancel(self, which):
        code, who = self.made[which % len(self.made)]
        self._try(lambda: self.desk.rooms.cancel(code, visitor=who))

    @rule(which=st.integers(0, 9), what=st.sampled_from(["arrive", "leave", "cancel", "1", "2", "3"]))
    def staff_do(self, which, what):
        code, desk = self.made[which % len(self.made)][0], self.desk.room_desk
        if what == "cancel":
            self._try(lambda: desk.cancel(code, ReasonForm(reason="x"), CLERK))
        elif what.isdigit():
            self._try(lambda: desk.move(code, what, CLERK))
        else:
            self._try(lambda: getattr(desk, what)(code, CLERK))

    @rule(ends=ENDS, seat=st.sampled_from(["", "3"]))
    def walk_in(self, ends, seat):
        form = parse(DeskBookingForm, {"room": "main", "name": "w", "ends": ends, "seat": seat})
        self._try(lambda: self.desk.room_desk.give(form, CLERK))

    @rule(minutes=st.sampled_from([5, 15, 30, 45, 120]))
    def wait(self, minutes):
        self.clock.push(minutes=minutes)
        self.desk.rooms.tidy()

    @rule(day=st.sampled_from(DAYS[1:]), hours=st.sampled_from(["", "10:00-11:00"]), instead=st.booleans())
    def close(self, day, hours, instead):
        later = DAYS[2] if instead and day < DAYS[2] else None
        form = ClosingForm(room="main", day=day, hours=hours, reason="r", instead=later)
        with suppress(Conflict):  # closed already
            self.desk.room_desk.close_day(form, CLERK)

    def _try(self, act):
        with suppress(SeatRefused):
            act()

    @invariant()
    def holds(self):
        with self.desk._database.read() as session:
            rules, now = self.desk.rooms.rules(), self.clock.now()
            bookings = session.scalars(select(SeatBooking)).all()
            seated = [one for one in bookings if one.state in SEATED]
            slots = Counter((row.booking_id, row.at) for row in session.scalars(select(SeatSlot)))
            boxes = {(row.box, row.at): row.booking_id for row in session.scalars(select(BoxSlot))}
            people, seats = Counter(), set()
            for booking in seated:
                for at in units(booking.starts, booking.ends):
                    assert slots[booking.id, at] == 1, "a seat of one's own all the time"
                    assert (booking.seat, at) not in seats, "two people on one seat"
                    seats.add((booking.seat, at))
                    people[at] += 1
                    assert {boxes[item.box, at] for item in booking.items} <= {booking.id}, "a box at two seats"
            assert max(people.values(), default=0) <= 2, "more people than places"
            in_line = waiting(session, now)
            assert [one for one in in_line if find_seat(session, rules, one)] == [], "a seat is free for who waits"
            self._fair(bookings, in_line)

    def _fair(self, bookings, in_line):
        """Who waited longer for the same thing is not passed over."""
        for one in bookings:
            if one.code not in self.waited or one.state != "booked":
                continue
            for other in in_line:
                same = (other.starts, other.ends, other.wishes) == (one.starts, one.ends, one.wishes)
                if same and other.code in self.waited and not other.items and self.moved_up(one):
                    assert self.order[one.code] < self.order[other.code]
        self.waited = {one.code for one in in_line}

    def moved_up(self, booking):
        """Was it moved by the list, rather than by its reader just now?"""
        return self.order[booking.code] != max(self.order.values())


@pytest.mark.parametrize("kind", ["sqlite"])
def test_whatever_happens_seats_boxes_places_and_order_hold(kind, staffed_file):
    Rooms.staffed = staffed_file
    checks = settings(max_examples=15, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Rooms, settings=checks)
