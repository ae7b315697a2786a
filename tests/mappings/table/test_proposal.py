"""Proposals for sheets nobody described: by the words of headers, confirmed or refused by cells."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mappings.formats.table.columns import look
from mappings.formats.table.plan import SINGLE
from mappings.formats.table.proposal import SAMPLE, Proposed, propose
from mappings.formats.table.reader import rows_of
from tests.mappings.table.proposals import measured


def one(header: str, *cells: Any) -> Proposed:
    (found,) = propose([{header: cell} for cell in cells])
    return found


COLUMNS: dict[str, tuple[str, list[Any], str | None]] = {
    "a word": ("Title", ["Letters", "Maps"], "title"),
    "a word in Chinese": ("题名", ["函", "电"], "title"),
    "in traditional writing": ("題名", ["函", "電"], "title"),
    "written in one": ("levelOfDescription", ["file", "item"], "level"),
    "the end of it": ("newspaper_title", ["Argus", "Mercury"], "title"),
    "nearly a word": ("Tittle", ["Letters", "Maps"], "title"),
    "repeated columns": ("begin_2", ["1901", "1902"], "dates"),
    "of somebody else": ("agent_contact_city", ["Paris", "Rome"], None),
    "dates": ("成文日期", ["1905-01-02", "民国38年"], "dates"),
    "dates that are none": ("date", ["see below", "unknown text"], None),
    "a year unknown": ("born_year", [1042, 0, 0, 955], "dates"),
    "an image flag": ("image", ["y", "y"], None),
    "an image address": ("image", ["https://a.example/1.jpg"] * 2, "link"),
    "numbers for a title": ("title", [1, 2, 3], None),
    "yes and no": ("appraisal", ["Y", "N", "Y"], None),
    "an id that repeats": ("id", ["1", "1", "2"], None),
    "addresses speak": ("zz", ["https://a.example/1", "https://a.example/2"], "link"),
    "ISBN speaks": ("zz", ["0-306-40615-2", "978-0-306-40615-7", "0-306-40615-2"], "isbn"),
    "telephones do not": ("zz", ["212-555-1000", "212-555-1001", "212-555-1002"], None),
    "codes speak": ("zz", ["Z013-1-001", "Z013-1-002", "Z013-1-003"], "reference_code"),
    "dates are no codes": ("zz", ["2009-11-12", "2009-11-13", "2009-11-14"], None),
    "long texts": (
        "zz",
        [f"{number} " + "a long text about the letters " * 5 for number in range(3)],
        "scope_and_content",
    ),
    "nothing": ("zz", ["a", "b"], None),
    "empty": ("zz", [None, ""], None),
    "empty, but named": ("subject", [None], "subject"),
    "no header": ("column 2", ["a"], None),
}


@pytest.mark.parametrize(("header", "cells", "field"), COLUMNS.values(), ids=COLUMNS)
def test_a_column(header: str, cells: list[Any], field: str | None) -> None:
    found = one(header, *cells)
    assert (found.field, bool(found.why)) == (field, True)
    assert 0 <= found.confidence <= 1


def test_cells_make_a_proposal_surer() -> None:
    assert one("date", "1905").confidence > one("date", None).confidence


def test_a_field_that_takes_one_column_goes_to_the_surest() -> None:
    found = {column.header: column for column in propose([{"full_title": "A", "title": "B"}])}
    assert (found["title"].field, found["full_title"].field) == ("title", None)
    assert "“title” is surer" in found["full_title"].why


def test_several_subjects_in_a_cell_are_divided() -> None:
    assert one("keywords", "land; rail", "rail; sea").split == ";"
    assert one("keywords", "land", "rail").split is None


def test_an_example_of_a_cell_is_no_novel() -> None:
    assert len(one("zz", "x" * 10_000).sample or "") < 1000


@given(
    st.lists(
        st.dictionaries(st.text(max_size=20), st.one_of(st.none(), st.text(), st.integers(), st.floats()), max_size=6),
        max_size=6,
    )
)
def test_any_sheet_gives_a_proposal_for_each_column(rows: list[dict[str, Any]]) -> None:
    found = propose(rows)
    assert {column.header for column in found} == {header for row in rows for header in row}
    taken = [column.field for column in found if column.field in SINGLE]
    assert len(taken) == len(set(taken))


def test_an_empty_column_looks_like_nothing() -> None:
    assert look([]).filled == 0


@pytest.mark.parametrize("name", ["land_files", "newspapers"])
def test_proposals_for_the_samples_are_what_their_source_files_say(name: str) -> None:
    """Sheets that no word of the vocabulary was chosen for."""
    source = yaml.safe_load((SAMPLES / "sources" / f"{name}.yml").read_text("utf-8"))
    stated = {(header, field) for field, names in source["columns"].items() for header in listed(names)}
    (path,) = (SAMPLES / source["settings"]["path"]).glob(source["settings"]["glob"])
    with path.open("rb") as stream:
        found = propose(row.cells for row in islice(rows_of(stream, path.name, frozenset()), SAMPLE) if row.cells)
    proposed = {(column.header, column.field) for column in found if column.field is not None}
    assert len(proposed & stated) / len(proposed) >= 0.9
    assert len(proposed & stated) / len({header for header, _ in stated}) >= 0.8


SAMPLES = Path(__file__).resolve().parents[3] / "samples"


def listed(names: str | list[str]) -> list[str]:
    return [names] if isinstance(names, str) else names


@pytest.mark.corpus
@pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
def test_proposals_over_the_corpus(corpus: Path) -> None:
    right, wrong, missed, _ = measured(corpus)
    found = right.total()
    assert found / (found + wrong.total()) >= 0.95
    assert found / (found + wrong.total() + missed.total()) >= 0.8


def test_a_list_that_calls_everything_by_names_of_its_own() -> None:
    rows = [
        {
            "卷宗编号": "J1-2-3",
            "事情": "关于土地登记的请示",
            "经办人": "张三",
            "办理日期": "1952年3月5日",
            "录入日期": "2020-01-01",
        },
        {
            "卷宗编号": "J1-2-4",
            "事情": "婚姻登记名册汇总",
            "经办人": "李四",
            "办理日期": "民国38年",
            "录入日期": "2020-01-02",
        },
    ]
    fields = {column.header: column.field for column in propose(rows)}
    assert fields["事情"] == "title"
    assert (fields["办理日期"], fields["经办人"]) == ("dates", "name")
