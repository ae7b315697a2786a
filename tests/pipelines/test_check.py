"""What `source check` tells of a source before it is trusted."""

from __future__ import annotations

from dataclasses import replace

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
