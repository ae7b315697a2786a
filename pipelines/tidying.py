"""Housekeeping of the record store at the end of a night: many small files become one, what nothing refers to any more
is dropped.

Nobody who reads notices: a file that was put together stays for a week, longer than any reader keeps a list of files.
So do files of a run that was killed, since they might belong to one that is under way elsewhere.
"""

from __future__ import annotations

import time
from typing import Any

import pyarrow.compute as pc
from deltalake import DeltaTable
from deltalake.transaction import AddAction, RemoveAction

from pipelines.errors import Overtaken
from pipelines.record_store import ONCE, QUIET, SCHEMA, File, RecordStore, RowKind

SMALL_BYTES = 32 << 20
"""Files below this are put together; what has grown to it is left alone, so that a night never writes much more."""
SMALL_FILES = 16
"""So many small files of one kind make it worth while: each costs a reader about a millisecond."""
RETENTION_HOURS = 7 * 24


def tidy(store: RecordStore) -> None:
    """Put small files together, drop what is older than `RETENTION_HOURS` and belongs to no commit."""
    with store.writing():
        _tidy(store)


def _tidy(store: RecordStore) -> None:
    table = store.delta()
    if table is None:
        return
    actions: list[AddAction | RemoveAction] = []
    for kind, files in crowded(store).items():
        actions += _put_together(store, kind, files)
    if actions:
        try:
            store.publish(actions, store.version + 1)
        except Overtaken:
            return  # the next night tidies; what was written for nothing goes with it
        with store.told("cannot be tidied"):
            table.cleanup_metadata()  # commits older than thirty days that a checkpoint has summed up
    with store.told("cannot be tidied"):
        _sweep(store, table)


def crowded(store: RecordStore) -> dict[RowKind, list[dict[str, Any]]]:
    """The small files of each kind that has too many of them, oldest first."""
    files = store.files()
    small = files.filter(pc.less(files["size_bytes"], SMALL_BYTES)).to_pylist()
    small.sort(key=lambda file: (file["min.version"], file["path"]))
    found: dict[RowKind, list[dict[str, Any]]] = {}
    for file in small:
        found.setdefault(file["partition.kind"], []).append(file)
    return {kind: of_kind for kind, of_kind in found.items() if len(of_kind) >= SMALL_FILES}


def _put_together(store: RecordStore, kind: RowKind, files: list[dict[str, Any]]) -> list[AddAction | RemoveAction]:
    """One file with the rows of several, in the order of their versions, and what the log has to say of it."""
    whole = File(store, kind, store.version + 1)
    try:
        for file in files:
            for rows in store.rows_of(file["path"], SCHEMA.names):
                whole.write(rows.select(SCHEMA.names).cast(SCHEMA))
        added = whole.finish(data_change=False)
    except BaseException:
        whole.discard()
        raise
    now = int(time.time() * 1000)
    gone = [RemoveAction(file["path"], False, now, file["size_bytes"], {"kind": kind}) for file in files]
    return [added, *gone]


def _sweep(store: RecordStore, table: DeltaTable) -> None:
    """Drop files, only when there are some: dropping is a commit itself."""
    if table.vacuum(RETENTION_HOURS, dry_run=True, full=True):
        table.vacuum(
            RETENTION_HOURS, dry_run=False, full=True, commit_properties=ONCE, post_commithook_properties=QUIET
        )
        store.refresh()
