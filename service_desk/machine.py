"""The life of a request: statuses and actions as data, the state as the fold of its events.

An action names the statuses it may start from and the one it ends in (None: stays), who may do it, the event it leaves
and whether the reader sees that event. A new action is a new row, not new code.

The clock of a request runs while it is the archive's turn (`RUNNING`), stands still while it is the reader's
(`WAITING`), and has ended once there is an answer (`ANSWERED`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Literal, Protocol, get_args

from msgspec import Struct
from msgspec.structs import replace

from service_desk.errors import Conflict

Status = Literal[
    "draft",
    "submitted",
    "needs_materials",
    "accepted",
    "in_search",
    "relayed",
    "in_review",
    "quoted",
    "awaiting_payment",
    "ready",
    "delivered",
    "partly_delivered",
    "refused",
    "not_held",
    "withdrawn",
    "expired",
    "reopened",
]
Party = Literal["anyone", "owner", "staff", "desk"]
"""``desk`` is the system itself: what follows by rule."""
Verdict = Literal["missing", "given", "unclear", "verified", "waived"]
"""Where a material stands: not there; handed in and not looked at yet; looked at and not good enough; good; not needed
after all.
"""
STATUSES: tuple[Status, ...] = get_args(Status)
WAITING: frozenset[Status] = frozenset({"needs_materials", "quoted", "awaiting_payment"})
CLOSED: frozenset[Status] = frozenset({"delivered", "partly_delivered", "refused", "not_held", "withdrawn", "expired"})
ANSWERED: frozenset[Status] = CLOSED | {"ready"}
OPEN: frozenset[Status] = frozenset(STATUSES) - CLOSED - {"draft"}
RUNNING: frozenset[Status] = OPEN - WAITING - {"ready"}


class Action(Struct, frozen=True):
    """`own`: once somebody has the request in hand, only that person may. `holds`: the actor becomes its handler.
    `frees`: nobody has it afterwards. `resumes`: it goes back to where it stood before it waited for the reader.
    """

    name: str
    event: str
    starts: frozenset[Status]
    ends: Status | None
    by: frozenset[Party]
    own: bool = False
    holds: bool = False
    frees: bool = False
    resumes: bool = False
    shown: bool = True


def _by(*parties: Party) -> frozenset[Party]:
    return frozenset(parties)


def _from(*statuses: Status) -> frozenset[Status]:
    return frozenset(statuses)


_FILED = _from("submitted", "reopened")
_WORKED = _from("accepted", "in_search", "in_review")

ACTIONS = {
    action.name: action
    for action in (
        Action("submit", "submitted", _from("draft"), "submitted", _by("anyone", "staff")),
        Action("accept", "accepted", _FILED, "accepted", _by("staff", "desk")),
        Action("ask_materials", "materials_asked", _FILED | _WORKED, "needs_materials", _by("staff", "desk"), own=True),
        Action("supply", "supplied", OPEN, None, _by("owner", "staff")),
        Action("check", "checked", OPEN, None, _by("staff"), shown=False),
        Action("resume", "resumed", _from("needs_materials"), None, _by("staff", "desk"), resumes=True),
        Action("take", "taken", OPEN, None, _by("staff"), holds=True),
        # Any colleague may release: whoever took it may have gone home.
        Action("release", "released", OPEN, None, _by("staff"), frees=True),
        Action("hand_over", "handed_over", OPEN, None, _by("staff"), shown=False),
        Action("classify", "classified", OPEN, None, _by("staff", "desk"), shown=False),
        Action("search", "searching", _FILED | _from("accepted", "in_review"), "in_search", _by("staff"), holds=True),
        Action("relay", "relayed", _FILED | _WORKED, "relayed", _by("staff", "desk"), own=True),
        Action("come_back", "came_back", _from("relayed"), "in_search", _by("staff", "desk")),
        Action("review", "in_review", _from("accepted", "in_search"), "in_review", _by("staff"), own=True),
        Action("quote", "quoted", _WORKED, "quoted", _by("staff"), own=True, holds=True),
        Action("agree", "agreed", _from("quoted"), "awaiting_payment", _by("owner", "staff")),
        Action("pay", "paid", _from("awaiting_payment"), None, _by("staff"), resumes=True),
        Action("make_ready", "ready", RUNNING, "ready", _by("staff", "desk"), own=True, holds=True),
        Action("hand_out", "handed_out", _from("ready"), "delivered", _by("staff", "desk")),
        Action("answer", "answered", OPEN, "delivered", _by("staff", "desk"), own=True, holds=True),
        Action("answer_part", "partly_answered", OPEN, "partly_delivered", _by("staff"), own=True, holds=True),
        Action("refuse", "refused", OPEN, "refused", _by("staff"), own=True, holds=True),
        Action("not_held", "not_held", OPEN, "not_held", _by("staff"), own=True, holds=True),
        Action("withdraw", "withdrawn", OPEN, "withdrawn", _by("owner")),
        Action("expire", "expired", WAITING | {"ready"}, "expired", _by("desk")),
        Action("reopen", "reopened", CLOSED - {"withdrawn"}, "reopened", _by("owner", "staff"), frees=True),
        Action("extend", "extended", RUNNING, None, _by("staff", "desk")),
        Action("write", "message", OPEN, None, _by("owner")),
        Action("tell", "notice", OPEN, None, _by("staff")),
        Action("progress", "progress", RUNNING, None, _by("desk")),
        Action("remind", "reminded", WAITING | {"ready"}, None, _by("desk")),
        Action("warn", "warned", RUNNING, None, _by("desk"), shown=False),
        Action("escalate", "escalated", RUNNING, None, _by("desk"), shown=False),
        Action("consent", "consented", OPEN | CLOSED, None, _by("staff"), shown=False),
        Action("note", "note", OPEN | CLOSED, None, _by("staff"), shown=False),
    )
}
BY_EVENT = {action.event: action for action in ACTIONS.values()}


class Stop(Struct, frozen=True):
    """A time in which the clock stood still; `ended` is None while it still does."""

    began: dt.datetime
    ended: dt.datetime | None = None


class Clock(Struct, frozen=True):
    """What the deadline of a request is computed from: when it began, when it was accepted, when it stood still, by how
    many days it was extended, when it was answered. A reopened request begins anew.
    """

    began: dt.datetime
    accepted: dt.datetime | None = None
    stops: tuple[Stop, ...] = ()
    extended: int = 0
    extensions: int = 0
    answered: dt.datetime | None = None

    @property
    def stands_still(self) -> bool:
        """Is it the reader's turn?"""
        return bool(self.stops) and self.stops[-1].ended is None


