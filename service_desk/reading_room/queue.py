"""The queue at the window: tickets by service, called at counters. A ticket says nothing of who holds it."""

from __future__ import annotations

import datetime as dt
from typing import Final

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.orm import Session

from mappings.access import Viewer
from service_desk import codes, ledger, policy
from service_desk.audit_chain import note
from service_desk.database import Database
from service_desk.errors import Conflict, NotFound
from service_desk.ports import Clock
from service_desk.reading_room.in_force import in_force
from service_desk.reading_room.rules import ReadingRoomRules
from service_desk.reading_room.tables import QueueTicket, Visit
from service_desk.reading_room.views import Called, CounterView, Hall, ServiceView, TicketView
from service_desk.reading_room.waits import Waited, expected
from service_desk.rules import Rules

_LOCK = "queue"
_ACTION: Final = "rooms.work"
_SHOWN: Final = 8
_HISTORY: Final = 5_000
ENDS: Final = ("done", "no_answer")


class WindowClosed(Conflict):
    """No tickets are given now."""


class QueueFull(Conflict):
    """As many wait for this service as may."""


class WindowQueue:
    """Tickets are for everybody; calling them is for whoever works at the window (`rooms.work`)."""

    def __init__(self, database: Database, clock: Clock, rules: Rules) -> None:
        self._database = database
        self._clock = clock
        self._rules = rules

    def by(self, clock: Clock) -> WindowQueue:
        """The same queue by another clock: for demonstrations, which need a yesterday."""
        return WindowQueue(self._database, clock, self._rules)

    def services(self) -> list[ServiceView]:
        """Each service in the order of the rules: how many wait, and how long the next one would."""
        with self._database.read() as session:
            return self._services(session, *self._now(session))

    def is_open(self) -> bool:
        """Are tickets given now?"""
        with self._database.read() as session:
            rules, now = self._now(session)
        return _is_open(rules, now)

    def take(self, service: str, viewer: Viewer, visitor: str | None = None) -> TicketView:
        """A ticket. A browser has one at a time for a service and gets it again; at a terminal of the house everybody
        gets one of their own. Raises NotFound without such a service, WindowClosed, QueueFull.
        """
        digest = codes.digest(visitor) if visitor and not viewer.on_site else None
        with self._database.write(lock=_LOCK) as session:
            rules, now = self._now(session)
            if service not in rules.window.services:
                raise NotFound("There is no such service at the window.")
            known = self._theirs(session, rules, now, service, digest)
            if known is not None:
                return self._view(session, rules, now, known)
            if not _is_open(rules, now):
                raise WindowClosed("The window is closed now; tickets are given while it is open.")
            ahead = _waiting(session, rules, now, service)
            if ahead >= rules.window.most_waiting:
                raise QueueFull("Too many people wait for this already; please come again later.")
            ticket = _new(session, rules, now, service, ahead, digest)
            return self._view(session, rules, now, ticket)

    def one(self, code: str, viewer: Viewer) -> TicketView:
        """A ticket by its code, for whoever holds it. Raises NotFound."""
        with self._database.read() as session:
            rules, now = self._now(session)
            return self._view(session, rules, now, _found(session, code))

    def give_up(self, code: str, viewer: Viewer) -> None:
        """Whoever holds it does not wait any more. Raises NotFound, Conflict when it was called."""
        with self._database.write(lock=_LOCK) as session:
            ticket = _found(session, code)
            if ticket.state != "waiting":
                raise Conflict("This ticket was called already.")
            ticket.state, ticket.ended = "left", self._clock.now()

    def hall(self) -> Hall:
        """What the screen in the hall shows."""
        with self._database.read() as session:
            rules, now = self._now(session)
            called = select(QueueTicket).where(_today(rules, now), QueueTicket.state == "called")
            rows = session.scalars(called.order_by(QueueTicket.called.desc(), QueueTicket.id.desc()).limit(_SHOWN))
            shown = tuple(Called(_label(row), row.counter or "", row.again) for row in rows)
            return Hall(shown, tuple(self._services(session, rules, now)))

    def counter(self, counter: str, viewer: Viewer) -> CounterView:
        """What a counter's clerk sees. Raises NotAllowed, NotFound without such a counter."""
        policy.require(_ACTION, viewer)
        with self._database.read() as session:
            rules, now = self._now(session)
            _check_counter(rules, counter)
            serving = _serving(session, rules, now, counter)
            waiting = session.scalars(_in_order(rules, now)).all()
            return CounterView(
                counter=counter,
                serving=self._view(session, rules, now, serving) if serving else None,
                waiting=tuple(self._view(session, rules, now, ticket) for ticket in waiting),
                services=tuple(self._services(session, rules, now)),
            )

    def call(self, counter: str, viewer: Viewer, service: str = "") -> TicketView | None:
        """The next of a service, or of all, comes to this counter, None when nobody waits; whoever was served there is
        done. Raises NotAllowed, NotFound.
        """
        actor = policy.require(_ACTION, viewer)
        with self._database.write(lock=_LOCK) as session:
            rules, now = self._now(session)
            _check_counter(rules, counter)
            if (serving := _serving(session, rules, now, counter)) is not None:
                _end(session, rules, now, serving, "done", actor)
            chosen = _in_order(rules, now).limit(1).with_for_update()
            ticket = session.scalar(chosen.where(QueueTicket.service == service) if service else chosen)
            if ticket is None:
                return None
            ticket.state, ticket.counter, ticket.called, ticket.by = "called", counter, now, actor
            note(session, now, actor, "queue.call", f"{ticket.day} {_label(ticket)}", counter=counter)
            session.flush()
            return self._view(session, rules, now, ticket)

    def recall(self, code: str, viewer: Viewer) -> TicketView:
        """Call the same once more. Raises NotAllowed, NotFound, Conflict."""
        policy.require(_ACTION, viewer)
        with self._database.write(lock=_LOCK) as session:
            rules, now = self._now(session)
            ticket = _called(session, code)
            ticket.again += 1
            return self._view(session, rules, now, ticket)

    def end(self, code: str, how: str, viewer: Viewer, receipt: str = "") -> None:
        """``done`` is a visit, for the request `receipt` when one is named; ``no_answer`` is none. Raises NotAllowed,
        NotFound, Conflict.
        """
        actor = policy.require(_ACTION, viewer)
        if how not in ENDS:
            raise NotFound("A ticket ends as done or without an answer.")
        with self._database.write(lock=_LOCK) as session:
            rules, now = self._now(session)
            request = ledger.found(session, receipt) if receipt else None
            _end(session, rules, now, _called(session, code), how, actor, request.id if request else None)

    def tidy(self) -> None:
        """What a nightly job does: tickets of other days wait no more, and belong to no browser."""
        with self._database.write(lock=_LOCK) as session:
            rules, now = self._now(session)
            old = QueueTicket.day < rules.day_of(now).isoformat()
            open_ones = QueueTicket.state.in_(("waiting", "called"))
            session.execute(update(QueueTicket).where(old, open_ones).values(state="left"))
            kept = QueueTicket.visitor_digest.is_not(None)
            session.execute(update(QueueTicket).where(old, kept).values(visitor_digest=None))

    def _now(self, session: Session) -> tuple[ReadingRoomRules, dt.datetime]:
        return in_force(session, self._rules), self._clock.now()

    def _theirs(
        self, session: Session, rules: ReadingRoomRules, now: dt.datetime, service: str, digest: str | None
    ) -> QueueTicket | None:
        if digest is None:
            return None
        own = QueueTicket.visitor_digest == digest, QueueTicket.service == service, QueueTicket.state == "waiting"
        return session.scalar(select(QueueTicket).where(_today(rules, now), *own))

    def _services(self, session: Session, rules: ReadingRoomRules, now: dt.datetime) -> list[ServiceView]:
        counts = {name: _waiting(session, rules, now, name) for name in rules.window.services}
        return [ServiceView(name, count, _expected(session, rules, now, name, count)) for name, count in counts.items()]

    def _view(self, session: Session, rules: ReadingRoomRules, now: dt.datetime, ticket: QueueTicket) -> TicketView:
        before, wait = 0, None
        if ticket.state == "waiting":
            before = _waiting(session, rules, now, ticket.service, before=ticket.number)
            wait = _expected(session, rules, now, ticket.service, before)
        state = ticket.state if ticket.day == rules.day_of(now).isoformat() or ticket.state in ENDS else "left"
        return TicketView(
            code=ticket.code,
            label=_label(ticket),
            service=ticket.service,
            state=state,
            counter=ticket.counter,
            before=before,
            wait=wait,
            taken=ticket.taken.astimezone(rules.zone),
            again=ticket.again,
        )


