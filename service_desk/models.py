"""The tables of the desk. Their history is in `migrations/`; a test keeps the two alike.

Times are UTC. Only digests of secrets, session tokens and visitor cookies are stored. Events are append-only: triggers
in the database refuse UPDATE and DELETE, and so does the session (`guard_events`).
"""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    event,
    false,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    ORMExecuteState,
    Session,
    UOWTransaction,
    mapped_column,
    relationship,
)
from sqlalchemy.types import TypeDecorator

from mappings.grants import Scope

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Utc(TypeDecorator[dt.datetime]):
    """An instant: stored without zone as UTC, because SQLite has no zones; read back aware."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        return value.astimezone(dt.UTC).replace(tzinfo=None) if value is not None else None

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        return value.replace(tzinfo=dt.UTC) if value is not None else None


class Base(DeclarativeBase):
    """Names of constraints are fixed so that migrations can refer to them on every database."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar = {
        dt.datetime: Utc,
        dict[str, Any]: JSON(none_as_null=True),
        list[Any]: JSON(),
        str: Text,
    }


class Account(Base):
    """A person who can sign in. `name` never changes: events and requests refer to it.

    `role` tells readers from those who work here; which roles they have is in `roles`. Accounts made before there were
    several have none there.
    """

    __tablename__ = "account"
    __table_args__ = (CheckConstraint("role IN ('reader', 'staff')", name="role"),)

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    display_name: Mapped[str]
    role: Mapped[str] = mapped_column(String(20))
    password_hash: Mapped[str]
    created: Mapped[dt.datetime]
    disabled: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str | None] = mapped_column(String(20))
    """In which they are told what is for people who work here; None as the house does."""

    roles: Mapped[list[GivenRole]] = relationship(
        order_by="GivenRole.id", lazy="selectin", cascade="all, delete-orphan"
    )


