"""What the runs of a workspace told, and how fresh each source is: read from the store, with the index asked."""

from __future__ import annotations

import contextlib
import datetime as dt
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from indexer.errors import IndexMissing
from mappings.access import Viewer
from pipelines.errors import PipelineError
from pipelines.runs import READABLE, read_report, runs

if TYPE_CHECKING:
    from onestop.wiring import Workspace
    from pipelines.record_store import RecordStore

Json = dict[str, Any]
STAFF = Viewer("onestop", frozenset({"staff"}))
"""Who counts: what only staff may know of is held as well."""


class Nights:
    """The reports of a workspace. Each question sees the newest commit, whoever made it."""

    def __init__(self, here: Workspace) -> None:
        self._here = here
        self._known: tuple[object, list[Json]] | None = None
        self._lock = threading.Lock()

    def runs(self, limit: int = READABLE) -> list[Json]:
        """The last runs, newest first (`pipelines.runs.runs`)."""
        return runs(self._store(), limit, is_locked=self._here.are_locked)

    def last_end(self) -> dt.datetime | None:
        """When the last run that came to its end did so (UTC); None before the first, or when the store is silent."""
        with contextlib.suppress(PipelineError):
            for run in self.runs():
                if run["state"] == "done":
                    begun = dt.datetime.fromisoformat(run["started"])
                    return begun + dt.timedelta(seconds=run["seconds"])
        return None

    def report(self, run: str | None = None) -> Json | None:
        """The report of a run, the newest without a name; None when there is no such run."""
        return read_report(self._store(), run, is_locked=self._here.are_locked)

    def ledger(self) -> list[Json]:
        """How fresh each source is (`pipelines.ledger`); counted anew when store or index have changed.

        Raises indexer.errors.SearchError when the index cannot be asked.
        """
        from pipelines.ledger import ledger

        store, titles = self._store(), {name: spec.title for name, spec in self._here.readable_sources().items()}
        shown, known_runs = self._shown(), self.runs()
        state = (store.version, shown, titles, known_runs[:1])
        with self._lock:
            if self._known is None or self._known[0] != state:
                count, holds = (self._count, self._holds) if shown is not None else (_count_nothing, _hold_nothing)
                rows = ledger(store, known_runs, titles=titles, shown=shown, count=count, holds=holds)
                self._known = (state, rows)
            return self._known[1]

    def problems(self, source: str | None = None) -> Iterator[Json]:
        """The problems that hold now, of a source or of all: source, item, source_id, outcome, position, code, reason,
        hint. Sources that the last run held back come first.
        """
        from pipelines.stored_problems import stored_problems

        yield from self._held_back(source)
        for found in stored_problems(self._store(), source):
            problem = found.problem
            yield {
                "source": found.source,
                "item": found.item,
                "source_id": found.source_id,
                "outcome": found.outcome,
                "position": problem.position,
                "code": problem.code,
                "reason": problem.reason,
                "hint": problem.hint,
            }

    def _held_back(self, source: str | None) -> Iterator[Json]:
        seen: set[str] = set()
        for told in (one for run in self.runs() if not run.get("replay") for one in run["sources"]):
            name = told["source"]
            if name not in seen and told["held_back"] and source in (None, name):
                whole: Json = {"source": name, "item": "", "source_id": None, "outcome": "error", "position": ""}
                hint = f"onestop report --source {name}"
                yield whole | {"code": "held-back", "reason": told["reason"] or "see the report", "hint": hint}
            seen.add(name)

    def _store(self) -> RecordStore:
        self._here.store.refresh()
        return self._here.store

    def _shown(self) -> int | None:
        """The version that the index shows, None while there is none."""
        try:
            return self._here.answering.store_version()
        except IndexMissing:
            return None

    def _count(self, source: str) -> int:
        from indexer.query import Query

        total: int = self._here.searcher.search(Query(filters={"source": (source,)}, size=0), STAFF)["total"]
        return total

    def _holds(self, source: str, source_id: str) -> bool:
        """A resource may outlive a record of it; then it does not name it among its sources any more."""
        found = self._here.searcher.resource(f"{source}:{source_id}", STAFF)
        return found is not None and any(
            (held["source"], held["source_id"]) == (source, source_id) for held in found["sources"]
        )


def _count_nothing(_: str) -> int:
    return 0


def _hold_nothing(*_: str) -> bool:
    return False
