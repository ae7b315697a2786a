"""How long requests took here: what may be promised from the centre's own history, in place of a figure in the rules.

The durations of requests that were answered are put together by type, then by type and holder, then by type, holder and
fonds. Of fewer than the rules ask for nothing is said, and nothing is said of today: no request shows by what changed
when it was closed.
"""

from __future__ import annotations

import datetime as dt
import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Final, Literal

import msgspec
from msgspec import Struct
from pydantic import Field, model_validator
from sqlalchemy import Select, and_, select

from mappings.sentences import sentence
from service_desk.calendar_rules import CalendarRules
from service_desk.database import Database
from service_desk.deadlines import ONE_DAY, Calendar, Pause
from service_desk.machine import Clock
from service_desk.models import Request
from service_desk.ports import Clock as Now
from service_desk.request_types import Types
from service_desk.rules import Document, Rules
from service_desk.told import Title, Told

MOST_ROWS: Final = 50_000
"""Requests that are looked at, the latest."""
Basis = Literal["fonds", "holder", "type"]
Word = Annotated[str, Field(min_length=1, max_length=40)]
Where = tuple[str, str | None, str | None]


class HistoryRules(Document, Told):
    """From which requests it is told how long something takes."""

    name: ClassVar[str] = "history"
    called: ClassVar[Title | None] = Title.of("How long things take", "办理时长统计", "辦理時長統計")

    months: Annotated[int, Field(ge=1, le=120)]
    least: Annotated[int, Field(ge=5, le=10_000)]
    lowest: Annotated[int, Field(ge=1, le=50)]
    highest: Annotated[int, Field(ge=50, le=99)]
    begins: Literal["submission", "acceptance"] = "submission"
    left_out: tuple[Word, ...] = ()

    @model_validator(mode="after")
    def _apart(self) -> HistoryRules:
        if self.lowest >= self.highest:
            raise ValueError(sentence("`lowest` has to lie below `highest`"))
        return self


class Usual(Struct, frozen=True):
    """How long a type of request usually takes: the median, and between which ends most lie, in working days; from how
    many `requests`, and of which place they were.
    """

    days: int
    low: int
    high: int
    requests: int
    basis: Basis


class UsualTable(Struct, frozen=True):
    """What is usual, by type, holder and fonds; `least` is how many requests something is said from. `limits` are the
    working days within which each type is answered by the rules: what holds where too little is known.
    """

    rows: Mapping[Where, Usual] = {}
    least: int = 0
    limits: Mapping[str, int] = {}

    def of(self, kind: str, holder: str | None = None, fonds: str | None = None) -> Usual | None:
        """The nearest place of which enough is known; None: there is too little history, and the promise of the rules
        holds.
        """
        for where in ((kind, holder, fonds), (kind, holder, None), (kind, None, None)):
            if (found := self.rows.get(where)) is not None:
                return found
        return None


class History:
    """The durations of one desk."""

    def __init__(self, database: Database, clock: Now, rules: Rules) -> None:
        self._database, self._clock, self._rules = database, clock, rules

    def state(self) -> str:
        """What the table depends on: while it is the same, the table is. Raises Unavailable."""
        told, calendar = self._rules.now(HistoryRules), self._rules.now(CalendarRules)
        today = calendar.calendar().day_of(self._clock.now())
        return f"{today} {told.model_dump_json()} {calendar.model_dump_json()} {self._limits()}"

    def _limits(self) -> dict[str, int]:
        types = self._rules.now(Types).types.items()
        return {code: rule.limit.working_days for code, rule in types if rule.limit.working_days is not None}

    def table(self) -> UsualTable:
        """What is usual now. Reads up to `MOST_ROWS` requests, a second for 20,000: whoever shows it keeps it
        as long as `state` is the same. Raises Unavailable.
        """
        told, calendar = self._rules.now(HistoryRules), self._rules.now(CalendarRules).calendar()
        today = calendar.day_of(self._clock.now())
        since = today - dt.timedelta(days=round(told.months * 30.44))
        with self._database.read() as session:
            rows = session.execute(_closed(told, calendar.start_of(since), calendar.start_of(today))).all()
        spans = [_span(told, calendar, *row) for row in rows]
        return UsualTable(dict(_put_together(spans, calendar, told)), told.least, self._limits())


