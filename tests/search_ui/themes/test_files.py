"""What is taken away: no cell runs as a formula, nothing is lost on the way, values have the type of their column."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.engines.memory import MemoryEngine
from indexer.resource import mint
from indexer.search import Searcher
from mappings.access import ANONYMOUS
from mappings.record import Copy, Page, Record, Word
from search_ui.services import Services
from search_ui.themes import guide
from search_ui.themes.data import typed
from search_ui.themes.files import csv_text, zipped
from search_ui.themes.model import Column, Said
from service_desk.history import UsualTable
from tests.indexer.corpus import fill, member, resource

SAID = Said.model_validate({"en": "x", "zh-Hans": "x", "zh-Hant": "x"})
TYPED: dict[str, tuple[str, Any, Any]] = {
    "text": ("text", "=1+1", "=1+1"),
    "nothing": ("text", "", None),
    "a whole number": ("integer", "1,234", 1234),
    "full width": ("integer", "１２", 12),
    "no whole number": ("integer", "1.5", None),
    "a number": ("number", "-6486739.2", -6486739.2),
    "words are no number": ("number", "全部", None),
    "not a number": ("number", "nan", None),
    "without end": ("number", "1e999", None),
    "too precise for a number": ("integer", str(2**60), None),
    "a year": ("year", "民國53年", 1964),
    "no year": ("year", "undated", None),
    "a day": ("date", "19841230", dt.date(1984, 12, 30)),
    "a month is no day": ("date", "1984-12", None),
    "yes": ("boolean", "是", True),
    "perhaps": ("boolean", "maybe", None),
}


@pytest.mark.parametrize("name", TYPED)
def test_a_value_in_the_type_of_its_column(name: str) -> None:
    kind, told, value = TYPED[name]
    column = Column.model_validate({"name": "c", "from": "title", "type": kind, "description": SAID})
    assert typed(told, column) == value


cells = st.one_of(
    st.none(), st.booleans(), st.integers(), st.dates(), st.text(max_size=12), st.from_regex(r"[ ]?[=+\-@\t\r].*")
)


@given(st.lists(st.lists(cells, min_size=2, max_size=2), max_size=5))
def test_no_cell_of_text_is_a_formula(rows: list[list[Any]]) -> None:
    text = "".join(csv_text(rows))
    read = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert text.startswith("\ufeff") and len(read) == len(rows)
    for row, shown in zip(rows, read, strict=True):
        for value, cell in zip(row, shown, strict=True):
            if isinstance(value, str):
                assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))
                assert cell.removeprefix("'") == value or cell == value


@given(
    st.dictionaries(st.from_regex(r"[a-z0-9/]{1,8}\.(jpg|txt)", fullmatch=True), st.binary(max_size=3000), max_size=5)
)
def test_an_archive_holds_what_was_put_in(files: dict[str, bytes]) -> None:
    pieces = list(zipped(files.items()))
    with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == files
    assert len(pieces) == len(files) + 1


@given(st.text(max_size=200))
def test_a_guide_is_text_and_no_markup_of_others(markdown: str) -> None:
    made = str(guide.markup(markdown)).casefold()
    assert "<script" not in made and "<img" not in made and 'href="javascript:' not in made


def test_headings_of_a_guide_stand_below_those_of_the_page() -> None:
    assert "<h3>What</h3>" in guide.markup("# What") and "<h6>Deep</h6>" in guide.markup("###### Deep")


@pytest.mark.parametrize("lined", [True, False])
def test_the_text_of_a_long_page_is_whole(lined: bool) -> None:
    lines = [f"{number} 石碇鄉土地" * 40 for number in range(400)]
    text = "\n".join(lines) if lined else "".join(lines)
    words = tuple((Word(line, 0, 0, 1, 1),) for line in lines) if lined else ()
    record = Record("v", "Volume", kind="digital", copies=(Copy(page_count=1, pages=(Page(1, text, lines=words),)),))
    engine = MemoryEngine()
    fill(engine, (resource(member("scans", record)),))
    silent = SimpleNamespace(history=SimpleNamespace(state=lambda: 0, table=UsualTable))
    services = Services(Searcher(engine), silent, lambda *_: io.BytesIO(), Path())  # type: ignore[arg-type]
    pieces = list(services.page_text(mint("scans", "v"), 1, ANONYMOUS))
    assert len(pieces) > 2 and max(map(len, pieces)) < len(text)
    assert "".join(pieces) == f"[1]\n{text}\n"
    assert list(services.page_text(mint("scans", "v"), 2, ANONYMOUS)) == []
