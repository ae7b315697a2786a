"""Tables of the reading room. Two people on one seat, or one box at two seats, are two rows that the database refuses:
a booking has a row for each quarter of an hour of its seat, and of each of its boxes.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from service_desk.models import Base


class SeatBooking(Base):
    """A time in a room. `seat` is None while it waits for one. `owner` is who made it: ``account:NAME``,
    ``visitor:DIGEST``, ``request:ID``, or nobody, at the window. `person` is a code of `people`.
    """

    __tablename__ = "seat_booking"
    __table_args__ = (
        CheckConstraint(
            "state IN ('booked', 'waiting', 'arrived', 'done', 'missed', 'cancelled', 'lapsed')", name="state"
        ),
        CheckConstraint("starts < ends", name="times"),
        CheckConstraint("seat IS NOT NULL OR state IN ('waiting', 'lapsed', 'cancelled')", name="seat"),
        Index("ix_seat_booking_room_starts", "room", "starts"),
        Index("ix_seat_booking_state_starts", "state", "starts"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    room: Mapped[str] = mapped_column(String(40))
    seat: Mapped[str | None] = mapped_column(String(20))
    starts: Mapped[dt.datetime]
    ends: Mapped[dt.datetime]
    state: Mapped[str] = mapped_column(String(20))
    made: Mapped[dt.datetime]
    queued: Mapped[dt.datetime]
    owner: Mapped[str | None] = mapped_column(String(200), index=True)
    visitor_digest: Mapped[str | None] = mapped_column(String(64), index=True)
    request_id: Mapped[int | None] = mapped_column(ForeignKey("request.id"), index=True)
    person: Mapped[str | None] = mapped_column(String(20), index=True)
    name: Mapped[str]
    contact: Mapped[str] = mapped_column(String(300), index=True)
    language: Mapped[str] = mapped_column(String(20))
    wishes: Mapped[dict[str, Any]]
    reason: Mapped[str | None]
    arrived: Mapped[dt.datetime | None]
    left: Mapped[dt.datetime | None]

    items: Mapped[list[SeatItem]] = relationship(order_by="SeatItem.number", cascade="all, delete-orphan")


class SeatItem(Base):
    """A record ordered to a seat, as it was called then. `box` is what it is fetched in."""

    __tablename__ = "seat_item"
    __table_args__ = (UniqueConstraint("booking_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("seat_booking.id"))
    number: Mapped[int]
    resource_id: Mapped[str] = mapped_column(String(300), index=True)
    title: Mapped[str]
    reference_code: Mapped[str | None]
    container: Mapped[str | None]
    box: Mapped[str] = mapped_column(String(64))


class SeatSlot(Base):
    """A quarter of an hour of a seat. `place` counts, from 1, the people who are in the room then."""

    __tablename__ = "seat_slot"
    __table_args__ = (UniqueConstraint("room", "at", "place"),)

    room: Mapped[str] = mapped_column(String(40), primary_key=True)
    seat: Mapped[str] = mapped_column(String(20), primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(primary_key=True)
    place: Mapped[int]
    booking_id: Mapped[int] = mapped_column(ForeignKey("seat_booking.id"), index=True)


class BoxSlot(Base):
    """A quarter of an hour in which a box lies at a seat."""

    __tablename__ = "box_slot"

    box: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("seat_booking.id"), index=True)


class Visit(Base):
    """Somebody was here: took a seat, or was served at the window. `day` is an ISO day of the archive. Append-only."""

    __tablename__ = "visit"
    __table_args__ = (
        CheckConstraint("kind IN ('seat', 'window')", name="kind"),
        Index("ix_visit_day_kind", "day", "kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime]
    day: Mapped[str] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(20))
    place: Mapped[str] = mapped_column(String(40))
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("seat_booking.id"))
    request_id: Mapped[int | None] = mapped_column(ForeignKey("request.id"), index=True)
    person: Mapped[str | None] = mapped_column(String(20))
    by: Mapped[str] = mapped_column(String(100))


class QueueTicket(Base):
    """A place in the queue of a service. `day` is an ISO day of the archive, `ahead` how many waited before it when it
    was taken. It has no name; `visitor_digest` is the browser it was taken on, None at a machine for everybody.
    """

    __tablename__ = "queue_ticket"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'called', 'done', 'no_answer', 'left')", name="state"),
        UniqueConstraint("day", "service", "number"),
        Index("ix_queue_ticket_service_taken", "service", "taken"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    day: Mapped[str] = mapped_column(String(10))
    service: Mapped[str] = mapped_column(String(40))
    letter: Mapped[str] = mapped_column(String(1))
    number: Mapped[int]
    taken: Mapped[dt.datetime]
    ahead: Mapped[int]
    state: Mapped[str] = mapped_column(String(20))
    visitor_digest: Mapped[str | None] = mapped_column(String(64), index=True)
    counter: Mapped[str | None] = mapped_column(String(20))
    called: Mapped[dt.datetime | None]
    again: Mapped[int] = mapped_column(default=0)
    ended: Mapped[dt.datetime | None]
    by: Mapped[str | None] = mapped_column(String(100))
