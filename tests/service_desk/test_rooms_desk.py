"""The reading room for staff: who comes and goes, seats given at the window, days closed, visits counted."""

from __future__ import annotations

import datetime as dt

import pytest
from desk_parts import CLERK, COLLEAGUE, OTHER_READER, READER, mails
from test_rooms_bookings import MONDAY, TUESDAY, wanted

from mappings.access import ANONYMOUS
from service_desk.errors import Conflict, Invalid, NotAllowed, NotFound
from service_desk.forms import PersonForm, parse
from service_desk.models import AppendOnly, Base
from service_desk.reading_room.forms import ClosingForm, DeskBookingForm, ReasonForm, TimeForm
from service_desk.reading_room.refusals import SeatRefused
from service_desk.reading_room.rules import ReadingRoomRules
from service_desk.reading_room.visits import DayVisits, busy, visits_for
from service_desk.roles import bundled
from service_desk.stacks.busy import Busy
from service_desk.views import RoleView

MANAGER = bundled().viewer("chen", [RoleView("manager")])
WEDNESDAY = dt.date(2026, 3, 4)


def here(**changes):
    """Somebody at the window, from now until noon."""
    return parse(DeskBookingForm, {"room": "main", "ends": "12:00", "name": "Walk-in"} | changes)


def closing(**changes):
    return parse(ClosingForm, {"room": "main", "day": TUESDAY, "reason": "Burst pipe: 漏水"} | changes)


def states(desk, day=TUESDAY):
    plan = desk.room_desk.plan("main", day, CLERK)
    return {row.name: (row.booking.state, row.booking.seat) for row in (*plan.seated, *plan.waiting, *plan.over)}


def test_only_who_works_there(desk):
    made = desk.rooms.book(wanted(), READER)
    for call in (
        lambda who: desk.room_desk.plan("main", TUESDAY, who),
        lambda who: desk.room_desk.arrive(made.code, who),
        lambda who: desk.room_desk.leave(made.code, who),
        lambda who: desk.room_desk.move(made.code, "2", who),
        lambda who: desk.room_desk.cancel(made.code, ReasonForm(reason="x"), who),
        lambda who: desk.room_desk.give(here(), who),
        lambda who: desk.room_desk.close_day(closing(), who),
        lambda who: desk.room_desk.visits(MONDAY, TUESDAY, who),
    ):
        for who in (READER, ANONYMOUS):
            with pytest.raises(NotAllowed):
                call(who)
    with pytest.raises(NotAllowed):
        desk.room_desk.plan("main", TUESDAY, MANAGER)
    with pytest.raises(NotFound):
        desk.room_desk.plan("attic", TUESDAY, CLERK)


def test_a_visit_from_arrival_to_leaving(desk, clock):
    made = desk.rooms.book(wanted(day=MONDAY, records=["r-rail"], starts="11:00"), READER)
    desk.rooms.book(wanted(day=MONDAY, seat="1", starts="11:30", wait=True, contact="z@example.org"), OTHER_READER)
    assert busy(desk._database, ["r-rail", "r-x"], clock.now()) == {}
    clock.push(hours=2, minutes=5)
    assert desk.room_desk.arrive(made.code, CLERK).state == "arrived"
    with desk._database.read() as session:
        until = busy(session, ["r-rail", "r-x"], clock.now())
        assert {key: value.isoformat() for key, value in until.items()} == {"r-rail": "2026-03-02T04:00:00+00:00"}
        assert busy(session, [], clock.now()) == {}
    assert desk.stacks.busy(["r-rail", "r-x"]) == {"r-rail": Busy("at_seat", MONDAY)}
    seated = desk.stacks.busy.revision()
    with pytest.raises(SeatRefused, match="over"):
        desk.room_desk.arrive(made.code, CLERK)
    clock.push(minutes=10)
    assert desk.room_desk.leave(made.code, CLERK).state == "done"
    assert states(desk, MONDAY) == {"wang": ("done", "1"), "zhao": ("booked", "1")}, "who waits moves up at once"
    assert busy(desk._database, ["r-rail"], clock.now()) == {}
    assert desk.stacks.busy(["r-rail"]) == {} and desk.stacks.busy.revision() != seated
    assert [row.what for row in desk.audit.rows(subject=made.code).rows] == ["seat.leave", "seat.arrive"]


