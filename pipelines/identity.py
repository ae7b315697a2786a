"""Who keeps an id that two items of a source give.

The item that has it keeps it; of two new ones the first in the listing. The other is put off until everything is listed
- a file that was only renamed takes the ids of its old name over - and then gets the next free id (``~2``), with the
reason on its record. That id it keeps, whatever becomes of the other: mapping everything again changes no id.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import fields
from typing import Any

import msgspec
import pyarrow as pa
from msgspec.structs import replace

from mappings.record import Record, checksum, decode_record, encode
from pipelines.taken import Taken
from pipelines.tasks import Columns, Mapped, PageColumns, free_id, renamed

NUMBERS_ASKED = range(2, 10)
"""Numbers of free ids that are looked up together: a question to the store costs milliseconds however much is asked."""

Holders = Callable[[Iterable[str]], dict[str, str]]
"""Which item holds each of some ids; ids nobody holds are left out."""


class Claims:
    """The ids given in one run. Only ids that do not begin with their item's key can meet, so only those are kept."""

    def __init__(self, stored: Holders) -> None:
        self._stored = stored
        self._taken = Taken()
        self._assigned: set[str] = set()
        self._said: dict[str, set[str]] = {}
        self.put_off: set[str] = set()

    @property
    def taken(self) -> Taken:
        """The item that took each id in this run."""
        return self._taken

    def settle(self, mapped: Mapped, stored: pa.Table) -> None:
        """Leave out the rows of items that have to wait, and note the ids of the others. `stored` are the items' rows
        so far.
        """
        if not mapped.foreign and not self.put_off:
            return
        given, kept = _by_item(mapped.records.item, mapped.records.source_id), _kept(stored)
        held = self._holders([source_id for item in mapped.foreign for source_id in given.get(item, ())])
        for item, ids in given.items():
            if any(held.get(source_id, item) != item for source_id in ids) or _has_other_names(
                ids, kept.get(item, set())
            ):
                self.put_off.add(item)
            elif item in mapped.foreign:
                held |= dict.fromkeys(ids, item)
                self._taken.put(ids, item)
        for item in self.put_off & given.keys():
            self._said.setdefault(item, set()).update(given[item])
        _drop(mapped, self.put_off)

    def assign(self, mapped: Mapped, stored: pa.Table) -> None:
        """Give each record the id its item has for it, else the one it says, else the next that nobody has or says."""
        rows = mapped.records
        given, kept = _by_item(rows.item, rows.source_id), _kept(stored)
        names = {item: _other_names(ids) for item, ids in kept.items()}
        held = self._asked(rows)
        for at, (source_id, item) in enumerate(list(zip(rows.source_id, rows.item, strict=True))):
            is_taken = self._is_taken(item, given[item], held)
            is_own = source_id not in self._assigned and held[source_id] in (item, None)
            has = [source_id] if is_own and source_id in kept.get(item, ()) else []
            has += [name for name in names.get(item, {}).get(source_id, ()) if not is_taken(name)]
            chosen = has[0] if has else source_id if is_own else free_id(source_id, is_taken)
            if chosen != source_id:
                _rename(mapped, at, chosen)
            self._assigned.add(chosen)
            self._taken.put([chosen], item)

    def _asked(self, rows: Columns) -> dict[str, str | None]:
        """The holders of the ids that these rows say, and of the next ones for those that others hold or say."""
        held = self._each(rows.source_id)
        said = Counter(rows.source_id)
        met = [
            source_id
            for source_id, item in zip(rows.source_id, rows.item, strict=True)
            if said[source_id] > 1 or source_id in self._assigned or held[source_id] not in (item, None)
        ]
        return held | self._each(f"{source_id}~{number}" for source_id in met for number in NUMBERS_ASKED)

    def _each(self, source_ids: Iterable[str]) -> dict[str, str | None]:
        """The holder of each of these ids, None where there is none."""
        wanted = list(source_ids)
        return dict.fromkeys(wanted) | self._holders(wanted)

    def _is_taken(self, item: str, given: set[str], held: dict[str, str | None]) -> Callable[[str], bool]:
        """May a record of the item not have this id? What nobody has asked for yet is added to `held`."""

        def ask(source_id: str) -> bool:
            if source_id in given or source_id in self._assigned:
                return True
            if source_id not in held:
                held.update(self._each([source_id]))
            return held[source_id] not in (item, None)

        return ask

    def _holders(self, source_ids: list[str]) -> dict[str, str]:
        """The holder in this run, else in the store."""
        here = self._taken.among(source_ids)
        if len(here) == len(source_ids):
            return here
        return {one: item for one, item in self._stored(source_ids).items() if not self._has_left(item, one)} | here

    def _has_left(self, item: str, source_id: str) -> bool:
        """Does an item that waits no longer say the id it has? Two files may exchange their rows."""
        said = self._said.get(item)
        return said is not None and source_id not in said and source_id.rpartition("~")[0] not in said


def _by_item(items: Iterable[str], source_ids: Iterable[str]) -> dict[str, set[str]]:
    """The ids of each item, items in their order."""
    found: dict[str, set[str]] = {}
    for item, source_id in zip(items, source_ids, strict=True):
        found.setdefault(item, set()).add(source_id)
    return found


def _kept(stored: pa.Table) -> dict[str, set[str]]:
    """The ids each item has in the store."""
    return _by_item(stored["item"].to_pylist(), stored["source_id"].to_pylist())


def _other_names(ids: Iterable[str]) -> dict[str, list[str]]:
    """Of ids that look like ``ID~2``: ID -> those, least number first."""
    found: dict[str, list[str]] = {}
    for name in sorted(ids, key=_number):
        if _number(name):
            found.setdefault(name.rpartition("~")[0], []).append(name)
    return found


def _has_other_names(given: set[str], kept: set[str]) -> bool:
    """Does the item have ``ID~2`` for a record that says ID?"""
    return any(
        said in given and said not in kept and not given.issuperset(names) for said, names in _other_names(kept).items()
    )


def _number(source_id: str) -> int:
    """N of ``ID~N``, 0 for an id that does not look like that."""
    digits = source_id.rpartition("~")[2] if "~" in source_id else ""
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0


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
