"""What happened to a request, as the indicators see it: a *round* goes from the day it was filed, or taken up again, to
the event that closed it.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from service_desk import machine
from service_desk.deadlines import ONE_DAY, Calendar, Pause
from service_desk.machine import ACTIONS, BY_EVENT, CLOSED, Clock, State, Status
from service_desk.terms import Terms, was_late

ANSWERS: tuple[Status, ...] = ("delivered", "partly_delivered", "refused", "not_held")
"""Ends that are an answer of the house."""
MOVING: frozenset[str] = frozenset(
    action.event for action in ACTIONS.values() if action.ends or action.resumes or action.name == "extend"
)
"""Events that move a request or its clock; the others say nothing here."""
SAYING: frozenset[str] = frozenset({"submitted", "reopened", "extended", "materials_asked"})
"""Those of which it counts what was said."""


class Told(Struct, frozen=True):
    """An event, as far as it counts here."""

    number: int
    at: dt.datetime
    party: str
    what: str
    payload: Mapping[str, Any]


class About(Struct, frozen=True):
    """A request, as far as it counts here."""

    id: int
    receipt: str
    type: str
    department: str | None
    themes: tuple[str, ...] = ()


class Round(Struct, frozen=True):
    """From filing, or taking up again, to the close. Days are working days of the calendar.

    `closing` is the number of the event that closed it, `day` its day at the archive; `at_once` when what was asked for
    was there to be read and the desk itself answered so. `handled` are the days from acceptance (from the beginning,
    where it was never accepted) to the answer without the reader's turns. `stood` are the days in each state. `asked`
    are the materials that the reader was asked for.
    """

    about: About
    number: int
    closing: int
    began: dt.datetime
    answered: dt.datetime
    closed: dt.datetime
    day: dt.date
    outcome: Status
    at_once: bool
    handled: int
    late: bool
    stood: dict[Status, int]
    asked: tuple[str, ...]

    @property
    def worked(self) -> bool:
        """Was it answered by people?"""
        return self.outcome in ANSWERS and not self.at_once


class WorkingDays:
    """Working days between two days, as `Calendar.working_days` counts them, for many that ask: counted once."""

    _FIRST = dt.date(1990, 1, 1)

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._up_to = [0]

    def count(self, first: dt.date, last: dt.date, pauses: Sequence[Pause] = ()) -> int:
        """From the day after `first` up to `last`, without those of the pauses, which do not overlap."""
        if first < self._FIRST:
            return self._calendar.working_days(first, last, pauses)
        paused = ((max(pause.asked, first), min(pause.last or last, last)) for pause in pauses)
        return self._between(first, last) - sum(self._between(begin, end) for begin, end in paused)

    def _between(self, first: dt.date, last: dt.date) -> int:
        return self._until(last) - self._until(first) if first < last else 0

    def _until(self, day: dt.date) -> int:
        number = (day - self._FIRST).days
        while len(self._up_to) <= number:
            each = self._FIRST + len(self._up_to) * ONE_DAY
            self._up_to.append(self._up_to[-1] + self._calendar.is_working(each))
        return self._up_to[number]


def rounds(about: About, events: Sequence[Told], terms: Terms, days: WorkingDays) -> tuple[Round, ...]:
    """The rounds of a request that have ended; `days` counts by the calendar of the terms."""
    found: list[Round] = []
    for steps in _split(events):
        if steps[-1][1].status in CLOSED:
            found.append(_round(about, len(found) + 1, steps, terms, days))
    return tuple(found)


_Step = tuple[Told, State]
"""An event and the state it led to."""


def _split(events: Sequence[Told]) -> Iterator[list[_Step]]:
    """The events of each round; what came after its close is left out."""
    state, steps = State(), list[_Step]()
    for event in events:
        action = BY_EVENT[event.what]
        # Of a request that was forgotten nothing is kept of what was said, and an extension without days is none.
        state = machine.after(state, action, None, event.at, {"days": 0, **event.payload})
        if action.name == "reopen":
            if steps:
                yield steps
            steps = []
        if not (steps and steps[-1][1].status in CLOSED):
            steps.append((event, state))
    if steps:
        yield steps


def _round(about: About, number: int, steps: Sequence[_Step], terms: Terms, days: WorkingDays) -> Round:
    event, state = steps[-1]
    clock = state.clock
    assert clock is not None and clock.answered is not None
    calendar = terms.calendar
    accepted = clock.accepted if clock.accepted and clock.accepted <= clock.answered else clock.began
    day = calendar.day_of
    pauses = [Pause(day(stop.began), day(stop.ended or clock.answered)) for stop in clock.stops]
    promise = terms.promise(about.type, clock, clock.answered)
    asked = (code for told, _ in steps if told.what == "materials_asked" for code in told.payload.get("missing", ()))
    return Round(
        about=about,
        number=number,
        closing=event.number,
        began=clock.began,
        answered=clock.answered,
        closed=event.at,
        day=day(event.at),
        outcome=state.status,
        at_once=event.what == "answered" and event.party == "desk",
        handled=days.count(day(accepted), day(clock.answered), pauses),
        late=state.status in ANSWERS and was_late(promise, calendar, clock),
        stood=_stood(steps, clock, day, days),
        asked=tuple(dict.fromkeys(asked)),
    )


def _stood(
    steps: Sequence[_Step], clock: Clock, day: Callable[[dt.datetime], dt.date], days: WorkingDays
) -> dict[Status, int]:
    """Working days in each state; a state that began and ended on one day has none."""
    found = dict[Status, int]()
    for (event, state), (then, _) in itertools.pairwise(steps):
        since = clock.began if event is steps[0][0] else event.at
        if count := days.count(day(since), day(then.at)):
            found[state.status] = found.get(state.status, 0) + count
    return found
