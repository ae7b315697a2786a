"""Requests: filed by readers, worked by staff.

Every step is an event; status, handler and version are the fold of the events. Writers of one request take turns: of
two who decided on the same version the second gets a Conflict. Whoever may not know of a request gets the NotFound of a
request that does not exist.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from mappings.access import ANONYMOUS, Viewer
from service_desk import answers, codes, ledger, policy, shown
from service_desk.audit import AuditLog
from service_desk.audit_chain import What, note
from service_desk.database import Database
from service_desk.deadlines import Calendar
from service_desk.errors import Conflict, Invalid, NotFound, Unavailable
from service_desk.forms import AnswerForm, MessageForm, OpenRequestForm, RefusalForm, RequestForm
from service_desk.hits import frozen, storable
from service_desk.ledger import Step
from service_desk.machine import ACTIONS, Party
from service_desk.models import AnswerFile, Request
from service_desk.notices import Notices
from service_desk.policy import Caller
from service_desk.ports import Clock, FrozenHit, Holdings, ObjectStore, Upload
from service_desk.views import Case, FileView, ReaderStatus, Receipt

AUDITED: dict[str, What] = {
    "take": "request.take",
    "release": "request.release",
    "answer": "request.answer",
    "refuse": "request.refuse",
    "tell": "request.tell",
    "note": "request.note",
}
_RECEIPT_TRIES = 5  # 40 bits: with a million requests one try in a million meets a code in use


class Requests:
    """What readers and staff do with requests. `inbox.InboxView` lists them."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        holdings: Holdings,
        objects: ObjectStore,
        calendar: Calendar,
        notices: Notices,
        audit: AuditLog,
    ) -> None:
        self._database = database
        self._clock = clock
        self._holdings = holdings
        self._objects = objects
        self._calendar = calendar
        self._notices = notices
        self._audit = audit

    # Readers

    def submit(self, form: OpenRequestForm, viewer: Viewer, visitor: str | None = None) -> Receipt:
        """File a request; the secret is told this once.

        Raises NotFound when the resource does not exist for the viewer.

        A signed-in reader's request belongs to the account; anybody else's to the visitor cookie, so on a shared
        machine nobody finds the requests of an account after it has signed out.
        """
        hit = self._frozen(form, viewer)
        secret = codes.new_secret()
        for _ in range(_RECEIPT_TRIES):
            request = self._new(form, hit, viewer, visitor, secret)
            try:
                with self._database.write() as session:
                    session.add(request)
            except IntegrityError as error:
                if "receipt" not in str(error.orig):
                    raise
            else:
                return Receipt(request.receipt, secret, "submitted", self._calendar.promise(request.submitted).due)
        raise Conflict("No receipt code was free; try again.")

    def status(
        self, receipt: str, viewer: Viewer = ANONYMOUS, *, secret: str | None = None, visitor: str | None = None
    ) -> ReaderStatus:
        """The request as its reader sees it: with its secret, signed in as its reader, or from the browser that filed
        it.

        Raises NotFound for anyone else, as for a receipt that does not exist.
        """
        with self._database.read() as session:
            request, have = _permitted(session, "status", receipt, Caller(viewer, secret, visitor))
            return shown.reader_status(request, self._calendar, have, viewer.name)

    def mine(self, viewer: Viewer, visitor: str | None = None) -> list[ReaderStatus]:
        """The requests of this account, or else of this browser, newest first."""
        if viewer.name is not None:
            own = Request.account_name == viewer.name
        elif visitor:
            own = Request.visitor_digest == codes.digest(visitor)
        else:
            return []
        newest = select(Request).where(own).order_by(Request.submitted.desc(), Request.id.desc())
        have: frozenset[Party] = frozenset({"owner"})
        with self._database.read() as session:
            rows = session.scalars(newest.options(selectinload(Request.events), selectinload(Request.files)))
            return [shown.reader_status(row, self._calendar, have, viewer.name) for row in rows]

    def write(
        self,
        receipt: str,
        form: MessageForm,
        viewer: Viewer = ANONYMOUS,
        *,
        secret: str | None = None,
        visitor: str | None = None,
    ) -> None:
        """A message of the reader to the desk. Raises NotFound, Conflict when the request is closed."""
        self._reader_acts("write", receipt, Caller(viewer, secret, visitor), form.text)

    def withdraw(
        self, receipt: str, viewer: Viewer = ANONYMOUS, *, secret: str | None = None, visitor: str | None = None
    ) -> None:
        """The reader no longer wants it. Raises NotFound, Conflict when the request is closed."""
        self._reader_acts("withdraw", receipt, Caller(viewer, secret, visitor))

    # Staff

    def case(self, receipt: str, viewer: Viewer) -> Case:
        """The request with everything on it. Raises NotAllowed, NotFound."""
        policy.require_staff("case", viewer)
        with self._audit.refusals(viewer, "case", receipt), self._database.read() as session:
            request = ledger.found(session, receipt)
            policy.check_scope("case", viewer, request)
            result = shown.case(request, self._calendar, self._today(), viewer)
        self._audit.saw(viewer, "request.see", result.receipt)
        return result

    def take(self, receipt: str, viewer: Viewer, seen: int | None = None) -> Case:
        """Take a request in hand. Raises NotAllowed, NotFound, Conflict when somebody was faster."""
        return self._staff_acts("take", receipt, viewer, seen=seen)

    def release(self, receipt: str, viewer: Viewer, seen: int | None = None) -> Case:
        """Put a request back for others. Raises NotAllowed, NotFound, Conflict."""
        return self._staff_acts("release", receipt, viewer, seen=seen)

    def answer(
        self, receipt: str, form: AnswerForm, viewer: Viewer, files: Sequence[Upload] = (), seen: int | None = None
    ) -> Case:
        """Answer with text, files or both. Raises NotAllowed, NotFound, Conflict, Invalid."""
        policy.require_staff("answer", viewer)
        if not form.text and not files:
            raise Invalid.one("text", "write an answer or attach a file")
        answers.check(files)
        # Nothing is stored for a request that plainly does not want it; then bytes before rows: an object nobody
        # refers to is harmless, an answer without its file is not.
        if "answer" not in self.case(receipt, viewer).actions:
            files = ()
        stored = answers.store(self._objects, files)
        payload = {"files": answers.evidence(stored)} if stored else {}
        return self._staff_acts("answer", receipt, viewer, form.text, payload, seen, stored)

    def refuse(self, receipt: str, form: RefusalForm, viewer: Viewer, seen: int | None = None) -> Case:
        """Refuse, with a reason and better with an alternative. Raises NotAllowed, NotFound, Conflict."""
        payload = {"alternative": form.alternative} if form.alternative else {}
        return self._staff_acts("refuse", receipt, viewer, form.reason, payload, seen)

    def tell(self, receipt: str, form: MessageForm, viewer: Viewer) -> Case:
        """A notice of the desk to the reader, such as progress. Raises NotAllowed, NotFound, Conflict when closed."""
        return self._staff_acts("tell", receipt, viewer, form.text)

    def note(self, receipt: str, form: MessageForm, viewer: Viewer) -> Case:
        """An internal note, at any time; the reader never sees it. Raises NotAllowed, NotFound."""
        return self._staff_acts("note", receipt, viewer, form.text)

    # Both, and the nightly job

    def file(
        self,
        receipt: str,
        number: int,
        viewer: Viewer = ANONYMOUS,
        *,
        secret: str | None = None,
        visitor: str | None = None,
    ) -> tuple[FileView, bytes]:
        """A file of the answer, for its reader and for staff. Raises NotFound; Unavailable when its bytes are lost."""
        with self._audit.refusals(viewer, "file", receipt), self._database.read() as session:
            request, have = _permitted(session, "file", receipt, Caller(viewer, secret, visitor))
            row, data = answers.fetch(self._objects, request, number)
        if "owner" not in have:
            self._audit.saw(viewer, "request.file", request.receipt, file=number)
        return shown.file_view(row), data

    def catch_up(self) -> int:
        """Fill in the hits of requests filed while the holdings did not answer; how many.

        Asks as an anonymous reader, so what everybody may know is filled in and nothing else.
        """
        unchecked = select(Request).where(Request.hit["checked"].as_boolean().is_(False))
        with self._database.read() as session:
            waiting = [(row.id, shown.frozen_hit(row)) for row in session.scalars(unchecked)]
        return sum(self._caught_up(number, hit) for number, hit in waiting if hit is not None)

    def _caught_up(self, number: int, old: FrozenHit) -> bool:
        try:
            hit = self._holdings.hit(old.id, ANONYMOUS)
        except Unavailable:
            return False
        if hit is None:
            return False
        whole = msgspec.structs.replace(storable(hit), query=old.query, rank=old.rank)
        filled = update(Request).where(Request.id == number)
        with self._database.write() as session:
            session.execute(filled.values(hit=msgspec.to_builtins(whole), resource_id=whole.id))
        return True

    def _frozen(self, form: OpenRequestForm, viewer: Viewer) -> FrozenHit | None:
        if not isinstance(form, RequestForm):
            return None
        hit = frozen(self._holdings, form.resource_id, viewer)
        return msgspec.structs.replace(hit, query=form.query, rank=form.rank)

    def _new(
        self, form: OpenRequestForm, hit: FrozenHit | None, viewer: Viewer, visitor: str | None, secret: str
    ) -> Request:
        now = self._clock.now()
        request = Request(
            receipt=codes.new_receipt(),
            secret_digest=codes.digest(secret),
            type=form.type,
            submitted=now,
            resource_id=hit.id if hit else None,
            hit=msgspec.to_builtins(hit) if hit else None,
            name=form.name,
            contact=form.contact,
            language=form.language,
            account_name=viewer.name,
            visitor_digest=codes.digest(visitor) if visitor and viewer.name is None else None,
        )
        ledger.begin(request, Step("submit", "reader", viewer.name, form.note), now)
        return request

    def _reader_acts(self, action: str, receipt: str, caller: Caller, text: str = "") -> None:
        with self._database.write() as session:
            request, _ = _permitted(session, action, receipt, caller, to_write=True)
            ledger.advance(request, Step(action, "reader", caller.viewer.name, text), self._clock.now())

    def _staff_acts(
        self,
        action: str,
        receipt: str,
        viewer: Viewer,
        text: str = "",
        payload: dict[str, Any] | None = None,
        seen: int | None = None,
        files: Sequence[AnswerFile] = (),
    ) -> Case:
        actor, now = policy.require_staff(action, viewer), self._clock.now()
        with self._audit.refusals(viewer, action, receipt), self._database.write() as session:
            request = ledger.found(session, receipt, to_write=True)
            policy.check_scope(action, viewer, request)
            ledger.advance(request, Step(action, "staff", actor, text, payload or {}, seen), now)
            note(session, now, actor, AUDITED[action], request.receipt)
            request.files.extend(files)
            queued = self._notices.queue(session, request, ACTIONS[action].event, now)
            session.flush()
            result = shown.case(request, self._calendar, self._today(), viewer)
        if queued:
            self._notices.deliver()
        return result

    def _today(self) -> dt.date:
        return self._calendar.day_of(self._clock.now())


def _permitted(
    session: Session, operation: str, receipt: str, caller: Caller, *, to_write: bool = False
) -> tuple[Request, frozenset[Party]]:
    request = ledger.by_receipt(session, receipt, to_write=to_write)
    have = policy.parties_to(request, caller)
    if request is None or not policy.permits(operation, have):
        raise NotFound("There is no request with this receipt code and secret.")
    return request, have
