"""Seats: booked by readers, changed, cancelled, refused with a sentence; who waits moves up."""

from __future__ import annotations

import datetime as dt

import pytest
from desk_parts import CLERK, OTHER_READER, READER, mails
from notice_parts import TEXT, without

from mappings.access import ANONYMOUS
from service_desk.errors import Invalid, NotFound
from service_desk.forms import parse
from service_desk.reading_room.forms import BookingForm, TimeForm
from service_desk.reading_room.refusals import SeatRefused
from service_desk.sending.rules import NoticeRules

MONDAY, TUESDAY, SATURDAY = dt.date(2026, 3, 2), dt.date(2026, 3, 3), dt.date(2026, 3, 7)


def wanted(form=BookingForm, **changes):
    """10 to 12 on Tuesday, on any seat."""
    given = {"room": "main", "day": TUESDAY, "starts": "10:00", "ends": "12:00"}
    if form is BookingForm:
        given["contact"] = "wang@example.org"
    return parse(form, given | changes)


def test_a_seat_is_booked_seen_and_cancelled(desk):
    made = desk.rooms.book(wanted(), READER)
    assert (made.state, made.seat, f"{made.starts:%H:%M}", made.place) == ("booked", "1", "10:00", None)
    assert desk.rooms.mine(READER) == [made] and desk.rooms.one(made.code, READER) == made
    day = {seat.number: seat for seat in desk.rooms.day("main", TUESDAY).seats}
    assert [f"{a:%H:%M}-{b:%H:%M}" for a, b in day["1"].free] == ["09:00-10:00", "12:00-17:00"]
    assert desk.rooms.cancel(made.code, READER).state == "cancelled"
    assert desk.rooms.book(wanted(seat="1"), OTHER_READER).seat == "1"


def test_others_do_not_know_of_it(desk):
    made = desk.rooms.book(wanted(), READER)
    for call in (
        lambda: desk.rooms.one(made.code, OTHER_READER),
        lambda: desk.rooms.cancel(made.code, OTHER_READER),
        lambda: desk.rooms.change(made.code, wanted(TimeForm), ANONYMOUS, visitor="x"),
        lambda: desk.rooms.one("2222-2222", READER),
    ):
        with pytest.raises(NotFound, match="no booking with this code"):
            call()
    assert desk.rooms.mine(OTHER_READER) == []


def test_a_browser_books_too_and_says_who_it_is(desk):
    with pytest.raises(Invalid, match="name"):
        desk.rooms.book(wanted(), visitor="cookie")
    with pytest.raises(Invalid, match="contact"):
        desk.rooms.book(wanted(name="n", contact=""), visitor="cookie")
    with pytest.raises(NotFound, match="Sign in"):
        desk.rooms.book(wanted(name="n"))
    made = desk.rooms.book(wanted(name="n"), visitor="cookie")
    assert desk.rooms.mine(ANONYMOUS, visitor="cookie") == [made]
    assert desk.rooms.mine(ANONYMOUS, visitor="other") == desk.rooms.mine(ANONYMOUS) == []


def test_for_a_request_with_its_record(desk, filed):
    with pytest.raises(NotFound, match="receipt code and secret"):
        desk.rooms.book(wanted(receipt=filed.receipt), READER)
    made = desk.rooms.book(wanted(receipt=filed.receipt, contact=""), secret=filed.secret)
    assert [item.title for item in made.items] == ["粵漢鐵路購地卷"] and made.receipt == filed.receipt
    assert desk.rooms.one(made.code, secret=filed.secret).code == made.code
    assert desk.rooms.mine(ANONYMOUS, receipt=filed.receipt, secret=filed.secret) == [made]
    assert desk.rooms.cancel(made.code, secret=filed.secret).state == "cancelled"


def test_a_box_is_at_one_seat_at_a_time(desk):
    first = desk.rooms.book(wanted(records=["r-rail"]), READER)
    with pytest.raises(SeatRefused, match=r"粵漢鐵路購地卷.* lies at another seat"):
        desk.rooms.book(wanted(records=["r-rail"], contact="z@example.org"), OTHER_READER)
    later = wanted(records=["r-rail"], contact="z@example.org", starts="12:00", ends="13:00")
    assert desk.rooms.book(later, OTHER_READER).items == first.items
    with pytest.raises(NotFound):
        desk.rooms.book(wanted(records=["r-hidden"], starts="14:00", ends="15:00"), READER)