class _Span(Struct, frozen=True):
    """From the day a request began to the day it was answered, without the reader's turns."""

    where: Where
    begun: dt.date
    answered: dt.date
    pauses: tuple[Pause, ...]


def _closed(told: HistoryRules, since: dt.datetime, until: dt.datetime) -> Select[Any]:
    """Requests that ended with an answer in that time: type, holder, fonds, filed, closed, clock."""
    ended = and_(Request.closed >= since, Request.closed < until, Request.status.not_in(told.left_out))
    holder, fonds = (Request.hit[name].as_string() for name in ("holder", "fonds"))
    columns = select(Request.type, holder, fonds, Request.submitted, Request.closed, Request.clock)
    return columns.where(ended).order_by(Request.closed.desc()).limit(MOST_ROWS)


def _span(
    told: HistoryRules,
    calendar: Calendar,
    kind: str,
    holder: str | None,
    fonds: str | None,
    filed: dt.datetime,
    closed: dt.datetime,
    kept: dict[str, Any] | None,
) -> _Span:
    clock = msgspec.convert(kept, Clock) if kept else Clock(filed)
    begun = clock.accepted or clock.began if told.begins == "acceptance" else clock.began
    pauses = tuple(Pause(calendar.day_of(one.began), calendar.day_of(one.ended or closed)) for one in clock.stops)
    return _Span((kind, holder, fonds), calendar.day_of(begun), calendar.day_of(clock.answered or closed), pauses)


def _put_together(spans: Sequence[_Span], calendar: Calendar, told: HistoryRules) -> Iterator[tuple[Where, Usual]]:
    days = _Days(calendar, spans)
    found: dict[Where, list[int]] = defaultdict(list)
    for span in spans:
        (kind, holder, fonds), taken = span.where, days.of(span)
        for where in {(kind, None, None), (kind, holder, None), (kind, holder, fonds)}:
            found[where].append(taken)
    for where, durations in found.items():
        if len(durations) >= told.least:
            yield where, usual(durations, told, _basis(where))


def _basis(where: Where) -> Basis:
    _, holder, fonds = where
    return "fonds" if fonds else "holder" if holder else "type"


def usual(durations: Iterable[int], told: HistoryRules, basis: Basis = "type") -> Usual:
    """Median and ends of some durations: each is one of them (nearest rank), so it is a day that was."""
    ordered = sorted(durations)
    low, middle, high = (
        ordered[max(0, math.ceil(len(ordered) * share / 100) - 1)] for share in (told.lowest, 50, told.highest)
    )
    return Usual(middle, low, high, len(ordered), basis)


class _Days:
    """Working days between days, looked up once for all of them."""

    def __init__(self, calendar: Calendar, spans: Sequence[_Span]) -> None:
        begin = min((span.begun for span in spans), default=dt.date.max)
        end = max((span.answered for span in spans), default=dt.date.min)
        self._calendar = calendar
        self._worked = [day for day in _each(begin, end) if calendar.is_working(day)]

    def of(self, span: _Span) -> int:
        """As a promise counts them: the day after the beginning is the first; what was done the same day took one."""
        if span.pauses:
            return max(1, self._calendar.working_days(span.begun, span.answered, span.pauses))
        return max(1, bisect_right(self._worked, span.answered) - bisect_right(self._worked, span.begun))


def _each(begin: dt.date, end: dt.date) -> Iterator[dt.date]:
    while begin <= end:
        yield begin
        begin += ONE_DAY
