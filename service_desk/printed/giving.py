"""Documents of a request on their way to its reader: issued by whoever may decide on it, put among the files of its
answer, and sent by links that end.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from mappings.access import Viewer
from service_desk import answers, ledger, policy
from service_desk.acting import Acting
from service_desk.database import Database
from service_desk.errors import Conflict, DeskError, NotAllowed, NotFound
from service_desk.ports import Upload
from service_desk.printed.documents import Kind, Mark, Printed
from service_desk.printed.issued import Issued, tidied
from service_desk.printed.links import FileLinks, Linked

if TYPE_CHECKING:
    from service_desk.printed.printing import Printing

PDF: Final = "application/pdf"
LETTERS: Final = frozenset({"refuse", "not_held"})
"""Acts after which the reader gets a letter by itself."""
FINDINGS: Final = "findings:"
"""Drafts of what was found for a request are forms of this name, with its receipt code behind it."""


class Giving:
    """Issues documents and gives them to readers."""

    def __init__(self, acting: Acting, database: Database, links: FileLinks, printing: Callable[[], Printing]) -> None:
        self._acting = acting
        self._database = database
        self._links = links
        self._printing = printing

    def may(self, receipt: str, viewer: Viewer, kind: Kind = "certificate") -> bool:
        """May they issue such documents of this request?"""
        try:
            self.check(receipt, viewer, kind)
        except (NotAllowed, NotFound):
            return False
        return True

    def check(self, receipt: str, viewer: Viewer, kind: Kind = "certificate") -> None:
        """Raises NotAllowed, NotFound for whoever may not issue such documents of this request: what is lent is
        written down by whoever works on it, all else says what the house decided.
        """
        operation = "note" if kind == "voucher" else "answer"
        policy.require_staff(operation, viewer)
        with self._database.read() as session:
            request = ledger.found(session, receipt)
        policy.check_scope(operation, viewer, request)
        if viewer.name in request.barred:
            raise NotAllowed("This request is about your own work; somebody else decides on it.")

    def issue(
        self, receipt: str, kind: Kind, made: Callable[[Mark, dt.datetime], Printed], viewer: Viewer, name: str
    ) -> Issued:
        """Issue what `made` makes and put it among the files of the request, where its reader finds it as `name`.
        Raises NotAllowed, NotFound, CannotPrint, FontsMissing, Conflict, Unavailable.
        """
        issued = self.only_issue(receipt, kind, made, viewer)
        stored = answers.store(self._acting.objects, [Upload(name, PDF, issued.pdf)])
        said = {"files": answers.evidence(stored), "document": issued.mark.number}
        self._acting.staff("note", receipt, viewer, payload=said, files=stored)
        return issued

    def only_issue(
        self, receipt: str, kind: Kind, made: Callable[[Mark, dt.datetime], Printed], viewer: Viewer
    ) -> Issued:
        """The same for a document that reaches its reader another way, as paper or as the file of an answer."""
        self.check(receipt, viewer, kind)
        return self._printing().issue(kind, made, viewer.name, receipt)

    def withdrawing(
        self, issued: Issued, why: str, viewer: Viewer, give: Callable[[Upload], object], name: str
    ) -> None:
        """Give an issued document; when that fails nobody has it, and it is revoked. Raises what `give` raises."""
        try:
            give(Upload(name, PDF, issued.pdf))
        except DeskError:
            self._printing().register.revoke(issued.mark.number, why, viewer)
            raise

    def revoke(self, receipt: str, number: str, why: str, viewer: Viewer) -> None:
        """From now on a document of this request does not hold. Raises NotAllowed, NotFound for whoever may not decide
        on the request; Invalid without a reason; Conflict for a document that is not of this request, or was revoked
        before.
        """
        self.check(receipt, viewer)
        register = self._printing().register
        if not any(one.number == tidied(number) for one in register.of(receipt, viewer)):
            raise Conflict("This document is not one of this request.")
        register.revoke(number, why, viewer)

    def pdf(self, receipt: str, number: str, viewer: Viewer) -> bytes:
        """A document of this request once more, for staff who see it. Raises NotAllowed, NotFound."""
        register = self._printing().register
        if not any(one.number == number for one in register.of(receipt, viewer)):
            raise NotFound("There is no such document.")
        return register.pdf(number)

    def link(self, receipt: str, number: int, viewer: Viewer, *, days: int, times: int, stamp: str = "") -> str:
        """The token of a link to a file of the answer, told this once. Raises NotAllowed, NotFound, Invalid."""
        self.check(receipt, viewer)
        with self._database.read() as session:
            request = ledger.found(session, receipt)
            row = next((file for file in request.files if file.number == number), None)
            if row is None:
                raise NotFound("There is no such file.")
            linked = Linked(request.receipt, row.object_key, row.name, row.media_type, stamp)
        return self._links.make(linked, viewer, days=days, times=times)
