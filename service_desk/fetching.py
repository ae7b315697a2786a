"""What a request wants from the stacks: ordered when its route leads there, not wanted any more when it is closed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy.orm import Session

from service_desk.acting import Follower
from service_desk.calendar_rules import CalendarRules
from service_desk.flow import hits_of
from service_desk.machine import CLOSED
from service_desk.models import Event, Request
from service_desk.routes import Routes
from service_desk.rules import Rules
from service_desk.stacks.office import Stacks
from service_desk.stacks.picking import Priority

_ROUTED = frozenset({"accepted", "classified"})


def fetching(stacks: Stacks, rules: Rules) -> Follower:
    """Orders and cancels as the request goes on."""

    def follow(session: Session, request: Request, events: Sequence[Event]) -> None:
        if request.status in CLOSED:
            stacks.picking.cancel_for(session, request.receipt)
        elif any(event.what in _ROUTED for event in events) and _leads_there(session, request, rules):
            _order(session, request, events[-1].at)

    def _order(session: Session, request: Request, now: dt.datetime) -> None:
        calendar = rules.within(session, CalendarRules).calendar()
        wanted = calendar.last_day(request.due or now)
        priority: Priority = "urgent" if request.urgent else "normal"
        stacks.picking.order(session, request.receipt, hits_of(request), max(wanted, calendar.day_of(now)), priority)

    return follow


def _leads_there(session: Session, request: Request, rules: Rules) -> bool:
    route = rules.within(session, Routes).routes.get(request.route or "")
    return route is not None and route.to == "stacks" and bool(request.hit)
