"""What happens to requests by themselves, when it is time: a warning before a date, an escalation after it, word of
long work, a reminder of the reader's turn, an end to what was waited for too long. Done by night and every few minutes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from msgspec import Struct
from sqlalchemy import Integer, bindparam, select
from sqlalchemy.orm import Session, selectinload

from service_desk import ledger, machine
from service_desk.acting import Acting
from service_desk.calendar_rules import CalendarRules
from service_desk.database import Database
from service_desk.deadlines import months_after
from service_desk.errors import Conflict
from service_desk.ledger import Step
from service_desk.machine import OPEN, RUNNING, WAITING
from service_desk.models import Request
from service_desk.ports import Clock
from service_desk.request_types import Types
from service_desk.rules import Rules
from service_desk.terms import Terms, is_late, move_deadlines

_BATCH = 500


class Watched(Struct, frozen=True):
    """How many requests each thing happened to."""

    warned: int = 0
    escalated: int = 0
    told: int = 0
    reminded: int = 0
    expired: int = 0


class Watch:
    """Looks at every open request."""

    def __init__(self, acting: Acting, database: Database, clock: Clock, rules: Rules) -> None:
        self._acting = acting
        self._database = database
        self._clock = clock
        self._rules = rules
        for kind in (Types, CalendarRules):
            rules.followed(kind, self._moved)

    def look(self) -> Watched:
        """Do what is due now, each request in a transaction of its own, so that a crash loses none and repeats none."""
        done = dict.fromkeys(Watched.__struct_fields__, 0)
        for receipt in self._something_due():
            for name in self._looked_at(receipt):
                done[name] += 1
        return Watched(**done)

    def catch_up(self) -> int:
        """Dates of requests from before there were any; how many."""
        without = Request.status.in_(sorted(OPEN)), Request.due.is_(None)
        with self._database.read() as session:
            if session.scalar(select(Request.id).where(*without).limit(1)) is None:
                return 0
        with self._database.write(lock="deadlines") as session:
            return move_deadlines(session, Terms.of(self._rules, session), self._clock.now())

    def _moved(self, session: Session, now: dt.datetime) -> None:
        move_deadlines(session, Terms.of(self._rules, session), now)

    def _something_due(self) -> Iterator[str]:
        """The receipts of open requests of which something is due, looked through many at a time."""
        last, now = 0, self._clock.now()
        while True:
            with self._database.read() as session:
                terms = Terms.of(self._rules, session)
                rows = session.scalars(_OPEN, {"last": last}).all()
                due = [row.receipt for row in rows if _due(row, terms, now) is not None]
            if not rows:
                return
            last = rows[-1].id
            yield from due

    def _looked_at(self, receipt: str) -> list[str]:
        """Do it under its lock, if it is still due."""
        now = self._clock.now()
        with self._database.write() as session:
            request = ledger.by_receipt(session, receipt, to_write=True)
            what = _due(request, Terms.of(self._rules, session), now) if request else None
            if request is None or what is None:
                return []
            action, name = what
            try:
                self._acting.advance(session, request, Step(action, "desk", None), now)
            except Conflict:
                return []
            return [name]


_OPEN = (
    select(Request)
    .where(Request.status.in_(sorted(OPEN)), Request.id > bindparam("last", type_=Integer()))
    .options(selectinload(Request.events))
    .order_by(Request.id)
    .limit(_BATCH)
)


def _due(request: Request, terms: Terms, now: dt.datetime) -> tuple[str, str] | None:
    """What is due of a request: the action, and what it is counted as."""
    if request.status in WAITING or request.status == "ready":
        return _of_the_readers_turn(request, terms, now)
    if request.status not in RUNNING:
        return None
    if is_late(request, now):
        return None if _since(request, "escalated") else ("escalate", "escalated")
    if _is_near(request, terms, now) and not _since(request, "warned", "escalated"):
        return "warn", "warned"
    if _is_long(request, terms, now):
        return "progress", "told"
    return None


def _of_the_readers_turn(request: Request, terms: Terms, now: dt.datetime) -> tuple[str, str] | None:
    if request.due is None:
        return None
    if request.due <= now:
        return "expire", "expired"
    began = _turn_began(request)
    half = began + (request.due - began) / 2
    return ("remind", "reminded") if half <= now and not _since(request, "reminded") else None


def _turn_began(request: Request) -> dt.datetime:
    """When the present status began."""
    state, began = machine.State(), request.submitted
    for event in request.events:
        next_state = machine.after(state, machine.BY_EVENT[event.what], event.actor, event.at, event.payload)
        began = event.at if next_state.status != state.status else began
        state = next_state
    return began


def _is_near(request: Request, terms: Terms, now: dt.datetime) -> bool:
    """Are there no more working days left than a warning comes before the date?"""
    if request.due is None:
        return False
    rule, calendar = terms.types.rule(request.type), terms.calendar
    if rule.limit.hours is not None:
        return now >= request.due - dt.timedelta(hours=rule.limit.hours) / 2
    last_day = calendar.last_day(request.due)
    return calendar.working_days(calendar.day_of(now), last_day) <= rule.warn_before


def _is_long(request: Request, terms: Terms, now: dt.datetime) -> bool:
    """Has the reader heard nothing for as long as the rules say?"""
    every = terms.types.rule(request.type).progress_every
    if every is None:
        return False
    heard = max(event.at for event in request.events if machine.BY_EVENT[event.what].shown)
    calendar = terms.calendar
    if every.limit.unit == "working_days":
        return calendar.working_days(calendar.day_of(heard), calendar.day_of(now)) >= every.limit.count
    if every.months is not None:
        return calendar.day_of(now) >= months_after(calendar.day_of(heard), every.months)
    return now - heard >= dt.timedelta(days=every.calendar_days or 0, hours=every.hours or 0)


def _since(request: Request, *whats: str) -> bool:
    """Did one of these happen since the present status, or the present deadline, began?"""
    since = _turn_began(request)
    moved = [event.at for event in request.events if event.what in ("extended", "reopened")]
    after = max([since, *moved])
    return any(event.what in whats and event.at >= after for event in request.events)
