"""Steps of readers and staff. In one transaction the right is asked, the step and what follows from it are written, and
notices are queued; only then anything leaves the house.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any, cast

from sqlalchemy.orm import Session

from mappings.access import Viewer
from service_desk import ledger, policy, shown
from service_desk.audit import AuditLog
from service_desk.audit_chain import What, note
from service_desk.database import Database
from service_desk.errors import NotFound
from service_desk.flow import follow
from service_desk.forms import OLDEST
from service_desk.ledger import Step
from service_desk.machine import Party
from service_desk.models import AnswerFile, Event, Request
from service_desk.notices import Notices
from service_desk.policy import Caller
from service_desk.ports import Clock, ObjectStore
from service_desk.privacy import Privacy
from service_desk.rules import Rules
from service_desk.terms import Terms
from service_desk.views import Case

Said = Callable[[Request], dict[str, Any]]
"""What the event of a step keeps, told once its request is read for writing."""


Told = Callable[[Session, Request], None]
"""What is done beside a step, in its transaction."""
Follower = Callable[[Session, Request, Sequence[Event]], None]
"""Told of what has just happened to a request."""
NO_SUCH = "There is no request with this receipt code and secret."


def nothing(session: Session, request: Request) -> None:
    """Most steps need nothing beside them."""


class Acting:
    """What every step is done with."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        objects: ObjectStore,
        rules: Rules,
        notices: Notices,
        audit: AuditLog,
    ) -> None:
        self.objects = objects
        self._database = database
        self._clock = clock
        self._rules = rules
        self._notices = notices
        self._audit = audit
        self._followers: list[Follower] = []

    def follows(self, follower: Follower) -> None:
        """Have `follower` told of every event, in the transaction that it is written in, after what follows by rule."""
        self._followers.append(follower)

    def terms(self, session: Session) -> Terms:
        """The rules in force in this transaction."""
        return Terms.of(self._rules, session)

    def privacy(self, session: Session) -> list[Privacy]:
        """The privacy notices that somebody may have agreed to whose request is keyed in: the one in force, then those
        that a form on paper may still carry.
        """
        return self._rules.lately(session, Privacy, self._clock.now() - OLDEST)

    def reader(
        self, action: str, receipt: str, caller: Caller, text: str = "", said: Said = lambda request: {}
    ) -> None:
        """A step of the reader. Raises NotFound, Conflict."""
        with self._database.write() as session:
            request, have = permitted(session, action, receipt, caller, to_write=True)
            if "owner" not in have:  # staff do it as staff
                raise NotFound(NO_SUCH)
            now = self._clock.now()
            self.advance(session, request, Step(action, "reader", caller.viewer.name, text, said(request)), now)
        self._notices.deliver()

    def staff(
        self,
        action: str,
        receipt: str,
        viewer: Viewer,
        text: str = "",
        payload: dict[str, Any] | None = None,
        seen: int | None = None,
        files: Sequence[AnswerFile] = (),
        prepare: Told = nothing,
        then: Told = nothing,
    ) -> Case:
        """A step of staff; in its transaction `prepare` is called before it, `then` once its files are there. Raises
        NotAllowed, NotFound, Conflict.
        """
        actor, now = policy.require_staff(action, viewer), self._clock.now()
        with self._audit.refusals(viewer, action, receipt), self._database.write() as session:
            request = ledger.found(session, receipt, to_write=True)
            policy.check_scope(action, viewer, request)
            prepare(session, request)
            self.advance(session, request, Step(action, "staff", actor, text, payload or {}, seen), now)
            note(session, now, actor, cast(What, f"request.{action}"), request.receipt)
            _add(request, files)
            session.flush()
            then(session, request)
            result = shown.case(request, self.terms(session), now, viewer)
        self._notices.deliver()
        return result

    def advance(self, session: Session, request: Request, step: Step, now: dt.datetime) -> None:
        """A step and what follows from it, with the notices of both, in the caller's transaction. Raises Conflict."""
        before = len(request.events)
        ledger.advance(request, step, now, self.terms(session))
        self.follow(session, request, now, before)

    def follow(self, session: Session, request: Request, now: dt.datetime, before: int | None = None) -> None:
        """What follows by rule from something that happened beside the request, with its notices; `before` is how many
        events were told of already, all of them when it is left out.
        """
        told = len(request.events) if before is None else before
        follow(request, now, self.terms(session))
        session.flush()
        new = request.events[told:]
        for follower in self._followers:
            follower(session, request, new)
        self._notices.queue_events(session, request, new)

    def leave(self) -> None:
        """Let notices leave the house, after the commit."""
        self._notices.deliver()


def permitted(
    session: Session, operation: str, receipt: str, caller: Caller, *, to_write: bool = False
) -> tuple[Request, frozenset[Party]]:
    """The request of a receipt code and what the caller is to it. Raises NotFound, whichever of both is wrong."""
    request = ledger.by_receipt(session, receipt, to_write=to_write)
    have = policy.parties_to(request, caller)
    if request is None or not policy.permits(operation, have):
        raise NotFound(NO_SUCH)
    return request, have


def _add(request: Request, files: Sequence[AnswerFile]) -> None:
    if not files:  # without asking which there are
        return
    for number, file in enumerate(files, start=len(request.files) + 1):
        file.number = number
        request.files.append(file)
