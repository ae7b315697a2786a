"""Loans: lent under a voucher until a day, put off as far as the rules allow, reminded of, brought back.

Whoever may follow the request sees its loans and may renew them; the box leaves the stacks with what is lent of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Final

from msgspec import Struct
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from mappings.access import Viewer, may_begin
from service_desk import codes, policy
from service_desk.audit_chain import note
from service_desk.calendar_rules import CalendarRules
from service_desk.database import OFFSET_BOUND, PAGE_BOUND, Database, paging
from service_desk.deadlines import Calendar, Limit
from service_desk.errors import NotFound
from service_desk.ledger import by_receipt, found
from service_desk.models import Request
from service_desk.notices import Notices
from service_desk.policy import Caller
from service_desk.ports import Clock, FrozenHit
from service_desk.rules import Rules
from service_desk.stacks import logbook
from service_desk.stacks.faults import Refused, Wrong
from service_desk.stacks.finding import places_of
from service_desk.stacks.kinds import LoanRules
from service_desk.stacks.logbook import Happening
from service_desk.stacks.picking import Picking, thing_of
from service_desk.stacks.tables import Loan, Place, Retrieval

LENDS: Final = frozenset({"accepted", "in_search", "ready"})
"""Where a request stands when something is lent on it."""
Day = Callable[[dt.datetime], dt.date]
"""The day at the archive of an instant."""


class LoanView(Struct, frozen=True):
    """A loan as whoever may know of it sees it. `barcode` is for staff: readers get None. `may_renew` until
    `renewable_to`, when nothing stands against it. `counted_to` is the day that the term itself ended on, when
    that is not a working day and the due day is the next one.
    """

    voucher: str
    receipt: str
    title: str
    reference_code: str | None
    borrower: str
    lent: dt.datetime
    due: dt.date
    renewals: int
    is_overdue: bool
    may_renew: bool
    renewable_to: dt.date | None
    counted_to: dt.date | None
    returned: dt.datetime | None
    barcode: str | None = None


class LoanPage(Struct, frozen=True):
    """Some loans and how many there are in all, how many of them overdue."""

    total: int
    overdue: int
    rows: tuple[LoanView, ...]


class _Standing(Struct, frozen=True):
    """What holds while something is done, asked for before a transaction begins: rules, calendar, the day here, the
    instant.
    """

    kinds: LoanRules
    calendar: Calendar
    today: dt.date
    now: dt.datetime

    def due(self, start: dt.date, days: int) -> dt.date:
        """The day so many days later, or the next working day."""
        return self.calendar.after(start, Limit(calendar_days=days)).due


class Loans:
    """Lending and taking back."""

    def __init__(
        self, database: Database, clock: Clock, rules: Rules, day: Day, picking: Picking, notices: Notices
    ) -> None:
        self._database = database
        self._clock = clock
        self._rules = rules
        self._day = day
        self._picking = picking
        self._notices = notices
        rules.followed(CalendarRules, self._closed)

    def lend(self, receipt: str, hit: FrozenHit, borrower: str, viewer: Viewer) -> LoanView:
        """Lend a thing to the reader of a request; its box goes with it. Raises NotAllowed, NotFound, Wrong, Refused
        when nothing is lent on such a request, it is lent already or its box is away.
        """
        actor, standing = policy.require("stacks.work", viewer), self._standing()
        kind = standing.kinds.borrowers.get(borrower)
        if kind is None:
            raise Wrong("borrower", "nobody_borrows")
        with self._database.write(lock="stacks lend") as session:
            request = found(session, receipt, to_write=True)
            _check_lendable(request, standing.kinds)
            place_id = places_of(session, [thing_of(hit)]).get(hit.id)
            self._check_free(session, hit.id, place_id)
            loan = Loan(
                voucher=f"? {hit.id}"[:40],
                request_id=request.id,
                receipt=request.receipt,
                borrower=borrower,
                resource_id=hit.id,
                reference_code=hit.reference_code,
                title=hit.title,
                place_id=place_id,
                lent=standing.now,
                lent_by=actor,
                due=standing.due(standing.today, kind.days),
                renewals=0,
                reminders=0,
            )
            session.add(loan)
            session.flush()
            loan.voucher = f"{standing.kinds.voucher}{standing.today.year}-{loan.id:05}"
            told = Happening(
                "lent", actor, standing.now, [request.receipt], hit.reference_code or hit.title, loan.voucher
            )
            self._leave(session, loan, told)
            day = loan.due.isoformat()
            note(session, standing.now, actor, "loan.lend", loan.voucher, request=request.receipt, due=day)
            return self._view(session, loan, standing, for_staff=True)

    def renew(self, voucher: str, viewer: Viewer, *, secret: str | None = None, visitor: str | None = None) -> LoanView:
        """Put the due day off. For the reader of the request, by what they show for it, and for staff of the stacks.
        Raises NotFound for whoever may not know of the loan, Refused with the reason.
        """
        standing = self._standing()
        kinds, now = standing.kinds, standing.now
        with self._database.write() as session:
            loan = session.scalar(select(Loan).where(Loan.voucher == _typed(voucher)).with_for_update())
            for_staff = self._party(session, loan, Caller(viewer, secret, visitor))
            if loan is None or for_staff is None:
                raise NotFound("There is no such loan.")
            if (reason := self._against(session, loan, standing)) is not None:
                raise Refused(reason)
            loan.due = standing.due(loan.due, kinds.borrowers[loan.borrower].renewal_days)
            loan.renewals += 1
            loan.reminders = 0
            told = Happening("renewed", viewer.name if for_staff and viewer.name else "reader", now, [loan.receipt],
                             loan.reference_code or loan.title, f"{loan.voucher}: {loan.due}")  # fmt: skip
            logbook.remark(session, told, session.get(Place, loan.place_id) if loan.place_id else None)
            note(session, now, viewer.name, "loan.renew", loan.voucher, due=loan.due.isoformat())
            if for_staff:
                self._told(session, loan, "loan_renewed", f"renewed:{loan.renewals}", now)
            return self._view(session, loan, standing, for_staff)

    def bring_back(self, text: str, viewer: Viewer) -> LoanView:
        """What was lent is back: by its voucher, or the barcode of its box. Raises NotAllowed, NotFound, Refused."""
        actor, standing = policy.require("stacks.work", viewer), self._standing()
        now = standing.now
        with self._database.write() as session:
            loan = self._by_voucher_or_barcode(session, text)
            if loan is None:
                raise NotFound("There is no such loan.")
            if loan.returned is not None:
                raise Refused("returned")
            loan.returned = now
            told = Happening("returned", actor, now, [loan.receipt], loan.reference_code or loan.title, loan.voucher)
            if loan.place_id is None:
                logbook.remark(session, told)
            else:
                logbook.step(session, logbook.locked_id(session, loan.place_id), told)
            note(session, now, actor, "loan.return", loan.voucher)
            return self._view(session, loan, standing, for_staff=True)

    def page(
        self, viewer: Viewer, *, overdue: bool = False, find: str = "", size: int = 50, offset: int = 0
    ) -> LoanPage:
        """Open loans, the first due first; only those overdue, or those of a voucher, receipt or barcode. Raises
        NotAllowed.
        """
        policy.require("stacks.work", viewer)
        standing = self._standing()
        today = standing.today
        sought = _typed(find)
        with self._database.read() as session:
            is_open = Loan.returned.is_(None)
            late = session.scalar(select(func.count()).where(is_open, Loan.due < today)) or 0
            wanted = [is_open, *([Loan.due < today] if overdue else [])]
            if sought:
                boxes = select(Place.id).where(Place.barcode == sought)
                asked = or_(Loan.voucher == sought, Loan.receipt == codes.normalise(sought), Loan.place_id.in_(boxes))
                wanted.append(asked)
            total = session.scalar(select(func.count()).select_from(Loan).where(*wanted)) or 0
            first_due = select(Loan).where(*wanted).order_by(Loan.due, Loan.id)
            page = first_due.limit(paging(size, PAGE_BOUND)).offset(paging(offset, OFFSET_BOUND))
            rows = [self._view(session, loan, standing, for_staff=True) for loan in session.scalars(page)]
            return LoanPage(total, late, tuple(rows))

    def of_request(
        self, receipt: str, viewer: Viewer, *, secret: str | None = None, visitor: str | None = None
    ) -> tuple[LoanView, ...]:
        """The loans of a request, for whoever may follow it. Raises NotFound for others."""
        standing = self._standing()
        with self._database.read() as session:
            request = by_receipt(session, receipt)
            have = policy.parties_to(request, Caller(viewer, secret, visitor))
            if request is None or not have & {"owner", "staff"}:
                raise NotFound(policy.NO_REQUEST)
            loans = session.scalars(select(Loan).where(Loan.request_id == request.id).order_by(Loan.id))
            for_staff = viewer.is_staff and may_begin(viewer, "stacks.work")
            return tuple(self._view(session, loan, standing, for_staff) for loan in loans)

    def mine(self, viewer: Viewer, visitor: str | None = None) -> tuple[LoanView, ...]:
        """Open loans of requests filed signed in, or from this browser; the first due first."""
        standing = self._standing()
        if viewer.name is not None:
            theirs = Request.account_name == viewer.name
        elif visitor:
            theirs = Request.visitor_digest == codes.digest(visitor)
        else:
            return ()
        wanted = select(Loan).join(Request, Request.id == Loan.request_id).where(theirs, Loan.returned.is_(None))
        with self._database.read() as session:
            loans = session.scalars(wanted.order_by(Loan.due, Loan.id).limit(PAGE_BOUND))
            return tuple(self._view(session, loan, standing, for_staff=False) for loan in loans)

    def send_reminders(self) -> int:
        """What a nightly job does: remind of what is due soon and of what is late, each on the days of the rules, of
        several that were missed once; how many left.
        """
        standing = self._standing()
        offsets, today = standing.kinds.reminders.offsets, standing.today
        if not offsets:
            return 0
        soonest = Loan.due <= today - dt.timedelta(offsets[0])
        with self._database.read() as session:
            due = session.scalars(select(Loan.id).where(Loan.returned.is_(None), soonest)).all()
        return sum(self._reminded(number, standing) for number in due)

    def _reminded(self, number: int, standing: _Standing) -> bool:
        rules, today = standing.kinds.reminders, standing.today
        with self._database.write() as session:
            loan = session.scalars(select(Loan).where(Loan.id == number).with_for_update()).one()
            reached = sum(loan.due + dt.timedelta(days) <= today for days in rules.offsets)
            if loan.returned is not None or reached <= loan.reminders:
                return False
            loan.reminders = reached
            what = "loan_overdue" if today > loan.due else "loan_due"
            return self._told(session, loan, what, f"{loan.due}:{reached}", standing.now)

    def _told(self, session: Session, loan: Loan, what: str, number: str, at: dt.datetime) -> bool:
        """Queue what the borrower is told, once for each `number`, in the language of the request."""
        request = session.get_one(Request, loan.request_id)
        values = {"title": loan.title, "due": loan.due.isoformat(), "voucher": loan.voucher}
        return self._notices.tell_of(session, request, what, at, key=f"loan:{loan.id}:{number}", values=values)

    def _standing(self) -> _Standing:
        now = self._clock.now()
        with self._database.read() as session:
            kinds, calendar = self._rules.within(session, LoanRules), self._rules.within(session, CalendarRules)
        return _Standing(kinds, calendar.calendar(), self._day(now), now)

    def _closed(self, session: Session, now: dt.datetime) -> None:
        """A changed calendar moves due days on which the house is closed by now."""
        calendar = self._rules.within(session, CalendarRules).calendar()
        coming = select(Loan).where(Loan.returned.is_(None), Loan.due >= calendar.day_of(now)).with_for_update()
        for loan in session.scalars(coming).all():
            if not calendar.is_working(loan.due):
                loan.due = calendar.after(loan.due, Limit(working_days=1)).due

    def _check_free(self, session: Session, resource_id: str, place_id: int | None) -> None:
        same = Loan.resource_id == resource_id
        either = or_(same, Loan.place_id == place_id) if place_id is not None else same
        other = session.scalar(select(Loan).where(Loan.returned.is_(None), either))
        if other is not None:
            raise Refused("lent_already", title=other.title, until=other.due.isoformat())

    def _leave(self, session: Session, loan: Loan, told: Happening) -> None:
        """The box leaves with it; what the request ordered of it is done, what others wait for is to be fetched when it
        is back.
        """
        if loan.place_id is None:
            logbook.remark(session, told)
            return
        box = logbook.locked_id(session, loan.place_id)
        logbook.step(session, box, told)
        self._picking.leave(session, box, told.at, done_for=loan.request_id)

    def _by_voucher_or_barcode(self, session: Session, text: str) -> Loan | None:
        """Read to be changed; with its box read first, as everybody does."""
        typed = _typed(text)
        boxes = select(Place.id).where(Place.barcode == typed)
        is_it = or_(Loan.voucher == typed, Loan.place_id.in_(boxes))
        newest = select(Loan.id, Loan.place_id).where(is_it).order_by(Loan.returned.is_not(None), Loan.id.desc())
        row = session.execute(newest.limit(1)).one_or_none()
        if row is None:
            return None
        if row.place_id is not None:
            logbook.locked_id(session, row.place_id)
        return session.scalar(select(Loan).where(Loan.id == row.id).with_for_update())

    def _party(self, session: Session, loan: Loan | None, caller: Caller) -> bool | None:
        """Is it staff who ask? None for whoever may not know of the loan."""
        request = session.get(Request, loan.request_id) if loan is not None else None
        have = policy.parties_to(request, caller)
        if request is None:
            return None
        if caller.viewer.is_staff and may_begin(caller.viewer, "stacks.work"):
            return True
        return False if "owner" in have else None

    def _against(self, session: Session, loan: Loan, standing: _Standing) -> str | None:
        """Why it may not be renewed: a code of `faults.SAID`."""
        kind = standing.kinds.borrowers.get(loan.borrower)
        if loan.returned is not None:
            return "returned"
        if loan.due < standing.today:
            return "overdue"
        if kind is None or loan.renewals >= kind.renewals:
            return "no_renewal"
        return "waited_for" if self._is_waited_for(session, loan) else None

    def _is_waited_for(self, session: Session, loan: Loan) -> bool:
        same = Retrieval.resource_id == loan.resource_id
        either = or_(same, Retrieval.place_id == loan.place_id) if loan.place_id is not None else same
        others = Retrieval.request_id != loan.request_id
        waiting = select(Retrieval.id).where(either, others, Retrieval.state == "ordered").limit(1)
        return session.scalar(waiting) is not None

    def _counted_to(self, loan: Loan, standing: _Standing) -> dt.date | None:
        """Counted again from the day it was lent; None where the rules have changed so much that it comes out
        otherwise.
        """
        kind, due = standing.kinds.borrowers.get(loan.borrower), self._day(loan.lent)
        if kind is None:
            return None
        last = due
        for days in (kind.days, *(kind.renewal_days for _ in range(loan.renewals))):
            last = due + dt.timedelta(days)
            due = standing.due(due, days)
        return last if due == loan.due != last else None

    def _view(self, session: Session, loan: Loan, standing: _Standing, for_staff: bool) -> LoanView:
        may_renew = self._against(session, loan, standing) is None
        days = standing.kinds.borrowers[loan.borrower].renewal_days if may_renew else None
        box = session.get(Place, loan.place_id) if for_staff and loan.place_id is not None else None
        return LoanView(
            voucher=loan.voucher,
            receipt=loan.receipt,
            title=loan.title,
            reference_code=loan.reference_code,
            borrower=loan.borrower,
            lent=loan.lent,
            due=loan.due,
            renewals=loan.renewals,
            is_overdue=loan.returned is None and loan.due < standing.today,
            may_renew=may_renew,
            renewable_to=standing.due(loan.due, days) if days else None,
            counted_to=self._counted_to(loan, standing),
            returned=loan.returned,
            barcode=box.barcode if box else None,
        )


def _check_lendable(request: Request, kinds: LoanRules) -> None:
    """Raises Refused for a request of a type that is not for lending, or that is not accepted yet, or over."""
    if request.type not in kinds.types:
        raise Refused("no_loan", type=request.type)
    if request.status not in LENDS:
        raise Refused("not_now", status=request.status)


def _typed(text: str) -> str:
    return logbook.scanned(text)