class GivenRole(Base):
    """A role of an account, within a scope: an empty text does not limit."""

    __tablename__ = "given_role"
    __table_args__ = (UniqueConstraint("account_name", "role", "holder", "fonds", "department", "theme"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_name: Mapped[str] = mapped_column(ForeignKey("account.name"))
    role: Mapped[str] = mapped_column(String(40))
    holder: Mapped[str] = mapped_column(String(100))
    fonds: Mapped[str] = mapped_column(String(100))
    department: Mapped[str] = mapped_column(String(100))
    theme: Mapped[str] = mapped_column(String(100))
    at: Mapped[dt.datetime]
    by: Mapped[str] = mapped_column(String(100))

    @property
    def scope(self) -> Scope:
        return Scope(self.holder or None, self.fonds or None, self.department or None, self.theme or None)


class PolicyVersion(Base):
    """A policy as it was in force from `at` on; `body` is its JSON, `digest` that of the body."""

    __tablename__ = "policy_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), index=True)
    digest: Mapped[str] = mapped_column(String(64))
    body: Mapped[str]
    at: Mapped[dt.datetime]
    by: Mapped[str] = mapped_column(String(100))


class Contact(Base):
    """The e-mail address or telephone number of an account, in the one way of writing it, confirmed by a code."""

    __tablename__ = "contact"

    account_name: Mapped[str] = mapped_column(ForeignKey("account.name"), primary_key=True)
    value: Mapped[str] = mapped_column(String(254), unique=True)
    confirmed: Mapped[dt.datetime]


class Person(Base):
    """Somebody registered at the window, by the code on their card; `account_name` when they have an account, too."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str]
    contact: Mapped[str] = mapped_column(String(254))
    account_name: Mapped[str | None] = mapped_column(ForeignKey("account.name"), unique=True)
    registered: Mapped[dt.datetime] = mapped_column(index=True)
    by: Mapped[str] = mapped_column(String(100))

    documents: Mapped[list[Document]] = relationship(order_by="Document.id", cascade="all, delete-orphan")


class Document(Base):
    """An identity document that staff looked at: a digest of its number under the key of the installation, and its last
    characters (`documents`).
    """

    __tablename__ = "identity_document"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    last: Mapped[str] = mapped_column(String(8))
    checked: Mapped[dt.datetime]
    checked_by: Mapped[str] = mapped_column(String(100))


class ExternalIdentity(Base):
    """Whose account an issuer of OpenID Connect speaks of by which subject."""

    __tablename__ = "external_identity"

    issuer: Mapped[str] = mapped_column(String(300), primary_key=True)
    subject: Mapped[str] = mapped_column(String(255), primary_key=True)
    account_name: Mapped[str] = mapped_column(ForeignKey("account.name"), index=True)


class Terminal(Base):
    """A machine of the reading room: digests of the key that makes it one, used up when `opened`, and of its cookie."""

    __tablename__ = "terminal"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), index=True)
    key_digest: Mapped[str] = mapped_column(String(64), unique=True)
    token_digest: Mapped[str | None] = mapped_column(String(64))
    added: Mapped[dt.datetime]
    by: Mapped[str] = mapped_column(String(100))
    opened: Mapped[dt.datetime | None]
    removed: Mapped[dt.datetime | None]


class Confirmation(Base):
    """A code that was sent to a contact and waits to be typed: what for, and, in `body`, what becomes of it then."""

    __tablename__ = "confirmation"

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(String(20))
    contact_digest: Mapped[str] = mapped_column(String(64), index=True)
    browser_digest: Mapped[str | None] = mapped_column(String(64))
    code_digest: Mapped[str] = mapped_column(String(64))
    expires: Mapped[dt.datetime] = mapped_column(index=True)
    tries: Mapped[int]
    body: Mapped[dict[str, Any]]


class FamiliarBrowser(Base):
    """A browser that signed in to an account, by the digest of its visitor cookie, and when last."""

    __tablename__ = "familiar_browser"

    account_name: Mapped[str] = mapped_column(ForeignKey("account.name"), primary_key=True)
    browser_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(index=True)


class SignIn(Base):
    """An open session: `token_digest` of the cookie; `expires` slides with use, `created` bounds it."""

    __tablename__ = "session"

    token_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_name: Mapped[str] = mapped_column(ForeignKey("account.name"), index=True)
    created: Mapped[dt.datetime]
    expires: Mapped[dt.datetime]

    account: Mapped[Account] = relationship()


class Attempts(Base):
    """Sign-in attempts of one key (digest of client, or of client and name) since `since`."""

    __tablename__ = "attempts"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int]
    since: Mapped[dt.datetime]


class Setting(Base):
    """A value of the installation that is made once, such as the key of form tokens."""

    __tablename__ = "setting"

    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    value: Mapped[str]


class Request(Base):
    """What a reader asked for.

    `status`, `handler`, `version`, `closed` and `clock` (`machine.Clock`) are the fold of the events, kept for queries;
    `due` is what follows from the clock, the limits of its type and the calendar, None while it is not the archive's
    turn. `hit` is the record it was placed from, `more` are those asked for with it. `barred` are accounts that may
    not handle it, `concerns` the receipt code of the request it is about.
    """

    __tablename__ = "request"
    __table_args__ = (Index("ix_request_status_due", "status", "due"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    receipt: Mapped[str] = mapped_column(String(20), unique=True)
    secret_digest: Mapped[str] = mapped_column(String(64))
    type: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(20), index=True)
    handler: Mapped[str | None] = mapped_column(ForeignKey("account.name"), index=True)
    version: Mapped[int]
    submitted: Mapped[dt.datetime] = mapped_column(index=True)
    closed: Mapped[dt.datetime | None]
    clock: Mapped[dict[str, Any] | None]
    due: Mapped[dt.datetime | None]
    resource_id: Mapped[str | None] = mapped_column(String(300), index=True)
    hit: Mapped[dict[str, Any] | None]
    more: Mapped[list[Any]] = mapped_column(server_default="[]")
    name: Mapped[str]
    contact: Mapped[str]
    language: Mapped[str] = mapped_column(String(20))
    account_name: Mapped[str | None] = mapped_column(ForeignKey("account.name"), index=True)
    visitor_digest: Mapped[str | None] = mapped_column(String(64), index=True)
    person_code: Mapped[str | None] = mapped_column(String(20), index=True)
    channel: Mapped[str] = mapped_column(String(20), server_default="web")
    keyed_by: Mapped[str | None] = mapped_column(String(100))
    relation: Mapped[str | None] = mapped_column(String(40))
    route: Mapped[str | None] = mapped_column(String(40))
    department: Mapped[str | None] = mapped_column(String(40), index=True)
    urgent: Mapped[bool] = mapped_column(server_default=false())
    concerns: Mapped[str | None] = mapped_column(String(20), index=True)
    barred: Mapped[list[Any]] = mapped_column(server_default="[]")
    consent: Mapped[str | None] = mapped_column(String(64))

    events: Mapped[list[Event]] = relationship(order_by="Event.number", back_populates="request")
    files: Mapped[list[AnswerFile]] = relationship(order_by="AnswerFile.number", back_populates="request")
    attachments: Mapped[list[Attachment]] = relationship(order_by="Attachment.number", back_populates="request")


class Event(Base):
    """One thing that happened to a request: `number` counts from 1 without gaps, so of two writers one fails."""

    __tablename__ = "event"
    __table_args__ = (UniqueConstraint("request_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("request.id"))
    number: Mapped[int]
    at: Mapped[dt.datetime]
    party: Mapped[str] = mapped_column(String(20))
    actor: Mapped[str | None] = mapped_column(String(100))
    what: Mapped[str] = mapped_column(String(20))
    text: Mapped[str]
    payload: Mapped[dict[str, Any]]

    request: Mapped[Request] = relationship(back_populates="events")


class StoredFile:
    """The columns of a table of files; the bytes lie in the object store under `object_key`."""

    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    object_key: Mapped[str]


class AnswerFile(StoredFile, Base):
    """A file of an answer."""

    __tablename__ = "answer_file"
    __table_args__ = (UniqueConstraint("request_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("request.id"))
    number: Mapped[int]

    request: Mapped[Request] = relationship(back_populates="files")


class Attachment(StoredFile, Base):
    """A file that a reader handed in with a request, for a `material` or on its own."""

    __tablename__ = "attachment"
    __table_args__ = (UniqueConstraint("request_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("request.id"))
    number: Mapped[int]
    material: Mapped[str | None] = mapped_column(String(40))
    at: Mapped[dt.datetime]

    request: Mapped[Request] = relationship(back_populates="attachments")


class VerifiedMaterial(Base):
    """A material that staff verified and that holds for further requests of its owner (``account:NAME``,
    ``person:CODE``) up to `until`, without end when that is None.
    """

    __tablename__ = "verified_material"
    __table_args__ = (Index("ix_verified_material_owner", "owner", "material"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(String(120))
    material: Mapped[str] = mapped_column(String(40))
    verified: Mapped[dt.datetime]
    until: Mapped[dt.datetime | None]
    by: Mapped[str] = mapped_column(String(100))


class QueuedNotice(Base):
    """A notice that is to leave the house; written with what it tells of, sent after the commit. One that is not about
    a request carries a code: nothing of it is kept once it has left.

    `key` names what it tells of and by which channel, so that nothing is told twice; `token` is the message's name
    wherever it goes. `since` is when trying began, `given_up` when it ended for good; `reason` is the kind of the last
    failure and `problem` what was said then.
    """

    __tablename__ = "notice"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str | None] = mapped_column(String(200), unique=True)
    token: Mapped[str | None] = mapped_column(String(40))
    what: Mapped[str] = mapped_column(String(40), server_default="notice")
    channel: Mapped[str] = mapped_column(String(20), server_default="email")
    is_urgent: Mapped[bool] = mapped_column(server_default=false())
    since: Mapped[dt.datetime | None]
    next_try: Mapped[dt.datetime | None]
    given_up: Mapped[dt.datetime | None]
    reason: Mapped[str | None] = mapped_column(String(20))
    request_id: Mapped[int | None] = mapped_column(ForeignKey("request.id"), index=True)
    recipient: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str]
    created: Mapped[dt.datetime]
    claimed: Mapped[dt.datetime | None]
    sent: Mapped[dt.datetime | None] = mapped_column(index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str | None]


class FeedbackRow(Base):
    """What a reader said about a hit, with the query and rank it stood at: raw material of relevance judgements."""

    __tablename__ = "feedback"
    __table_args__ = (Index("ix_feedback_state_at", "state", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    resource_id: Mapped[str] = mapped_column(String(300), index=True)
    title: Mapped[str]
    kind: Mapped[str] = mapped_column(String(20))
    note: Mapped[str]
    query: Mapped[str | None]
    rank: Mapped[int | None]
    index_version: Mapped[str | None]
    at: Mapped[dt.datetime]
    account_name: Mapped[str | None] = mapped_column(ForeignKey("account.name"))
    visitor_digest: Mapped[str | None] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(20))
    marked_by: Mapped[str | None] = mapped_column(ForeignKey("account.name"))
    marked_at: Mapped[dt.datetime | None]


class LinkDecision(Base):
    """What staff decided about two records; a later row on the same pair replaces an earlier one. Append-only."""

    __tablename__ = "link_decision"
    __table_args__ = (CheckConstraint("verdict IN ('same', 'apart', 'open')", name="verdict"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    one_source: Mapped[str] = mapped_column(String(300))
    one_id: Mapped[str]
    other_source: Mapped[str] = mapped_column(String(300))
    other_id: Mapped[str]
    verdict: Mapped[str] = mapped_column(String(20))
    note: Mapped[str]
    at: Mapped[dt.datetime]
    account_name: Mapped[str] = mapped_column(ForeignKey("account.name"))


class DeidentificationEvent(Base):
    """One thing that happened to the de-identified copy of a record. `record` is the digest of source and id; `number`
    counts from 1 without gaps, so of two writers one fails. `version` tells the text that was looked at. Spans in the
    payload are places, never what stands there. Append-only.
    """

    __tablename__ = "deidentification_event"
    __table_args__ = (UniqueConstraint("record", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    record: Mapped[str] = mapped_column(String(32))
    number: Mapped[int]
    source: Mapped[str] = mapped_column(String(300))
    source_id: Mapped[str]
    version: Mapped[str] = mapped_column(String(64))
    what: Mapped[str] = mapped_column(String(20))
    payload: Mapped[dict[str, Any]]
    note: Mapped[str]
    at: Mapped[dt.datetime]
    account_name: Mapped[str] = mapped_column(ForeignKey("account.name"))


class OpeningReview(Base):
    """What staff decided about the opening of a record, or of a unit and what is below it; a later row on the same one
    replaces an earlier one. `until` is an ISO day. Append-only.
    """

    __tablename__ = "opening_review"
    __table_args__ = (
        CheckConstraint(
            "state IN ('not_reviewed', 'under_review', 'open', 'extended', 'closed', 'partly')", name="state"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(300))
    source_id: Mapped[str]
    state: Mapped[str] = mapped_column(String(20))
    until: Mapped[str | None] = mapped_column(String(10))
    article: Mapped[str]
    note: Mapped[str]
    at: Mapped[dt.datetime]
    account_name: Mapped[str] = mapped_column(ForeignKey("account.name"))


class Draft(Base):
    """A form half filled in. `owner` is an account or the digest of a visitor cookie."""

    __tablename__ = "draft"

    owner: Mapped[str] = mapped_column(String(200), primary_key=True)
    form: Mapped[str] = mapped_column(String(200), primary_key=True)
    body: Mapped[dict[str, Any]]
    updated: Mapped[dt.datetime] = mapped_column(index=True)


class SavedSearch(Base):
    """A search kept under a name; `owner` as in `Draft`. `total`, `found` (ids, when they are few) and `index_version`
    are what its owner saw when they last looked.
    """

    __tablename__ = "saved_search"

    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(String(200), index=True)
    name: Mapped[str]
    address: Mapped[str]
    created: Mapped[dt.datetime]
    looked: Mapped[dt.datetime]
    total: Mapped[int]
    found: Mapped[dict[str, Any] | None]
    index_version: Mapped[str | None]


class AuditRow(Base):
    """A row of the audit log (`audit_chain`): `id` counts from 1 without gaps, `digest` covers the row and `previous`.
    Append-only.
    """

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_actor_id", "actor", "id"), Index("ix_audit_subject_id", "subject", "id"))

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[dt.datetime]
    actor: Mapped[str | None] = mapped_column(String(100))
    what: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(400))
    detail: Mapped[dict[str, Any]]
    previous: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))


class AppendedOnly:
    """Marks a table whose rows are never changed or deleted."""


APPEND_ONLY: tuple[type, ...] = (
    Event,
    LinkDecision,
    DeidentificationEvent,
    OpeningReview,
    AuditRow,
    AppendedOnly,
)


class AppendOnly(RuntimeError):
    """A programming error: something tried to change or delete what is only ever added to."""


def guard_events(factory: type[Session]) -> None:
    """Refuse, in sessions of this class, to change or delete what is append-only; the database's triggers are the
    second line.
    """
    event.listen(factory, "before_flush", _refuse_changed_events)
    event.listen(factory, "do_orm_execute", _refuse_bulk_changes)


def _refuse_changed_events(session: Session, context: UOWTransaction, instances: object) -> None:
    changed = [item for item in session.dirty if isinstance(item, APPEND_ONLY) and session.is_modified(item)]
    if changed or any(isinstance(item, APPEND_ONLY) for item in session.deleted):
        raise AppendOnly("events, decisions and the audit log are append-only")


def _refuse_bulk_changes(state: ORMExecuteState) -> None:
    if (state.is_update or state.is_delete) and state.bind_mapper and issubclass(state.bind_mapper.class_, APPEND_ONLY):
        raise AppendOnly("events, decisions and the audit log are append-only")
