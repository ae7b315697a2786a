"""The life of a request: statuses and actions as data, the state as the fold of its events.

An action names the statuses it may start from and the one it ends in (None: stays), who may do it, the event it leaves
and whether the reader sees that event. New types and statuses are new rows, not new code.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Literal, Protocol, get_args

from msgspec import Struct

from service_desk.errors import Conflict

RequestType = Literal["query", "copy", "borrow", "consult", "question"]
Status = Literal["submitted", "taken", "answered", "refused", "withdrawn"]
Party = Literal["anyone", "owner", "staff"]
TYPES: tuple[RequestType, ...] = get_args(RequestType)
STATUSES: tuple[Status, ...] = get_args(Status)
OPEN: frozenset[Status] = frozenset({"submitted", "taken"})
CLOSED: frozenset[Status] = frozenset(STATUSES) - OPEN


class Action(Struct, frozen=True):
    """`own`: once somebody has taken the request, only that person may. `holds`: the actor becomes its handler."""

    name: str
    event: str
    starts: frozenset[Status]
    ends: Status | None
    by: frozenset[Party]
    own: bool = False
    holds: bool = False
    shown: bool = True


_READER: frozenset[Party] = frozenset({"owner"})
_STAFF: frozenset[Party] = frozenset({"staff"})
_ALL: frozenset[Status] = frozenset(STATUSES)
_NEW: frozenset[Status] = frozenset({"submitted"})
_TAKEN: frozenset[Status] = frozenset({"taken"})

ACTIONS = {
    action.name: action
    for action in (
        Action("submit", "submitted", frozenset(), "submitted", frozenset({"anyone"})),
        Action("take", "taken", _NEW, "taken", _STAFF, holds=True),
        # Any colleague may release: whoever took it may have gone home.
        Action("release", "released", _TAKEN, "submitted", _STAFF),
        Action("answer", "answered", OPEN, "answered", _STAFF, own=True, holds=True),
        Action("refuse", "refused", OPEN, "refused", _STAFF, own=True, holds=True),
        Action("withdraw", "withdrawn", OPEN, "withdrawn", _READER),
        Action("write", "message", OPEN, None, _READER),
        Action("tell", "notice", OPEN, None, _STAFF),
        Action("note", "note", _ALL, None, _STAFF, shown=False),
    )
}
BY_EVENT = {action.event: action for action in ACTIONS.values()}


class State(Struct, frozen=True):
    """Where a request stands: `version` is the number of its events, `handler` the account that has it in hand."""

    status: Status | None = None
    handler: str | None = None
    version: int = 0
    closed: dt.datetime | None = None


class Happened(Protocol):
    """What the fold reads of an event."""

    @property
    def what(self) -> str: ...
    @property
    def actor(self) -> str | None: ...
    @property
    def at(self) -> dt.datetime: ...


def fold(events: Iterable[Happened]) -> State:
    """The state that these events, in order, leave a request in."""
    state = State()
    for event in events:
        state = after(state, BY_EVENT[event.what], event.actor, event.at)
    return state


def after(state: State, action: Action, actor: str | None, at: dt.datetime) -> State:
    """The state once `action` is done. Does not ask whether it may be: that is `check`, before the event is written."""
    status = action.ends or state.status
    handler = actor if action.holds else state.handler
    return State(
        status=status,
        handler=None if status == "submitted" else handler,
        version=state.version + 1,
        closed=at if status in CLOSED and state.status not in CLOSED else state.closed,
    )


def check(state: State, action: Action, actor: str | None, seen: int | None = None) -> None:
    """May this action start from this state? `seen` is the version the actor decided on, None when it does not matter.

    Raises Conflict with a sentence that says who or what stands in the way; readers are not told which clerk.
    """
    if state.status not in action.starts:
        by = f" by {state.handler}" if state.handler and "staff" in action.by and actor else ""
        raise Conflict(f"This request is {state.status}{by} and cannot be {action.event} now.")
    if action.own and state.handler not in (None, actor):
        raise Conflict(f"This request is in the hands of {state.handler}; it has to be released first.")
    if seen is not None and seen != state.version:
        raise Conflict("This request has changed since you opened it; look at it again before you go on.")


def available(state: State, parties: frozenset[Party], actor: str | None) -> tuple[str, ...]:
    """The actions open to these parties now, in the order of the table: what a screen shows as buttons."""
    return tuple(
        action.name
        for action in ACTIONS.values()
        if state.status in action.starts
        and action.by & parties
        and not (action.own and state.handler not in (None, actor))
    )
