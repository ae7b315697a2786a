"""Readers' own accounts: registered by e-mail or telephone, confirmed by a code, a new password when the old is lost.

What is answered is the same whether a contact has an account or not: who holds the contact learns it, nobody else. A
code is good once, for a quarter of an hour, for five tries, and in the browser it was asked for in.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from service_desk import codes, contacts, passwords, throttle
from service_desk.accounts import Accounts, of_contact, view
from service_desk.audit_chain import note
from service_desk.database import Database
from service_desk.errors import BadCredentials
from service_desk.forms import RegisterForm
from service_desk.models import Account, Confirmation, Contact
from service_desk.notices import Notices
from service_desk.passwords import Passwords
from service_desk.ports import Clock
from service_desk.roles import READER
from service_desk.views import AccountView

Purpose = Literal["register", "reset"]
GOOD_FOR = throttle.WINDOW
TRIES = 5
CODES_PER_CONTACT_AND_CLIENT = 3
CODES_PER_CONTACT = 10
CODES_PER_CLIENT = 30
GUESSES_PER_CLIENT = 60
_NAME_LENGTH = 8  # 40 bits: a name, not a key
_MINUTES: Final = int(GOOD_FOR.total_seconds()) // 60


class Registration:
    """Codes sent to contacts, and what becomes of them. A code that is queued leaves with `Notices.deliver`."""

    def __init__(self, database: Database, clock: Clock, accounts: Accounts, keep: Passwords, notices: Notices) -> None:
        self._database = database
        self._clock = clock
        self._accounts = accounts
        self._passwords = keep
        self._notices = notices

    def start(self, form: RegisterForm, visitor: str, client: str = "") -> str:
        """Send a code to a contact that wants an account; the contact as it is kept. Raises Invalid, TooMany."""
        contact = contacts.normalised(form.contact)
        passwords.check_chosen(form.password)
        body: dict[str, Any] = {
            "contact": contact,
            "display_name": form.name,
            "hash": self._passwords.hash(form.password),
            "language": form.language,
        }
        self._count(contact, client)
        with self._database.write() as session:
            known = of_contact(session, contact) is not None
            code = self._kept(session, "register", contact, visitor, {"known": True} if known else body)
            what = "known" if known else "register"
            self._notices.queue_code(session, contact, what, form.language, self._clock.now(), code, _MINUTES)
        return contact

    def finish(self, contact: str, code: str, visitor: str, client: str = "") -> AccountView:
        """The account, made now that the code was typed. Raises BadCredentials, TooMany, Invalid."""
        contact = contacts.normalised(contact)
        self._count_guess(client)
        with self._database.write(lock="accounts") as session:
            found = self._right(session, "register", contact, code, visitor)
            if found is not None and "contact" in found.body and of_contact(session, contact) is None:
                account = self._made(session, contact, found.body)
                self._forget(session, contact)
                return view(account)
        raise BadCredentials(WRONG_CODE)

    def ask_reset(self, contact: str, visitor: str, language: str, client: str = "") -> str:
        """Send a code to a contact that may have an account, for a new password. Raises Invalid, TooMany."""
        contact = contacts.normalised(contact)
        self._count(contact, client)
        with self._database.write() as session:
            account = of_contact(session, contact)
            is_open = account is not None and not account.disabled
            code = self._kept(session, "reset", contact, visitor, {"known": is_open})
            if is_open:
                self._notices.queue_code(session, contact, "reset", language, self._clock.now(), code, _MINUTES)
        return contact

    def reset(
        self, contact: str, code: str, password: str, visitor: str, language: str, client: str = ""
    ) -> AccountView:
        """A new password for who typed the code; the account is signed out everywhere. Raises BadCredentials, TooMany,
        Invalid.
        """
        contact = contacts.normalised(contact)
        passwords.check_chosen(password)
        self._count_guess(client)
        hashed, now = self._passwords.hash(password), self._clock.now()
        with self._database.write() as session:
            found = self._right(session, "reset", contact, code, visitor)
            account = of_contact(session, contact)
            if found is not None and account is not None and not account.disabled:
                self._accounts.set_password_in(session, account, hashed, account.name)
                self._notices.queue_code(session, contact, "changed", language, now)
                self._forget(session, contact)
                return view(account)
        raise BadCredentials(WRONG_CODE)

    def contact_of(self, name: str) -> str | None:
        """The confirmed contact of an account."""
        with self._database.read() as session:
            return session.scalar(select(Contact.value).where(Contact.account_name == name))

    def expire(self) -> int:
        """Forget codes that are good no longer; how many there were."""
        old = delete(Confirmation).where(Confirmation.expires <= self._clock.now()).returning(Confirmation.id)
        with self._database.write() as session:
            return len(session.scalars(old).all())

    def _made(self, session: Session, contact: str, asked: Mapping[str, Any]) -> Account:
        """Called by a name that says nothing of the person: it stays in the history when they are forgotten."""
        name = "reader-" + "".join(secrets.choice(codes.ALPHABET) for _ in range(_NAME_LENGTH)).lower()
        called, hashed, language = asked["display_name"], asked["hash"], asked.get("language")
        account = self._accounts.add_in(session, name, called, hashed, READER, name, language)
        session.flush()
        session.add(Contact(account_name=name, value=contact, confirmed=self._clock.now()))
        note(session, self._clock.now(), name, "account.confirm", name, by=contacts.kind_of(contact))
        return account

    def _kept(self, session: Session, purpose: Purpose, contact: str, visitor: str, body: dict[str, Any]) -> str:
        """Keep what waits for a code; the code. Earlier ones of this purpose and browser are good no longer."""
        code = codes.new_receipt()
        session.execute(delete(Confirmation).where(*_mine(purpose, contact, visitor)))
        session.add(
            Confirmation(
                purpose=purpose,
                contact_digest=codes.digest(contact),
                browser_digest=codes.digest(visitor),
                code_digest=_digest(purpose, contact, code),
                expires=self._clock.now() + GOOD_FOR,
                tries=0,
                body=body,
            )
        )
        return code

    def _right(self, session: Session, purpose: Purpose, contact: str, code: str, visitor: str) -> Confirmation | None:
        """What waits for this code; None for a wrong one, which is counted, and kept counted."""
        wanted = select(Confirmation).where(*_mine(purpose, contact, visitor)).with_for_update()
        waiting = session.scalar(wanted)
        if waiting is None or waiting.expires <= self._clock.now() or waiting.tries >= TRIES:
            return None
        waiting.tries += 1
        is_right = secrets.compare_digest(waiting.code_digest, _digest(purpose, contact, codes.normalise(code)))
        return waiting if is_right else None

    def _forget(self, session: Session, contact: str) -> None:
        session.execute(delete(Confirmation).where(Confirmation.contact_digest == codes.digest(contact)))

    def _count(self, contact: str, client: str) -> None:
        keys = {
            throttle.key("code", contact, client): CODES_PER_CONTACT_AND_CLIENT,
            throttle.key("code", contact): CODES_PER_CONTACT,
            throttle.key("codes", client): CODES_PER_CLIENT,
        }
        with self._database.write(lock=throttle.LOCK) as session:
            throttle.count(session, self._clock.now(), keys)

    def _count_guess(self, client: str) -> None:
        with self._database.write(lock=throttle.LOCK) as session:
            throttle.count(session, self._clock.now(), {throttle.key("guess", client): GUESSES_PER_CLIENT})


def _mine(purpose: Purpose, contact: str, visitor: str) -> tuple[ColumnElement[bool], ...]:
    return (
        Confirmation.purpose == purpose,
        Confirmation.contact_digest == codes.digest(contact),
        Confirmation.browser_digest == codes.digest(visitor),
    )


def _digest(purpose: Purpose, contact: str, code: str) -> str:
    """What is kept of a code, which is short but good for a quarter of an hour only."""
    return codes.digest(f"{purpose}\0{contact}\0{code}")


WRONG_CODE: Final = "The code does not fit, or is good no longer; ask for another."
