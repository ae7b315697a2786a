"""The record store: one Delta Lake table, append-only, a row per item and outcome. What is current is the newest row of
each key.

Columns and kinds of rows are described in `docs/record-store.md`. Every file belongs to one *kind* of row (the
partition), so that asking which items are known never touches a record. A commit is one Delta transaction over files
already written: a run that is killed leaves the last commit, and files that belong to none. Sources write side by side;
a row carries the version it is committed as, so what was written before another commit came in between is stamped anew.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake import DeltaTable, Schema
from deltalake.exceptions import DeltaError, TableNotFoundError
from deltalake.transaction import (
    AddAction,
    RemoveAction,
    create_table_with_add_actions,
)
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_random_exponential

from mappings.record import Record, decode_record
from pipelines.commit import ONCE, QUIET, Commit, File
from pipelines.errors import Overtaken, StoreUnusable
from pipelines.files import files_at
from pipelines.pages import CurrentPages
from pipelines.record_json import with_pages
from pipelines.rows import FIRST_NAMES, KEYS, SCHEMA, RowKind
from pipelines.tables import BoolArray, Newest, RowTest, by_version, codes_of, filtered, newest, only, tests_of

if TYPE_CHECKING:
    from mappings.bucket import Bucket

__all__ = ["KEYS", "ONCE", "QUIET", "SCHEMA", "Commit", "File", "RecordStore", "RowKind"]
_PARTITIONED = Schema.from_arrow(SCHEMA.append(pa.field("kind", pa.string())))
_WHOLE = sys.maxsize
_LONGER = wait_random_exponential(multiplier=0.5, max=4)
T = TypeVar("T")


class RecordStore:
    """The store in a folder or in a bucket."""

    def __init__(
        self,
        place: str | Path | Bucket,
        lock: Callable[[], AbstractContextManager[None]] = nullcontext,
        copies: Path | None = None,
        patience: float = 0,
    ) -> None:
        """`lock` keeps other processes from committing while it is held; `copies` is where files of a bucket are kept
        on this machine (`pipelines.bucket_files`); `patience` are the seconds that each step waits for a server that
        is away. Raises StoreUnusable.
        """
        self.patience = patience
        self._place = files_at(place, copies)
        self._lock = lock
        self._guard = threading.RLock()
        self._holds = 0
        self._table: DeltaTable | None = None
        self._files: pa.Table | None = None
        self.refresh()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Nobody else commits, in this process or another; what they committed before is seen. May be nested."""
        with self._guard, self._lock() if not self._holds else nullcontext():
            self._holds += 1
            try:
                if self._holds == 1:
                    self.refresh()
                yield
            finally:
                self._holds -= 1

    def refresh(self) -> None:
        """See the newest commit. Raises StoreUnusable."""
        with self._guard:
            self._open()

    def _open(self) -> None:
        self._files = None
        with self.told("cannot be opened"):
            self._patiently(self._look)
        if self._table is not None and not _is_ours(self._table):
            raise StoreUnusable(
                f"{self._place} is a Delta table, but not a record store of this version; name another folder."
            )

    def _look(self) -> None:
        if self._table is not None:
            self._table.update_incremental()
        else:
            with suppress(TableNotFoundError):
                self._table = DeltaTable(self._place.address, storage_options=self._place.options)

    def _patiently(self, act: Callable[[], T]) -> T:
        """Done as soon as the server of the store can be reached, tried again as long as `patience` says."""
        again = retry_if_exception(self._place.is_away)
        return Retrying(retry=again, wait=_LONGER, stop=stop_after_delay(self.patience), reraise=True)(act)

    @contextmanager
    def told(self, what: str) -> Iterator[None]:
        """Whatever server or library say against it, as StoreUnusable: the store `what`, and why."""
        expected: tuple[type[Exception], ...] = (DeltaError, OSError, ValueError, *self._place.errors)
        try:
            yield
        except expected as error:
            raise self._unusable(what, error) from error

    def _unusable(self, what: str, error: BaseException) -> StoreUnusable:
        return StoreUnusable(f"The record store {self._place} {what}: {self._place.reason(error)}.")

    @property
    def version(self) -> int:
        """The version of the last commit, -1 for a store without one."""
        return -1 if self._table is None else int(self._table.version())

    def version_of(self, kinds: Iterable[RowKind]) -> int:
        """The version of the newest row of some kinds, -1 when there is none."""
        if self._table is None:
            return -1
        files = self.files()
        newest_rows = files.filter(pc.is_in(files["partition.kind"], value_set=pa.array(kinds)))
        return pc.max(newest_rows["max.version"]).as_py() if newest_rows.num_rows else -1

    # Reading

    def current(
        self,
        kind: RowKind = "record",
        columns: Sequence[str] | None = None,
        *,
        source: str | None = None,
        items: Iterable[str] | None = None,
    ) -> pa.Table:
        """The newest row of each key, deletions left out, in the order they were written.

        Only the named columns (all by default) are read, and only files and row groups that can hold the source and
        items asked for.
        """
        wanted = list(columns or SCHEMA.names)
        table = self.rows(kind, _with(wanted, *KEYS[kind], "version", "action"), source=source, items=items)
        table = table.take(newest(table, KEYS[kind]))
        if items is not None and "source_id" in KEYS[kind]:
            table = self._without_moved(kind, table, source)
        return only(table, pc.not_equal(table["action"], "delete")).select(wanted)

    def _without_moved(self, kind: RowKind, table: pa.Table, source: str | None) -> pa.Table:
        """What is the newest row of an item may have a newer one in another item, to which the record has moved."""
        if not table.num_rows:
            return table
        ids = table["source_id"].unique().to_pylist()
        everywhere = self.rows(kind, ["version", *KEYS[kind]], source=source, source_ids=ids)
        latest = everywhere.take(newest(everywhere, KEYS[kind]))
        names = ["version", *KEYS[kind]]
        codes = codes_of(pa.concat_tables([table.select(names), latest.select(names)]), names)
        return only(table, pa.array(np.isin(codes[: table.num_rows], codes[table.num_rows :])))

    def rows(
        self,
        kind: RowKind,
        columns: Sequence[str],
        *,
        after: int = -1,
        source: str | None = None,
        items: Iterable[str] | None = None,
        source_ids: Iterable[str] | None = None,
    ) -> pa.Table:
        """All rows of a kind committed after a version, oldest first, whatever became of them since."""
        groups = self.row_groups(kind, columns, after=after, source=source, items=items, source_ids=source_ids)
        parts = [part for part in groups if part.num_rows]
        table = pa.concat_tables(parts) if parts else _empty(columns)
        return by_version(table) if "version" in columns else table

    def row_groups(
        self,
        kind: RowKind,
        columns: Sequence[str],
        *,
        after: int = -1,
        source: str | None = None,
        items: Iterable[str] | None = None,
        source_ids: Iterable[str] | None = None,
    ) -> Iterator[pa.Table]:
        """The same a row group at a time, files by their first version: memory stays that of one group."""
        tests = tests_of(after, source, items, source_ids)
        read = _with(columns, *tests)
        for file in self._kept_files(kind, tests):
            for table in self._read(file["path"], read, tests):
                yield table.select(list(columns))

    def _read(
        self,
        path: str,
        columns: Sequence[str],
        tests: dict[str, RowTest],
        numbers: Iterable[int] | None = None,
    ) -> Iterator[pa.Table]:
        """The row groups of one file, or some of them, that can hold what is asked for. Raises StoreUnusable."""
        expected: tuple[type[Exception], ...] = (pa.ArrowException, OSError, *self._place.errors)
        try:
            yield from self._groups(path, columns, tests, numbers)
        except expected as error:
            if self._place.is_away(error) or isinstance(error, self._place.errors):
                raise self._unusable(f"cannot be read ({path})", error) from error
            reason = f"{path} of the record store {self._place} cannot be read ({self._place.reason(error)})"
            raise StoreUnusable(f"{reason}; put it back from a backup.") from error

    def _groups(
        self,
        path: str,
        columns: Sequence[str],
        tests: dict[str, RowTest],
        numbers: Iterable[int] | None,
    ) -> Iterator[pa.Table]:
        size = self._size_of(path)
        with ExitStack() as opened:
            file = self._patiently(lambda: opened.enter_context(self._place.reader(path, size)))
            for number in range(file.num_row_groups) if numbers is None else numbers:
                if _group_passes(file, number, tests):
                    yield filtered(_whole(file.read_row_group(number, columns=columns), columns), tests)

    def newest_groups(
        self,
        kind: RowKind,
        columns: Sequence[str],
        *,
        after: int = -1,
        source: str | None = None,
        newest: BoolArray | None = None,
    ) -> Iterator[pa.Table]:
        """The newest row of each key, deletions included, a row group at a time.

        Two passes: the first (`newest_rows`, unless its answer is given) reads only keys and versions.
        """
        is_newest = self.newest_rows(kind, after=after, source=source) if newest is None else newest
        at = 0
        for table in self.row_groups(kind, columns, after=after, source=source):
            yield only(table, pa.array(is_newest[at : at + table.num_rows]))
            at += table.num_rows

    def newest_rows(self, kind: RowKind, *, after: int = -1, source: str | None = None) -> BoolArray:
        """For each row that `row_groups` gives, whether it is the newest of its key: for several looks at one state."""
        files = self._kept_files(kind, tests_of(after, source, None, None))
        found = Newest(KEYS[kind], sum(file["num_records"] for file in files))
        for table in self.row_groups(kind, ["version", *KEYS[kind]], after=after, source=source):
            found.add(table)
        return found.mask()

    def has_rows(self, kind: RowKind, *, after: int = -1) -> bool:
        """Is there any row of a kind after a version?"""
        return any(table.num_rows for table in self.row_groups(kind, ["version"], after=after))

    def get(self, source: str, source_id: str) -> Record | None:
        """A record with its pages, or None when there is none now."""
        return self.records([(source, source_id)]).get((source, source_id))

    def records(self, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Record]:
        """Several current records with their pages; those that are not there are left out."""
        found: dict[tuple[str, str], Record] = {}
        for source, ids in _grouped(keys).items():
            table = self.rows(
                "record", ["version", "source", "source_id", "action", "record"], source=source, source_ids=ids
            )
            pages = {piece.source_id: piece.pages for piece in self.pages(source, ids).pieces(_WHOLE)}
            for row in table.take(newest(table, KEYS["record"])).to_pylist():
                if row["action"] != "delete":
                    found[source, row["source_id"]] = with_pages(
                        decode_record(row["record"]), pages.get(row["source_id"], [])
                    )
        return found

    def pages(self, source: str, source_ids: Iterable[str]) -> CurrentPages:
        """The current pages of records, to be read in pieces."""
        read = partial(self.row_groups, "page", source=source, source_ids=list(source_ids))
        return CurrentPages(read, KEYS["page"])

    # Writing

    def begin(self, run: str) -> Commit:
        """A commit in preparation."""
        self._bring_up_to_date()
        return Commit(self, run)

    def _bring_up_to_date(self) -> None:
        """Give a table of an earlier version the columns it lacks: a commit of its own, once."""
        if self._table is None or not _lacking(self._table):
            return
        with self.writing(), self.told("cannot be brought up to date"):
            if lacking := _lacking(self._table):
                self._table.alter.add_columns(lacking, post_commithook_properties=QUIET)
                self.refresh()

    def publish(self, actions: list[AddAction | RemoveAction], version: int) -> None:
        """Commit files as a version, within `writing`. Raises StoreUnusable, and Overtaken when somebody who does not
        share our lock has committed that version.
        """
        added = [action for action in actions if isinstance(action, AddAction)]
        expected: tuple[type[Exception], ...] = (DeltaError, OSError, *self._place.errors)
        try:
            for action in added:
                self._patiently(partial(self._place.keep, action.path))
            self._patiently(lambda: self._put(actions, added))
        except expected as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise  # the disk of this machine
            self.refresh()
            if self.version < version:
                raise self._unusable("could not take a commit", error) from error
        else:
            self.refresh()
        if not self._has(added):  # an answer may be lost, and the commit be ours all the same
            reason = f"The record store {self._place} has another version {version} than ours: two runs wrote to it."
            raise Overtaken(reason)

    def _put(self, actions: list[AddAction | RemoveAction], added: list[AddAction]) -> None:
        if self._table is None:
            create_table_with_add_actions(
                self._place.address,
                _PARTITIONED,
                added,
                "error",
                ["kind"],
                configuration=self._place.configuration,
                storage_options=self._place.options,
                commit_properties=ONCE,
                post_commithook_properties=QUIET,
            )
        else:
            self._table.create_write_transaction(
                actions, "append", _PARTITIONED, ["kind"], commit_properties=ONCE, post_commithook_properties=QUIET
            )

    def _has(self, added: list[AddAction]) -> bool:
        files = self.files()
        return files is not None and {action.path for action in added} <= set(files["path"].to_pylist())

    def open_output(self, path: str) -> Any:
        """A stream to a new file of the table, made visible by `publish` only."""
        return self._place.open_output(path)

    def remove(self, path: str) -> None:
        """Delete a file that no commit refers to; one that cannot be deleted now is swept up later."""
        with suppress(*self._place.errors):
            self._place.remove(path)

    def delta(self) -> DeltaTable | None:
        """The Delta table itself, None for a store without a commit."""
        return self._table

    def rows_of(self, path: str, columns: Sequence[str], numbers: Iterable[int] | None = None) -> Iterator[pa.Table]:
        """The rows of one file, a row group at a time; those of some row groups when their numbers are given."""
        yield from self._read(path, list(columns), {}, numbers)

    def paths(self, kind: RowKind) -> list[str]:
        """The files with rows of a kind, oldest first. A file never changes; tidying puts others in its place."""
        return [file["path"] for file in self._kept_files(kind, {})]

    def files(self) -> pa.Table:
        """The files of the table: path, size_bytes, num_records, partition.kind, and the ends of `PRUNED`."""
        with self._guard:
            if self._files is None and self._table is not None:
                with self.told("cannot be read"):
                    self._files = pa.table(self._table.get_add_actions(flatten=True))
            return self._files

    def _size_of(self, path: str) -> int | None:
        """In bytes; None for a file that is not committed, or not any more."""
        files = self.files()
        sizes = [] if files is None else files.filter(pc.equal(files["path"], path))["size_bytes"].to_pylist()
        return sizes[0] if sizes else None

    def _kept_files(self, kind: RowKind, tests: dict[str, RowTest]) -> list[dict[str, Any]]:
        """The files that can hold such rows, oldest first: path, num_records."""
        if self._table is None:
            return []
        files = self.files()
        files = files.filter(pc.equal(files["partition.kind"], kind))
        if "min.version" in files.column_names:
            files = files.sort_by([("min.version", "ascending"), ("path", "ascending")])
        ends = [f"{end}.{column}" for end in ("min", "max") for column in tests]
        names = [name for name in ("path", "num_records", *ends) if name in files.column_names]
        return [
            row
            for row in files.select(names).to_pylist()
            if all(test.may_pass(row.get(f"min.{column}"), row.get(f"max.{column}")) for column, test in tests.items())
        ]


