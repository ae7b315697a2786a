"""What readers are told about their seats: once for each thing that happens to a booking, by the document `notices`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, Literal

from sqlalchemy.orm import Session

from service_desk.notices import Addressee, Notices
from service_desk.reading_room.rules import ReadingRoomRules
from service_desk.reading_room.tables import SeatBooking

News = Literal["made", "seated", "moved", "cancelled", "waits", "missed", "lapsed"]
NOTICES: Final[Mapping[News, str]] = MappingProxyType(
    {
        "made": "booking_made",
        "seated": "place_free",
        "moved": "booking_changed",
        "cancelled": "booking_cancelled",
        "waits": "booking_waits",
        "missed": "booking_missed",
        "lapsed": "booking_lapsed",
    }
)
"""What happened, and the notice that tells of it (`sending.events.EVENTS`)."""
Tell = Callable[[Session, ReadingRoomRules, SeatBooking, News, dt.datetime], bool]
"""Queues, in the caller's transaction, what happened to a booking; False when its reader is not told."""


def telling(notices: Notices) -> Tell:
    """Tells by these notices. A booking that was told of something at one moment is not told of it again."""

    def tell(session: Session, rules: ReadingRoomRules, booking: SeatBooking, what: News, now: dt.datetime) -> bool:
        session.flush()  # one that was just made has its number only now
        owner = booking.owner or ""
        account = owner.removeprefix("account:") if owner.startswith("account:") else None
        to = Addressee(booking.contact, booking.language, account, booking.request_id)
        stands = f"{booking.room} {booking.seat} {booking.starts:%Y%m%dT%H%MZ}{booking.ends:%H%MZ}"
        key = f"booking:{booking.id}:{what}:{stands}:{now.isoformat()}"
        return notices.tell(session, to, NOTICES[what], now, key=key, values=_values(rules, booking))

    return tell


def _values(rules: ReadingRoomRules, booking: SeatBooking) -> dict[str, str]:
    starts, ends = (at.astimezone(rules.zone) for at in (booking.starts, booking.ends))
    room = rules.rooms.get(booking.room)
    return {
        "place": room.title.in_language(booking.language) if room else booking.room,
        "seat": booking.seat or "",
        "when": f"{starts:%Y-%m-%d %H:%M}–{ends:%H:%M}",
        "reason": booking.reason or "",
        "booking": booking.code,
    }
