"""The freshness ledger: for each source how many items it holds, how many of them the store has, how many resources the
index shows, as of when, and that what was deleted is not found any more.

Items and resources are counted apart, since a finding aid is one item and thousands of resources. Items are compared
between source and store, resources between store and index.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pyarrow.compute as pc

from pipelines.link import Links
from pipelines.publish import is_behind
from pipelines.record_store import RecordStore
from pipelines.steps import iso

CHECKED = 200
"""Deleted records of one source that are looked for in the index, the latest ones: a look-up costs a millisecond."""
FOUND_SHOWN = 20

Json = dict[str, Any]
Verdict = Literal["ok", "behind", "differs"]
REASONS: dict[str, tuple[Verdict, str]] = {
    "deleted-but-found": ("differs", "{found} of the last {checked} deleted records are still found in the index"),
    "not-read": ("behind", "it has not been read yet"),
    "held-back": ("behind", "the last run held it back: {reason}"),
    "all-failed": ("behind", "everything it gave failed in the last run; what was there before is kept"),
    "index-behind": ("behind", "the index lacks what the store has: run onestop sync"),
    "unfinished": ("behind", "the last run did not come to its end"),
    "index-differs": ("differs", "the store has {stored} resources, the index {shown}: run onestop reindex"),
    "store-differs": ("differs", "the source lists {listed} items, the store has {stored}"),
    "failed": ("ok", "{failed} records of it failed; onestop report --problems tells why"),
}
"""What can be said of a source, the worst first, and the verdict that goes with it."""


@dataclass(slots=True)
class Stored:
    """What the store holds of one source. `resources` are those at least one of its records belongs to."""

    title: str = ""
    items: int = 0
    records: int = 0
    resources: int = 0
    deleted: int = 0
    last_deleted: deque[tuple[str, str | None]] = field(default_factory=lambda: deque(maxlen=CHECKED))


def ledger(
    store: RecordStore,
    runs: Iterable[Json],
    *,
    titles: Mapping[str, str],
    shown: int | None,
    count: Callable[[str], int],
    holds: Callable[[str, str], bool],
) -> list[Json]:
    """A row for each source that is configured or stored, by name.

    `runs` are those of `pipelines.runs.runs`, `titles` those of the configured sources, `shown` the version the index
    shows. `count` says how many resources of a source the index has for staff, `holds` whether it has a record (source,
    source_id).
    """
    stored = _stored(store)
    told = _told(runs)
    behind = is_behind(shown, store)
    rows = []
    for name in sorted({*stored, *titles}):
        known = stored.get(name, Stored())
        row = _row(name, titles.get(name) or known.title or name, known, told.get(name, {}), count(name))
        row["deletes"] = _proof(name, known, holds)
        row["removed"] = name not in titles and not known.items and not row["in_index"]
        rows.append(row | _judged(row, told.get(name, {}), behind))
    return rows


def as_of(runs: Iterable[Json]) -> dict[str, str]:
    """By source, the end of the last run (newest first) that finished it with nothing held back."""
    return {name: told["as_of"] for name, told in _told(runs).items() if told.get("as_of")}


def _row(name: str, title: str, known: Stored, told: Json, in_index: int) -> Json:
    counted: Json = told.get("counted") or {}
    return {
        "source": name,
        "title": title,
        "at_source": counted.get("source_count"),
        "counted": counted.get("counted"),
        "items_in_store": known.items,
        "records_in_store": known.records,
        "resources_in_store": known.resources,
        "in_index": in_index,
        "as_of": told.get("as_of"),
        "reconciled": told.get("reconciled"),
        "failed": told.get("last", {}).get("failed", 0),
    }


def _proof(name: str, known: Stored, holds: Callable[[str, str], bool]) -> Json:
    """How many records are deleted, how many of the latest were looked for, and those that were found all the same."""
    found = [key for key, _ in known.last_deleted if holds(name, key)]
    last = known.last_deleted[-1][1] if known.last_deleted else None
    return {
        "deleted": known.deleted,
        "checked": len(known.last_deleted),
        "found": len(found),
        "examples": found[:FOUND_SHOWN],
        "last": last,
    }


def _judged(row: Json, told: Json, behind: bool) -> Json:
    """The verdict on a row: `state`, `why` (a key of `REASONS`, None when all is well), `values`, and the `reason`."""
    for why, values in _findings(row, told, behind):
        verdict, text = REASONS[why]
        said = {name: f"{value:,}" if isinstance(value, int) else value for name, value in values.items()}
        return {"state": verdict, "why": why, "values": values, "reason": text.format(**said)}
    return {"state": "ok", "why": None, "values": {}, "reason": ""}


def _findings(row: Json, told: Json, behind: bool) -> Iterator[tuple[str, Json]]:
    """Everything that can be said of a source, in the order of `REASONS`."""
    proof = row["deletes"]
    if proof["found"]:
        yield "deleted-but-found", {"found": proof["found"], "checked": proof["checked"]}
    if not row["removed"]:
        yield from _of_the_runs(row, told, behind)
        yield from _of_the_counts(row, told.get("last", {}))


def _of_the_runs(row: Json, told: Json, behind: bool) -> Iterator[tuple[str, Json]]:
    last: Json = told.get("last", {})
    if not last and not row["items_in_store"]:
        yield "not-read", {}
    if last.get("held_back"):
        yield "held-back", {"reason": last.get("reason") or "onestop report tells why"}
    if last.get("failed") and not (last["indexed"] or last["unchanged"]):
        yield "all-failed", {}
    if behind:
        yield "index-behind", {}
    if told.get("unfinished"):
        yield "unfinished", {}


def _of_the_counts(row: Json, last: Json) -> Iterator[tuple[str, Json]]:
    if row["in_index"] != row["resources_in_store"]:
        yield "index-differs", {"stored": row["resources_in_store"], "shown": row["in_index"]}
    if last.get("source_count") is not None and last["source_count"] != row["items_in_store"]:
        yield "store-differs", {"listed": last["source_count"], "stored": row["items_in_store"]}
    if row["failed"]:
        yield "failed", {"failed": row["failed"]}


def _told(runs: Iterable[Json]) -> dict[str, Json]:
    """What the runs (newest first) tell of each source: its `last` summary, the last one that `counted` it, since when
    it is `as_of`, when it was `reconciled`, and whether a run that was to read it is `unfinished`.
    """
    found: dict[str, Json] = {}
    for run in runs:
        if run.get("replay"):
            continue
        for name in run.get("planned", ()):
            found.setdefault(name, {"unfinished": run["state"] in ("failed", "stopped", "interrupted")})
        for source in run["sources"]:
            _add(found.setdefault(source["source"], {}), source, run["state"])
    return found


def _add(told: Json, source: Json, state: str) -> None:
    told.setdefault("unfinished", state != "done")
    told.setdefault("last", source)
    if source["source_count"] is not None:
        told.setdefault("counted", source)
    if source["reconciled"]:
        told.setdefault("reconciled", source["counted"])
    if not source["held_back"] and state == "done":
        told.setdefault("as_of", source["ended"])


def _stored(store: RecordStore) -> dict[str, Stored]:
    """What the store holds, by source, in one pass over the keys of its records."""
    found: dict[str, Stored] = {}
    rows = store.current("source", ["source", "record"])
    for name in rows["source"].to_pylist():
        found[name] = Stored()
    for name, number in _counted(store.current("item", ["source"])["source"]).items():
        found.setdefault(name, Stored()).items = number
    for table in store.newest_groups("record", ["source", "source_id", "action", "at"]):
        gone = pc.equal(table["action"], "delete")
        for name, number in _counted(table.filter(pc.invert(gone))["source"]).items():
            found.setdefault(name, Stored()).records += number
        for row in table.filter(gone).to_pylist():
            stored = found.setdefault(row["source"], Stored())
            stored.deleted += 1
            stored.last_deleted.append((row["source_id"], iso(row["at"])))
    _count_resources(store, found)
    return found


def _count_resources(store: RecordStore, found: dict[str, Stored]) -> None:
    """A record without a link row is a resource by itself; of the others those that are one are counted once."""
    joined: dict[str, set[str]] = {}
    records: Counter[str] = Counter()
    for (name, _), assigned in Links.read(store).assigned.items():
        joined.setdefault(name, set()).add(assigned.resource)
        records[name] += 1
    for name, stored in found.items():
        stored.resources = stored.records - records[name] + len(joined.get(name, ()))


def _counted(column: Any) -> Counter[str]:
    return Counter({one["values"]: one["counts"] for one in pc.value_counts(column).to_pylist()})
