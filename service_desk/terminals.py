"""Terminals in the reading room: known by a signed cookie that is had once, for a key that an administrator made."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from service_desk import codes, throttle
from service_desk.audit_chain import note
from service_desk.database import Database
from service_desk.errors import BadCredentials, Conflict, Invalid, NotFound
from service_desk.forms import one_line
from service_desk.models import Terminal
from service_desk.ports import Clock
from service_desk.views import TerminalView

ATTEMPTS_PER_CLIENT = 20
_LONGEST = 100
_COOKIE = re.compile(r"([0-9]{1,9})\.([A-Za-z0-9_-]{43})\.([0-9a-f]{64})", re.ASCII)
Sign = Callable[[str], str]
"""A signature of the installation under some text, in hex."""


class Terminals:
    """Which machines stand in the house. Commands of the administrator, but for `open` and `is_one`."""

    def __init__(self, database: Database, clock: Clock, sign: Sign) -> None:
        self._database = database
        self._clock = clock
        self._sign = sign

    def add(self, name: str, by: str) -> str:
        """A new terminal; the key that makes a machine it, once. Raises Invalid; Conflict when the name is in use."""
        called, key = str(one_line(name)), codes.new_secret()
        if not 0 < len(called) <= _LONGEST:
            raise Invalid.one("name", f"1 to {_LONGEST} characters")
        now = self._clock.now()
        with self._database.write(lock="terminals") as session:
            if _known(session, called) is not None:
                raise Conflict(f"There is a terminal {called} already; remove it first, or choose another name.")
            session.add(Terminal(name=called, key_digest=codes.digest(key), added=now, by=by[:100]))
            note(session, now, by, "terminal.add", called)
        return key

    def all(self) -> list[TerminalView]:
        """Those that were not removed, by name."""
        with self._database.read() as session:
            rows = session.scalars(select(Terminal).where(Terminal.removed.is_(None)))
            views = [TerminalView(row.name, row.added, row.by, row.opened) for row in rows]
        return sorted(views, key=lambda view: view.name)

    def remove(self, name: str, by: str) -> None:
        """From now on that machine is one like any other. Raises NotFound."""
        now = self._clock.now()
        with self._database.write(lock="terminals") as session:
            row = _known(session, str(one_line(name)))
            if row is None:
                raise NotFound(f"There is no terminal {name!r}; `onestop terminal list` names those that there are.")
            row.removed = now
            note(session, now, by, "terminal.remove", row.name)

    def open(self, key: str, client: str = "") -> str:
        """The cookie of the machine that this key was made for; the key is used up. Raises BadCredentials, TooMany."""
        now, token = self._clock.now(), secrets.token_urlsafe(32)
        with self._database.write(lock=throttle.LOCK) as session:
            throttle.count(session, now, {throttle.key("terminal", client): ATTEMPTS_PER_CLIENT})
        unused = (
            Terminal.key_digest == codes.digest(codes.normalise(key)),
            Terminal.opened.is_(None),
            Terminal.removed.is_(None),
        )
        taken = update(Terminal).where(*unused).values(opened=now, token_digest=codes.digest(token))
        with self._database.write() as session:
            asked = taken.returning(Terminal.id, Terminal.name).execution_options(synchronize_session=False)
            row = session.execute(asked).one_or_none()
            if row is not None:
                note(session, now, None, "terminal.open", row.name)
        if row is None:
            raise BadCredentials("This is no key of a terminal, or it was used already.")
        return f"{row.id}.{token}.{self._signed(row.id, token)}"

    def is_one(self, cookie: str | None) -> bool:
        """Does this cookie belong to a terminal of the house? A forged one costs no look into the database."""
        parts = _COOKIE.fullmatch(cookie or "")
        if parts is None or not hmac.compare_digest(self._signed(int(parts[1]), parts[2]), parts[3]):
            return False
        with self._database.read() as session:
            row = session.get(Terminal, int(parts[1]))
            return row is not None and row.removed is None and row.token_digest == codes.digest(parts[2])

    def _signed(self, number: int, token: str) -> str:
        return self._sign(f"terminal {number} {token}")


def _known(session: Session, name: str) -> Terminal | None:
    return session.scalar(select(Terminal).where(Terminal.name == name, Terminal.removed.is_(None)))
