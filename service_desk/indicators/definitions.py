"""Every indicator: what it is called, what exactly it counts, and how it is computed from rounds and ratings. Here and
nowhere else.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Final, Literal

from msgspec import Struct

from service_desk.indicators.rounds import Round
from service_desk.told import Title

Unit = Literal["days", "share", "stars", "count", "ratio"]
SATISFIED: Final = 3
"""Stars from which on a reader was satisfied: mostly satisfied, satisfied, very satisfied (GB/T 39735)."""


class Given(Struct, frozen=True):
    """What was given of a round: `stars`, None when it was not rated; `visits`, None where nobody counts them."""

    stars: int | None = None
    visits: int | None = None


Case = tuple[Round, Given]
Key = Literal["handling", "visits", "fulfilment", "satisfaction"]


class Definition(Struct, frozen=True):
    """An indicator: `counts` tells whether a case belongs to it, `value` computes it from those that do."""

    key: Key
    called: Title
    says: Title
    unit: Unit
    counts: Callable[[Case], bool]
    value: Callable[[Sequence[Case]], float]


class Figure(Struct, frozen=True):
    """A value and how many cases it was computed from; None when from none."""

    value: float | None
    n: int


class Spread(Struct, frozen=True):
    """Handling times: half were done within `median` working days, nine of ten within `p90`; `late` of `n` missed what
    was promised.
    """

    n: int
    median: float | None = None
    p90: float | None = None
    late: int = 0


class Outcomes(Struct, frozen=True):
    """How rounds ended; `at_once` are those answered by the desk itself, as what was asked for was there already."""

    delivered: int = 0
    partly_delivered: int = 0
    refused: int = 0
    not_held: int = 0
    at_once: int = 0
    withdrawn: int = 0
    expired: int = 0


def _worked(case: Case) -> bool:
    return case[0].worked


def _mean_handled(cases: Sequence[Case]) -> float:
    return statistics.fmean(round_.handled for round_, _ in cases)


def _fulfilled(cases: Sequence[Case]) -> float:
    return sum(round_.outcome in ("delivered", "partly_delivered") for round_, _ in cases) / len(cases)


def _mean_stars(cases: Sequence[Case]) -> float:
    return statistics.fmean(given.stars for _, given in cases if given.stars is not None)


def _mean_visits(cases: Sequence[Case]) -> float:
    return sum(given.visits or 0 for _, given in cases) / len(cases)


DEFINITIONS: Final[tuple[Definition, ...]] = (
    Definition(
        "handling",
        Title.of("Mean handling time", "平均办理时间", "平均辦理時間"),
        Title.of(
            "Working days of the calendar from acceptance to the answer, without the days on which it was the reader's "
            "turn; mean of all requests that people answered. A request taken up again counts once more.",
            "自受理至答复的工作日，不计等待利用者的日子；取人工答复的全部申请的平均值。重新受理的再计一次。",
            "自受理至答覆的工作日，不計等待利用者的日子；取人工答覆的全部申請的平均值。重新受理的再計一次。",
        ),
        "days",
        _worked,
        _mean_handled,
    ),
    Definition(
        "visits",
        Title.of("Visits per request", "每件申请到馆次数", "每件申請到館次數"),
        Title.of(
            "Visits to the reading room and the window for a request, divided by the requests that people answered.",
            "为申请到阅览室和窗口的次数，除以人工答复的申请数。",
            "為申請到閱覽室和窗口的次數，除以人工答覆的申請數。",
        ),
        "ratio",
        lambda case: case[0].worked and case[1].visits is not None,
        _mean_visits,
    ),
    Definition(
        "fulfilment",
        Title.of("Fulfilment rate", "满足率", "滿足率"),
        Title.of(
            "Delivered and partly delivered, divided by all that people answered: these, refused and not held. What "
            "was there already and answered at once counts apart; withdrawn and expired requests do not count.",
            "已提供和部分提供，除以人工答复的全部（另含不予提供和未藏）。原已可读、当即答复的另计；撤回和逾期未补的不计。",
            "已提供和部分提供，除以人工答覆的全部（另含駁回和未藏）。原已可讀、當即答覆的另計；撤回和逾期未補的不計。",
        ),
        "share",
        _worked,
        _fulfilled,
    ),
    Definition(
        "satisfaction",
        Title.of("Satisfaction", "满意度", "滿意度"),
        Title.of(
            "Mean of the ratings that readers gave of their answers, from 1, very dissatisfied, to 5, very satisfied.",
            "利用者对答复所作评价的平均值，1 为非常不满意，5 为非常满意。",
            "利用者對答覆所作評價的平均值，1 為非常不滿意，5 為非常滿意。",
        ),
        "stars",
        lambda case: case[1].stars is not None,
        _mean_stars,
    ),
)
HANDLING_BY: Final = Title.of(
    "Half of the requests were answered within the median, nine of ten within the 90th percentile. Promised is the "
    "limit of the type that is in force now; late is what was answered after the date that follows from it.",
    "半数申请在中位数之内答复，九成在第 90 百分位之内。承诺为该类型现行时限；迟延指超过由此推算的日期才答复。",
    "半數申請在中位數之內答覆，九成在第 90 百分位之內。承諾為該類型現行時限；遲延指超過由此推算的日期才答覆。",
)


def figures(cases: Collection[Case]) -> dict[Key, Figure]:
    """Every indicator of some cases."""
    found: dict[Key, Figure] = {}
    for one in DEFINITIONS:
        counted = [case for case in cases if one.counts(case)]
        found[one.key] = Figure(one.value(counted) if counted else None, len(counted))
    return found


def spread(cases: Iterable[Case]) -> Spread:
    """The handling times of what people answered among some cases."""
    worked = [round_ for round_, _ in filter(_worked, cases)]
    days = sorted(round_.handled for round_ in worked)
    if not days:
        return Spread(0)
    late = sum(round_.late for round_ in worked)
    return Spread(len(days), float(statistics.median(days)), float(percentile(days, 90)), late)


def percentile(ordered: Sequence[int], percent: int) -> int:
    """The smallest of these values that so many of a hundred do not exceed (nearest rank)."""
    return ordered[max(-(-len(ordered) * percent // 100), 1) - 1]


def outcomes(cases: Iterable[Case]) -> Outcomes:
    """How some cases ended."""
    counts = dict.fromkeys(Outcomes.__struct_fields__, 0)
    for round_, _ in cases:
        counts["at_once" if round_.at_once else round_.outcome] += 1
    return Outcomes(**counts)


def satisfied(cases: Iterable[Case]) -> Figure:
    """The share of ratings that say satisfied."""
    stars = [given.stars for _, given in cases if given.stars is not None]
    return Figure(sum(star >= SATISFIED for star in stars) / len(stars) if stars else None, len(stars))


PICKS: Final[Mapping[str, Callable[[Case], bool]]] = {
    "all": lambda case: True,
    "handling": _worked,
    "visits": lambda case: case[0].worked and bool(case[1].visits),
    "fulfilment": _worked,
    "satisfaction": lambda case: case[1].stars is not None,
    "dissatisfied": lambda case: case[1].stars is not None and case[1].stars < SATISFIED,
    "late": lambda case: case[0].worked and case[0].late,
    "at_once": lambda case: case[0].at_once,
    "delivered": lambda case: case[0].outcome == "delivered" and not case[0].at_once,
    **{
        name: lambda case, name=name: case[0].outcome == name  # type: ignore[misc]
        for name in ("partly_delivered", "refused", "not_held", "withdrawn", "expired")
    },
}
"""What a number was counted from, by the name it has in addresses."""


def pick(name: str) -> Callable[[Case], bool] | None:
    """The same, also for ``stood.STATE`` and ``asked.MATERIAL``; None for what nobody counts."""
    group, _, code = name.partition(".")
    if group == "stood" and code:
        return lambda case: case[0].worked and code in case[0].stood
    if group == "asked" and code:
        return lambda case: code in case[0].asked
    return PICKS.get(name)
