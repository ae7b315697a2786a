"""What a run reports: counts per source that add up, what each step took, what was deleted and why, and the first
problems (all of them are in the record store).
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Literal

from mappings.record import Problem
from pipelines.steps import Step, Steps, iso, now

PROBLEMS_SHOWN = 200
"""Problems of one source that a report lists."""
DELETES_SHOWN = 200
"""Deleted keys of one source that a report names."""
EXAMPLES_SHOWN = 3
"""Problems that a report shows for each code."""
BRAKES = frozenset({"deletes-held-back", "source-not-configured"})
"""What holds a source back because somebody has to allow its deletes."""

Why = Literal["tombstone", "gone from listing", "reconciliation", "un-published", "lost from item", "source removed"]
"""How a run learned that something is gone."""
State = Literal["running", "done", "failed", "stopped", "interrupted"]
"""Of a run: `failed` ended with an error, `stopped` by hand, `interrupted` never told its end."""


def run_name() -> str:
    """When the run began, and four random digits."""
    return f"{now():%Y-%m-%dT%H:%M:%SZ}-{secrets.token_hex(2)}"


@dataclass(slots=True)
class SourceReport:
    """One source in one run: read = indexed + unchanged + skipped + failed (contract, "Counting").

    `dates` counts the records mapped in this run that have a date text, `dates_unread` those whose text names no time.
    `source_count` are the items the source holds, as it told itself at the last full listing or reconciliation, at the
    moment `counted`; None when this run asked for changes only.
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
    braked: bool = False
    problems_total: int = 0
    source_count: int | None = None
    counted: dt.datetime | None = None
    is_reconciled: bool = False
    retries: int = 0
    waited: float = 0.0
    started: dt.datetime = field(default_factory=now)
    ended: dt.datetime | None = None
    steps: Steps = field(default_factory=Steps)
    _held_back_by: dict[str, str] | None = None
    _failures: list[dict[str, str]] = field(default_factory=list)
    _told: list[dict[str, str]] = field(default_factory=list)
    _notes: list[dict[str, str]] = field(default_factory=list)
    _codes: dict[str, dict[str, Any]] = field(default_factory=dict)
    _deletes: list[dict[str, str | None]] = field(default_factory=list)

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

    # What was done

    def step(self, name: str) -> Step:
        """A step by name: ``report.step("ocr").add(pages_read=3)``."""
        return self.steps.step(name)

    def timed(self, name: str) -> AbstractContextManager[Step]:
        """A stretch of a step: ``with report.timed("read") as step: ...``."""
        return self.steps.timed(name)

    def count_at_source(self, count: int, *, reconciled: bool = False) -> None:
        """The source has told all it holds: so many items; `reconciled` when its keys were compared with ours."""
        self.source_count, self.counted, self.is_reconciled = count, now(), reconciled

    def wait(self, seconds: float) -> None:
        """The source said "later": once more it is tried again, after so many seconds."""
        self.retries += 1
        self.waited += seconds

    def prove_deletes(self, keys: Iterable[str], why: Why) -> None:
        """These records are deleted, and how the run learned of it. The first `DELETES_SHOWN` are named."""
        moment = iso(now())
        room = DELETES_SHOWN - len(self._deletes)
        for key, _ in zip(keys, range(room), strict=False):
            self._deletes.append({"key": key, "at": moment, "why": why})

    def end(self) -> None:
        """The source is done, for this run."""
        self.ended = now()

    # What was wrong

    def hold_back(self, code: str, reason: str, hint: str) -> None:
        """The source as a whole: something was not done that should have been."""
        self.held_back = True
        self.braked = self.braked or code in BRAKES
        self._held_back_by = line = _line("", Problem(code, reason, hint))
        self._failures.insert(0, line)
        self._count_problem(line)

    def tell(self, item: str, problem: Problem, is_failure: bool = False) -> None:
        """A skipped or failed record, or an item."""
        self._list(self._failures if is_failure else self._told, _line(item, problem))

    def note(self, item: str, problems: Iterable[Problem]) -> None:
        """Problems of records that were indexed all the same: listed after the others, while there is room."""
        for problem in problems:
            self._list(self._notes, _line(item, problem))

    def _list(self, listed: list[dict[str, str]], line: dict[str, str]) -> None:
        if len(listed) < PROBLEMS_SHOWN:
            listed.append(line)
        self._count_problem(line)

    def _count_problem(self, line: dict[str, str]) -> None:
        self.problems_total += 1
        found = self._codes.setdefault(line["code"], {"code": line["code"], "count": 0, "examples": []})
        found["count"] += 1
        if len(found["examples"]) < EXAMPLES_SHOWN:
            found["examples"].append(line)

    def publish_nothing(self) -> None:
        """What was found is not taken: it counts as skipped."""
        self.skipped += self.indexed
        self.indexed = self.deleted = 0
        self._deletes.clear()

    # As JSON

    def summary(self) -> dict[str, Any]:
        """Counts, without the lists."""
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
            "problems_total": self.problems_total,
            "held_back": self.held_back,
            "reason": self._held_back_by and self._held_back_by["reason"],
            "braked": self.braked,
            "retries": self.retries,
            "waited": round(self.waited, 3),
            "source_count": self.source_count,
            "counted": iso(self.counted),
            "reconciled": self.is_reconciled,
            "started": iso(self.started),
            "ended": iso(self.ended),
        }

    def details(self) -> dict[str, Any]:
        """The lists."""
        codes = sorted(self._codes.values(), key=lambda found: (-found["count"], found["code"]))
        return {"steps": self.steps.to_json(), "deletes": self._deletes, "codes": codes, "problems": self.problems}

    def to_json(self) -> dict[str, Any]:
        """The contract's object of a source."""
        return self.summary() | self.details()


