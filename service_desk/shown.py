"""From rows to what people see: the one place that decides what of a request its reader gets to see."""

from __future__ import annotations

import datetime as dt
from typing import cast

import msgspec

from mappings.access import Viewer
from service_desk import machine, policy
from service_desk.deadlines import Calendar
from service_desk.machine import BY_EVENT, OPEN, Party, RequestType, Status
from service_desk.models import AnswerFile, Event, Request
from service_desk.ports import FrozenHit
from service_desk.views import Case, CaseEvent, EventView, FileView, InboxRow, ReaderStatus, ResourceView

_NEXT_STEP = {"submitted": "take", "taken": "answer"}


def reader_status(request: Request, calendar: Calendar, have: frozenset[Party], actor: str | None) -> ReaderStatus:
    """What the reader sees: no actor's name, no internal note, no payload but the alternative to a refusal."""
    state = machine.fold(request.events)
    hit = frozen_hit(request)
    return ReaderStatus(
        receipt=request.receipt,
        status=cast(Status, request.status),
        type=cast(RequestType, request.type),
        resource=ResourceView(hit.id, hit.title, hit.reference_code) if hit else None,
        submitted=request.submitted,
        promise=calendar.promise(request.submitted),
        events=tuple(_event_view(event) for event in request.events if BY_EVENT[event.what].shown),
        files=tuple(file_view(file) for file in request.files),
        alternative=next(
            (event.payload["alternative"] for event in request.events if "alternative" in event.payload), None
        ),
        actions=machine.available(state, have & frozenset({"owner"}), actor),
    )


def case(request: Request, calendar: Calendar, today: dt.date, viewer: Viewer) -> Case:
    """What staff see: everything, with the acts that their roles allow."""
    state, promise = machine.fold(request.events), calendar.promise(request.submitted)
    open_to_staff = machine.available(state, frozenset({"staff"}), viewer.name)
    return Case(
        receipt=request.receipt,
        status=cast(Status, request.status),
        type=cast(RequestType, request.type),
        version=request.version,
        handler=request.handler,
        name=request.name,
        contact=request.contact,
        note=request.events[0].text,
        language=request.language,
        account=request.account_name,
        submitted=request.submitted,
        closed=request.closed,
        promise=promise,
        late=request.status in OPEN and promise.due < today,
        hit=frozen_hit(request),
        events=tuple(_case_event(event) for event in request.events),
        files=tuple(file_view(file) for file in request.files),
        actions=tuple(action for action in open_to_staff if policy.allows(action, viewer, request)),
    )


def inbox_row(request: Request, calendar: Calendar, today: dt.date) -> InboxRow:
    """A line of the inbox."""
    hit, due = frozen_hit(request), calendar.promise(request.submitted).due
    return InboxRow(
        receipt=request.receipt,
        status=cast(Status, request.status),
        type=cast(RequestType, request.type),
        version=request.version,
        title=hit.title if hit else "",
        reference_code=hit.reference_code if hit else None,
        name=request.name,
        handler=request.handler,
        submitted=request.submitted,
        due=due,
        late=request.status in OPEN and due < today,
        next_step=_NEXT_STEP.get(request.status),
    )


def file_view(file: AnswerFile) -> FileView:
    """A file of the answer, without where it lies."""
    return FileView(file.number, file.name, file.media_type, file.size)


def frozen_hit(request: Request) -> FrozenHit | None:
    return msgspec.convert(request.hit, FrozenHit) if request.hit else None


def _event_view(event: Event) -> EventView:
    return EventView(event.at, event.what, event.text)


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
