"""Rows of tables in files, whatever the file: delimited text, XLSX, Parquet, JSON. The bytes decide, not the name."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

from msgspec import Struct

from mappings.formats.reading import read_up_to
from mappings.record import Problem

_LARGEST = 512 * 2**20


class Row(Struct, frozen=True):
    """One row: its number in the file as its user counts (lines, sheet rows, records from 1), and its cells by header.

    A row that cannot be read has `problems` and no cells (None).
    """

    number: int
    cells: dict[str, Any] | None
    problems: tuple[Problem, ...] = ()


EMPTY = "export it again, or choose a glob that leaves it out"


class NotATable(Exception):
    """The file is no table, or none that can be read: `problem` says why. `broken` when it should have been one."""

    def __init__(self, code: str, reason: str, hint: str = "", broken: bool = False, position: str = "") -> None:
        super().__init__(reason)
        self.problem = Problem(code, reason, hint, position)
        self.broken = broken


class Joined(io.RawIOBase):
    """What was read of a stream already, then the rest of it."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._parts: list[BinaryIO] = [io.BytesIO(head), rest]

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while self._parts:
            piece = self._parts[0].read(len(buffer))
            if piece:
                buffer[: len(piece)] = piece
                return len(piece)
            self._parts.pop(0)
        return 0


def headers(raw: list[str | None]) -> list[str]:
    """Headers as keys: blank ones are called by their place, repeated ones counted."""
    found: list[str] = []
    seen: set[str] = set()
    for place, name in enumerate(raw, 1):
        unique = base = name or f"column {place}"
        count = 2
        while unique in seen:
            unique = f"{base} ({count})"
            count += 1
        seen.add(unique)
        found.append(unique)
    return found


def padded(names: Sequence[str], cells: Sequence[Any]) -> dict[str, Any]:
    """Cells by header; a row that is too short lacks no column, it has nothing in it."""
    values = dict(zip(names, cells, strict=False))
    for name in names[len(cells) :]:
        values[name] = None
    return values


def blank(cells: dict[str, Any]) -> bool:
    """Is there nothing in any cell?"""
    return not any(value is not None and str(value).strip() for value in cells.values())


def without_trailing_blanks(rows: Iterator[Row]) -> Iterator[Row]:
    """Rows up to the last one with text: sheets often claim a million empty ones behind it."""
    held: list[Row] = []
    for row in rows:
        if row.cells is not None and blank(row.cells):
            if len(held) < 10_000:
                held.append(row)
            continue
        yield from held
        held.clear()
        yield row


def rows_of(stream: BinaryIO, name: str, wanted: frozenset[str]) -> Iterator[Row]:
    """The rows of a file; `wanted` are the headers its source file names, by which the header row is found. Raises
    NotATable.
    """
    head = stream.read(65536)
    if not head.strip():
        raise NotATable("empty-file", "the file is empty", EMPTY)
    from mappings.formats.table import columnar, delimited, spreadsheet

    if head.startswith(b"PK\x03\x04"):
        return spreadsheet.rows(_packed(head, stream), name, wanted)
    if head.startswith(b"PAR1"):
        return columnar.parquet_rows(_packed(head, stream))
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[") and columnar.is_json(head, name):
        return columnar.json_rows(head, stream)
    _refuse_others(head, name)
    return delimited.rows(head, stream, name, wanted)


def _packed(head: bytes, stream: BinaryIO) -> bytes:
    """A workbook or Parquet file, which are read from their end. Raises NotATable when it is larger than memory should
    hold.
    """
    payload = head + read_up_to(stream, _LARGEST)
    if len(payload) > _LARGEST:
        raise NotATable("too-large", "the file is larger than 512 MiB", "split it, or deliver CSV", broken=True)
    return payload


def _refuse_others(head: bytes, name: str) -> None:
    """Formats that are recognised by their first bytes and are not tables."""
    for mark, what, hint in _OTHERS:
        if head.startswith(mark):
            raise NotATable("wrong-format", f"the file is {what}, not a table", hint)
    start = head.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")[:1]
    if start == b"<" and not name.lower().endswith((".csv", ".tsv", ".tab")):
        raise NotATable("wrong-format", "the file is XML or HTML, not a table", "choose another mapping for it")


_OTHERS = (
    (b"%PDF", "PDF", "choose another mapping for it"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file", "save it as .xlsx or CSV"),
    (b"\x89PNG", "an image", "choose another mapping for it"),
    (b"\xff\xd8\xff", "an image", "choose another mapping for it"),
    (b"\x1f\x8b", "compressed", "unpack it"),
)
