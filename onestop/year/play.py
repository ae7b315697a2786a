"""Plays a plan at a desk: every move is a call of the desk, at its own time, by whoever would make it."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from heapq import merge
from typing import Any

from msgspec import Struct

from mappings.access import ANONYMOUS, Viewer
from onestop.year.days import ONE, ZONE, at
from onestop.year.lives import HEAD, Life, Move
from onestop.year.plan import Plan
from onestop.year.words import GONE, Words
from service_desk.attachments import Supplied
from service_desk.desk import Desk
from service_desk.errors import NotFound, Unavailable
from service_desk.forms import AnswerForm, KeyedForm, MessageForm, OpenRequestForm, RefusalForm, RequestForm, parse
from service_desk.ports import FrozenHit, Holdings, Notice, NotSent, RefusedForGood, Upload
from service_desk.privacy import Privacy
from service_desk.ratings.service import RatingForm
from service_desk.reading_room.forms import DeskBookingForm
from service_desk.reading_room.queue import WindowClosed
from service_desk.reading_room.refusals import SeatRefused
from service_desk.views import Receipt

WAYS = {"window": "paper", "phone": "telephone", "post": "letter", "email": "letter"}
"""How somebody agrees to the privacy notice whose request is keyed in, by the channel."""
PAPER = b"%PDF-1.4\n%%EOF\n"
ASKED = "consent_of_person"
"""What a clerk asks for when something turns out to be missing."""


ROOM, SERVICE, COUNTER = "main", "ask", "1"
"""Where people sit, and where they are served."""
_BUSY = 40
"""Every so many notices the mail server is too busy for at first."""
_LINK = re.compile(r"/relay/([\w-]+)")


class YearClock:
    """Shows the time of the move that is made."""

    def __init__(self, time: dt.datetime) -> None:
        self.time = time

    def now(self) -> dt.datetime:
        return self.time


class Shelves:
    """Holdings that do not answer on some days."""

    def __init__(self, holdings: Holdings, clock: YearClock, blind: frozenset[dt.date]) -> None:
        self._holdings, self._clock, self._blind = holdings, clock, blind

    def hit(self, resource_id: str, viewer: Viewer) -> FrozenHit | None:
        """The record, unless search is down."""
        if self._clock.time.astimezone(ZONE).date() in self._blind:
            raise Unavailable("search is down")
        return self._holdings.hit(resource_id, viewer)


class Letterbox:
    """Takes notices, on some days none, some at the second try only, and none for mailboxes that are gone; `sent`
    counts each, `links` are those by which partners answer.
    """

    is_quick = True

    def __init__(self, clock: YearClock, mute: frozenset[dt.date]) -> None:
        self._clock, self._mute = clock, mute
        self.sent: Counter[str] = Counter()
        self.refused: set[str] = set()
        self.links: list[str] = []

    def send(self, notice: Notice) -> None:
        """Raises NotSent, RefusedForGood."""
        if self._clock.time.astimezone(ZONE).date() in self._mute:
            raise NotSent("unreachable", "mail is down")
        if notice.recipient.startswith(GONE):
            self.refused.add(notice.token)
            raise RefusedForGood("recipient", "no such mailbox")
        if notice.number % _BUSY == 0 and notice.token not in self.refused:
            self.refused.add(notice.token)
            raise NotSent("unreachable", "busy, try again later")
        self.sent[notice.token] += 1
        self.links += _LINK.findall(notice.body)


class Players(Struct, frozen=True):
    """Who works, by name, and which record is meant by which kind."""

    clerks: Mapping[str, Viewer]
    records: Mapping[str, tuple[str, ...]]
    partner: str = ""
    """An archive that is asked by mail; nobody is when there is none."""


class Play:
    """One plan at one desk."""

    def __init__(
        self, desk: Desk, clock: YearClock, plan: Plan, players: Players, words: Words, letters: Letterbox
    ) -> None:
        self._desk, self._clock, self._plan, self._players, self._words = desk, clock, plan, players, words
        self._letters = letters
        self.receipts: dict[int, Receipt] = {}

    def run(self, until: dt.datetime, every: int = 1) -> None:
        """Play it up to then; the nightly work is done at six, `every` so many days."""
        nights = (day for number, day in enumerate(self._days(until)) if number % every == 0)
        moves = ((move.at, life.number, place) for life in self._plan.lives for place, move in enumerate(life.moves))
        for when, number, place in merge(sorted(moves), ((at(day, 6), -1, 0) for day in nights)):
            if when >= until:
                return
            self._clock.time = when
            if number < 0:
                self._desk.tidy()
            else:
                life = self._plan.lives[number]
                _MOVES[life.moves[place].do](self, life, life.moves[place])

    def _days(self, until: dt.datetime) -> Iterator[dt.date]:
        day = self._plan.days.first
        while at(day, 6) < until:
            yield day
            day += ONE

    def settle(self) -> None:
        """What mail has not taken yet leaves."""
        for _ in range(20):
            if not self._desk.notices.waiting():
                return
            self._clock.time += dt.timedelta(hours=12)
            self._desk.notices.deliver_now()

    def _file(self, life: Life, move: Move) -> None:
        form, desk = self._form(life), self._desk
        if life.channel == "web":
            self.receipts[life.number] = desk.filing.submit(form, ANONYMOUS)
            return
        form = form.model_copy(update={"consent": desk.rules.now(Privacy).mark})
        keyed = KeyedForm(channel=life.channel, received=life.received, consent_way=WAYS[life.channel])  # type: ignore[arg-type]  # one of them
        shown: dict[str, Any] = {"identity_document": "verified"} if life.type == "certificate" else {}
        self.receipts[life.number] = desk.filing.key_in(form, keyed, self._by(move), shown)

    def _form(self, life: Life) -> OpenRequestForm:
        told = self._words.of(life)
        values = {"type": life.type, "language": life.language, "name": told.name, "contact": told.contact}
        if life.noted:
            values["note"] = told.note
        if not life.record:
            return parse(OpenRequestForm, values)
        kept = self._players.records[life.record]
        return parse(RequestForm, values | {"resource_id": kept[life.number % len(kept)]})

    def _by(self, move: Move) -> Viewer:
        return self._players.clerks[move.by]

    def _code(self, life: Life) -> str:
        return self.receipts[life.number].receipt

    def _ask(self, life: Life, move: Move) -> None:
        self._do(life, move, "ask_materials", {"verdicts": {ASKED: "missing"}, "text": self._words.say(life, "asks")})

    def _check(self, life: Life, move: Move) -> None:
        self._do(life, move, "check", {"verdicts": {"identity_document": "verified"}})

    def _do(self, life: Life, move: Move, action: str, values: Mapping[str, object]) -> None:
        self._desk.cases.act(self._code(life), action, values, self._by(move))

    def _supply(self, life: Life, move: Move) -> None:
        material = "identity_document" if move.much == 1 else ASKED
        paper = Supplied(Upload("paper.pdf", "application/pdf", PAPER), material)
        self._desk.requests.supply(self._code(life), [paper], secret=self.receipts[life.number].secret)

    def _leg(self, life: Life, move: Move) -> None:
        viewer = self._by(move)
        for leg in self._desk.legs.of_case(self._code(life), viewer):
            self._desk.legs.answer(leg.code, {"text": self._words.say(life, "found")}, viewer)

    def _relay(self, life: Life, move: Move) -> None:
        if self._players.partner:
            asks = {"kind": "partner", "receiver": self._players.partner, "asks": self._words.of(life).note}
            self._desk.legs.send(self._code(life), asks, self._by(move))

    def _back(self, life: Life, move: Move) -> None:
        """The partner answers by the link of its letter."""
        known = {leg.code for leg in self._desk.legs.of_case(self._code(life), self._players.clerks[HEAD])}
        for link in self._letters.links:
            if self._desk.answering.asked(link, "en").code in known:
                self._desk.answering.act(link, "answer", {"text": self._words.say(life, "elsewhere")})
                self._letters.links.remove(link)
                return

    def _quote(self, life: Life, move: Move) -> None:
        lines = [{"what": self._words.say(life, "page"), "count": move.much, "price": 100}]
        self._do(life, move, "quote", {"lines": lines})

    def _agree(self, life: Life, move: Move) -> None:
        filed = self.receipts[life.number]
        self._desk.requests.agree(filed.receipt, secret=filed.secret)

    def _come(self, life: Life, move: Move) -> None:
        """A ticket of the window, called and served; none while it is closed, or in a house without that window."""
        queue, clerk = self._desk.queue, self._by(move)
        with suppress(WindowClosed, NotFound):
            queue.take(SERVICE, clerk)
            called = queue.call(COUNTER, clerk, SERVICE)
            if called is not None:
                queue.end(called.code, "done", clerk, self._code(life))

    def _sit(self, life: Life, move: Move) -> None:
        """An hour on a seat; at the window where none is free."""
        ends = (move.at + dt.timedelta(hours=1)).astimezone(ZONE).time()
        form = DeskBookingForm(room=ROOM, ends=ends, receipt=self._code(life))
        try:
            self._desk.room_desk.give(form, self._by(move))
        except (SeatRefused, NotFound):
            self._come(life, move)

    def _answer(self, life: Life, move: Move) -> None:
        self._desk.requests.answer(self._code(life), AnswerForm(text=self._words.answer(life)), self._by(move))

    def _refuse(self, life: Life, move: Move) -> None:
        say = self._words.say
        form = RefusalForm(reason=say(life, "refusal"), alternative=say(life, "instead"))
        self._desk.requests.refuse(self._code(life), form, self._by(move))

    def _rate(self, life: Life, move: Move) -> None:
        filed = self.receipts[life.number]
        form = RatingForm(stars=move.much, words=self._words.rating(life, move.much))
        self._desk.ratings.give(filed.receipt, form, secret=filed.secret)

    def _withdraw(self, life: Life, move: Move) -> None:
        filed = self.receipts[life.number]
        self._desk.requests.withdraw(filed.receipt, secret=filed.secret)

    def _reopen(self, life: Life, move: Move) -> None:
        if move.by:
            self._do(life, move, "reopen", {"text": self._words.say(life, "mistake")})
            return
        filed, form = self.receipts[life.number], MessageForm(text=self._words.say(life, "again"))
        self._desk.requests.reopen(filed.receipt, form, secret=filed.secret)


_MOVES: dict[str, Callable[[Play, Life, Move], None]] = {
    "file": Play._file,
    "ask": Play._ask,
    "supply": Play._supply,
    "check": Play._check,
    "leg": Play._leg,
    "relay": Play._relay,
    "back": Play._back,
    "quote": Play._quote,
    "agree": Play._agree,
    "pay": lambda play, life, move: play._do(life, move, "pay", {}),
    "come": Play._come,
    "sit": Play._sit,
    "hand_over": lambda play, life, move: play._do(life, move, "hand_over", {"to": move.to}),
    "answer": Play._answer,
    "refuse": Play._refuse,
    "rate": Play._rate,
    "withdraw": Play._withdraw,
    "reopen": Play._reopen,
    "take": lambda play, life, move: _ignored(play._desk.requests.take(play._code(life), play._by(move))),
    "release": lambda play, life, move: _ignored(play._desk.requests.release(play._code(life), play._by(move))),
    "extend": lambda play, life, move: play._do(
        life, move, "extend", {"days": move.much, "text": play._words.say(life, "longer")}
    ),
    "answer_part": lambda play, life, move: play._do(
        life, move, "answer_part", {"text": play._words.say(life, "part")}
    ),
    "not_held": lambda play, life, move: play._do(life, move, "not_held", {"text": play._words.say(life, "not_held")}),
    "make_ready": lambda play, life, move: play._do(life, move, "make_ready", {"how": "seat"}),
    "hand_out": lambda play, life, move: play._do(life, move, "hand_out", {}),
}


def _ignored(result: object) -> None:
    """The call is what counts."""
