"""Copies made for one reader and kept for everyone: a clerk says so with the answer or later, the night makes them
digital copies of the record, and whoever may decide takes them back.

What is kept is the file as it was made, never one that is marked for its reader. Who may read it is not decided here:
that is what the rights of the record say, on the day somebody asks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Annotated, Final

from pydantic import BeforeValidator, Field
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from mappings.access import Viewer
from mappings.decisions import Key
from service_desk import answers, ledger, policy
from service_desk.acting import Told, nothing
from service_desk.audit import AuditLog
from service_desk.audit_chain import note
from service_desk.database import Database
from service_desk.errors import Conflict, Invalid, NotAllowed, NotFound, Unavailable
from service_desk.flow import hits_of
from service_desk.forms import Form, MadeForm, without_controls
from service_desk.made.ports import Records
from service_desk.made.tables import MadeCopy
from service_desk.made.views import KeptCopy, KeptFile, Outcome, StandingCopy, StandingFile
from service_desk.models import AnswerFile, Request
from service_desk.ports import Clock, FrozenHit, ObjectStore, Upload
from service_desk.printed.tables import IssuedDocument
from service_desk.record_keys import can_be_kept
from service_desk.request_types import Types
from service_desk.rules import Rules

SUFFIXES: Final[Mapping[str, str]] = {
    "application/pdf": "pdf",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/tiff": "tif",
    "image/webp": "webp",
}
"""What has pages to look at, by media type."""
REPLACED: Final = "replaced by a better copy"
NOT_KEPT: Final = "only PDF files and pictures become a digital copy"
MOST_FILES: Final = 200


There = Callable[[Session, str, str], None]
"""Told, in the transaction, of the id of a resource and who made the copy."""


class KeepForm(Form):
    """Which files of the answer are to be kept for everyone, in the order in which they are pages; all that can be when
    none is named. `record` is what they are copies of, when the request is about several; `instead_of` a copy that they
    replace.
    """

    files: Annotated[tuple[int, ...], Field(max_length=MOST_FILES)] = ()
    record: Annotated[str, Field(max_length=300)] = ""
    instead_of: Annotated[str, Field(max_length=20)] = ""


class TakeBackForm(Form):
    """Which copy is taken back, and why."""

    kept: Annotated[str, Field(min_length=1, max_length=20)]
    why: Annotated[str, BeforeValidator(without_controls), Field(min_length=1, max_length=2_000)]


class MadeCopies:
    """Which copies are kept for everyone."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        rules: Rules,
        objects: ObjectStore,
        records: Records,
        audit: AuditLog,
        there: There,
    ) -> None:
        """`there` is told of each record of which a copy has become a digital one."""
        self._there = there
        self._database = database
        self._clock = clock
        self._rules = rules
        self._objects = objects
        self._records = records
        self._audit = audit

    # Staff

    def of_case(self, receipt: str, viewer: Viewer) -> list[KeptCopy]:
        """What was kept of the answer to a request, oldest first. Raises NotAllowed, NotFound."""
        policy.require_staff("case", viewer)
        with self._database.read() as session:
            request = ledger.found(session, receipt)
            policy.check_scope("case", viewer, request)
            return _views(session, MadeCopy.request_id == request.id)

    def of_record(self, resource_id: str, viewer: Viewer) -> list[KeptCopy]:
        """What stands of a record, oldest first, as far as it comes from requests that this viewer may see."""
        policy.require_staff("case", viewer)
        with self._database.read() as session:
            return _views(session, (MadeCopy.resource_id == resource_id) & MadeCopy.ended.is_(None))

    def offered(self, receipt: str, viewer: Viewer) -> tuple[FrozenHit, ...]:
        """The records of a request of which a copy may be kept by this viewer now; none where the type makes no copies,
        where search does not answer, or where they may not.
        """
        return tuple(hit for hit, _ in self._able(receipt, viewer))

    def may(self, receipt: str, viewer: Viewer) -> bool:
        """May this viewer take back what was kept of this answer?"""
        with self._database.read() as session:
            return _decides(ledger.found(session, receipt), viewer)

    def keeping(self, form: KeepForm, receipt: str, viewer: Viewer) -> Keeping:
        """What is to be written with an answer whose files are kept. Raises NotAllowed, NotFound, Invalid for a record
        that nothing can be kept of.
        """
        policy.require_staff("keep copy", viewer)
        with self._database.read() as session:
            policy.check_scope("keep copy", viewer, ledger.found(session, receipt))
        able = self._able(receipt, viewer)
        found = next(((hit, key) for hit, key in able if form.record in ("", hit.id)), None)
        if found is None:
            raise Invalid.one("keep", "this record is not in the index, or nothing of it may be kept")
        return Keeping(*found, form, viewer.name or "", self._clock.now())

    def with_answer(self, form: MadeForm, receipt: str, viewer: Viewer, files: Sequence[Upload]) -> Told:
        """What is written with an answer, in its transaction; nothing where nothing is to be kept. Raises as
        `keeping` does, before anything is stored.
        """
        if not form.keep:
            return nothing
        if not any(upload.media_type in SUFFIXES for upload in files):
            raise Invalid.one("keep", NOT_KEPT)
        keeping = self.keeping(KeepForm(record=form.record, instead_of=form.instead_of), receipt, viewer)
        count = len(files)
        return lambda session, request: keeping.write(session, request, request.files[-count:])

    def keep(self, receipt: str, form: KeepForm, viewer: Viewer) -> list[KeptCopy]:
        """Keep files of an answer that was given. Raises NotAllowed, NotFound, Invalid."""
        with self._audit.refusals(viewer, "keep copy", receipt):
            keeping = self.keeping(form, receipt, viewer)
            with self._database.write() as session:
                request = ledger.found(session, receipt, to_write=True)
                policy.check_scope("keep copy", viewer, request)
                chosen = [file for file in request.files if file.number in form.files or not form.files]
                keeping.write(session, request, chosen)
        return self.of_case(receipt, viewer)

    def take_back(self, receipt: str, form: TakeBackForm, viewer: Viewer) -> list[KeptCopy]:
        """Nobody reads it from now on. Raises NotAllowed, NotFound, Conflict when it is taken back already."""
        actor, now = policy.require_staff("take back copy", viewer), self._clock.now()
        with self._audit.refusals(viewer, "take back copy", receipt), self._database.write() as session:
            request = ledger.found(session, receipt, to_write=True)
            policy.check_scope("take back copy", viewer, request)
            there = (MadeCopy.copy == form.kept) & (MadeCopy.request_id == request.id)
            rows = session.scalars(select(MadeCopy).where(there)).all()
            if not rows:
                raise NotFound("There is no such copy.")
            if rows[0].ended is not None:
                raise Conflict("This copy is taken back already.")
            _end(rows, now, actor, form.why)
            note(session, now, actor, "made.take_back", request.receipt, copy=form.kept, record=rows[0].resource_id)
        return self.of_case(receipt, viewer)

    # Whoever shows copies, and the nightly job

    def standing(self) -> list[StandingCopy]:
        """What stands, in the order in which it was kept."""
        with self._database.read() as session:
            rows = session.scalars(
                select(MadeCopy).where(MadeCopy.ended.is_(None)).order_by(MadeCopy.copy, MadeCopy.number)
            )
            return [_standing(list(group)) for _, group in groupby(rows.all(), key=lambda row: row.copy)]

    def ended(self) -> frozenset[str]:
        """What was taken back."""
        with self._database.read() as session:
            return frozenset(session.scalars(select(MadeCopy.copy).where(MadeCopy.ended.is_not(None)).distinct()))

    def file(self, copy: str, name: str) -> bytes:
        """A file of a copy that stands, by the name the night has it by. Raises NotFound, Unavailable."""
        with self._database.read() as session:
            rows = session.scalars(select(MadeCopy).where(MadeCopy.copy == copy, MadeCopy.ended.is_(None)))
            row = next((row for row in rows if file_name(row.number, row.media_type) == name), None)
            if row is None:
                raise NotFound("There is no such copy.")
            key, sha256 = row.object_key, row.sha256
        return answers.intact(self._objects, key, sha256)

    def note(self, outcomes: Iterable[Outcome]) -> None:
        """What became of copies in a night that has ended: from now on they are digital copies, or are told not to be;
        what they replace is taken back.
        """
        told: dict[str, dict[str, Outcome]] = {}
        for one in outcomes:
            told.setdefault(one.copy, {})[one.name] = one
        now = self._clock.now()
        for copy, files in told.items():
            with self._database.write() as session:
                self._note(session, copy, files, now)

    def _note(self, session: Session, copy: str, files: Mapping[str, Outcome], now: dt.datetime) -> None:
        rows = session.scalars(select(MadeCopy).where(MadeCopy.copy == copy)).all()
        for row in rows:
            found = files.get(file_name(row.number, row.media_type))
            if found is not None:
                row.pages, row.problem = found.pages or None, found.problem
                if found.pages and row.shown is None:
                    self._there(session, row.resource_id, row.by)
                row.shown = (row.shown or now) if found.pages else None
        if rows and rows[0].instead_of and any(row.pages for row in rows):
            older = (MadeCopy.copy == rows[0].instead_of) & MadeCopy.ended.is_(None)
            if gone := session.scalars(select(MadeCopy).where(older)).all():
                _end(gone, now, rows[0].by, REPLACED)
                told = {"copy": gone[0].copy, "record": gone[0].resource_id, "replaced_by": copy}
                note(session, now, rows[0].by, "made.take_back", "", **told)

    # With an answer

    def _makes(self, request: Request, viewer: Viewer) -> bool:
        return _decides(request, viewer) and self._rules.now(Types).makes_copies(request.type)

    def _able(self, receipt: str, viewer: Viewer) -> Iterator[tuple[FrozenHit, Key]]:
        """What is offered, with the record each is; search is asked for one after the other, as they are wanted."""
        with self._database.read() as session:
            request = ledger.found(session, receipt)
            hits = hits_of(request) if self._makes(request, viewer) else ()
        for hit in hits:
            if (key := self._record(hit.id, viewer)) is not None:
                yield hit, key

    def _record(self, resource_id: str, viewer: Viewer) -> Key | None:
        try:
            key = self._records.record_of(resource_id, viewer)
        except Unavailable:
            return None
        return key if key is not None and can_be_kept(key) else None


