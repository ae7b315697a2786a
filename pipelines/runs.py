"""The reports of runs, kept in the record store: rows of kind ``run``, one a source and one (source ``""``) for the run
as a whole.

A run writes its row when it begins (state ``running``) and all of its rows when it ends. One that was killed leaves the
first: it reads as ``interrupted`` once nobody holds the locks of its sources. Counts are in the column `record`, lists
(steps, deletes, problems) in `raw`, so that a list of many runs reads none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
import pyarrow.compute as pc

from pipelines.record_store import KEYS, RecordStore
from pipelines.report import RunReport, SourceReport
from pipelines.tables import newest

READABLE = 400
"""The last runs that are listed: more than a year of nights. Rows of older ones stay in the store."""
WHOLE_RUN = ""
"""The `source` of the row that tells of a run as a whole."""
LATEST = "latest"

Json = dict[str, Any]


@contextmanager
def recorded(store: RecordStore, report: RunReport) -> Iterator[RunReport]:
    """A run whose beginning and end are written into the store, however it ends. The locks of its sources are held.

    What ends the run goes on to the caller. Raises StoreUnusable when the store takes no rows.
    """
    report.interrupted = _broken_off(runs(store), report.planned)
    _write(store, report, [])
    try:
        yield report
    except Exception as error:
        report.end("failed", _told(error))
        _write_if_possible(store, report)
        raise
    except BaseException:
        report.end("stopped")
        _write_if_possible(store, report)
        raise
    report.end()
    write_report(store, report)


def write_report(store: RecordStore, report: RunReport) -> None:
    """The rows of a run: what it did in each source, and as a whole. Raises StoreUnusable."""
    _write(store, report, report.sources)


def _write(store: RecordStore, report: RunReport, sources: Sequence[SourceReport]) -> None:
    whole = report.summary() | {"sources": [source.summary() for source in sources]}
    columns = {
        "source": [WHOLE_RUN, *(source.source for source in sources)],
        "action": ["index"] * (1 + len(sources)),
        "record": [_json(whole), *(_json(source.summary()) for source in sources)],
        "raw": [None, *(_json(source.details()) for source in sources)],
    }
    with store.begin(report.run) as commit:
        commit.add("run", columns)
        commit.commit()


def _write_if_possible(store: RecordStore, report: RunReport) -> None:
    """What ended the run may well keep its report from being written; then the former is what has to be told."""
    try:
        store.refresh()
        write_report(store, report)
    except Exception:
        return


def _told(error: Exception) -> str:
    """The message of an error on one line; of errors nobody foresaw only the kind, since they may quote anything."""
    from connectors.base import SourceError
    from indexer.errors import SearchError
    from pipelines.errors import PipelineError

    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or 'the workspace'}: {error.strerror}"
    known = isinstance(error, SourceError | SearchError | PipelineError)
    return " ".join(str(error).split()) if known else type(error).__name__


Locked = Callable[[Collection[str]], bool]
"""Does somebody hold the locks of some of these sources?"""


def _nobody(_: Collection[str]) -> bool:
    return False


def runs(store: RecordStore, limit: int = READABLE, *, is_locked: Locked = _nobody) -> list[Json]:
    """The last runs, newest first: `RunReport.summary` with ``sources`` (`SourceReport.summary` each).

    A run without an end is under way when its sources are locked, and no newer run has planned one of them. Locks are
    asked for only then, since asking takes them for a moment.
    """
    table = store.rows("run", ["version", *KEYS["run"], "record"], source=WHOLE_RUN)
    texts = table.take(newest(table, KEYS["run"]))["record"].to_pylist()
    found = [_completed(_read(text)) for text in reversed(texts)]
    newer: set[str] = set()
    for run in found:
        planned = set(run["planned"])
        if run["state"] == "running" and not (planned and planned.isdisjoint(newer) and is_locked(planned)):
            run["state"] = "interrupted"
        newer |= planned
    return found[: min(limit, READABLE)]


def _completed(run: Json) -> Json:
    """A report of any version of ours: what its version did not tell yet is as in a run that did nothing."""
    whole = RunReport().summary() | run
    whole["sources"] = [SourceReport("").summary() | source for source in run.get("sources", ())]
    return whole


def _broken_off(known: Iterable[Json], planned: Collection[str]) -> str | None:
    """The last run of these sources, which are ours now, when it never told its end."""
    last = next((run for run in known if not planned or not set(planned).isdisjoint(run["planned"])), None)
    return last["run"] if last and last["state"] == "interrupted" else None


def read_report(store: RecordStore, run: str | None = None, *, is_locked: Locked = _nobody) -> Json | None:
    """The report of a run (`RunReport.to_json`), the newest for None or ``latest``; None when there is no such run.

    The beginning of a name is enough when only one run begins so.
    """
    known = runs(store, is_locked=is_locked)
    if run in (None, LATEST):
        found = known[:1]
    else:
        found = [one for one in known if one["run"] == run] or [one for one in known if one["run"].startswith(run)]
    if len(found) != 1:
        return None
    details = _details(store, found[0]["run"])
    return found[0] | {"sources": [source | details.get(source["source"], {}) for source in found[0]["sources"]]}


def _details(store: RecordStore, run: str) -> dict[str, Json]:
    """The lists of a run's sources, by source; its rows are found by the version that wrote its end."""
    columns = ["version", *KEYS["run"]]
    keys = store.rows("run", columns, source=WHOLE_RUN)
    version = pc.max(keys.filter(pc.equal(keys["run"], run))["version"]).as_py()
    found: dict[str, Json] = {}
    for table in store.row_groups("run", [*columns, "raw"], after=version - 1):
        for row in table.filter(pc.equal(table["version"], version)).to_pylist():
            if row["raw"]:
                found[row["source"]] = _read(row["raw"])
    return found


def _json(value: Json) -> str:
    return msgspec.json.encode(value).decode()


def _read(text: str) -> Json:
    return msgspec.json.decode(text, type=dict[str, Any])
