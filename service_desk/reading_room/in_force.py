"""The rules of the reading room with the calendar of the house, as they are in force."""

from __future__ import annotations

from sqlalchemy.orm import Session

from service_desk.calendar_rules import CalendarRules
from service_desk.reading_room.rules import ReadingRoomRules
from service_desk.rules import Rules


def in_force(session: Session, rules: Rules) -> ReadingRoomRules:
    """In a transaction that is under way; while one of the two documents is being written, as it will be."""
    return with_calendar(session, rules, rules.within(session, ReadingRoomRules))


def with_calendar(session: Session, rules: Rules, document: ReadingRoomRules) -> ReadingRoomRules:
    """The same of a document that is not in force yet."""
    return document.by(rules.within(session, CalendarRules).calendar())
