"""How a reminder leaves: one function, so that it can be another one where notices are sent another way."""

from __future__ import annotations

import datetime as dt
from typing import Protocol

from sqlalchemy.orm import Session

from service_desk.forms import as_email
from service_desk.models import QueuedNotice, Request
from service_desk.stacks.kinds import ReminderText
from service_desk.stacks.tables import Loan


class Remind(Protocol):
    """Queues a reminder of a loan in the caller's transaction; False when there is nowhere to send it."""

    def __call__(self, session: Session, request: Request, loan: Loan, text: ReminderText, at: dt.datetime) -> bool: ...


def queue(session: Session, request: Request, loan: Loan, text: ReminderText, at: dt.datetime) -> bool:
    """As an e-mail, in the language of the request. Mail is read by others, too: it names what is due, and nothing of
    what stands in it.
    """
    recipient = as_email(request.contact)
    if recipient is None:
        return False
    values = {"voucher": loan.voucher, "title": loan.title, "due": loan.due.isoformat(), "receipt": request.receipt}
    notice = QueuedNotice(
        request_id=request.id,
        recipient=recipient,
        subject=text.subject.in_language(request.language).format(**values),
        body=text.body.in_language(request.language).format(**values) + "\n",
        created=at,
        attempts=0,
    )
    session.add(notice)
    return True
