"""The weak points of the desk: where most is late, where requests wait longest, which materials are asked for most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Literal

from msgspec import Struct

from service_desk.indicators.definitions import Case
from service_desk.machine import RUNNING, Status

Dimension = Literal["type", "department", "theme"]
DIMENSIONS: tuple[Dimension, ...] = ("type", "department", "theme")


class Late(Struct, frozen=True, tag="late"):
    """Of all that is late, this group has more than its part: `late` of its `n`, and `share` of all that is late."""

    by: Dimension
    value: str
    late: int
    n: int
    share: float


class Wait(Struct, frozen=True, tag="wait"):
    """In this state requests wait longest: `days` working days in all over `n` requests, `share` of all waiting."""

    state: str
    days: int
    n: int
    share: float


class AskedFor(Struct, frozen=True, tag="asked"):
    """This material is asked for most: by `n` requests, `share` of all."""

    material: str
    n: int
    share: float


WeakPoint = Late | Wait | AskedFor


def weak_points(cases: Sequence[Case]) -> list[WeakPoint]:
    """At most one of each kind, in this order."""
    return [point for point in (_late(cases), _wait(cases), _asked(cases)) if point is not None]


def values(case: Case, by: Dimension) -> tuple[str, ...]:
    """Where a case belongs."""
    about = case[0].about
    if by == "theme":
        return about.themes
    value = about.type if by == "type" else about.department
    return (value,) if value is not None else ()


def _late(cases: Sequence[Case]) -> Late | None:
    """The group that is late more often than it would be if all were alike, by as many cases as no other."""
    worked = [case for case in cases if case[0].worked]
    late = [case for case in worked if case[0].late]
    if not late:
        return None
    groups = list(_groups(worked, late))
    overall = len(late) / len(worked)
    return max(groups, key=lambda one: (one.late - one.n * overall, one.late, one.by == "type", one.value))


def _groups(worked: Sequence[Case], late: Sequence[Case]) -> Iterator[Late]:
    for by in DIMENSIONS:
        of_all = Counter(value for case in worked for value in values(case, by))
        for value, count in Counter(value for case in late for value in values(case, by)).items():
            yield Late(by, value, count, of_all[value], count / len(late))


def _wait(cases: Sequence[Case]) -> Wait | None:
    """Among the states in which it is the archive's turn."""
    days, n = Counter[Status](), Counter[Status]()
    for round_, _ in cases:
        if round_.worked:
            for state, count in round_.stood.items():
                if state in RUNNING:
                    days[state] += count
                    n[state] += 1
    if not days:
        return None
    state = max(days, key=lambda one: (days[one], one))
    return Wait(state, days[state], n[state], days[state] / days.total())


def _asked(cases: Sequence[Case]) -> AskedFor | None:
    counts = Counter(code for round_, _ in cases for code in round_.asked)
    if not counts:
        return None
    code = max(counts, key=lambda one: (counts[one], one))
    return AskedFor(code, counts[code], counts[code] / len(cases))
