"""Who may do what at the desk, in one place: an operation names the parties that may do it.

A *party* is what a person is to the desk or to one request: ``anyone``; ``owner`` - who holds its secret, filed it
signed in, or filed it from this browser; ``staff`` - signed in with that role. The actions of a request bring their
parties with them (`machine.ACTIONS`).
"""

from __future__ import annotations

from msgspec import Struct

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
    "file": _OWNER | _STAFF,
    "inbox": _STAFF,
    "case": _STAFF,
    "feedback": _ANYONE,
    "list feedback": _STAFF,
    "mark feedback": _STAFF,
    "decide link": _STAFF,
    "list link decisions": _STAFF,
    "review copy": _STAFF,
}


def parties(viewer: Viewer) -> frozenset[Party]:
    """What the viewer is to the desk as a whole."""
    return _ANYONE | _STAFF if viewer.signed_in and viewer.is_staff else _ANYONE


class Caller(Struct, frozen=True):
    """Who asks for a request and what they show for it: an account, its secret, the cookie of the browser it was filed
    from.
    """

    viewer: Viewer
    secret: str | None = None
    visitor: str | None = None


def parties_to(request: Request | None, caller: Caller) -> frozenset[Party]:
    """What the caller is to this request. An unknown request (None) takes the same time and has no owner."""
    holds_secret = codes.fits(caller.secret, request.secret_digest if request else _NO_DIGEST)
    if request is None:
        return parties(caller.viewer)
    filed_signed_in = caller.viewer.name is not None and caller.viewer.name == request.account_name
    filed_here = bool(caller.visitor) and codes.digest(caller.visitor or "") == request.visitor_digest
    owns = holds_secret or filed_signed_in or filed_here
    return parties(caller.viewer) | (_OWNER if owns else frozenset())


def permits(operation: str, have: frozenset[Party]) -> bool:
    """Is one of these parties enough?"""
    return bool(OPERATIONS[operation] & have)


def require_staff(operation: str, viewer: Viewer) -> str:
    """The account name of a viewer who may do this as staff. Raises NotAllowed before anything is looked up."""
    if viewer.name is None or not OPERATIONS[operation] & parties(viewer) & _STAFF:
        raise NotAllowed("This is for staff: sign in with a staff account.")
    return viewer.name


_NO_DIGEST = codes.digest("")
