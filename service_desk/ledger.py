"""Writing events: each step is checked against the fold, appended, and projected onto the request's own columns."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from service_desk import codes, machine, policy
from service_desk.errors import Conflict, NotFound
from service_desk.machine import ACTIONS, Party, State
from service_desk.models import Event, Request
from service_desk.terms import Terms


class Step(Struct, frozen=True):
    """An action somebody is about to do. `seen` is the version they decided on, None when that does not matter."""

    action: str
    party: Party | str
    actor: str | None
    text: str = ""
    payload: dict[str, Any] = {}
    seen: int | None = None


_TO_READ = select(Request).where(Request.receipt == bindparam("code"))
_TO_WRITE = _TO_READ.with_for_update()


def by_receipt(session: Session, receipt: str, *, to_write: bool = False) -> Request | None:
    """The request of a receipt code, however it was typed.

    `to_write` makes other writers of this request wait for the end of the transaction; on SQLite all wait anyway.
    """
    return session.scalar(_TO_WRITE if to_write else _TO_READ, {"code": codes.normalise(receipt)})


def found(session: Session, receipt: str, *, to_write: bool = False) -> Request:
    """The same. Raises NotFound."""
    request = by_receipt(session, receipt, to_write=to_write)
    if request is None:
        raise NotFound(policy.NO_REQUEST)
    return request


def advance(request: Request, step: Step, at: dt.datetime, terms: Terms) -> State:
    """The next event of a request that is new or was read `to_write`; the state it leads to. Raises Conflict when it
    may not be.
    """
    before, action = machine.fold(request.events), ACTIONS[step.action]
    machine.check(before, action, step.actor, step.seen)
    if step.actor is not None and step.party == "staff" and step.actor in request.barred:
        raise Conflict("This request is about your own work: somebody else has to handle it.")
    state = machine.after(before, action, step.actor, at, step.payload)
    _append(request, step, state, at, terms)
    return state


def _append(request: Request, step: Step, state: State, at: dt.datetime, terms: Terms) -> None:
    request.status, request.handler = state.status, state.handler
    request.version, request.closed = state.version, state.closed
    request.clock = msgspec.to_builtins(state.clock)
    request.due = terms.due(request.type, state, at)
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
