"""The step of the nightly run that finds personal data in descriptions, values, staff notes and page texts.

What is found becomes rows of kind `finding`, one a record and one a page that has any: spans, never the text itself.
They are never indexed and never logged. Only what changed since the step was last done with a source is looked at, and
only rows that differ are written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.intake import Progress
from pipelines.personal.find import VERSION, Described, Finding, in_page, in_record
from pipelines.record_store import KEYS, Commit, RecordStore, RowKind
from pipelines.source import SourceSpec
from pipelines.tables import newest

STEP: Final = "personal"
_COLUMNS: Final = ("source", "item", "source_id", "action", "checksum", "record")
_KINDS: Final[tuple[RowKind, ...]] = ("record", "page")
_encode = msgspec.json.Encoder().encode
_record = msgspec.json.Decoder(Described).decode
_findings = msgspec.json.Decoder(list[Finding]).decode


class _Text(msgspec.Struct, frozen=True):
    """What is looked at of a page."""

    text: str = ""


_page = msgspec.json.Decoder(_Text).decode
Place = tuple[str, int | None]
"""source_id, and the number of a page or None."""


@dataclass(slots=True)
class SourceFindings:
    """What there is to find in a source now: `spans` by kind, in how many records and pages (`places`). `looked_at` are
    the records and pages of this night.
    """

    source: str
    looked_at: int = 0
    places: int = 0
    spans: dict[str, int] = field(default_factory=dict)


def find_personal(
    store: RecordStore, run: str, specs: Iterable[SourceSpec], progress: Progress | None = None
) -> list[SourceFindings]:
    """Look at what is new in the sources that are to be enriched, forget what is gone; one entry for each source.
    Raises StoreUnusable.
    """
    told = progress or (lambda *_: None)
    found = [_Source(store, run, spec.name, told).find() for spec in specs if spec.enrich]
    _forget_sources(store, run)
    return found


class _Source:
    """One source on its way through the step."""

    def __init__(self, store: RecordStore, run: str, name: str, progress: Progress) -> None:
        self._store, self._run, self._name, self._progress = store, run, name, progress
        self._counts = SourceFindings(name)

    def find(self) -> SourceFindings:
        """Look at what changed; what is there in all is counted."""
        after = self._done()
        if any(_any_row(self._store, kind, self._name, after) for kind in _KINDS):
            with self._store.begin(self._run) as commit:
                for kind in _KINDS:
                    self._look_at(kind, after, commit)
                mark = {"source_id": [STEP], "action": ["index"], "signature": [VERSION]}
                commit.add("enriched", mark, self._name)
                commit.commit()
        self._count()
        return self._counts

    def _done(self) -> int:
        """The version up to which these rules have looked at the source, -1 for never."""
        rows = self._store.rows("enriched", ["version", "source_id", "signature"], source=self._name).to_pylist()
        return max(
            (row["version"] for row in rows if (row["source_id"], row["signature"]) == (STEP, VERSION)), default=-1
        )

    def _look_at(self, kind: RowKind, after: int, commit: Commit) -> None:
        """The newest rows of a kind, a row group at a time."""
        columns = [*_COLUMNS, "page"] if kind == "page" else list(_COLUMNS)
        for table in self._store.newest_groups(kind, columns, after=after, source=self._name):
            rows = table.to_pylist()
            found = {_place(row): row | {"record": _spans(kind, row)} for row in rows}
            self._write(found, self._kept(table["source_id"], kind), commit)
            self._counts.looked_at += len(rows)
            self._progress(self._name, STEP, self._counts.looked_at, None)

    def _kept(self, ids: pa.ChunkedArray, kind: RowKind) -> dict[Place, str | None]:
        """The findings that stand in the store for these records, or for their pages: JSON by place."""
        names = ["version", *KEYS["finding"], "action", "record"]
        table = self._store.rows("finding", names, source=self._name, source_ids=set(ids.to_pylist()))
        table = table.take(newest(table, KEYS["finding"]))
        rows = table.filter(pc.is_valid(table["page"]) if kind == "page" else pc.is_null(table["page"])).to_pylist()
        return {_place(row): row["record"] for row in rows if row["action"] != "delete"}

    def _write(self, found: dict[Place, dict[str, Any]], kept: dict[Place, str | None], commit: Commit) -> None:
        """What differs from what stands in the store."""
        new = [row for place, row in found.items() if row["record"] and row["record"] != kept.get(place)]
        gone = [row | {"action": "delete"} for place, row in found.items() if not row["record"] and place in kept]
        names = ("item", "source_id", "action", "checksum", "record")
        columns = {name: [row[name] for row in (*new, *gone)] for name in names}
        columns["page"] = [row.get("page") for row in (*new, *gone)]
        columns["signature"] = [VERSION] * len(columns["page"])
        commit.add("finding", columns, self._name)

    def _count(self) -> None:
        spans: Counter[str] = Counter()
        for table in self._store.newest_groups("finding", ["action", "record"], source=self._name):
            for action, record in zip(table["action"].to_pylist(), table["record"].to_pylist(), strict=True):
                if action != "delete":
                    self._counts.places += 1
                    spans.update(one.kind for one in _findings(record))
        self._counts.spans = dict(sorted(spans.items()))


def _place(row: dict[str, Any]) -> Place:
    return row["source_id"], row.get("page")


def _spans(kind: RowKind, row: dict[str, Any]) -> str | None:
    """JSON of what is found in a row, None when it is nothing; nothing is kept of what is deleted."""
    if row["action"] == "delete" or row["record"] is None:
        return None
    found = in_page(_page(row["record"]).text) if kind == "page" else in_record(_record(row["record"]))
    return _encode(found).decode() if found else None


def _any_row(store: RecordStore, kind: RowKind, source: str, after: int) -> bool:
    return any(table.num_rows for table in store.row_groups(kind, ["version"], after=after, source=source))


def _forget_sources(store: RecordStore, run: str) -> None:
    """Findings in sources that are gone are gone, too."""
    with_findings = {name for table in store.row_groups("finding", ["source"]) for name in _names(table)}
    gone = with_findings - set(_names(store.current("source", ["source"]))) if with_findings else set()
    for name in sorted(gone):
        with store.begin(run) as commit:
            for table in store.newest_groups("finding", ["action", *KEYS["finding"]], source=name):
                here = table.filter(pc.not_equal(table["action"], "delete"))
                columns = {"source_id": here["source_id"], "page": here["page"], "action": ["delete"] * here.num_rows}
                commit.add("finding", columns, name)
            commit.commit()


def _names(table: pa.Table) -> Iterator[str]:
    yield from table["source"].unique().to_pylist()
