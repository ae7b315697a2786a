"""What the desk shows: plain immutable values, ready for JSON (`msgspec.to_builtins`, `msgspec.json.encode`).

Times are UTC.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from msgspec import Struct

from mappings.access import Viewer
from mappings.grants import ANYWHERE, Scope
from service_desk.deadlines import Promise
from service_desk.machine import Status, Verdict
from service_desk.ports import FrozenHit


class RoleView(Struct, frozen=True):
    """A role of an account, and where it holds."""

    role: str
    scope: Scope = ANYWHERE


class PolicyView(Struct, frozen=True):
    """A version of a policy, in force from `at` on; `number` tells it from the others."""

    name: str
    digest: str
    at: dt.datetime
    by: str
    number: int = 0


class AccountPage(Struct, frozen=True):
    """One page of accounts."""

    total: int
    rows: tuple[AccountView, ...]


class DocumentView(Struct, frozen=True):
    """An identity document that staff looked at: the last characters of its number, when, and who."""

    kind: str
    last: str
    checked: dt.datetime
    checked_by: str


class PersonView(Struct, frozen=True):
    """Somebody registered at the window."""

    code: str
    name: str
    contact: str
    account: str | None
    registered: dt.datetime
    by: str
    documents: tuple[DocumentView, ...]


class TerminalView(Struct, frozen=True):
    """A terminal of the reading room; `opened` when its key was used."""

    name: str
    added: dt.datetime
    by: str
    opened: dt.datetime | None


class AuditView(Struct, frozen=True):
    """A row of the audit log."""

    number: int
    at: dt.datetime
    actor: str | None
    what: str
    subject: str
    detail: dict[str, Any]
    digest: str


class AuditPage(Struct, frozen=True):
    """One page of the audit log, newest first."""

    total: int
    rows: tuple[AuditView, ...]


class Verified(Struct, frozen=True):
    """How many rows of the audit log hold, the digest of the last of them, and the first that does not, with why."""

    rows: int
    head: str
    broken: int | None = None
    why: str | None = None


class AccountView(Struct, frozen=True):
    """An account without its password."""

    name: str
    display_name: str
    roles: tuple[RoleView, ...]
    created: dt.datetime
    disabled: bool = False
    language: str | None = None


class SignedIn(Struct, frozen=True):
    """An open session. `token` goes into the http-only cookie and nowhere else."""

    token: str
    viewer: Viewer
    account: AccountView
    expires: dt.datetime


class Receipt(Struct, frozen=True):
    """The answer to a submission; `secret` is told this once."""

    receipt: str
    secret: str
    status: Status
    due: dt.date


class ResourceView(Struct, frozen=True):
    """The resource of a request, as it was called when it was asked for."""

    id: str
    title: str
    reference_code: str | None = None


class EventView(Struct, frozen=True):
    """An event as its reader sees it; `what` is one of the events of `machine.ACTIONS`, `details` what of its payload
    is the reader's.
    """

    at: dt.datetime
    what: str
    text: str
    details: dict[str, Any] = {}


class FileView(Struct, frozen=True):
    """A file of the answer, or one that was handed in; `number` names it within the request."""

    number: int
    name: str
    media_type: str
    size: int
    material: str | None = None


class MaterialView(Struct, frozen=True):
    """A material of the checklist, and where it stands."""

    code: str
    verdict: Verdict


class ReaderStatus(Struct, frozen=True):
    """A request as its reader sees it. `alternative` comes with a refusal; `actions` are what the reader can do now.

    `submitted` is when it came in: of what was keyed in later, the time on the letter or form. `due` is when it will be
    answered at the latest, or, while it is the reader's turn or something waits to be
    collected, until when. `read` are resources that are there to be read as the answer.
    """

    receipt: str
    status: Status
    type: str
    resource: ResourceView | None
    submitted: dt.datetime
    promise: Promise
    events: tuple[EventView, ...]
    files: tuple[FileView, ...]
    alternative: str | None
    actions: tuple[str, ...]
    due: dt.datetime | None = None
    more: tuple[ResourceView, ...] = ()
    materials: tuple[MaterialView, ...] = ()
    attachments: tuple[FileView, ...] = ()
    read: tuple[str, ...] = ()
    reopens_until: dt.datetime | None = None


class CaseEvent(Struct, frozen=True):
    """An event with all there is: `party` is ``reader`` or ``staff``, `actor` the account, None when not signed in."""

    number: int
    at: dt.datetime
    party: str
    actor: str | None
    what: str
    text: str
    shown: bool
    payload: dict[str, Any]


class Case(Struct, frozen=True):
    """A request as staff see it, whole. Hand `version` back with an act, so that it fails when somebody was faster.
    `submitted` is when it came in, `events[0].at` when that was keyed in. `consent` is the privacy notice that was
    agreed to, `consent_way` how the person said so whose request was keyed in; `consent_to_get`: nobody asked them yet.
    """

    receipt: str
    status: Status
    type: str
    version: int
    handler: str | None
    name: str
    contact: str
    note: str
    language: str
    account: str | None
    submitted: dt.datetime
    closed: dt.datetime | None
    promise: Promise
    late: bool
    hit: FrozenHit | None
    events: tuple[CaseEvent, ...]
    files: tuple[FileView, ...]
    actions: tuple[str, ...]
    due: dt.datetime | None = None
    more: tuple[FrozenHit, ...] = ()
    materials: tuple[MaterialView, ...] = ()
    attachments: tuple[FileView, ...] = ()
    channel: str = "web"
    person: str | None = None
    keyed_by: str | None = None
    relation: str | None = None
    route: str | None = None
    department: str | None = None
    urgent: bool = False
    concerns: str | None = None
    barred: tuple[str, ...] = ()
    consent: str | None = None
    consent_way: str | None = None
    consent_to_get: bool = False

    @property
    def wishes(self) -> dict[str, Any]:
        """How it is wanted, as the reader said when they asked (`filing.WISHES`)."""
        return dict(self.events[0].payload.get("wishes", {})) if self.events else {}


class InboxRow(Struct, frozen=True):
    """A request in a list: enough to decide which to open. `next_step` is what moves it on, None when closed. `due` is
    the day of `ReaderStatus.due`, the promised one when nothing is waited for any more, `due_at` its instant. `paused`:
    it is the reader's turn. `handed_by` is who handed it over to its handler; told of one's own alone. `to_ring`: its
    reader is to be told something by telephone. `consent_to_get`: it was keyed in without consent. `asked` are the
    first words of the reader where no record says what it is about.
    """

    receipt: str
    status: Status
    type: str
    version: int
    title: str
    reference_code: str | None
    name: str
    handler: str | None
    submitted: dt.datetime
    due: dt.date
    late: bool
    next_step: str | None
    urgent: bool = False
    department: str | None = None
    more: int = 0
    due_at: dt.datetime | None = None
    paused: bool = False
    handed_by: str | None = None
    to_ring: bool = False
    asked: str = ""
    consent_to_get: bool = False


class Inbox(Struct, frozen=True):
    """One page of a saved view; `total` are all its requests, `counts` those of every view that this viewer has; each
    up to `inbox.COUNT_BOUND`. `next` and `previous` name the pages beside this one: they begin where it ends, whatever
    has come or gone before it.
    """

    view: str
    total: int
    rows: tuple[InboxRow, ...]
    counts: dict[str, int]
    next: str | None = None
    previous: str | None = None


class Colleague(Struct, frozen=True):
    """Somebody who may work on a request."""

    name: str
    display_name: str


class RelatedRequests(Struct, frozen=True):
    """What else there is, the newest first: of the same reader, and on the same record."""

    of_reader: tuple[InboxRow, ...]
    on_record: tuple[InboxRow, ...]


class FeedbackView(Struct, frozen=True):
    """A word on a hit, as staff see it."""

    id: int
    resource_id: str
    title: str
    kind: str
    note: str
    query: str | None
    rank: int | None
    index_version: str | None
    at: dt.datetime
    account: str | None
    state: str
    marked_by: str | None = None
    marked_at: dt.datetime | None = None


class LinkDecisionView(Struct, frozen=True):
    """A decision on two records, (source, source_id) each: ``same``, ``apart`` or ``open``."""

    id: int
    one: tuple[str, str]
    other: tuple[str, str]
    verdict: str
    note: str
    at: dt.datetime
    account: str


class FeedbackPage(Struct, frozen=True):
    """One page of feedback; `counts` by state, whatever the filters."""

    total: int
    rows: tuple[FeedbackView, ...]
    counts: dict[str, int]


class Seen(Struct, frozen=True):
    """What a search found: how many, which (None when they are many), and in which state of the index."""

    total: int
    ids: tuple[str, ...] | None = None
    index_version: str | None = None


class SavedSearchView(Struct, frozen=True):
    """A saved search; `address` is the part behind the question mark, `seen` what it found when its reader last
    looked."""

    id: int
    name: str
    address: str
    looked: dt.datetime
    seen: Seen
