"""Something urgent came in: whoever is on duty is told at once, at any hour."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from service_desk.acting import Follower
from service_desk.calendar_rules import CalendarRules
from service_desk.duty import Duty
from service_desk.forms import Language
from service_desk.machine import RUNNING
from service_desk.materials import Materials
from service_desk.models import Event, Request
from service_desk.notices import Notices
from service_desk.rules import Rules
from service_desk.sending.values import values_of

_ALARMS = frozenset({"submitted", "classified", "reopened", "escalated"})
"""Events after which an urgent request waits for somebody."""


def alarming(notices: Notices, rules: Rules, duty: Duty) -> Follower:
    """Tells those on duty, once for each such event."""

    def follow(session: Session, request: Request, events: Sequence[Event]) -> None:
        if not request.urgent or request.status not in RUNNING:
            return
        rung = [event for event in events if event.what in _ALARMS]
        if rung:
            _ring(session, request, rung[-1])

    def _ring(session: Session, request: Request, event: Event) -> None:
        calendar = rules.within(session, CalendarRules).calendar()
        materials = rules.within(session, Materials)

        def values(language: Language) -> dict[str, str]:
            common = {"receipt": request.receipt, "title": request.hit["title"] if request.hit else "", "where": ""}
            return common | values_of(request, calendar, materials, language)

        for name in duty.within(session, request):
            key = f"alarm:{request.id}:{event.number}"
            notices.tell_colleague(session, name, "alarm", event.at, key=key, values=values)

    return follow
