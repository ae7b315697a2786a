"""How many were here, and what is on a seat now: for indicators, and for hits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from service_desk.database import Database
from service_desk.reading_room.tables import SeatBooking, SeatItem, Visit
from service_desk.reading_room.views import DayVisits


def visits_by_day(session: Session, first: dt.date, last: dt.date) -> list[DayVisits]:
    """Visits on each day of a period, `first` and `last` included, that has any."""
    seats, window = (func.sum(case((Visit.kind == kind, 1), else_=0)) for kind in ("seat", "window"))
    counted = select(Visit.day, seats, window, func.count(Visit.request_id.distinct())).group_by(Visit.day)
    within = counted.where(Visit.day >= first.isoformat(), Visit.day <= last.isoformat()).order_by(Visit.day)
    return [DayVisits(dt.date.fromisoformat(day), *map(int, counts)) for day, *counts in session.execute(within)]


def visits_for(session: Session, requests: Collection[int]) -> dict[int, int]:
    """How often somebody came for each of these requests, by their ids; those nobody came for are left out."""
    counted = select(Visit.request_id, func.count()).where(Visit.request_id.in_(requests)).group_by(Visit.request_id)
    return {number: count for number, count in session.execute(counted) if number is not None}


def busy(where: Session | Database, resource_ids: Collection[str], now: dt.datetime) -> dict[str, dt.datetime]:
    """Which of these resources lie at a seat now, each with the instant until which the seat is booked."""
    if isinstance(where, Database):
        with where.read() as session:
            return busy(session, resource_ids, now)
    if not resource_ids:
        return {}
    chosen = select(SeatItem.resource_id, func.max(SeatBooking.ends)).join(SeatBooking).where(*_seated(now))
    rows = where.execute(chosen.where(SeatItem.resource_id.in_(resource_ids)).group_by(SeatItem.resource_id))
    return {row[0]: row[1] for row in rows}


def seats_now(session: Session, now: dt.datetime) -> str:
    """Which bookings lie at a seat now, in few characters: the same as long as they are the same."""
    wanted = select(func.count(), func.min(SeatBooking.id), func.max(SeatBooking.id), func.sum(SeatBooking.id))
    return ".".join(map(str, session.execute(wanted.where(*_seated(now))).one()))


def _seated(now: dt.datetime) -> tuple[ColumnElement[bool], ...]:
    return SeatBooking.state.in_(("booked", "arrived")), SeatBooking.starts <= now, SeatBooking.ends > now
