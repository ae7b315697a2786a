"""Rows of a listing over HTTP as raw items: told apart by key, read from a change on, gone when the source says so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b
from io import BytesIO
from typing import Any, BinaryIO, ClassVar

import httpx2
from pydantic import BaseModel, ConfigDict, Field

from connectors.base import Checkpoint, Gone, Listed, RawItem, SkipItem, StopSource
from connectors.http_pages import Items, Next, Page, Pages, Row
from connectors.rows import Deleted, row_item, value_at
from connectors.web import Web

_NOT_IN_ORDER = "take changed.in_order out and run once with --full"


class Changed(BaseModel):
    """Only what changed since: the `parameter` that asks for it and the `path` of the value in a row, which grows with
    every change. `in_order`: rows come in the order of it, so that a run that is killed goes on where it was.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", hide_input_in_errors=True)
    parameter: str = Field(min_length=1)
    path: str = Field(min_length=1)
    in_order: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """What the settings say of rows."""

    items: Items
    key: str
    next: Next | None
    changed: Changed | None
    deleted: Deleted


class RowListing:
    """The rows of one address and the pages it leads to."""

    def __init__(self, web: Web, url: str, rule: Rule) -> None:
        self._web, self._url, self._rule = web, url, rule
        self._cursor: str | None = None
        self._state = _State(rule)
        self.complete = rule.changed is None

    def read(self, cursor: str | None) -> Iterator[Listed]:
        """Rows in the order of the listing; from a cursor on, those that the server says have changed. Raises
        StopSource or RetryLater.
        """
        self._cursor = cursor
        self._state = _State(self._rule)
        self.complete = False
        is_whole = self._rule.changed is None or cursor is None
        yield from self._entries(self._since(cursor), self._state)
        self.complete = is_whole and not self._state.is_damaged

    def next_cursor(self) -> str | None:
        """The greatest value of `changed` that was seen, or the old one when there was nothing new."""
        newest = self._state.newest()
        return self._cursor if newest is None else json.dumps(newest)

    def keys(self) -> Iterator[str]:
        """The keys of all rows that are not gone."""
        entries = self._entries(self._url, _State(self._rule))
        return (entry.key for entry in entries if isinstance(entry, RawItem))

    def fetch(self, key: str) -> BinaryIO:
        """One row, looked for in the whole listing. Raises SkipItem when there is none."""
        for entry in self._entries(self._url, _State(self._rule)):
            if isinstance(entry, RawItem) and entry.key == key:
                return entry.open()
        raise SkipItem(f"no row with {self._rule.key} {key!r} in the listing")

    def _since(self, cursor: str | None) -> str:
        if self._rule.changed is None or cursor is None:
            return self._url
        try:
            value = json.loads(cursor)
        except ValueError:
            raise StopSource("the stored cursor cannot be read; run once with --full") from None
        return str(httpx2.URL(self._url).copy_set_param(self._rule.changed.parameter, str(value)))

    def _entries(self, url: str, state: _State) -> Iterator[Listed]:
        for page in Pages(self._web, url, self._rule.items, self._rule.next):
            yield from self._page(page, state)
            if (told := state.told()) is not None:
                yield Checkpoint(json.dumps(told))

    def _page(self, page: Page, state: _State) -> Iterator[Listed]:
        for row in page.rows():
            key = state.key(row)
            if key is None:
                continue
            if row.wrong is not None:
                yield RawItem(key, partial(_refuse, key, row.wrong))
            elif self._rule.deleted.marks(row.values):
                yield Gone(key)
            elif self._rule.items.given_as == "xml":
                yield RawItem(key, partial(BytesIO, row.content), len(row.content))
            else:
                yield row_item(key, row.values)
        if page.count and (missing := state.missing()) is not None:
            there = ", ".join(state.columns)[:300]
            raise StopSource(f"no row has a value at settings.{missing}; there are: {there}")


@dataclass(slots=True)
class _State:
    """What a run has seen: keys with the digest of their row, and values of `changed`."""

    rule: Rule
    is_damaged: bool = False
    columns: tuple[str, ...] = ()
    _number: int = 0
    _seen: dict[str, bytes] = field(default_factory=dict)
    _newest: Any = None
    _before: Any = None
    _bound: Any = None
    _told: Any = None

    def missing(self) -> str | None:
        """The setting that names a column which no row has had, so that it cannot be right."""
        if not self._seen:
            return f"key {self.rule.key!r}"
        if self.rule.changed is not None and self._newest is None:
            return f"changed.path {self.rule.changed.path!r}"
        return None

    def key(self, row: Row) -> str | None:
        """The key of a row; None for one that was told already: the listing moved while it was read. A row without one
        is wrong, and named by its number.
        """
        self._number += 1
        self.columns = self.columns or tuple(row.values)
        own = value_at(row.values, self.rule.key)
        if row.wrong is None and (own is None or own == ""):
            row.wrong = f"it has no {self.rule.key!r}, which tells rows apart"
        if row.wrong is not None:
            self.is_damaged = True
            return f"#row-{self._number}"
        key = self._free(str(own), row)
        if key is not None:
            self._note(self._changed(row))
        return key

    def _free(self, own: str, row: Row) -> str | None:
        """Of two rows with one key the second is ``KEY~2``. Where `changed` is known they are two states of one row:
        the second is left for the next run, which begins no later.
        """
        digest = blake2b(row.content, digest_size=8).digest()
        key, copies = own, 1
        while key in self._seen:
            if self._seen[key] == digest:
                return None
            if self.rule.changed is not None:
                self._bound = _lesser(self._bound, self._changed(row))
                return None
            copies += 1
            key = f"{own}~{copies}"
        self._seen[key] = digest
        return key

    def newest(self) -> Any:
        """Where the next run begins, None when nothing was seen."""
        return self._newest if self._bound is None else _lesser(self._newest, self._bound)

    def told(self) -> Any:
        """The greatest value of which no more rows can come, since they are in order: not the last one, of which the
        next page may hold more. None when there is none, or none since it was asked for.
        """
        if self.rule.changed is None or not self.rule.changed.in_order:
            return None
        before, self._told = self._told, self._before if self._bound is None else _lesser(self._before, self._bound)
        return None if self._told == before else self._told

    def _changed(self, row: Row) -> Any:
        return value_at(row.values, self.rule.changed.path) if self.rule.changed is not None else None

    def _note(self, value: Any) -> None:
        in_order = self.rule.changed is not None and self.rule.changed.in_order
        if value is None:
            if in_order:
                raise StopSource(f"a row has nothing at changed.path; {_NOT_IN_ORDER}")
        elif self._newest is None or _rank(value) > _rank(self._newest):
            self._before, self._newest = self._newest, value
        elif in_order and _rank(value) < _rank(self._newest):
            raise StopSource(f"rows are not in order: {value!r} comes after {self._newest!r}; {_NOT_IN_ORDER}")


def _lesser(one: Any, other: Any) -> Any:
    if one is None or other is None:
        return one if other is None else other
    return min(one, other, key=_rank)


def _rank(value: Any) -> tuple[int, float, str]:
    """Numbers by size, then text by its characters, which orders ISO 8601 of one form."""
    if isinstance(value, int | float):
        return (0, float(value), "")
    return (1, 0.0, str(value))


def _refuse(key: str, wrong: str) -> BinaryIO:
    raise SkipItem(f"{key!r} cannot be read: {wrong}")