def _is_open(rules: ReadingRoomRules, now: dt.datetime) -> bool:
    return any(opens <= now < closes for opens, closes in rules.open_spans(rules.day_of(now), None))


def _today(rules: ReadingRoomRules, now: dt.datetime) -> ColumnElement[bool]:
    return QueueTicket.day == rules.day_of(now).isoformat()


def _waiting(
    session: Session, rules: ReadingRoomRules, now: dt.datetime, service: str, before: int | None = None
) -> int:
    those = [_today(rules, now), QueueTicket.service == service, QueueTicket.state == "waiting"]
    if before is not None:
        those.append(QueueTicket.number < before)
    return session.scalar(select(func.count()).select_from(QueueTicket).where(*those)) or 0


def _new(
    session: Session, rules: ReadingRoomRules, now: dt.datetime, service: str, ahead: int, digest: str | None
) -> QueueTicket:
    same = _today(rules, now), QueueTicket.service == service
    last = session.scalar(select(func.max(QueueTicket.number)).where(*same)) or 0
    ticket = QueueTicket(
        code=codes.new_receipt(),
        day=rules.day_of(now).isoformat(),
        service=service,
        letter=rules.window.services[service].letter,
        number=last + 1,
        taken=now,
        ahead=ahead,
        state="waiting",
        visitor_digest=digest,
        again=0,
    )
    session.add(ticket)
    session.flush()
    return ticket


