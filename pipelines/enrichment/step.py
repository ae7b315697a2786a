"""The step of the run that looks for names: everything new since it last ran, and what names that came or went concern.

A pure function of the store: killed and begun again it ends the same. What names were found with, and up to which
version, is said by a row of kind ``enriched``; a night without new records reads that row and imports nothing.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from mappings.record import Problem
from pipelines.enrichment.known_names import Change, KnownNames
from pipelines.enrichment.state import State
from pipelines.enrichment.tasks import NamesTask, Row, without_names
from pipelines.enrichment.versions import is_there, signature
from pipelines.record_store import Commit, RecordStore
from pipelines.source import SourceSpec
from pipelines.tables import only
from pipelines.workers import Died, Workers

Progress = Callable[[str, str, int, int | None], None]
TASK_BYTES = 256 << 10
"""JSON of records that go to a worker together."""
_KEPT = (
    "item",
    "source",
    "source_id",
    "action",
    "checksum",
    "since",
    "record_kind",
    "nested",
    "link_keys",
    "blocks",
    "problems",
)
_COLUMNS = ("version", *_KEPT, "record")


@dataclass(slots=True)
class Enriched:
    """What the step did: records looked at, rows written, (source, source_id) of records that ended their worker, names
    in the gazetteer (0 when it was not needed), and what its owner has to know.
    """

    read: int = 0
    written: int = 0
    lost: list[tuple[str, str]] = field(default_factory=list)
    names: int = 0
    seconds: float = 0.0
    problems: list[Problem] = field(default_factory=list)


def enrich(
    store: RecordStore,
    run: str,
    specs: Collection[SourceSpec],
    *,
    models: Mapping[str, str] | None = None,
    workers: Workers | None = None,
    progress: Progress | None = None,
) -> Enriched:
    """Find the names in the store's records. The caller holds the workspace lock.

    `specs` say which sources are left alone (``enrich: false``); one that is not among them stays as it was. `models`
    are trained spaCy pipelines by language (zh, en), a package or a folder; one that is not there is left out, and a
    problem says so. Raises StoreUnusable.
    """
    begun = time.perf_counter()
    report = Enriched()
    if store.version < 0:
        return report
    used = _usable(models or {}, report)
    before = State.read(store)
    now = before.then(store, specs, signature(used))
    if now != before or store.has_rows("record", after=before.version):
        with nullcontext(workers) if workers else Workers() as pool:
            _Step(store, run, before, now, tuple(sorted(used.items())), report).work(
                pool, progress or (lambda *_: None)
            )
    report.seconds = time.perf_counter() - begun
    return report


def _usable(models: Mapping[str, str], report: Enriched) -> dict[str, str]:
    """The models that are there."""
    for language, model in models.items():
        if model and not is_there(model):
            reason = (
                f"spacy_{language} names {model}, which is neither an installed package nor the folder of a pipeline"
            )
            hint = "install it or correct onestop.toml; names are found without it until then"
            report.problems.append(Problem("model-missing", reason, hint))
    return {language: model for language, model in models.items() if model and is_there(model)}


class _Step:
    """One run of the step."""

    def __init__(
        self,
        store: RecordStore,
        run: str,
        before: State,
        now: State,
        models: tuple[tuple[str, str], ...],
        report: Enriched,
    ) -> None:
        self._store, self._run, self._before, self._now = store, run, before, now
        self._models, self._report = models, report
        self._batches: dict[int, pa.Table] = {}
        self._numbers = count()

    def work(self, pool: Workers, progress: Progress) -> None:
        """Look at what has to be looked at, and write what differs, all in one commit with the row that says so."""
        known = KnownNames(self._store, self._before, self._now)
        with tempfile.TemporaryDirectory(prefix="onestop-names-") as folder, self._store.begin(self._run) as commit:
            file = Path(folder) / f"{self._run}.gazetteer".replace(":", "")
            self._report.names = known.save(file)
            tables = self._tables(known.change)
            for task, result in pool.ordered(self._tasks(tables, str(file), commit)):
                self._take(task, result, commit)
                progress("", "names", self._report.read, None)
            commit.add("enriched", self._now.with_sources(known.sources).row())
            commit.commit()

    def _tables(self, change: Change) -> Iterator[pa.Table]:
        """The newest rows of records that names have to be looked for in."""
        after = self._before.version if self._before.may_go_on(self._now) else -1
        again = self._before.toggled(self._now)
        if after >= 0 and not again and not change:
            yield from self._present(after)
            return
        for table in self._present(-1):
            is_new = pc.greater(table["version"], after)
            is_toggled = pc.is_in(table["source"], value_set=pa.array(sorted(again), pa.string()))
            mask = pc.or_(is_new, is_toggled)
            if change and after >= 0:
                mask = pc.or_(mask, pa.array([change.concerns(one) for one in table["record"].to_pylist()], pa.bool_()))
            yield table.filter(mask)

    def _present(self, after: int) -> Iterator[pa.Table]:
        for table in self._store.newest_groups("record", _COLUMNS, after=after):
            yield only(table, pc.not_equal(table["action"], "delete"))

    def _tasks(self, tables: Iterator[pa.Table], gazetteer: str, commit: Commit) -> Iterator[NamesTask]:
        off = pa.array(sorted(self._now.off), pa.string())
        for table in tables:
            is_off = pc.is_in(table["source"], value_set=off)
            self._strip(table.filter(is_off), commit)
            rest = only(table, pc.invert(is_off))
            if not rest.num_rows:
                continue
            batch = next(self._numbers)
            self._batches[batch] = rest
            for rows in _slices(rest):
                yield NamesTask(gazetteer, self._models, batch, rows)

    def _strip(self, table: pa.Table, commit: Commit) -> None:
        """Records of sources that are left alone lose what was found before."""
        bare = [(number, without_names(record)) for number, record in enumerate(table["record"].to_pylist())]
        self._write(table, [(number, record) for number, record in bare if record is not None], commit)

    def _take(self, task: NamesTask, result: Any, commit: Commit) -> None:
        for batch in [number for number in self._batches if number < task.batch]:
            del self._batches[batch]
        table = self._batches[task.batch]
        if result is None:
            self._report.read += len(task.rows)
        elif isinstance(result, Died):
            row = table.slice(task.rows[0][0], 1)
            self._report.lost.append((row["source"][0].as_py(), row["source_id"][0].as_py()))
        else:
            self._write(table, result, commit)

    def _write(self, table: pa.Table, changed: list[tuple[int, bytes]], commit: Commit) -> None:
        if not changed:
            return
        rows = table.take([number for number, _ in changed])
        columns: dict[str, Any] = {name: rows[name] for name in _KEPT}
        commit.add("record", {**columns, "record": [record for _, record in changed]})
        self._report.written += len(changed)


def _slices(table: pa.Table) -> Iterator[tuple[Row, ...]]:
    """The records of a table, about `TASK_BYTES` together."""
    part: list[Row] = []
    size = 0
    for row in zip(range(table.num_rows), table["source"].to_pylist(), table["record"].to_pylist(), strict=True):
        part.append(row)
        size += len(row[2])
        if size >= TASK_BYTES:
            yield tuple(part)
            part, size = [], 0
    if part:
        yield tuple(part)
