"""Who keeps an id that two items of a source give.

The item that has it keeps it; of two new ones the first in the listing. The other is put off until everything is listed - a file that
was only renamed takes the ids of its old name over - and then gets the next free id (``~2``), with the reason on its record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields
from typing import Any

import msgspec
from msgspec.structs import replace

from mappings.record import Record, checksum, decode_record, encode
from pipelines.tasks import Columns, Mapped, PageColumns, free_id, renamed

Holders = Callable[[Iterable[str]], dict[str, str]]
"""Which item holds each of some ids; ids nobody holds are left out."""


class Claims:
    """The ids given in one run. Only ids that do not begin with their item's key can meet, so only those are kept."""

    def __init__(self, stored: Holders) -> None:
        self._stored = stored
        self._taken: dict[str, str] = {}
        self.put_off: set[str] = set()

    @property
    def taken(self) -> dict[str, str]:
        """The item that took each id in this run."""
        return self._taken

    def settle(self, mapped: Mapped) -> None:
        """Leave out the rows of items that have to wait, and note the ids of the others."""
        if not mapped.foreign and not self.put_off:
            return
        ids = _by_item(mapped)
        held = self._holders([source_id for item in mapped.foreign for source_id in ids.get(item, ())])
        for item, given in ids.items():
            if any(held.get(source_id, item) != item for source_id in given):
                self.put_off.add(item)
            elif item in mapped.foreign:
                held |= dict.fromkeys(given, item)
                self._taken |= dict.fromkeys(given, item)
        _drop(mapped, self.put_off)

    def assign(self, mapped: Mapped) -> None:
        """Give records whose id another item holds the next free one."""
        held = self._holders(mapped.records.source_id)
        for at, (source_id, item) in enumerate(list(zip(mapped.records.source_id, mapped.records.item, strict=True))):
            if held.setdefault(source_id, item) != item:
                free = free_id(source_id, self._is_taken(item))
                _rename(mapped, at, free)
            self._taken[mapped.records.source_id[at]] = item

    def _is_taken(self, item: str) -> Callable[[str], bool]:
        return lambda source_id: self._holders([source_id]).get(source_id, item) != item

    def _holders(self, source_ids: list[str]) -> dict[str, str]:
        """The holder in this run, else in the store."""
        here = {source_id: self._taken[source_id] for source_id in source_ids if source_id in self._taken}
        return self._stored(source_ids) | here if len(here) < len(source_ids) else here


def _by_item(mapped: Mapped) -> dict[str, list[str]]:
    """The ids of each item, items in their order."""
    found: dict[str, list[str]] = {}
    for source_id, item in zip(mapped.records.source_id, mapped.records.item, strict=True):
        found.setdefault(item, []).append(source_id)
    return found


def _drop(mapped: Mapped, items: set[str]) -> None:
    """Take the rows of these items out of a message."""
    if not items:
        return
    for rows in (mapped.records, mapped.pages):
        keep = [at for at, item in enumerate(rows.item) if item not in items]
        if len(keep) < len(rows.item):
            for column in fields(rows):
                setattr(rows, column.name, [getattr(rows, column.name)[at] for at in keep])
    mapped.ended = [ended for ended in mapped.ended if ended.item not in items]
    mapped.foreign -= items


def _rename(mapped: Mapped, at: int, source_id: str) -> None:
    """Give one record another id: on its row, its pages, and as an ancestor of others of its item."""
    rows, pages = mapped.records, mapped.pages
    item, old = rows.item[at], rows.source_id[at]
    for page, owner in enumerate(pages.source_id):
        if owner == old and pages.item[page] == item:
            pages.source_id[page] = source_id
    rows.source_id[at] = source_id
    record = renamed(decode_record(rows.record[at]), source_id)
    rows.problems[at] = msgspec.json.encode(record.problems)
    _replace(rows, at, record, pages)
    for other, nested in enumerate(rows.nested):
        if nested and rows.item[other] == item:
            _rename_ancestor(rows, other, old, source_id, pages)


def _rename_ancestor(rows: Columns, at: int, old: str, new: str, pages: PageColumns) -> None:
    record = decode_record(rows.record[at])
    if any(ancestor.source_id == old for ancestor in record.ancestors):
        line = (replace(one, source_id=new) if one.source_id == old else one for one in record.ancestors)
        _replace(rows, at, replace(record, ancestors=tuple(line)), pages)


def _replace(rows: Columns, at: int, record: Record, pages: PageColumns) -> None:
    """Another record in a row, its checksum made as `pipelines.tasks` makes it."""
    own: list[Any] = [
        pages.checksum[page].encode()
        for page, owner in enumerate(pages.source_id)
        if owner == record.source_id and pages.item[page] == rows.item[at]
    ]
    rows.record[at] = encode(record)
    rows.checksum[at] = checksum(rows.record[at], *own)
