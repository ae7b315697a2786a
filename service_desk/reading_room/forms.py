"""What people hand in about seats, with its bounds."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import BeforeValidator, Field

from service_desk.forms import Form, Language, Line200, one_line, without_controls

Name = Annotated[str, BeforeValidator(one_line), Field(max_length=40)]
Called = Annotated[str, BeforeValidator(one_line), Field(max_length=200)]
Reached = Annotated[str, BeforeValidator(one_line), Field(max_length=300)]
Code = Annotated[str, BeforeValidator(one_line), Field(max_length=40)]
Why = Annotated[str, BeforeValidator(without_controls), Field(min_length=1, max_length=300)]


class TimeForm(Form):
    """A time in a room by the archive's clock, on the seat `seat` or, when it is empty, on any seat with `features`.
    `wait` puts it on the waiting list when there is none.
    """

    room: Name
    day: dt.date
    starts: dt.time
    ends: dt.time
    seat: Name = ""
    features: Annotated[tuple[Name, ...], Field(max_length=20)] = ()
    wait: bool = False


class BookingForm(TimeForm):
    """A reader's booking: alone, or for the request `receipt`. Name and contact may be left out where account or
    request tell them. `records` are ids of resources that are wanted at the seat.
    """

    receipt: Code = ""
    name: Called = ""
    contact: Reached = ""
    language: Language = "en"
    records: Annotated[tuple[Annotated[str, Field(max_length=300)], ...], Field(max_length=50)] = ()


class DeskBookingForm(TimeForm):
    """A seat given at the window: to a registered person, by code, or to somebody by name. Without `starts`, from now
    on, and the person is here.
    """

    day: dt.date | None = None  # type: ignore[assignment]
    starts: dt.time | None = None  # type: ignore[assignment]
    person: Code = ""
    name: Called = ""
    contact: Reached = ""
    receipt: Code = ""
    language: Language = "en"


class ClosingForm(Form):
    """A day that is unlike its weekday: closed, or open at `hours` (``09:00-12:00``, several with commas). Without a
    room, all of them and the window.
    """

    room: Name = ""
    day: dt.date
    hours: Annotated[str, BeforeValidator(one_line), Field(max_length=100)] = ""
    reason: Why
    instead: dt.date | None = None


class ReasonForm(Form):
    """Why a booking is cancelled."""

    reason: Line200
