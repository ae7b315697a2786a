"""The tables of the stacks: places, what lies in them, what is fetched, lent and mended, and what happened.

A place keeps the state it is in (`state`) beside the log that led there: the log is append-only and numbered per place,
so of two who act on one box at once one fails.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service_desk import models
from service_desk.models import Base

_ORDERED = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that compares by its characters on every database, whatever language it was set up for."""


class Place(Base):
    """A building, room, row, shelf or box. `parent_id` is what it stands in; `state` where a box is now."""

    __tablename__ = "stack_place"
    __table_args__ = (
        CheckConstraint("kind IN ('building', 'room', 'row', 'shelf', 'box')", name="kind"),
        CheckConstraint("state IN ('in', 'picked', 'out', 'lent', 'repair')", name="state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    barcode: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    title: Mapped[str]
    # asked when a transaction ends: a copy brings rows in the order of their numbers, a place may stand in a later one
    parent_id: Mapped[int | None] = mapped_column(
        ForeignKey("stack_place.id", deferrable=True, initially="DEFERRED"), index=True
    )
    state: Mapped[str] = mapped_column(String(20), default="in", index=True)
    version: Mapped[int] = mapped_column(default=0)
    moves: Mapped[int] = mapped_column(default=0)
    added: Mapped[dt.datetime]


class Content(Base):
    """What lies in a box: a resource, a stretch of reference codes (one code is a stretch, too, and has what is below
    it), or a container of a collection as its catalogue calls it. `root` is what all codes of the stretch begin with,
    `low` and `high` its ends as `finding.sorting` writes them.
    """

    __tablename__ = "stack_content"
    __table_args__ = (CheckConstraint("kind IN ('resource', 'codes', 'container')", name="kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("stack_place.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    text: Mapped[str]
    root: Mapped[str] = mapped_column(String(400), index=True)
    low: Mapped[str] = mapped_column(_ORDERED)
    high: Mapped[str] = mapped_column(_ORDERED)


class Move(Base):
    """A place was put somewhere else; the first one of a place says where it was when it was added. Append-only."""

    __tablename__ = "stack_move"
    __table_args__ = (UniqueConstraint("place_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("stack_place.id"))
    number: Mapped[int]
    from_id: Mapped[int | None] = mapped_column(ForeignKey("stack_place.id"))
    to_id: Mapped[int | None] = mapped_column(ForeignKey("stack_place.id"))
    why: Mapped[str]
    at: Mapped[dt.datetime]
    by: Mapped[str] = mapped_column(String(100))


class Retrieval(Base):
    """One thing that a request wants fetched. `place_id` is its box, None when it is not in the register; `goes_to` the
    seat or desk it is wanted at.
    """

    __tablename__ = "retrieval"
    __table_args__ = (
        CheckConstraint("state IN ('ordered', 'picked', 'out', 'back', 'not_found', 'cancelled')", name="state"),
        CheckConstraint("priority IN ('urgent', 'normal')", name="priority"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("request.id"), index=True)
    receipt: Mapped[str] = mapped_column(String(20))
    resource_id: Mapped[str] = mapped_column(String(300), index=True)
    reference_code: Mapped[str | None]
    title: Mapped[str]
    place_id: Mapped[int | None] = mapped_column(ForeignKey("stack_place.id"), index=True)
    wanted_by: Mapped[dt.date] = mapped_column(Date)
    priority: Mapped[str] = mapped_column(String(20))
    goes_to: Mapped[str]
    state: Mapped[str] = mapped_column(String(20), index=True)
    ordered: Mapped[dt.datetime]
    changed: Mapped[dt.datetime]


class Loan(Base):
    """Something lent: until when, how often that was put off, how many reminders left. `place_id` is the box that left
    with it. Open as long as `returned` is not set.
    """

    __tablename__ = "loan"

    id: Mapped[int] = mapped_column(primary_key=True)
    voucher: Mapped[str] = mapped_column(String(40), unique=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("request.id"), index=True)
    receipt: Mapped[str] = mapped_column(String(20))
    borrower: Mapped[str] = mapped_column(String(40))
    resource_id: Mapped[str] = mapped_column(String(300), index=True)
    reference_code: Mapped[str | None]
    title: Mapped[str]
    place_id: Mapped[int | None] = mapped_column(ForeignKey("stack_place.id"), index=True)
    lent: Mapped[dt.datetime]
    lent_by: Mapped[str] = mapped_column(String(100))
    due: Mapped[dt.date] = mapped_column(Date)
    renewals: Mapped[int] = mapped_column(default=0)
    reminders: Mapped[int] = mapped_column(default=0)
    returned: Mapped[dt.datetime | None] = mapped_column(index=True)


class Treatment(Base):
    """Something in repair, or being copied: of one record, or of a whole box. Open as long as `ended` is not set."""

    __tablename__ = "treatment"
    __table_args__ = (CheckConstraint("kind IN ('repair', 'copying')", name="kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    resource_id: Mapped[str | None] = mapped_column(String(300), index=True)
    reference_code: Mapped[str | None]
    title: Mapped[str]
    place_id: Mapped[int | None] = mapped_column(ForeignKey("stack_place.id"), index=True)
    stage: Mapped[str] = mapped_column(String(40))
    expected: Mapped[dt.date | None] = mapped_column(Date)
    steps: Mapped[int] = mapped_column(default=0)
    begun: Mapped[dt.datetime]
    ended: Mapped[dt.datetime | None] = mapped_column(index=True)


class TreatmentStep(Base):
    """One thing that happened to what is in repair: `number` counts from 1 without gaps. Append-only."""

    __tablename__ = "treatment_step"
    __table_args__ = (UniqueConstraint("treatment_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    treatment_id: Mapped[int] = mapped_column(ForeignKey("treatment.id"))
    number: Mapped[int]
    stage: Mapped[str] = mapped_column(String(40))
    text: Mapped[str]
    expected: Mapped[dt.date | None] = mapped_column(Date)
    at: Mapped[dt.datetime]
    by: Mapped[str] = mapped_column(String(100))


class InOut(Base):
    """What went which way, when, by whom, for what. `number` counts per box; what is in no box has neither place nor
    number. `state` is where the box was then. Append-only.
    """

    __tablename__ = "stack_log"
    __table_args__ = (UniqueConstraint("place_id", "number"), Index("ix_stack_log_at", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    place_id: Mapped[int | None] = mapped_column(ForeignKey("stack_place.id"))
    number: Mapped[int | None]
    way: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    receipts: Mapped[str]
    thing: Mapped[str]
    note: Mapped[str]
    at: Mapped[dt.datetime]
    by: Mapped[str] = mapped_column(String(100))


models.APPEND_ONLY += (Move, TreatmentStep, InOut)
