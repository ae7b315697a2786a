"""Rows of Parquet files and Delta tables as raw items, a batch at a time.

Parquet: a file, or all below a folder, in the order of their paths; files may have columns that others lack, and
``name=value`` folders are columns, too (as Hive has it). Every run reads every row.

Delta (https://github.com/delta-io/delta/blob/master/PROTOCOL.md): the cursor is the version of the table. A table of
the same version is not read again; one with a change data feed tells its changes and deletes; any other is read whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO, ClassVar, Literal

import pyarrow as pa
from deltalake.exceptions import DeltaError
from pydantic import BaseModel, ConfigDict, Field

from connectors.base import Gone, Listed, RawItem, RetryLater, SkipItem, StopSource
from connectors.parquet_tables import Delta, Files, Rows, Snapshot, Values, first_line
from connectors.rows import Deleted, plain, row_bytes, row_item


class ParquetSettings(BaseModel):
    """`path` of a file, a folder or a Delta table; `key` is the column that tells rows apart; `deleted` are the values
    of columns by which a row says that it is gone.
    """

    model_config = ConfigDict(extra="forbid")
    path: str = Field(min_length=1)
    format: Literal["auto", "parquet", "delta"] = "auto"
    key: str | None = None
    deleted: Deleted = Deleted({})


class ParquetConnector:
    """Transport ``parquet``: a row is an item, known by `key`, or without one by its file and place."""

    settings_model: ClassVar[type[BaseModel]] = ParquetSettings
    remote = False
    separate = True

    def __init__(self, settings: ParquetSettings, base: Path) -> None:
        given = base / Path(settings.path).expanduser()
        try:
            self._root = given.resolve(strict=True)
        except (OSError, RuntimeError, ValueError):
            raise StopSource(f"settings.path {settings.path!r} does not exist; create {given} or correct it") from None
        self._settings = settings
        is_delta = settings.format == "delta" or (settings.format == "auto" and (self._root / "_delta_log").is_dir())
        self._table: Delta | Files = Delta(self._root, settings.key) if is_delta else Files(self._root)
        self._next: str | None = None
        self.complete = False

    def read(self, cursor: str | None) -> Iterator[Listed]:
        """Every row, or what changed in a Delta table since the cursor. Raises RetryLater, StopSource."""
        self.complete, self._next = False, None
        with _in_a_sentence(self._root):
            found = self._table.open()
            if isinstance(found, Snapshot) and (changes := found.changes(cursor)) is not None:
                yield from self._changes(changes)
            else:
                yield from self._rows(found)
                self.complete = not found.broken
            self._next = found.cursor()

    def next_cursor(self) -> str | None:
        """The version of a Delta table; None for files."""
        return self._next

    def keys(self) -> Iterator[str]:
        """The keys of all rows that are not marked as deleted."""
        with _in_a_sentence(self._root):
            found = self._table.open()
            for key, row in self._named(found, self._columns(found)):
                if not self._settings.deleted.marks(row):
                    yield key
            yield from found.broken

    def fetch(self, key: str) -> BinaryIO:
        """One row as JSON. Raises SkipItem when there is none."""
        with _in_a_sentence(self._root):
            for name, row in self._named(self._table.open(), None):
                if name == key and not self._settings.deleted.marks(row):
                    return row_bytes(_plain(row))
        raise SkipItem(f"no row {key!r} in {self._root.name}")

    def _rows(self, found: Rows) -> Iterator[Listed]:
        for key, row in self._named(found, None):
            yield self._listed(key, row)
        for name, reason in found.broken.items():
            yield RawItem(name, partial(_refuse, f"{name!r} is damaged ({reason}); write it again"))

    def _listed(self, key: str, row: Values) -> RawItem | Gone:
        values = _plain(row)
        return Gone(key) if self._settings.deleted.marks(values) else row_item(key, values)

    def _changes(self, changes: Iterator[tuple[str, Values | None]]) -> Iterator[Listed]:
        for key, row in changes:
            yield Gone(key) if row is None else self._listed(key, row)

    def _columns(self, found: Rows) -> list[str]:
        """What has to be read to know keys and marks."""
        wanted = [self._settings.key] if self._settings.key else []
        return list(dict.fromkeys([*wanted, *self._settings.deleted.columns])) or found.names[:1]

    def _named(self, found: Rows, columns: list[str] | None) -> Iterator[tuple[str, Values]]:
        """Rows under their keys; several of one key are told apart by counting."""
        self._check(found)
        seen: set[int] = set()
        copies: dict[str, int] = {}
        number, last = 0, ""
        for path, rows in found.batches(columns):
            number, last = (number, path) if path == last else (0, path)
            for row in rows:
                number += 1
                value = row[self._settings.key] if self._settings.key else None
                own = f"{path}#{number}" if value is None else str(plain(value))
                if hash(own) in seen:
                    copies[own] = copies.get(own, 1) + 1
                    own = f"{own}~{copies[own]}"
                else:
                    seen.add(hash(own))
                yield own, row

    def _check(self, found: Rows) -> None:
        """Raises StopSource for a setting that names a column that is not there."""
        named = [("key", self._settings.key), *(("deleted", column) for column in self._settings.deleted.columns)]
        for setting, column in named:
            if column is not None and column not in found.names and found.names:
                there = ", ".join(found.names[:20])
                raise StopSource(f"settings.{setting} names column {column!r}, which is not there; there are: {there}")


@contextmanager
def _in_a_sentence(root: Path) -> Iterator[None]:
    """Errors of the libraries as ours."""
    try:
        yield
    except FileNotFoundError as error:
        name = Path(error.filename or "").name or "a file"
        raise RetryLater(f"{root}: {name} went away while it was read; it is read again") from None
    except (OSError, pa.ArrowException, DeltaError) as error:
        raise StopSource(f"{root} cannot be read ({first_line(error)}); check the files and their owner") from None


def _plain(row: Values) -> Values:
    return {name: plain(value) for name, value in row.items()}


def _refuse(sentence: str) -> BinaryIO:
    raise SkipItem(sentence)
