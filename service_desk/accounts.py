"""Accounts: argon2id, an answer that takes the same time for names nobody has, and a throttle kept in the database."""

from __future__ import annotations

import datetime as dt
import hashlib
import threading
from functools import cached_property
from typing import Literal, get_args

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from mappings.access import Viewer
from service_desk.database import Database
from service_desk.errors import BadCredentials, Conflict, Invalid, TooMany, UnknownAccount
from service_desk.forms import one_line
from service_desk.models import Account, Attempts, SignIn
from service_desk.ports import Clock
from service_desk.views import AccountView

Role = Literal["reader", "staff"]
ROLES: tuple[Role, ...] = get_args(Role)
NAME_BOUND = 100
PASSWORD_BOUND = 1_000
ADVISED_LENGTH = 8  # NIST SP 800-63B, 5.1.1.1
WINDOW = dt.timedelta(minutes=15)
ATTEMPTS_PER_NAME_AND_CLIENT = 5
ATTEMPTS_PER_CLIENT = 100  # a reading room may share one address
_ATTEMPTS = "attempts"
_CONCURRENT_HASHES = 2  # argon2 takes 64 MiB each: a flood of sign-ins must not take the machine


class Accounts:
    """Who can sign in. Commands of the administrator, so without a viewer; nothing here is reachable from a screen but
    `verify`.
    """

    def __init__(self, database: Database, clock: Clock, hasher: PasswordHasher) -> None:
        self._database = database
        self._clock = clock
        self._hasher = hasher
        self._turn = threading.BoundedSemaphore(_CONCURRENT_HASHES)

    def add(self, name: str, password: str, role: str, display_name: str | None = None) -> AccountView:
        """A new account. Raises Invalid for a bad field, Conflict when the name is taken."""
        _check_new(name, password, role)
        hashed = self._hash(password)
        with self._database.write(lock="accounts") as session:
            if session.get(Account, name) is not None:
                raise Conflict(f"There is already an account named {name}; choose another name.")
            account = Account(
                name=name,
                display_name=str(one_line(display_name or "")) or name,
                role=role,
                password_hash=hashed,
                created=self._clock.now(),
                disabled=False,
            )
            session.add(account)
            return view(account)

    def all(self) -> list[AccountView]:
        """Every account, by name."""
        with self._database.read() as session:
            accounts = [view(account) for account in session.scalars(select(Account))]
        return sorted(accounts, key=lambda account: account.name)  # in one order, whatever the database sorts by

    def viewer(self, name: str) -> Viewer:
        """The viewer that this account is (command line ``--as``). Raises UnknownAccount."""
        with self._database.read() as session:
            return viewer_of(_account(session, name))

    def set_password(self, name: str, password: str) -> None:
        """A new password; every open session of the account ends. Raises UnknownAccount, Invalid."""
        _check_password(password)
        hashed = self._hash(password)
        with self._database.write() as session:
            _account(session, name).password_hash = hashed
            session.execute(delete(SignIn).where(SignIn.account_name == name))

    def disable(self, name: str) -> None:
        """Close an account: it stays named in the history, cannot sign in, its sessions end. Raises UnknownAccount."""
        with self._database.write() as session:
            _account(session, name).disabled = True
            session.execute(delete(SignIn).where(SignIn.account_name == name))

    def verify(self, name: str, password: str, client: str = "") -> AccountView:
        """The account whose name and password these are; `client` is the caller's address, for the throttle.

        Raises TooMany after five failures within 15 minutes for a name from one client, or a hundred from one client;
        BadCredentials for an unknown name, a wrong password or a disabled account alike.
        """
        keys = {_key(client, name): ATTEMPTS_PER_NAME_AND_CLIENT, _key(client): ATTEMPTS_PER_CLIENT}
        with self._database.write(lock=_ATTEMPTS) as session:
            self._count_attempt(session, keys)
        nobody = self._nobody
        with self._database.read() as session:
            account = session.get(Account, name) if _is_name(name) else None
        right = self._matches(account.password_hash if account else nobody, password)
        if account is None or account.disabled or not right:
            raise BadCredentials("Name and password do not fit.")
        self._welcome(account, password, *keys)
        return view(account)

    def _count_attempt(self, session: Session, keys: dict[str, int]) -> None:
        """Counted before the password is looked at, so that many at once cannot slip through.

        A full count is not raised further.
        """
        now = self._clock.now()
        session.execute(delete(Attempts).where(Attempts.since <= now - WINDOW))
        for key, bound in keys.items():
            seen = session.get(Attempts, key)
            if seen is None:
                session.add(Attempts(key=key, count=1, since=now))
            elif seen.count >= bound:
                wait = int((seen.since + WINDOW - now).total_seconds()) + 1
                raise TooMany(f"Too many attempts to sign in; try again in {-(-wait // 60)} minutes.", wait)
            else:
                seen.count += 1

    @cached_property
    def _nobody(self) -> str:
        """What passwords for unknown names are checked against, for the time it takes."""
        return self._hash("")

    def _welcome(self, account: Account, password: str, name_key: str, client_key: str) -> None:
        """Take back what was counted; hash anew when the parameters have changed since."""
        stale = self._hasher.check_needs_rehash(account.password_hash)
        hashed = self._hash(password) if stale else account.password_hash
        with self._database.write(lock=_ATTEMPTS) as session:
            session.execute(delete(Attempts).where(Attempts.key == name_key))
            session.execute(update(Attempts).where(Attempts.key == client_key).values(count=Attempts.count - 1))
            if stale:
                _account(session, account.name).password_hash = hashed

    def _hash(self, password: str) -> str:
        with self._turn:
            return self._hasher.hash(_bytes(password))

    def _matches(self, hashed: str, password: str) -> bool:
        try:
            with self._turn:
                right = self._hasher.verify(hashed, _bytes(password[:PASSWORD_BOUND]))
                return right and len(password) <= PASSWORD_BOUND
        except (VerificationError, InvalidHashError):
            return False


def view(account: Account) -> AccountView:
    """The account without its password."""
    return AccountView(account.name, account.display_name, account.role, account.created, account.disabled)


def viewer_of(account: Account) -> Viewer:
    """The account as somebody who looks. On site or not is the terminal's affair, not the account's."""
    return Viewer(account.name, frozenset({account.role}))


def password_advice(password: str) -> str | None:
    """A sentence for the administrator when a password is poor; it is taken all the same."""
    if len(password) < ADVISED_LENGTH:
        return f"This password is short: {ADVISED_LENGTH} characters or more are advised."
    return None


def _account(session: Session, name: str) -> Account:
    account = session.get(Account, name) if _is_name(name) else None
    if account is None or account.disabled:
        raise UnknownAccount(f"There is no account named {name!r}; add it with: onestop user add NAME --role ROLE")
    return account


def _check_new(name: str, password: str, role: str) -> None:
    if not _is_name(name):
        raise Invalid.one("name", f"1 to {NAME_BOUND} characters, without spaces")
    if role not in ROLES:
        raise Invalid.one("role", f"one of {', '.join(ROLES)}, not {role!r}")
    _check_password(password)


def _is_name(name: str) -> bool:
    return 0 < len(name) <= NAME_BOUND and name.isprintable() and " " not in name


def _check_password(password: str) -> None:
    if not 0 < len(password) <= PASSWORD_BOUND:
        raise Invalid.one("password", f"1 to {PASSWORD_BOUND} characters")


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")


def _key(*parts: str) -> str:
    """Digested: people type their password into the name field."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
