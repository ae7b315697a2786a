"""What is to be deleted in a source, and the brake: a run that would delete more than a share of the source stops
before it.

Deletions wait until everything is listed. The row of an item that lost records waits with them: killed before that, the
item is read again and the same deletions are found.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from mappings.record import Problem
from pipelines.known import Known
from pipelines.record_store import Commit, RowKind
from pipelines.report import Why
from pipelines.taken import Taken
from pipelines.tasks import Ended, Mapped

BRAKE_SHARE, BRAKE_RECORDS = 0.05, 20
"""More than this share of a source's records, and more than so many: nothing is deleted unless that is said to be
right.
"""


class Deletions:
    """Collected over a run, written at its end."""

    def __init__(self, source: str, known: Known, allowed: bool) -> None:
        self._source, self._known, self._allowed = source, known, allowed
        self._missing: dict[str, set[str]] = {}
        self._pending: dict[str, str] = {}
        self.waiting: dict[str, Ended] = {}
        self.kept: dict[str, int] = {}
        self._gone_items: list[str] = []
        self._why: Mapping[str, Why] = {}

    def __len__(self) -> int:
        """Records that are to be deleted."""
        return len(self._pending)

    def expect(self, stored: pa.Table) -> None:
        """These records are there now; those of them not seen before their item ends are gone from it."""
        for source_id, item in zip(stored["source_id"].to_pylist(), stored["item"].to_pylist(), strict=True):
            self._missing.setdefault(item, set()).add(source_id)

    def see(self, mapped: Mapped) -> None:
        """These records are still there."""
        if not self._missing and not self._pending:
            return
        for item, source_id in zip(mapped.records.item, mapped.records.source_id, strict=True):
            self._pending.pop(source_id, None)
            if item in self._missing:
                self._missing[item].discard(source_id)

    def end(self, ended: Ended, taken: Taken) -> Problem | None:
        """What the item has lost is to be deleted, except ids another item has `taken` over; or kept, with the problem
        that says so, when the item was not read to its end.
        """
        failed = {source_id for action, source_id, _ in ended.problems if action == "error" and source_id}
        lost = self._missing.pop(ended.item, set()) - failed
        elsewhere = taken.among(lost)
        missing = {source_id for source_id in lost if elsewhere.get(source_id, ended.item) == ended.item}
        if not missing:
            return None
        if ended.lost and not (self._allowed and ended.checksum):
            self.kept[ended.item] = len(missing)
            reason = f"{len(missing)} records of earlier runs were not found in this damaged item; they are kept"
            return Problem("records-kept", reason, "repair the item; if they are gone, sync with --allow-deletes")
        self._pending.update(dict.fromkeys(missing, ended.item))
        self.waiting[ended.item] = ended
        return None

    def is_pending(self, source_id: str) -> bool:
        """Is this record about to be deleted?"""
        return source_id in self._pending

    def gone(self, items: Mapping[str, Why], taken: Taken) -> None:
        """Items that are not there any more, and how that is known: their records go, except ids another item has
        `taken` over.
        """
        gone = sorted(items)
        self._why = items
        stored = self._known.records(gone)
        ids = stored["source_id"].to_pylist()
        elsewhere = taken.among(ids)
        for source_id, item in zip(ids, stored["item"].to_pylist(), strict=True):
            if elsewhere.get(source_id, item) == item:
                self._pending[source_id] = item
        self._gone_items = gone

    def proof(self) -> dict[Why, list[str]]:
        """The records that are to be deleted, by how that is known."""
        found: dict[Why, list[str]] = {}
        for source_id, item in sorted(self._pending.items()):
            found.setdefault(self._why.get(item, "lost from item"), []).append(source_id)
        return found

    def held_back(self) -> str | None:
        """Why nothing may be deleted, or None when it may."""
        total, number = self._known.records_total, len(self._pending)
        if self._allowed or number <= BRAKE_RECORDS or number <= total * BRAKE_SHARE:
            return None
        return f"{number} of {total} records would be deleted; nothing was deleted"

    def write(self, commit: Commit) -> None:
        """Rows that say the records, their pages and the items are gone."""
        ids = sorted(self._pending)
        self._add(commit, "record", {"source_id": ids, "item": [self._pending[source_id] for source_id in ids]})
        items = sorted({*self._pending.values(), *self._gone_items})
        pages = sorted(key for key in self._known.pages(items) if key[0] in self._pending)
        self._add(commit, "page", {"source_id": [key[0] for key in pages], "page": [key[1] for key in pages]})
        none = [0] * len(self._gone_items)
        counts = {"records": none, "skipped": none, "failed": none, "pages": none}
        self._add(commit, "item", {"item": self._gone_items, **counts})
        self._add(commit, "payload", {"item": [item for item in self._gone_items if self._known.has_payload(item)]})

    def _add(self, commit: Commit, kind: RowKind, columns: dict[str, list[Any]]) -> None:
        count = len(next(iter(columns.values())))
        commit.add(kind, columns | {"action": ["delete"] * count}, self._source)
