"""Readers who left a telephone number where no channel sends to telephones: what they are to be told by somebody who
rings them, and the tick that they were.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from msgspec import Struct
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mappings.access import Viewer
from service_desk import ledger, policy
from service_desk.acting import Acting
from service_desk.audit_chain import note
from service_desk.database import Database
from service_desk.errors import Conflict
from service_desk.models import QueuedNotice, Request
from service_desk.ports import Clock
from service_desk.sending.ringing import to_tell
from service_desk.views import Case


class ToTell(Struct, frozen=True):
    """A notice that somebody has to read to a reader: its number, which it is, its texts, since when."""

    number: int
    what: str
    subject: str
    body: str
    since: dt.datetime


class Telephone:
    """What is told by telephone."""

    def __init__(self, acting: Acting, database: Database, clock: Clock) -> None:
        self._acting = acting
        self._database = database
        self._clock = clock

    def waiting(self, receipt: str, viewer: Viewer) -> tuple[ToTell, ...]:
        """What the reader of a request is still to be told, the oldest first. Raises NotAllowed, NotFound."""
        policy.require_staff("case", viewer)
        with self._database.read() as session:
            request = ledger.found(session, receipt)
            policy.check_scope("case", viewer, request)
            rows = session.scalars(select(QueuedNotice).where(*to_tell([request.id])).order_by(QueuedNotice.id))
            return tuple(ToTell(row.id, row.what, row.subject, row.body, row.created) for row in rows)

    def told(self, receipt: str, numbers: Collection[int], viewer: Viewer) -> Case:
        """These were told now: delivered, with who and when on the case and in the audit log. Raises NotAllowed,
        NotFound, Conflict when none of them waits any more.
        """
        payload: dict[str, Any] = {"told_by_phone": []}

        def deliver(session: Session, request: Request) -> None:
            now = self._clock.now()
            these = update(QueuedNotice).where(*to_tell([request.id]), QueuedNotice.id.in_(sorted(numbers)))
            done = these.values(sent=now, attempts=QueuedNotice.attempts + 1)
            said = session.execute(done.returning(QueuedNotice.id, QueuedNotice.what)).all()
            if not said:
                raise Conflict("The reader was told of this by now; look at the case again.")
            payload["told_by_phone"] = [what for _, what in sorted(said)]
            for number, what in sorted(said):
                note(session, now, viewer.name, "notice.told", str(number), event=what, request=request.receipt)

        return self._acting.staff("note", receipt, viewer, payload=payload, prepare=deliver)
