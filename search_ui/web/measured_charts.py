"""Charts of the indicators as plain SVG: positions only. What they show stands in tables beside them, too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from service_desk.indicators.service import Group

ROW: Final = 28
LEFT: Final = 8
WIDTH: Final = 460
"""Where the axis begins, and how long it is."""


def handling_chart(groups: Sequence[Group], said: Callable[[float], str]) -> dict[str, Any] | None:
    """A line for each type: a dot at the median, a bar up to the 90th percentile, a mark at what is promised where that
    is in working days. None where there is nothing to draw.
    """
    drawn = [group for group in groups if group.spread.n]
    if not drawn:
        return None
    promised = [_promised(group) or 0 for group in drawn]
    longest = max(max(group.spread.p90 or 0 for group in drawn), max(promised), 1.0)
    step = _step(longest)
    top = -(-longest // step) * step

    def x(value: float) -> float:
        return round(LEFT + value / top * WIDTH, 1)

    rows = []
    for at, group in enumerate(drawn):
        median, p90, limit = group.spread.median or 0, group.spread.p90 or 0, _promised(group)
        rows.append(
            {
                "value": group.value,
                "y": at * ROW + ROW / 2,
                "median": x(median),
                "width": round(max(x(p90) - x(median), 0), 1),
                "promised": None if limit is None else x(limit),
            }
        )
    ticks = [(x(number * step), said(_whole(number * step))) for number in range(int(top / step) + 1)]
    return {"rows": rows, "ticks": ticks, "height": len(rows) * ROW, "width": LEFT * 2 + WIDTH}


def course_line(values: Sequence[float | None], width: int = 220, height: int = 48) -> str | None:
    """The points of a line through the values there are, None when it would be none."""
    known = [(at, value) for at, value in enumerate(values) if value is not None]
    if len(known) < 2:
        return None
    low, high = min(value for _, value in known), max(value for _, value in known)
    spread = (high - low) or 1
    across = max(len(values) - 1, 1)
    points = ((at / across * width, height - 4 - (value - low) / spread * (height - 8)) for at, value in known)
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _promised(group: Group) -> float | None:
    limit = group.limit
    return None if limit is None or limit.unit != "working_days" else float(limit.count)


def _step(longest: float) -> float:
    """So that an axis has four to eight parts: 1, 2 or 5 times a power of ten."""
    power = 1.0
    while True:
        for factor in (1, 2, 5):
            if longest / (factor * power) <= 8:
                return factor * power
        power *= 10


def _whole(value: float) -> float:
    return int(value) if value == int(value) else value
