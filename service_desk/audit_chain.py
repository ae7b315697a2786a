"""The audit log as a chain: each row's digest covers its content and the digest before it, so that nothing can be
changed, taken out or put in between without being seen.

What is to be kept is noted in the transaction of what it tells of. The rows themselves are written last, right before
that transaction ends: all writers take turns for that moment only, and never while they wait for anything else.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import Any, Literal

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from service_desk.models import AuditRow

What = Literal[
    "session.open",
    "session.refused",
    "session.end",
    "session.end_all",
    "account.add",
    "account.confirm",
    "account.password",
    "account.language",
    "account.close",
    "person.register",
    "person.see",
    "person.check",
    "person.join",
    "role.give",
    "role.take",
    "terminal.add",
    "terminal.open",
    "terminal.remove",
    "policy.change",
    "request.see",
    "request.file",
    "request.take",
    "request.release",
    "request.answer",
    "request.refuse",
    "request.tell",
    "request.note",
    "request.key",
    "request.accept",
    "request.ask_materials",
    "request.check",
    "request.resume",
    "request.hand_over",
    "request.classify",
    "request.search",
    "request.relay",
    "request.come_back",
    "request.review",
    "request.quote",
    "request.agree",
    "request.pay",
    "request.make_ready",
    "request.hand_out",
    "request.answer_part",
    "request.not_held",
    "request.reopen",
    "request.extend",
    "request.consent",
    "request.rate",
    "leg.send",
    "leg.remind",
    "leg.take_back",
    "leg.reply",
    "leg.go_on",
    "leg.wait",
    "leg.see",
    "leg.acknowledge",
    "leg.ask_back",
    "leg.answer",
    "leg.not_held",
    "leg.refuse",
    "leg.return",
    "leg.file",
    "request.forget",
    "notice.again",
    "notice.told",
    "document.issue",
    "document.revoke",
    "file.link",
    "account.forget",
    "person.forget",
    "feedback.mark",
    "link.decide",
    "copy.proposed",
    "copy.accepted",
    "copy.rejected",
    "copy.added",
    "copy.released",
    "copy.withdrawn",
    "made.keep",
    "made.take_back",
    "opening.review",
    "opening.apply",
    "opening.undo",
    "answer.write",
    "answer.retire",
    "answer.restore",
    "record.read",
    "record.see",
    "record.found",
    "data.export",
    "access.refused",
    "audit.read",
    "room.see",
    "seat.give",
    "seat.arrive",
    "seat.leave",
    "seat.move",
    "seat.cancel",
    "queue.call",
    "queue.end",
    "stacks.import",
    "stacks.change",
    "stacks.handle",
    "loan.lend",
    "loan.renew",
    "loan.return",
    "repair.begin",
    "repair.move",
    "repair.end",
]
"""What the log tells of."""
LOCK = "audit"
BEGINNING = "0" * 64
"""What the first row has in place of a digest before it."""
_NOTED = "audit"


class Noted(Struct, frozen=True):
    """Something to be kept: `actor` is an account, or what worked without one; `subject` what it was done to."""

    at: dt.datetime
    actor: str | None
    what: What
    subject: str
    detail: dict[str, Any]


def note(session: Session, at: dt.datetime, actor: str | None, what: What, subject: str = "", **detail: object) -> None:
    """Keep in the log, if this transaction is kept, that `actor` did that. No secret, no contact, no text of a reader
    belongs in it: it is never changed or cut.
    """
    session.info.setdefault(_NOTED, []).append(Noted(at, actor and actor[:100], what, subject[:400], detail))


def is_waiting(session: Session) -> bool:
    """Is there anything to be written?"""
    return bool(session.info.get(_NOTED))


def seal(session: Session) -> None:
    """Write what was noted. The caller holds `LOCK`, and does nothing more but commit."""
    session.flush()
    last = session.execute(select(AuditRow.id, AuditRow.digest).order_by(AuditRow.id.desc()).limit(1)).one_or_none()
    number, previous = (last.id, last.digest) if last else (0, BEGINNING)
    for noted in session.info.pop(_NOTED):
        number += 1
        row = AuditRow(
            id=number,
            at=noted.at,
            actor=noted.actor,
            what=noted.what,
            subject=noted.subject,
            detail=noted.detail,
            previous=previous,
        )
        row.digest = previous = digest(row)
        session.add(row)


def digest(row: AuditRow) -> str:
    """SHA-256 of the row and the digest before it, as canonical JSON: keys sorted, no blanks, ASCII, times in UTC to
    the microsecond.
    """
    at = row.at.astimezone(dt.UTC).isoformat(timespec="microseconds")
    told = [row.id, at, row.actor, row.what, row.subject, row.detail, row.previous]
    return hashlib.sha256(json.dumps(told, sort_keys=True, separators=(",", ":")).encode("ascii")).hexdigest()
