"""Which pages of a source are to be read: those with an image and no text of their own, not read since their item
changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Struct

from mappings.record import Page, decode_page
from pipelines.record_store import KEYS, RecordStore
from pipelines.tables import Newest, only

COLUMNS = ("version", "item", "source_id", "page", "copy", "action", "checksum", "signature", "token", "record")
"""Of a page row. `signature` is the engine it was read with, `token` the checksum of the image it was read from."""
_IMAGE, _TEXT = '"image":"', '"text":"'
"""What the JSON of a page with an image, of one with text holds: in a value, quotes have a backslash before them."""


class Wanted(Struct, frozen=True):
    """A page row, and whether its item has not changed since the row was written."""

    row: dict[str, Any]
    page: Page
    is_settled: bool

    @property
    def image(self) -> str:
        return self.page.image or ""

    @property
    def frame(self) -> int:
        return self.page.frame or 0


def is_touched(store: RecordStore, source: str, after: int) -> bool:
    """Has any item or page of the source a row after a version?"""
    groups = (store.row_groups(kind, ["version"], after=after, source=source) for kind in ("item", "page"))
    return any(table.num_rows for some in groups for table in some)


def changed_items(store: RecordStore, source: str, after: int) -> dict[str, int]:
    """Items with a new row since a version, and the version of it; those of which only a page has one (-1)."""
    found: dict[str, int] = {}
    for table in store.row_groups("page", ["item"], after=after, source=source):
        found.update(dict.fromkeys(table["item"].drop_null().unique().to_pylist(), -1))
    items = store.rows("item", ["item", "version"], after=after, source=source)
    return found | dict(zip(items["item"].to_pylist(), items["version"].to_pylist(), strict=True))


def wanted(store: RecordStore, source: str, changed: dict[str, int], is_all: bool) -> Iterator[Wanted]:
    """The pages in changed items (`is_all`: in every one there is), in the order in which they are stored. A row group
    of them is in memory.
    """
    if not changed:
        return
    for table in _newest(store, source, None if is_all else list(changed)):
        text = pc.match_substring(table["record"], _TEXT)
        mask = pc.and_(pc.not_equal(table["action"], "delete"), pc.match_substring(table["record"], _IMAGE))
        mask = pc.and_(mask, pc.or_(pc.invert(text), pc.is_valid(table["signature"])))
        for row in only(table, pc.fill_null(mask, False)).to_pylist():
            page = decode_page(row["record"])
            if page.image and (page.read_by or not page.text):
                yield Wanted(row, page, row["version"] > changed.get(row["item"], -1))


def _newest(store: RecordStore, source: str, items: list[str] | None) -> Iterator[pa.Table]:
    """The newest rows of the pages of some items (of all: None), deletions included.

    A record that moved to another item has changed both. Those of a deleted record are among them: the rows that say so
    name no item.
    """
    keys = ["version", *KEYS["page"]]
    parts = list(store.row_groups("page", keys, source=source, items=items))
    found = Newest(KEYS["page"], sum(part.num_rows for part in parts))
    for part in parts:
        found.add(part)
    is_newest, at = found.mask(), 0
    for table in store.row_groups("page", COLUMNS, source=source, items=items):
        yield only(table, pa.array(is_newest[at : at + table.num_rows]))
        at += table.num_rows
