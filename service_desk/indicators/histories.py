"""The rounds of all requests, read from their events: once each, and anew only for what happened since."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Row, case, func, null, select
from sqlalchemy.orm import Session

from service_desk.database import Database
from service_desk.indicators.definitions import Case, Given
from service_desk.indicators.rounds import MOVING, SAYING, About, Round, Told, WorkingDays, rounds
from service_desk.models import Event, Request
from service_desk.ratings.tables import Rating
from service_desk.reading_room.tables import Visit
from service_desk.rules import Rules
from service_desk.terms import Terms

_BATCH = 500


class Histories:
    """What has happened, as this process knows it. Safe to share between threads.

    Events are only ever added, and a request says how many it has: those with as many as last time are as they were.
    """

    def __init__(self, database: Database, rules: Rules) -> None:
        self._database = database
        self._rules = rules
        self._known: dict[int, tuple[int, tuple[Round, ...]]] = {}
        self._terms: Terms | None = None
        self._state: object = None
        self._cases: tuple[Case, ...] = ()
        self._lock = threading.Lock()

    def forget_known(self) -> None:
        """Read everything again."""
        with self._lock:
            self._known, self._terms, self._state, self._cases = {}, None, None, ()

    def cases(self) -> tuple[Case, ...]:
        """Every round that has ended, with what was given of it, by request and number; the same object as long as
        nothing happens.
        """
        with self._lock, self._database.read() as session:
            terms = Terms.of(self._rules, session)
            state = (_state(session), id(terms.types), terms.calendar)
            if state != self._state:
                self._catch_up(session, terms)
                self._cases, self._state = tuple(self._told(session)), state
            return self._cases

    def _catch_up(self, session: Session, terms: Terms) -> None:
        if self._terms is None or (terms.types, terms.calendar) != (self._terms.types, self._terms.calendar):
            self._known = {}
        self._terms = terms  # kept, so that nothing else gets its identity
        versions = {row.id: row.version for row in session.execute(select(Request.id, Request.version))}
        for gone in self._known.keys() - versions.keys():
            del self._known[gone]
        changed = sorted(id for id, version in versions.items() if self._known.get(id, (None,))[0] != version)
        days = WorkingDays(terms.calendar)
        for ids in _batches(changed):
            for about, events in _read(session, ids):
                self._known[about.id] = (versions[about.id], rounds(about, events, terms, days))

    def _told(self, session: Session) -> Iterator[Case]:
        stars, visits = _stars(session), _visits(session)
        for id in sorted(self._known):
            each = self._known[id][1]
            for one, seen in zip(each, _visits_of(each, visits), strict=True):
                yield one, Given(stars.get((id, one.closing)), seen)


def _state(session: Session) -> tuple[object, ...]:
    """What differs once anything has happened. Of events the number, too: of two that are written at once the second
    may be seen first.
    """
    columns: list[Any] = [select(func.max(Event.id), func.count(Event.id)), select(func.count(Request.id))]
    columns.append(select(func.count(Rating.id), func.max(Rating.at), func.max(Rating.changed)))
    columns.append(select(func.count(Visit.id), func.max(Visit.id)))
    return tuple(tuple(session.execute(each).one()) for each in columns)


def _batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), _BATCH):
        yield ids[start : start + _BATCH]


def _read(session: Session, ids: Sequence[int]) -> Iterator[tuple[About, list[Told]]]:
    """Each of these requests with its events. Texts, names and contacts are not asked for."""
    columns = (Request.id, Request.receipt, Request.type, Request.department, Request.hit)
    known = {row.id: _about(row) for row in session.execute(select(*columns).where(Request.id.in_(ids)))}
    said = case((Event.what.in_(sorted(SAYING)), Event.payload), else_=null()).label("said")
    of_event = (Event.request_id, Event.number, Event.at, Event.party, Event.what, said)
    wanted = select(*of_event).where(Event.request_id.in_(ids), Event.what.in_(sorted(MOVING)))
    rows = session.execute(wanted.order_by(Event.request_id, Event.number))
    for id, events in groupby(rows, key=itemgetter(0)):
        yield known[id], [Told(number, at, party, what, said or {}) for _, number, at, party, what, said in events]


def _about(row: Row[Any]) -> About:
    return About(row.id, row.receipt, row.type, row.department, tuple((row.hit or {}).get("themes") or ()))


def _stars(session: Session) -> dict[tuple[int, int], int]:
    rows = session.execute(select(Rating.request_id, Rating.closing, Rating.stars))
    return {(row.request_id, row.closing): row.stars for row in rows}


def _visits(session: Session) -> dict[int, list[Any]] | None:
    """When somebody came for a request, by request; None where nobody has counted any."""
    found: dict[int, list[Any]] = {}
    wanted = select(Visit.request_id, Visit.at).where(Visit.request_id.is_not(None)).order_by(Visit.at)
    for row in session.execute(wanted):
        found.setdefault(row.request_id, []).append(row.at)
    return found or None


def _visits_of(each: Sequence[Round], visits: dict[int, list[Any]] | None) -> list[int | None]:
    """How often somebody came during each round of a request: until the next one began."""
    if visits is None or not each:
        return [None] * len(each)
    counts: list[int | None] = []
    seen = visits.get(each[0].about.id, [])
    for at in range(len(each)):
        begins = each[at].began if at else None
        ends = each[at + 1].began if at + 1 < len(each) else None
        counts.append(sum((begins is None or begins <= when) and (ends is None or when < ends) for when in seen))
    return counts