class State(Struct, frozen=True):
    """Where a request stands: `version` is the number of its events, `handler` the account that has it in hand, `back`
    where it goes on from while it waits for the reader.
    """

    status: Status = "draft"
    handler: str | None = None
    version: int = 0
    closed: dt.datetime | None = None
    back: Status | None = None
    clock: Clock | None = None


class Happened(Protocol):
    """What the fold reads of an event."""

    @property
    def what(self) -> str: ...
    @property
    def actor(self) -> str | None: ...
    @property
    def at(self) -> dt.datetime: ...
    @property
    def payload(self) -> Mapping[str, Any]: ...


def fold(events: Iterable[Happened]) -> State:
    """The state that these events, in order, leave a request in."""
    state = State()
    for event in events:
        state = after(state, BY_EVENT[event.what], event.actor, event.at, event.payload)
    return state


def after(
    state: State, action: Action, actor: str | None, at: dt.datetime, payload: Mapping[str, Any] | None = None
) -> State:
    """The state once `action` is done. Does not ask whether it may be: that is `check`, before the event is written.

    The payload counts for four: `received` of a request that came by post (ISO instant), `to` of one that is handed
    over (an account), `days` of an extension, and whether it was `agreed` with another institution, which is none of
    those that the rules count.
    """
    said = payload or {}
    status = (state.back or "accepted") if action.resumes else action.ends or state.status
    return State(
        status=status,
        handler=_handler(state, action, actor, said),
        version=state.version + 1,
        closed=_closed(state, status, at),
        back=_back(state, status),
        clock=_clock(state, action, status, at, said),
    )


def _handler(state: State, action: Action, actor: str | None, said: Mapping[str, Any]) -> str | None:
    if action.frees:
        return None
    if action.name == "hand_over":
        return said.get("to")
    return actor if action.holds and actor else state.handler


def _closed(state: State, status: Status, at: dt.datetime) -> dt.datetime | None:
    if status not in CLOSED:
        return None
    return state.closed if state.status in CLOSED else at


def _back(state: State, status: Status) -> Status | None:
    """Where it stood before the reader's turn came; an estimate and its payment are one turn."""
    if status not in WAITING:
        return None
    return state.back if state.status in WAITING else state.status


def _clock(state: State, action: Action, status: Status, at: dt.datetime, said: Mapping[str, Any]) -> Clock | None:
    clock = state.clock
    if clock is None or action.name == "reopen":
        return Clock(dt.datetime.fromisoformat(said["received"]) if "received" in said else at)
    if action.name == "extend":
        used = clock.extensions + ("agreed" not in said)
        return replace(clock, extended=clock.extended + int(said.get("days", 0)), extensions=used)
    if status == "accepted" and clock.accepted is None:
        clock = replace(clock, accepted=at)
    if status in ANSWERED and state.status not in ANSWERED:
        return replace(clock, stops=_going_on(clock.stops, at), answered=at)
    if status in WAITING and state.status not in WAITING:
        return replace(clock, stops=(*clock.stops, Stop(at)))
    if status not in WAITING and state.status in WAITING:
        return replace(clock, stops=_going_on(clock.stops, at))
    return clock


def _going_on(stops: tuple[Stop, ...], at: dt.datetime) -> tuple[Stop, ...]:
    return (*stops[:-1], replace(stops[-1], ended=at)) if stops and stops[-1].ended is None else stops


def check(state: State, action: Action, actor: str | None, seen: int | None = None) -> None:
    """May this action start from this state? `seen` is the version the actor decided on, None when it does not matter.

    Raises Conflict with a sentence that says who or what stands in the way; readers are not told which clerk.
    """
    if not _starts(state, action):
        held = f", in the hands of {state.handler}," if state.handler and "staff" in action.by and actor else ""
        raise Conflict(f"This request is {state.status.replace('_', ' ')}{held} and cannot be {_past(action)} now.")
    if action.own and state.handler not in (None, actor) and actor is not None:
        raise Conflict(f"This request is in the hands of {state.handler}; it has to be released first.")
    if seen is not None and seen != state.version:
        raise Conflict("This request has changed since you opened it; look at it again before you go on.")


def _starts(state: State, action: Action) -> bool:
    """Taking what somebody has, releasing what nobody has, and handing over what one has not got are nothing."""
    if action.name == "take" and state.handler is not None:
        return False
    if action.name == "release" and state.handler is None:
        return False
    return state.status in action.starts


def _past(action: Action) -> str:
    return action.event.replace("_", " ")


def available(state: State, parties: frozenset[Party], actor: str | None) -> tuple[str, ...]:
    """The actions open to these parties now, in the order of the table: what a screen shows as buttons."""
    return tuple(
        action.name
        for action in ACTIONS.values()
        if _starts(state, action) and action.by & parties and not (action.own and state.handler not in (None, actor))
    )
