"""Notices to readers: queued in the transaction of the event they tell of, sent after it.

An event is told of once by each channel, and what was queued is tried until it has left or is given up. A crash between
a server's word and ours sends the same message, under the same Message-ID, once more.

Mail is read by others than its addressee: a notice says that something happened and how to see it, never the answer
itself, and never the secret (which we do not have). What they say is data: `service_desk.sending.rules`.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct
from sqlalchemy import ColumnElement, Integer, Row, String, bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from service_desk import contacts
from service_desk.calendar_rules import CalendarRules
from service_desk.database import Database
from service_desk.errors import Invalid
from service_desk.forms import Language, as_email, language_or, without_controls
from service_desk.materials import Materials
from service_desk.models import Account, Event, QueuedNotice, Request
from service_desk.models import Contact as ContactRow
from service_desk.ports import Clock, Notice, NotSent, Outbox, RefusedForGood
from service_desk.rules import Rules
from service_desk.sending.events import CODES, notice_of
from service_desk.sending.outboxes import FolderOutbox
from service_desk.sending.ringing import BY_PHONE
from service_desk.sending.rules import Contact, NoticeRules, Said
from service_desk.sending.sender import Sender
from service_desk.sending.timing import is_given_up, next_try, quiet_until
from service_desk.sending.values import relayed, values_of

__all__ = ["Addressee", "FolderOutbox", "Notices", "StatusUrl"]

StatusUrl = Callable[[str], str]
ValuesIn = Callable[[Language], Mapping[str, str]]
"""What a text may use, in a language."""
CLAIM = dt.timedelta(minutes=5)
EVERY = 60.0
"""Seconds after which a serving process looks by itself whether something is to be tried again."""
_CODE_LIFE = dt.timedelta(minutes=30)
"""After that nobody can use a code any more."""
_BATCH = 100
_ROUNDS = 50
_PROBLEM_LENGTH = 500
_DEFAULT: frozenset[str] = frozenset({"email"})


class Addressee(Struct, frozen=True):
    """Who is told: by what they left, in their language, and about which request, if any."""

    contact: str
    language: str
    account: str | None = None
    request_id: int | None = None


class Notices:
    """The queue of notices and what empties it."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        outbox: Outbox | None,
        status_url: StatusUrl | None,
        rules: Rules,
        archive: Callable[[str], str] = lambda language: "",
    ) -> None:
        """`archive` is what the house is called in a language."""
        self._database = database
        self._clock = clock
        self._outbox = outbox
        self._status_url = status_url
        self._rules = rules
        self._archive = archive
        self._sender = Sender(self.deliver_now)

    def queue(
        self,
        session: Session,
        request: Request,
        what: str,
        at: dt.datetime,
        *,
        number: int | None = None,
        values: Mapping[str, str] | None = None,
    ) -> bool:
        """Queue the notice of an event in the caller's transaction, if readers are told of it and this one can be
        reached. `number` is the event's, else that of the newest; False for one that was told of before. `values` are
        what the text may use beside the common ones (`sending.events.EVENTS`).
        """
        key = f"request:{request.id}:{request.version if number is None else number}"
        return self.tell_of(session, request, what, at, key=key, values=values or {})

    def tell_of(
        self, session: Session, request: Request, what: str, at: dt.datetime, *, key: str, values: Mapping[str, str]
    ) -> bool:
        """Queue what the reader of a request is told beside its events, in the caller's transaction: `tell`, with the
        values that every notice about a request has.
        """
        rules = self._rules.within(session, NoticeRules)
        where = self._status_url(request.receipt) if self._status_url else rules.screen.in_language(request.language)
        common = {
            "receipt": request.receipt,
            "title": request.hit["title"] if request.hit else "",
            "where": where,
        }
        to = Addressee(request.contact, request.language, request.account_name, request.id)
        return self.tell(session, to, what, at, key=key, values=common | dict(values))

    def tell(
        self, session: Session, to: Addressee, what: str, at: dt.datetime, *, key: str, values: Mapping[str, str]
    ) -> bool:
        """Queue what somebody is told, by every channel that reaches them, in the caller's transaction. `key` names
        what happened: of two notices with one key the second is not queued. The reader of a request who left a
        telephone number that no channel reaches is to be rung.
        """
        rules = self._rules.within(session, NoticeRules)
        kind, recipient = _reached(to)
        told = {"archive": self._archive(to.language)} | dict(values)
        queued = False
        for channel in self._ways(rules, kind, to):
            said = rules.said(what, channel, to.language, told)
            if said is not None:
                row = _row(said, recipient, what, channel, at, what in rules.urgent)
                queued |= _added(session, row | {"key": f"{key}:{channel}"[:200], "request_id": to.request_id})
        return queued

    def tell_colleague(
        self, session: Session, name: str, what: str, at: dt.datetime, *, key: str, values: ValuesIn
    ) -> bool:
        """The same for somebody who works here, by the name of their account, in the language of the account, else the
        one of the house for its people.
        """
        account, usual = session.get(Account, name), self._rules.within(session, NoticeRules).staff_language
        chosen = account.language if account else None
        language = language_or(chosen, usual)
        contact = session.scalar(select(ContactRow.value).where(ContactRow.account_name == name))
        to = Addressee(contact or "", language, name)
        return self.tell(session, to, what, at, key=f"{key}:{name}", values=values(language))

    def reaches(self, contact: str, account: str | None = None) -> bool:
        """Is there a channel by which somebody with this contact is told anything?"""
        kind, _ = _reached(Addressee(contact, "en", account))
        return bool(self._there(self._rules.now(NoticeRules).channels.get(kind, ())))

    def by_phone(self, contact: str, account: str | None = None) -> bool:
        """Is somebody with this contact told by telephone, by people?"""
        return _reached(Addressee(contact, "en", account))[0] == "phone" and not self.reaches(contact, account)

    def queue_events(self, session: Session, request: Request, events: Sequence[Event]) -> bool:
        """Queue the notice of what has just happened, in the caller's transaction: of several things at once the last
        one that readers are told of, since it says where the request stands.
        """
        rules = self._rules.within(session, NoticeRules)
        named = [(event, notice_of(event.what, event.payload)) for event in events]
        told = [(event, what) for event, what in named if rules.message(what) is not None]
        if not told:
            return False
        event, what = told[-1]
        calendar = self._rules.within(session, CalendarRules).calendar()
        values = values_of(request, calendar, self._rules.within(session, Materials)) | relayed(event, request.language)
        return self.queue(session, request, what, event.at, number=event.number, values=values)

    def queue_code(
        self,
        session: Session,
        recipient: str,
        what: str,
        language: str,
        at: dt.datetime,
        code: str = "",
        minutes: int = 0,
    ) -> None:
        """Queue what is told about an account, with the code that is told nowhere else, in the caller's transaction."""
        rules = self._rules.within(session, NoticeRules)
        values = {"archive": self._archive(language), "code": code, "minutes": str(minutes)}
        wanted = rules.channels.get(contacts.kind_of(recipient), ())
        # Where no channel is for telephones, whoever empties the folder sees to it.
        channel = next(iter(self._there(wanted)), "email")
        row = _row(rules.code(what, language, values), recipient, what, channel, at, is_urgent=True)
        session.add(QueuedNotice(**row))

    def queue_letter(
        self, session: Session, recipient: str, said: Said, what: str, at: dt.datetime, *, key: str
    ) -> None:
        """Queue a letter to another house, in the caller's transaction. It belongs to no request of a reader: nothing
        of it, and not its link, is kept once it has left.
        """
        row = _row(said, recipient, what, "email", at, is_urgent=False)
        _added(session, row | {"key": f"{key}:email"[:200], "request_id": None})

    def letter(self, session: Session, name: str, language: str, values: Mapping[str, str]) -> Said:
        """A letter to another house by the rules in force (`sending.events.LETTERS`)."""
        return self._rules.within(session, NoticeRules).letter(name, language, values)

    def deliver(self) -> int:
        """Send what is queued; how many left. What cannot be sent stays queued, with the reason, for another time. By
        channels that wait for other machines it is sent in the background, and 0 are said to have left.
        """
        if self._outbox is None or getattr(self._outbox, "is_quick", True):
            return self.deliver_now()
        self._sender.wake()
        return 0

    def keep_sending(self) -> None:
        """Send in the background from now on, also what is to be tried again."""
        if self._outbox is not None:
            self._sender.wake(EVERY)

    def close(self) -> None:
        """Send nothing more in the background."""
        self._sender.close()

    def deliver_now(self) -> int:
        """Send what is queued, and wait for it; how many left."""
        outbox = self._outbox
        if outbox is None:
            return 0
        left = 0
        for _ in range(_ROUNDS):
            rules, numbers = self._due()
            left += sum(self._deliver_one(outbox, number, rules) for number in numbers)
            if len(numbers) < _BATCH:
                break
        return left

    def waiting(self) -> int:
        """How many notices are still to leave."""
        with self._database.read() as session:
            unsent = select(func.count()).select_from(QueuedNotice).where(*_OPEN)
            return session.scalar(unsent) or 0

    def _ways(self, rules: NoticeRules, kind: Contact, to: Addressee) -> list[str]:
        ways = self._there(rules.channels.get(kind, ()))
        return ways or ([BY_PHONE] if kind == "phone" and to.request_id is not None else [])

    def _there(self, channels: Iterable[str]) -> list[str]:
        names = getattr(self._outbox, "names", _DEFAULT)
        return [channel for channel in channels if channel in names]

    def _due(self) -> tuple[NoticeRules, list[int]]:
        """What is to leave now, and the rules for it: most often nothing is, so this is one short look."""
        now = self._clock.now()
        with self._database.read() as session:
            rules = self._rules.within(session, NoticeRules)
            zone = ZoneInfo(self._rules.within(session, CalendarRules).timezone)
            unsent = _DUE
            if quiet_until(now, rules.quiet, zone):
                unsent = unsent.where(QueuedNotice.is_urgent | QueuedNotice.channel.not_in(rules.quiet.channels))
            return rules, list(session.scalars(unsent, _moment(now)))

    def _deliver_one(self, outbox: Outbox, number: int, rules: NoticeRules) -> bool:
        row = self._claim(number)
        if row is None:
            return False
        has_subject = row.channel not in rules.without_subject
        notice = Notice(row.id, row.recipient, row.subject, row.body, row.created, row.token, row.channel, has_subject)
        try:
            outbox.send(notice)
        # Whatever a mailer raises: the step it tells of is committed and must not look failed.
        except Exception as error:
            self._failed(row, error, rules)
            return False
        self._left(row)
        return True

    def _claim(self, number: int) -> Row[Any] | None:
        """Of several senders one gets the notice; a sender that died loses it after five minutes."""
        # The token is kept before anything is sent.
        values = {"number": number, "new_token": secrets.token_hex(16), **_moment(self._clock.now())}
        with self._database.write() as session:
            return session.execute(_CLAIMED, values, execution_options=_UNSYNCHRONIZED).one_or_none()

    def _failed(self, row: Row[Any], error: Exception, rules: NoticeRules) -> None:
        now = self._clock.now()
        told = str(without_controls(str(error)))[:_PROBLEM_LENGTH]
        since = row.since or row.created
        is_stale = row.what in CODES and now - since > _CODE_LIFE
        is_over = is_stale or isinstance(error, RefusedForGood) or is_given_up(now, since, rules.tries)
        again = next_try(now, row.attempts, rules.tries)
        change = update(QueuedNotice).where(QueuedNotice.id == row.id, QueuedNotice.sent.is_(None))
        reason = error.reason if isinstance(error, NotSent) else "other"
        ends = {"given_up": now} if is_over else {"next_try": again}
        with self._database.write() as session:
            session.execute(change.values({"claimed": None, "reason": reason, "problem": told, **ends}))

    def _left(self, row: Row[Any]) -> None:
        """Written down; of one that carries a code nothing is kept."""
        this = _LEFT if row.request_id is not None else _LEFT.values(recipient="", subject="", body="")
        values = {"number": row.id, "now": self._clock.now()}
        with self._database.write() as session:
            session.execute(this, values, execution_options=_UNSYNCHRONIZED)


