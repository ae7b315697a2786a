"""How legs begin and move, and what follows from them for their request. Rows only: whoever calls holds the request
for writing, and delivers what is to leave after the commit.
"""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any

import msgspec
from msgspec import Struct

from service_desk.deadlines import Calendar, Limit
from service_desk.errors import Conflict
from service_desk.ledger import Step as RequestStep
from service_desk.legs import machine
from service_desk.legs.machine import ACTIONS, LegParty, LegState
from service_desk.legs.tables import Leg, LegEvent, LegPost, legs_of
from service_desk.legs.words import day, filled
from service_desk.machine import ANSWERED, Clock
from service_desk.models import Request
from service_desk.ports import FrozenHit
from service_desk.terms import Terms

DEPARTMENT, PARTNER = "department", "partner"
TO_REQUESTS = frozenset({"accepted", "in_search", "in_review", "relayed"})
"""From where a request may ask others."""
_WAITS_FROM = frozenset({"accepted", "in_search"})
_TOLD = frozenset({"send", "reply", "remind", "take_back", "move"})
"""What a partner is told of."""
DATE = "due"
"""In the body of a post: the last day that the partner has from then on, ISO; empty when it has none."""
_TASK_LIMIT = Limit(working_days=5)


class Sent(Struct, frozen=True):
    """A leg to be: to whom, and what it says."""

    kind: str
    receiver: str
    asks: str
    expects: str = ""
    beside: bool = False
    cause: int | None = None
    route: str | None = None


class Step(Struct, frozen=True):
    """Something that somebody does to a leg."""

    action: str
    party: LegParty
    actor: str | None
    text: str = ""


def begin(request: Request, sent: Sent, step: Step, at: dt.datetime, terms: Terms) -> Leg:
    """A new leg of a request. Raises Conflict when the request asks nobody now, or the partner cannot be reached."""
    if request.status not in TO_REQUESTS:
        raise Conflict("Others can be asked once the request is accepted, and until it is answered.")
    partner = terms.partners.partners.get(sent.receiver) if sent.kind == PARTNER else None
    channel = "desk" if sent.kind == DEPARTMENT else partner.channel if partner else None
    if channel is None:
        raise Conflict("This partner cannot be reached; look at the rules of partners.")
    leg = Leg(
        code=secrets.token_urlsafe(18).replace("-", "A").replace("_", "B"),
        kind=sent.kind,
        receiver=sent.receiver,
        channel=channel,
        cause=sent.cause,
        route=sent.route,
        asks=sent.asks,
        expects=sent.expects,
        beside=sent.beside,
        status="new",
        version=0,
        term=msgspec.to_builtins(_limit(sent, terms)),
        sent=at,
        heard=0,
    )
    legs_of(request).append(leg)
    advance(leg, step, at, terms)
    return leg


def advance(leg: Leg, step: Step, at: dt.datetime, terms: Terms) -> LegState:
    """The next event of a leg, kept on its columns, and, for partners, what tells them of it. Raises Conflict."""
    before, action = machine.fold(leg.events), ACTIONS[step.action]
    machine.check(before, action)
    state = machine.after(before, action, at)
    leg.status, leg.version = state.status, state.version
    leg.clock = msgspec.to_builtins(state.clock)
    leg.due = due(leg, terms.calendar, at)
    event = LegEvent(number=state.version, at=at, party=step.party, actor=step.actor, what=action.event, text=step.text)
    leg.events.append(event)
    if leg.kind == PARTNER and step.action in _TOLD:
        leg.posts.append(_post(leg, action.event, step.text, at, terms))
    return state


def _post(leg: Leg, what: str, text: str, at: dt.datetime, terms: Terms) -> LegPost:
    """With the date as it is now: what moves it afterwards is told by a post of its own."""
    name, day_ = secrets.token_hex(16), terms.calendar.last_day(leg.due) if leg.due else None
    body = {"text": text, DATE: str(day_ or "")}
    return LegPost(id=name, number=leg.version, what=what, body=body, at=at, next=at, attempts=0)


def told_day(leg: Leg, terms: Terms) -> dt.date | None:
    """The last day that a partner was told of, or is about to be; for what was sent before that was kept, its date."""
    told = next((post.body[DATE] for post in reversed(leg.posts) if post.body.get(DATE)), None)
    if told is not None:
        return dt.date.fromisoformat(told)
    return terms.calendar.last_day(leg.due) if leg.due else None


def due(leg: Leg, calendar: Calendar, now: dt.datetime) -> dt.datetime | None:
    """From when on the receiver is late; None while it is our turn, and once there is an answer."""
    if leg.status not in machine.WITH_RECEIVER:
        return None
    return calendar.ends(calendar.promise(clock_of(leg), limit_of(leg), now))


def clock_of(leg: Leg) -> Clock:
    """The clock of a leg."""
    return msgspec.convert(leg.clock, Clock)


def limit_of(leg: Leg) -> Limit:
    """How long it may take, by the rules when it was sent."""
    return msgspec.convert(leg.term, Limit)


def is_open(leg: Leg) -> bool:
    """Is it still waited for?"""
    return leg.status in machine.OPEN