REFUSALS = {
    "past": ({"day": MONDAY, "starts": "08:00", "ends": "09:00"}, "This time has passed"),
    "closed": ({"day": SATURDAY}, "closed on 2026-03-07"),
    "hours": ({"starts": "16:30", "ends": "17:30"}, "On 2026-03-03 the room is open 09:00–17:00"),
    "step": ({"starts": "10:10"}, "full steps of 30 minutes"),
    "short": ({"ends": "10:00"}, "at least 30 minutes"),
    "long": ({"starts": "08:30", "ends": "17:00"}, "at most 480 minutes"),
    "far": ({"day": dt.date(2026, 3, 31)}, "booked until 2026-03-30"),
    "fetching": (
        {"day": MONDAY, "starts": "10:30", "ends": "12:00", "records": ["r-rail"]},
        "from 2026-03-02 11:00 on",
    ),
    "seat": ({"seat": "1", "features": ["microfilm"]}, "The seat 1 does not have"),
}


@pytest.mark.parametrize("why", REFUSALS)
def test_refusals_say_what_to_do(desk, why):
    changes, said = REFUSALS[why]
    with pytest.raises(SeatRefused, match=said) as caught:
        desk.rooms.book(wanted(**changes), READER)
    assert caught.value.why == why


def test_taken_offers_the_next_free_times(desk):
    desk.rooms.book(wanted(features=["microfilm"]), READER)
    with pytest.raises(SeatRefused, match="No seat is free") as caught:
        desk.rooms.book(wanted(features=["microfilm"], contact="z@example.org"), OTHER_READER)
    told = [f"{one.seat} {one.starts:%d %H:%M}-{one.ends:%H:%M}" for one in caught.value.offers]
    assert told == ["6 03 12:00-14:00", "6 03 12:30-14:30", "6 03 13:00-15:00"]
    assert desk.rooms.day("main", TUESDAY).reason is None


def test_one_reader_one_seat_and_three_bookings(desk):
    first = desk.rooms.book(wanted(), READER)
    with pytest.raises(SeatRefused, match=f"already: {first.code}"):
        desk.rooms.book(wanted(starts="11:30"), READER)
    for hour in (12, 13):
        desk.rooms.book(wanted(starts=f"{hour:02}:00", ends=f"{hour + 1:02}:00"), READER)
    with pytest.raises(SeatRefused, match="3 bookings already"):
        desk.rooms.book(wanted(starts="15:00", ends="16:00"), READER)


def test_who_waits_moves_up_and_is_told(desk, outbox):
    first = desk.rooms.book(wanted(seat="6"), READER)
    waits = desk.rooms.book(wanted(seat="6", wait=True, contact="z@example.org"), OTHER_READER)
    assert (waits.state, waits.seat, waits.place) == ("waiting", None, 1)
    behind = desk.rooms.book(wanted(seat="6", wait=True, contact="c@example.org", name="c"), visitor="c")
    assert behind.place == 2
    desk.rooms.cancel(first.code, READER)
    seated = desk.rooms.one(waits.code, OTHER_READER)
    assert (seated.state, seated.seat) == ("booked", "6")
    assert desk.rooms.one(behind.code, visitor="c").place == 1
    told = [mail for mail in mails(outbox) if mail["to"] == "z@example.org"]
    assert [mail["subject"] for mail in told] == [
        "You are on the waiting list: 2026-03-03 10:00–12:00",
        "A seat is free for you: 2026-03-03 10:00–12:00",
    ]


def test_each_thing_that_happens_to_a_seat_is_told_once_in_the_readers_language(desk, clock, outbox):
    made = desk.rooms.book(wanted(language="zh-Hans"), READER)
    for starts in ("11:00", "09:00", "11:00"):
        clock.push(minutes=1)
        desk.rooms.change(made.code, wanted(TimeForm, starts=starts), READER)
    desk.rooms.cancel(made.code, READER)
    assert [mail["subject"] for mail in mails(outbox)] == [
        "座位已预约：2026-03-03 10:00–12:00",
        "座位预约已更改：2026-03-03 11:00–12:00",
        "座位预约已更改：2026-03-03 09:00–12:00",
        "座位预约已更改：2026-03-03 11:00–12:00",
        "座位预约已取消：2026-03-03 11:00–12:00",
    ]
    assert f"预约号 {made.code}。" in mails(outbox)[0].get_content()


