"""What leaves the house about legs: written with what it tells of, sent after that commit, in its order for each leg,
tried again until it is taken, always under the same id. A letter is queued and done in one transaction; what another
house is told over the network may be told twice, when we die between its word and ours, and it knows the id.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Sequence

import structlog
from sqlalchemy import ColumnElement, String, bindparam, exists, select, update
from sqlalchemy.orm import aliased

from service_desk.acting import Acting
from service_desk.database import Database
from service_desk.errors import Conflict, Invalid
from service_desk.forms import without_controls
from service_desk.ledger import found
from service_desk.legs import calling, letters, machine
from service_desk.legs.files import keep, put
from service_desk.legs.hearing import apply_events
from service_desk.legs.ports import Relays
from service_desk.legs.rules import Partner
from service_desk.legs.tables import Leg, LegFile, LegPost
from service_desk.models import Request
from service_desk.notices import Notices
from service_desk.ports import Clock

CLAIM = dt.timedelta(minutes=5)
FIRST, LONGEST = dt.timedelta(seconds=30), dt.timedelta(hours=4)
"""Between two tries: twice as long each time."""
LISTENED = 20
"""Legs that are asked after in one round: another house takes so many calls a minute."""
_BATCH = 100
_NEVER = dt.datetime.min.replace(tzinfo=dt.UTC)
_PROBLEM = 300
_log = structlog.get_logger(__name__)


class Posting:
    """Empties the queue, and asks other installations what has happened there."""

    def __init__(self, acting: Acting, database: Database, clock: Clock, relays: Relays, notices: Notices) -> None:
        self._acting = acting
        self._database = database
        self._clock = clock
        self._relays = relays
        self._notices = notices
        self._asked: dict[int, dt.datetime] = {}
        self.wake = threading.Event()
        """Set when something waits to leave."""

    def leave(self) -> int:
        """Send letters now; how many. What other machines are told is told in the background: nobody waits for them."""
        left = self._deliver("email")
        self.wake.set()
        return left

    def deliver(self) -> int:
        """Send what is due; how many left. What is not taken stays, with the reason."""
        return self._deliver()

    def _deliver(self, channel: str | None = None) -> int:
        left, tried = 0, 0
        for _ in range(_BATCH):  # the next of a leg is due once the one before has left
            numbers = self._due(channel)
            tried += len(numbers)
            done = sum(self._deliver_one(number) for number in numbers)
            left += done
            if not done:
                break
        if tried:
            self._acting.leave()
        return left

    def listen(self) -> int:
        """Ask installations that work for us what has happened, of so many legs at once, those first that were asked
        longest ago; how many moved.
        """
        wanted = select(Leg.id).where(
            Leg.channel == "onestop", Leg.status.in_(sorted(machine.OPEN)), Leg.receipt.is_not(None)
        )
        with self._database.read() as session:
            numbers = list(session.scalars(wanted.order_by(Leg.id)))
        now = self._clock.now()
        self._asked = {number: self._asked.get(number, _NEVER) for number in numbers}
        first = sorted(numbers, key=lambda number: (self._asked[number], number))[:LISTENED]
        self._asked |= dict.fromkeys(first, now)
        moved = sum(self._listen_to(number) for number in first)
        if first:
            self._acting.leave()
        return moved

    def _due(self, channel: str | None) -> list[str]:
        """The first of each leg that has not left."""
        wanted = _FIRST if channel is None else _FIRST.where(LegPost.leg.has(Leg.channel == channel))
        now = self._clock.now()
        with self._database.read() as session:
            return list(session.scalars(wanted, {"now": now, "stale": now - CLAIM}))

    def _deliver_one(self, number: str) -> bool:
        now = self._clock.now()
        values = {"post": number, "now": now, "stale": now - CLAIM}
        with self._database.write() as session:
            if session.scalar(_CLAIMED, values, execution_options={"synchronize_session": False}) is None:
                return False
            post = session.get_one(LegPost, number)
            terms = self._acting.terms(session)
            partner = terms.partners.partners.get(post.leg.receiver)
            if partner is not None and partner.email is not None:
                problem = letters.write(session, post, partner.email, terms, self._relays, self._notices, now)
                _finish(post, problem, now)
                return problem is None
            message = calling.message(post, partner, terms, self._relays) if partner else None
        return self._called(number, message, partner)

    def _called(self, number: str, message: calling.Message | None, partner: Partner | None) -> bool:
        """Outside of any transaction: another house may take its time."""
        receipt, problem = None, "there are no rules for this partner any more"
        if message is not None and partner is not None:
            try:
                receipt, problem = calling.tell(message, partner, self._relays, self._clock.now()), ""
            except OSError as error:
                problem = str(error)
        with self._database.write() as session:
            post = session.get_one(LegPost, number)
            _finish(post, problem or None, self._clock.now())
            if receipt:
                post.leg.receipt = receipt[:40]
        return not problem

    def _listen_to(self, number: int) -> bool:
        with self._database.read() as session:
            leg = session.get_one(Leg, number)
            partner = self._acting.terms(session).partners.partners.get(leg.receiver)
            code, after, receipt = leg.code, leg.heard, leg.request.receipt
        if partner is None or partner.onestop is None:
            return False
        try:
            heard = calling.ask(code, after, partner, self._relays, self._clock.now())
            heard, files = self._stored(heard)
        except OSError as error:
            _log.warning("another installation does not tell how far it is", leg=code, reason=str(error))
            return False
        return self._apply(receipt, number, heard, files)

    def _stored(self, heard: calling.Heard) -> tuple[calling.Heard, list[LegFile]]:
        """Their files, put away. What we do not take is named in their words, and they have it still."""
        kept: list[LegFile] = []
        refused: list[str] = []
        for file in heard.files:
            try:
                kept += put(self._acting.objects, [file])
            except Invalid:
                refused.append(file.name)
        if not refused:
            return heard, kept
        told = calling.TheirEvent(heard.version, "informed", f"[{', '.join(refused)}]")
        return calling.Heard(heard.version, [told, *heard.events], ()), kept

    def _apply(self, receipt: str, number: int, heard: calling.Heard, files: Sequence[LegFile]) -> bool:
        now = self._clock.now()
        with self._database.write() as session:
            request: Request = found(session, receipt, to_write=True)
            leg = session.get_one(Leg, number, populate_existing=True)
            if heard.version <= leg.heard or leg.status not in machine.OPEN:
                return False
            keep(leg, files)
            try:
                moved = apply_events(leg, heard.events, now, self._acting.terms(session))
            except Conflict:
                moved = False
            leg.heard = heard.version
            self._acting.follow(session, request, now)
        return moved


_NOW, _STALE = (bindparam(name, type_=LegPost.next.type) for name in ("now", "stale"))
_FREE: tuple[ColumnElement[bool], ...] = (
    LegPost.sent.is_(None),
    LegPost.next <= _NOW,
    LegPost.claimed.is_(None) | (LegPost.claimed <= _STALE),
)
_EARLIER = aliased(LegPost)
_BEFORE = select(_EARLIER.id).where(
    _EARLIER.leg_id == LegPost.leg_id, _EARLIER.sent.is_(None), _EARLIER.number < LegPost.number
)
_FIRST = select(LegPost.id).where(*_FREE, ~exists(_BEFORE)).order_by(LegPost.at, LegPost.id).limit(_BATCH)
_CLAIMED = (
    update(LegPost)
    .where(LegPost.id == bindparam("post", type_=String()), *_FREE)
    .values(claimed=_NOW, attempts=LegPost.attempts + 1)
    .returning(LegPost.id)
)


def _finish(post: LegPost, problem: str | None, now: dt.datetime) -> None:
    """Done, or tried again later and later."""
    post.claimed = None
    if problem is None:
        post.sent, post.problem = now, None
        return
    post.problem = str(without_controls(problem))[:_PROBLEM]
    post.next = now + min(FIRST * 2 ** min(post.attempts, 10), LONGEST)
