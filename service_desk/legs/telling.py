"""The people of a department are told of its tasks: when one is given, and when one is late."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from service_desk.acting import Follower
from service_desk.forms import Language
from service_desk.given import Roles
from service_desk.legs import machine
from service_desk.legs.making import DEPARTMENT
from service_desk.legs.rights import does
from service_desk.legs.shown import last_day
from service_desk.legs.tables import Leg, LegEvent, legs_of
from service_desk.models import Account, Event, GivenRole, Request
from service_desk.notices import Notices
from service_desk.printed.days import written
from service_desk.rules import Rules
from service_desk.terms import Terms

_TOLD: Final[Mapping[str, str]] = MappingProxyType({"sent": "task_given", "escalated": "task_late"})


def tasks_told(notices: Notices, rules: Rules, roles: Roles) -> Follower:
    """Tells each of them once of each of these, but not who did it themselves and not who must not handle the
    request.
    """

    def follow(session: Session, request: Request, events: Sequence[Event]) -> None:
        for leg in legs_of(request):
            event = leg.events[-1]
            if leg.kind == DEPARTMENT and leg.status in machine.OPEN and event.what in _TOLD:
                _tell(session, request, leg, event)

    def _tell(session: Session, request: Request, leg: Leg, event: LegEvent) -> None:
        values = partial(_values, leg, Terms.of(rules, session))
        for name in _people(session, leg):
            if name not in request.barred and name != event.actor:
                key = f"task:{leg.id}:{event.number}"
                notices.tell_colleague(session, name, _TOLD[event.what], event.at, key=key, values=values)

    def _people(session: Session, leg: Leg) -> Iterator[str]:
        given = select(GivenRole.account_name).where(GivenRole.department == leg.receiver)
        theirs = select(Account).where(Account.name.in_(given), Account.disabled.is_(False)).order_by(Account.name)
        for account in session.scalars(theirs).all():
            viewer = roles.known.viewer(account.name, [role for role in account.roles if role.department])
            if does(viewer, leg):
                yield account.name

    return follow


def _values(leg: Leg, terms: Terms, language: Language) -> dict[str, str]:
    date, hit = last_day(leg, terms), leg.request.hit
    return {
        "title": hit["title"] if hit else "",
        "department": terms.departments.title(leg.receiver, language),
        "due": written(date, language) if date else "",
    }
