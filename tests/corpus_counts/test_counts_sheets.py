"""Sheets of the corpus by their crosswalks: every count is that of an independent reader, and no cell is lost."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mappings.record import Record, encode
from tests.corpus_counts.conftest import Counted
from tests.corpus_counts.counts_sheets import is_label, outcomes, read

pytestmark = [pytest.mark.corpus, pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")]


def test_every_count_is_that_of_another_reader(counted: Counted) -> None:
    counts = counted("counts_sheets")
    assert [count for count in counts if count.ours != count.theirs and not count.note] == []
    assert sum(count.ours for count in counts if count.what == "rows") == 21_515


REWORDED = re.compile(
    r".*(lang|language|level|publish(ed)?|p_\w+|flag|restrictions(_apply)?|publicationStatus|[tT]ype(s|OfEntity)?|role)(_\d+)?"
    r"|(eventS|eventE|date_\d+_|begin|end).*"
)
"""Headers of cells that a record says in words of ours, as access, or as the years of a date."""
SOURCES = ("archivesspace", "atom", "isad", "rad", "authority", "dat18")


def kept(text: str, record: str) -> bool:
    """Is every piece of a cell somewhere in the record?"""
    return all(" ".join(piece.split()).casefold() in record for piece in re.split("[|;]", text.replace("_", " ")))


def test_no_cell_is_lost(corpus: Path) -> None:
    lost = []
    for path in sorted((corpus / "csv").rglob("*")):
        if not path.is_file() or not path.parent.name.startswith(
            ("archivesspace", "atom", "isad", "rad", "auth", "dat18")
        ):
            continue
        found = [outcome for outcome in outcomes(path) if isinstance(outcome, Record)]
        if not found:
            continue
        for record, cells in zip(found, [cells for cells in read(path) if not is_label(cells)], strict=True):
            said = encode(record).decode().replace("\\n", " ").replace('\\"', '"').replace("_", " ").casefold()
            lost += [
                f"{path.name}: {header} {text!r}"
                for header, text in cells.items()
                if text != "NULL" and not REWORDED.fullmatch(header) and not kept(text.replace("|NULL", ""), said)
            ]
    assert lost == []