def test_walk_ins_by_code_or_name_are_visits(desk, clock, filed):
    person = desk.people.register(PersonForm(name="陳阿婆"), CLERK)
    by_code = desk.room_desk.give(here(person=person.code, name=""), CLERK)
    by_name = desk.room_desk.give(here(receipt=filed.receipt), COLLEAGUE)
    assert (by_code.state, by_name.state, by_name.receipt) == ("arrived", "arrived", filed.receipt)
    assert states(desk, MONDAY) == {"陳阿婆": ("arrived", "1"), "Walk-in": ("arrived", "2")}
    for wrong, error in (({"name": ""}, Invalid), ({"person": "2222-2222"}, NotFound), ({"receipt": "x"}, NotFound)):
        with pytest.raises(error):
            desk.room_desk.give(here(**wrong), CLERK)
    with pytest.raises(SeatRefused):
        desk.room_desk.give(here(person=person.code, name=""), CLERK)
    later = desk.room_desk.give(here(day=TUESDAY, starts="09:00"), CLERK)
    assert later.state == "booked"
    manager = bundled().viewer("chen", [RoleView("manager")])
    assert desk.room_desk.visits(MONDAY, TUESDAY, manager) == [DayVisits(MONDAY, seats=2, window=0, requests=1)]
    assert desk.room_desk.visits(TUESDAY, TUESDAY, manager) == []
    with desk._database.read() as session:
        assert list(visits_for(session, [1, 2]).values()) == [1]


def test_visits_are_never_changed(desk):
    desk.room_desk.give(here(), CLERK)
    table = Base.metadata.tables["visit"]
    for statement in (table.update().values(place="x"), table.delete()):
        with pytest.raises(Exception, match="append-only") as caught, desk._database.write() as session:
            session.execute(statement)
        assert not isinstance(caught.value, AppendOnly)


def test_moved_to_another_seat(desk, outbox):
    made = desk.rooms.book(wanted(seat="1"), READER)
    desk.rooms.book(wanted(seat="2", contact="z@example.org"), OTHER_READER)
    with pytest.raises(SeatRefused, match="No seat is free"):
        desk.room_desk.move(made.code, "2", CLERK)
    with pytest.raises(SeatRefused, match="The seat 99"):
        desk.room_desk.move(made.code, "99", CLERK)
    assert states(desk)["wang"] == ("booked", "1"), "it stays where it was"
    assert desk.room_desk.move(made.code, "4", CLERK).seat == "4"
    [_, _, mail] = mails(outbox)
    assert "booked anew" in mail["subject"] and "seat 4" in mail.get_content()


def test_who_comes_late_has_the_seat_if_it_is_still_free(desk, clock):
    late = desk.rooms.book(wanted(day=MONDAY, seat="6", starts="09:30"), READER)
    too_late = desk.rooms.book(wanted(day=MONDAY, seat="5", starts="09:30", contact="z@example.org"), OTHER_READER)
    clock.push(hours=1)
    assert states(desk, MONDAY) == {"wang": ("missed", "6"), "zhao": ("missed", "5")}
    assert desk.room_desk.arrive(late.code, CLERK).seat == "6"
    for number in range(5):
        desk.room_desk.give(here(name=f"guest {number}"), CLERK)
    with pytest.raises(SeatRefused, match="No seat is free"):
        desk.room_desk.arrive(too_late.code, CLERK)
    clock.push(hours=3)
    assert states(desk, MONDAY)["wang"] == ("done", "6"), "whose time is over has left"


def test_cancelled_by_the_house_with_its_reason(desk, outbox):
    made = desk.rooms.book(wanted(), READER)
    desk.room_desk.cancel(made.code, ReasonForm(reason="The lamp is broken"), CLERK)
    assert desk.rooms.one(made.code, READER).reason == "The lamp is broken"
    [_, mail] = mails(outbox)
    assert "no longer booked" in mail["subject"] and "The lamp is broken" in mail.get_content()


