"""From rows of legs to what people see."""

from __future__ import annotations

import datetime as dt

from service_desk.legs import machine, making
from service_desk.legs.tables import Leg, LegEvent, LegFile
from service_desk.legs.views import Asked, LegEventView, LegView, TaskRow
from service_desk.models import Request
from service_desk.terms import Terms
from service_desk.views import FileView

_OF_RECEIVER = ("acknowledge", "ask_back", "answer", "not_held", "return")


def leg_view(leg: Leg, terms: Terms, now: dt.datetime, language: str) -> LegView:
    """Everything about a leg, for who works on its request."""
    unsent = [post for post in leg.posts if post.sent is None]
    return LegView(
        code=leg.code,
        kind=leg.kind,
        receiver=leg.receiver,
        channel=leg.channel,
        status=leg.status,
        asks=leg.asks,
        expects=expected(leg, terms, language),
        sent=leg.sent,
        day=last_day(leg, terms),
        late=is_late(leg, now),
        beside=leg.beside,
        worker=leg.worker,
        events=tuple(map(event_view, leg.events)),
        files=tuple(map(file_view, leg.files)),
        actions=machine.available(leg.status, "sender"),
        receipt=leg.receipt,
        problem=next((post.problem for post in unsent if post.problem), None),
        waiting=len(unsent),
        by_rule=leg.cause is not None,
    )


def task_row(leg: Leg, terms: Terms, now: dt.datetime, language: str, why: str = "") -> TaskRow:
    """A line of a list; the receipt of the request is added for those who may see it."""
    request, hits = leg.request, making.hits_of(leg.request)
    return TaskRow(
        code=leg.code,
        kind=leg.kind,
        receiver=leg.receiver,
        status=leg.status,
        title=hits[0].title if hits else "",
        reference_code=hits[0].reference_code if hits else None,
        asks=leg.asks,
        expects=expected(leg, terms, language),
        day=last_day(leg, terms),
        late=is_late(leg, now),
        worker=leg.worker,
        receipt=None,
        urgent=request.urgent,
        why=why,
    )


def asked(leg: Leg, terms: Terms, language: str) -> Asked:
    """The least that a partner needs."""
    request, partner = leg.request, terms.partners.partners.get(leg.receiver)
    tell = partner.tell if partner else ()
    return Asked(
        code=leg.code,
        partner=leg.receiver,
        asks=leg.asks,
        expects=expected(leg, terms, language),
        records=records(request),
        type=request.type,
        status=leg.status,
        day=last_day(leg, terms),
        events=tuple(_without_names(event) for event in leg.events if event.what in _PARTNERS_EVENTS),
        files=tuple(map(file_view, leg.files)),
        actions=tuple(name for name in machine.available(leg.status, "receiver") if name in _OF_RECEIVER),
        name=request.name if "name" in tell else "",
        contact=request.contact if "contact" in tell else "",
    )


def records(request: Request) -> tuple[tuple[str, str | None], ...]:
    """Titles and reference codes of what was asked for. What is for staff only stays here."""
    open_ = (hit for hit in making.hits_of(request) if hit.access != "internal")
    return tuple((hit.title, hit.reference_code) for hit in open_)


def expected(leg: Leg, terms: Terms, language: str) -> str:
    """Which answer is expected: as it was written, else as the route says."""
    route = terms.routes.routes.get(leg.route or "")
    if leg.expects or route is None or route.expects is None:
        return leg.expects
    return route.expects.in_language(language)


def last_day(leg: Leg, terms: Terms) -> dt.date | None:
    """The last day on which an answer is not late."""
    return terms.calendar.last_day(leg.due) if leg.due else None


def is_late(leg: Leg, now: dt.datetime) -> bool:
    """Is the receiver behind its date?"""
    return leg.due is not None and leg.due <= now


def event_view(event: LegEvent) -> LegEventView:
    """An event, whole."""
    return LegEventView(event.at, event.party, event.actor, event.what, event.text)


def file_view(file: LegFile) -> FileView:
    """A file, without where it lies."""
    return FileView(file.number, file.name, file.media_type, file.size)


_PARTNERS_EVENTS = frozenset(machine.BY_EVENT) - {"went_on", "waited", "escalated"}


def _without_names(event: LegEvent) -> LegEventView:
    return LegEventView(event.at, event.party, None, event.what, event.text)
