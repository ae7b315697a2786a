"""Who may do what at the desk, in one place: an operation names the parties that may do it.

A *party* is what a person is to the desk or to one request: ``anyone``; ``owner`` - who holds its secret, filed it signed in, or filed it
from this browser; ``staff`` - signed in with that role. The actions of a request bring their parties with them (`machine.ACTIONS`).
"""

from __future__ import annotations

from mappings.access import Viewer
from service_desk import codes
from service_desk.errors import NotAllowed
from service_desk.machine import ACTIONS, Party
from service_desk.models import Request

_ANYONE: frozenset[Party] = frozenset({"anyone"})
_OWNER: frozenset[Party] = frozenset({"owner"})
_STAFF: frozenset[Party] = frozenset({"staff"})

OPERATIONS: dict[str, frozenset[Party]] = {
    **{action.name: action.by for action in ACTIONS.values()},
    "status": _OWNER,
    "status file": _OWNER | _STAFF,
    "inbox": _STAFF,
    "case": _STAFF,
    "feedback": _ANYONE,
    "list feedback": _STAFF,
    "mark feedback": _STAFF,
}


def parties(viewer: Viewer) -> frozenset[Party]:
    """What the viewer is to the desk as a whole."""
    return _ANYONE | _STAFF if viewer.signed_in and viewer.is_staff else _ANYONE


def parties_to(request: Request | None, viewer: Viewer, secret: str | None, visitor: str | None) -> frozenset[Party]:
    """What the viewer is to this request. An unknown request (None) takes the same time and has no owner."""
    holds_secret = codes.fits(secret, request.secret_digest if request else _NO_DIGEST)
    if request is None:
        return parties(viewer)
    filed_signed_in = viewer.name is not None and viewer.name == request.account_name
    filed_here = visitor is not None and codes.digest(visitor) == request.visitor_digest
    return parties(viewer) | (_OWNER if holds_secret or filed_signed_in or filed_here else frozenset())


def permits(operation: str, have: frozenset[Party]) -> bool:
    """Is one of these parties enough?"""
    return bool(OPERATIONS[operation] & have)


def require_staff(operation: str, viewer: Viewer) -> str:
    """The account name of a viewer who may do this as staff. Raises NotAllowed before anything is looked up."""
    if viewer.name is None or not OPERATIONS[operation] & parties(viewer) & _STAFF:
        raise NotAllowed("This is for staff: sign in with a staff account.")
    return viewer.name


_NO_DIGEST = codes.digest("")
