"""Sessions: a random token in the browser's http-only cookie, its digest here; deleting the row ends the session at
once.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from functools import cached_property

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from service_desk import codes
from service_desk.accounts import Accounts, view, viewer_of
from service_desk.audit_chain import note
from service_desk.database import Database
from service_desk.given import Roles
from service_desk.models import Setting, SignIn
from service_desk.ports import Clock
from service_desk.views import AccountView, SignedIn

IDLE = dt.timedelta(hours=12)
ABSOLUTE = dt.timedelta(days=7)
# A page is several look-ups: only one in five minutes is worth a write.
SLIDE_STEP = dt.timedelta(minutes=5)
_KEY = "form-token-key"


class Sessions:
    """Signing in and out."""

    def __init__(self, database: Database, clock: Clock, accounts: Accounts, roles: Roles) -> None:
        self._database = database
        self._clock = clock
        self._accounts = accounts
        self._roles = roles

    def sign_in(self, name: str, password: str, client: str = "", visitor: str | None = None) -> SignedIn:
        """Open a session. Raises BadCredentials, TooMany (see `Accounts.verify`)."""
        return self.open(self._accounts.verify(name, password, client, visitor))

    def open(self, account: AccountView) -> SignedIn:
        """Open a session for an account that showed in some other way whose it is."""
        token, now, policy = secrets.token_urlsafe(32), self._clock.now(), self._roles.policy
        with self._database.write(lock="sign in") as session:  # two that take out the same old sessions wait
            session.execute(delete(SignIn).where(SignIn.expires <= now))
            row = SignIn(token_digest=codes.digest(token), account_name=account.name, created=now, expires=now + IDLE)
            session.add(row)
            note(session, now, account.name, "session.open", account.name)
            session.flush()
            return SignedIn(token, viewer_of(row.account, policy), account, row.expires)

    def lookup(self, token: str | None) -> SignedIn | None:
        """Who this token belongs to, None when it is no open session.

        Use keeps it open: 12 hours from now, 7 days in all.
        """
        if not token:
            return None
        now, policy = self._clock.now(), self._roles.policy
        with self._database.read() as session:
            row = _open_row(session, token, now)
            if row is None:
                return None
            found = SignedIn(token, viewer_of(row.account, policy), view(row.account), row.expires)
            slid = min(now + IDLE, row.created + ABSOLUTE)
        if slid - found.expires >= SLIDE_STEP:
            self._slide(token, now, slid)
        return found

    def _slide(self, token: str, now: dt.datetime, expires: dt.datetime) -> None:
        with self._database.write() as session:
            row = _open_row(session, token, now, to_write=True)
            if row is not None:
                row.expires = expires

    def end(self, token: str | None) -> None:
        """Sign out here; no matter whether the token was any good."""
        this = delete(SignIn).where(SignIn.token_digest == codes.digest(token or ""))
        with self._database.write() as session:
            for name in session.scalars(this.returning(SignIn.account_name)).all():
                note(session, self._clock.now(), name, "session.end", name)

    def end_all(self, account_name: str, by: str | None = None) -> None:
        """Sign out everywhere; `by` is who does it, when that is not the account itself."""
        with self._database.write() as session:
            session.execute(delete(SignIn).where(SignIn.account_name == account_name))
            note(session, self._clock.now(), by or account_name, "session.end_all", account_name)

    def open_sessions(self, account_name: str) -> int:
        """In how many browsers the account is signed in."""
        wanted = select(func.count()).select_from(SignIn)
        with self._database.read() as session:
            ours = SignIn.account_name == account_name, SignIn.expires > self._clock.now()
            return session.scalar(wanted.where(*ours)) or 0

    def form_token(self, binding: str) -> str:
        """The anti-forgery token of forms in this session: `binding` is the session token, or the visitor cookie before
        sign-in.
        """
        return hmac.new(self._key, binding.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()

    def form_token_fits(self, binding: str, given: str | None) -> bool:
        """Does a form's token belong to this session? Takes the same time either way."""
        return hmac.compare_digest(self.form_token(binding).encode(), (given or "").encode("utf-8", "surrogatepass"))

    def take_key(self, other: Sessions) -> None:
        """From now on forms are signed as at that desk, which this one takes the place of."""
        key = other._key.hex()  # made before this desk writes: both may lie in one database and share its locks
        with self._database.write(lock=_KEY) as session:
            session.merge(Setting(key=_KEY, value=key))
        self.__dict__.pop("_key", None)

    @cached_property
    def _key(self) -> bytes:
        """One per installation, made at its first use."""
        with self._database.read() as session:
            kept = session.get(Setting, _KEY)
        return bytes.fromhex(kept.value if kept else self._made_key())

    def _made_key(self) -> str:
        with self._database.write(lock=_KEY) as session:
            kept = session.get(Setting, _KEY)  # another process may have been faster
            if kept is None:
                kept = Setting(key=_KEY, value=secrets.token_hex(32))
                session.add(kept)
            return kept.value


def _open_row(session: Session, token: str, now: dt.datetime, *, to_write: bool = False) -> SignIn | None:
    wanted = select(SignIn).where(SignIn.token_digest == codes.digest(token), SignIn.expires > now)
    row = session.scalar(wanted.with_for_update() if to_write else wanted)
    return None if row is None or row.account.disabled else row
