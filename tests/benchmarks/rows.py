"""A row of the results: ours, the opponent's, their ratio, the goal, and whether it is met."""

from __future__ import annotations

import cProfile
import pstats
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Literal, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Row:
    """One comparison. `judged` is the figure the goal is about; the rest lets a reader check it.

    Without `goal` a row informs and nothing more. `detail` holds further figures, `where` what the time goes into.
    """

    name: str
    unit: str
    ours: float
    opponent: float | None = None
    judged: Literal["ratio", "ours"] = "ratio"
    goal: float | None = None
    goal_is: Literal["at most", "at least"] = "at most"
    detail: dict[str, Any] = field(default_factory=dict)
    where: list[str] = field(default_factory=list)

    @property
    def ratio(self) -> float | None:
        """Ours to the opponent's."""
        return round(self.ours / self.opponent, 3) if self.opponent else None

    @property
    def met(self) -> bool | None:
        """Is the goal met? None without a goal."""
        figure = self.ratio if self.judged == "ratio" else self.ours
        if self.goal is None or figure is None:
            return None
        return figure <= self.goal if self.goal_is == "at most" else figure >= self.goal

    def to_json(self) -> dict[str, Any]:
        """Everything, with what is worked out."""
        return {**asdict(self), "ratio": self.ratio, "met": self.met}


def in_turns(players: Mapping[str, Callable[[], T]], rounds: int) -> dict[str, list[T]]:
    """A B A B A B: what each player gives, round by round."""
    given: dict[str, list[T]] = {name: [] for name in players}
    for _ in range(rounds):
        for name, play in players.items():
            given[name].append(play())
    return given


def middle(values: list[float]) -> float:
    """The median, to three digits after the point."""
    return round(median(values), 3)


def hottest(profile: cProfile.Profile, count: int = 10, below: Path | None = None) -> list[str]:
    """The functions that cost most: own time of any, or, with `below`, time in and under those of a folder."""
    table = pstats.Stats(profile).stats  # type: ignore[attr-defined]  # what print_stats prints, missing in typeshed
    column = 2 if below is None else 3
    whole = sum(figures[2] for figures in table.values()) or 1.0
    chosen = [(figures[column], place) for place, figures in table.items() if below is None or str(below) in place[0]]
    return [f"{cost / whole:5.1%} {_name(place)}" for cost, place in sorted(chosen, reverse=True)[:count]]


def _name(place: tuple[str, int, str]) -> str:
    file, line, function = place
    return f"{'/'.join(Path(file).parts[-2:])}:{line} {function}" if line else function
