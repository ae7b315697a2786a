"""What the desk has answered before: closed requests like a new one, by their words and their record, and what becomes
an entry of the library of one of them.

The texts of requests are read where they lie at each question, never kept elsewhere: what is forgotten there is gone
here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any, Final, Literal

from msgspec import Struct
from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session, selectinload

from mappings.access import Viewer
from service_desk import codes, policy
from service_desk.audit_chain import note
from service_desk.database import Database
from service_desk.errors import NotFound, Unavailable
from service_desk.knowledge import Knowledge
from service_desk.library.entries import EntryForm
from service_desk.library.ranking import Ranking, weighted
from service_desk.models import Event, Request
from service_desk.ports import Clock, FrozenHit

LOOKED_AT: Final = 2_000
"""Closed requests whose words are looked at, the latest; and as many on the same record as `SAME`."""
SAME: Final = 200
ANSWERED: Final = ("answered", "partly_answered")
"""Events that leave an answer."""
_TEXT: Final = 1_000
"""Characters of a request that are compared, and shown."""
_LEAST: Final = 0.2
_SAME_RECORD, _SAME_FONDS = 2.0, 1.3
"""What words are worth where record, or fonds, is the same."""
Because = Literal["record", "fonds", "words"]


class Earlier(Struct, frozen=True):
    """A request that was answered: what was asked and said, of which record, and why it is like the new one."""

    receipt: str
    type: str
    language: str
    closed: dt.datetime
    question: str
    answer: str
    title: str | None
    because: Because


class EarlierAnswers:
    """Those of one desk, for staff."""

    def __init__(self, database: Database, clock: Clock, knowledge: Knowledge) -> None:
        self._database, self._clock, self._knowledge = database, clock, knowledge

    def similar(
        self, text: str, hit: FrozenHit | None, viewer: Viewer, *, receipt: str | None = None, limit: int = 5
    ) -> list[Earlier]:
        """Answered requests like this text on this hit, the most alike first; without the request of `receipt`, and
        only those the viewer may open. Reads `LOOKED_AT` + `SAME` texts at most. Raises NotAllowed.
        """
        policy.require_staff("case", viewer)
        own = codes.normalise(receipt) if receipt else None
        with self._database.read() as session:
            found = _alike(session, text, hit, own)
            told = list(_told(session, [number for number, _ in found], dict(found), viewer, limit))
        return told

    def draft(self, receipt: str, viewer: Viewer) -> EntryForm:
        """An entry made of an answered request, with what may name somebody masked; not kept, for staff to look at.
        Raises NotAllowed, NotFound, Unavailable while personal data cannot be looked for.
        """
        actor = policy.require("answers.write", viewer)
        with self._database.write() as session:  # that it was looked at is kept
            request: Request | None = session.scalar(_whole().where(Request.receipt == codes.normalise(receipt)))
            if request is None or not _may_open(request, viewer):
                raise NotFound(policy.NO_REQUEST)
            question, answer = _question(request), _answer(request)
            if not answer:
                raise NotFound("This request has no answer that could become one of the library.")
            note(session, self._clock.now(), actor, "request.see", request.receipt)
        asked = self._masked(question or (request.hit or {}).get("title", ""), request)
        return EntryForm.model_construct(
            question=" ".join(asked.split())[:300],
            answer=self._masked(answer, request),
            language=request.language,
            type=request.type,
            theme=next(iter((request.hit or {}).get("themes") or ()), ""),
            tags=(),
            public=False,
            origin=request.receipt,
            checked=False,
        )

    def _masked(self, text: str, request: Request) -> str:
        rules = self._knowledge.personal
        if rules is None:
            raise Unavailable("Personal data cannot be looked for here, so no answer is taken over; write it anew.")
        for known in (request.contact, request.name):
            if len(known.strip()) > 1:
                text = text.replace(known.strip(), "…")
        return rules.masked(text)


def _alike(session: Session, text: str, hit: FrozenHit | None, own: str | None) -> list[tuple[int, Because]]:
    """Numbers of requests by how alike they are, and why."""
    rows: dict[int, Any] = {}
    if hit is not None:
        rows |= {row.id: row for row in session.execute(_asked(SAME).where(Request.resource_id == hit.id))}
    rows |= {row.id: row for row in session.execute(_asked(LOOKED_AT))}
    why = {number: _because(row, hit) for number, row in rows.items() if row.receipt != own}
    ranking = Ranking((number, weighted((_words(rows[number]), 1.0))) for number in why)
    scores = dict(ranking.search(text, limit=len(rows), least=_LEAST))
    worth = {"record": _SAME_RECORD, "fonds": _SAME_FONDS, "words": 1.0}
    same = {number: 0.0 for number, because in why.items() if because == "record"}
    found = {number: score * worth[why[number]] for number, score in (same | scores).items()}
    ordered = sorted(found, key=lambda number: (-found[number], -number))
    return [(number, why[number]) for number in ordered]


def _asked(limit: int) -> Select[Any]:
    """Answered requests with the words they were filed with, the latest first."""
    filed = select(Event.text).where(Event.request_id == Request.id, Event.number == 1).scalar_subquery()
    title, fonds = Request.hit["title"].as_string(), Request.hit["fonds"].as_string()
    columns = (Request.id, Request.receipt, Request.resource_id, filed.label("text"), title.label("title"))
    answered = exists().where(Event.request_id == Request.id, Event.what.in_(ANSWERED))
    wanted = select(*columns, fonds.label("fonds")).where(Request.closed.is_not(None), answered)
    return wanted.order_by(Request.closed.desc(), Request.id.desc()).limit(limit)


def _words(row: Any) -> str:
    return "\n".join(filter(None, ((row.text or "")[:_TEXT], row.title)))


def _because(row: Any, hit: FrozenHit | None) -> Because:
    if hit is not None and row.resource_id == hit.id:
        return "record"
    return "fonds" if hit is not None and hit.fonds and row.fonds == hit.fonds else "words"


def _whole() -> Select[Any]:
    return select(Request).options(selectinload(Request.events))


def _told(
    session: Session, numbers: Sequence[int], why: dict[int, Because], viewer: Viewer, limit: int
) -> Iterator[Earlier]:
    """The first of them that the viewer may open and that say something; a few at a time."""
    left = limit
    for start in range(0, min(len(numbers), 10 * limit), 2 * limit):
        some = numbers[start : start + 2 * limit]
        found: Iterator[Request] = iter(session.scalars(_whole().where(Request.id.in_(some))))
        rows = {row.id: row for row in found}
        for number in some:
            row = rows.get(number)
            if row is not None and left > 0 and _may_open(row, viewer) and _answer(row):
                left -= 1
                yield _earlier(row, why[number])
        if not left:
            return


def _may_open(row: Request, viewer: Viewer) -> bool:
    """May this member of staff see it, and is it not about them?"""
    return policy.allows("case", viewer, row) and viewer.name not in row.barred


def _earlier(row: Request, because: Because) -> Earlier:
    assert row.closed is not None
    title = (row.hit or {}).get("title")
    return Earlier(
        row.receipt, row.type, row.language, row.closed, _question(row)[:_TEXT], _answer(row)[:_TEXT], title, because
    )


def _question(request: Request) -> str:
    return request.events[0].text if request.events else ""


def _answer(request: Request) -> str:
    return next((event.text for event in reversed(request.events) if event.what in ANSWERED and event.text), "")
