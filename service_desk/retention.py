"""What is kept of readers, and for how long: a policy, and what deletes data or makes it anonymous when it is time.

What happened to a request stays - its record, its dates, who worked on it -, without anything that says whose it was.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from typing import Annotated

from msgspec import Struct
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm import Session

from service_desk.audit_chain import note
from service_desk.database import Database
from service_desk.given import keep_version
from service_desk.indicators.tables import KeptRounds
from service_desk.legs.tables import forget_legs
from service_desk.made import copies as made
from service_desk.models import (
    Account,
    AnswerFile,
    Attachment,
    AuditRow,
    Contact,
    Document,
    Draft,
    Event,
    ExternalIdentity,
    FamiliarBrowser,
    FeedbackRow,
    Person,
    QueuedNotice,
    Request,
    SavedSearch,
    SignIn,
    VerifiedMaterial,
)
from service_desk.ports import Clock, ObjectStore
from service_desk.printed.giving import FINDINGS
from service_desk.printed.tables import FileLink
from service_desk.ratings.tables import Rating
from service_desk.roles import READER

NAME = "retention"
_ACTOR = "retention"
_BATCH = 100
Days = Annotated[int, Field(ge=1, le=36_500)] | None


class RetentionPolicy(BaseModel):
    """For how many days; what is not said is kept."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    requests: Days = None
    accounts: Days = None
    persons: Days = None
    feedback: Days = None

    @property
    def body(self) -> str:
        """The policy as JSON."""
        return json.dumps(self.model_dump(), sort_keys=True)

    @property
    def digest(self) -> str:
        """SHA-256 of `body`."""
        return hashlib.sha256(self.body.encode()).hexdigest()


class Forgotten(Struct, frozen=True):
    """How many of each were forgotten, or would be."""

    requests: int = 0
    accounts: int = 0
    persons: int = 0
    feedback: int = 0


class Retention:
    """Carries out a policy. A command of the nightly run."""

    def __init__(self, database: Database, clock: Clock, objects: ObjectStore) -> None:
        self._database = database
        self._clock = clock
        self._objects = objects

    def due(self, policy: RetentionPolicy) -> Forgotten:
        """What would be forgotten now."""
        found = {name: self._due(name, days, None) for name, days in policy.model_dump().items()}
        return Forgotten(**{name: len(keys) for name, keys in found.items()})

    def apply(self, policy: RetentionPolicy, by: str) -> Forgotten:
        """Forget what is due, each subject in a transaction of its own; `by` wrote the policy. The policy is kept when
        it differs from the last one.
        """
        keep_version(self._database, NAME, policy.digest, policy.body, self._clock.now(), by)
        return Forgotten(**{name: self._forget_all(name, days) for name, days in policy.model_dump().items()})

    def _forget_all(self, name: str, days: int | None) -> int:
        """In batches, until nothing is due."""
        done = 0
        while due := self._due(name, days, _BATCH):
            for key in due:
                with self._database.write() as session:
                    left = _FORGET[name](session, key, self._clock.now())
                for object_key in left or ():
                    self._objects.delete(object_key)
            done += len(due)
        return done

    def _due(self, name: str, days: int | None, limit: int | None) -> list[str | int]:
        if days is None:
            return []
        column, condition = _DUE[name](self._clock.now() - dt.timedelta(days=days))
        with self._database.read() as session:
            return list(session.scalars(select(column).where(condition).order_by(column).limit(limit)))


Due = tuple[ColumnElement[str | int], ColumnElement[bool]]


def _requests_due(before: dt.datetime) -> Due:
    return Request.id, (Request.closed <= before) & (Request.contact != "")  # type: ignore[return-value]


def _accounts_due(before: dt.datetime) -> Due:
    """Accounts of readers that nobody signed in to since, and that wait for nothing."""
    opened = (
        select(func.max(AuditRow.at))
        .where(AuditRow.actor == Account.name, AuditRow.what == "session.open")
        .scalar_subquery()
    )
    waits = select(Request.id).where(Request.account_name == Account.name, Request.closed.is_(None)).exists()
    is_readers = (Account.role == READER) & (Account.password_hash != "")
    return Account.name, is_readers & (func.coalesce(opened, Account.created) <= before) & ~waits  # type: ignore[return-value]


def _persons_due(before: dt.datetime) -> Due:
    """Persons not seen since, without an account of their own: with one they are kept as long as it is."""
    checked = select(func.max(Document.checked)).where(Document.person_id == Person.id).scalar_subquery()
    is_old = (Person.registered <= before) & or_(checked.is_(None), checked <= before)
    return Person.id, is_old & Person.account_name.is_(None)  # type: ignore[return-value]


