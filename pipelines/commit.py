"""Rows on their way into the record store: written as they come, one Parquet file a kind, visible all at once."""

from __future__ import annotations

import json
import time
import uuid
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake.transaction import AddAction, CommitProperties, PostCommitHookProperties, RemoveAction
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from pipelines.errors import Overtaken
from pipelines.rows import PRUNED, SCHEMA, RowKind

if TYPE_CHECKING:
    from pipelines.record_store import RecordStore

_GROUP_BYTES = 32 << 20
"""Of a row group: pages of a volume reach it long before their number does."""
_REPEATED = ["version", "run", "at", "source", "item", "action", "signature", "since", "record_kind"]
_ROW_GROUP = 4_096
ONCE = CommitProperties(max_commit_retries=0)
"""Whoever commits holds the lock; a commit that somebody else came before must not be tried again."""
_AGAIN = Retrying(
    retry=retry_if_exception_type(Overtaken),
    wait=wait_random_exponential(multiplier=0.05, max=2),
    stop=stop_after_attempt(20),
    reraise=True,
)
"""A writer on another machine need not share our lock; chance decides who of two is first."""
QUIET = PostCommitHookProperties(cleanup_expired_logs=False)


class Commit:
    """Rows on their way into the store. Used as a context manager: leaving it without `commit` takes everything back.

    Row groups go to their files as they come, so memory stays bounded; they count once `commit` has returned. `version`
    is the one they will probably have: when another commit is first, they are written again under the next.
    """

    def __init__(self, store: RecordStore, run: str) -> None:
        self._store = store
        self._run = run
        self._version = store.version + 1
        self._at = int(time.time() * 1_000_000)
        self._files: dict[RowKind, File] = {}
        self.bytes = 0

    @property
    def version(self) -> int:
        """The version these rows will have, unless somebody else commits first."""
        return self._version

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.abort()

    def add(self, kind: RowKind, columns: dict[str, Any], source: str | None = None) -> None:
        """Rows of one kind as columns (lists or Arrow arrays of one length). What is not given is null."""
        count = len(next(iter(columns.values())))
        if not count:
            return
        given = {"version": self._version, "run": self._run, "at": self._at, "source": source}
        arrays = [_column(field, columns, given, count) for field in SCHEMA]
        table = pa.Table.from_arrays(arrays, schema=SCHEMA)
        self.bytes += table.nbytes
        if kind not in self._files:
            self._files[kind] = File(self._store, kind, self._version)
        self._files[kind].write(table)

    def commit(self) -> int | None:
        """Publish everything at once: the version, or None when there was nothing."""
        if not self._files:
            return None
        with self._store.writing():
            return _AGAIN(self._published)

    def _published(self) -> int:
        """Commit the files as the next version, written again when they say another one. Raises Overtaken."""
        version = self._store.version + 1
        if version != self._version:
            self._files = {kind: file.restamped(version) for kind, file in self._files.items()}
            self._version = version
        actions: list[AddAction | RemoveAction] = [file.finish() for file in self._files.values()]
        files, self._files = self._files, {}  # what may have been committed is not taken back
        try:
            self._store.publish(actions, version)
        except Overtaken:
            self._files = files
            raise
        return version

    def abort(self) -> None:
        """Take back what is not committed."""
        for file in self._files.values():
            file.discard()
        self._files = {}


class File:
    """One Parquet file being written, with the statistics by which readers leave it out."""

    def __init__(self, store: RecordStore, kind: RowKind, version: int) -> None:
        self._store, self._kind, self._version = store, kind, version
        self.path = f"kind={kind}/{version:012d}-{uuid.uuid4().hex}.parquet"
        self._stream = store.open_output(self.path)
        self._writer = pq.ParquetWriter(
            self._stream,
            SCHEMA,
            compression="zstd",
            compression_level=1,
            use_dictionary=_REPEATED,
            write_statistics=list(PRUNED),
            store_schema=False,
        )
        self._pending: list[pa.Table] = []
        self._pending_rows = 0
        self._pending_bytes = 0
        self._rows = 0
        self._ends: dict[str, tuple[Any, Any]] = {}
        self._size: int | None = None

    def write(self, table: pa.Table) -> None:
        self._pending.append(table)
        self._pending_rows += table.num_rows
        self._pending_bytes += table.nbytes
        if self._pending_rows >= _ROW_GROUP or self._pending_bytes >= _GROUP_BYTES:
            self._flush()

    def _flush(self) -> None:
        if not self._pending:
            return
        table = pa.concat_tables(self._pending)
        self._writer.write_table(table, row_group_size=_ROW_GROUP)
        self._rows += table.num_rows
        for column in PRUNED:
            ends = pc.min_max(table[column]).as_py()
            if ends["min"] is not None:
                low, high = self._ends.get(column, (ends["min"], ends["max"]))
                self._ends[column] = (min(low, ends["min"]), max(high, ends["max"]))
        self._pending, self._pending_rows, self._pending_bytes = [], 0, 0

    def finish(self, data_change: bool = True) -> AddAction:
        """Close the file, once; what the transaction log has to say of it. No `data_change`: its rows were there."""
        if self._size is None:
            self._flush()
            self._writer.close()
            self._size = self._stream.tell()
            self._stream.close()
        stats = {
            "numRecords": self._rows,
            "minValues": {column: ends[0] for column, ends in self._ends.items()},
            "maxValues": {column: ends[1] for column, ends in self._ends.items()},
        }
        moment = int(time.time() * 1000)
        return AddAction(self.path, self._size, {"kind": self._kind}, moment, data_change, json.dumps(stats))

    def restamped(self, version: int) -> File:
        """The same rows in a new file, under another version; this one is gone. Records that came with them, too."""
        self.finish()
        whole = File(self._store, self._kind, version)
        for rows in self._store.rows_of(self.path, SCHEMA.names):
            for name in ("version", "since"):
                at, column = SCHEMA.get_field_index(name), rows[name]
                own = pc.fill_null(pc.equal(column, self._version), False)
                rows = rows.set_column(at, SCHEMA.field(name), pc.if_else(own, version, column).cast(pa.int64()))
            whole.write(rows.cast(SCHEMA))
        self._store.remove(self.path)
        return whole

    def discard(self) -> None:
        self._writer.close()
        self._stream.close()
        self._store.remove(self.path)


def _column(field: pa.Field, columns: dict[str, Any], given: dict[str, Any], count: int) -> pa.Array:
    if field.name in columns:
        values = columns[field.name]
        if isinstance(values, pa.ChunkedArray):
            values = values.combine_chunks()
        return values.cast(field.type) if isinstance(values, pa.Array) else pa.array(values, field.type)
    if given.get(field.name) is None:
        return pa.nulls(count, field.type)
    return pa.repeat(pa.scalar(given[field.name], field.type), count)
