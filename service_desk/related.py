"""What a clerk looks for beside a request: colleagues who may work on it, and what else was asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import ColumnElement, false, or_, select
from sqlalchemy.orm import Session

from mappings.access import Viewer, may_begin
from service_desk import ledger, policy, shown
from service_desk.accounts import staff_of, viewer_of
from service_desk.audit import AuditLog
from service_desk.database import Database
from service_desk.given import Roles
from service_desk.inbox import seen_by
from service_desk.models import Request
from service_desk.ports import Clock
from service_desk.rules import Rules
from service_desk.terms import Terms
from service_desk.views import Colleague, InboxRow, RelatedRequests

SHOWN: Final = 10
"""Requests listed of each kind."""


class Related:
    """Within what the viewer sees."""

    def __init__(self, database: Database, clock: Clock, rules: Rules, roles: Roles, audit: AuditLog) -> None:
        self._database = database
        self._clock = clock
        self._rules = rules
        self._roles = roles
        self._audit = audit

    def colleagues(self, receipt: str, viewer: Viewer) -> tuple[Colleague, ...]:
        """Who may work on this request, by name, whoever asks among them. Raises NotAllowed, NotFound."""
        roles = self._roles.policy
        with self._audit.refusals(viewer, "hand_over", receipt), self._database.read() as session:
            request = self._found(session, "hand_over", receipt, viewer)
            accounts = [one for one in staff_of(session) if one.name not in request.barred]
            may = [one for one in accounts if policy.allows("search", viewer_of(one, roles), request)]
            return tuple(Colleague(one.name, one.display_name) for one in may)

    def staff(self, viewer: Viewer) -> tuple[Colleague, ...]:
        """Whoever may work on requests somewhere, by name. Raises NotAllowed."""
        policy.require_staff("inbox", viewer)
        roles = self._roles.policy
        with self._database.read() as session:
            known = [one for one in staff_of(session) if may_begin(viewer_of(one, roles), "requests.work")]
            return tuple(Colleague(one.name, one.display_name) for one in known)

    def requests(self, receipt: str, viewer: Viewer) -> RelatedRequests:
        """Other requests of the same reader, and on the same record. Raises NotAllowed, NotFound."""
        with self._audit.refusals(viewer, "case", receipt), self._database.read() as session:
            request = self._found(session, "case", receipt, viewer)
            others = (Request.id != request.id) & seen_by(viewer)
            on_record = Request.resource_id == request.resource_id if request.resource_id else false()
            return RelatedRequests(
                self._rows(session, [others, or_(false(), *_of_reader(request))]),
                self._rows(session, [others, on_record]),
            )

    def _found(self, session: Session, operation: str, receipt: str, viewer: Viewer) -> Request:
        policy.require_staff(operation, viewer)
        request = ledger.found(session, receipt)
        policy.check_scope(operation, viewer, request)
        return request

    def _rows(self, session: Session, wanted: Sequence[ColumnElement[bool]]) -> tuple[InboxRow, ...]:
        terms, now = Terms.of(self._rules, session), self._clock.now()
        newest = select(Request).where(*wanted).order_by(Request.submitted.desc(), Request.id.desc()).limit(SHOWN)
        return shown.inbox_rows(session, session.scalars(newest).all(), terms, now)


def _of_reader(request: Request) -> list[ColumnElement[bool]]:
    """By account and by person; and what it is about, or what is about it."""
    by: list[ColumnElement[bool]] = [Request.concerns == request.receipt]
    if request.account_name is not None:
        by.append(Request.account_name == request.account_name)
    if request.person_code is not None:
        by.append(Request.person_code == request.person_code)
    if request.concerns is not None:
        by.append(Request.receipt == request.concerns)
    return by
