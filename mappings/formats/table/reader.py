"""Which reader a table needs, found out from its first bytes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from mappings.formats.reading import read_up_to
from mappings.formats.table import columnar, delimited, spreadsheet
from mappings.formats.table.rows import EMPTY, NotATable, Row

_LARGEST = 512 * 2**20


def rows_of(stream: BinaryIO, name: str, wanted: frozenset[str]) -> Iterator[Row]:
    """The rows of a file; `wanted` are the headers its source file names, by which the header row is found. Raises
    NotATable.
    """
    head = stream.read(65536)
    if not head.strip():
        raise NotATable("empty-file", "the file is empty", EMPTY)
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
