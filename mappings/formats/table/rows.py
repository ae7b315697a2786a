"""Rows of tables in files, whatever the file: delimited text, XLSX, Parquet, JSON. The bytes decide, not the name."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

from msgspec import Struct

from mappings.record import Problem
from mappings.remember import remember


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


@remember(4096)
def folded(header: str) -> str:
    """A header as it is compared: case, blanks, hyphens and underscores do not count."""
    return "".join(header.casefold().split()).replace("_", "").replace("-", "")


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
