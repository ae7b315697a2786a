"""The outbox as staff see it: what waits, what failed and why, what was given up; and trying again."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from mappings.access import Viewer, may
from service_desk import contacts, policy
from service_desk.audit_chain import note
from service_desk.database import Database
from service_desk.errors import Conflict, NotFound
from service_desk.models import QueuedNotice, Request
from service_desk.ports import Clock
from service_desk.sending.ringing import BY_PHONE

SHOWN = 200
"""Notices on the page; more than that waits where something larger is wrong."""
State = Literal["given_up", "failing", "waiting"]


class OutboxRow(Struct, frozen=True):
    """A notice that has not left. Whoever it is to is told by enough to recognise them; of a notice about an account
    nothing of its text is told. `receipt` is None for those.
    """

    number: int
    state: State
    what: str
    channel: str
    recipient: str
    receipt: str | None
    subject: str
    created: dt.datetime
    attempts: int
    next_try: dt.datetime | None
    given_up: dt.datetime | None
    reason: str | None
    problem: str | None


class OutboxPage(Struct, frozen=True):
    """The rows, those given up first, then the oldest; `has_more` when not all are shown."""

    rows: list[OutboxRow]
    has_more: bool


class OutboxView:
    """What has not left the house."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def listed(self, viewer: Viewer) -> OutboxPage:
        """What has not left, as far as it belongs to what this viewer sees. Raises NotAllowed."""
        policy.require("requests.see", viewer)
        unsent = select(QueuedNotice).where(QueuedNotice.sent.is_(None), QueuedNotice.channel != BY_PHONE)
        order = unsent.order_by(QueuedNotice.given_up.is_(None), QueuedNotice.id).limit(5 * SHOWN)
        rows: list[OutboxRow] = []
        with self._database.read() as session:
            for row in session.scalars(order):
                request = session.get(Request, row.request_id) if row.request_id else None
                if _sees(viewer, request):
                    rows.append(_row(row, request))
        return OutboxPage(rows[:SHOWN], len(rows) > SHOWN)

    def again(self, number: int, viewer: Viewer) -> None:
        """Try a notice again now, for as long as from the start. Raises NotAllowed, NotFound, Conflict when it has
        left.
        """
        actor, now = policy.require("requests.work", viewer), self._clock.now()
        with self._database.write() as session:
            row = _found(session, number, viewer)
            if row.sent is not None:
                raise Conflict("This notice has left by now.")
            row.since, row.next_try, row.given_up = now, None, None
            note(session, now, actor, "notice.again", str(row.id), event=row.what)


def _found(session: Session, number: int, viewer: Viewer) -> QueuedNotice:
    wanted = select(QueuedNotice).where(QueuedNotice.id == number, QueuedNotice.channel != BY_PHONE).with_for_update()
    row = session.scalar(wanted) if 0 < number < 2**31 else None
    request = session.get(Request, row.request_id) if row and row.request_id else None
    if row is None or not _sees(viewer, request):
        raise NotFound("There is no such notice.")
    return row


def _sees(viewer: Viewer, request: Request | None) -> bool:
    return policy.allows("case", viewer, request) if request else may(viewer, "requests.see")


def _row(row: QueuedNotice, request: Request | None) -> OutboxRow:
    state: State = "given_up" if row.given_up else "failing" if row.attempts else "waiting"
    return OutboxRow(
        number=row.id,
        state=state,
        what=row.what,
        channel=row.channel,
        recipient=contacts.shown(row.recipient) if row.recipient else "",
        receipt=request.receipt if request else None,
        subject=row.subject if request else "",
        created=row.created,
        attempts=row.attempts,
        next_try=row.next_try,
        given_up=row.given_up,
        reason=row.reason,
        problem=row.problem,
    )
