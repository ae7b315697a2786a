"""Requests: filed by readers, worked by staff.

Every step is an event; status, handler and version are the fold of the events. Writers of one request take turns: of
two who decided on the same version the second gets a Conflict. Whoever may not know of a request gets the NotFound of a
request that does not exist.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import select, update
from sqlalchemy.orm import Session, selectinload

from mappings.access import ANONYMOUS, Viewer
from service_desk import answers, attachments, codes, ledger, materials, policy, shown
from service_desk.acting import Acting, permitted
from service_desk.attachments import Supplied
from service_desk.audit import AuditLog
from service_desk.database import Database
from service_desk.errors import Conflict, Invalid, Unavailable
from service_desk.forms import AnswerForm, MessageForm, RefusalForm, whole_refusal
from service_desk.hits import storable
from service_desk.machine import Party
from service_desk.made.copies import MadeCopies
from service_desk.models import Request
from service_desk.policy import Caller
from service_desk.ports import Clock, FrozenHit, Holdings, Upload
from service_desk.views import Case, FileView, ReaderStatus


class Requests:
    """What readers and staff do with requests. `inbox.InboxView` lists them."""

    def __init__(
        self,
        acting: Acting,
        database: Database,
        clock: Clock,
        holdings: Holdings,
        audit: AuditLog,
        made: MadeCopies,
    ) -> None:
        self._made = made
        self._acting = acting
        self._database = database
        self._clock = clock
        self._holdings = holdings
        self._audit = audit

    # Readers

    def status(
        self, receipt: str, viewer: Viewer = ANONYMOUS, *, secret: str | None = None, visitor: str | None = None
    ) -> ReaderStatus:
        """The request as its reader sees it: with its secret, signed in as its reader, or from the browser that filed
        it.

        Raises NotFound for anyone else, as for a receipt that does not exist.
        """
        with self._database.read() as session:
            request, have = permitted(session, "status", receipt, Caller(viewer, secret, visitor))
            return shown.reader_status(request, self._acting.terms(session), self._clock.now(), have, viewer.name)

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
            terms, now = self._acting.terms(session), self._clock.now()
            of_each = (selectinload(Request.events), selectinload(Request.files), selectinload(Request.attachments))
            rows = session.scalars(newest.options(*of_each))
            return [shown.reader_status(row, terms, now, have, viewer.name) for row in rows]

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
        self._acting.reader("write", receipt, Caller(viewer, secret, visitor), form.text)

    def withdraw(
        self, receipt: str, viewer: Viewer = ANONYMOUS, *, secret: str | None = None, visitor: str | None = None
    ) -> None:
        """The reader no longer wants it. Raises NotFound, Conflict when the request is closed."""
        self._acting.reader("withdraw", receipt, Caller(viewer, secret, visitor))

    def supply(
        self,
        receipt: str,
        files: Sequence[Supplied],
        text: str = "",
        viewer: Viewer = ANONYMOUS,
        *,
        secret: str | None = None,
        visitor: str | None = None,
    ) -> None:
        """What was asked for, or files that were not: once nothing is missing any more, the clock goes on.

        Raises NotFound, Conflict when the request is closed, Invalid for files that are not taken.
        """
        if not files:
            raise Invalid.one("files", "choose a file")
        caller = Caller(viewer, secret, visitor)
        sniffed = attachments.sniffed(files)
        self.status(receipt, viewer, secret=secret, visitor=visitor)  # nothing is stored for whoever may not
        kept = attachments.put(self._acting.objects, sniffed)

        def said(request: Request) -> dict[str, Any]:
            asked = materials.standing(request.events)
            given = {one.material: "given" for one in sniffed if one.material in asked}
            return {"materials": given, "files": attachments.attach(request, kept, self._clock.now())}

        self._acting.reader("supply", receipt, caller, text, said)

    def agree(
        self, receipt: str, viewer: Viewer = ANONYMOUS, *, secret: str | None = None, visitor: str | None = None
    ) -> None:
        """The reader agrees to the estimate. Raises NotFound, Conflict when there is none to agree to."""
        self._acting.reader("agree", receipt, Caller(viewer, secret, visitor))

    def reopen(
        self,
        receipt: str,
        form: MessageForm,
        viewer: Viewer = ANONYMOUS,
        *,
        secret: str | None = None,
        visitor: str | None = None,
    ) -> None:
        """The reader comes back to what was answered. Raises NotFound, Conflict when it is too late for that."""
        with self._database.read() as session:
            request, _ = permitted(session, "status", receipt, Caller(viewer, secret, visitor))
            until = shown.reopens_until(request, self._acting.terms(session))
        if until is not None and until < self._clock.now():
            raise Conflict(
                "The time in which this can be taken up again is over; make a new request, and name this one."
            )
        self._acting.reader("reopen", receipt, Caller(viewer, secret, visitor), form.text)

    # Staff

    def case(self, receipt: str, viewer: Viewer) -> Case:
        """The request with everything on it. Raises NotAllowed, NotFound."""
        policy.require_staff("case", viewer)
        with self._audit.refusals(viewer, "case", receipt), self._database.read() as session:
            request = ledger.found(session, receipt)
            policy.check_scope("case", viewer, request)
            result = shown.case(request, self._acting.terms(session), self._clock.now(), viewer)
        self._audit.saw(viewer, "request.see", result.receipt)
        return result

    def take(self, receipt: str, viewer: Viewer, seen: int | None = None) -> Case:
        """Take a request in hand. Raises NotAllowed, NotFound, Conflict when somebody was faster."""
        return self._acting.staff("take", receipt, viewer, seen=seen)

    def release(self, receipt: str, viewer: Viewer, seen: int | None = None) -> Case:
        """Put a request back for others. Raises NotAllowed, NotFound, Conflict."""
        return self._acting.staff("release", receipt, viewer, seen=seen)

    def answer(
        self, receipt: str, form: AnswerForm, viewer: Viewer, files: Sequence[Upload] = (), seen: int | None = None
    ) -> Case:
        """Answer with text, files or both; files that are kept for everyone become a digital copy in the coming night.
        Raises NotAllowed, NotFound, Conflict, Invalid.
        """
        policy.require_staff("answer", viewer)
        if not form.text and not files:
            raise Invalid.one("text", "write an answer or attach a file")
        answers.check(files)
        then = self._made.with_answer(form, receipt, viewer, files)
        # Nothing is stored for a request that plainly does not want it; then bytes before rows: an object nobody
        # refers to is harmless, an answer without its file is not.
        if files and "answer" not in self.case(receipt, viewer).actions:
            files = ()
        stored = answers.store(self._acting.objects, files)
        payload = {"files": answers.evidence(stored)} if stored else {}
        return self._acting.staff("answer", receipt, viewer, form.text, payload, seen, stored, then=then)

    def refuse(self, receipt: str, form: RefusalForm, viewer: Viewer, seen: int | None = None) -> Case:
        """Refuse, with a reason, and what the reader can have instead or why that is nothing. Raises NotAllowed,
        NotFound, Invalid, Conflict.
        """
        names = ("alternative", "article", "nothing_instead")
        said = {name: getattr(form, name) for name in names}
        payload: dict[str, Any] = {name: text for name, text in said.items() if text}
        if form.instead:
            payload["instead"] = [one.model_dump() for one in form.instead]

        def whole(session: Session, request: Request) -> None:
            whole_refusal(form)

        return self._acting.staff("refuse", receipt, viewer, form.reason, payload, seen, prepare=whole)

    def tell(self, receipt: str, form: MessageForm, viewer: Viewer) -> Case:
        """A notice of the desk to the reader, such as progress. Raises NotAllowed, NotFound, Conflict when closed."""
        return self._acting.staff("tell", receipt, viewer, form.text)

    def note(self, receipt: str, form: MessageForm, viewer: Viewer) -> Case:
        """An internal note, at any time; the reader never sees it. Raises NotAllowed, NotFound."""
        return self._acting.staff("note", receipt, viewer, form.text)

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
            request, have = permitted(session, "file", receipt, Caller(viewer, secret, visitor))
            row, data = answers.fetch(self._acting.objects, request, number)
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
