"""What happens to legs by themselves, when it is time: a reminder before a date, an escalation after it; dates that
move when the calendar does.
"""

from __future__ import annotations

import datetime as dt

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from service_desk import ledger
from service_desk.acting import Acting
from service_desk.calendar_rules import CalendarRules
from service_desk.database import Database
from service_desk.legs import machine, making, moving, shown
from service_desk.legs.making import DEPARTMENT, Step
from service_desk.legs.tables import Leg, LegLink, LegMessage, legs_of
from service_desk.models import Request
from service_desk.ports import Clock
from service_desk.rules import Rules
from service_desk.terms import Terms

REMEMBERED = dt.timedelta(days=90)
"""How long it is known which messages came in already."""
NEAR = dt.timedelta(days=120)
"""What is due later is not looked at: `remind_before` is 60 working days at most."""
_BEGINS = frozenset({"sent", "replied", "moved"})
_BATCH = 500


class Chased(Struct, frozen=True):
    """How many legs each thing happened to."""

    reminded: int = 0
    escalated: int = 0


class Chasing:
    """Looks at every leg that is with its receiver."""

    def __init__(self, acting: Acting, database: Database, clock: Clock, rules: Rules) -> None:
        self._acting = acting
        self._database = database
        self._clock = clock
        rules.followed(CalendarRules, self._moved)
        self._rules = rules

    def look(self) -> Chased:
        """Do what is due now, each leg in a transaction of its own, so that a crash loses none and repeats none."""
        done = {"remind": 0, "escalate": 0}
        for number, receipt in self._open():
            action = self._looked_at(number, receipt)
            if action is not None:
                done[action] += 1
        return Chased(done["remind"], done["escalate"])

    def expire(self) -> None:
        """Links whose time is over, and messages that cannot come again, go."""
        now = self._clock.now()
        with self._database.write() as session:
            session.execute(LegLink.__table__.delete().where(LegLink.expires <= now))  # type: ignore[attr-defined]
            old = LegMessage.at <= now - REMEMBERED
            session.execute(LegMessage.__table__.delete().where(old))  # type: ignore[attr-defined]

    def _open(self) -> list[tuple[int, str]]:
        wanted = select(Leg.id, Request.receipt).join(Leg.request).where(Leg.status.in_(sorted(machine.WITH_RECEIVER)))
        wanted = wanted.where(Leg.due <= self._clock.now() + NEAR)
        with self._database.read() as session:
            return [(row.id, row.receipt) for row in session.execute(wanted.order_by(Leg.id))]

    def _looked_at(self, number: int, receipt: str) -> str | None:
        now = self._clock.now()
        with self._database.read() as session:
            leg = session.get(Leg, number)
            if leg is None or _due(leg, self._acting.terms(session), now) is None:
                return None
        with self._database.write() as session:
            request = ledger.found(session, receipt, to_write=True)
            leg, terms = session.get_one(Leg, number, populate_existing=True), self._acting.terms(session)
            action = _due(leg, terms, now)
            if action is not None:
                making.advance(leg, Step(action, "desk", None), now, terms)
                self._acting.follow(session, request, now)
            return action

    def _moved(self, session: Session, now: dt.datetime) -> None:
        """A changed calendar moves every date that is waited for; whoever writes to a leg waits for its request."""
        terms, waiting = Terms.of(self._rules, session), Leg.status.in_(sorted(machine.WITH_RECEIVER))
        asked = Request.id.in_(select(Leg.request_id).where(waiting))
        held = select(Request).where(asked).order_by(Request.id).with_for_update()
        for request in session.scalars(held.execution_options(yield_per=_BATCH)):
            for leg in legs_of(request):
                if leg.status in machine.WITH_RECEIVER:
                    moving.recomputed(leg, now, terms)


def _due(leg: Leg, terms: Terms, now: dt.datetime) -> str | None:
    """What is due of a leg: ``remind`` or ``escalate``."""
    if leg.due is None or leg.status not in machine.WITH_RECEIVER:
        return None
    if shown.is_late(leg, now):
        return None if _since(leg, "escalated") else "escalate"
    last_day, calendar = shown.last_day(leg, terms), terms.calendar
    assert last_day is not None
    near = calendar.working_days(calendar.day_of(now), last_day) <= _before(leg, terms)
    return "remind" if near and not _since(leg, "reminded") else None


def _before(leg: Leg, terms: Terms) -> int:
    """How many working days before its end a receiver is reminded."""
    known = terms.departments.departments if leg.kind == DEPARTMENT else terms.partners.partners
    found = known.get(leg.receiver)
    return found.remind_before if found else 1


def _since(leg: Leg, what: str) -> bool:
    """Did that happen since their time began to run, the last time?"""
    began = max(event.number for event in leg.events if event.what in _BEGINS)
    return any(event.what == what and event.number > began for event in leg.events)
