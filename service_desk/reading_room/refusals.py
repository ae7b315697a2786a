"""Why a seat cannot be had as it was asked for, and what can be had instead."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from service_desk.errors import Conflict

Why = Literal[
    "past",
    "closed",
    "hours",
    "step",
    "short",
    "long",
    "far",
    "fetching",
    "many",
    "missed",
    "own",
    "records",
    "box",
    "seat",
    "taken",
    "over",
    "day",
]


class Offer(Struct, frozen=True):
    """A free time of a seat."""

    seat: str
    starts: dt.datetime
    ends: dt.datetime


class SeatRefused(Conflict):
    """`why` is a code for other languages, `values` what its sentence names, `offers` the next times that are free."""

    def __init__(self, why: Why, offers: Sequence[Offer] = (), **values: object) -> None:
        super().__init__(SENTENCES[why].format(**values))
        self.why = why
        self.values = values
        self.offers = tuple(offers)


SENTENCES: dict[Why, str] = {
    "past": "This time has passed; choose a later one.",
    "closed": "The room is closed on {day}: {reason}",
    "hours": "On {day} the room is open {hours}; choose a time within.",
    "step": "Visits begin and end at full steps of {step} minutes.",
    "short": "A visit is at least {minutes} minutes.",
    "long": "A visit is at most {minutes} minutes.",
    "far": "Seats can be booked until {day}.",
    "fetching": "Records have to be fetched: choose a time from {day} {time} on.",
    "many": "You have {count} bookings already; cancel one first.",
    "missed": "You did not come {count} times; please ask at the window for a seat.",
    "own": "You have a booking at this time already: {code}.",
    "records": "At most {count} records can be ordered to one seat.",
    "box": "At this time “{title}” lies at another seat; choose another time, or leave it out.",
    "seat": "The seat {seat} does not have what you chose, or is not there; choose another one.",
    "taken": "No seat is free at this time.",
    "over": "This booking is over and cannot be changed any more.",
    "day": "This booking is for another day: {day}.",
}
"""What is said, in English."""
