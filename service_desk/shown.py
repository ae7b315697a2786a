"""From rows to what people see: the one place that decides what of a request its reader gets to see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final, cast

import msgspec
from sqlalchemy import Row, bindparam, func, select
from sqlalchemy.orm import Session

from mappings.access import Viewer
from service_desk import machine, materials, policy
from service_desk.deadlines import ONE_DAY
from service_desk.flow import hits_of
from service_desk.machine import BY_EVENT, Party, State, Status
from service_desk.models import AnswerFile, Attachment, Event, Request
from service_desk.ports import FrozenHit
from service_desk.privacy import is_to_be_got
from service_desk.sending.ringing import to_ring
from service_desk.terms import Terms, clock_of, is_late
from service_desk.views import (
    Case,
    CaseEvent,
    EventView,
    FileView,
    InboxRow,
    MaterialView,
    ReaderStatus,
    ResourceView,
)

ASKED_LENGTH: Final = 80
NEXT_STEP = {
    "submitted": "check",
    "reopened": "accept",
    "needs_materials": "wait",
    "accepted": "search",
    "in_search": "answer",
    "relayed": "wait_for_others",
    "in_review": "decide",
    "quoted": "wait",
    "awaiting_payment": "pay",
    "ready": "hand_out",
}
"""What moves a request on."""
_READERS_DETAILS = frozenset(
    {
        "missing",
        "days",
        "how",
        "lines",
        "currency",
        "alternative",
        "article",
        "instead",
        "nothing_instead",
        "read",
        "tried",
    }
)
"""What of a payload is for its reader."""


def came_in(request: Request) -> dt.datetime:
    """When it came in: of what was keyed in later, the time on the letter or the paper form."""
    said = request.events[0].payload.get("received")
    return dt.datetime.fromisoformat(said) if said else request.submitted


def reader_status(
    request: Request, terms: Terms, now: dt.datetime, have: frozenset[Party], actor: str | None
) -> ReaderStatus:
    """What the reader sees: no actor's name, no internal note, no payload but what is meant for them."""
    state = machine.fold(request.events)
    resources = [ResourceView(hit.id, hit.title, hit.reference_code) for hit in hits_of(request)]
    until = reopens_until(request, terms)
    may = machine.available(state, have & frozenset({"owner"}), actor)
    return ReaderStatus(
        receipt=request.receipt,
        status=cast(Status, request.status),
        type=request.type,
        resource=resources[0] if resources else None,
        submitted=came_in(request),
        promise=terms.promise(request.type, clock_of(request), now),
        events=tuple(_event_view(event) for event in request.events if BY_EVENT[event.what].shown),
        files=tuple(file_view(file) for file in request.files),
        alternative=_last_said(request, "alternative"),
        actions=tuple(action for action in may if action != "reopen" or until is None or now <= until),
        due=request.due,
        more=tuple(resources[1:]),
        materials=_materials(request),
        attachments=tuple(attachment_view(file) for file in request.attachments),
        read=tuple(_last_said(request, "read") or ()),
        reopens_until=until,
    )


def case(request: Request, terms: Terms, now: dt.datetime, viewer: Viewer) -> Case:
    """What staff see: everything, with the acts that their roles allow."""
    state = machine.fold(request.events)
    hits = hits_of(request)
    return Case(
        receipt=request.receipt,
        status=cast(Status, request.status),
        type=request.type,
        version=request.version,
        handler=request.handler,
        name=request.name,
        contact=request.contact,
        note=request.events[0].text,
        language=request.language,
        account=request.account_name,
        submitted=came_in(request),
        closed=request.closed,
        promise=terms.promise(request.type, clock_of(request), now),
        late=is_late(request, now),
        hit=hits[0] if hits else None,
        events=tuple(_case_event(event) for event in request.events),
        files=tuple(file_view(file) for file in request.files),
        actions=_acts(request, state, viewer),
        due=request.due,
        more=hits[1:],
        materials=_materials(request),
        attachments=tuple(attachment_view(file) for file in request.attachments),
        channel=request.channel,
        person=request.person_code,
        keyed_by=request.keyed_by,
        relation=request.relation,
        route=request.route,
        department=request.department,
        urgent=request.urgent,
        concerns=request.concerns,
        barred=tuple(request.barred),
        consent=request.consent,
        consent_way=_last_said(request, "consent_way"),
        consent_to_get=is_to_be_got(request),
    )