def test_a_house_whose_rules_are_older_tells_of_a_missed_seat_unless_it_says_not_to(desk, clock, outbox):
    older = without(TEXT, "booking_missed", "booking_waits", "booking_lapsed")
    silent = older.replace("\nevents:\n", "\nevents:\n  booking_missed:\n")
    for day, rules, visitor in ((MONDAY, older, "told"), (TUESDAY, silent, "not-told")):
        desk.rules.bring_into_force(NoticeRules, rules, "test")
        desk.rooms.book(wanted(day=day, name="a", contact=f"{visitor}@example.org"), visitor=visitor)
        clock.push(hours=24)
        desk.tidy()
        subjects = [mail["subject"] for mail in mails(outbox) if mail["to"] == f"{visitor}@example.org"]
        assert any("given away" in subject for subject in subjects) == (visitor == "told")


def test_a_change_keeps_the_old_seat_unless_the_new_one_can_be_had(desk):
    mine = desk.rooms.book(wanted(seat="6"), READER)
    desk.rooms.book(wanted(seat="6", contact="z@example.org", starts="13:00", ends="14:00"), OTHER_READER)
    with pytest.raises(SeatRefused):
        desk.rooms.change(mine.code, wanted(TimeForm, seat="6", starts="12:00", ends="14:00"), READER)
    assert desk.rooms.one(mine.code, READER) == mine
    changed = desk.rooms.change(mine.code, wanted(TimeForm, seat="6", starts="11:00", ends="13:00"), READER)
    assert (changed.code, f"{changed.starts:%H:%M}") == (mine.code, "11:00")


def test_who_does_not_come_loses_the_seat_and_after_three_times_asks_at_the_window(desk, clock, outbox):
    for hour in (9, 11, 13):
        desk.rooms.book(wanted(seat="6", day=MONDAY, starts=f"{hour:02}:00", ends=f"{hour + 1:02}:00"), READER)
    waits = desk.rooms.book(
        wanted(seat="6", day=MONDAY, starts="11:30", ends="12:00", wait=True, contact="z@example.org"), OTHER_READER
    )
    clock.push(hours=2, minutes=29)
    assert desk.rooms.one(waits.code, OTHER_READER).state == "waiting"
    clock.push(hours=2)
    desk.tidy()
    assert [one.state for one in desk.rooms.mine(READER)] == ["booked", "missed", "missed"]
    clock.push(hours=1)
    desk.tidy()
    assert {one.state for one in desk.rooms.mine(READER)} == {"missed"}
    assert desk.rooms.one(waits.code, OTHER_READER).state == "lapsed"
    with pytest.raises(SeatRefused, match="ask at the window"):
        desk.rooms.book(wanted(), READER)
    clock.push(days=181)
    assert desk.rooms.book(wanted(day=dt.date(2026, 9, 1)), READER).state == "booked"


def test_the_day_a_reader_looks_at_is_free_again_before_anybody_writes(desk, clock):
    desk.rooms.book(wanted(seat="6", day=MONDAY, starts="09:00", ends="12:00"), READER)
    clock.push(minutes=29)
    assert "6" not in _free_now(desk)
    clock.push(minutes=1)
    assert "6" in _free_now(desk)


def _free_now(desk):
    free = {seat.number: seat.free for seat in desk.rooms.day("main", MONDAY).seats}
    return {number for number, spans in free.items() if spans and f"{spans[0][0]:%H:%M}" == "09:30"}


def test_what_is_long_over_says_nothing_of_anybody(desk, clock):
    made = desk.rooms.book(wanted(), READER)
    clock.push(days=367)
    desk.tidy()
    assert desk.rooms.mine(READER) == []
    assert [row.name for row in desk.room_desk.plan("main", TUESDAY, CLERK).over] == [""]
    with pytest.raises(NotFound):
        desk.rooms.one(made.code, READER)
