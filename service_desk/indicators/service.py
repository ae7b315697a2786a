"""The indicators of a selection, as whoever may see them asks for them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from mappings.access import Viewer
from service_desk import policy
from service_desk.database import OFFSET_BOUND, PAGE_BOUND, Database, paging
from service_desk.deadlines import Limit
from service_desk.errors import Invalid
from service_desk.indicators.definitions import (
    Case,
    Figure,
    Key,
    Outcomes,
    Spread,
    figures,
    outcomes,
    pick,
    satisfied,
    spread,
)
from service_desk.indicators.histories import Histories
from service_desk.indicators.periods import Period
from service_desk.indicators.weak import DIMENSIONS, Dimension, WeakPoint, values, weak_points
from service_desk.ports import Clock
from service_desk.request_types import Types
from service_desk.rules import Rules

_REMEMBERED = 100
"""Reports that are kept as long as nothing happens."""


class Selection(Struct, frozen=True):
    """Which rounds: closed in this period, of this type, department and theme; None does not narrow."""

    period: Period
    type: str | None = None
    department: str | None = None
    theme: str | None = None

    def has(self, case: Case) -> bool:
        """Does a round belong to it?"""
        return self.period.has(case[0].day) and self.fits(case)

    def fits(self, case: Case) -> bool:
        """The same, whatever the period."""
        return all(wanted is None or wanted in values(case, by) for by, wanted in self.narrowed())

    def narrowed(self) -> Iterator[tuple[Dimension, str | None]]:
        """What it is narrowed to."""
        for by in DIMENSIONS:
            yield by, getattr(self, by)


class Group(Struct, frozen=True):
    """A type, department or theme: its indicators and handling times; `limit` is what is promised for a type."""

    value: str
    figures: dict[Key, Figure]
    spread: Spread
    limit: Limit | None = None


class Point(Struct, frozen=True):
    """A period of the course over time."""

    period: Period
    figures: dict[Key, Figure]


class Report(Struct, frozen=True):
    """Everything that is told of a selection. `before` are the figures of the period before it; `known` are the values
    one can narrow to.
    """

    selection: Selection
    figures: dict[Key, Figure]
    before: dict[Key, Figure]
    spread: Spread
    outcomes: Outcomes
    satisfied: Figure
    groups: dict[Dimension, tuple[Group, ...]]
    course: tuple[Point, ...]
    weak: tuple[WeakPoint, ...]
    known: dict[Dimension, tuple[str, ...]]


class CaseRow(Struct, frozen=True):
    """A round that a number was counted from."""

    receipt: str
    type: str
    department: str | None
    began: dt.date
    closed: dt.date
    outcome: str
    at_once: bool
    handled: int
    late: bool


class Cases(Struct, frozen=True):
    """One page of them, the last closed first."""

    total: int
    rows: tuple[CaseRow, ...]


class Row(Struct, frozen=True):
    """A number of an export: of which group (``all``, or a dimension and its value), what, and from how many."""

    by: str
    value: str
    what: str
    number: float | None
    n: int


class Indicators:
    """Asked by managers and coordinators (``indicators.see``)."""

    def __init__(self, database: Database, clock: Clock, rules: Rules) -> None:
        self._clock = clock
        self._rules = rules
        self._histories = Histories(database, rules)
        self._reports: dict[Selection, tuple[Sequence[Case], Report]] = {}

    def forget_known(self) -> None:
        """Read everything again."""
        self._histories.forget_known()
        self._reports.clear()

    def report(self, viewer: Viewer, selection: Selection) -> Report:
        """All of a selection. Raises NotAllowed."""
        policy.require("indicators.see", viewer)
        every = self._histories.cases()
        kept = self._reports.get(selection)
        if kept is None or kept[0] is not every:
            if len(self._reports) >= _REMEMBERED:
                self._reports.clear()
            kept = self._reports[selection] = (every, self._computed(every, selection))
        return kept[1]

    def _computed(self, every: Sequence[Case], selection: Selection) -> Report:
        narrows = any(value is not None for _, value in selection.narrowed())
        fitting = [case for case in every if selection.fits(case)] if narrows else every
        cases = _within(fitting, selection.period)
        return Report(
            selection=selection,
            figures=figures(cases),
            before=figures(_within(fitting, selection.period.moved(-1))),
            spread=spread(cases),
            outcomes=outcomes(cases),
            satisfied=satisfied(cases),
            groups={by: self._groups(cases, by) for by in DIMENSIONS},
            course=_course(fitting, selection.period),
            weak=tuple(weak_points(cases)),
            known={by: tuple(sorted({value for case in every for value in values(case, by)})) for by in DIMENSIONS},
        )

    def keep(self) -> int:
        """What a nightly job does: keep what was computed, for the next start; of how many requests."""
        return self._histories.keep()

    def cases(self, viewer: Viewer, selection: Selection, of: str = "all", *, size: int = 50, offset: int = 0) -> Cases:
        """The rounds that a number was counted from. Raises NotAllowed, Invalid."""
        policy.require("indicators.see", viewer)
        chosen = pick(of)
        if chosen is None:
            raise Invalid.one("of", "name a number that is counted")
        found = [case[0] for case in self._histories.cases() if selection.has(case) and chosen(case)]
        found.sort(key=lambda one: (one.closed, one.about.id, one.number), reverse=True)
        begin = paging(offset, OFFSET_BOUND)
        day = self._rules_calendar_day
        rows = [
            CaseRow(
                receipt=one.about.receipt,
                type=one.about.type,
                department=one.about.department,
                began=day(one.began),
                closed=one.day,
                outcome=one.outcome,
                at_once=one.at_once,
                handled=one.handled,
                late=one.late,
            )
            for one in found[begin : begin + paging(size, PAGE_BOUND)]
        ]
        return Cases(len(found), tuple(rows))

    def rows(self, viewer: Viewer, selection: Selection) -> list[Row]:
        """The numbers of a selection as rows, for an export. Raises NotAllowed."""
        told = self.report(viewer, selection)
        whole = Group("", told.figures, told.spread)
        rows = [*_rows("all", whole), *_outcome_rows(told.outcomes)]
        rows.append(Row("all", "", "satisfied", told.satisfied.value, told.satisfied.n))
        return [*rows, *(row for by, groups in told.groups.items() for group in groups for row in _rows(by, group))]

    def today(self) -> dt.date:
        """The day at the archive."""
        return self._rules_calendar_day(self._clock.now())

    def _rules_calendar_day(self, at: dt.datetime) -> dt.date:
        from service_desk.calendar_rules import CalendarRules

        return self._rules.now(CalendarRules).calendar().day_of(at)

    def _groups(self, cases: Sequence[Case], by: Dimension) -> tuple[Group, ...]:
        """Those that there is something of; types in the order of the rules, the others by name."""
        found: dict[str, list[Case]] = {}
        for case in cases:
            for value in values(case, by):
                found.setdefault(value, []).append(case)
        types = self._rules.now(Types) if by == "type" else None
        order = {code: at for at, code in enumerate(types.types)} if types else {}
        return tuple(
            Group(value, figures(found[value]), spread(found[value]), types.rule(value).limit.limit if types else None)
            for value in sorted(found, key=lambda one: (order.get(one, len(order)), one))
        )


def _course(fitting: Sequence[Case], last: Period) -> tuple[Point, ...]:
    return tuple(Point(period, figures(_within(fitting, period))) for period in last.course())


def _within(cases: Iterable[Case], period: Period) -> list[Case]:
    """Those that closed in a period."""
    first, end = period.first, period.end
    return [case for case in cases if first <= case[0].day < end]


def _rows(by: str, group: Group) -> Iterator[Row]:
    for key, figure in group.figures.items():
        yield Row(by, group.value, key, figure.value, figure.n)
    told = group.spread
    yield Row(by, group.value, "median", told.median, told.n)
    yield Row(by, group.value, "p90", told.p90, told.n)
    yield Row(by, group.value, "late", told.late if told.n else None, told.n)


def _outcome_rows(told: Outcomes) -> Iterator[Row]:
    counts = {name: getattr(told, name) for name in Outcomes.__struct_fields__}
    total = sum(counts.values())
    for name, count in counts.items():
        yield Row("all", "", name, count, total)
