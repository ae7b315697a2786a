"""What follows by rule from what was done to a request: complete ones are accepted and routed, what is missing is asked
for once, who supplied it goes on. All of it in the transaction of the step it follows from.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from service_desk import ledger, machine, materials
from service_desk.ledger import Step
from service_desk.legs import making
from service_desk.legs.making import hits_of
from service_desk.models import Request
from service_desk.terms import Terms

__all__ = ["classified", "department_of", "follow", "hits_of"]

Next = tuple[str, dict[str, Any]]
_BOUND = 10


def follow(request: Request, at: dt.datetime, terms: Terms) -> None:
    """Let everything follow, until nothing does."""
    for _ in range(_BOUND):
        step = _next(request, terms)
        if step is None:
            making.settle(request, at, terms)
            step = making.next_step(request, at, terms)
        if step is None:
            return
        _apply(request, step.payload)
        ledger.advance(request, step, at, terms)


def _next(request: Request, terms: Terms) -> Step | None:
    follows = _FOLLOWS.get(request.status)
    found = follows(request, terms) if follows else None
    return Step(found[0], "desk", None, "", found[1]) if found else None


def _submitted(request: Request, terms: Terms) -> Next | None:
    """Complete: accepted on the spot. Something is not there: asked for, all of it, once. Handed in: a clerk looks."""
    verdicts = materials.standing(request.events)
    if materials.is_complete(verdicts):
        return "accept", _route(request, terms)
    asked = any(event.what == "materials_asked" for event in request.events)
    if not asked and (missing := materials.missing(verdicts)):
        return "ask_materials", {"missing": list(missing)}
    return None


def _needs_materials(request: Request, terms: Terms) -> Next | None:
    return None if materials.missing(materials.standing(request.events)) else ("resume", {})


def _accepted(request: Request, terms: Terms) -> Next | None:
    if request.route is not None:
        return _at_once(request, terms)
    return "classify", _route(request, terms)


def _route(request: Request, terms: Terms) -> dict[str, Any]:
    """Where it goes, unless a clerk has said so already."""
    if request.route is not None:
        return {}
    name = terms.routes.of(request, request.events[0].text, hits_of(request))
    return {"route": name, "department": department_of(name, terms)}


def department_of(route: str, terms: Terms) -> str | None:
    """The department that a route names; None for one that this house has not got."""
    named = terms.routes.routes[route].department
    return named if named in terms.departments.departments else None


def _at_once(request: Request, terms: Terms) -> Next | None:
    """What is there to be read is the answer."""
    route = terms.routes.routes.get(request.route or "")
    if route is None or route.to != "at_once" or any(event.what == "answered" for event in request.events):
        return None
    return "answer", {"read": [hit.id for hit in hits_of(request)]}


def _apply(request: Request, payload: dict[str, Any]) -> None:
    for name in ("type", "route", "department", "urgent"):
        if name in payload:
            setattr(request, name, payload[name])


_FOLLOWS: dict[str, Callable[[Request, Terms], Next | None]] = {
    "submitted": _submitted,
    "needs_materials": _needs_materials,
    "accepted": _accepted,
}
assert _FOLLOWS.keys() <= set(machine.STATUSES)
classified = _apply
"""What a clerk classifies is kept the same way."""
