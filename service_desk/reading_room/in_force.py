"""The rules of the reading room with the calendar of the house, as they are in force."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from service_desk.calendar_rules import CalendarRules
from service_desk.models import PolicyVersion
from service_desk.reading_room.rules import ReadingRoomRules
from service_desk.rules import D, Rules, bundled_text, read


def in_force(session: Session, rules: Rules) -> ReadingRoomRules:
    """In a transaction that is under way."""
    return rules.within(session, ReadingRoomRules).by(rules.within(session, CalendarRules).calendar())


def newest(session: Session) -> ReadingRoomRules:
    """The same while one of the two is being written: read from its row and remembered nowhere, since it may yet be
    taken back.
    """
    return _newest(session, ReadingRoomRules).by(_newest(session, CalendarRules).calendar())


def _newest(session: Session, kind: type[D]) -> D:
    chosen = select(PolicyVersion.body).where(PolicyVersion.name == kind.name).order_by(PolicyVersion.id.desc())
    body = session.scalar(chosen.limit(1))
    return read(kind, bundled_text(kind) if body is None else body)
