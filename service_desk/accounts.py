"""Accounts: who can sign in. An answer takes the same time for names nobody has; a throttle is kept in the database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, selectinload

from mappings.access import Viewer
from mappings.grants import ANYWHERE
from service_desk import codes, contacts, passwords, throttle
from service_desk.audit_chain import note
from service_desk.database import Database
from service_desk.errors import BadCredentials, Conflict, Invalid
from service_desk.forms import LANGUAGES, one_line
from service_desk.given import NAME_BOUND, Roles, found, held, is_name
from service_desk.models import Account, Attempts, Contact, FamiliarBrowser, SignIn
from service_desk.passwords import Passwords
from service_desk.ports import Clock
from service_desk.roles import READER, RolePolicy
from service_desk.views import AccountView, RoleView

COMMAND: Final = "command line"
"""Who did what an administrator does without signing in."""
ATTEMPTS_PER_NAME_AND_CLIENT = 5
ATTEMPTS_PER_CLIENT = 100  # a reading room may share one address
ATTEMPTS_PER_NAME = 50
"""From all clients together, but for browsers that signed in to the account before: nobody can lock its owner out."""
FAMILIAR = dt.timedelta(days=90)


class Accounts:
    """Who can sign in. Commands of the administrator, so without a viewer; nothing here is reachable from a screen but
    `verify`.
    """

    def __init__(self, database: Database, clock: Clock, secrets: Passwords, roles: Roles) -> None:
        self._database = database
        self._clock = clock
        self._passwords = secrets
        self._roles = roles

    def add(
        self,
        name: str,
        password: str,
        role: str,
        display_name: str | None = None,
        by: str = COMMAND,
        language: str | None = None,
    ) -> AccountView:
        """A new account with this role. Raises Invalid for a bad field, Conflict when the name is taken."""
        if not is_name(name):
            raise Invalid.one("name", f"1 to {NAME_BOUND} characters, without spaces")
        self._roles.check(role)
        passwords.check(password)
        _check_language(language)
        hashed = self._passwords.hash(password)
        with self._database.write(lock="accounts") as session:
            if session.get(Account, name) is not None:
                raise Conflict(f"There is already an account named {name}; choose another name.")
            return view(self.add_in(session, name, display_name or "", hashed, role, by, language))

    def add_in(
        self,
        session: Session,
        name: str,
        display_name: str,
        hashed: str,
        role: str,
        by: str,
        language: str | None,
    ) -> Account:
        """The same in the caller's transaction, for a role and a language that have been checked."""
        account = Account(
            name=name,
            display_name=str(one_line(display_name)) or name,
            role=READER,
            password_hash=hashed,
            created=self._clock.now(),
            disabled=False,
            language=language,
        )
        session.add(account)
        note(session, account.created, by, "account.add", name)
        self._roles.give_in(session, account, role, ANYWHERE, by)
        return account

    def all(self) -> list[AccountView]:
        """Every account, by name."""
        with self._database.read() as session:
            accounts = [view(account) for account in session.scalars(select(Account))]
        return sorted(accounts, key=lambda account: account.name)  # in one order, whatever the database sorts by

    def viewer(self, name: str) -> Viewer:
        """The viewer that this account is (command line ``--as``). Raises UnknownAccount."""
        policy = self._roles.policy
        with self._database.read() as session:
            return viewer_of(found(session, name), policy)

    def know_policy(self) -> None:
        """Ask for the policy in force. One that is new is kept in the database, so this comes before a transaction in
        which `viewer` is asked and something else is written.
        """
        _ = self._roles.policy

    def set_password(self, name: str, password: str, by: str = COMMAND) -> None:
        """A new password; every open session of the account ends. Raises UnknownAccount, Invalid."""
        passwords.check(password)
        hashed = self._passwords.hash(password)
        with self._database.write() as session:
            self.set_password_in(session, found(session, name), hashed, by)

    def set_password_in(self, session: Session, account: Account, hashed: str, by: str) -> None:
        """The same in the caller's transaction."""
        account.password_hash = hashed
        session.execute(delete(SignIn).where(SignIn.account_name == account.name))
        note(session, self._clock.now(), by, "account.password", account.name)

    def change_password(
        self, name: str, old: str, new: str, client: str = "", visitor: str | None = None
    ) -> AccountView:
        """A new password for who knows the old one; every open session of the account ends. Raises Invalid, and as
        `verify`.
        """
        passwords.check_chosen(new)
        account = self.verify(name, old, client, visitor)
        self.set_password(account.name, new, by=account.name)
        return account

    def set_language(self, name: str, language: str | None, by: str = COMMAND) -> AccountView:
        """The language in which somebody is told what is for people who work here; None as the house does. Raises
        UnknownAccount, Invalid.
        """
        _check_language(language)
        with self._database.write() as session:
            account = found(session, name)
            if account.language != language:
                account.language = language
                note(session, self._clock.now(), by, "account.language", name, language=language)
            return view(account)

    def language_of(self, name: str) -> str | None:
        """The language that was chosen for an account. Raises UnknownAccount."""
        with self._database.read() as session:
            return found(session, name).language

    def disable(self, name: str, by: str = COMMAND) -> None:
        """Close an account: it stays named in the history, cannot sign in, its sessions end. Raises UnknownAccount."""
        with self._database.write() as session:
            found(session, name).disabled = True
            session.execute(delete(SignIn).where(SignIn.account_name == name))
            note(session, self._clock.now(), by, "account.close", name)

    def verify(self, name: str, password: str, client: str = "", visitor: str | None = None) -> AccountView:
        """The account whose name - or e-mail, or telephone number - and password these are; `client` is the caller's
        address and `visitor` the cookie of the browser, for the throttle.

        Raises TooMany after five failures within 15 minutes for a name from one client, a hundred from one client, or
        fifty for a name in all, unless this browser signed in to it before; BadCredentials for an unknown name, a wrong
        password or a disabled account alike.
        """
        account, is_familiar = self._looked_up(name, visitor)
        counted = _Counted(client, account.name if account else name)
        with self._database.write(lock=throttle.LOCK) as session:
            throttle.count(session, self._clock.now(), counted.bounds(is_familiar))
        right = self._passwords.matches(account.password_hash if account else self._passwords.nobody, password)
        if account is None or account.disabled or not right:
            self._keep_refused(account)
            raise BadCredentials("Name and password do not fit.")
        self._welcome(account, password, counted, visitor)
        return view(account)

    def _looked_up(self, name: str, visitor: str | None) -> tuple[Account | None, bool]:
        """The account of a name or contact, and whether this browser signed in to it before."""
        with self._database.read() as session:
            account = session.get(Account, name) if is_name(name) else None
            account = account or of_contact(session, name)
            if account is None:
                return None, False
            known = session.get(FamiliarBrowser, (account.name, codes.digest(visitor or "")))
            return account, known is not None and known.at > self._clock.now() - FAMILIAR

    def _keep_refused(self, account: Account | None) -> None:
        """What was typed for a name that nobody has is not kept: it may be a password."""
        with self._database.write() as session:
            note(session, self._clock.now(), None, "session.refused", account.name if account else "")

    def _welcome(self, account: Account, password: str, counted: _Counted, visitor: str | None) -> None:
        """Take back what was counted; hash anew when the parameters have changed since; know the browser again."""
        stale = self._passwords.is_stale(account.password_hash)
        hashed = self._passwords.hash(password) if stale else account.password_hash
        shared = (counted.client_key, counted.name_key)
        with self._database.write(lock=throttle.LOCK) as session:
            session.execute(delete(Attempts).where(Attempts.key == counted.pair_key))
            session.execute(update(Attempts).where(Attempts.key.in_(shared)).values(count=Attempts.count - 1))
            if stale:
                found(session, account.name).password_hash = hashed
            if visitor:
                self._make_familiar(session, account.name, codes.digest(visitor))

    def _make_familiar(self, session: Session, name: str, browser: str) -> None:
        now = self._clock.now()
        session.execute(delete(FamiliarBrowser).where(FamiliarBrowser.at <= now - FAMILIAR))
        session.merge(FamiliarBrowser(account_name=name, browser_digest=browser, at=now))


