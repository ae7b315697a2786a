"""Persons at the window: registered without an account, their identity documents looked at by staff, and joined to the
account they have or make later.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from mappings.access import Viewer
from mappings.grants import ANYWHERE
from service_desk import codes, contacts, policy
from service_desk.audit import AuditLog
from service_desk.audit_chain import note
from service_desk.database import PAGE_BOUND, Database, paging
from service_desk.documents import Documents, Seen
from service_desk.errors import Conflict, NotFound
from service_desk.forms import DocumentForm, PersonForm, one_line
from service_desk.given import Roles, found, held
from service_desk.models import Account, Document, Person
from service_desk.ports import Clock
from service_desk.roles import VERIFIED
from service_desk.views import DocumentView, PersonView, RoleView

_LOCK = "persons"
_FIND_BOUND = 200


class People:
    """For whoever may register persons. Every look at a person and every change is in the audit log."""

    def __init__(self, database: Database, clock: Clock, documents: Documents, roles: Roles, audit: AuditLog) -> None:
        self._database = database
        self._clock = clock
        self._documents = documents
        self._roles = roles
        self._audit = audit

    def register(self, form: PersonForm, viewer: Viewer) -> PersonView:
        """A new person, with the document that was shown if there was one. Raises NotAllowed, Invalid; Conflict with
        the code under which the document is known already.
        """
        actor, now = policy.require("persons.register", viewer), self._clock.now()
        contact = contacts.normalised(form.contact) if form.contact else ""
        shown = self._documents.seen(form.kind, form.number) if form.number else None
        with self._database.write(lock=_LOCK) as session:
            self._check_unknown(session, shown)
            person = Person(code=codes.new_receipt(), name=form.name, contact=contact, registered=now, by=actor)
            session.add(person)
            note(session, now, actor, "person.register", person.code)
            if shown is not None:
                self._add_document(session, person, shown, actor)
            session.flush()
            return _view(person)

    def find(self, text: str, viewer: Viewer, size: int = 20) -> list[PersonView]:
        """Persons by their code, part of their name or contact, or the number of a document they showed; the newest
        when nothing is asked for. Raises NotAllowed.
        """
        policy.require("persons.register", viewer)
        sought = str(one_line(text))[:_FIND_BOUND]
        chosen = (
            select(Person).where(*self._matching(sought)).order_by(Person.id.desc()).limit(paging(size, PAGE_BOUND))
        )
        with self._database.read() as session:
            persons = [_view(person) for person in session.scalars(chosen)]
        for person in persons:
            self._audit.saw(viewer, "person.see", person.code)
        return persons

    def one(self, code: str, viewer: Viewer) -> PersonView:
        """A person. Raises NotAllowed, NotFound."""
        policy.require("persons.register", viewer)
        with self._database.read() as session:
            person = _view(_person(session, code))
        self._audit.saw(viewer, "person.see", person.code)
        return person

    def check(self, code: str, form: DocumentForm, viewer: Viewer) -> PersonView:
        """A document that was shown and looked at. With an account, its owner is a verified reader from now on. Raises
        NotAllowed, NotFound, Invalid, Conflict.
        """
        actor = policy.require("persons.register", viewer)
        shown = self._documents.seen(form.kind, form.number)
        _ = self._roles.policy
        with self._database.write(lock=_LOCK) as session:
            person = _person(session, code)
            self._check_unknown(session, shown, but=person)
            if shown.digest not in {one.digest for one in person.documents}:
                self._add_document(session, person, shown, actor)
            self._verify(session, person, actor)
            session.flush()
            return _view(person)

    def join(self, code: str, account_name: str, viewer: Viewer) -> PersonView:
        """This person is who has that account. Raises NotAllowed, NotFound, UnknownAccount; Conflict when one of the
        two is joined to another.
        """
        actor, now = policy.require("persons.register", viewer), self._clock.now()
        _ = self._roles.policy
        with self._database.write(lock=_LOCK) as session:
            person, account = _person(session, code), found(session, account_name.strip())
            other = session.scalar(select(Person).where(Person.account_name == account.name))
            if person.account_name not in (None, account.name) or other not in (None, person):
                raise Conflict("Person or account is joined to another already.")
            person.account_name = account.name
            note(session, now, actor, "person.join", person.code, account=account.name)
            self._verify(session, person, actor)
            return _view(person)

    def _matching(self, sought: str) -> list[ColumnElement[bool]]:
        if not sought:
            return []
        digests = [seen.digest for seen in self._documents.possible(sought)]
        fields = (Person.name, Person.contact)
        return [
            or_(
                Person.code == codes.normalise(sought),
                *(field.icontains(sought, autoescape=True) for field in fields),
                Person.documents.any(Document.digest.in_(digests)),
            )
        ]

    def _check_unknown(self, session: Session, shown: Seen | None, but: Person | None = None) -> None:
        if shown is None:
            return
        known = session.scalar(select(Person).join(Document).where(Document.digest == shown.digest))
        if known is not None and known is not but:
            raise Conflict(f"This document was shown before: the person is registered as {known.code}.")

    def _add_document(self, session: Session, person: Person, shown: Seen, actor: str) -> None:
        now = self._clock.now()
        row = Document(kind=shown.kind, digest=shown.digest, last=shown.last, checked=now, checked_by=actor)
        person.documents.append(row)
        note(session, now, actor, "person.check", person.code, kind=shown.kind)

    def _verify(self, session: Session, person: Person, actor: str) -> None:
        """Who showed a document and has an account is a verified reader."""
        if person.account_name is None or not person.documents:
            return
        account = session.get(Account, person.account_name)
        if account is not None and RoleView(VERIFIED) not in held(account):
            self._roles.give_in(session, account, VERIFIED, ANYWHERE, actor)


def _person(session: Session, code: str) -> Person:
    person = session.scalar(select(Person).where(Person.code == codes.normalise(code)))
    if person is None:
        raise NotFound("There is no person with this code.")
    return person


def _view(person: Person) -> PersonView:
    documents = tuple(DocumentView(one.kind, one.last, one.checked, one.checked_by) for one in person.documents)
    told = (person.code, person.name, person.contact, person.account_name, person.registered, person.by)
    return PersonView(*told, documents)
