"""The step of the nightly run that puts released copies into the store, where the index finds them, and takes away what
has been withdrawn or is stale: a release belongs to one version of a record's pages.

A copy that is shown already, of pages that nobody touched since, is not made again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from msgspec import json

from mappings.decisions import Key
from mappings.deidentification import Release, ReleasedCopy
from pipelines.copies import copy_pages
from pipelines.deidentify.layer import DeidentifiedLayer, deidentified
from pipelines.record_store import KEYS, Commit, RecordStore
from pipelines.tables import newest

STEP: Final = "copies"


@dataclass(slots=True)
class Copied:
    """Copies that are shown since this run, that are shown no more, and releases of another text than there is now."""

    shown: int = 0
    ended: int = 0
    stale: int = 0


@dataclass(frozen=True, slots=True)
class _Known:
    """What the store has of a copy: the release last looked at, when that was, and whether it is shown."""

    release: str
    version: int
    is_shown: bool


def show_released(store: RecordStore, run: str, releases: Iterable[Release]) -> Copied:
    """Bring the store's copies in step with the releases that stand. Raises StoreUnusable."""
    standing = {release.key: release for release in releases}
    known = _known(store)
    touched = _touched(store, known)
    counts = Copied()
    with store.begin(run) as commit:
        for key, release in standing.items():
            before = known.get(key)
            if before is None or before.release != release.id or key in touched:
                _look(store, commit, release, before, counts)
            elif not before.is_shown:
                counts.stale += 1
        for key, before in known.items():
            if before.is_shown and key not in standing:
                _end(store, commit, key, before.release, counts)
        commit.commit()
    return counts


def _known(store: RecordStore) -> dict[Key, _Known]:
    """The newest row of every copy there ever was."""
    table = store.rows("released", ["version", "source", "source_id", "action", "checksum"])
    rows = table.take(newest(table, KEYS["released"])).to_pylist()
    return {
        (row["source"], row["source_id"]): _Known(row["checksum"], row["version"], row["action"] != "delete")
        for row in rows
    }


def _touched(store: RecordStore, known: Mapping[Key, _Known]) -> set[Key]:
    """Those of the records whose pages came, changed or went since their copy was looked at."""
    ids: dict[str, list[str]] = {}
    for source, source_id in known:
        ids.setdefault(source, []).append(source_id)
    found: set[Key] = set()
    for source, some in ids.items():
        after = min(known[source, one].version for one in some)
        rows = store.rows("page", ["version", "source_id"], after=after, source=source, source_ids=some).to_pylist()
        found |= {
            (source, row["source_id"]) for row in rows if row["version"] > known[source, row["source_id"]].version
        }
    return found


def _look(store: RecordStore, commit: Commit, release: Release, before: _Known | None, counts: Copied) -> None:
    """Make the copy of a release, if it is one of the pages there are."""
    record = store.records([release.key]).get(release.key)
    layer = deidentified(record, release) if record is not None else None
    if layer is None:
        counts.stale += 1
        _end(store, commit, release.key, release.id, counts, was_shown=before is not None and before.is_shown)
        return
    if before is not None and before.is_shown:
        _take_out(store, commit, release.key, beyond=len(layer.pages))
    _put(commit, release, layer)
    counts.shown += 1


def _put(commit: Commit, release: Release, layer: DeidentifiedLayer) -> None:
    source, source_id = release.key
    copy = ReleasedCopy(release.id, all(page.image is not None for page in layer.pages))
    commit.add("released", _columns([source_id], "index", [json.encode(copy).decode()], checksum=[release.id]), source)
    pages = [json.encode(page.kept()).decode() for page in layer.pages]
    numbers = list(range(1, len(pages) + 1))
    commit.add(
        "masked", _columns([source_id] * len(pages), "index", pages, page=numbers, copy=[0] * len(pages)), source
    )


def _end(store: RecordStore, commit: Commit, key: Key, release: str, counts: Copied, *, was_shown: bool = True) -> None:
    """The copy of this release is shown no more, or not at all."""
    commit.add("released", _columns([key[1]], "delete", [None], checksum=[release]), key[0])
    if was_shown:
        _take_out(store, commit, key)
        counts.ended += 1


def _take_out(store: RecordStore, commit: Commit, key: Key, beyond: int = 0) -> None:
    """The pages of a copy go, from one number on."""
    source, source_id = key
    total = copy_pages(store, source, [source_id]).totals.get(source_id, 0)
    numbers = list(range(beyond + 1, total + 1))
    commit.add("masked", _columns([source_id] * len(numbers), "delete", [None] * len(numbers), page=numbers), source)


def _columns(ids: list[str], action: str, records: list[str] | list[None], **more: list[Any]) -> dict[str, Any]:
    return {"source_id": ids, "action": [action] * len(ids), "record": records, **more}