def settle(request: Request, at: dt.datetime, terms: Terms) -> None:
    """What follows by rule for the legs of a request: its route makes a task or asks a partner; what is answered asks
    nobody any more.
    """
    if request.status in ANSWERED:
        for leg in filter(is_open, legs_of(request)):
            advance(leg, Step("take_back", "desk", None), at, terms)
    elif request.status in TO_REQUESTS and request.route is not None:
        _by_route(request, at, terms)


def next_step(request: Request, at: dt.datetime, terms: Terms) -> RequestStep | None:
    """What the request itself does next: waits for partners when nothing else is done for it, goes on when none is
    waited for.
    """
    waits = _waits(request)
    if waits and request.status in _WAITS_FROM:
        day_ = reader_day(request, at, terms)
        text = said_to_reader(request, "asked", terms, day_)
        asked = [leg.code for leg in legs_of(request) if is_open(leg) and leg.kind == PARTNER]
        payload: dict[str, Any] = {"legs": asked, "by": day_.isoformat() if day_ else None}
        return RequestStep("relay", "desk", None, text, payload)
    if not waits and request.status == "relayed":
        answered = not any(is_open(leg) for leg in legs_of(request) if leg.kind == PARTNER)
        return RequestStep("come_back", "desk", None, said_to_reader(request, "answered", terms) if answered else "")
    return None


def reader_day(request: Request, at: dt.datetime, terms: Terms) -> dt.date | None:
    """By when the reader has word: the latest of the partners' dates, and the time in which we hand it on; not later
    than what the house itself has promised, which asking others does not put off.
    """
    days = [_handed_on(leg, at, terms) for leg in legs_of(request) if leg.kind == PARTNER and is_open(leg)]
    if days and request.due is not None:
        return min(max(days), terms.calendar.last_day(request.due))
    return max(days, default=None)


def said_to_reader(request: Request, name: str, terms: Terms, date: dt.date | None = None) -> str:
    """A text of the rules in the language of the request."""
    text = getattr(terms.partners.words, name).in_language(request.language)
    return filled(text, {"date": day(date, request.language) if date else ""})


def limit_for(kind: str, receiver: str, terms: Terms) -> Limit:
    """How long a receiver has by the rules now."""
    if kind == PARTNER:
        partner = terms.partners.partners.get(receiver)
        return partner.limit.limit if partner else _TASK_LIMIT
    department = terms.departments.departments.get(receiver)
    return department.limit.limit if department else _TASK_LIMIT


def _limit(sent: Sent, terms: Terms) -> Limit:
    route = terms.routes.routes.get(sent.route or "")
    return route.within.limit if route and route.within else limit_for(sent.kind, sent.receiver, terms)


def _handed_on(leg: Leg, at: dt.datetime, terms: Terms) -> dt.date:
    last = terms.calendar.promise(clock_of(leg), limit_of(leg), at).due
    partner = terms.partners.partners.get(leg.receiver)
    limit = partner.hand_on.limit if partner else Limit(working_days=0)
    if limit.unit == "hours":
        return last + dt.timedelta(days=-(-limit.count // 24))
    return terms.calendar.after(last, limit).due


def _waits(request: Request) -> bool:
    """Is a partner all that is waited for?"""
    still = [leg for leg in legs_of(request) if is_open(leg)]
    if any(leg.kind == DEPARTMENT for leg in still):
        return False
    return any(leg.kind == PARTNER for leg in still) and not any(leg.beside for leg in still)


def _by_route(request: Request, at: dt.datetime, terms: Terms) -> None:
    cause = _cause(request)
    sent = _routed(request, terms, cause)
    for leg in legs_of(request):
        if is_open(leg) and leg.cause is not None and leg.cause < cause and _another(leg, sent):
            advance(leg, Step("take_back", "desk", None), at, terms)
    if sent is None or any(
        leg.cause == cause or (is_open(leg) and not _another(leg, sent)) for leg in legs_of(request)
    ):
        return
    begin(request, sent, Step("send", "desk", None), at, terms)


def _another(leg: Leg, sent: Sent | None) -> bool:
    return sent is None or (leg.kind, leg.receiver) != (sent.kind, sent.receiver)


def _cause(request: Request) -> int:
    """The event that sent the request where it goes: it was accepted, or classified."""
    numbers = [event.number for event in request.events if _sends(event.what, event.payload)]
    return max(numbers, default=0)


def _sends(what: str, payload: dict[str, Any]) -> bool:
    return what == "accepted" or (what == "classified" and bool({"route", "department"} & payload.keys()))


def _routed(request: Request, terms: Terms, cause: int) -> Sent | None:
    route = terms.routes.routes.get(request.route or "")
    if route is None:
        return None
    kind, receiver = None, None
    if route.to == "department":
        kind, receiver = DEPARTMENT, request.department or route.department
    elif route.to == "partner":
        kind, receiver = PARTNER, route.partner or terms.partners.of_holders([hit.holder for hit in hits_of(request)])
    partner = terms.partners.partners.get(receiver or "")
    if kind is None or receiver is None or (kind == PARTNER and (partner is None or partner.channel is None)):
        return None
    return Sent(kind, receiver, request.events[0].text, cause=cause, route=request.route)


def hits_of(request: Request) -> tuple[FrozenHit, ...]:
    """Everything that was asked for, the record it was placed from first."""
    frozen = [request.hit] if request.hit else []
    return tuple(msgspec.convert(hit, FrozenHit) for hit in (*frozen, *request.more))
