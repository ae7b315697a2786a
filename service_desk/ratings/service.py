"""Ratings as readers give them: by the right to the request, once for each closing, to be changed for some days. A
clerk may take one down at the window and is not shown what stood there before.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Final

from msgspec import Struct
from pydantic import BeforeValidator, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from mappings.access import ANONYMOUS, Viewer
from service_desk import ledger, policy
from service_desk.audit import AuditLog
from service_desk.audit_chain import note
from service_desk.database import Database
from service_desk.errors import Conflict, NotFound
from service_desk.forms import Form, without_controls
from service_desk.machine import BY_EVENT, CLOSED, Status
from service_desk.models import Request
from service_desk.policy import Caller
from service_desk.ports import Clock
from service_desk.ratings.rules import RatingRules
from service_desk.ratings.tables import Rating
from service_desk.rules import Rules

STARS: Final = (5, 4, 3, 2, 1)
RATED: frozenset[Status] = frozenset({"delivered", "partly_delivered", "refused", "not_held"})
"""What is an answer that may be rated; who withdrew, or let it expire, got none."""
WORDS = 2_000


class RatingForm(Form):
    """From 1, very dissatisfied, to 5, very satisfied, and why."""

    stars: Annotated[int, Field(ge=1, le=5)]
    words: Annotated[str, BeforeValidator(without_controls), Field(max_length=WORDS)] = ""


class RatingView(Struct, frozen=True):
    """What a reader said, and until when something can be said: `open_until` is None when it is too late for that."""

    stars: int | None = None
    words: str = ""
    open_until: dt.datetime | None = None


class Ratings:
    """Takes and shows them, one by one; what they come to is told by the indicators."""

    def __init__(self, database: Database, clock: Clock, rules: Rules, audit: AuditLog) -> None:
        self._database = database
        self._clock = clock
        self._rules = rules
        self._audit = audit

    def of(
        self, receipt: str, viewer: Viewer = ANONYMOUS, *, secret: str | None = None, visitor: str | None = None
    ) -> RatingView | None:
        """What its reader said of the last answer, None while there is none to be rated. Raises NotFound for others."""
        with self._database.read() as session:
            request = _own(session, receipt, Caller(viewer, secret, visitor))
            if request.status not in RATED:
                return None
            given = _given(session, request)
            until = self._until(session, request, given)
            still_open = until if until >= self._clock.now() else None
            return RatingView(given.stars, given.words, still_open) if given else RatingView(open_until=still_open)

    def give(
        self,
        receipt: str,
        form: RatingForm,
        viewer: Viewer = ANONYMOUS,
        *,
        secret: str | None = None,
        visitor: str | None = None,
    ) -> None:
        """Rate the last answer, or change what was said of it. Raises NotFound, Conflict when it is not the time."""
        with self._database.write() as session:
            request = _own(session, receipt, Caller(viewer, secret, visitor), to_write=True)
            self._keep(session, request, form, "web", None)

    def key_in(self, receipt: str, form: RatingForm, viewer: Viewer) -> None:
        """Take down what a reader says at the window; what they said themselves stays. Raises NotAllowed, NotFound,
        Conflict.
        """
        actor = policy.require("requests.work", viewer)
        with self._audit.refusals(viewer, "rate", receipt), self._database.write() as session:
            request = ledger.found(session, receipt, to_write=True)
            policy.check_scope("tell", viewer, request)
            self._keep(session, request, form, "window", actor)
            note(session, self._clock.now(), actor, "request.rate", request.receipt)

    def may_key_in(self, receipt: str, viewer: Viewer) -> bool:
        """Is there an answer that this clerk may take a rating down for? Raises NotAllowed, NotFound."""
        policy.require("requests.work", viewer)
        with self._audit.refusals(viewer, "rate", receipt), self._database.read() as session:
            request = ledger.found(session, receipt)
            policy.check_scope("tell", viewer, request)
            open_now = request.status in RATED and _given(session, request) is None
            return open_now and self._until(session, request, None) >= self._clock.now()

    def _keep(self, session: Session, request: Request, form: RatingForm, channel: str, actor: str | None) -> None:
        if request.status not in RATED:
            raise Conflict("There is no answer yet that could be rated.")
        given, now = _given(session, request), self._clock.now()
        if given is not None and actor is not None:
            raise Conflict("The reader has rated this answer already.")
        if self._until(session, request, given) < now:
            raise Conflict("The time in which this answer could be rated, or a rating changed, is over.")
        if given is None:
            given = Rating(request_id=request.id, closing=closing(request), at=now)
            session.add(given)
        else:
            given.changed = now
        given.stars, given.words, given.channel, given.keyed_by = form.stars, form.words, channel, actor

    def _until(self, session: Session, request: Request, given: Rating | None) -> dt.datetime:
        rules = self._rules.within(session, RatingRules)
        days = rules.days_to_rate if given is None else rules.days_to_change
        assert request.closed is not None
        return request.closed + dt.timedelta(days=days)


def closing(request: Request) -> int:
    """The number of the event that closed a request."""
    return max(event.number for event in request.events if BY_EVENT[event.what].ends in CLOSED)


def _given(session: Session, request: Request) -> Rating | None:
    wanted = select(Rating).where(Rating.request_id == request.id, Rating.closing == closing(request))
    return session.scalar(wanted)


def _own(session: Session, receipt: str, caller: Caller, *, to_write: bool = False) -> Request:
    """Raises NotFound, whoever it is that asks for what is not theirs."""
    request = ledger.by_receipt(session, receipt, to_write=to_write)
    have = policy.parties_to(request, caller)
    if request is None or "owner" not in have:
        raise NotFound("There is no request with this receipt code and secret.")
    return request