def _feedback_due(before: dt.datetime) -> Due:
    known = or_(FeedbackRow.account_name.is_not(None), FeedbackRow.visitor_digest.is_not(None))
    return FeedbackRow.id, (FeedbackRow.at <= before) & known  # type: ignore[return-value]


def _forget_request(session: Session, key: str | int, now: dt.datetime) -> tuple[str, ...]:
    """Name, contact, account, browser, secret, words sought, texts, names of files, links to them, findings written
    down for it, and what was handed in: gone. The keys of objects that nothing refers to any more.
    """
    request = session.get_one(Request, key)
    request.name = request.contact = request.secret_digest = ""
    request.account_name = request.visitor_digest = request.person_code = request.concerns = None
    if request.hit is not None:
        request.hit = {**request.hit, "query": None, "rank": None}
    session.flush()  # the database lets texts of events go once their request says nothing of anybody
    events = Event.__table__
    ours = events.c.request_id == request.id
    gone = {"text": "", "payload": {}}
    session.connection().execute(update(events).where(ours, events.c.party == "reader").values(actor=None, **gone))  # type: ignore[arg-type]
    session.connection().execute(update(events).where(ours, events.c.party != "reader").values(**gone))  # type: ignore[arg-type]
    notices = update(QueuedNotice).where(QueuedNotice.request_id == request.id)
    session.execute(
        notices.values(recipient="", subject="", body="", problem=None, sent=func.coalesce(QueuedNotice.sent, now))
    )
    for file in session.scalars(select(AnswerFile).where(AnswerFile.request_id == request.id)):
        file.name = str(file.number)
    made.forget(session, request)
    forget_legs(request)
    session.execute(delete(KeptRounds).where(KeptRounds.request_id == request.id))
    session.execute(update(Rating).where(Rating.request_id == request.id).values(words=""))
    session.execute(delete(FileLink).where(FileLink.receipt == request.receipt))
    session.execute(delete(Draft).where(Draft.form == f"{FINDINGS}{request.receipt}"))
    note(session, now, _ACTOR, "request.forget", request.receipt)
    return _let_go_of_attachments(session, request)


def _let_go_of_attachments(session: Session, request: Request) -> tuple[str, ...]:
    """Papers that readers handed in are nobody's history. The same bytes may lie with another request."""
    keys = set(session.scalars(select(Attachment.object_key).where(Attachment.request_id == request.id)))
    session.execute(delete(Attachment).where(Attachment.request_id == request.id))
    kept = set(session.scalars(select(Attachment.object_key).where(Attachment.object_key.in_(sorted(keys)))))
    return tuple(sorted(keys - kept))


def _forget_account(session: Session, key: str | int, now: dt.datetime) -> None:
    """Everything but the name, which events and requests refer to; nobody signs in to it any more. The person at the
    window it was joined to goes with it.
    """
    account = session.get_one(Account, key)
    account.display_name, account.password_hash, account.disabled = account.name, "", True
    account.language = None
    for table in (Contact, FamiliarBrowser, ExternalIdentity, SignIn):
        session.execute(delete(table).where(table.account_name == account.name))
    session.execute(delete(VerifiedMaterial).where(VerifiedMaterial.owner == f"account:{account.name}"))
    for kept in (Draft, SavedSearch):
        session.execute(delete(kept).where(kept.owner == f"account:{account.name}"))
    session.execute(update(FeedbackRow).where(FeedbackRow.account_name == account.name).values(account_name=None))
    for number in session.scalars(select(Person.id).where(Person.account_name == account.name)).all():
        _forget_person(session, number, now)
    note(session, now, _ACTOR, "account.forget", account.name)


def _forget_person(session: Session, key: str | int, now: dt.datetime) -> None:
    person = session.get_one(Person, key)
    session.execute(delete(VerifiedMaterial).where(VerifiedMaterial.owner == f"person:{person.code}"))
    note(session, now, _ACTOR, "person.forget", person.code)
    session.delete(person)


def _forget_feedback(session: Session, key: str | int, now: dt.datetime) -> None:
    """Whose it was; what was said of the hit stays."""
    row = session.get_one(FeedbackRow, key)
    row.account_name = row.visitor_digest = None


_DUE: dict[str, Callable[[dt.datetime], Due]] = {
    "requests": _requests_due,
    "accounts": _accounts_due,
    "persons": _persons_due,
    "feedback": _feedback_due,
}
_FORGET: dict[str, Callable[[Session, str | int, dt.datetime], tuple[str, ...] | None]] = {
    "requests": _forget_request,
    "accounts": _forget_account,
    "persons": _forget_person,
    "feedback": _forget_feedback,
}
