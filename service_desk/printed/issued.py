"""The register of documents: each gets a number and a code when it is issued, and anybody who has both can see whether
it is genuine, still holds, and of what kind and date it is; nothing else.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
from collections.abc import Callable
from typing import Final, Literal

from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from mappings.access import Viewer
from service_desk import codes, policy
from service_desk.audit_chain import note
from service_desk.calendar_rules import CalendarRules
from service_desk.database import Database
from service_desk.errors import Conflict, Invalid, NotFound
from service_desk.forms import without_controls
from service_desk.ports import Clock, ObjectStore
from service_desk.printed import scoped
from service_desk.printed.codes import is_well_typed, new_code
from service_desk.printed.documents import Kind, Mark
from service_desk.printed.tables import DocumentRevocation, IssuedDocument
from service_desk.rules import Rules

State = Literal["genuine", "revoked", "unknown", "mistyped"]
LETTERS: Final[dict[Kind, str]] = {
    "receipt": "A",
    "voucher": "L",
    "report": "R",
    "certificate": "C",
    "estimate": "E",
    "refusal": "D",
}
_TRIES: Final = 5
_NUMBER: Final = re.compile(r"[0-9]{4}-[A-Z]-[0-9]{5,9}")
_NO_DIGEST: Final = codes.digest("")


class Issued(Struct, frozen=True):
    """A document that was issued, with its bytes."""

    mark: Mark
    pdf: bytes
    sha256: str


class Verified(Struct, frozen=True):
    """What anybody may know of a document whose number and code they have."""

    state: State
    kind: str = ""
    issued: dt.date | None = None
    revoked: dt.date | None = None


class Listed(Struct, frozen=True):
    """A document as staff see it."""

    number: str
    kind: str
    at: dt.datetime
    by: str | None
    sha256: str
    revoked: dt.datetime | None
    why: str | None


class DocumentRegister:
    """Issues, verifies and revokes documents."""

    def __init__(self, database: Database, clock: Clock, rules: Rules, objects: ObjectStore) -> None:
        self._database = database
        self._clock = clock
        self._rules = rules
        self._objects = objects

    def issue(
        self, kind: Kind, printed: Callable[[Mark, dt.datetime], bytes], by: str | None, receipt: str | None = None
    ) -> Issued:
        """Issue what `printed` makes of its number, code and time; kept among the files of the desk. Of several who
        issue at once each gets a number of its own. Raises Conflict, what `printed` raises, Unavailable.
        """
        for _ in range(_TRIES):
            now = self._clock.now()
            series = f"{self._day(now).year}-{LETTERS[kind]}"
            sequence = self._next(series)
            mark = Mark(f"{series}-{sequence:05d}", new_code())
            pdf = printed(mark, now)
            digest = hashlib.sha256(pdf).hexdigest()
            # Bytes before rows: an object nobody refers to is harmless, a document without its bytes is not.
            self._objects.put(_key(digest), pdf)
            row = IssuedDocument(
                number=mark.number,
                series=series,
                sequence=sequence,
                kind=kind,
                code_digest=codes.digest(mark.code),
                sha256=digest,
                receipt=receipt,
                at=now,
                by=by,
            )
            if self._added(row):
                return Issued(mark, pdf, digest)
        raise Conflict("Many documents are issued at this moment; try again.")

    def verify(self, number: str, code: str) -> Verified:
        """What a number and a code tell. A code that does not fit is told like a number that does not exist; one that
        was typed wrong is told as such, from itself alone.
        """
        typed = codes.normalise(code)
        with self._database.read() as session:
            row = session.get(IssuedDocument, tidied(number))
            revoked = session.get(DocumentRevocation, tidied(number))
        fits = hmac.compare_digest(codes.digest(typed), row.code_digest if row else _NO_DIGEST)
        if row is None or not fits or not typed:
            return Verified("unknown" if is_well_typed(code) else "mistyped")
        ended = self._day(revoked.at) if revoked else None
        return Verified("revoked" if revoked else "genuine", row.kind, self._day(row.at), ended)

    def of(self, receipt: str, viewer: Viewer) -> list[Listed]:
        """The documents of a request, the newest first. Raises NotAllowed, NotFound."""
        policy.require("requests.see", viewer)
        found = (
            select(IssuedDocument, DocumentRevocation)
            .outerjoin(DocumentRevocation, DocumentRevocation.number == IssuedDocument.number)
            .where(IssuedDocument.receipt == codes.normalise(receipt))
            .order_by(IssuedDocument.at.desc(), IssuedDocument.number.desc())
        )
        with self._database.read() as session:
            scoped.check(session, "case", receipt, viewer)
            rows = session.execute(found).all()
        return [_listed(row, revoked) for row, revoked in rows]

    def pdf(self, number: str) -> bytes:
        """A document once more, as it was issued, for callers who know who may have it. Raises NotFound."""
        with self._database.read() as session:
            row = session.get(IssuedDocument, tidied(number))
        if row is None:
            raise NotFound(_NONE)
        try:
            return self._objects.get(_key(row.sha256))
        except KeyError:
            raise NotFound("The file of this document is lost; issue another.") from None

    def revoke(self, number: str, why: str, viewer: Viewer) -> None:
        """From now on the document does not hold. Raises NotAllowed, NotFound, Invalid without a reason, Conflict when
        it was revoked before.
        """
        actor, now = policy.require("requests.decide", viewer), self._clock.now()
        reason = str(without_controls(why))[:1_000]
        if not reason:
            raise Invalid.one("why", "write why the document no longer holds")
        with self._database.write(lock="documents") as session:
            row = session.get(IssuedDocument, tidied(number))
            if row is None:
                raise NotFound(_NONE)
            scoped.check(session, "refuse", row.receipt, viewer)
            if session.get(DocumentRevocation, row.number) is not None:
                raise Conflict("This document was revoked before.")
            session.add(DocumentRevocation(number=row.number, at=now, by=actor, why=reason))
            note(session, now, actor, "document.revoke", row.number)

    def _day(self, at: dt.datetime) -> dt.date:
        """The day by the archive's clock."""
        return self._rules.now(CalendarRules).calendar().day_of(at)

    def _next(self, series: str) -> int:
        last = select(func.max(IssuedDocument.sequence)).where(IssuedDocument.series == series)
        with self._database.read() as session:
            return (session.scalar(last) or 0) + 1

    def _added(self, row: IssuedDocument) -> bool:
        try:
            with self._database.write() as session:
                session.add(row)
                note(session, row.at, row.by, "document.issue", row.number, kind=row.kind, sha256=row.sha256)
        except IntegrityError:
            return False
        return True


def tidied(number: str) -> str:
    """A number as it is issued, however it was typed; empty for what is none."""
    typed = number[:100].strip().upper().replace(" ", "")
    return typed if _NUMBER.fullmatch(typed) else ""


def _listed(row: IssuedDocument, revoked: DocumentRevocation | None) -> Listed:
    ended, why = (revoked.at, revoked.why) if revoked else (None, None)
    return Listed(row.number, row.kind, row.at, row.by, row.sha256, ended, why)


def _key(sha256: str) -> str:
    return f"printed/{sha256}.pdf"


_NONE = "There is no document with this number."