def _group_passes(file: pq.ParquetFile, number: int, tests: dict[str, RowTest]) -> bool:
    group = file.metadata.row_group(number)
    for column, test in tests.items():
        statistics = group.column(SCHEMA.get_field_index(column)).statistics
        if statistics is not None and statistics.has_min_max and not test.may_pass(statistics.min, statistics.max):
            return False
    return True


def _empty(columns: Sequence[str]) -> pa.Table:
    return pa.schema([SCHEMA.field(name) for name in columns]).empty_table()


def _with(columns: Sequence[str], *more: str) -> list[str]:
    return list(dict.fromkeys((*columns, *more)))


def _grouped(keys: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for source, source_id in keys:
        groups.setdefault(source, []).append(source_id)
    return groups


def _is_ours(table: DeltaTable) -> bool:
    names = {field.name for field in table.schema().fields}
    return names >= {*FIRST_NAMES, "kind"} and names <= {*SCHEMA.names, "kind"}


def _lacking(table: DeltaTable) -> list[Any]:
    """The columns of ours that a table of an earlier version has not got yet."""
    names = {field.name for field in table.schema().fields}
    return [field for field in _PARTITIONED.fields if field.name not in names]


def _whole(table: pa.Table, columns: Sequence[str]) -> pa.Table:
    """The table with all of these columns; those that its file does not have are null."""
    for name in columns:
        if name not in table.column_names:
            field = SCHEMA.field(name)
            table = table.append_column(field, pa.nulls(table.num_rows, field.type))
    return table
