"""Whose a task of a department is."""

from __future__ import annotations

from collections.abc import Iterator

from mappings.access import Viewer, may
from mappings.grants import Scope
from service_desk import policy
from service_desk.legs.making import DEPARTMENT
from service_desk.legs.tables import Leg


def does(viewer: Viewer, leg: Leg) -> bool:
    """May this member of staff do the tasks of that department?"""
    return leg.kind == DEPARTMENT and any(may(viewer, "requests.work", scope) for scope in _scopes_of(leg))


def _scopes_of(leg: Leg) -> Iterator[Scope]:
    """Where a task belongs: with its department, whatever that of the request is."""
    for scope in policy.scopes_of(leg.request):
        yield Scope(scope.holder, scope.fonds, leg.receiver, scope.theme)
