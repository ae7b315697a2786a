"""Whatever readers and staff do: no seat twice, no box twice, no more people than places, nobody passed over."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections import Counter
from contextlib import suppress
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
visits: {at_once: 100, step: 30}
missed: {times: 100}
window:
  hours: {mon: ["09:00-14:00"]}
  services: {ask: {letter: A, title: {en: a, zh-Hans: a, zh-Hant: a}}}
  counters: {1: {en: c, zh-Hans: c, zh-Hant: c}}
"""
HOURS = st.sampled_from([dt.time(9 + half // 2, half % 2 * 30) for half in range(11)])
FEATURES = st.sampled_from([[], [], ["power"]])
RECORDS = st.sampled_from([[], [], ["r-rail"], ["r-2"], ["r-rail", "r-2"]])
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
        self.waited: dict[str, int] = {}

    def teardown(self):
        self.desk.close()
        shutil.rmtree(self.folder)

    @rule(
        day=st.sampled_from(DAYS),
        starts=HOURS,
        ends=HOURS,
        features=FEATURES,
        records=RECORDS,
        wait=st.booleans(),
        seat=st.sampled_from(["", "", "2"]),
    )
    def book(self, **given):
        who = f"visitor-{len(self.made)}"
        form = parse(BookingForm, {"room": "main", "name": who, "contact": f"{who}@example.org", **given})
        self._try(lambda: self.made.append((self.desk.rooms.book(form, visitor=who).code, who)))

    @rule(which=st.integers(0, 30), day=st.sampled_from(DAYS), starts=HOURS, ends=HOURS, wait=st.booleans())
    def change(self, which, **given):
        if self.made:
            code, who = self.made[which % len(self.made)]
            form = parse(TimeForm, {"room": "main", **given})
            self._try(lambda: self.desk.rooms.change(code, form, visitor=who))

    @rule(which=st.integers(0, 30))
    def cancel(self, which):
        if self.made:
            code, who = self.made[which % len(self.made)]
            self._try(lambda: self.desk.rooms.cancel(code, visitor=who))

    @rule(which=st.integers(0, 30), what=st.sampled_from(["arrive", "leave", "cancel", "1", "2", "3"]))
    def staff_do(self, which, what):
        if not self.made:
            return
        code, desk = self.made[which % len(self.made)][0], self.desk.room_desk
        if what == "cancel":
            self._try(lambda: desk.cancel(code, ReasonForm(reason="x"), CLERK))
        elif what.isdigit():
            self._try(lambda: desk.move(code, what, CLERK))
        else:
            self._try(lambda: getattr(desk, what)(code, CLERK))

    @rule(ends=HOURS, seat=st.sampled_from(["", "3"]))
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
        promoted = [one for one in bookings if one.code in self.waited and one.state == "booked"]
        for one in promoted:
            rivals = [
                other
                for other in in_line
                if (other.starts, other.ends, other.wishes) == (one.starts, one.ends, one.wishes) and not other.items
            ]
            assert all(self.waited[one.code] < self.waited.get(other.code, 10**9) for other in rivals)
        self.waited = {one.code: number for number, one in enumerate(in_line)}


@pytest.mark.parametrize("kind", ["sqlite"])
def test_whatever_happens_seats_boxes_places_and_order_hold(kind, staffed_file):
    Rooms.staffed = staffed_file
    checks = settings(max_examples=30, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Rooms, settings=checks)
