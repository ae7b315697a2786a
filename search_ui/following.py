"""What a reader is told of where a request stands, the same on screens and pages."""

from __future__ import annotations

import datetime as dt
from typing import Final

from service_desk.deadlines import Calendar
from service_desk.machine import Status
from service_desk.views import ReaderStatus

_CLASS: Final[dict[Status, str]] = {
    "delivered": "now",
    "ready": "now",
    "partly_delivered": "now",
    "refused": "closed",
    "not_held": "closed",
    "needs_materials": "cond",
    "quoted": "cond",
    "awaiting_payment": "cond",
    "withdrawn": "calm",
    "expired": "calm",
}


def state_class(status: Status) -> str:
    """The colour of a status: there, the reader's turn, not to be had, or on its way."""
    return _CLASS.get(status, "soon")


def due_of(status: ReaderStatus, calendar: Calendar) -> dt.date:
    """The last day on which it is not too late: of the archive to answer, of the reader to do their part."""
    if status.due is None:
        return status.promise.due
    return calendar.day_of(status.due - dt.timedelta(microseconds=1))
