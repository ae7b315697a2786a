"""The desk as screens, API and command line see it: one object, its subjects, and what each can do.

| call (`desk.` before each) | who | gives |
|---|---|---|
| `accounts.add(name, password, role, display_name=None)` | administrator | `AccountView` |
| `accounts.viewer(name)` | command line ``--as`` | `Viewer`, or `UnknownAccount` |
| `roles.give(name, role, scope, by)`, `.take_back(name, role, scope, by)` | administrator | `AccountView` |
| `roles.policy`, `.versions()` | administrator | the policy in force, and those that were |
| `rules.now(kind)`, `.version(kind, number)`, `.versions(kind)` | everything here | a document of rules in force |
| `rules.check(kind, text)`, `.put(kind, text, viewer, seen)` | administrator | or `RulesMistaken`, `Conflict` |
| `rules.consequences(kind, text)`, `.standing(kind)`, `.before(kind, number)` | administrator | what would follow |
| `accounts.all()`, `.set_password(name, password)`, `.disable(name)` | administrator | |
| `accounts.change_password(name, old, new, client, visitor)` | the account | `AccountView` |
| `registration.start(RegisterForm, visitor, client)`, `.ask_reset(contact, ...)` | anyone | contact; a code is queued |
| `registration.finish(contact, code, ...)`, `.reset(...)` | who has it | `AccountView`, or `BadCredentials` |
| `sessions.sign_in(name, password, client)` | anyone | `SignedIn`, or `BadCredentials`, `TooMany` |
| `sessions.lookup(token)` | anyone | `SignedIn` or None |
| `sessions.end(token)`, `.end_all(account_name)` | anyone | |
| `sessions.form_token(binding)`, `.form_token_fits(binding, given)` | anyone | anti-forgery token of forms |
| `filing.submit(form, viewer, visitor, files, channel=, once=)` | anyone | `Receipt` with the secret, this once |
| `filing.key_in(form, KeyedForm, viewer, verdicts, files, once=)` | staff | the same, for somebody else |
| `filing.told(once)` | whose form it was | the `Receipt` again, for ten minutes; `once` comes from `sent.once` |
| `filing.checklist(form, viewer, person)`, `.checklists(...)` | anyone | what would be needed, and what is there |
| `requests.status(receipt, viewer, secret=, visitor=)` | its reader | `ReaderStatus`, or `NotFound` |
| `requests.mine(viewer, visitor)` | reader | `[ReaderStatus]` |
| `requests.write(receipt, MessageForm, viewer, secret=, visitor=)` | its reader | |
| `requests.withdraw(receipt, viewer, secret=, visitor=)` | its reader | |
| `requests.supply(receipt, files, text, viewer, secret=, visitor=)` | its reader | |
| `requests.agree(...)`, `.reopen(receipt, MessageForm, ...)` | its reader | or `Conflict` |
| `requests.file(receipt, number, viewer, secret=, visitor=)` | its reader, staff | `(FileView, bytes)` |
| `inbox.page(viewer, view, find=, narrowed=, at=, size=, offset=)` | staff | `Inbox`; `inbox.VIEWS`, `.COORDINATED` |
| `related.colleagues(receipt, viewer)`, `.requests(receipt, viewer)` | staff | `[Colleague]`, `RelatedRequests` |
| `requests.case(receipt, viewer)` | staff | `Case` |
| `requests.take(receipt, viewer, seen)`, `.release(receipt, viewer, seen)` | staff | `Case`, or `Conflict` |
| `requests.answer(receipt, AnswerForm, viewer, files, seen)` | staff | `Case`, or `Conflict` |
| `requests.refuse(receipt, RefusalForm, viewer, seen)` | staff | `Case`, or `Conflict` |
| `requests.tell(receipt, MessageForm, viewer)` (the reader sees it) | staff | `Case`, or `Conflict` |
| `requests.note(receipt, MessageForm, viewer)` (the reader does not) | staff | `Case` |
| `cases.act(receipt, action, values, viewer, seen, files)` (`casework.FORMS`) | staff | `Case`, or `Conflict` |
| `cases.attachment(receipt, number, viewer)` | staff | `(Attachment, bytes)` |
| `watch.look()` | every few minutes | `Watched` |
| `legs.send(receipt, values, viewer)`, `.remind(code, ...)`, `.reply`, `.take_back` | staff | `LegView` |
| `legs.of_case(receipt, viewer)`, `.receivers(receipt, viewer)`, `.overseen(viewer)` | staff | `[LegView]` |
| `legs.tasks(viewer)`, `.task(code, viewer)`, `.answer(code, ...)` | its department | `TaskView` |
| `answering.asked(token, language)`, `.act(token, ...)` | who has the link | `Asked`, or `NotFound` |
| `exchange.file(call)`, `.hear(call, leg)`, `.tell(...)`, `.fetch(...)` | who signs | or `BadCredentials` |
| `relay()` | every few minutes | |
| `calendar`, `called(language)` | everything here | the calendar in force, what things are called |
| `ratings.of(receipt, viewer, ...)`, `.give(receipt, RatingForm, ...)` | its reader | `RatingView`, or `Conflict` |
| `ratings.key_in(receipt, RatingForm, viewer)`, `.may_key_in(receipt, viewer)` | staff | or `Conflict` |
| `indicators.report(viewer, Selection)`, `.cases(viewer, Selection, of)`, `.rows(...)` | managers | `Report`, ... |
| `feedback.add(FeedbackForm, viewer, visitor)` | anyone | its number |
| `feedback.page(viewer, state=, kind=, resource_id=, size=, offset=)` | staff | `FeedbackPage` |
| `feedback.mark(number, state, viewer)` | staff | |
| `links.decide(one, other, verdict, viewer, note=)`, `.decided(viewer)` | staff | `[LinkDecisionView]` |
| `links.standing()` | nightly job | `[Decision]` |
| `audit.page(viewer, actor=, what=, subject=, size=, offset=)` | staff | `AuditPage` |
| `audit.rows(...)`, `.verify(known=)` | administrator | `AuditPage`, `Verified` |
| `audit.saw(viewer, what, subject)` | whoever shows it to staff | |
| `people.register(PersonForm, viewer)`, `.find(text, viewer)`, `.one(code, viewer)` | staff | `PersonView` |
| `people.check(code, DocumentForm, viewer)`, `.join(code, account, viewer)` | staff | `PersonView`, or `Conflict` |
| `managing.page(viewer, find)`, `.give(viewer, name, role, scope)`, `.close(viewer, name)` ... | administrator | |
| `openid.begin(visitor, back, onward, client)` | anyone | an address at the provider, or `Unavailable` |
| `openid.finish(visitor, answer)` | anyone | `Begun`, or `BadCredentials`, `Unavailable` |
| `terminals.add(name, by)`, `.all()`, `.remove(name, by)` | administrator | the key, this once |
| `terminals.open(key, client)`, `.is_one(cookie)` | anyone | a cookie, or `BadCredentials`, `TooMany` |
| `copies.review(Looked, viewer)` | staff | `CopyReview` |
| `copies.decide(Looked, viewer, accept=, reject=, add=, note=, seen=)` | staff | `CopyReview`, or `Conflict` |
| `copies.release(Looked, images, viewer, note=, seen=)` | staff | `CopyReview`, or `Conflict` |
| `copies.withdraw(key, viewer, note=)` | staff | `Conflict` when nothing is released |
| `copies.released(key)`, `.standing()` | whoever shows or indexes copies | `Release`, `[Release]` |
| `made.of_case(receipt, viewer)`, `.of_record(id, viewer)`, `.offered(receipt, viewer)` | staff | `[KeptCopy]`, hits |
| `made.keep(receipt, KeepForm, viewer)`, `.take_back(receipt, TakeBackForm, viewer)` | who decides | `[KeptCopy]` |
| `made.standing()`, `.ended()`, `.file(copy, name)`, `.note(outcomes)` | whoever shows or indexes copies | |
| `openings.review(keys, Decision, viewer)`, `.history(keys, viewer)`, `.under_review(viewer)` | staff | |
| `openings.standing()` | nightly job | `[Review]` |
| `openings.may_apply(viewer)`, `.applied(by, what, number, digest)` | whoever applies a policy of opening | |
| `drafts.save(form, body, viewer, visitor)`, `.load(form, ...)`, `.one(form, ...)`, `.all(prefix, ...)` | anyone | |
| `drafts.change(form, change, viewer, visitor)`, `.delete(form, ...)` | anyone | |
| `basket.add(resource_id, viewer, visitor)`, `.remove(ids, ...)`, `.clear(...)` | anyone | how many are collected |
| `basket.merge(viewer, visitor)` | who signs in | how many are collected |
| `basket.ids(viewer, visitor)`, `.hits(viewer, visitor)` | anyone | what is collected |
| `library.find(text, viewer, language=, kind=)`, `.listed(viewer)`, `.versions(entry, viewer)` | staff | entries |
| `library.write(EntryForm, viewer, entry=, seen=)`, `.retire(entry, viewer, retired=, seen=)` | staff | or `Conflict` |
| `library.often_asked(language)` | anyone | entries that are public |
| `triage.of(text, viewer, reader, hit=)` | staff | `Suggestions` of type, matter, department |
| `earlier.similar(text, hit, viewer, receipt=)` | staff | `[Earlier]` |
| `earlier.draft(receipt, viewer)` | staff | `EntryForm` with persons masked |
| `history.table()` | whoever shows what is usual | `UsualTable` |
| `knowledge.alternatives.for_hit(FrozenHit, reader)` | staff, for a refusal | `(Alternative, ...)`, or `Unavailable` |
| `searches.save(SearchForm, Seen, viewer, visitor)`, `.mine(...)`, `.one(number, ...)` | anyone | `SavedSearchView` |
| `searches.rename(number, NameForm, ...)`, `.looked(number, Seen, ...)`, `.delete(number, ...)` | its reader | |
| `rooms.day(room, day)` | anyone | `RoomDay` |
| `rooms.book(BookingForm, viewer, secret=, visitor=)` | anyone | `BookingView`, or `SeatRefused` |
| `rooms.change(code, TimeForm, viewer, ...)`, `.cancel(code, ...)`, `.mine(...)`, `.one(code, ...)` | its reader | |
| `room_desk.plan(room, day, viewer)`, `.arrive(code, viewer)`, `.leave`, `.move`, `.cancel`, `.give` | staff | |
| `room_desk.close_day(ClosingForm, viewer)`, `.visits(first, last, viewer)` | staff | |
| `queue.take(service, viewer, visitor)`, `.one(code, viewer)`, `.hall()`, `.services()` | anyone | |
| `queue.counter(counter, viewer)`, `.call(counter, viewer, service)`, `.recall`, `.end` | staff | |
| `stacks.` (`service_desk.stacks.office.Stacks`) | staff of the stacks, and the flow | what lies where, is out, lent |
| `notices.deliver()`, `.deliver_now()`, `.waiting()` | whoever sends | how many |
| `duty.of(receipt)` | whoever shows it to staff | accounts, or `NotFound` |
| `telephone.waiting(receipt, viewer)`, `.told(receipt, numbers, viewer)` | staff | `[ToTell]`, or `Conflict` |
| `outbox.listed(viewer)`, `.again(number, viewer)` | staff | `OutboxPage` |
| `printing.receipt(AcceptanceReceipt)`, `.issue(kind, made, by, receipt)` | the desk | PDF, `Issued` |
| `documents.verify(number, code)` | anyone | `Verified` |
| `documents.of(receipt, viewer)`, `.pdf(number)`, `.revoke(number, why, viewer)` | staff | |
| `giving.issue(receipt, kind, made, viewer, name)`, `.only_issue(...)`, `.pdf(...)` | who decides | documents |
| `giving.link(receipt, number, viewer, days=, times=)` | who decides | the token of a link to a file of the answer |
| `file_links.make(Linked, viewer, days=, times=)` | staff | the token, told this once |
| `file_links.shown(token)`, `.taken(token)` | whoever has the link | |
| `training.exercises(viewer, language)`, `.begin(code, viewer, language)` | staff of a training desk | exercises |
| `training.trainees(viewer)` | administrator of one | who has done how many |
| `retention.due(policy)`, `.apply(policy, by)` | nightly job | `Forgotten` |
| `tidy()` | nightly job | |

`visitor` is the value of the http-only visitor cookie (128 random bits or more; only its digest is stored); `seen` the
`version` of the `Case` an act was decided on. Staff calls by others raise `NotAllowed`. Forms: `service_desk.forms`,
where `parse`
raises `Invalid` naming the fields.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from argon2 import PasswordHasher
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from service_desk.accounts import Accounts
from service_desk.acting import Acting
from service_desk.alarming import alarming
from service_desk.audit import AuditLog
from service_desk.basket import Basket
from service_desk.calendar_rules import CalendarRules
from service_desk.called import Called
from service_desk.casework import Casework
from service_desk.copies import DeidentifiedCopies
from service_desk.database import Database, make_engine, upgrade
from service_desk.deadlines import Calendar
from service_desk.documents import Documents
from service_desk.drafts import Drafts
from service_desk.duty import Duty
from service_desk.errors import Unavailable
from service_desk.feedback import Feedback
from service_desk.fetching import fetching
from service_desk.filing import Filing
from service_desk.foreseeing import foresee_dates
from service_desk.given import Roles
from service_desk.history import History
from service_desk.inbox import InboxView
from service_desk.indicators.service import Indicators
from service_desk.knowledge import Knowledge
from service_desk.legs.answering import Answering
from service_desk.legs.chasing import Chasing
from service_desk.legs.exchange import Exchange
from service_desk.legs.moving import moved_with_requests
from service_desk.legs.office import Legs
from service_desk.legs.ports import Relays
from service_desk.legs.posting import Posting
from service_desk.legs.telling import tasks_told
from service_desk.library.earlier import EarlierAnswers
from service_desk.library.entries import Library
from service_desk.links import LinkDecisions
from service_desk.made.copies import MadeCopies
from service_desk.made.ports import NoRecords, Records
from service_desk.managing import Managing
from service_desk.materials import Materials
from service_desk.notices import Notices, StatusUrl
from service_desk.opening import Openings
from service_desk.passwords import Passwords
from service_desk.people import People
from service_desk.ports import Clock, Holdings, ObjectStore, Outbox, SystemClock
from service_desk.printed.giving import Giving
from service_desk.printed.issued import DocumentRegister
from service_desk.printed.links import FileLinks
from service_desk.ratings.service import Ratings
from service_desk.reading_room.bookings import Bookings
from service_desk.reading_room.ports import Containers, NoContainers
from service_desk.reading_room.queue import WindowQueue
from service_desk.reading_room.room_desk import RoomDesk
from service_desk.registration import Registration
from service_desk.related import Related
from service_desk.request_types import Types
from service_desk.requests import Requests
from service_desk.retention import Retention
from service_desk.roles import Policies, in_bundle
from service_desk.routes import Departments, Routes
from service_desk.rules import Rules, bundled_text, read
from service_desk.searches import Searches
from service_desk.sending.outbox_view import OutboxView
from service_desk.sending.sender import Sender
from service_desk.sending.telephone import Telephone
from service_desk.sessions import Sessions
from service_desk.stacks.office import Stacks
from service_desk.terminals import Terminals
from service_desk.training.desk import Training
from service_desk.triage import Triage
from service_desk.watch import Watch

if TYPE_CHECKING:
    from service_desk.openid import OpenId, OpenIdSettings
    from service_desk.printed.printing import Printing


TICK_SECONDS = 120.0
"""Between two looks at what time has brought."""


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
        hasher: PasswordHasher | None = None,
        status_url: StatusUrl | None = None,
        policies: Policies = in_bundle,
        identity_key: Callable[[], str] = str,
        openid: OpenIdSettings | None = None,
        containers: Containers | None = None,
        knowledge: Knowledge | None = None,
        records: Records | None = None,
        relays: Relays | None = None,
        archive: Callable[[str], str] = lambda language: "",
        font_folders: Sequence[Path] = (),
        training: bool = False,
    ) -> None:
        """`database` is an SQLAlchemy address (a relative SQLite path already resolved) or an engine; its tables are
        brought up to date.

        `policies` tells which roles there are, each time it is asked; `status_url` gives the address, for notices, at
        which the request of a receipt code is followed. Numbers of identity documents are digested under what
        `identity_key` gives, which lies elsewhere than the database. `openid` is a provider whose people may sign in,
        `relays` how other institutions are reached, `records` whoever knows which record stands behind what is found.
        `knowledge` is what search and the rules for personal data tell the desk; without them it goes on.
        `archive` is what the house is called in a language; `font_folders` are looked in before the system's when
        something is printed. `training` is for a desk of which nothing leaves the house; raises Unavailable for the
        database of another kind.
        """
        engine = make_engine(database) if isinstance(database, str) else database
        upgrade(engine)
        clock = clock or SystemClock()
        self.knowledge = knowledge or Knowledge()
        self._database = Database(engine)
        self.audit = AuditLog(self._database, clock)
        self.roles = Roles(self._database, clock, policies)
        self.rules = Rules(self._database, clock)
        self._calendar = read(CalendarRules, bundled_text(CalendarRules)).calendar()
        self.history = History(self._database, clock, self.rules)
        kept = Passwords(hasher)
        self.accounts = Accounts(self._database, clock, kept, self.roles)
        self.sessions = Sessions(self._database, clock, self.accounts, self.roles)
        self.openid = self._openid(openid, clock, kept) if openid else None
        self.terminals = Terminals(self._database, clock, self.sessions.form_token)
        self.managing = Managing(self._database, self.accounts, self.roles, self.sessions)
        self.people = People(self._database, clock, Documents(identity_key), self.roles, self.audit)
        self.notices = Notices(self._database, clock, outbox, status_url, self.rules, archive)
        self.registration = Registration(self._database, clock, self.accounts, kept, self.notices)
        acting = Acting(self._database, clock, objects, self.rules, self.notices, self.audit)
        self.filing = Filing(self._database, clock, holdings, acting, self.rules, self.sessions.form_token)
        known, log = records or NoRecords(), self.audit
        self.made = MadeCopies(self._database, clock, self.rules, objects, known, log, self._copied)
        self.requests = Requests(acting, self._database, clock, holdings, self.audit, self.made)
        self.cases = Casework(acting, self._database, clock, self.accounts, self.audit, self.made)
        self.inbox = InboxView(self._database, clock, self.rules)
        self.related = Related(self._database, clock, self.rules, self.roles, self.audit)
        self.training = Training(self._database, self.rules, self.filing, training)
        self._seat_relays(acting, clock, relays or Relays())
        self.watch = Watch(acting, self._database, clock, self.rules)
        self.watch.catch_up()
        foresee_dates(self.rules, clock)
        self.ratings = Ratings(self._database, clock, self.rules, self.audit)
        self.indicators = Indicators(self._database, clock, self.rules)
        self.feedback = Feedback(self._database, clock, holdings)
        self.library = Library(self._database, clock, self.knowledge)
        self.triage = Triage(self.rules, self.knowledge)
        self.earlier = EarlierAnswers(self._database, clock, self.knowledge)
        self.links = LinkDecisions(self._database, clock)
        self.copies = DeidentifiedCopies(self._database, clock)
        self.openings = Openings(self._database, clock)
        self.drafts = Drafts(self._database, clock)
        self.basket = Basket(self.drafts, holdings)
        self.retention = Retention(self._database, clock, objects)
        self.searches = Searches(self._database, clock)
        kept_in = containers or NoContainers()
        self.rooms = Bookings(self._database, clock, self.rules, holdings, kept_in, self.notices)
        self.room_desk = RoomDesk(self._database, clock, self.rules, self.notices, self.audit)
        self.queue = WindowQueue(self._database, clock, self.rules)
        self.stacks = Stacks(self._database, clock, self.rules, self._day, self.notices)
        acting.follows(fetching(self.stacks, self.rules))
        self.duty = Duty(self._database, self.rules, self.roles)
        acting.follows(alarming(self.notices, self.rules, self.duty))
        acting.follows(tasks_told(self.notices, self.rules, self.roles))
        acting.follows(moved_with_requests(self.rules))
        self._keeper = Sender(self.tick)
        self.outbox = OutboxView(self._database, clock)
        self.telephone = Telephone(acting, self._database, clock)
        self.documents = DocumentRegister(self._database, clock, self.rules, objects)
        fonts, across = lambda: self.printing.press.fonts, self.training.across
        self.file_links = FileLinks(self._database, clock, objects, fonts, across)
        self.giving = Giving(acting, self._database, self.file_links, lambda: self.printing)
        self._font_folders = tuple(font_folders)

    @cached_property
    def printing(self) -> Printing:
        """What prints documents."""
        from service_desk.printed.fonts import Fonts  # a quarter of a second, and rarely needed
        from service_desk.printed.press import Press
        from service_desk.printed.printing import Printing

        return Printing(self.rules, Press(Fonts(self._font_folders), self.training.across), self.documents)

    def _openid(self, settings: OpenIdSettings, clock: Clock, kept: Passwords) -> OpenId:
        from service_desk.openid import OpenId  # a third of a second, for houses that have a provider

        return OpenId(self._database, clock, self.accounts, self.roles, kept, settings)

    def _seat_relays(self, acting: Acting, clock: Clock, relays: Relays) -> None:
        """What is asked of departments and of other institutions."""
        posting = self.posting = Posting(acting, self._database, clock, relays, self.notices)
        self.legs = Legs(acting, self._database, clock, self.roles, self.audit, posting.leave)
        self.answering = Answering(acting, self._database, clock)
        self.chasing = Chasing(acting, self._database, clock, self.rules)
        self.exchange = Exchange(acting, self._database, clock, self.rules, self.filing, relays, posting.leave)

    def _copied(self, session: Session, resource_id: str, by: str) -> None:
        self.stacks.repairs.copied(session, resource_id, by)

    @property
    def calendar(self) -> Calendar:
        """The calendar in force; the last one known while the database does not answer."""
        with suppress(Unavailable):
            self._calendar = self.rules.now(CalendarRules).calendar()
        return self._calendar

    def _day(self, instant: dt.datetime) -> dt.date:
        """The day at the archive, by the calendar that was in force when it was last asked for: no query."""
        return self._calendar.day_of(instant)

    def called(self, language: str) -> Called:
        """What types, materials, routes and departments are called. Raises Unavailable."""
        now = self.rules.now
        return Called(language, now(Types), now(Materials), now(Routes), now(Departments))

    def tidy(self) -> None:
        """What a nightly job does: old drafts and searches nobody looks at go, borrowers are reminded, notices left
        behind leave, hits filed while search was down are filled in, what indicators were computed from is kept.
        """
        self.drafts.expire()
        self.registration.expire()
        self.searches.expire()
        self.tick()
        self.stacks.loans.send_reminders()
        self.chasing.expire()
        self.file_links.expire()
        self.notices.deliver_now()
        self.requests.catch_up()
        self.indicators.keep()

    def tick(self) -> int:
        """What cannot wait for the night, every few minutes: dates that come near or are over, seats nobody took,
        tickets, what others were asked. How many requests something happened to.
        """
        watched = self.watch.look()
        self.rooms.tidy()
        self.queue.tidy()
        self.relay()
        return sum(getattr(watched, name) for name in watched.__struct_fields__)

    def keep_going(self) -> None:
        """From now on send notices and tick in the background, as a server does."""
        self.notices.keep_sending()
        self._keeper.wake(TICK_SECONDS)

    def relay(self) -> None:
        """Remind and escalate what others were asked, send what waits, ask how far they are: every few minutes."""
        self.chasing.look()
        self.posting.listen()
        self.posting.deliver()

    def for_practice(self, data: bytes, media_type: str) -> bytes:
        """A file as a training desk gives it out; as it is at a real one, and what cannot be drawn on."""
        from service_desk.printed.practice import for_practice
        from service_desk.printed.press import CannotPrint

        with suppress(CannotPrint):
            return for_practice(data, media_type, self.training.across, lambda: self.printing.press.fonts)
        return data

    def notice_beginning(self) -> None:
        """Of a training desk that began anew since the last look nothing is remembered. Raises Unavailable."""
        if not self.training.has_begun_anew():
            return
        for part in (self.rules, self.inbox, self.indicators, self.audit):
            part.forget_known()

    def close(self) -> None:
        """Let go of the database's connections."""
        self._keeper.close()
        self.notices.close()
        self._database.engine.dispose()
