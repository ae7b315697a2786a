"""Bookings as rows: whose they are, what is ordered to them, how they are shown."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from typing import cast

from msgspec import Struct
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from mappings.access import Viewer
from service_desk import codes, ledger, policy
from service_desk.drafts import owners
from service_desk.errors import Invalid, NotFound
from service_desk.models import Account, Contact, Request
from service_desk.policy import Caller
from service_desk.ports import FrozenHit
from service_desk.reading_room.refusals import SeatRefused
from service_desk.reading_room.rules import ReadingRoomRules
from service_desk.reading_room.seating import waiting
from service_desk.reading_room.tables import SeatBooking, SeatItem
from service_desk.reading_room.views import BookingState, BookingView, ItemView

OPEN = ("booked", "waiting", "arrived")
TO_COME = ("booked", "waiting")
NO_BOOKING = "There is no booking with this code."


class Whose(Struct, frozen=True):
    """Whose a booking is. `owner` is None for somebody at the window who is only a name."""

    owner: str | None
    visitor_digest: str | None
    request: Request | None
    name: str
    contact: str
    person: str | None = None

    @property
    def same(self) -> ColumnElement[bool]:
        """Other bookings of the same person."""
        known = [SeatBooking.owner == self.owner] if self.owner else []
        if self.contact:
            known.append(SeatBooking.contact == self.contact)
        if self.person:
            known.append(SeatBooking.person == self.person)
        return or_(*known) if known else SeatBooking.id.is_(None)


def request_of(session: Session, receipt: str, caller: Caller) -> Request | None:
    """The request that a booking is for, None without a receipt. Raises NotFound unless it is the caller's."""
    if not receipt:
        return None
    request = ledger.by_receipt(session, receipt)
    if "owner" not in policy.parties_to(request, caller) or request is None:
        raise NotFound("There is no request with this receipt code and secret.")
    return request


def whose(session: Session, caller: Caller, request: Request | None, name: str, contact: str) -> Whose:
    """Who books: the account, else the reader of the request, else the browser. Raises Invalid without a name and a way
    to reach them.
    """
    account = session.get(Account, caller.viewer.name) if caller.viewer.name else None
    kept = session.get(Contact, caller.viewer.name) if caller.viewer.name else None
    name = name or (request.name if request else "") or (account.display_name if account else "")
    contact = contact or (request.contact if request else "") or (kept.value if kept else "")
    if not name:
        raise Invalid.one("name", "Write your name")
    if not contact and account is None:
        raise Invalid.one("contact", "Write an e-mail address or a telephone number")
    known = owners(caller.viewer, caller.visitor)
    if account is None and request is not None:
        known.insert(0, f"request:{request.id}")
    if not known:
        raise NotFound("Sign in to book a seat, or allow cookies.")
    digest = codes.digest(caller.visitor) if caller.visitor and account is None else None
    return Whose(known[0], digest, request, name, contact)


def permitted(session: Session, code: str, caller: Caller) -> SeatBooking:
    """The caller's booking, for writing. Raises NotFound, also for those of others."""
    booking = found(session, code)
    if not is_callers(session, booking, caller):
        raise NotFound(NO_BOOKING)
    return booking


def is_callers(session: Session, booking: SeatBooking, caller: Caller) -> bool:
    """Is it their account's, their browser's, or for a request of theirs?"""
    if booking.owner is not None and booking.owner in owners(caller.viewer, None):
        return True
    if caller.visitor and booking.visitor_digest == codes.digest(caller.visitor):
        return True
    request = session.get(Request, booking.request_id) if booking.request_id else None
    return request is not None and "owner" in policy.parties_to(request, caller)


def found(session: Session, code: str) -> SeatBooking:
    """A booking by its code, for writing. Raises NotFound."""
    wanted = select(SeatBooking).where(SeatBooking.code == codes.normalise(code))
    booking = session.scalar(wanted.with_for_update())
    if booking is None:
        raise NotFound(NO_BOOKING)
    return booking


def callers(viewer: Viewer, visitor: str | None, request: Request | None) -> ColumnElement[bool]:
    """Bookings of an account, else of a browser, and those for a request."""
    known: list[ColumnElement[bool]] = []
    if viewer.name is not None:
        known.append(SeatBooking.owner.in_(owners(viewer, None)))
    elif visitor:
        known.append(SeatBooking.visitor_digest == codes.digest(visitor))
    if request is not None:
        known.append(SeatBooking.request_id == request.id)
    return or_(*known) if known else SeatBooking.id.is_(None)


def check_limits(session: Session, rules: ReadingRoomRules, who: Whose, now: dt.datetime) -> None:
    """Raises SeatRefused for who has as many bookings as one may, or stayed away too often."""
    counted = select(func.count()).select_from(SeatBooking).where(who.same)
    coming = session.scalar(counted.where(SeatBooking.state.in_(TO_COME), SeatBooking.ends > now)) or 0
    if coming >= rules.visits.at_once:
        raise SeatRefused("many", count=coming)
    since = now - dt.timedelta(days=rules.missed.days)
    missed = session.scalar(counted.where(SeatBooking.state == "missed", SeatBooking.starts >= since)) or 0
    if missed >= rules.missed.times:
        raise SeatRefused("missed", count=missed)


def check_alone(session: Session, who: Whose, booking: SeatBooking) -> None:
    """Raises SeatRefused when the same person has another booking at this time."""
    across = and_(SeatBooking.starts < booking.ends, SeatBooking.ends > booking.starts, SeatBooking.state.in_(OPEN))
    others = select(SeatBooking.code).where(who.same, across, SeatBooking.code != booking.code).limit(1)
    code = session.scalar(others)
    if code is not None:
        raise SeatRefused("own", code=code)


def items(hits: Iterable[tuple[FrozenHit, str | None]]) -> list[SeatItem]:
    """Records as they are called now, each with its container. What lies in one container is one box; containers of
    another holder or fonds are others, though they are called the same.
    """
    made = []
    for number, (hit, container) in enumerate(hits, 1):
        of = "\x1f".join((hit.holder or "", hit.fonds or "", container)) if container else hit.id
        box = hashlib.sha256(of.encode("utf-8", "surrogatepass")).hexdigest()
        code = hit.reference_code
        row = SeatItem(
            number=number, resource_id=hit.id, title=hit.title, reference_code=code, container=container, box=box
        )
        made.append(row)
    return made


def view(session: Session, rules: ReadingRoomRules, booking: SeatBooking, now: dt.datetime) -> BookingView:
    """The booking as its reader sees it."""
    request = session.get(Request, booking.request_id) if booking.request_id else None
    return BookingView(
        code=booking.code,
        room=booking.room,
        seat=booking.seat,
        starts=booking.starts.astimezone(rules.zone),
        ends=booking.ends.astimezone(rules.zone),
        state=cast(BookingState, booking.state),
        items=tuple(ItemView(i.resource_id, i.title, i.reference_code, i.container) for i in booking.items),
        receipt=request.receipt if request else None,
        features=tuple(booking.wishes.get("features", ())),
        reason=booking.reason,
        place=_place(session, booking, now),
        open=booking.state in TO_COME and booking.ends > now,
    )


def _place(session: Session, booking: SeatBooking, now: dt.datetime) -> int | None:
    """Among those who wait for the same room and an overlapping time."""
    if booking.state != "waiting":
        return None
    rivals = [
        one.id
        for one in waiting(session, now)
        if one.room == booking.room and one.starts < booking.ends and one.ends > booking.starts
    ]
    return rivals.index(booking.id) + 1 if booking.id in rivals else None