class Keeping:
    """A copy that is about to be kept."""

    def __init__(self, hit: FrozenHit, key: Key, form: KeepForm, by: str, now: dt.datetime) -> None:
        self._hit, self._key, self._form, self._by, self._now = hit, key, form, by, now

    def write(self, session: Session, request: Request, files: Sequence[AnswerFile]) -> None:
        """Rows for those of the files that have pages, the same bytes once. Raises Invalid when there is none, or for a
        copy to be replaced that does not stand.
        """
        if self._by in request.barred:
            raise NotAllowed("This request is about your own work; somebody else decides on it.")
        able = self._able(session, self._ordered(files))
        if not able:
            raise Invalid.one("keep", NOT_KEPT)
        self._check_replaced(session)
        there = set(session.scalars(select(MadeCopy.sha256).where(self._same_record(), MadeCopy.ended.is_(None))))
        new = [file for file in _once(able) if file.sha256 not in there]
        rows = [self._row(request, number, file) for number, file in enumerate(new, start=1)]
        if not rows:
            return
        session.add_all(rows)
        session.flush()
        name = f"{rows[0].id:08}"
        for row in rows:
            row.copy = name
        told = {"copy": name, "record": self._hit.id, "files": [row.sha256 for row in rows]}
        note(session, rows[0].at, self._by, "made.keep", request.receipt, **told)

    def _ordered(self, files: Sequence[AnswerFile]) -> list[AnswerFile]:
        """As the form names them, else as they were given."""
        places = {number: at for at, number in enumerate(self._form.files)}
        if unknown := set(places) - {file.number for file in files}:
            raise Invalid.one("files", f"there is no file {min(unknown)}")
        return sorted(files, key=lambda file: (places.get(file.number, len(places)), file.number))

    def _able(self, session: Session, files: Sequence[AnswerFile]) -> list[AnswerFile]:
        """Those with pages that are no documents of ours."""
        printed = select(IssuedDocument.sha256).where(IssuedDocument.sha256.in_([file.sha256 for file in files]))
        ours = set(session.scalars(printed))
        return [file for file in files if file.media_type in SUFFIXES and file.sha256 not in ours]

    def _same_record(self) -> ColumnElement[bool]:
        return (MadeCopy.source == self._key[0]) & (MadeCopy.source_id == self._key[1])

    def _check_replaced(self, session: Session) -> None:
        older = self._form.instead_of
        stands = (MadeCopy.copy == older) & MadeCopy.ended.is_(None) & self._same_record()
        if older and session.scalar(select(MadeCopy.id).where(stands).limit(1)) is None:
            raise Invalid.one("instead_of", "no such copy of this record stands")

    def _row(self, request: Request, number: int, file: AnswerFile) -> MadeCopy:
        return MadeCopy(
            copy="",
            number=number,
            request_id=request.id,
            file=file.number,
            resource_id=self._hit.id,
            source=self._key[0],
            source_id=self._key[1],
            title=self._hit.title,
            holder=self._hit.holder,
            fonds=self._hit.fonds,
            name=file.name,
            media_type=file.media_type,
            size=file.size,
            sha256=file.sha256,
            object_key=file.object_key,  # its name is its digest, and no forgetting of a request deletes it
            at=self._now,
            by=self._by,
            instead_of=self._form.instead_of or None,
        )


