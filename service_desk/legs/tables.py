"""The tables of legs: what was asked of whom, what happened to it, what is to leave the house about it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Boolean, ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, backref, mapped_column, relationship

from service_desk.models import Base, Request, StoredFile


class Leg(Base):
    """What a department or another institution (`receiver`) was asked for a request.

    `status`, `version`, `clock` and `due` are the fold of the events (`machine`), kept for lists. `code` is what others
    call it by: nobody guesses it. `cause` is the event of the request that it follows from by rule, None for one that
    somebody sent. `beside`: the request is worked on here meanwhile. `term` is its limit (`deadlines.Limit`). `receipt`
    is what the other house calls it, `heard` how much of what happened there is known here.
    """

    __tablename__ = "leg"
    __table_args__ = (
        Index("ix_leg_status_due", "status", "due"),
        Index("ix_leg_kind_receiver", "kind", "receiver", "status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("request.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    receiver: Mapped[str] = mapped_column(String(40))
    channel: Mapped[str] = mapped_column(String(20))
    cause: Mapped[int | None]
    route: Mapped[str | None] = mapped_column(String(40))
    asks: Mapped[str]
    expects: Mapped[str]
    beside: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    status: Mapped[str] = mapped_column(String(20))
    version: Mapped[int]
    term: Mapped[dict[str, Any]]
    clock: Mapped[dict[str, Any] | None]
    due: Mapped[dt.datetime | None]
    worker: Mapped[str | None] = mapped_column(String(100))
    sent: Mapped[dt.datetime] = mapped_column(index=True)
    receipt: Mapped[str | None] = mapped_column(String(40))
    heard: Mapped[int] = mapped_column(default=0, server_default="0")

    request: Mapped[Request] = relationship(backref=backref("legs", order_by="Leg.id"))
    events: Mapped[list[LegEvent]] = relationship(order_by="LegEvent.number", back_populates="leg")
    files: Mapped[list[LegFile]] = relationship(order_by="LegFile.number", back_populates="leg")
    posts: Mapped[list[LegPost]] = relationship(order_by="LegPost.number", back_populates="leg")


class LegEvent(Base):
    """One thing that happened to a leg: `number` counts from 1 without gaps, so of two writers one fails."""

    __tablename__ = "leg_event"
    __table_args__ = (UniqueConstraint("leg_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    leg_id: Mapped[int] = mapped_column(ForeignKey("leg.id"))
    number: Mapped[int]
    at: Mapped[dt.datetime]
    party: Mapped[str] = mapped_column(String(20))
    actor: Mapped[str | None] = mapped_column(String(100))
    what: Mapped[str] = mapped_column(String(20))
    text: Mapped[str]

    leg: Mapped[Leg] = relationship(back_populates="events")


class LegFile(StoredFile, Base):
    """A file that came with an answer."""

    __tablename__ = "leg_file"
    __table_args__ = (UniqueConstraint("leg_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    leg_id: Mapped[int] = mapped_column(ForeignKey("leg.id"))
    number: Mapped[int]

    leg: Mapped[Leg] = relationship(back_populates="files")


class LegPost(Base):
    """Something that is to leave the house about a leg; written with what it tells of, sent after the commit, always
    under the same `id`, in the order of their `number`. `next` is when it is tried again.
    """

    __tablename__ = "leg_post"
    __table_args__ = (Index("ix_leg_post_sent_next", "sent", "next"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    leg_id: Mapped[int] = mapped_column(ForeignKey("leg.id"), index=True)
    number: Mapped[int]
    what: Mapped[str] = mapped_column(String(20))
    body: Mapped[dict[str, Any]]
    at: Mapped[dt.datetime]
    next: Mapped[dt.datetime]
    claimed: Mapped[dt.datetime | None]
    sent: Mapped[dt.datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str | None]

    leg: Mapped[Leg] = relationship(back_populates="posts")


class LegLink(Base):
    """An answer link of a letter: only the digest of its token is kept."""

    __tablename__ = "leg_link"

    token_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    leg_id: Mapped[int] = mapped_column(ForeignKey("leg.id"), index=True)
    made: Mapped[dt.datetime]
    expires: Mapped[dt.datetime]


class LegMessage(Base):
    """A signed message that came in and was taken: the same one again does nothing more."""

    __tablename__ = "leg_message"

    partner: Mapped[str] = mapped_column(String(40), primary_key=True)
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    at: Mapped[dt.datetime] = mapped_column(index=True)


class GuestLeg(Base):
    """A request that another institution filed here: which one, and what it calls it."""

    __tablename__ = "guest_leg"
    __table_args__ = (UniqueConstraint("partner", "leg"),)

    request_id: Mapped[int] = mapped_column(ForeignKey("request.id"), primary_key=True)
    partner: Mapped[str] = mapped_column(String(40))
    leg: Mapped[str] = mapped_column(String(40))


def legs_of(request: Request) -> list[Leg]:
    """The legs of a request, the oldest first."""
    found: list[Leg] = request.legs  # type: ignore[attr-defined]  # the other end of `Leg.request`
    return found


def forget_legs(request: Request) -> None:
    """What was asked of others and what they said, names of files: gone. That they were asked, and when, stays."""
    for leg in legs_of(request):
        leg.asks = leg.expects = ""
        for event in leg.events:
            event.text = ""
        for post in leg.posts:
            post.body, post.problem = {}, None
        for file in leg.files:
            file.name = str(file.number)
