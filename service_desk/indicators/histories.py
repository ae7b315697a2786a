"""The rounds of all requests, read from their events: once each, and anew only for what happened since."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from importlib.metadata import version as version_of
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, get_type_hints

import msgspec
from sqlalchemy import Row, case, delete, func, insert, null, select
from sqlalchemy.orm import Session

from service_desk.calendar_rules import CalendarRules
from service_desk.database import Database
from service_desk.indicators.definitions import Case, Given
from service_desk.indicators.rounds import MOVING, SAYING, About, Round, Told, WorkingDays, rounds
from service_desk.indicators.tables import KeptRounds
from service_desk.models import Event, Request
from service_desk.ratings.tables import Rating
from service_desk.reading_room.tables import Visit
from service_desk.request_types import Types
from service_desk.rules import Rules
from service_desk.terms import Terms

_BATCH = 500
_FORMAT = 1
"""Of what is kept; another number when rounds are computed otherwise."""
_LOCK = "kept rounds"
_ABOUT = (Request.id, Request.receipt, Request.type, Request.department, Request.hit)


_FIELDS: Final = tuple(name for name in Round.__struct_fields__ if name != "about")
"""What is kept of a round: all but what it is about, which is told by the request."""
_TYPES: Final = get_type_hints(Round)
_kept_in: Final = msgspec.json.Decoder(tuple[tuple[tuple(_TYPES[name] for name in _FIELDS)], ...])  # type: ignore[misc]
_json: Final = msgspec.json.Encoder()


class Histories:
    """What has happened, as this process knows it. Safe to share between threads.

    Events are only ever added, and a request says how many it has: those with as many as last time are as they were.
    What was computed is kept in the database, too, by night, so that a start need not read every event.
    """

    def __init__(self, database: Database, rules: Rules) -> None:
        self._database = database
        self._rules = rules
        self._known: dict[int, tuple[int, tuple[Round, ...]]] = {}
        self._kept: dict[int, int] = {}
        self._digest = ""
        self._terms: Terms | None = None
        self._state: object = None
        self._cases: tuple[Case, ...] = ()
        self._lock = threading.Lock()

    def forget_known(self) -> None:
        """Read everything anew."""
        with self._lock:
            self._known, self._kept, self._terms, self._state, self._cases = {}, {}, None, None, ()

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

    def keep(self) -> int:
        """What a nightly job does: write down what was computed since; of how many requests."""
        with self._lock:
            with self._database.read() as session:
                self._catch_up(session, Terms.of(self._rules, session))
            new = [id for id, (version, _) in self._known.items() if self._kept.get(id) != version]
            for ids in _batches(new):
                self._write(ids)
            return len(new)

    def _write(self, ids: Sequence[int]) -> None:
        rows = [
            {"request_id": id, "version": version, "rules": self._digest, "body": _body(each)}
            for id, (version, each) in ((id, self._known[id]) for id in ids)
        ]
        with self._database.write(lock=_LOCK) as session:
            session.execute(delete(KeptRounds).where(KeptRounds.request_id.in_(ids)))
            session.execute(insert(KeptRounds), rows)
        self._kept |= {id: self._known[id][0] for id in ids}

    def _catch_up(self, session: Session, terms: Terms) -> None:
        is_new = self._terms is None or (terms.types, terms.calendar) != (self._terms.types, self._terms.calendar)
        self._terms = terms  # kept, so that nothing else gets its identity
        versions = {row.id: row.version for row in session.execute(select(Request.id, Request.version))}
        if is_new:
            self._digest = self._digest_of(session)
            self._known = dict(_kept(session, self._digest))
            self._kept = {id: version for id, (version, _) in self._known.items()}
        for gone in self._known.keys() - versions.keys():
            del self._known[gone]
        changed = sorted(id for id, version in versions.items() if self._known.get(id, (None,))[0] != version)
        days = WorkingDays(terms.calendar)
        for ids in _batches(changed):
            for about, events in _read(session, ids):
                self._known[about.id] = (versions[about.id], rounds(about, events, terms, days))

    def _digest_of(self, session: Session) -> str:
        """Of everything that rounds follow from beside events."""
        texts = [self._rules.within(session, kind).model_dump_json() for kind in (Types, CalendarRules)]
        return hashlib.sha256("\n".join((str(_FORMAT), *_FIELDS, version_of("holidays"), *texts)).encode()).hexdigest()

    def _told(self, session: Session) -> Iterator[Case]:
        stars, visits = _stars(session), _visits(session)
        for id in sorted(self._known):
            each = self._known[id][1]
            for one, seen in zip(each, _visits_of(each, visits), strict=True):
                yield one, Given(stars.get((id, one.closing)), seen)


def _kept(session: Session, digest: str) -> Iterator[tuple[int, tuple[int, tuple[Round, ...]]]]:
    """What is kept of requests by these rules, by their numbers."""
    columns = (*_ABOUT, KeptRounds.version, KeptRounds.body)
    wanted = select(*columns).join(KeptRounds, KeptRounds.request_id == Request.id).where(KeptRounds.rules == digest)
    for row in session.execute(wanted):
        with suppress(msgspec.MsgspecError):  # what cannot be read is computed anew
            each = _kept_in.decode(row.body)
            about = _about(row)
            yield row.id, (row.version, tuple(Round(about, *one) for one in each))


def _body(each: Sequence[Round]) -> str:
    return _json.encode([[getattr(one, name) for name in _FIELDS] for one in each]).decode()


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
    known = {row.id: _about(row) for row in session.execute(select(*_ABOUT).where(Request.id.in_(ids)))}
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
