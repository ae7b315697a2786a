"""The rules that bear on a request, as they are in force at one moment, and the dates that follow from them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from service_desk.calendar_rules import CalendarRules
from service_desk.deadlines import Calendar, Promise
from service_desk.legs.rules import Partners
from service_desk.machine import OPEN, RUNNING, WAITING, Clock, State, Status
from service_desk.materials import Materials
from service_desk.models import Request
from service_desk.request_types import LimitRule, Types
from service_desk.routes import Departments, Routes
from service_desk.rules import Rules

_AT_ONCE = 1000
"""Requests read at once when deadlines move."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Types, materials, routes, calendar, departments and partners in force."""

    types: Types
    materials: Materials
    routes: Routes
    calendar: Calendar
    departments: Departments
    partners: Partners

    @classmethod
    def of(cls, rules: Rules, session: Session) -> Terms:
        """Those in force in this transaction."""
        return cls(
            rules.within(session, Types),
            rules.within(session, Materials),
            rules.within(session, Routes),
            rules.within(session, CalendarRules).calendar(),
            rules.within(session, Departments),
            rules.within(session, Partners),
        )

    def promise(self, type_: str, clock: Clock, now: dt.datetime) -> Promise:
        """The deadline of a request of this type with this clock."""
        rule, extended = self.types.rule(type_), clock.extended
        made = self.calendar.promise(clock, rule.limit.limit, now, from_acceptance=rule.counts_from == "acceptance")
        if not (extended and rule.extension and rule.extension.basis):
            return made
        return msgspec.structs.replace(made, basis="; ".join(filter(None, (made.basis, rule.extension.basis))))

    def due(self, type_: str, state: State, now: dt.datetime) -> dt.datetime | None:
        """From when on something is late, or will have been waited for too long; None when nothing is waited for.

        While the archive works that is its deadline; while the reader's turn lasts, the end of that turn; what is
        ready, the end of the time in which it can be collected.
        """
        clock = state.clock
        if clock is None or state.status not in OPEN:
            return None
        if state.status in RUNNING:
            return self.calendar.ends(self.promise(type_, clock, now))
        rule = self.types.rule(type_)
        if state.status in WAITING:
            return self._end(rule.supply_within, clock.stops[-1].began if clock.stops else clock.began)
        return self._end(rule.collect_within, clock.answered or clock.began)

    def _end(self, rule: LimitRule, began: dt.datetime) -> dt.datetime:
        limit = rule.limit
        if limit.unit == "hours":
            return began + dt.timedelta(hours=limit.count)
        return self.calendar.ends(self.calendar.after(self.calendar.day_of(began), limit))


def clock_of(request: Request | Row[Any]) -> Clock:
    """The clock of a request; one from before there were clocks began when it was filed."""
    if request.clock is None:
        return Clock(request.submitted, answered=request.closed)
    return msgspec.convert(request.clock, Clock)


def standing(request: Request) -> State:
    """What is kept of the state beside the events, for lists."""
    status: Status = request.status  # type: ignore[assignment]  # the fold of the events, which are of the machine
    return State(status, request.handler, request.version, request.closed, None, clock_of(request))


def is_late(request: Request | Row[Any], now: dt.datetime) -> bool:
    """Is the archive behind its date?"""
    return request.status in RUNNING and request.due is not None and request.due <= now


def was_late(promise: Promise, calendar: Calendar, clock: Clock) -> bool:
    """Was the answer given after the date?"""
    return clock.answered is not None and clock.answered >= calendar.ends(promise)


def move_deadlines(session: Session, terms: Terms, now: dt.datetime) -> int:
    """Compute the dates of all open requests anew, as after a change of calendar or limits; how many moved."""
    return sum(_moved(request, terms, now) for request in _open(session))


def _moved(request: Request, terms: Terms, now: dt.datetime) -> bool:
    due = terms.due(request.type, standing(request), now)
    moves = due != request.due
    if moves:
        request.due = due
    return moves


def _open(session: Session) -> Iterator[Request]:
    wanted = select(Request).where(Request.status.in_(sorted(OPEN))).order_by(Request.id).with_for_update()
    yield from session.scalars(wanted.execution_options(yield_per=_AT_ONCE))
