"""What readers are told about their seats. `queue` is the one place where such a notice leaves this package."""

from __future__ import annotations

import datetime as dt
from typing import Final, Literal

from sqlalchemy.orm import Session

from service_desk.forms import as_email
from service_desk.models import QueuedNotice
from service_desk.reading_room.rules import ReadingRoomRules
from service_desk.reading_room.tables import SeatBooking

News = Literal["seated", "moved", "cancelled", "waits", "missed", "lapsed"]
TEXTS: Final[dict[str, dict[News, tuple[str, str]]]] = {
    "en": {
        "seated": ("A seat is free for you: {when}", "You were on the waiting list and have a seat now."),
        "moved": ("Your seat has changed: {when}", "Your booking has another seat or another time now."),
        "cancelled": ("Your seat is cancelled: {when}", "We had to cancel your booking. We are sorry."),
        "waits": ("You are on the waiting list: {when}", "Your booking was moved and waits for a free seat."),
        "missed": ("Your seat was given away: {when}", "You did not come, so the seat is free for others again."),
        "lapsed": ("No seat became free: {when}", "You were on the waiting list; no seat became free."),
    },
    "zh-Hans": {
        "seated": ("已为您空出座位：{when}", "您在候补名单中，现已有座位。"),
        "moved": ("您的座位有变动：{when}", "您的预约已改到另一座位或另一时间。"),
        "cancelled": ("您的座位已取消：{when}", "我们不得不取消您的预约，谨致歉意。"),
        "waits": ("您在候补名单中：{when}", "您的预约已改期，正在等候空座。"),
        "missed": ("您的座位已让出：{when}", "您未到场，座位已供他人使用。"),
        "lapsed": ("没有空出座位：{when}", "您在候补名单中，但一直没有空座。"),
    },
    "zh-Hant": {
        "seated": ("已為您空出座位：{when}", "您在候補名單中，現已有座位。"),
        "moved": ("您的座位有變動：{when}", "您的預約已改到另一座位或另一時間。"),
        "cancelled": ("您的座位已取消：{when}", "我們不得不取消您的預約，謹致歉意。"),
        "waits": ("您在候補名單中：{when}", "您的預約已改期，正在等候空位。"),
        "missed": ("您的座位已讓出：{when}", "您未到場，座位已供他人使用。"),
        "lapsed": ("沒有空出座位：{when}", "您在候補名單中，但一直沒有空位。"),
    },
}
LINES: Final = {
    "en": ("Room: {room}", "Seat: {seat}", "Time: {when}", "Reason: {reason}", "Booking: {code}"),
    "zh-Hans": ("阅览室：{room}", "座位：{seat}", "时间：{when}", "原因：{reason}", "预约号：{code}"),
    "zh-Hant": ("閱覽室：{room}", "座位：{seat}", "時間：{when}", "原因：{reason}", "預約號：{code}"),
}


def queue(session: Session, rules: ReadingRoomRules, booking: SeatBooking, what: News, now: dt.datetime) -> bool:
    """Queue, in the caller's transaction, what happened to a booking, if its reader left an e-mail address."""
    recipient = as_email(booking.contact)
    if recipient is None:
        return False
    language = booking.language if booking.language in TEXTS else "en"
    subject, body = TEXTS[language][what]
    values = _values(rules, booking, language)
    lines = [line.format(**values) for line, key in zip(LINES[language], values, strict=True) if values[key]]
    notice = QueuedNotice(
        request_id=booking.request_id,
        recipient=recipient,
        subject=subject.format(**values),
        body="\n".join((body, "", *lines, "")),
        created=now,
        attempts=0,
    )
    session.add(notice)
    return True


def _values(rules: ReadingRoomRules, booking: SeatBooking, language: str) -> dict[str, str]:
    """In the order of `LINES`."""
    starts, ends = (at.astimezone(rules.zone) for at in (booking.starts, booking.ends))
    room = rules.rooms.get(booking.room)
    return {
        "room": room.title.in_language(language) if room else booking.room,
        "seat": booking.seat or "",
        "when": f"{starts:%Y-%m-%d %H:%M}–{ends:%H:%M}",
        "reason": booking.reason or "",
        "code": booking.code,
    }
