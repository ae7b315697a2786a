"""May a visit be at that time? By the rules alone, whoever else is there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from service_desk.reading_room.refusals import SeatRefused
from service_desk.reading_room.rules import UNIT, ReadingRoomRules


def units(starts: dt.datetime, ends: dt.datetime) -> list[dt.datetime]:
    """The quarters of an hour that a visit touches, by their beginnings."""
    return list(_units(floor(starts), ends))


def _units(at: dt.datetime, ends: dt.datetime) -> Iterator[dt.datetime]:
    while at < ends:
        yield at
        at += UNIT


def floor(instant: dt.datetime) -> dt.datetime:
    """The beginning of the quarter of an hour."""
    seconds = int(instant.timestamp())
    return dt.datetime.fromtimestamp(seconds - seconds % int(UNIT.total_seconds()), dt.UTC)


def check_open(rules: ReadingRoomRules, room: str, starts: dt.datetime, ends: dt.datetime, language: str) -> None:
    """Raises SeatRefused when the room is closed at some time of the visit."""
    day = rules.day_of(starts)
    spans = rules.open_spans(day, room)
    if any(opens <= starts and ends <= closes for opens, closes in spans):
        return
    special = rules.special(day, room)
    if not spans:
        raise SeatRefused("closed", day=day, reason=special.told(language) if special else "–")
    hours = ", ".join(f"{one.opens:%H:%M}–{one.closes:%H:%M}" for one in rules.open_hours(day, room))
    raise SeatRefused("hours", day=day, hours=hours)


def check_length(rules: ReadingRoomRules, starts: dt.datetime, ends: dt.datetime) -> None:
    """Raises SeatRefused for a visit that is too short, too long or off the steps."""
    visits = rules.visits
    minutes = (ends - starts).total_seconds() / 60
    clock = starts.astimezone(rules.zone)
    if (clock.hour * 60 + clock.minute) % visits.step or clock.second or minutes % visits.step:
        raise SeatRefused("step", step=visits.step)
    if minutes < visits.shortest:
        raise SeatRefused("short", minutes=visits.shortest)
    if minutes > visits.longest:
        raise SeatRefused("long", minutes=visits.longest)


def check_notice(rules: ReadingRoomRules, starts: dt.datetime, now: dt.datetime, with_records: bool) -> None:
    """Raises SeatRefused for what is past, too far ahead, or too soon for records to be fetched."""
    last = rules.day_of(now) + dt.timedelta(days=rules.visits.days_ahead)
    if starts < now:
        raise SeatRefused("past")
    if rules.day_of(starts) > last:
        raise SeatRefused("far", day=last)
    earliest = now + dt.timedelta(minutes=rules.visits.fetch_minutes)
    if with_records and starts < earliest:
        there = earliest.astimezone(rules.zone)
        raise SeatRefused("fetching", day=there.date(), time=f"{there:%H:%M}")
