"""What the collection profile counts, on a store of a few records."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from mappings.access import Access
from mappings.record import Copy, Dates, Record, encode
from pipelines import profile
from pipelines.record_store import RecordStore

RECORDS = {
    "shelf": (
        Record(
            "1", "關於石碇鄉土地贈與案", holder="East", level="item", dates=Dates("1984", 1984, 1984), languages=("zh",)
        ),
        Record("2", "A-C", holder="East", level="file", access=Access("closed")),
        Record(
            "3", "[Untitled]", supplied_title=True, holder="West", dates=Dates("undated"), description={"note": "x"}
        ),
    ),
    "scans": (Record("v1", "石碇鄉", kind="digital", holder="East", copies=(Copy(page_count=7),)),),
    "poets": (Record("p", "楊貴妃", kind="thematic", languages=("zh", "en"), values={"biography": "蒲州永樂人"}),),
}
LINKS = {("shelf", "1"): "r-1", ("scans", "v1"): "r-1", ("shelf", "2"): "r-2", ("poets", "p"): "r-3"}


@pytest.fixture(scope="module")
def frame(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """The records above, the last of the shelf joined with no other."""
    store = RecordStore(tmp_path_factory.mktemp("records") / "store")
    with store.begin("run") as commit:
        for source, records in RECORDS.items():
            ids = [record.source_id for record in records]
            columns = {"item": ids, "source_id": ids, "action": ["index"] * len(ids)}
            commit.add("record", columns | {"record": [encode(record).decode() for record in records]}, source)
        for (source, source_id), resource in LINKS.items():
            commit.add("link", {"source_id": [source_id], "action": ["index"], "resource": [resource]}, source)
        commit.commit()
    return profile.holdings(store, {"shelf": "open", "scans": "onsite"})


@pytest.mark.parametrize(
    ("column", "counts"),
    [
        ("level", {"not stated": 3, "item": 1, "file": 1}),
        ("holder", {"East": 3, "West": 1, "not stated": 1}),
        ("access", {"open": 2, "closed": 1, "onsite": 1, "restricted": 1}),
        ("kind", {"physical": 3, "digital": 1, "thematic": 1}),
        ("languages", {"not stated": 3, "zh": 2, "en": 1}),
        ("decade", {"1980s": 1, "not stated": 4}),
    ],
)
def test_counts(frame: pd.DataFrame, column: str, counts: dict[str, int]) -> None:
    assert profile.count_by(frame, column).to_dict() == counts


def test_an_unknown_column_is_refused_by_name(frame: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="'titel' is not counted"):
        profile.count_by(frame, "titel")


def test_two_columns_crossed(frame: pd.DataFrame) -> None:
    table = profile.cross(frame, "holder", "access")
    assert table.loc["East"].to_dict() == {"closed": 1, "onsite": 1, "open": 1, "restricted": 0}


def test_faces_of_resources_an_unlinked_record_is_its_own(frame: pd.DataFrame) -> None:
    assert profile.faces(frame).to_dict() == {"physical": 2, "digital + physical": 1, "thematic": 1}


def test_a_shelf_record_counts_as_digitised_through_its_scans(frame: pd.DataFrame) -> None:
    east = profile.digitised(frame).loc["East"]
    assert (east["records"], east["digitised"], east["pages"], round(east["share"], 2)) == (3, 2, 7, 0.67)


def test_weaknesses(frame: pd.DataFrame) -> None:
    weak = profile.poor(frame)
    assert weak.loc["shelf"].round(2).to_dict() == {
        "no date": 0.67,
        "no title of its own": 0.33,
        "short title": 0.33,
        "no description": 0.33,
    }
    assert not weak.loc["poets", "short title"]
    assert not weak.loc["scans", "no date"]  # its shelf record has one
    assert profile.poorest(frame, 2)["source_id"].tolist() == ["2", "3"]


def test_an_empty_store_has_an_empty_profile(tmp_path: Path) -> None:
    empty = profile.holdings(RecordStore(tmp_path / "store"))
    assert profile.count_by(empty, "level").empty
    assert profile.faces(empty).empty
    assert profile.digitised(empty).empty
    assert profile.poor(empty).empty
    assert profile.poorest(empty).empty
    assert profile.cross(empty, "holder", "access").empty