class _Counted:
    """Under which keys an attempt to sign in is counted."""

    def __init__(self, client: str, name: str) -> None:
        self.pair_key = throttle.key(client, name)
        self.client_key = throttle.key(client)
        self.name_key = throttle.key("", "every client", name)

    def bounds(self, is_familiar: bool) -> dict[str, int]:
        here = {self.pair_key: ATTEMPTS_PER_NAME_AND_CLIENT, self.client_key: ATTEMPTS_PER_CLIENT}
        return here if is_familiar else {**here, self.name_key: ATTEMPTS_PER_NAME}


def of_contact(session: Session, contact: str) -> Account | None:
    """The account whose confirmed e-mail or telephone number that is."""
    try:
        wanted = contacts.normalised(contact)
    except Invalid:
        return None
    return session.scalar(select(Account).join(Contact).where(Contact.value == wanted))


def view(account: Account) -> AccountView:
    """The account without its password."""
    roles = tuple(RoleView(one.role, one.scope) for one in held(account))
    return AccountView(account.name, account.display_name, roles, account.created, account.disabled, account.language)


def _check_language(language: str | None) -> None:
    if language is not None and language not in LANGUAGES:
        raise Invalid.one("language", f"one of {', '.join(LANGUAGES)}, not {language[:40]!r}")


def viewer_of(account: Account, policy: RolePolicy) -> Viewer:
    """The account as somebody who looks, with what its roles allow now."""
    return policy.viewer(account.name, held(account))


def staff_of(session: Session) -> Sequence[Account]:
    """Open accounts of staff, by name."""
    staff = select(Account).where(Account.role != READER, Account.disabled.is_(False)).order_by(Account.name)
    return session.scalars(staff.options(selectinload(Account.roles))).all()
