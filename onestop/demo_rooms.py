"""The reading room and the window of the demo house: some bookings of today and of the next day, some tickets."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mappings.access import Viewer
    from onestop.wiring import Workspace
    from service_desk.desk import Desk
    from service_desk.reading_room.rules import ReadingRoomRules

_WINDOW_HOURS = re.compile(r"(  hours:.*\n)(?:    \w+: .*\n)+")
ROOM: Final = "main"
GUESTS: Final = (("周文彬", "2", 9, 12), ("Ada Lovell", "3", 13, 16), ("林淑芬", "6", 10, 15))
SOUGHT: Final = "石碇"
PAST_DAYS: Final = 6
WAITS: Final = {"ask": (4, 7, 6), "hand-in": (3, 2, 4), "collect": (2, 3, 2)}
"""Minutes that people waited on each of the days before, for each service."""


class _Then:
    """A clock that shows a moment of our choice."""

    def __init__(self, at: dt.datetime) -> None:
        self.at = at

    def now(self) -> dt.datetime:
        return self.at


def fill_rooms(here: Workspace) -> None:
    """Once: nothing when the demo's reader has a booking already."""
    desk, reader = here.desk, here.viewer("reader")
    if desk.rooms.mine(reader):
        return
    rules = desk.rooms.rules()
    if ROOM not in rules.rooms:
        return
    _keep_the_window_open(desk)
    for day in _open_days(rules, desk.rooms.today()):
        _book(here, day)
    _wait(desk, here)


def _keep_the_window_open(desk: Desk) -> None:
    """Whoever tries the demo does so at any hour: its window gives tickets day and night."""
    from service_desk.reading_room.rules import WEEKDAYS, ReadingRoomRules
    from service_desk.rules import bundled_text

    rooms, heading, window = bundled_text(ReadingRoomRules).partition("\nwindow:\n")
    hours = "".join(f'    {day}: ["00:00-23:45"]\n' for day in WEEKDAYS)
    window = _WINDOW_HOURS.sub(lambda found: found[1] + hours, window, count=1)
    text = rooms.replace("\nholidays: closed", "\nholidays: open") + heading + window
    desk.rules.bring_into_force(ReadingRoomRules, text, "demo")


def _open_days(rules: ReadingRoomRules, today: dt.date) -> Iterator[dt.date]:
    """Today, if the room is open, and the next day on which it is."""
    days = (today + dt.timedelta(days=number) for number in range(1, 15))
    yield from (one for one in (today,) if rules.open_hours(one, ROOM))
    yield from (one for one in (next((one for one in days if rules.open_hours(one, ROOM)), None),) if one)


def _book(here: Workspace, day: dt.date) -> None:
    """The reader's seat with a record, and those of guests; what lies in the past of today is left out."""
    from service_desk.errors import Conflict
    from service_desk.forms import parse
    from service_desk.reading_room.forms import BookingForm, DeskBookingForm

    staff, reader, desk = here.viewer("staff"), here.viewer("reader"), here.desk
    time = {"room": ROOM, "day": day}
    with suppress(Conflict):
        own = {"starts": dt.time(14), "ends": dt.time(16), "contact": "reader@example.org", "records": _record(here)}
        desk.rooms.book(parse(BookingForm, time | own), reader)
    for name, seat, starts, ends in GUESTS:
        with suppress(Conflict):
            given = {"seat": seat, "starts": dt.time(starts), "ends": dt.time(ends), "name": name}
            desk.room_desk.give(parse(DeskBookingForm, time | given), staff)


def _record(here: Workspace) -> tuple[str, ...]:
    """A record of the demo that has an original."""
    from indexer.query import Query

    found = here.searcher.search(Query(SOUGHT, filters={"kind": ("physical",)}), here.viewer("reader"))
    return tuple(hit["id"] for hit in found["hits"][:1])


def _wait(desk: Desk, here: Workspace) -> None:
    """Tickets of the days before at this time of day, so that a wait can be told, and some of now."""
    from service_desk.reading_room.queue import WindowClosed

    now, staff, counter = dt.datetime.now(dt.UTC), here.viewer("staff"), next(iter(desk.rooms.rules().window.counters))
    with suppress(WindowClosed):
        desk.queue.take("ask", here.viewer(None))
        for before in range(PAST_DAYS, 0, -1):
            _a_day(desk, staff, counter, now - dt.timedelta(days=before), before)
        desk.queue.call(counter, staff)
        for service in ("ask", "ask", "collect"):
            desk.queue.take(service, here.viewer(None))


def _a_day(desk: Desk, staff: Viewer, counter: str, at: dt.datetime, number: int) -> None:
    from mappings.access import ANONYMOUS
    from service_desk.reading_room.queue import WindowClosed

    for service, minutes in WAITS.items():
        clock = _Then(at)
        queue = desk.queue.by(clock)
        with suppress(WindowClosed):
            queue.take(service, ANONYMOUS)
            clock.at += dt.timedelta(minutes=minutes[number % len(minutes)])
            queue.call(counter, staff, service)
