"""XLSX sheets (ECMA-376): the first sheet with data, values as the last calculation left them."""

from __future__ import annotations

import datetime as dt
import io
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from itertools import chain, islice
from operator import itemgetter
from typing import Any
from xml.etree.ElementTree import ParseError

from lxml import etree

from mappings.formats.table.header import find_header
from mappings.formats.table.rows import EMPTY, NotATable, Row, headers, padded, without_trailing_blanks
from mappings.record import clean

# openpyxl warns of styles and validations it does not keep; only values are read here
warnings.filterwarnings("ignore", module=r"openpyxl\.")
_LARGEST = 256 * 2**20  # bytes of one part, and of all, when unpacked
_SAMPLE_ROWS = 60


def rows(payload: bytes, name: str, wanted: frozenset[str]) -> Iterator[Row]:
    """The rows below the header row. Raises NotATable when the file is no workbook or a dangerous one."""
    _check_archive(payload, name)
    try:
        yield from without_trailing_blanks(_sheet_rows(payload, wanted))
    except (
        zipfile.BadZipFile,
        zlib.error,
        KeyError,
        ValueError,
        TypeError,
        OSError,
        ParseError,
        etree.LxmlError,
    ) as error:
        reason = f"the workbook cannot be read: {str(error)[:200]}"
        raise NotATable(
            "damaged-xlsx", reason, "open and save it again in a spreadsheet program", broken=True
        ) from None


def _check_archive(payload: bytes, name: str) -> None:
    """Refuse what is no workbook, what unpacks to too much, and XML with entities, before anything is parsed."""
    should_be = name.lower().endswith((".xlsx", ".xlsm"))
    try:
        with zipfile.ZipFile(io.BytesIO(payload)) as archive:
            if "xl/workbook.xml" not in archive.namelist():
                raise NotATable(
                    "wrong-format",
                    "the archive holds no workbook",
                    "unpack it and read what is inside",
                    broken=should_be,
                )
            if sum(part.file_size for part in archive.infolist()) > _LARGEST:
                raise NotATable(
                    "too-large", "the workbook unpacks to more than 256 MiB", "split it or save it as CSV", broken=True
                )
            for part in archive.infolist():
                if part.filename.endswith((".xml", ".rels")) and _declares_entities(archive, part):
                    raise NotATable(
                        "entities", f"{part.filename} in the workbook declares entities", "save it again", broken=True
                    )
    except (zipfile.BadZipFile, zlib.error, ValueError, OSError, RuntimeError, NotImplementedError) as error:
        reason = f"the file is a damaged archive: {str(error)[:200]}"
        raise NotATable("damaged-xlsx", reason, "fetch it again", broken=should_be) from None


def _declares_entities(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    """Office never writes a document type; a UTF-16 part would hide one from this look."""
    with archive.open(part) as stream:
        head = stream.read(65536)
    return b"<!DOCTYPE" in head or b"<!ENTITY" in head or head[:2] in (b"\xff\xfe", b"\xfe\xff")


def _sheet_rows(payload: bytes, wanted: frozenset[str]) -> Iterator[Row]:
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(payload), read_only=True, data_only=True, keep_links=False)
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # what the sheet claims of its size is often wrong
        _order_cells(sheet)
        numbered = enumerate(sheet.iter_rows(values_only=True), 1)
        first = list(islice(numbered, _SAMPLE_ROWS))
        place = find_header([row for _, row in first], wanted)
        if place is not None:
            yield from _below(first[place][1], chain(first[place + 1 :], numbered))
            return
    raise NotATable("empty-file", "no sheet of the workbook has data", EMPTY)


def _order_cells(sheet: Any) -> None:
    """Cells of a row stand in the order of their columns (ECMA-376 18.3.1.73), but not in sheets that a program wrote
    into: openpyxl takes the last one for the outermost and loses what lies behind it.
    """
    as_written = sheet._get_row
    sheet._get_row = lambda row, *bounds: as_written(sorted(row, key=itemgetter("column")), *bounds)


def _below(header: tuple[Any, ...], following: Iterator[tuple[int, tuple[Any, ...]]]) -> Iterator[Row]:
    raw = [clean(cell) for cell in header]
    while raw and raw[-1] is None:
        raw.pop()
    names = headers(raw)
    for number, cells in following:
        values = padded(names, [_plain(cell) for cell in cells])
        for place in range(len(names), len(cells)):
            if cells[place] is not None:
                values[f"column {place + 1}"] = _plain(cells[place])
        yield Row(number, values)


def _plain(cell: Any) -> Any:
    """A cell as it is read: 3.0 is 3, midnight is a day."""
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(" ")
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    return cell
