"""What there is to read in Parquet files and Delta tables, as batches of rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as pads
import pyarrow.parquet as pq
from deltalake import DeltaTable, QueryBuilder
from deltalake.exceptions import DeltaError, DeltaProtocolError
from pyarrow.fs import LocalFileSystem

from connectors.base import StopSource
from connectors.rows import plain

_BATCH = 1000
_ENDINGS = (".parquet", ".parq", ".pq")
_FEED = "delta.enableChangeDataFeed"
_SCAN = pads.ParquetFragmentScanOptions(pre_buffer=False, use_buffered_stream=True)
Values = dict[str, Any]


def values_of(batch: pa.RecordBatch) -> list[Values]:
    """The rows of a batch. What is finer than a microsecond, which no date of Python's holds, is cut off."""
    for at, field in enumerate(batch.schema):
        if pa.types.is_timestamp(field.type) and field.type.unit == "ns":
            coarse = pa.timestamp("us", field.type.tz)
            batch = batch.set_column(at, field.name, batch.column(at).cast(coarse, safe=False))
    return batch.to_pylist()  # type: ignore[no-any-return]


class Rows:
    """Files as they are now: their columns, and those that cannot be read with the reason."""

    def __init__(self, files: dict[str, Any], schema: pa.Schema, broken: dict[str, str]) -> None:
        self._files, self._schema, self.broken = files, schema, broken
        self.names: list[str] = list(schema.names)

    def batches(self, columns: list[str] | None) -> Iterator[tuple[str, list[Values]]]:
        """All rows in their order, with these columns, or all; each batch with the path of its file."""
        for name, fragment in self._files.items():
            try:
                for group in fragment.split_by_row_group():  # one by one: damage takes nothing with it that is before
                    for batch in self._scan(group, columns):
                        yield name, values_of(batch)
            except FileNotFoundError:
                raise
            except (OSError, pa.ArrowException) as error:
                self.broken[name] = first_line(error)

    def _scan(self, group: Any, columns: list[str] | None) -> Iterator[pa.RecordBatch]:
        found: Iterator[pa.RecordBatch] = group.to_batches(
            schema=self._schema,
            columns=columns,
            batch_size=_BATCH,
            batch_readahead=0,
            fragment_readahead=0,
            use_threads=False,
            fragment_scan_options=_SCAN,
        )
        return found

    def cursor(self) -> str | None:
        return None


