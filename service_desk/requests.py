"""Requests: filed by readers, worked by staff. Every step is an event; status, handler and version are the fold of the events.

Of two people acting at once one wins: the second finds the version moved on and gets a Conflict. Whoever may not know of a request
gets the NotFound of a request that does not exist.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from mappings.access import ANONYMOUS, Viewer
from service_desk import codes, machine, policy, shown
from service_desk.database import Database
from service_desk.deadlines import Calendar
from service_desk.errors import Conflict, Invalid, NotFound, Unavailable
from service_desk.feedback import frozen
from service_desk.forms import AnswerForm, MessageForm, OpenRequestForm, RefusalForm, RequestForm, one_line
from service_desk.machine import ACTIONS, Action, Party, State
from service_desk.models import AnswerFile, Event, Request
from service_desk.notices import Notices
from service_desk.ports import Clock, FrozenHit, Holdings, ObjectStore, Upload
from service_desk.views import Case, FileView, ReaderStatus, Receipt

FILES_BOUND = 20
FILE_BYTES = 50 * 1024 * 1024
_FILE_NAME_BOUND = 200
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,62}/[a-z0-9][a-z0-9!#$&^_.+-]{0,62}")
_RECEIPT_TRIES = 5


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
    ) -> None:
        self._database = database
        self._clock = clock
        self._holdings = holdings
        self._objects = objects
        self._calendar = calendar
        self._notices = notices

    # Readers

    def submit(self, form: OpenRequestForm, viewer: Viewer, visitor: str | None = None) -> Receipt:
        """File a request; the secret of the receipt is told this once. Raises NotFound when the resource does not exist for the viewer.

        A signed-in reader's request belongs to the account; anybody else's to the visitor cookie, so on a shared machine
        nobody finds the requests of an account after it has signed out.
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
                due = self._calendar.promise(request.submitted).due
                return Receipt(request.receipt, secret, "submitted", due)
        raise Conflict("No receipt code was free; try again.")

    def status(
        self, receipt: str, viewer: Viewer = ANONYMOUS, *, secret: str | None = None, visitor: str | None = None
    ) -> ReaderStatus:
        """The request as its reader sees it: with its secret, signed in as its reader, or from the browser it was filed from.

        Raises NotFound for anyone else, as for a receipt that does not exist.
        """
        with self._database.read() as session:
            request, have = self._of_reader(session, "status", receipt, viewer, secret, visitor)
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
        with self._database.read() as session:
            rows = session.scalars(newest.options(selectinload(Request.events), selectinload(Request.files)))
            have = policy.parties(viewer) | {"owner"}
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
        self._reader_acts("message", receipt, viewer, secret, visitor, form.text)

    def withdraw(
        self, receipt: str, viewer: Viewer = ANONYMOUS, *, secret: str | None = None, visitor: str | None = None
    ) -> None:
        """The reader no longer wants it. Raises NotFound, Conflict when the request is closed."""
        self._reader_acts("withdraw", receipt, viewer, secret, visitor, "")

    # Staff

    def case(self, receipt: str, viewer: Viewer) -> Case:
        """The request with everything on it. Raises NotAllowed, NotFound."""
        actor = policy.require_staff("case", viewer)
        with self._database.read() as session:
            return shown.case(_found(session, receipt), self._calendar, self._today(), actor)

    def take(self, receipt: str, viewer: Viewer, seen: int | None = None) -> Case:
        """Take a request in hand. Raises NotAllowed, NotFound, Conflict when somebody was faster."""
        return self._staff_acts("take", receipt, viewer, seen)

    def release(self, receipt: str, viewer: Viewer, seen: int | None = None) -> Case:
        """Put a request back for others. Raises NotAllowed, NotFound, Conflict."""
        return self._staff_acts("release", receipt, viewer, seen)

    def answer(
        self, receipt: str, form: AnswerForm, viewer: Viewer, files: Sequence[Upload] = (), seen: int | None = None
    ) -> Case:
        """Answer with text, files or both. Raises NotAllowed, NotFound, Conflict, Invalid."""
        policy.require_staff("answer", viewer)
        if not form.text and not files:
            raise Invalid.one("text", "write an answer or attach a file")
        _check_files(files)
        self.case(receipt, viewer)
        # Bytes first: an object nobody refers to is harmless, an answer without its file is not.
        stored = [self._stored(number, upload) for number, upload in enumerate(files, start=1)]
        return self._staff_acts("answer", receipt, viewer, seen, form.text, {"files": [f.name for f in stored]}, stored)

    def refuse(self, receipt: str, form: RefusalForm, viewer: Viewer, seen: int | None = None) -> Case:
        """Refuse, with a reason and better with an alternative. Raises NotAllowed, NotFound, Conflict."""
        payload = {"alternative": form.alternative} if form.alternative else {}
        return self._staff_acts("refuse", receipt, viewer, seen, form.reason, payload)

    def tell(self, receipt: str, form: MessageForm, viewer: Viewer) -> Case:
        """A message of the desk to the reader, such as a progress notice. Raises NotAllowed, NotFound, Conflict when closed."""
        return self._staff_acts("message", receipt, viewer, None, form.text)

    def note(self, receipt: str, form: MessageForm, viewer: Viewer) -> Case:
        """An internal note, at any time; the reader never sees it. Raises NotAllowed, NotFound."""
        return self._staff_acts("note", receipt, viewer, None, form.text)

    # Both

    def file(
        self,
        receipt: str,
        number: int,
        viewer: Viewer = ANONYMOUS,
        *,
        secret: str | None = None,
        visitor: str | None = None,
    ) -> tuple[FileView, bytes]:
        """A file of the answer, for its reader and for staff. Raises NotFound; Unavailable when its bytes are gone or changed."""
        with self._database.read() as session:
            request, _ = self._of_reader(session, "status file", receipt, viewer, secret, visitor)
            row = next((file for file in request.files if file.number == number), None)
        if row is None:
            raise NotFound("There is no such file.")
        try:
            data = self._objects.get(row.object_key)
        except KeyError:
            raise Unavailable("This file is not in the object store; please tell the desk.") from None
        if hashlib.sha256(data).hexdigest() != row.sha256:
            raise Unavailable("This file is damaged in the object store; please tell the desk.")
        return shown.file_view(row), data

    def catch_up(self) -> int:
        """Fill in hits that were filed while the holdings did not answer; how many. Knows no more than everyone may know."""
        unchecked = select(Request).where(Request.hit["checked"].as_boolean().is_(False))
        with self._database.read() as session:
            waiting = [(row.id, FrozenHit(**(row.hit or {}))) for row in session.scalars(unchecked)]
        return sum(self._caught_up(number, hit) for number, hit in waiting)

    def _caught_up(self, number: int, old: FrozenHit) -> bool:
        try:
            hit = self._holdings.hit(old.id, ANONYMOUS)
        except Unavailable:
            return False
        if hit is None:
            return False
        whole = msgspec.structs.replace(hit, query=old.query, rank=old.rank)
        with self._database.write() as session:
            session.execute(update(Request).where(Request.id == number).values(hit=msgspec.to_builtins(whole)))
        return True

    def _frozen(self, form: OpenRequestForm, viewer: Viewer) -> FrozenHit | None:
        if not isinstance(form, RequestForm):
            return None
        hit = frozen(self._holdings, form.resource_id, viewer)
        return msgspec.structs.replace(hit, query=form.query, rank=form.rank)

    def _new(
        self, form: OpenRequestForm, hit: FrozenHit | None, viewer: Viewer, visitor: str | None, secret: str
    ) -> Request:
        action, now = ACTIONS["submit"], self._clock.now()
        state = machine.after(State(), action, viewer.name, now)
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
        _project(request, state)
        request.events.append(_event(state, now, "owner", viewer.name, action, form.note, {}))
        return request

    def _of_reader(
        self,
        session: Session,
        operation: str,
        receipt: str,
        viewer: Viewer,
        secret: str | None,
        visitor: str | None,
    ) -> tuple[Request, frozenset[Party]]:
        request = _by_receipt(session, receipt)
        have = policy.parties_to(request, viewer, secret, visitor)
        if request is None or not policy.permits(operation, have):
            raise NotFound("There is no request with this receipt code and secret.")
        return request, have

    def _reader_acts(
        self, name: str, receipt: str, viewer: Viewer, secret: str | None, visitor: str | None, text: str
    ) -> None:
        with self._database.write() as session:
            request, have = self._of_reader(session, name, receipt, viewer, secret, visitor)
            if "owner" not in have:  # staff write to a reader by `tell`
                raise NotFound("There is no request with this receipt code and secret.")
            self._act(session, request, ACTIONS[name], "owner", viewer.name, text, {}, None)

    def _staff_acts(
        self,
        name: str,
        receipt: str,
        viewer: Viewer,
        seen: int | None,
        text: str = "",
        payload: dict[str, Any] | None = None,
        files: Sequence[AnswerFile] = (),
    ) -> Case:
        actor = policy.require_staff(name, viewer)
        with self._database.write() as session:
            request = _found(session, receipt)
            self._act(session, request, ACTIONS[name], "staff", actor, text, payload or {}, seen)
            request.files.extend(files)
            session.flush()
            result = shown.case(request, self._calendar, self._today(), actor)
        self._notices.deliver()
        return result

    def _act(
        self,
        session: Session,
        request: Request,
        action: Action,
        party: Party,
        actor: str | None,
        text: str,
        payload: dict[str, Any],
        seen: int | None,
    ) -> None:
        """Check, write the event, project the fold. The version guards against whoever wrote since we read (any database)."""
        before, now = machine.fold(request.events), self._clock.now()
        machine.check(before, action, actor, seen)
        state = machine.after(before, action, actor if party == "staff" else None, now)
        moved = session.execute(
            update(Request)
            .where(Request.id == request.id, Request.version == before.version)
            .values(version=state.version)
            .returning(Request.id)
            .execution_options(synchronize_session=False)
        )
        if moved.scalar() is None:
            raise Conflict("Somebody else was faster; look at the request again before you go on.")
        _project(request, state)
        request.events.append(_event(state, now, party, actor, action, text, payload))
        if party == "staff":
            self._notices.queue(session, request, action.event, now)

    def _stored(self, number: int, upload: Upload) -> AnswerFile:
        sha256 = hashlib.sha256(upload.data).hexdigest()
        key = f"answers/{sha256[:2]}/{sha256}"
        self._objects.put(key, upload.data)
        return AnswerFile(
            number=number,
            name=_file_name(upload.name),
            media_type=_media_type(upload.media_type),
            size=len(upload.data),
            sha256=sha256,
            object_key=key,
        )

    def _today(self) -> dt.date:
        return self._calendar.day_of(self._clock.now())


