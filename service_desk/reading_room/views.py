"""Bookings, days and tickets as people see them."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from msgspec import Struct

from service_desk.reading_room.rules import Hours

BookingState = Literal["booked", "waiting", "arrived", "done", "missed", "cancelled", "lapsed"]


class ItemView(Struct, frozen=True):
    """A record ordered to a seat, as it was called then."""

    resource_id: str
    title: str
    reference_code: str | None
    container: str | None


class BookingView(Struct, frozen=True):
    """A booking as its reader sees it. Times are those of the archive's clock. `place` is that on the waiting list,
    from 1; `seat` is None without one.
    """

    code: str
    room: str
    seat: str | None
    starts: dt.datetime
    ends: dt.datetime
    state: BookingState
    items: tuple[ItemView, ...]
    receipt: str | None
    features: tuple[str, ...]
    reason: str | None
    place: int | None
    open: bool


class PlanRow(Struct, frozen=True):
    """A booking as staff see it: with who it is."""

    booking: BookingView
    name: str
    contact: str
    person: str | None
    account: str | None
    arrived: dt.datetime | None
    left: dt.datetime | None


class Plan(Struct, frozen=True):
    """A day of a room for staff: by seat and time; who waits, in order; what is over."""

    room: str
    day: dt.date
    hours: tuple[Hours, ...]
    reason: str | None
    seated: tuple[PlanRow, ...]
    waiting: tuple[PlanRow, ...]
    over: tuple[PlanRow, ...]


class SeatDay(Struct, frozen=True):
    """A seat on a day, and when it is free."""

    number: str
    features: tuple[str, ...]
    free: tuple[tuple[dt.datetime, dt.datetime], ...]


class RoomDay(Struct, frozen=True):
    """A day of a room for readers. `reason` says why it is closed, or open at other hours."""

    room: str
    day: dt.date
    hours: tuple[Hours, ...]
    reason: str | None
    seats: tuple[SeatDay, ...]


class DayVisits(Struct, frozen=True):
    """How many were here on a day: at seats, at the window; and how many requests they came for."""

    day: dt.date
    seats: int
    window: int
    requests: int


class TicketView(Struct, frozen=True):
    """A ticket. `before` is how many are called before it, `wait` in whole minutes; None when there is too little to
    tell it by.
    """

    code: str
    label: str
    service: str
    state: str
    counter: str | None
    before: int
    wait: int | None
    taken: dt.datetime
    again: int


class ServiceView(Struct, frozen=True):
    """How many wait for a service, and how long the next one would."""

    service: str
    waiting: int
    wait: int | None


class Called(Struct, frozen=True):
    """A ticket that is called: at which counter, and how often it was."""

    label: str
    counter: str
    again: int


class Hall(Struct, frozen=True):
    """What the screen in the hall shows: the tickets called, the latest first, and who waits."""

    called: tuple[Called, ...]
    services: tuple[ServiceView, ...]


class CounterView(Struct, frozen=True):
    """What a counter shows its clerk: who is being served, and who waits, in the order in which they are called."""

    counter: str
    serving: TicketView | None
    waiting: tuple[TicketView, ...]
    services: tuple[ServiceView, ...]