def file_name(number: int, media_type: str) -> str:
    """What a file of a copy is called: its place, and its kind."""
    return f"{number:04}.{SUFFIXES[media_type]}"


def forget(session: Session, request: Request) -> None:
    """What a file was called may tell of its reader; the copy itself is the archive's."""
    for row in session.scalars(select(MadeCopy).where(MadeCopy.request_id == request.id)):
        row.name = str(row.file)


def _decides(request: Request, viewer: Viewer) -> bool:
    return policy.allows("keep copy", viewer, request) and viewer.name not in request.barred


def _once(files: Iterable[AnswerFile]) -> list[AnswerFile]:
    return list({file.sha256: file for file in reversed(list(files))}.values())[::-1]


def _end(rows: Collection[MadeCopy], now: dt.datetime, by: str, why: str) -> None:
    for row in rows:
        row.ended, row.ended_by, row.why = now, by, why


def _views(session: Session, wanted: ColumnElement[bool]) -> list[KeptCopy]:
    rows = session.scalars(select(MadeCopy).where(wanted).order_by(MadeCopy.copy, MadeCopy.number)).all()
    return [_view(list(group)) for _, group in groupby(rows, key=lambda row: row.copy)]


def _view(rows: Sequence[MadeCopy]) -> KeptCopy:
    first = rows[0]
    return KeptCopy(
        copy=first.copy,
        resource_id=first.resource_id,
        title=first.title,
        at=first.at,
        by=first.by,
        files=tuple(
            KeptFile(row.file, row.name, row.media_type, row.size, row.sha256, row.pages, row.problem) for row in rows
        ),
        shown=min((row.shown for row in rows if row.shown), default=None),
        ended=first.ended,
        ended_by=first.ended_by,
        why=first.why,
        replaces=first.instead_of,
    )


def _standing(rows: Sequence[MadeCopy]) -> StandingCopy:
    first = rows[0]
    files = (
        StandingFile(file_name(row.number, row.media_type), row.media_type, row.sha256, row.object_key) for row in rows
    )
    return StandingCopy(
        first.copy, (first.source, first.source_id), first.title, first.holder, first.fonds, tuple(files)
    )
