"""What a form has sent already: a form that is sent twice - a double click, a lost answer, the way back - files one
request.

Each form that is shown carries a number of its own. The first request it files leaves a row under it, in the same
transaction; whoever comes second finds the row, or waits for it. Rows are drafts, so they go with them after 30 days.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import secrets
from collections.abc import Sequence
from typing import Final

from msgspec import Struct
from sqlalchemy.orm import Session

from mappings.access import Viewer
from service_desk import codes
from service_desk.attachments import Supplied
from service_desk.drafts import owners
from service_desk.errors import Conflict
from service_desk.forms import OpenRequestForm
from service_desk.models import Draft

PREFIX: Final = "sent:"
_NUMBER: Final = re.compile(r"[A-Za-z0-9_-]{32}", re.ASCII)


class AlreadySent(Conflict):
    """The form was sent before with something else in it; `receipt` is what it filed."""

    def __init__(self, receipt: str) -> None:
        super().__init__(f"This form was sent already, as {receipt}; open a new one.")
        self.receipt = receipt


class Once(Struct, frozen=True):
    """A form as it was shown: its number, whose it is, and a digest of what stands in it."""

    number: str
    owner: str
    content: str = ""

    @property
    def form(self) -> str:
        """Under what its row is kept; the number itself is not."""
        return PREFIX + codes.digest(self.number)


def new_number() -> str:
    """The number of a form: 192 random bits."""
    return secrets.token_urlsafe(24)


def once(
    number: str,
    viewer: Viewer,
    visitor: str | None,
    form: OpenRequestForm | None = None,
    files: Sequence[Supplied] = (),
) -> Once | None:
    """The form of this number; None when it has none of ours, or belongs to nobody."""
    mine = owners(viewer, visitor)
    if not mine or not _NUMBER.fullmatch(number):
        return None
    return Once(number, mine[0], _digest(form, files) if form else "")


def _digest(form: OpenRequestForm, files: Sequence[Supplied]) -> str:
    told = hashlib.sha256(form.model_dump_json().encode("utf-8", "surrogatepass"))
    for one in files:
        told.update(repr((one.material, one.upload.name)).encode("utf-8", "surrogatepass"))
        told.update(hashlib.sha256(one.upload.data).digest())
    return told.hexdigest()


def receipt_of(session: Session, form: Once, since: dt.datetime | None = None) -> str | None:
    """The receipt code of what the form has filed, not before `since`; None when it was not sent. Raises AlreadySent
    when it was, with something else in it.
    """
    row = session.get(Draft, (form.owner, form.form))
    if row is None or (since is not None and row.updated < since):
        return None
    if form.content and row.body["content"] != form.content:
        raise AlreadySent(row.body["receipt"])
    return str(row.body["receipt"])


def keep(session: Session, form: Once, receipt: str, at: dt.datetime) -> None:
    """The form is sent: on PostgreSQL this waits for whoever sends it at the same moment, and then fails."""
    body = {"receipt": receipt, "content": form.content}
    session.add(Draft(owner=form.owner, form=form.form, body=body, updated=at))
    session.flush()
