"""Copies made to order in the store: which record each is a copy of, that they belong together, and who may read them.

A copy is a record of the source `mappings.made.SOURCE`. It states nothing of its own that could let anybody in: it has
a row of kind `access` that says what holds for the record it is a copy of, decided in one commit with that, so that no
state of the store lets somebody read the copy who may not read the pages of the record.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec
import pyarrow.compute as pc
from msgspec import Struct, structs

from mappings import made
from mappings.access import Access, Level, effective, is_explicit
from mappings.decisions import Decision, Key, ordered
from pipelines.decided import DecidedAccess, Said
from pipelines.record_store import KEYS, RecordStore
from pipelines.tables import newest

UNKNOWN: Final = Access("internal", reason="the record this is a copy of is not there any more")
"""What holds for a copy of a record that there is no more."""
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Access).decode


class _Stated(Struct, frozen=True):
    """What is read of a record's JSON: who may read it, and what it is a copy of."""

    source_id: str
    access: Access | None = None
    copy_of: Key | None = None


_stated_in = msgspec.json.Decoder(_Stated).decode


def copied(store: RecordStore) -> Iterator[tuple[Key, str, Key]]:
    """Each copy: its key, its item, and the key of the record it is a copy of."""
    rows = store.current("record", ["source_id", "item", "record"], source=made.SOURCE).to_pylist()
    for row in rows:
        found = _stated_in(row["record"])
        if found.copy_of is not None:
            yield (made.SOURCE, found.source_id), row["item"], found.copy_of


def ties(store: RecordStore) -> list[Decision]:
    """That a copy and its record are one thing, for the link step; before what staff decided, which counts more."""
    return [Decision(*ordered(copy, of), "same") for copy, _, of in copied(store)]


def access_rows(
    store: RecordStore,
    there: Sequence[tuple[Key, str, Key]],
    held: DecidedAccess,
    decided: Mapping[Key, Access],
    defaults: Mapping[str, Level | None],
    said_of: tuple[str, ...],
) -> Iterator[dict[str, Any]]:
    """Rows of kind `access`, with the columns `said_of`, of those copies for which something else holds than `held`.

    `there` are all copies (`copied`), `decided` is what this step has just decided, which no row says yet; `defaults`
    are those of the sources.
    """
    stated = _stated(store, {of for _, _, of in there} - decided.keys())
    for (key, item, of), said in zip(there, held.of(key for key, _, _ in there), strict=True):
        now = _encode(_access(of, stated, held, decided, defaults)).decode()
        if said is None or said[0] != now:
            rest: Said = (now, *(None for _ in said_of[1:]))
            columns = dict(zip(said_of, rest, strict=True))
            yield {"source": key[0], "item": item, "source_id": key[1], "action": "index", **columns}


def _access(
    of: Key,
    stated: Mapping[Key, _Stated],
    held: DecidedAccess,
    decided: Mapping[Key, Access],
    defaults: Mapping[str, Level | None],
) -> Access:
    """What holds for a copy of this record now: as a default and not as a statement, so that the strictest that any
    joined record states holds for it (`indexer.resource.content_access`), and never less than what holds for its own.
    """
    if of in decided:
        found = decided[of]
    elif of not in stated:
        return UNKNOWN
    else:
        [text] = held.texts([of])
        found = effective(stated[of].access, defaults.get(of[0])) if text is None else _decode(text)
    return structs.replace(found, stated_by="source") if is_explicit(found) and found.stated_by != "policy" else found


def _stated(store: RecordStore, keys: set[Key]) -> dict[Key, _Stated]:
    """Those of some records that are there."""
    by_source: dict[str, list[str]] = {}
    for source, source_id in keys:
        by_source.setdefault(source, []).append(source_id)
    found: dict[Key, _Stated] = {}
    for source, ids in by_source.items():
        columns = ["version", "source", "source_id", "action", "record"]
        table = store.rows("record", columns, source=source, source_ids=ids)
        table = table.take(newest(table, KEYS["record"]))
        for row in table.filter(pc.not_equal(table["action"], "delete")).to_pylist():
            found[source, row["source_id"]] = _stated_in(row["record"])
    return found
