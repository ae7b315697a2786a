"""Dates of partners that move: with the calendar, or with the request that they are asked for. A partner is told once
of each date that it has from then on, by the way it was asked.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import msgspec
from sqlalchemy.orm import Session

from service_desk.acting import Follower
from service_desk.deadlines import Calendar, Limit
from service_desk.legs import machine, making
from service_desk.legs.making import PARTNER, Step
from service_desk.legs.tables import Leg, legs_of
from service_desk.machine import Clock
from service_desk.models import Event, Request
from service_desk.rules import Rules
from service_desk.terms import Terms, clock_of

MOST_DAYS = 365
"""By so much a date moves at once, as when a clerk extends one."""


def recomputed(leg: Leg, at: dt.datetime, terms: Terms) -> None:
    """The date of a leg by the calendar in force; a partner whose last day is another one now is told."""
    due = making.due(leg, terms.calendar, at)
    day = terms.calendar.last_day(due) if due else None
    if leg.kind == PARTNER and day is not None and day != making.told_day(leg, terms):
        making.advance(leg, Step("move", "desk", None, day.isoformat()), at, terms)
    else:
        leg.due = due


def moved_with_requests(rules: Rules) -> Follower:
    """Gives partners as much more time as a request is extended by, while they have it."""

    def follow(session: Session, request: Request, events: Sequence[Event]) -> None:
        for event in events:
            if event.what == "extended":
                _extended(request, event, Terms.of(rules, session))

    return follow


def _extended(request: Request, event: Event, terms: Terms) -> None:
    legs = [leg for leg in legs_of(request) if leg.kind == PARTNER and leg.status in machine.WITH_RECEIVER]
    if not legs:
        return
    first, last = _days(request, int(event.payload["days"]), event.at, terms)
    for leg in legs:
        limit = making.limit_of(leg)
        longer = limit.count + _between(first, last, limit, terms.calendar)
        leg.term = msgspec.to_builtins(msgspec.structs.replace(limit, **{limit.unit: longer}))
        recomputed(leg, event.at, terms)


def _days(request: Request, more: int, at: dt.datetime, terms: Terms) -> tuple[dt.date, dt.date]:
    """The promised day without the extension, and with it."""
    clock = clock_of(request)
    before = msgspec.structs.replace(clock, extended=clock.extended - more)
    return terms.promise(request.type, before, at).due, terms.promise(request.type, clock, at).due


def _between(first: dt.date, last: dt.date, limit: Limit, calendar: Calendar) -> int:
    """How much of the unit of a limit lies between two days; of a month, nothing less than a whole one."""
    if limit.unit == "working_days":
        return calendar.working_days(first, last)
    days = (last - first).days
    return {"hours": 24 * days, "months": days // 31}.get(limit.unit, days)


def days_to_reach(day: dt.date, type_: str, clock: Clock, now: dt.datetime, terms: Terms) -> int:
    """By how many of its unit a request of this type has to be extended for its date not to lie before that day: 0 when
    it does not, `MOST_DAYS` at most.
    """

    def reaches(days: int) -> bool:
        longer = msgspec.structs.replace(clock, extended=clock.extended + days)
        return terms.promise(type_, longer, now).due >= day

    least, most = 0, MOST_DAYS
    while least < most:
        middle = (least + most) // 2
        least, most = (least, middle) if reaches(middle) else (middle + 1, most)
    return least
