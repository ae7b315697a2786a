"""One run over a folder, to be killed: `python -m tests.kill.program FOLDER`. Says ``begun`` before it starts."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from indexer.engines.tantivy_engine import TantivyEngine
from pipelines.lock import STORE, FileLocks, sources_locked
from pipelines.nightly import sync
from pipelines.record_store import RecordStore
from pipelines.report import RunReport
from pipelines.runs import recorded
from pipelines.source import SourceSpec
from pipelines.workers import Workers

COMMIT_BYTES = 6_000
"""Small, so that a run makes several commits and can be killed between any two."""


def specs(folder: Path) -> list[SourceSpec]:
    """The sources of a trial: finding aids, rows about them, a volume's pages, and what lies far away."""
    columns: dict[str, str | list[str]] = {"id": "id", "reference_code": "code", "title": "title"}
    rows = {"columns": columns, "fixed": {"kind": "thematic"}}
    return [
        SourceSpec("aids", "Aids", "folder", "ead", "East", settings={"path": "aids"}, base=folder),
        SourceSpec("scans", "Scans", "folder", "alto", "East", settings={"path": "scans"}, base=folder),
        SourceSpec("rows", "Rows", "folder", "table", "East", settings={"path": "rows"}, base=folder, **rows),  # type: ignore[arg-type]
        *_far(folder),
    ]


def _far(folder: Path) -> list[SourceSpec]:
    """The sources of `tests.kill.far`, when it has written where they are."""
    if not (folder / "places.json").exists():
        return []
    places = json.loads((folder / "places.json").read_text(encoding="utf-8"))
    return [
        SourceSpec(name, name.title(), connector, mapping, "West", settings=settings, base=folder, **more)
        for name, (connector, mapping, settings, more) in places.items()
    ]


def run(folder: Path, workers: Workers | None = None) -> RunReport:
    """A sync as the command line does it, deletions allowed."""
    locks, sources = FileLocks(folder), specs(folder)
    with sources_locked(locks, [spec.name for spec in sources]):
        store = RecordStore(folder / "records", lock=lambda: locks.wait(STORE))
        engine = TantivyEngine(folder / "index")
        options = {"allow_deletes": True, "commit_bytes": COMMIT_BYTES}
        with recorded(store, RunReport()) as report:
            return sync(sources, store, engine, workers=workers, locks=locks, report=report, **options)  # type: ignore[arg-type]


if __name__ == "__main__":
    sys.stdout.write("begun\n")
    sys.stdout.flush()
    run(Path(sys.argv[1]))
