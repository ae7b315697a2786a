"""The life of a leg: statuses and actions as data, its state as the fold of its events, as of requests.

Its clock runs while it is the receiver's turn, stands still while they wait for us, and has ended once there is an
answer of any kind.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Literal, Protocol, get_args

from msgspec import Struct
from msgspec.structs import replace

from service_desk.errors import Conflict
from service_desk.machine import Clock, Stop

LegStatus = Literal[
    "new", "sent", "acknowledged", "asked_back", "answered", "not_held", "refused", "returned", "taken_back"
]
LegParty = Literal["sender", "receiver", "desk"]
STATUSES: tuple[LegStatus, ...] = get_args(LegStatus)
OPEN: frozenset[LegStatus] = frozenset({"sent", "acknowledged", "asked_back"})
"""Something is still waited for."""
ANSWERED: frozenset[LegStatus] = frozenset(STATUSES) - OPEN - {"new"}
WITH_RECEIVER: frozenset[LegStatus] = frozenset({"sent", "acknowledged"})


class LegAction(Struct, frozen=True):
    """An action: from which statuses, into which (None: stays), by whom, and the event it leaves."""

    name: str
    event: str
    starts: frozenset[LegStatus]
    ends: LegStatus | None
    by: frozenset[LegParty]


def _action(
    name: str, event: str, starts: Iterable[LegStatus], ends: LegStatus | None, *parties: LegParty
) -> LegAction:
    return LegAction(name, event, frozenset(starts), ends, frozenset(parties))


ACTIONS = {
    action.name: action
    for action in (
        _action("send", "sent", ("new",), "sent", "sender", "desk"),
        _action("acknowledge", "acknowledged", ("sent",), "acknowledged", "receiver"),
        _action("ask_back", "asked_back", WITH_RECEIVER, "asked_back", "receiver"),
        _action("reply", "replied", ("asked_back",), "acknowledged", "sender"),
        _action("inform", "informed", OPEN, None, "receiver"),
        _action("answer", "answered", OPEN, "answered", "receiver"),
        _action("not_held", "not_held", OPEN, "not_held", "receiver"),
        _action("refuse", "refused", OPEN, "refused", "receiver"),
        _action("return", "returned", OPEN, "returned", "receiver"),
        _action("take_back", "taken_back", OPEN, "taken_back", "sender", "desk"),
        _action("remind", "reminded", WITH_RECEIVER, None, "sender", "desk"),
        _action("move", "moved", WITH_RECEIVER, None, "desk"),
        _action("escalate", "escalated", WITH_RECEIVER, None, "desk"),
        _action("go_on", "went_on", OPEN, None, "sender"),
        _action("wait", "waited", OPEN, None, "sender"),
    )
}
BY_EVENT = {action.event: action for action in ACTIONS.values()}


class LegState(Struct, frozen=True):
    """Where a leg stands."""

    status: LegStatus = "new"
    version: int = 0
    clock: Clock | None = None


class Happened(Protocol):
    """What the fold reads of an event."""

    @property
    def what(self) -> str: ...
    @property
    def at(self) -> dt.datetime: ...


def fold(events: Iterable[Happened]) -> LegState:
    """The state that these events, in order, leave a leg in."""
    state = LegState()
    for event in events:
        state = after(state, BY_EVENT[event.what], event.at)
    return state


def after(state: LegState, action: LegAction, at: dt.datetime) -> LegState:
    """The state once `action` is done; whether it may be is `check`'s to say."""
    status = action.ends or state.status
    return LegState(status, state.version + 1, _clock(state, status, at))


def check(state: LegState, action: LegAction) -> None:
    """May this start from there? Raises Conflict."""
    if state.status not in action.starts:
        stands, wanted = state.status.replace("_", " "), action.event.replace("_", " ")
        raise Conflict(f"This is {stands} and cannot be {wanted} now; look at it again.")


def available(status: str, party: LegParty) -> tuple[str, ...]:
    """The actions open to a party, in the order of the table."""
    return tuple(action.name for action in ACTIONS.values() if status in action.starts and party in action.by)


def _clock(state: LegState, status: LegStatus, at: dt.datetime) -> Clock:
    clock = state.clock
    if clock is None:
        return Clock(at)
    if status == "asked_back" and state.status != "asked_back":
        return replace(clock, stops=(*clock.stops, Stop(at)))
    if state.status == "asked_back" and status != "asked_back":
        clock = replace(clock, stops=(*clock.stops[:-1], replace(clock.stops[-1], ended=at)))
    if status in ANSWERED and clock.answered is None:
        clock = replace(clock, answered=at)
    return clock
