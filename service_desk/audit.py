"""The audit log as it is read: page by page, verified from its beginning, and told of what staff looked at."""

from __future__ import annotations

import datetime as dt
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, get_args

import structlog
from sqlalchemy import ColumnElement, func, select

from mappings.access import Viewer
from service_desk import codes, policy
from service_desk.audit_chain import BEGINNING, What, digest, note
from service_desk.database import OFFSET_BOUND, PAGE_BOUND, Database, paging
from service_desk.errors import Invalid, NotFound, TooMany, Unavailable
from service_desk.forms import one_line
from service_desk.models import AuditRow
from service_desk.ports import Clock
from service_desk.ratelimit import RateLimit
from service_desk.views import AuditPage, AuditView, Verified

KINDS: tuple[What, ...] = get_args(What)
AGAIN = dt.timedelta(hours=1)
"""Looking at one thing again within this time is one look: a screen is drawn many times."""
REFUSALS_AN_HOUR = 100
"""Kept of one account by one process: who tries every door shows in that, and fills no disk by it."""
_REMEMBERED = 10_000
_BATCH = 1_000


_log = structlog.get_logger(__name__)


class AuditLog:
    """Who saw, changed, exported and decided what."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._seen: OrderedDict[tuple[Any, ...], dt.datetime] = OrderedDict()
        self._lock = threading.Lock()
        self._refusals = RateLimit(REFUSALS_AN_HOUR, AGAIN.total_seconds(), lambda: clock.now().timestamp())

    def forget_known(self) -> None:
        """Keep every look again."""
        with self._lock:
            self._seen.clear()

    def saw(self, viewer: Viewer, what: What, subject: str, **detail: object) -> None:
        """Keep that somebody looked at something, once in an hour. Raises Unavailable: what cannot be kept is not to be
        shown.
        """
        key = (viewer.name, what, subject, *detail.values())
        if not self.is_news(key):
            return
        with self._database.write() as session:
            note(session, self._clock.now(), viewer.name, what, subject, **detail)
        self.remember(key)

    def found(self, viewer: Viewer, what: What, subjects: Sequence[str]) -> None:
        """Keep that a list showed somebody these: one row for all that were not kept within the hour. Raises
        Unavailable, as `saw`.
        """
        fresh = [subject for subject in subjects if self.is_news((viewer.name, what, subject))]
        if not fresh:
            return
        with self._database.write() as session:
            note(session, self._clock.now(), viewer.name, what, fresh[0], records=fresh)
        for subject in fresh:
            self.remember((viewer.name, what, subject))

    def refused(self, viewer: Viewer, what: str, subject: str) -> None:
        """Keep that somebody who is signed in asked for what is not theirs: once an hour for one thing, and so many in
        all. They are refused, whether the log answers or not.
        """
        subject = str(one_line(subject))
        key = (viewer.name, "access.refused", what, subject)
        if viewer.name is None or not self.is_news(key):
            return
        try:
            self._refusals.spend(viewer.name)
            with self._database.write() as session:
                note(session, self._clock.now(), viewer.name, "access.refused", subject, asked=what)
        except TooMany:
            return
        except Unavailable:
            _log.warning("a refusal could not be kept in the audit log", account=viewer.name, asked=what)
            return
        self.remember(key)

    @contextmanager
    def refusals(self, viewer: Viewer, what: str, subject: str) -> Iterator[None]:
        """What staff ask for within and is not there, or not for them, is kept. The two are told alike, so both are:
        what is written tells nobody which it was by the time it takes.
        """
        try:
            yield
        except NotFound:
            if viewer.is_staff:
                self.refused(viewer, what, codes.normalise(subject))
            raise

    def is_news(self, key: tuple[Any, ...]) -> bool:
        """Was this look not kept within the last hour, by this process?"""
        with self._lock:
            return self._seen.get(key, dt.datetime.min.replace(tzinfo=dt.UTC)) + AGAIN <= self._clock.now()

    def remember(self, key: tuple[Any, ...]) -> None:
        """This look needs not be kept again within the hour."""
        with self._lock:
            self._seen[key] = self._clock.now()
            self._seen.move_to_end(key)
            if len(self._seen) > _REMEMBERED:
                self._seen.popitem(last=False)

    def page(
        self,
        viewer: Viewer,
        *,
        actor: str | None = None,
        what: str | None = None,
        subject: str | None = None,
        size: int = 50,
        offset: int = 0,
    ) -> AuditPage:
        """The log, newest first, narrowed to an actor, a kind or a subject; that it was looked at is kept, too. Raises
        NotAllowed, Invalid.
        """
        policy.require("audit.read", viewer)
        found = self.rows(actor=actor, what=what, subject=subject, size=size, offset=offset)
        asked = (("actor", _sought(actor)), ("what", what), ("subject", _sought(subject)))
        narrowed = {name: value for name, value in asked if value}
        self.saw(viewer, "audit.read", " ".join(f"{name}={value}" for name, value in narrowed.items())[:300])
        return found

    def rows(
        self,
        *,
        actor: str | None = None,
        what: str | None = None,
        subject: str | None = None,
        size: int = 50,
        offset: int = 0,
    ) -> AuditPage:
        """The same for the administrator's commands. Raises Invalid."""
        if what is not None and what not in KINDS:
            raise Invalid.one("what", f"one of {', '.join(KINDS)}")
        given = {AuditRow.actor: _sought(actor), AuditRow.what: what, AuditRow.subject: _sought(subject)}
        wanted: list[ColumnElement[bool]] = [column == value for column, value in given.items() if value is not None]
        newest = select(AuditRow).where(*wanted).order_by(AuditRow.id.desc())
        with self._database.read() as session:
            rows = session.scalars(newest.offset(paging(offset, OFFSET_BOUND)).limit(paging(size, PAGE_BOUND)))
            total = session.scalar(select(func.count()).select_from(AuditRow).where(*wanted)) or 0
            return AuditPage(total, tuple(_view(row) for row in rows))

    def verify(self, known: str | None = None) -> Verified:
        """Follow the chain from its beginning: how many rows hold, and the first that does not, with why.

        That rows at the end were cut off shows only beside what one knew before: `known` is a digest noted then.
        """
        number, previous, met = 0, BEGINNING, False
        for row in self._all():
            number += 1
            if (wrong := _wrong(row, number, previous)) is not None:
                return Verified(number - 1, previous, row.id, wrong)
            previous = row.digest
            met = met or row.digest == known
        if known is not None and not met:
            return Verified(number, previous, number + 1, f"no row has the digest {known}: rows were cut off")
        return Verified(number, previous)

    def _all(self) -> Iterator[AuditRow]:
        every = select(AuditRow).order_by(AuditRow.id).execution_options(yield_per=_BATCH)
        with self._database.read() as session:
            yield from session.scalars(every)


def _wrong(row: AuditRow, number: int, previous: str) -> str | None:
    """What is wrong with a row that should have this number and follow that digest."""
    if row.id != number:
        return f"row {number} is missing"
    if row.previous != previous:
        return "it does not follow the row before it"
    if row.digest != digest(row):
        return "it is not what was written"
    return None


def _sought(text: str | None) -> str | None:
    """As it would be kept: a database may refuse to be asked for characters that it cannot hold."""
    return None if text is None else str(one_line(text))


def _view(row: AuditRow) -> AuditView:
    return AuditView(row.id, row.at, row.actor, row.what, row.subject, row.detail, row.digest)
