"""What others say of a leg, applied to it: what does not fit any more moves nothing, whatever order it comes in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Protocol

from service_desk.forms import without_controls
from service_desk.legs import machine
from service_desk.legs.machine import ACTIONS
from service_desk.legs.making import Step, advance
from service_desk.legs.tables import Leg
from service_desk.terms import Terms

TEXT = 10_000
SAYS = {
    "acknowledged": "acknowledge",
    "asked_back": "ask_back",
    "answered": "answer",
    "not_held": "not_held",
    "refused": "refuse",
    "returned": "return",
    "informed": "inform",
}
"""The words of others, and what each does."""


class Said(Protocol):
    """Something that was said."""

    @property
    def what(self) -> str: ...
    @property
    def text(self) -> str: ...


def apply_events(leg: Leg, said: Iterable[Said], at: dt.datetime, terms: Terms) -> bool:
    """Apply what was said, in its order; did anything move?"""
    moved = [_apply(leg, each, at, terms) for each in said]
    return any(moved)


def _apply(leg: Leg, said: Said, at: dt.datetime, terms: Terms) -> bool:
    text = str(without_controls(said.text))[:TEXT]
    name = _possible(leg.status, SAYS.get(said.what, "inform"), text)
    if name is None:
        return False
    advance(leg, Step(name, "receiver", None, text), at, terms)
    return True


def _possible(status: str, name: str, text: str) -> str | None:
    """The action, or that we were told something, or nothing."""
    if status in ACTIONS[name].starts:
        return name
    return "inform" if text and status in machine.OPEN else None
