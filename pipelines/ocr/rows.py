"""What the step writes: pages with their text, the rows of their records as they were - so that the index sees them -,
readings, problems, and how far it has come with a source.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
import pyarrow.compute as pc
from msgspec import Struct

from mappings.record import Problem
from pipelines.ocr.kept import Kept
from pipelines.record_store import KEYS, SCHEMA, RecordStore
from pipelines.tables import newest

STEP: Final = "ocr"
TOLD: Final = 100
"""Problems that are told again every night until they are gone."""
_STAMPED = ("version", "run", "at", "source")
Told = tuple[str, Problem]
"""(item, problem); no item for what is wrong with a source."""


class Mark(Struct, frozen=True):
    """How far the step has come with a source: the version up to which its pages are done (-1: none), whether it was
    stopped on its way further, and what is wrong with them.
    """

    version: int = -1
    is_unfinished: bool = False
    problems: tuple[Told, ...] = ()


def read_mark(store: RecordStore, source: str, signature: str) -> Mark:
    """The last one of a source made with the same engines; pages of other engines have to be looked at again."""
    columns = ("version", "source_id", "signature", "since", "problems")
    for row in reversed(store.rows("enriched", columns, source=source).to_pylist()):
        if row["source_id"] == STEP:
            if row["signature"] != signature:
                return Mark()
            told = msgspec.json.decode(row["problems"] or "[]", type=tuple[Told, ...])
            return Mark(row["version"] if row["since"] is None else row["since"], row["since"] is not None, told)
    return Mark()


class Rows:
    """Rows of one source that wait for a commit."""

    def __init__(self, store: RecordStore, run: str, source: str, signature: str, after: int) -> None:
        self._store, self._run, self._source = store, run, source
        self._signature, self._after = signature, after
        self._pages: list[dict[str, Any]] = []
        self._problems: list[dict[str, Any]] = []
        self._records: set[str] = set()

    @property
    def count(self) -> int:
        """Pages that wait."""
        return len(self._pages)

    def page(self, row: dict[str, Any], record: str, signature: str, token: str) -> None:
        """A page as it is now, by which engine and from which image."""
        if record != row["record"]:
            self._records.add(row["source_id"])
        self._pages.append({**row, "record": record, "signature": signature, "token": token})

    def problem(self, row: dict[str, Any], problem: Problem) -> None:
        """Why a page could not be read."""
        written = msgspec.json.encode([problem]).decode()
        keys = {name: row[name] for name in ("item", "source_id", "page")}
        self._problems.append({**keys, "action": "error", "problems": written})

    def commit(self, kept: Kept, told: list[Told], is_done: bool) -> None:
        """Write all of it, with how far that goes. Raises StoreUnusable."""
        with self._store.begin(self._run) as commit:
            commit.add("page", _columns(self._pages), self._source)
            commit.add("record", self._record_columns(), self._source)
            commit.add("problem", _columns(self._problems), self._source)
            kept.write(commit)
            mark = {
                "source_id": [STEP],
                "action": ["index"],
                "signature": [self._signature],
                "since": [None if is_done else self._after],
                "problems": [msgspec.json.encode(told[:TOLD]).decode()],
            }
            commit.add("enriched", mark, self._source)
            commit.commit()
        kept.committed()
        self._pages, self._problems, self._records = [], [], set()

    def _record_columns(self) -> dict[str, Any]:
        """The rows of records whose pages have another text now, as they are."""
        names = [name for name in SCHEMA.names if name not in _STAMPED]
        if not self._records:
            return {"source_id": []}
        ids = sorted(self._records)
        table = self._store.rows("record", ["version", "source", *names], source=self._source, source_ids=ids)
        table = table.take(newest(table, KEYS["record"]))
        table = table.filter(pc.not_equal(table["action"], "delete"))
        return {name: table[name] for name in names}


def _columns(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    if not rows:
        return {"source_id": []}
    return {name: [row[name] for row in rows] for name in rows[0] if name not in _STAMPED}
