"""The house in which roles are tried: each thing that an action is about can be had anew."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import Final, NamedTuple

from sqlalchemy import select

from mappings.access import Viewer
from search_ui import paths
from search_ui.services import Services
from service_desk.attachments import Supplied
from service_desk.forms import (
    AnswerForm,
    PersonForm,
    RequestForm,
    parse,
)
from service_desk.made.copies import KeepForm
from service_desk.models import QueuedNotice, Request
from service_desk.ports import FrozenHit, Upload
from tests.attack import rooms
from tests.search_ui.web.house import LAND_ID, PASSWORD

NUMBERS = count()
PICTURE: Final = b"\x89PNG\r\n\x1a\n %d"
STUCK: Final = "550 no such mailbox here"
"""What a mail server says of a notice that was given up."""


class House(NamedTuple):
    """The house, and somebody who can do everything, for what has to be there before."""

    services: Services
    all_powerful: Viewer

    def fresh(self) -> str:
        """A new request on a record of `HOUSE`; its receipt."""
        form = {"resource_id": LAND_ID, "type": "copy", "name": "n", "contact": "c", "note": "by hand"}
        handed_in = [Supplied(Upload("id.txt", "text/plain", b"1"))]
        return self.services.desk.filing.submit(parse(RequestForm, form), Viewer(), files=handed_in).receipt

    def taken(self) -> str:
        receipt = self.fresh()
        self.services.desk.requests.take(receipt, self.all_powerful)
        return receipt

    def answered(self) -> str:
        receipt, file = self.fresh(), Upload("a.txt", "text/plain", b"1")
        self.services.desk.requests.answer(receipt, AnswerForm(), self.all_powerful, [file])
        return receipt

    def answered_with_picture(self) -> str:
        """The same with a file that can be kept for everyone."""
        receipt, file = self.fresh(), Upload("a.png", "image/png", PICTURE % next(NUMBERS))
        self.services.desk.requests.answer(receipt, AnswerForm(), self.all_powerful, [file])
        return receipt

    def made(self, receipt: str) -> str:
        """A copy that was kept of an answer; its name."""
        return self.services.desk.made.keep(receipt, KeepForm(), self.all_powerful)[0].copy

    def leg(self) -> str:
        """A task of a department; its code."""
        form = {"kind": "department", "receiver": "special", "asks": "x"}
        return self.services.desk.legs.send(self.fresh(), form, self.all_powerful).code

    def stick(self) -> None:
        """A notice that was given up, about a record of `HOUSE`."""
        receipt = self.fresh()
        with self.services.desk._database.write() as session:
            number = session.scalar(select(Request.id).where(Request.receipt == receipt))
            now = datetime(2026, 3, 2, tzinfo=UTC)
            row = QueuedNotice(request_id=number, recipient="a@b.org", subject="s", body="b", created=now, given_up=now)
            row.reason, row.problem = "address", STUCK
            session.add(row)

    def person(self) -> str:
        return self.services.desk.people.register(PersonForm(name="n"), self.all_powerful).code

    def code(self, pattern: str) -> str:
        """What stands for ``{code}`` in an address: a booking, a ticket that is being served, or a person."""
        if pattern.startswith(paths.ROOMS):
            return rooms.given_seat(self.services, self.all_powerful)
        if pattern.startswith(paths.COUNTER):
            return rooms.called_ticket(self.services, self.all_powerful)
        return self.person()

    def account(self) -> str:
        name = f"somebody-{next(NUMBERS)}"
        self.services.desk.accounts.add(name, PASSWORD, "reader")
        return name

    def box(self) -> str:
        barcode, register = f"BOX-{next(NUMBERS)}", self.services.desk.stacks.register
        register.add(barcode, "box", barcode, "ROOM", self.all_powerful)
        return barcode

    def loan(self) -> str:
        thing = FrozenHit(f"r-{next(NUMBERS)}", "x")
        receipt = self.fresh()
        self.services.desk.cases.act(receipt, "classify", {"type": "borrow"}, self.all_powerful)
        return self.services.desk.stacks.loans.lend(receipt, thing, "office", self.all_powerful).voucher
