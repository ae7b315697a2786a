"""Files that are sent while they are made: ZIP archives and CSV. Nothing of their size is ever kept in memory."""

from __future__ import annotations

import csv
import io
import time
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

BOM: Final = "\ufeff"
"""Spreadsheets take a CSV without it for one in the machine's old encoding."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_PACKED: Final = (".jpg", ".jpeg", ".png", ".gif", ".webp")


class Outbox(io.RawIOBase):
    """A file that can only be written: what was written since the last look is `taken` from it."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []
        self._told = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        self._told += len(data)
        return len(data)

    def tell(self) -> int:
        return self._told

    def taken(self) -> bytes:
        """What was written since this was last asked."""
        data = b"".join(self._parts)
        self._parts.clear()
        return data


def zipped(files: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """The archive of these files (name, content), piece by piece as they come. What they raise breaks it off."""
    outbox, now = Outbox(), time.localtime()[:6]
    with zipfile.ZipFile(outbox, "w") as archive:
        for name, content in files:
            packed = name.lower().endswith(_PACKED)
            entry = zipfile.ZipInfo(name, now)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED)
            yield outbox.taken()
    yield outbox.taken()


def csv_text(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """CSV (RFC 4180) of rows, a line at a time, with a byte order mark; see `cell`."""
    line = io.StringIO(newline="")
    writer = csv.writer(line)
    yield BOM
    for row in rows:
        writer.writerow([cell(value) for value in row])
        yield line.getvalue()
        line.seek(0)
        line.truncate()


def cell(value: Any) -> str:
    """A value as a spreadsheet may open it: text that would be run as a formula begins with an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return str(value)
    return f"'{value}" if value.lstrip(" ").startswith(_FORMULA) else value