def _expected(session: Session, rules: ReadingRoomRules, now: dt.datetime, service: str, before: int) -> int | None:
    """From today, and from the same hour of the last weeks."""
    since = now - dt.timedelta(weeks=rules.window.weeks)
    called = QueueTicket.service == service, QueueTicket.called.is_not(None), QueueTicket.taken >= since
    rows = session.execute(
        select(QueueTicket.taken, QueueTicket.called, QueueTicket.ahead)
        .where(*called)
        .order_by(QueueTicket.taken.desc())
        .limit(_HISTORY)
    )
    there = now.astimezone(rules.zone)

    def counts(taken: dt.datetime) -> bool:
        then = taken.astimezone(rules.zone)
        return then.date() == there.date() or then.hour == there.hour

    samples = [Waited((row.called - row.taken).total_seconds(), row.ahead) for row in rows if counts(row.taken)]
    return expected(samples, before, rules.window.enough)


def _in_order(rules: ReadingRoomRules, now: dt.datetime) -> Select[QueueTicket]:
    waiting = select(QueueTicket).where(_today(rules, now), QueueTicket.state == "waiting")
    return waiting.order_by(QueueTicket.taken, QueueTicket.id)


def _serving(session: Session, rules: ReadingRoomRules, now: dt.datetime, counter: str) -> QueueTicket | None:
    here = _today(rules, now), QueueTicket.state == "called", QueueTicket.counter == counter
    return session.scalar(select(QueueTicket).where(*here).order_by(QueueTicket.id.desc()).limit(1))


def _end(
    session: Session,
    rules: ReadingRoomRules,
    now: dt.datetime,
    ticket: QueueTicket,
    how: str,
    actor: str,
    request: int | None = None,
) -> None:
    ticket.state, ticket.ended = how, now
    day = rules.day_of(now).isoformat()
    if how == "done":
        place = f"{ticket.service} {ticket.counter}"[:40]
        session.add(Visit(at=now, day=day, kind="window", place=place, request_id=request, by=actor))
    note(session, now, actor, "queue.end", f"{ticket.day} {_label(ticket)}", how=how)


def _found(session: Session, code: str) -> QueueTicket:
    ticket = session.scalar(select(QueueTicket).where(QueueTicket.code == codes.normalise(code)))
    if ticket is None:
        raise NotFound("There is no such ticket.")
    return ticket


def _called(session: Session, code: str) -> QueueTicket:
    ticket = _found(session, code)
    if ticket.state != "called":
        raise Conflict("This ticket is not being served.")
    return ticket


def _check_counter(rules: ReadingRoomRules, counter: str) -> None:
    if counter not in rules.window.counters:
        raise NotFound("There is no such counter.")


def _label(ticket: QueueTicket) -> str:
    return f"{ticket.letter}{ticket.number:03d}"
