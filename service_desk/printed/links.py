"""Links to files of an answer that end: good for so many times until a time. Whoever has the address has the file, so a
link is long enough that nobody guesses it, is kept as a digest only, and is counted before the file is given.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from sqlalchemy import ColumnElement, delete, select, update

from mappings.access import Viewer
from service_desk import codes, policy
from service_desk.audit_chain import note
from service_desk.database import Database
from service_desk.errors import Invalid, NotFound, Unavailable
from service_desk.ports import Clock, ObjectStore
from service_desk.printed import scoped
from service_desk.printed.practice import for_practice
from service_desk.printed.tables import FileLink

if TYPE_CHECKING:
    from service_desk.printed.fonts import Fonts

MAX_DAYS: Final = 90
MAX_TIMES: Final = 100
_TOKEN_BYTES: Final = 24  # 192 bits


class Linked(Struct, frozen=True):
    """A file of an answer: where it lies, what it is called, and what is put on it when it is given, lines of text."""

    receipt: str
    object_key: str
    name: str
    media_type: str
    stamp: str = ""


class Shown(Struct, frozen=True):
    """What stands at the address of a link."""

    name: str
    media_type: str
    expires: dt.datetime
    left: int


class FileLinks:
    """Makes links and gives what they lead to."""

    def __init__(
        self, database: Database, clock: Clock, objects: ObjectStore, fonts: Callable[[], Fonts], across: str = ""
    ) -> None:
        """`across` stands on everything that links lead to, beside what each says."""
        self._database = database
        self._clock = clock
        self._objects = objects
        self._fonts = fonts
        self._across = across

    def make(self, linked: Linked, viewer: Viewer, *, days: int, times: int) -> str:
        """The token of a new link, told this once. Raises NotAllowed, NotFound, Invalid."""
        actor = policy.require("requests.decide", viewer)
        if not 1 <= days <= MAX_DAYS:
            raise Invalid.one("days", f"a number of days from 1 to {MAX_DAYS}")
        if not 1 <= times <= MAX_TIMES:
            raise Invalid.one("times", f"a number of times from 1 to {MAX_TIMES}")
        token, now = secrets.token_urlsafe(_TOKEN_BYTES), self._clock.now()
        row = FileLink(
            token_digest=codes.digest(token),
            receipt=linked.receipt,
            object_key=linked.object_key,
            name=linked.name,
            media_type=linked.media_type,
            stamp=linked.stamp,
            made=now,
            by=actor,
            expires=now + dt.timedelta(days=days),
            times=times,
            used=0,
        )
        with self._database.write() as session:
            scoped.check(session, "answer", linked.receipt, viewer)
            session.add(row)
            note(session, now, actor, "file.link", linked.receipt, days=days, times=times)
        return token

    def shown(self, token: str) -> Shown:
        """What a link leads to; nothing is counted. Raises NotFound for one that is over or never was."""
        with self._database.read() as session:
            row = session.scalar(select(FileLink).where(*self._open(token)))
        if row is None:
            raise NotFound(_OVER)
        return Shown(row.name, row.media_type, row.expires, row.times - row.used)

    def taken(self, token: str) -> tuple[Shown, bytes]:
        """The file, counted. Of several who take the last one at once one gets it. Raises NotFound, Unavailable when
        its bytes are lost, CannotPrint.
        """
        count = update(FileLink).where(*self._open(token)).values(used=FileLink.used + 1)
        with self._database.write() as session:
            number = session.scalar(count.returning(FileLink.id).execution_options(synchronize_session=False))
            row = session.get(FileLink, number) if number is not None else None
        if row is None:
            raise NotFound(_OVER)
        shown = Shown(row.name, row.media_type, row.expires, row.times - row.used)
        try:
            data = self._objects.get(row.object_key)
        except KeyError:
            raise Unavailable("The bytes of this file are lost; tell the desk.") from None
        return shown, for_practice(data, row.media_type, self._across, self._fonts, row.stamp)

    def close(self, receipt: str) -> int:
        """The links of a request lead nowhere from now on; how many did."""
        mine = delete(FileLink).where(FileLink.receipt == receipt)
        with self._database.write() as session:
            return len(session.scalars(mine.returning(FileLink.id)).all())

    def expire(self) -> int:
        """Forget links whose time is over; how many."""
        over = delete(FileLink).where(FileLink.expires <= self._clock.now())
        with self._database.write() as session:
            return len(session.scalars(over.returning(FileLink.id)).all())

    def _open(self, token: str) -> tuple[ColumnElement[bool], ...]:
        digest = codes.digest(token[:200])
        return FileLink.token_digest == digest, FileLink.expires > self._clock.now(), FileLink.used < FileLink.times


_OVER = "This link leads nowhere: it has ended, or was used as often as it may be. Ask the desk for another."