def test_a_closed_day_cancels_tells_and_refuses(desk, outbox):
    made = desk.rooms.book(wanted(), READER)
    waits = desk.rooms.book(wanted(seat=made.seat, wait=True, contact="z@example.org"), OTHER_READER)
    desk.room_desk.close_day(closing(), CLERK)
    assert desk.rooms.one(made.code, READER).state == desk.rooms.one(waits.code, OTHER_READER).state == "cancelled"
    assert ["no longer booked" in mail["subject"] for mail in mails(outbox)] == [False, False, True, True]
    day = desk.rooms.day("main", TUESDAY)
    assert (day.hours, day.reason) == ((), "Burst pipe: 漏水") and not any(seat.free for seat in day.seats)
    with pytest.raises(SeatRefused, match="closed on 2026-03-03: Burst pipe: 漏水"):
        desk.rooms.book(wanted(), READER)
    with pytest.raises(Conflict, match="exception on this day already"):
        desk.room_desk.close_day(closing(), CLERK)
    text = desk.rules.version(ReadingRoomRules).text
    assert "# The reading room and the queue" in text, "comments stay"
    [changed] = desk.rules.versions(ReadingRoomRules)
    assert changed.by == "li"


def test_a_closed_day_moves_bookings_to_another_in_their_order(desk, outbox):
    mine = desk.rooms.book(wanted(features=["microfilm"]), READER)
    there = desk.rooms.book(wanted(day=WEDNESDAY, features=["microfilm"], contact="z@example.org"), OTHER_READER)
    desk.room_desk.close_day(closing(instead=WEDNESDAY), CLERK)
    moved = desk.rooms.one(mine.code, READER)
    assert (moved.state, moved.starts.date(), moved.place) == ("waiting", WEDNESDAY, 1)
    assert any("You are on the waiting list" in mail["subject"] for mail in mails(outbox))
    desk.rooms.cancel(there.code, OTHER_READER)
    assert desk.rooms.one(mine.code, READER).seat == "6"


def test_other_hours_and_seats_taken_away(desk):
    morning = desk.rooms.book(wanted(starts="09:00", ends="10:00"), READER)
    noon = desk.rooms.book(wanted(starts="11:00", ends="13:00"), READER)
    desk.room_desk.close_day(closing(hours="09:00-12:00"), CLERK)
    assert desk.rooms.one(morning.code, READER).state == "booked"
    assert desk.rooms.one(noon.code, READER).state == "cancelled"
    text = desk.rules.version(ReadingRoomRules).text.replace('- {number: "1", features: [power]}', "")
    desk.rules.bring_into_force(ReadingRoomRules, text, "test")
    again = desk.rooms.one(morning.code, READER)
    assert (again.state, again.seat) == ("booked", "2")


@pytest.mark.parametrize(
    ("changes", "error"),
    [({"hours": "9 to 12"}, Invalid), ({"instead": MONDAY}, Invalid), ({"room": "attic"}, Invalid)],
)
def test_closings_that_cannot_be(desk, changes, error):
    with pytest.raises(error):
        desk.room_desk.close_day(closing(**changes), CLERK)
    assert desk.rules.versions(ReadingRoomRules) == []


def test_holidays_are_closed_unless_the_rules_say_otherwise(desk, clock):
    clock.push(days=28)
    festival = dt.date(2026, 4, 6)  # Tomb-sweeping, a Monday
    with pytest.raises(SeatRefused, match="closed on 2026-04-06: Tomb-Sweeping"):
        desk.rooms.book(wanted(day=festival), READER)
    text = desk.rules.version(ReadingRoomRules).text.replace("holidays: closed", "holidays: open")
    desk.rules.bring_into_force(ReadingRoomRules, text, "test")
    assert desk.rooms.book(wanted(day=festival), READER).state == "booked"


def test_what_new_rules_would_do_is_told_before(desk):
    desk.rooms.book(wanted(), READER)
    text = desk.rules.version(ReadingRoomRules).text
    closed = text.replace("exceptions: []", "exceptions: [{day: 2026-03-03, reason: x}]")
    assert [said.en[:53] for said in desk.rules.consequences(ReadingRoomRules, closed)] == [
        "Bookings that these rules leave no room for: 1. They "
    ]
    assert desk.rules.consequences(ReadingRoomRules, text) == []


def test_a_change_while_the_house_closes_is_told_to_who_waits(desk):
    """A reader who changes gives the old seat to who waits for it."""
    mine = desk.rooms.book(wanted(seat="6"), READER)
    waits = desk.rooms.book(wanted(seat="6", wait=True, contact="z@example.org"), OTHER_READER)
    desk.rooms.change(mine.code, wanted(TimeForm, seat="5"), READER)
    assert desk.rooms.one(waits.code, OTHER_READER).seat == "6"
