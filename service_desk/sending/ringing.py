"""Notices that nobody sends: somebody rings the reader. Which requests have some is asked for a whole list at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import BindParameter, ColumnElement, bindparam, select
from sqlalchemy.orm import Session

from service_desk.database import columns
from service_desk.models import QueuedNotice

BY_PHONE: Final = "by_phone"
"""In place of a channel: somebody rings the reader (`sending.telephone`)."""


def to_ring(session: Session, requests: Sequence[int]) -> frozenset[int]:
    """Whose readers, of these requests, are to be told something by telephone."""
    rows = columns(session, _TO_RING, {"requests": requests})  # built once: each page of a list asks it
    return frozenset(row.request_id for row in rows)


def to_tell(requests: Sequence[int] | BindParameter[int]) -> tuple[ColumnElement[bool], ...]:
    """Notices of these requests that somebody is still to tell."""
    return QueuedNotice.request_id.in_(requests), QueuedNotice.channel == BY_PHONE, QueuedNotice.sent.is_(None)


_TO_RING: Final = select(QueuedNotice.request_id).where(*to_tell(bindparam("requests", expanding=True)))
