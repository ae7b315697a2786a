"""The desk as screens, API and command line see it: one object, its subjects, and what each can do.

| call (`desk.` before each) | who | gives |
|---|---|---|
| `accounts.add(name, password, role, display_name=None)` | administrator | `AccountView` |
| `accounts.viewer(name)` | command line ``--as`` | `Viewer`, or `UnknownAccount` |
| `accounts.all()`, `.set_password(name, password)`, `.disable(name)` | administrator | |
| `sessions.sign_in(name, password, client)` | anyone | `SignedIn`, or `BadCredentials`, `TooMany` |
| `sessions.lookup(token)` | anyone | `SignedIn` or None |
| `sessions.end(token)`, `.end_all(account_name)` | anyone | |
| `sessions.form_token(binding)`, `.form_token_fits(binding, given)` | anyone | anti-forgery token of forms |
| `requests.submit(form, viewer, visitor)` | anyone | `Receipt` with the secret, this once |
| `requests.status(receipt, viewer, secret=, visitor=)` | its reader | `ReaderStatus`, or `NotFound` |
| `requests.mine(viewer, visitor)` | reader | `[ReaderStatus]` |
| `requests.write(receipt, MessageForm, viewer, secret=, visitor=)` | its reader | |
| `requests.withdraw(receipt, viewer, secret=, visitor=)` | its reader | |
| `requests.file(receipt, number, viewer, secret=, visitor=)` | its reader, staff | `(FileView, bytes)` |
| `inbox.page(viewer, view, find=, size=, offset=)` | staff | `Inbox`; views: `inbox.VIEWS` |
| `requests.case(receipt, viewer)` | staff | `Case` |
| `requests.take(receipt, viewer, seen)`, `.release(receipt, viewer, seen)` | staff | `Case`, or `Conflict` |
| `requests.answer(receipt, AnswerForm, viewer, files, seen)` | staff | `Case`, or `Conflict` |
| `requests.refuse(receipt, RefusalForm, viewer, seen)` | staff | `Case`, or `Conflict` |
| `requests.tell(receipt, MessageForm, viewer)` (the reader sees it) | staff | `Case`, or `Conflict` |
| `requests.note(receipt, MessageForm, viewer)` (the reader does not) | staff | `Case` |
| `feedback.add(FeedbackForm, viewer, visitor)` | anyone | its number |
| `feedback.page(viewer, state=, kind=, resource_id=, size=, offset=)` | staff | `FeedbackPage` |
| `feedback.mark(number, state, viewer)` | staff | |
| `links.decide(one, other, verdict, viewer, note=)`, `.decided(viewer)` | staff | `[LinkDecisionView]` |
| `links.standing()` | nightly job | `[Decision]` |
| `copies.review(Looked, viewer)` | staff | `CopyReview` |
| `copies.decide(Looked, viewer, accept=, reject=, add=, note=, seen=)` | staff | `CopyReview`, or `Conflict` |
| `copies.release(Looked, images, viewer, note=, seen=)` | staff | `CopyReview`, or `Conflict` |
| `copies.withdraw(key, viewer, note=)` | staff | `Conflict` when nothing is released |
| `copies.released(key)`, `.standing()` | whoever shows or indexes copies | `Release`, `[Release]` |
| `drafts.save(form, body, viewer, visitor)`, `.load(form, ...)`, `.delete(form, ...)` | anyone | |
| `searches.save(SearchForm, Seen, viewer, visitor)`, `.mine(...)`, `.one(number, ...)` | anyone | `SavedSearchView` |
| `searches.rename(number, NameForm, ...)`, `.looked(number, Seen, ...)`, `.delete(number, ...)` | its reader | |
| `tidy()` | nightly job | |

`visitor` is the value of the http-only visitor cookie (128 random bits or more; only its digest is stored); `seen` the
`version` of the `Case` an act was decided on. Staff calls by others raise `NotAllowed`. Forms: `service_desk.forms`,
where `parse`
raises `Invalid` naming the fields.
"""

from __future__ import annotations

from argon2 import PasswordHasher
from sqlalchemy import Engine

from service_desk.accounts import Accounts
from service_desk.copies import DeidentifiedCopies
from service_desk.database import Database, make_engine, upgrade
from service_desk.deadlines import Calendar
from service_desk.drafts import Drafts
from service_desk.feedback import Feedback
from service_desk.inbox import InboxView
from service_desk.links import LinkDecisions
from service_desk.notices import Notices, StatusUrl
from service_desk.ports import Clock, Holdings, ObjectStore, Outbox, SystemClock
from service_desk.requests import Requests
from service_desk.searches import Searches
from service_desk.sessions import Sessions


class Desk:
    """The desk on one database.

    Safe to share between threads; several processes may each have one on the same database.
    """

    def __init__(
        self,
        database: str | Engine,
        *,
        objects: ObjectStore,
        holdings: Holdings,
        outbox: Outbox | None = None,
        clock: Clock | None = None,
        calendar: Calendar | None = None,
        hasher: PasswordHasher | None = None,
        status_url: StatusUrl | None = None,
    ) -> None:
        """`database` is an SQLAlchemy address (a relative SQLite path already resolved) or an engine; its tables are
        brought up to date.

        `status_url` gives the address, for notices, at which the request of a receipt code is followed.
        """
        engine = make_engine(database) if isinstance(database, str) else database
        upgrade(engine)
        clock, calendar = clock or SystemClock(), calendar or Calendar()
        self.calendar = calendar
        self._database = Database(engine)
        self.accounts = Accounts(self._database, clock, hasher or PasswordHasher())
        self.sessions = Sessions(self._database, clock, self.accounts)
        self.notices = Notices(self._database, clock, outbox, status_url)
        self.requests = Requests(self._database, clock, holdings, objects, calendar, self.notices)
        self.inbox = InboxView(self._database, clock, calendar)
        self.feedback = Feedback(self._database, clock, holdings)
        self.links = LinkDecisions(self._database, clock)
        self.copies = DeidentifiedCopies(self._database, clock)
        self.drafts = Drafts(self._database, clock)
        self.searches = Searches(self._database, clock)

    def tidy(self) -> None:
        """What a nightly job does: old drafts and searches nobody looks at go, notices left behind leave, hits filed
        while search was down are filled in.
        """
        self.drafts.expire()
        self.searches.expire()
        self.notices.deliver()
        self.requests.catch_up()

    def close(self) -> None:
        """Let go of the database's connections."""
        self._database.engine.dispose()
