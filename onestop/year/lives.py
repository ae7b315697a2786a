"""The lives of requests, written ahead: each with its moves, and with what the indicators must tell of it."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from onestop.year.days import ONE, ZONE, Days, Staff, at

Record = Literal["", "plain", "online", "film"]
Do = Literal[
    "file", "ask", "supply", "check", "extend", "take", "release", "hand_over", "leg", "relay", "back", "quote",
    "agree", "pay", "come", "sit", "answer", "answer_part", "refuse", "not_held", "make_ready", "hand_out", "withdraw",
    "reopen", "rate",
]  # fmt: skip
VISITS: Final = frozenset({"come", "sit"})
"""Somebody is there: at the window, on a seat."""
LIMITS: Final = {"copy": 5, "paper_copy": 5, "query": 5, "certificate": 5, "consult": 3, "question": 5, "complaint": 15}
"""Working days that are promised, as the rules of the package have them; urgent ones have two hours."""
MORE: Final = {"copy": 10, "paper_copy": 10, "query": 5, "certificate": 5, "complaint": 15}
"""By how many days they may be extended, once."""
TYPES: Final = {
    "copy": 34, "query": 22, "certificate": 14, "consult": 11, "question": 11, "paper_copy": 4, "emergency": 2,
    "complaint": 2,
}  # fmt: skip
CHANNELS: Final = {"web": 60, "window": 20, "phone": 8, "email": 7, "post": 5}
LANGUAGES: Final = {"zh-Hans": 82, "en": 12, "zh-Hant": 6}
TAKES: Final = {0: 4, 1: 24, 2: 24, 3: 18, 4: 12, 5: 8, 6: 4, 7: 2, 8: 1, 11: 2, 17: 1}
"""Working days that the house takes."""
ENDS: Final = {"answer": 78, "answer_part": 6, "refuse": 6, "not_held": 10}
OUTCOMES: Final = {
    "answer": "delivered", "answer_part": "partly_delivered", "refuse": "refused", "not_held": "not_held",
}  # fmt: skip
STARS: Final = {5: 46, 4: 30, 3: 14, 2: 6, 1: 4}
HOURS: Final = (1, 0, 0, 0, 0, 1, 2, 3, 6, 10, 11, 9, 6, 8, 10, 10, 8, 6, 4, 5, 6, 6, 4, 2)
"""When the web is used, by hour."""
HEAD: Final = "head"
"""Who handles complaints: they are about everybody else."""


class Move(Struct, frozen=True):
    """Something that somebody does: `by` is a clerk, empty for the reader, `to` another one; `much` are days, stars or
    pages.
    """

    at: dt.datetime
    do: Do
    by: str = ""
    much: int = 0
    to: str = ""


class End(Struct, frozen=True):
    """How a round ended, and what has to be told of it. `rated` is when the reader gave `stars`; `visits` are those
    from its beginning until the next one began.
    """

    at: dt.datetime
    outcome: str
    handled: int = 0
    late: bool = False
    at_once: bool = False
    stars: int | None = None
    rated: dt.datetime | None = None
    visits: int = 0

    @property
    def day(self) -> dt.date:
        """The day at the archive."""
        return self.at.astimezone(ZONE).date()

    @property
    def worked(self) -> bool:
        """Did people answer it?"""
        return self.outcome in OUTCOMES.values() and not self.at_once


class Life(Struct, frozen=True):
    """A request from beginning to end. `received` is when it came in, of one that was keyed in later."""

    number: int
    type: str
    record: Record
    channel: str
    language: str
    moves: tuple[Move, ...]
    ends: tuple[End, ...] = ()
    received: dt.datetime | None = None
    noted: bool = True

    @property
    def department(self) -> str | None:
        """Where it is sent."""
        return {"film": "special", "plain": "holdings"}.get(self.record)


def pick(chance: random.Random, weights: dict[str, int]) -> str:
    """One of them, by weight."""
    return chance.choices(list(weights), list(weights.values()))[0]


def often(chance: random.Random, weights: dict[int, int]) -> int:
    """The same for numbers."""
    return chance.choices(list(weights), list(weights.values()))[0]


class Writer:
    """Writes lives, in the order in which they are filed."""

    def __init__(self, days: Days, staff: Staff, chance: random.Random, blind: frozenset[dt.date]) -> None:
        """`blind` are days on which search is down: no record is known for what it is."""
        self._days, self._staff, self._chance, self._blind = days, staff, chance, blind
        self._busy_from = dt.date.max

    def forgets_from(self, day: dt.date) -> None:
        """From this day on a clerk forgets every third request."""
        self._busy_from = day

    def life(self, number: int, filed: dt.datetime, type_: str, channel: str) -> Life:
        """One life, filed then."""
        return _counted(self._life(number, filed, type_, channel))

    def _life(self, number: int, filed: dt.datetime, type_: str, channel: str) -> Life:
        chance, day = self._chance, filed.astimezone(ZONE).date()
        life = Life(
            number,
            type_,
            self._record(type_, day),
            channel,
            pick(chance, LANGUAGES),
            (Move(filed, "file", self._staff.there(day)[0] if channel != "web" else ""),),
        )
        if channel == "window" and _is_open(day):
            life = replace(life, moves=(*life.moves, Move(filed, "come", life.moves[0].by)))
        if life.record == "online":
            return self._rated(replace(life, ends=(End(filed, "delivered", at_once=True),), noted=False))
        if type_ == "emergency":
            return self._urgent(life, filed)
        if channel == "post":
            life = replace(life, received=filed - chance.randrange(1, 5) * ONE)
        if type_ == "certificate" and channel == "web":
            return self._with_papers(life, day)
        if chance.random() < 0.03:
            gone = at(day + ONE, 21)
            return _ended(life, (Move(gone, "withdraw"),), End(gone, "withdrawn"))
        before = self._days.between(_day(life.received), day) if life.received else 0
        return self._worked(life, day, before)

    def _record(self, type_: str, day: dt.date) -> Record:
        if type_ in ("question", "complaint", "query", "certificate"):
            return ""
        if type_ != "copy" or day in self._blind:
            return "plain"
        return self._chance.choices(("plain", "online", "film"), (72, 16, 12))[0]

    def _urgent(self, life: Life, filed: dt.datetime) -> Life:
        late = self._chance.random() < 0.1
        done = filed + dt.timedelta(hours=3 if late else 1)
        who = self._staff.there(_day(filed))[-1]
        moves = (Move(filed + dt.timedelta(minutes=20), "take", who), Move(done, "answer", who))
        return self._rated(_ended(life, moves, End(done, "delivered", 0, late)))

    def _with_papers(self, life: Life, day: dt.date) -> Life:
        """What is missing is asked for as soon as it is filed; the reader sends it soon, late or never."""
        waits = self._waits()
        if waits is None:
            return self._expired(life, day)
        supplied = day + waits * ONE
        before = self._chance.randrange(1, 3)
        checked = self._days.after(supplied, before)
        who = self._chance.choice(self._staff.there(checked))
        moves = (Move(at(supplied, 19), "supply", much=1), Move(at(checked, 10), "check", who))
        return self._worked(replace(life, moves=life.moves + moves), checked, before)

    def _waits(self) -> int | None:
        kind = self._chance.choices(("soon", "late", "never"), (78, 14, 8))[0]
        return None if kind == "never" else self._chance.randrange(*((1, 7) if kind == "soon" else (17, 29)))

    def _expired(self, life: Life, asked: dt.date) -> Life:
        """Thirty days, up to a working day; the first look after them ends it."""
        over = at(self._days.ends(asked + 30 * ONE) + ONE, 6)
        return _ended(life, (), End(over, "expired"))

    def _worked(self, life: Life, accepted: dt.date, before: int) -> Life:
        """From acceptance to the answer; `before` working days of its time were used up by then."""
        chance, days = self._chance, self._days
        takes, start, used = self._takes(life, accepted), accepted, 0
        moves: tuple[Move, ...] = ()
        costs = life.type == "paper_copy" and chance.random() < 0.6
        if takes > 1 and (costs or chance.random() < 0.06):
            used = chance.randrange(1, takes)
            asked, waits = days.after(accepted, used), self._waits()
            by = chance.choice(self._staff.there(asked))
            moves = (
                Move(at(asked, 11), "quote", by, chance.randrange(2, 40)) if costs else Move(at(asked, 11), "ask", by),
            )
            if waits is None:
                return self._expired(replace(life, moves=life.moves + moves), asked)
            start = asked + waits * ONE
            if costs:
                start = days.ends(start)
                moves += self._paid(start, by)
            else:
                moves += (Move(at(start, 19), "supply", much=2),)
        elif takes >= 4:
            moves = tuple(self._meanwhile(life, accepted))
        who, done = self._hands(life, days.after(start, takes - used))
        handled = used + days.between(start, done)
        limit = LIMITS[life.type]
        if not used and not before and handled > limit and life.type in MORE and chance.random() < 0.6:
            moves += (Move(at(days.after(accepted, limit - 1), 10), "extend", who, MORE[life.type]),)
            limit += MORE[life.type]
        end = self._answer(replace(life, moves=life.moves + moves), who, done, handled, before + handled > limit)
        return self._again(self._rated(self._mistaken(end)))

    def _paid(self, day: dt.date, by: str) -> tuple[Move, ...]:
        """The reader agrees to the estimate and pays; whoever made it lets go."""
        cashier = self._staff.there(day)[0]
        return (
            Move(at(day, 10), "agree"),
            Move(at(day, 10, 30), "pay", cashier),
            Move(at(day, 10, 40), "release", by),
        )

    def _meanwhile(self, life: Life, accepted: dt.date) -> Iterator[Move]:
        """What takes long: another archive is asked, or the reader comes to ask how far it is."""
        sent, there = self._days.after(accepted, 1), self._days.after(accepted, 2)
        if life.type == "query" and self._chance.random() < 0.3:
            yield Move(at(sent, 9, 30), "relay", self._staff.there(sent)[0])
            yield Move(at(self._days.after(sent, 2), 13), "back")
        elif self._chance.random() < 0.2 and _is_open(there):
            yield Move(at(there, 10, 20), "come", self._staff.there(there)[0])

    def _takes(self, life: Life, accepted: dt.date) -> int:
        """How long it takes; sometimes a clerk forgets."""
        forgets = 0.3 if accepted >= self._busy_from else 0.02
        takes = often(self._chance, TAKES) + (12 if self._chance.random() < forgets else 0)
        if life.type == "consult":  # what is only fetched goes faster
            takes = -(-takes // 2)
        morning = life.moves[-1].at < at(accepted, 11)
        return takes if takes or (morning and self._days.is_worked(accepted)) else 1

    def _hands(self, life: Life, day: dt.date) -> tuple[str, dt.date]:
        return (HEAD, day) if life.type == "complaint" else self._staff.does(day)

    def _answer(self, life: Life, who: str, day: dt.date, handled: int, late: bool) -> Life:
        done = at(day, 14, self._chance.randrange(180) % 60) + self._chance.randrange(3) * dt.timedelta(hours=1)
        moves = tuple(self._in_hand(life, who, done, handled))
        if life.record == "film":
            moves += (Move(done - dt.timedelta(minutes=20), "leg", HEAD),)
        if life.type == "consult":
            return self._collected(life, (*moves, Move(done, "make_ready", who)), done, handled, late)
        do = pick(self._chance, ENDS)
        return _ended(life, (*moves, Move(done, do, who)), End(done, OUTCOMES[do], handled, late))  # type: ignore[arg-type]  # of `Do`

    def _in_hand(self, life: Life, who: str, done: dt.datetime, handled: int) -> Iterator[Move]:
        """Taken before it is answered; now and then somebody else had it, and went home."""
        others = [name for name in self._staff.names if name != who]
        if len(life.moves) == 1 and handled > 2 and life.type != "complaint" and self._chance.random() < 0.08:
            other = self._chance.choice(others)
            yield Move(done - ONE, "take", other)
            if self._chance.random() < 0.5:
                yield Move(done - dt.timedelta(minutes=50), "hand_over", other, to=who)
                return
            yield Move(done - dt.timedelta(minutes=50), "release", who)
        yield Move(done - dt.timedelta(minutes=45), "take", who)

    def _collected(self, life: Life, moves: tuple[Move, ...], ready: dt.datetime, handled: int, late: bool) -> Life:
        """It waits to be used for ten working days."""
        if self._chance.random() < 0.07:
            over = at(self._days.after(_day(ready), 10) + ONE, 6)
            return _ended(life, moves, End(over, "expired"))
        there = at(self._days.after(_day(ready), self._chance.randrange(1, 5)), self._chance.randrange(9, 15))
        by = self._staff.there(_day(there))[0]
        sits = (Move(there, "sit", by),) if _is_open(_day(there)) else ()
        return _ended(life, (*moves, *sits, Move(there, "hand_out", by)), End(there, "delivered", handled, late))

    def _rated(self, life: Life) -> Life:
        end = life.ends[-1]
        if not (end.outcome in OUTCOMES.values() and self._chance.random() < 0.35):
            return life
        when, stars = end.at + self._chance.randrange(1, 6) * ONE, often(self._chance, STARS)
        return _ended(
            replace(life, ends=life.ends[:-1]), (Move(when, "rate", much=stars),), replace(end, stars=stars, rated=when)
        )

    def _again(self, life: Life) -> Life:
        """Some come back to their answer; it begins anew, and is not accepted once more."""
        end = life.ends[-1]
        plain = life.record != "film" and life.type not in ("consult", "complaint")
        if not (plain and end.worked and self._chance.random() < 0.03):
            return life
        back = at(end.day + self._chance.randrange(8, 25) * ONE, 12)
        who, day = self._hands(life, self._days.after(_day(back), self._chance.randrange(1, 9)))
        handled = self._days.between(_day(back), day)
        life = replace(life, moves=(*life.moves, Move(back, "reopen")))
        return self._rated(self._answer(life, who, day, handled, handled > LIMITS[life.type]))

    def _mistaken(self, life: Life) -> Life:
        """Now and then it was held after all: the clerk finds it within the hour."""
        end, clerk = life.ends[-1], life.moves[-1].by
        if end.outcome != "not_held" or self._chance.random() >= 0.1:
            return life
        seen = end.at + dt.timedelta(minutes=25)
        moves = (
            Move(seen, "reopen", clerk),
            Move(seen, "take", clerk),
            Move(end.at + dt.timedelta(hours=1), "answer", clerk),
        )
        return _ended(life, moves, End(moves[-1].at, "delivered"))


def _is_open(day: dt.date) -> bool:
    """Are there tickets and seats that day, if it is worked on? Not on the weekends that are."""
    return day.weekday() < 5


def _counted(life: Life) -> Life:
    """With the visits of each round."""
    begins = [move.at for move in life.moves if move.do == "reopen"]
    counts = [0] * len(life.ends)
    for move in life.moves:
        if move.do in VISITS and counts:
            counts[sum(begin <= move.at for begin in begins)] += 1
    return replace(life, ends=tuple(replace(end, visits=count) for end, count in zip(life.ends, counts, strict=True)))


def _day(instant: dt.datetime) -> dt.date:
    return instant.astimezone(ZONE).date()


def _ended(life: Life, moves: tuple[Move, ...], end: End) -> Life:
    return replace(life, moves=life.moves + moves, ends=(*life.ends, end))
