"""The one place where a letter to a partner joins the notices that leave the house."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from service_desk.models import QueuedNotice


def queue_letter(session: Session, recipient: str, subject: str, body: str, at: dt.datetime, post: str) -> None:
    """Queue one letter, in the caller's transaction. It belongs to no request of a reader: nothing of it, and not its
    link, is kept once it has left. Of one `post` there is one letter.
    """
    row = QueuedNotice(recipient=recipient, subject=subject, body=body, created=at, attempts=0)
    row.key, row.what, row.channel = f"leg:{post}:email"[:200], "leg_asked", "email"
    session.add(row)