def inbox_rows(
    session: Session, requests: Sequence[Request | Row[Any]], terms: Terms, now: dt.datetime
) -> tuple[InboxRow, ...]:
    """Lines of the inbox, from requests or their columns."""
    asked = _first_words(session, [request.id for request in requests if not request.hit])
    rung = to_ring(session, [request.id for request in requests])
    return tuple(_inbox_row(one, terms, now, asked.get(one.id, ""), one.id in rung) for one in requests)


def first_words(text: str) -> str:
    """What a list shows of what somebody wrote: up to `ASKED_LENGTH` characters in one line."""
    line = " ".join(text[: 4 * ASKED_LENGTH].split())
    return line if len(line) <= ASKED_LENGTH else f"{line[: ASKED_LENGTH - 1].rstrip()}…"


def _first_words(session: Session, requests: Sequence[int]) -> dict[int, str]:
    if not requests:
        return {}
    found = session.execute(_FIRST_WORDS, {"requests": requests})
    return {request: first_words(text) for request, text in found}


_FIRST_WORDS: Final = select(Event.request_id, func.substr(Event.text, 1, 4 * ASKED_LENGTH)).where(
    Event.request_id.in_(bindparam("requests", expanding=True)), Event.number == 1
)


def _inbox_row(request: Request | Row[Any], terms: Terms, now: dt.datetime, asked: str, rung: bool) -> InboxRow:
    hit: dict[str, Any] = request.hit or {}
    return InboxRow(
        receipt=request.receipt,
        status=cast(Status, request.status),
        type=request.type,
        version=request.version,
        title=hit.get("title", ""),
        reference_code=hit.get("reference_code"),
        name=request.name,
        handler=request.handler,
        submitted=request.submitted,
        due=_due_day(request, terms, now),
        late=is_late(request, now),
        next_step=NEXT_STEP.get(request.status),
        urgent=request.urgent,
        department=request.department,
        more=len(request.more),
        due_at=request.due,
        paused=request.status in machine.WAITING,
        asked=asked,
        to_ring=rung,
        consent_to_get=is_to_be_got(request),
    )


def reopens_until(request: Request, terms: Terms) -> dt.datetime | None:
    """Until when the reader may take up an answer again; None while there is none."""
    if request.closed is None:
        return None
    return request.closed + terms.types.rule(request.type).reopen_within * ONE_DAY


def file_view(file: AnswerFile) -> FileView:
    """A file of the answer, without where it lies."""
    return FileView(file.number, file.name, file.media_type, file.size)


def attachment_view(file: Attachment) -> FileView:
    """A file that was handed in, without where it lies."""
    return FileView(file.number, file.name, file.media_type, file.size, file.material)


def frozen_hit(request: Request) -> FrozenHit | None:
    return msgspec.convert(request.hit, FrozenHit) if request.hit else None


def _acts(request: Request, state: State, viewer: Viewer) -> tuple[str, ...]:
    if viewer.name in request.barred:
        return ()
    open_to_staff = machine.available(state, frozenset({"staff"}), viewer.name)
    done = frozenset() if is_to_be_got(request) else frozenset({"consent"})
    return tuple(one for one in open_to_staff if one not in done and policy.allows(one, viewer, request))


def _due_day(request: Request | Row[Any], terms: Terms, now: dt.datetime) -> dt.date:
    """The last day on which it is not too late; lists ask it of what is kept, without reading events."""
    if request.due is None:
        return terms.promise(request.type, clock_of(request), now).due
    return terms.calendar.last_day(request.due)


def _materials(request: Request) -> tuple[MaterialView, ...]:
    return tuple(MaterialView(code, verdict) for code, verdict in materials.standing(request.events).items())


def _last_said(request: Request, name: str) -> Any:
    return next((event.payload[name] for event in reversed(request.events) if name in event.payload), None)


def _event_view(event: Event) -> EventView:
    details = {name: value for name, value in event.payload.items() if name in _READERS_DETAILS}
    return EventView(event.at, event.what, event.text, details)


def _case_event(event: Event) -> CaseEvent:
    return CaseEvent(
        number=event.number,
        at=event.at,
        party=event.party,
        actor=event.actor,
        what=event.what,
        text=event.text,
        shown=BY_EVENT[event.what].shown,
        payload=event.payload,
    )