# Built once: they are asked after every act, and building them took longer than they take.
_NOW, _STALE = (bindparam(name, type_=QueuedNotice.claimed.type) for name in ("now", "stale"))
_NUMBER = bindparam("number", type_=Integer())
_UNSYNCHRONIZED = {"synchronize_session": False}
_OPEN: tuple[ColumnElement[bool], ...] = (
    QueuedNotice.sent.is_(None),
    QueuedNotice.given_up.is_(None),
    QueuedNotice.channel != BY_PHONE,
)
_FREE: tuple[ColumnElement[bool], ...] = (
    QueuedNotice.claimed.is_(None) | (QueuedNotice.claimed <= _STALE),
    QueuedNotice.next_try.is_(None) | (QueuedNotice.next_try <= _NOW),
)
"""Nobody is at it, and its time has come."""
_DUE = select(QueuedNotice.id).where(*_OPEN, *_FREE).order_by(QueuedNotice.id).limit(_BATCH)
_CLAIMED = (
    update(QueuedNotice)
    .where(QueuedNotice.id == _NUMBER, *_OPEN, *_FREE)
    .values(
        claimed=_NOW,
        attempts=QueuedNotice.attempts + 1,
        token=func.coalesce(QueuedNotice.token, bindparam("new_token", type_=String())),
    )
    .returning(*QueuedNotice.__table__.columns)
)
_LEFT = update(QueuedNotice).where(QueuedNotice.id == _NUMBER).values(sent=_NOW, reason=None, problem=None)


def _moment(now: dt.datetime) -> dict[str, Any]:
    return {"now": now, "stale": now - CLAIM}


def _row(said: Said, recipient: str, what: str, channel: str, at: dt.datetime, is_urgent: bool) -> dict[str, Any]:
    return {
        "recipient": recipient,
        "subject": said.subject,
        "body": said.body,
        "created": at,
        "attempts": 0,
        "what": what,
        "channel": channel,
        "is_urgent": is_urgent,
    }


def _added(session: Session, row: dict[str, Any]) -> bool:
    """Queue it unless its key is there, also when another transaction has just put it there."""
    into = _INSERTS[session.get_bind().dialect.name]
    return bool(session.scalar(into, row))


_INSERTS = {
    dialect: insert(QueuedNotice).on_conflict_do_nothing(index_elements=["key"]).returning(QueuedNotice.id)
    for dialect, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}


def _reached(to: Addressee) -> tuple[Contact, str]:
    """How somebody can be reached: by mail, by telephone, or only where they sign in."""
    if (address := as_email(to.contact)) is not None:
        return "email", address
    try:
        return contacts.kind_of(number := contacts.normalised(to.contact)), number
    except Invalid:
        return "account", to.account or ""
