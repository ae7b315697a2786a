"""The queue at the window: numbers in order, calls, and how long one waits."""

from __future__ import annotations

import datetime as dt

import pytest
from desk_parts import CLERK, COLLEAGUE, ONCE, READER
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from mappings.access import ANONYMOUS, Viewer
from service_desk.errors import Conflict, NotAllowed, NotFound
from service_desk.reading_room.queue import QueueFull, WindowClosed
from service_desk.reading_room.rules import ReadingRoomRules
from service_desk.reading_room.views import DayVisits
from service_desk.reading_room.waits import Waited, expected
from service_desk.roles import bundled
from service_desk.views import RoleView

MANAGER = bundled().viewer("chen", [RoleView("manager")])


def labels(desk, counter="1"):
    return [ticket.label for ticket in desk.queue.counter(counter, CLERK).waiting]


def test_tickets_are_taken_called_and_ended(desk, clock, filed):
    for service in ("ask", "collect", "ask"):
        clock.push(seconds=1)
        desk.queue.take(service, ANONYMOUS)
    assert labels(desk) == ["A001", "C001", "A002"]
    first = desk.queue.call("1", CLERK)
    assert (first.label, first.state, first.counter) == ("A001", "called", "1")
    assert desk.queue.call("2", COLLEAGUE, "ask").label == "A002"
    assert desk.queue.recall(first.code, CLERK).again == 1
    shown = desk.queue.hall()
    assert sorted((one.label, one.counter, one.again) for one in shown.called) == [("A001", "1", 1), ("A002", "2", 0)]
    assert desk.queue.call("1", CLERK).label == "C001", "who was served is done"
    assert desk.queue.one(first.code, ANONYMOUS).state == "done"
    [serving] = [one.code for one in (desk.queue.counter("1", CLERK).serving,)]
    desk.queue.end(serving, "done", CLERK, filed.receipt)
    with pytest.raises(Conflict):
        desk.queue.end(serving, "done", CLERK)
    desk.queue.end(desk.queue.counter("2", CLERK).serving.code, "no_answer", CLERK)
    assert desk.queue.call("1", CLERK) is None and desk.queue.hall().called == ()
    day = dt.date(2026, 3, 2)
    assert desk.room_desk.visits(day, day, MANAGER) == [DayVisits(day, seats=0, window=2, requests=1)]


def test_only_who_works_there_calls(desk):
    ticket = desk.queue.take("ask", ANONYMOUS)
    for call in (
        lambda who: desk.queue.counter("1", who),
        lambda who: desk.queue.call("1", who),
        lambda who: desk.queue.recall(ticket.code, who),
        lambda who: desk.queue.end(ticket.code, "done", who),
    ):
        for who in (ANONYMOUS, READER, MANAGER):
            with pytest.raises(NotAllowed):
                call(who)
    for wrong in (
        lambda: desk.queue.counter("9", CLERK),
        lambda: desk.queue.call("9", CLERK),
        lambda: desk.queue.take("x", ANONYMOUS),
        lambda: desk.queue.one("2222-2222", ANONYMOUS),
        lambda: desk.queue.end(ticket.code, "burnt", CLERK),
    ):
        with pytest.raises(NotFound):
            wrong()


def test_a_browser_has_one_ticket_and_a_terminal_gives_one_to_everybody(desk):
    mine = desk.queue.take("ask", ANONYMOUS, "cookie")
    assert desk.queue.take("ask", ANONYMOUS, "cookie") == mine
    assert desk.queue.take("collect", ANONYMOUS, "cookie").label == "C001"
    kiosk = structs.replace(Viewer(), on_site=True)
    assert [desk.queue.take("ask", kiosk, "kiosk").label for _ in range(2)] == ["A002", "A003"]
    desk.queue.give_up(mine.code, ANONYMOUS)
    assert labels(desk) == ["C001", "A002", "A003"]
    assert desk.queue.take("ask", ANONYMOUS, "cookie").label == "A004"
    desk.queue.call("1", CLERK, "collect")
    with pytest.raises(Conflict):
        desk.queue.give_up(desk.queue.counter("1", CLERK).serving.code, ANONYMOUS)


def test_closed_and_full(desk, clock):
    text = desk.rules.version(ReadingRoomRules).text.replace("most_waiting: 100", "most_waiting: 1")
    desk.rules.bring_into_force(ReadingRoomRules, text, "test")
    desk.queue.take("ask", ANONYMOUS)
    with pytest.raises(QueueFull):
        desk.queue.take("ask", ANONYMOUS)
    clock.push(hours=8)
    assert not desk.queue.is_open()
    with pytest.raises(WindowClosed):
        desk.queue.take("collect", ANONYMOUS)


def test_numbers_begin_anew_each_day_and_old_tickets_wait_no_more(desk, clock):
    old = desk.queue.take("ask", ANONYMOUS, "cookie")
    clock.push(days=1)
    assert desk.queue.one(old.code, ANONYMOUS).state == "left"
    assert desk.queue.take("ask", ANONYMOUS, "cookie").label == "A001" and len(labels(desk)) == 1
    desk.tidy()
    assert desk.queue.one(old.code, ANONYMOUS).state == "left"


def test_the_wait_comes_from_this_hour_of_the_last_weeks_and_from_today(desk, clock):
    def served(minutes):
        desk.queue.take("ask", ANONYMOUS)
        clock.push(minutes=minutes)
        desk.queue.call("1", CLERK)
        clock.push(minutes=-minutes)

    for minutes in (4, 6, 8):
        served(minutes)
        clock.push(days=1)
    assert desk.queue.take("ask", ANONYMOUS).wait is None, "too little is known"
    desk.queue.call("1", CLERK)
    clock.push(days=4)  # the next Monday but one hour later: other hours do not count
    clock.push(hours=1)
    assert desk.queue.services()[0].wait is None
    clock.push(hours=-1)
    for minutes in (6, 10):
        served(minutes)
    assert [one.wait for one in desk.queue.services()] == [6, None, None]
    clock.push(weeks=8)
    assert desk.queue.services()[0].wait is None, "what is long ago does not count"


@ONCE
@given(
    samples=st.lists(st.builds(Waited, st.floats(0, 7200), st.integers(0, 50)), max_size=30),
    before=st.integers(0, 50),
    enough=st.integers(1, 10),
)
def test_a_wait_is_told_only_when_enough_is_known_and_grows_with_the_queue(kind, samples, before, enough):
    wait = expected(samples, before, enough)
    assert (wait is None) == (len(samples) < enough)
    if wait is not None:
        assert 0 <= wait <= expected(samples, before + 1, enough)
        longest = max(one.seconds / (one.ahead + 1) for one in samples)
        assert wait <= longest * (before + 1) / 60 + 1
