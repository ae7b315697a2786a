"""The life of a de-identified copy: actions as data, the state as the fold of its events.

    proposed -> (accepted | rejected | added)* -> released -> withdrawn -> ...

A copy belongs to one version of a record's text. What happens to another version begins anew, so that a text that
changed is never covered by what was decided about the old one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, Literal, Protocol

import msgspec
from msgspec import Struct, structs

from mappings.decisions import Key
from mappings.deidentification import Mark, Release
from service_desk.errors import Conflict

Status = Literal["new", "proposed", "released", "withdrawn"]
What = Literal["proposed", "accepted", "rejected", "added", "released", "withdrawn"]


class Action(Struct, frozen=True):
    """It may start from these statuses, and ends in one."""

    starts: frozenset[Status]
    ends: Status


_OPEN: frozenset[Status] = frozenset({"proposed", "withdrawn"})
ACTIONS: dict[What, Action] = {
    "proposed": Action(frozenset({"new", "proposed", "withdrawn"}), "proposed"),
    "accepted": Action(_OPEN, "proposed"),
    "rejected": Action(_OPEN, "proposed"),
    "added": Action(_OPEN, "proposed"),
    "released": Action(_OPEN, "released"),
    "withdrawn": Action(frozenset({"released"}), "withdrawn"),
}


class Payload(Struct, frozen=True, omit_defaults=True):
    """What an event says besides its name."""

    marks: tuple[Mark, ...] = ()
    images: dict[str, str] = {}


class State(Struct, frozen=True):
    """Where a copy stands. `number` is that of its last event, of any version; `decided` says of each span that was
    decided whether it is masked; `released` are the masked ones of a released copy, with its images and time.
    """

    status: Status = "new"
    version: str = ""
    number: int = 0
    proposed: frozenset[Mark] = frozenset()
    decided: dict[Mark, bool] = {}
    images: dict[str, str] = {}
    at: dt.datetime | None = None

    @property
    def open(self) -> list[Mark]:
        """Spans that nobody has decided, in order."""
        return sorted(mark for mark in self.proposed if mark not in self.decided)

    @property
    def masked(self) -> tuple[Mark, ...]:
        """Spans that are to be masked, in order."""
        return tuple(sorted(mark for mark, masked in self.decided.items() if masked))


class Happened(Protocol):
    """What the fold reads of an event."""

    @property
    def version(self) -> str: ...
    @property
    def what(self) -> str: ...
    @property
    def payload(self) -> dict[str, Any]: ...
    @property
    def at(self) -> dt.datetime: ...


def fold(events: Iterable[Happened]) -> State:
    """The state that these events, in order, leave a copy in."""
    state = State()
    for event in events:
        what = msgspec.convert(event.what, What)
        state = after(state, event.version, what, msgspec.convert(event.payload, Payload), event.at)
    return state


def after(state: State, version: str, what: What, payload: Payload, at: dt.datetime) -> State:
    """The state once something is done to the copy of a version. Does not ask whether it may be: that is `check`."""
    if version != state.version:
        state = State(version=version, number=state.number)
    state = structs.replace(state, status=ACTIONS[what].ends, number=state.number + 1)
    if what == "proposed":
        return structs.replace(state, proposed=frozenset(payload.marks))
    if what in ("accepted", "rejected", "added"):
        decided = state.decided | dict.fromkeys(payload.marks, what != "rejected")
        return structs.replace(state, decided=decided)
    if what == "released":
        return structs.replace(state, images=payload.images, at=at)
    return structs.replace(state, images={}, at=None)


def check(state: State, what: What, marks: Iterable[Mark] = ()) -> None:
    """May this be done now? Raises Conflict with a sentence that says what stands in the way."""
    if state.status not in ACTIONS[what].starts:
        first = "withdraw it first" if state.status == "released" else "it is not released"
        raise Conflict(f"This copy is {state.status} and cannot be {_DONE.get(what, what)} now; {first}.")
    if what == "released" and state.open:
        one = state.open[0]
        raise Conflict(
            f"{len(state.open)} of {len(state.proposed)} spans are not decided, the first on page {one.page}, "
            f"characters {one.start} to {one.end} ({one.kind}); accept or reject them, then release the copy."
        )
    known = state.proposed | state.decided.keys()
    if what in ("accepted", "rejected") and (strange := sorted(set(marks) - known)):
        one = strange[0]
        raise Conflict(
            f"Nothing is proposed on page {one.page} at characters {one.start} to {one.end} ({one.kind}); look at the "
            "spans again, or add this one."
        )


_DONE = {"accepted": "changed", "rejected": "changed", "added": "changed", "proposed": "changed"}


def release_of(key: Key, state: State) -> Release | None:
    """What readers may be given, None when nothing is released."""
    if state.status != "released" or state.at is None:
        return None
    return Release(key, state.version, state.masked, state.images, state.at.isoformat())
