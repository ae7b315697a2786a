"""Sheets by their crosswalks, against the csv module and openpyxl: rows, parents, containers, dates, and cells kept."""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl

from mappings.base import MappingOptions, Outcome, Skipped
from mappings.record import Record
from mappings.registry import mapping
from tests.contracts.mapping_contract import Bytes
from tests.corpus_counts.table import Count

BULK = "archivesspace-bulk-import"
HEADER_LINE = {
    "aspace_assessment_import_template.csv": 2,
    "bulk_import_DO_template.xlsx": 4,
    "bulk_import_VFIRST01_test01.xlsx": 4,
    "bulk_import_VFIRST01_test01_wont_work_without_solr_connection.xlsx": 4,
    "bulk_import_VFIRST01_with_conditions_governing_access_notes.xlsx": 4,
    "bulk_import_template.xlsx": 4,
    "testTopLinkerUpload.csv": 4,
    "testTopLinkerUpload.xlsx": 4,
}
"""Where headers are not in the first line."""
Cells = dict[str, str]


def read(path: Path) -> list[Cells]:
    """The rows with text below the header, header -> text, without labels and blank cells."""
    lines = [[str(cell or "").strip() for cell in line] for line in _lines(path)]
    header, *below = lines[HEADER_LINE.get(path.name, 1) - 1 :]
    found = [{name: text for name, text in zip(header, line, strict=False) if text} for line in below]
    return [cells for cells in found if cells]


def _lines(path: Path) -> list[Any]:
    if path.suffix == ".xlsx":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return list(openpyxl.load_workbook(path, data_only=True).worksheets[0].iter_rows(values_only=True))
    payload = path.read_bytes()
    text = payload.decode("gb18030" if "gbk" in path.name else "utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), skipinitialspace=True))


def is_label(cells: Cells) -> bool:
    """Is this a further header row, that of labels for people?"""
    return next(iter(cells.values())).casefold().startswith("field name")


def outcomes(path: Path) -> list[Outcome]:
    """What the table mapping makes of a file that nobody described."""
    return list(mapping("table", MappingOptions()).records([Bytes(path.name, path.read_bytes())]))


def rows(corpus: Path) -> Iterator[Count]:
    """A count of rows a sheet, and of what they say for those that say it."""
    for path in sorted(file for file in (corpus / "csv").rglob("*") if file.is_file()):
        name = f"sheet {path.relative_to(corpus / 'csv').as_posix()}"
        reader = "openpyxl" if path.suffix == ".xlsx" else "csv"
        theirs = read(path)
        found = [outcome for outcome in outcomes(path) if not _is_empty(outcome)]
        yield Count(name, "rows", len(found), len(theirs), reader)
        labels = sum(isinstance(one, Skipped) and one.problem.code == "header-row" for one in found)
        yield Count(name, "rows of labels", labels, sum(map(is_label, theirs)), reader)
        records = [outcome for outcome in found if isinstance(outcome, Record)]
        for what, ours, others in _said(records, [cells for cells in theirs if not is_label(cells)]):
            if ours or others:
                yield Count(name, what, ours, others, reader)


def _is_empty(outcome: Outcome) -> bool:
    return isinstance(outcome, Skipped) and outcome.problem.code in ("empty-file", "empty-row")


PARENTS = ("parentId", "resource_title")
TOPS = ("type_1", "indicator_1", "top_container_indicator", "top_container_barcode", "barcode", "instance_type")
DATES = (
    "expression",
    "begin",
    "expression_1",
    "begin_1",
    "date_1_expression",
    "date_1_begin",
    "eventDates",
    "成文日期",
)
AGENTS = ("people_agent_header_1", "corporate_entities_agent_header_1", "families_agent_header_1", "责任者")


def _said(records: list[Record], theirs: list[Cells]) -> Iterator[tuple[str, int, int]]:
    """(what, ours, theirs): records below another, in a container, with dates, with a name, and authorities."""
    if not records:
        return
    below = sum(any(name in cells for name in PARENTS) or cells.get("hierarchy", "1") > "1" for cells in theirs)
    parts = sum(cells.get("digital_object_is_component", "n").casefold() in ("y", "t", "1") for cells in theirs)
    yield "records below another", sum(bool(record.ancestors) for record in records), below + parts
    tops = ("physicalObjectName", *TOPS) if "typeOfEntity" not in theirs[0] else ()
    held = sum(any(name in cells for name in tops) for cells in theirs)
    yield "records in a container", sum(bool(record.holdings) for record in records), held
    if any(name in cells for name in DATES for cells in theirs):
        dated = sum(any(name in cells for name in DATES) for cells in theirs)
        yield "records with dates", sum(record.dates is not None for record in records), dated
    named = sum(any(name in cells for name in AGENTS) for cells in theirs)
    if named:
        yield "records with a name", sum(bool(record.names) for record in records), named
    bodies = sum("authorizedFormOfName" in cells for cells in theirs)
    yield "authorities", sum(record.authority is not None for record in records), bodies


def left(corpus: Path) -> Iterator[tuple[str, list[str]]]:
    """(file, columns with text that no field took) of every sheet: what stands among the values of its records."""
    for path in sorted(file for file in (corpus / "csv").rglob("*") if file.is_file()):
        records = [outcome for outcome in outcomes(path) if isinstance(outcome, Record)]
        yield path.name, list(dict.fromkeys(header for record in records for header in record.values))
