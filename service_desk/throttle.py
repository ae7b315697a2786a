"""So many attempts within a quarter of an hour, counted in the database for all processes."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping

from sqlalchemy import delete
from sqlalchemy.orm import Session

from service_desk.errors import TooMany
from service_desk.models import Attempts

WINDOW = dt.timedelta(minutes=15)
LOCK = "attempts"
"""Whoever counts holds it."""


def count(session: Session, now: dt.datetime, bounds: Mapping[str, int]) -> None:
    """Count one attempt under each key. Raises TooMany when one of them is full; a full count is not raised further."""
    session.execute(delete(Attempts).where(Attempts.since <= now - WINDOW))
    for key, bound in bounds.items():
        seen = session.get(Attempts, key)
        if seen is None:
            session.add(Attempts(key=key, count=1, since=now))
        elif seen.count >= bound:
            wait = int((seen.since + WINDOW - now).total_seconds()) + 1
            raise TooMany(f"Too many attempts; try again in {-(-wait // 60)} minutes.", wait)
        else:
            seen.count += 1


def key(*parts: str) -> str:
    """What is counted under: digested, since people type their password into the name field."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
