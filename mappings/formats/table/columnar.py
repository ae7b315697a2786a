"""Parquet files and JSON: an array of objects, or one object a line (https://jsonlines.org)."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from itertools import chain
from typing import Any, BinaryIO

from mappings.formats.reading import read_up_to
from mappings.formats.table.rows import Joined, NotATable, Row
from mappings.record import Problem, clean

_LARGEST = 512 * 2**20
_LONGEST_LINE = 16 * 2**20
_LARGEST_GROUP = 2 * 2**30
_BATCH = 1000


def parquet_rows(payload: bytes) -> Iterator[Row]:
    """The rows of a Parquet file, a batch in memory at a time. Raises NotATable when it cannot be read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(io.BytesIO(payload))
        groups = [file.metadata.row_group(index).total_byte_size for index in range(file.metadata.num_row_groups)]
        if max(groups, default=0) > _LARGEST_GROUP:
            raise NotATable(
                "too-large", "a row group unpacks to more than 2 GiB", "write smaller row groups", broken=True
            )
        number = 0
        for batch in file.iter_batches(batch_size=_BATCH):
            for cells in batch.to_pylist():
                number += 1
                yield Row(number, cells)
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = f"the Parquet file cannot be read: {_line(error)}"
        raise NotATable("damaged-parquet", reason, "write it again", broken=True) from None


def is_json(head: bytes, name: str) -> bool:
    """Does a file that begins with a bracket hold objects, or is its name one of JSON?"""
    if name.lower().endswith((".json", ".jsonl", ".ndjson")):
        return True
    first = head.lstrip(b"\xef\xbb\xbf \t\r\n").split(b"\n", 1)[0].strip()
    try:
        return isinstance(json.loads(first), dict)
    except ValueError:
        return False


def json_rows(head: bytes, stream: BinaryIO) -> Iterator[Row]:
    """One row for each object. A line that is not JSON is a row that could not be read."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"["):
        yield from _array(head + read_up_to(stream, _LARGEST))
        return
    lines: BinaryIO = io.BufferedReader(Joined(head, stream), 1 << 16)
    first = lines.readline(_LONGEST_LINE)
    if _object(1, first).cells is None:
        following = read_up_to(lines, _LARGEST)
        whole = _whole(first + following)
        if whole is not None:
            yield Row(1, whole)
            return
        lines = io.BytesIO(following)
    for number, line in enumerate(chain([first], iter(lambda: lines.readline(_LONGEST_LINE), b"")), 1):
        if line.strip():
            yield _object(number, line)


def _whole(payload: bytes) -> dict[str, Any] | None:
    """A file that is one object over several lines."""
    try:
        value = json.loads(payload.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    return flat(value) if isinstance(value, dict) else None


def _array(payload: bytes) -> Iterator[Row]:
    try:
        values = json.loads(payload.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        reason = f"the file is not JSON: {_line(error)}"
        raise NotATable("damaged-json", reason, "correct it there", True, json_place(error)) from None
    for number, value in enumerate(values, 1):
        yield _checked(number, value)


def _object(number: int, line: bytes) -> Row:
    try:
        value = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        problem = Problem("damaged-json", f"not JSON: {_line(error)}", "correct this line", f"line {number}")
        return Row(number, None, (problem,))
    return _checked(number, value)


def _checked(number: int, value: Any) -> Row:
    if isinstance(value, dict):
        return Row(number, flat(value))
    problem = Problem("damaged-json", "not a JSON object", "rows are objects with a key a column", f"row {number}")
    return Row(number, None, (problem,))


def flat(value: dict[str, Any], prefix: str = "", depth: int = 0) -> dict[str, Any]:
    """Objects inside objects as columns ``a.b``, ten levels deep."""
    found: dict[str, Any] = {}
    for key, inner in value.items():
        name = f"{prefix}{clean(key) or '?'}"
        if isinstance(inner, dict) and depth < 10:
            found.update(flat(inner, f"{name}.", depth + 1))
        else:
            found[name] = inner
    return found


def json_place(error: BaseException) -> str:
    """Where in a text JSON ends to be JSON."""
    return f"line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else "line 1"


def _line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