@dataclass(slots=True)
class RunReport:
    """One run over the sources `planned`, as far as it came. `exit_code` is the contract's: 1 when something failed or
    was held back. `interrupted` names the run before it when that never told its end; a `replay` asked no source.
    """

    run: str = field(default_factory=run_name)
    sources: list[SourceReport] = field(default_factory=list)
    planned: list[str] = field(default_factory=list)
    started: dt.datetime = field(default_factory=now)
    ended: dt.datetime | None = None
    state: State = "running"
    error: str | None = None
    interrupted: str | None = None
    replay: bool = False
    steps: Steps = field(default_factory=Steps)

    @property
    def exit_code(self) -> int:
        return 0 if all(source.is_clean for source in self.sources) else 1

    @property
    def seconds(self) -> float:
        """Up to its end, or up to now."""
        return ((self.ended or now()) - self.started).total_seconds()

    def step(self, name: str) -> Step:
        """A step over all sources by name: linking, enrichment, the index, tidying."""
        return self.steps.step(name)

    def timed(self, name: str) -> AbstractContextManager[Step]:
        """A stretch of a step over all sources: ``with report.timed("link") as step: ...``."""
        return self.steps.timed(name)

    def end(self, state: State = "done", error: str | None = None) -> None:
        """The run is over, and how."""
        self.ended, self.state, self.error = now(), state, error
        for source in self.sources:
            source.ended = source.ended or self.ended

    def of(self, source: str) -> SourceReport:
        """The report of a source, begun when there is none: it may be touched without being read."""
        found = next((report for report in self.sources if report.source == source), None)
        if found is None:
            found = SourceReport(source)
            self.sources.append(found)
        return found

    def summary(self) -> dict[str, Any]:
        """The run as a whole."""
        return {
            "run": self.run,
            "state": self.state,
            "started": iso(self.started),
            "ended": iso(self.ended),
            "seconds": round(self.seconds, 3),
            "replay": self.replay,
            "error": self.error,
            "interrupted": self.interrupted,
            "planned": self.planned,
            "steps": self.steps.to_json(),
        }

    def to_json(self) -> dict[str, Any]:
        """The contract's document of `sync --json`."""
        return self.summary() | {"sources": [source.to_json() for source in self.sources]}


def _line(item: str, problem: Problem) -> dict[str, str]:
    return {
        "item": item,
        "position": problem.position,
        "code": problem.code,
        "reason": problem.reason,
        "hint": problem.hint,
    }
