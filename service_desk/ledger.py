"""Writing events: each step is checked against the fold, appended, and projected onto the request's own columns."""

from __future__ import annotations

import datetime as dt
from typing import Any

from msgspec import Struct
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from service_desk import codes, machine
from service_desk.errors import Conflict, NotFound
from service_desk.machine import ACTIONS, State
from service_desk.models import Event, Request


class Step(Struct, frozen=True):
    """An action somebody is about to do. `seen` is the version they decided on, None when that does not matter."""

    action: str
    party: str
    actor: str | None
    text: str = ""
    payload: dict[str, Any] = {}
    seen: int | None = None


def by_receipt(session: Session, receipt: str) -> Request | None:
    """The request of a receipt code, however it was typed."""
    return session.scalar(select(Request).where(Request.receipt == codes.normalise(receipt)))


def found(session: Session, receipt: str) -> Request:
    """The same. Raises NotFound."""
    request = by_receipt(session, receipt)
    if request is None:
        raise NotFound("There is no request with this receipt code.")
    return request


def begin(request: Request, step: Step, at: dt.datetime) -> None:
    """The first event of a new request."""
    _append(request, step, machine.after(State(), ACTIONS[step.action], step.actor, at), at)


def advance(session: Session, request: Request, step: Step, at: dt.datetime) -> None:
    """The next event. Raises Conflict when it may not be, or when somebody else wrote since `request` was read."""
    before, action = machine.fold(request.events), ACTIONS[step.action]
    machine.check(before, action, step.actor, step.seen)
    state = machine.after(before, action, step.actor, at)
    # On SQLite the write lock already keeps others out; on other databases this row decides who was first.
    moved = update(Request).where(Request.id == request.id, Request.version == before.version)
    claim = moved.values(version=state.version).returning(Request.id).execution_options(synchronize_session=False)
    if session.scalar(claim) is None:
        raise Conflict("Somebody else was faster; look at the request again before you go on.")
    _append(request, step, state, at)


def _append(request: Request, step: Step, state: State, at: dt.datetime) -> None:
    assert state.status is not None
    request.status, request.handler = state.status, state.handler
    request.version, request.closed = state.version, state.closed
    event = Event(
        number=state.version,
        at=at,
        party=step.party,
        actor=step.actor,
        what=ACTIONS[step.action].event,
        text=step.text,
        payload=step.payload,
    )
    request.events.append(event)