class Files:
    """Parquet files of a folder, or one."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def open(self) -> Rows:
        """Raises StopSource when there is no such file, or columns of one name do not go together."""
        paths = [self._root] if self._root.is_file() else self._found()
        if not paths:
            raise StopSource(
                f"there is no Parquet file in {self._root} (*{', *'.join(_ENDINGS)}); correct settings.path"
            )
        broken, sound = {}, []
        for path in paths:
            try:
                pq.read_schema(path)
                sound.append(path)
            except (OSError, pa.ArrowException) as error:
                broken[self._name(path)] = first_line(error)
        if not sound:
            return Rows({}, pa.schema([]), broken)
        base = self._root.parent if self._root.is_file() else self._root
        options = pads.FileSystemFactoryOptions(str(base), partitioning=pads.HivePartitioning.discover())
        form = pads.ParquetFileFormat(default_fragment_scan_options=_SCAN)
        factory = pads.FileSystemDatasetFactory(LocalFileSystem(), [str(path) for path in sound], form, options)
        try:
            schema = factory.inspect(promote_options="permissive")
        except pa.ArrowException as error:
            raise StopSource(f"the files in {self._root} do not go together ({first_line(error)})") from None
        fragments = factory.finish(schema).get_fragments()
        named = {self._name(Path(fragment.path)): fragment for fragment in fragments}
        return Rows(dict(sorted(named.items())), schema, broken)

    def _found(self) -> list[Path]:
        """Files by their ending, in order; what begins with a dot or underscore is none, nor what lies outside."""
        found = [path for path in self._root.rglob("*") if path.suffix.lower() in _ENDINGS and path.is_file()]
        inside = [path for path in found if self._root in path.resolve().parents]
        return sorted(
            path for path in inside if not any(part[0] in "._" for part in path.relative_to(self._root).parts)
        )

    def _name(self, path: Path) -> str:
        return path.name if self._root.is_file() else path.relative_to(self._root).as_posix()


class Delta:
    """A Delta table, whose rows are known by `key`."""

    def __init__(self, root: Path, key: str | None) -> None:
        if key is None:
            raise StopSource("a Delta table needs settings.key, the column that tells rows apart: its files move rows")
        self._root, self._key = root, key

    def open(self) -> Snapshot:
        """The table as it is now. Raises DeltaError."""
        table = DeltaTable(str(self._root))
        try:
            found = table.to_pyarrow_dataset()
        except DeltaProtocolError:  # deletion vectors, and what else is younger than that reader
            return Queried(table, self._key)
        fragments = {fragment.path: fragment for fragment in found.get_fragments()}
        return Snapshot(table, self._key, dict(sorted(fragments.items())), found.schema)


class Snapshot(Rows):
    """One version of a Delta table."""

    def __init__(self, table: DeltaTable, key: str, files: dict[str, Any], schema: pa.Schema) -> None:
        super().__init__(files, schema, {})
        self._table, self._key = table, key
        about = table.metadata()
        self._now: Values = {
            "table": str(about.id),
            "version": table.version(),
            "feed": str(about.configuration.get(_FEED, "")).lower() == "true",
        }

    def cursor(self) -> str | None:
        return json.dumps(self._now)

    def changes(self, cursor: str | None) -> Iterator[tuple[str, Values | None]] | None:
        """The rows that changed since a cursor under their keys, None for those that are gone; None when only reading
        everything tells. A key that comes twice in the table cannot be told apart here.
        """
        before = _told(cursor)
        if before.get("table") != self._now["table"] or not 0 <= before.get("version", -1) <= self._now["version"]:
            return None
        if before["version"] == self._now["version"]:
            return iter(())
        if not (before.get("feed") and self._now["feed"]) or self._key not in self.names:
            return None
        try:
            return self._since(before["version"] + 1, self._last(before["version"] + 1))
        except DeltaError:  # files of the feed were vacuumed
            return None

    def _feed(self, version: int, columns: list[str] | None) -> Iterator[Values]:
        reader = self._table.load_cdf(starting_version=version, ending_version=self._now["version"], columns=columns)
        for batch in pa.RecordBatchReader.from_stream(reader):
            yield from values_of(batch)

    def _last(self, version: int) -> dict[str, tuple[int, bool]]:
        """What happened last to each key: the version, and whether it is there since. Of one version, what was written
        counts more than what was taken away: an update is both.
        """
        last: dict[str, tuple[int, bool]] = {}
        for row in self._feed(version, [self._key, "_change_type", "_commit_version"]):
            key = str(plain(row[self._key]))
            here = row["_change_type"] in ("insert", "update_postimage")
            last[key] = max(last.get(key, (-1, False)), (row["_commit_version"], here))
        return last

    def _since(self, version: int, last: dict[str, tuple[int, bool]]) -> Iterator[tuple[str, Values | None]]:
        gone = sorted(key for key, (_, here) in last.items() if not here)
        for row in self._feed(version, None):
            key = str(plain(row[self._key]))
            here = row["_change_type"] in ("insert", "update_postimage")
            if here and last.get(key) == (row["_commit_version"], True):
                del last[key]
                yield key, {name: row[name] for name in self.names}
        yield from ((key, None) for key in gone)


class Queried(Snapshot):
    """A version that only the engine of the Delta library reads; it sorts by key, in memory, for a stable order."""

    def __init__(self, table: DeltaTable, key: str) -> None:
        super().__init__(table, key, {}, pa.schema(table.schema().to_arrow()))

    def batches(self, columns: list[str] | None) -> Iterator[tuple[str, list[Values]]]:
        wanted = ", ".join(map(_quoted, columns or self.names))
        order = f" order by {_quoted(self._key)}" if self._key in self.names else ""
        statement = f"select {wanted} from source{order}"  # noqa: S608 (names are quoted, and of the table itself)
        for batch in QueryBuilder().register("source", self._table).execute(statement):
            rows = values_of(pa.record_batch(batch))
            yield "", rows


def first_line(error: BaseException) -> str:
    """What a library says, in one line."""
    text = str(error).strip()
    return text.splitlines()[0][:300] if text else type(error).__name__


def _told(cursor: str | None) -> Values:
    """What a cursor says; nothing when it is none of ours."""
    try:
        found = json.loads(cursor or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) and isinstance(found.get("version"), int) else {}


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
