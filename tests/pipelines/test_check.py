"""What `source check` tells of a source before it is trusted."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.base import SourceError
from pipelines.check import check_source

from .conftest import House, finding_aid


def test_tells_of_records_and_access_and_writes_nothing(house: House) -> None:
    found = check_source(house.specs[0])
    assert [record["title"] for record in found["records"]] == ["Railway", "Harbour", "Canal", "Fonds J1"]
    assert found["records"][0]["access"]["value"] == found["access"] == "restricted"
    assert found["access_note"].startswith("stated nowhere")
    assert not (house.folder / "records").exists()


def test_the_source_file_may_state_access(house: House) -> None:
    found = check_source(replace(house.specs[0], access="open"))
    assert found["records"][0]["access"] == {"value": "open", "stated_by": "source"}


def test_few_of_many(house: House) -> None:
    for number in range(9):
        house.write(f"aids/{number}.xml", finding_aid([(str(part), "File") for part in range(50)]))
    found = check_source(house.specs[0], limit=7)
    assert len(found["records"]) == 7
    assert len(found["items"]) == 5


def test_columns_nobody_asked_for(house: House) -> None:
    house.write("rows/r.csv", "id,code,title,shelf\n1,J1,One,A7\n")
    assert check_source(house.specs[1])["unmapped"] == ["shelf"]


def test_columns_are_proposed_for_a_sheet_that_says_nothing_of_them(house: House) -> None:
    house.write("rows/r.csv", "编号,题名,架次\n1,函,A7\n")
    found = check_source(replace(house.specs[1], columns={}))
    assert found["proposal"]["item"] == "r.csv"
    assert [column["field"] for column in found["proposal"]["columns"]] == ["id", "title", None]


def test_a_known_sheet_is_named_and_one_with_columns_needs_no_proposal(house: House) -> None:
    house.write("rows/r.csv", "legacyId,title,levelOfDescription,extentAndMedium,culture\n1,A,file,1 m,en\n")
    found = check_source(replace(house.specs[1], columns={}))
    assert (found["crosswalk"], found["proposal"]) == ("atom-isad", None)
    stated = check_source(replace(house.specs[1], columns={"title": "title"}))
    assert (stated["crosswalk"], stated["proposal"]) == (None, None)


def test_rows_of_a_database_are_one_sheet(house: House, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "a.db")) as database:
        database.execute("create table lists (nr integer primary key, 题名 text, 日期 text)")
        database.executemany("insert into lists values (?, ?, ?)", [(1, "函", "1905"), (2, "电", "1906")])
        database.commit()
    settings = {"url": f"sqlite:///{tmp_path / 'a.db'}", "table": "lists"}
    found = check_source(replace(house.specs[1], connector="sql", settings=settings, columns={}))
    fields = {column["header"]: column["field"] for column in found["proposal"]["columns"]}
    assert fields == {"nr": None, "题名": "title", "日期": "dates"}


def test_bad_items_are_problems(house: House) -> None:
    house.write("aids/a.xml", "")
    (problem,) = check_source(house.specs[0])["problems"]
    assert (problem["item"], problem["code"], problem["action"]) == ("a.xml", "empty-file", "skipped")


@pytest.mark.parametrize(
    "wrong",
    [{"settings": {"path": "nowhere"}}, {"settings": {}}, {"connector": "ftp"}, {"mapping": "eda"}],
    ids=["no folder", "no path", "no such connector", "no such mapping"],
)
def test_a_source_that_cannot_be_read_is_one_sentence(house: House, wrong: dict[str, str]) -> None:
    with pytest.raises(SourceError):
        check_source(replace(house.specs[0], **wrong))  # type: ignore[arg-type]  # wrong on purpose


def test_dates_nobody_understands(house: House) -> None:
    house.write("rows/r.csv", "id,title,dates\n1,One,Reagan Years\n2,Two,undated\n3,Three,1901\n")
    spec = replace(house.specs[1], columns={"id": "id", "title": "title", "dates": "dates"})
    assert check_source(spec)["dates_unread"] == ["Reagan Years"]