def _by_receipt(session: Session, receipt: str) -> Request | None:
    return session.scalar(select(Request).where(Request.receipt == codes.normalise(receipt)))


def _found(session: Session, receipt: str) -> Request:
    request = _by_receipt(session, receipt)
    if request is None:
        raise NotFound("There is no request with this receipt code.")
    return request


def _project(request: Request, state: State) -> None:
    assert state.status is not None
    request.status, request.handler = state.status, state.handler
    request.version, request.closed = state.version, state.closed


def _event(
    state: State, at: dt.datetime, party: Party, actor: str | None, action: Action, text: str, payload: dict[str, Any]
) -> Event:
    return Event(number=state.version, at=at, party=party, actor=actor, what=action.event, text=text, payload=payload)


def _check_files(files: Sequence[Upload]) -> None:
    if len(files) > FILES_BOUND:
        raise Invalid.one("files", f"at most {FILES_BOUND} files")
    for upload in files:
        if not 0 < len(upload.data) <= FILE_BYTES:
            raise Invalid.one("files", f"{_file_name(upload.name)} is empty or over {FILE_BYTES // 1024**2} MiB")


def _file_name(name: str) -> str:
    """The last part of the name as handed in, on one line: it is shown and offered for saving, never used as a path of ours."""
    last = str(one_line(re.split(r"[\\/]", name)[-1])).strip(". ")
    return last[-_FILE_NAME_BOUND:] or "file"


def _media_type(given: str) -> str:
    return given.lower() if _MEDIA_TYPE.fullmatch(given.lower()) else "application/octet-stream"
