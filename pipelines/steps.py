"""The steps of a run: what each did, in counts, and how long it took."""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

COUNTS = (
    "read",
    "indexed",
    "unchanged",
    "skipped",
    "failed",
    "deleted",
    "pages_read",
    "records_named",
    "personal_data_found",
    "opened",
    "closed",
    "pairs_compared",
    "pairs_linked",
    "for_review",
    "documents",
)
"""What steps count, in the order a table shows it. Others may be counted, too; they come after these."""


def now() -> dt.datetime:
    """This moment (UTC)."""
    return dt.datetime.now(dt.UTC)


def iso(moment: dt.datetime | None) -> str | None:
    """A moment as ``2026-11-23T02:00:00Z``."""
    return None if moment is None else moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(slots=True)
class Step:
    """One step. Done in several stretches it has the first beginning, and the sum of their seconds."""

    name: str
    started: dt.datetime = field(default_factory=now)
    seconds: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, **counts: int) -> None:
        """Count more: ``step.add(pages_read=3)``."""
        self.counts.update(counts)

    def to_json(self) -> dict[str, Any]:
        """`{"step": "ocr", "started": "...Z", "seconds": 1.2, "counts": {"pages_read": 3}}`"""
        order = {name: place for place, name in enumerate(COUNTS)}
        counted = sorted(self.counts.items(), key=lambda one: (order.get(one[0], len(order)), one[0]))
        return {
            "step": self.name,
            "started": iso(self.started),
            "seconds": round(self.seconds, 3),
            "counts": {name: number for name, number in counted if number},
        }


@dataclass(slots=True)
class Steps:
    """The steps of a source or of a whole run, in the order in which they began."""

    _steps: dict[str, Step] = field(default_factory=dict)

    def step(self, name: str) -> Step:
        """A step by name, begun when it is new."""
        if name not in self._steps:
            self._steps[name] = Step(name)
        return self._steps[name]

    @contextmanager
    def timed(self, name: str) -> Iterator[Step]:
        """A stretch of a step: its seconds are counted, whatever comes of it."""
        step, begun = self.step(name), time.perf_counter()
        try:
            yield step
        finally:
            step.seconds += time.perf_counter() - begun

    def to_json(self) -> list[dict[str, Any]]:
        """The steps one by one."""
        return [step.to_json() for step in self._steps.values()]
