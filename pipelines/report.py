"""What a run reports: counts per source that add up, and the first problems (all of them are in the record store)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from mappings.record import Problem

PROBLEMS_SHOWN = 200
"""Problems of one source that a report lists."""


@dataclass(slots=True)
class SourceReport:
    """One source in one run: read = indexed + unchanged + skipped + failed (contract, "Counting").

    `dates` counts the records mapped in this run that have a date text, `dates_unread` those whose text names no time.
    """

    source: str
    indexed: int = 0
    unchanged: int = 0
    skipped: int = 0
    failed: int = 0
    deleted: int = 0
    pages: int = 0
    dates: int = 0
    dates_unread: int = 0
    seconds: float = 0.0
    held_back: bool = False
    problems_total: int = 0
    _failures: list[dict[str, str]] = field(default_factory=list)
    _told: list[dict[str, str]] = field(default_factory=list)
    _notes: list[dict[str, str]] = field(default_factory=list)

    @property
    def read(self) -> int:
        return self.indexed + self.unchanged + self.skipped + self.failed

    @property
    def is_clean(self) -> bool:
        """Did everything arrive that should have?"""
        return not (self.failed or self.held_back)

    @property
    def problems(self) -> list[dict[str, str]]:
        """The first `PROBLEMS_SHOWN`: what failed, what was left out, what was taken with a doubt."""
        return (self._failures + self._told + self._notes)[:PROBLEMS_SHOWN]

    def hold_back(self, code: str, reason: str, hint: str) -> None:
        """The source as a whole: something was not done that should have been."""
        self.held_back = True
        self._failures.insert(0, _line("", Problem(code, reason, hint)))
        self.problems_total += 1

    def tell(self, item: str, problem: Problem, is_failure: bool = False) -> None:
        """A skipped or failed record, or an item."""
        self.problems_total += 1
        listed = self._failures if is_failure else self._told
        if len(listed) < PROBLEMS_SHOWN:
            listed.append(_line(item, problem))

    def note(self, item: str, problems: Iterable[Problem]) -> None:
        """Problems of records that were indexed all the same: listed after the others, while there is room."""
        for problem in problems:
            self.problems_total += 1
            if len(self._notes) < PROBLEMS_SHOWN:
                self._notes.append(_line(item, problem))

    def publish_nothing(self) -> None:
        """What was found is not taken: it counts as skipped."""
        self.skipped += self.indexed
        self.indexed = self.deleted = 0

    def to_json(self) -> dict[str, Any]:
        """The contract's object of a source."""
        return {
            "source": self.source,
            "read": self.read,
            "indexed": self.indexed,
            "unchanged": self.unchanged,
            "skipped": self.skipped,
            "failed": self.failed,
            "deleted": self.deleted,
            "pages": self.pages,
            "dates": {"written": self.dates, "unread": self.dates_unread},
            "seconds": round(self.seconds, 3),
            "problems": self.problems,
            "problems_total": self.problems_total,
        }


@dataclass(slots=True)
class RunReport:
    """One run over some sources. `exit_code` is the contract's: 1 when something failed or was held back."""

    run: str
    sources: list[SourceReport] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        return 0 if all(source.is_clean for source in self.sources) else 1

    def of(self, source: str) -> SourceReport:
        """The report of a source, begun when there is none: it may be touched without being read."""
        found = next((report for report in self.sources if report.source == source), None)
        if found is None:
            found = SourceReport(source)
            self.sources.append(found)
        return found

    def to_json(self) -> dict[str, Any]:
        """The contract's document of `sync --json`."""
        return {"run": self.run, "sources": [source.to_json() for source in self.sources]}


def _line(item: str, problem: Problem) -> dict[str, str]:
    return {
        "item": item,
        "position": problem.position,
        "code": problem.code,
        "reason": problem.reason,
        "hint": problem.hint,
    }
