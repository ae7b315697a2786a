"""A reading room and a window that are open at every hour, so that no attack depends on the clock."""

from __future__ import annotations

import datetime as dt

from mappings.access import ANONYMOUS, Viewer
from search_ui.services import Services
from service_desk.forms import parse
from service_desk.reading_room.forms import BookingForm, DeskBookingForm
from service_desk.reading_room.rules import WEEKDAYS, ReadingRoomRules
from tests.browser import hostile

ALWAYS = {day: ["00:00-23:45"] for day in WEEKDAYS}
TITLE = dict.fromkeys(("en", "zh-Hans", "zh-Hant"), "x")
SEATS = 500


def open_always(services: Services) -> None:
    """Seats enough for every role and every try."""
    import json

    rules = {
        "holidays": "open",
        "rooms": {"main": {"title": TITLE, "hours": ALWAYS, "seats": [{"number": str(n)} for n in range(SEATS)]}},
        "window": {
            "hours": ALWAYS,
            "services": {"ask": {"letter": "A", "title": TITLE}},
            "counters": {"1": TITLE},
            "most_waiting": 1000,
        },
    }
    services.desk.rules.bring_into_force(ReadingRoomRules, json.dumps(rules), "test")


def booking_of(services: Services, reader: Viewer) -> str:
    """A booking of a reader, with a name that means harm."""
    tomorrow = services.desk.rooms.today() + dt.timedelta(days=1)
    given = {"room": "main", "day": tomorrow, "starts": "10:00", "ends": "11:00", "contact": "c@example.org"}
    return services.desk.rooms.book(parse(BookingForm, given | {"name": hostile.NAME}), reader).code


def given_seat(services: Services, clerk: Viewer) -> str:
    """A booking that staff made, each on a seat of its own."""
    tomorrow = services.desk.rooms.today() + dt.timedelta(days=1)
    given = {"room": "main", "day": tomorrow, "starts": "10:00", "ends": "11:00", "name": "n"}
    return services.desk.room_desk.give(parse(DeskBookingForm, given), clerk).code


def called_ticket(services: Services, clerk: Viewer) -> str:
    """A ticket that is being served."""
    services.desk.queue.take("ask", ANONYMOUS)
    called = services.desk.queue.call("1", clerk)
    assert called is not None
    return called.code
