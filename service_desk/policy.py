"""Who may do what at the desk, in one place: an operation names the parties that may do it, and the action that staff
need a grant for.

A *party* is what a person is to the desk or to one request: ``anyone``; ``owner`` - who holds its secret, filed it
signed in, or filed it from this browser; ``staff`` - signed in with a role that allows it, where the request belongs.
The actions of a request bring their parties with them (`machine.ACTIONS`).
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from mappings.access import Viewer, may, may_begin
from mappings.grants import Action, Scope
from service_desk import codes
from service_desk.errors import NotAllowed, NotFound
from service_desk.machine import ACTIONS, Party
from service_desk.models import Request

_ANYONE: frozenset[Party] = frozenset({"anyone"})
_OWNER: frozenset[Party] = frozenset({"owner"})
_STAFF: frozenset[Party] = frozenset({"staff"})

OPERATIONS: dict[str, frozenset[Party]] = {
    **{action.name: action.by for action in ACTIONS.values()},
    "status": _OWNER,
    "file": _OWNER | _STAFF,
    "attachment": _STAFF,
    "inbox": _STAFF,
    "case": _STAFF,
    "feedback": _ANYONE,
    "list feedback": _STAFF,
    "mark feedback": _STAFF,
    "decide link": _STAFF,
    "list link decisions": _STAFF,
    "review copy": _STAFF,
    "keep copy": _STAFF,
    "take back copy": _STAFF,
    "review opening": _STAFF,
    "apply opening": _STAFF,
}
NEEDS: dict[str, Action] = {
    "file": "requests.see",
    "inbox": "requests.see",
    "case": "requests.see",
    "attachment": "requests.work",
    "accept": "requests.work",
    "ask_materials": "requests.work",
    "supply": "requests.work",
    "check": "requests.work",
    "resume": "requests.work",
    "hand_over": "requests.work",
    "classify": "requests.work",
    "search": "requests.work",
    "relay": "requests.work",
    "come_back": "requests.work",
    "review": "requests.work",
    "quote": "requests.work",
    "agree": "requests.work",
    "pay": "requests.work",
    "make_ready": "requests.decide",
    "hand_out": "requests.work",
    "answer_part": "requests.decide",
    "not_held": "requests.decide",
    "reopen": "requests.work",
    "extend": "requests.work",
    "consent": "requests.work",
    "submit": "requests.work",
    "take": "requests.work",
    "release": "requests.work",
    "tell": "requests.work",
    "note": "requests.work",
    "answer": "requests.decide",
    "refuse": "requests.decide",
    "list feedback": "feedback.see",
    "mark feedback": "feedback.work",
    "decide link": "links.decide",
    "list link decisions": "links.decide",
    "review copy": "deidentify.review",
    "keep copy": "requests.decide",
    "take back copy": "requests.decide",
    "review opening": "records.review",
    "apply opening": "opening.apply",
}
"""What staff need a grant for, by operation."""


class Caller(Struct, frozen=True):
    """Who asks for a request and what they show for it: an account, its secret, the cookie of the browser it was filed
    from.
    """

    viewer: Viewer
    secret: str | None = None
    visitor: str | None = None


def parties_to(request: Request | None, caller: Caller) -> frozenset[Party]:
    """What the caller is to this request. An unknown request (None) takes the same time and has nobody."""
    holds_secret = codes.fits(caller.secret, request.secret_digest if request else _NO_DIGEST)
    if request is None:
        return _ANYONE
    filed_signed_in = caller.viewer.name is not None and caller.viewer.name == request.account_name
    filed_here = bool(caller.visitor) and codes.digest(caller.visitor or "") == request.visitor_digest
    owns = holds_secret or filed_signed_in or filed_here
    works = caller.viewer.signed_in and _may("requests.see", caller.viewer, request)
    return _ANYONE | (_OWNER if owns else frozenset()) | (_STAFF if works else frozenset())


def permits(operation: str, have: frozenset[Party]) -> bool:
    """Is one of these parties enough?"""
    return bool(OPERATIONS[operation] & have)


def scopes_of(request: Request) -> Iterator[Scope]:
    """Where a request belongs: with holder and fonds of its hit, with the department it was sent to, in each theme that
    has it; one without any of them belongs nowhere in particular.
    """
    hit = request.hit or {}
    for theme in hit.get("themes") or (None,):
        yield Scope(hit.get("holder"), hit.get("fonds"), request.department, theme)


def _may(action: Action, viewer: Viewer, request: Request) -> bool:
    return any(may(viewer, action, scope) for scope in scopes_of(request))


def require(action: Action, viewer: Viewer) -> str:
    """The account name of a viewer who may do that. Raises NotAllowed before anything is looked up.

    What is done to requests may be granted within a scope, and it is enough to have it somewhere: `check_scope` asks
    the rest.
    """
    if viewer.name is None or not viewer.is_staff:
        raise NotAllowed("This is for staff: sign in with a staff account.")
    if not may_begin(viewer, action):
        raise NotAllowed(f"Your roles do not allow this ({action}); ask an administrator for one that does.")
    return viewer.name


def require_staff(operation: str, viewer: Viewer) -> str:
    """The same for an operation of the desk."""
    return require(NEEDS[operation], viewer)


def allows(operation: str, viewer: Viewer, request: Request) -> bool:
    """May this member of staff do that to this request?"""
    return _may(NEEDS[operation], viewer, request)


def coordinates(viewer: Viewer, request: Request) -> bool:
    """Does this member of staff coordinate requests like this one?"""
    return _may("requests.coordinate", viewer, request)


def check_scope(operation: str, viewer: Viewer, request: Request) -> None:
    """Raises NotFound, as for a receipt that does not exist, when the request lies outside what the viewer sees, and
    NotAllowed for what they may see and not do.
    """
    if not _may("requests.see", viewer, request):
        raise NotFound(NO_REQUEST)
    if not allows(operation, viewer, request):
        raise NotAllowed(f"Your roles do not allow this here ({NEEDS[operation]}); ask an administrator.")


NO_REQUEST = "There is no request with this receipt code."
_NO_DIGEST = codes.digest("")
