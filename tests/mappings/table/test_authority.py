"""Rows of tables as authority records."""

from __future__ import annotations

import pytest

from mappings.base import MappingOptions
from mappings.formats.table import TableMapping
from mappings.record import Authority, Dates, Name, Record, Relation, Variant
from tests.contracts.mapping_contract import records

COLUMNS: dict[str, str | list[str]] = {
    "id": "id",
    "title": "name",
    "dates": ["born", "died"],
    "place": "home",
    "variants": ["字", "號"],
    "relations": ["父"],
}
OPTIONS = MappingOptions(columns=COLUMNS, fixed={"authority": "person"}, split={"variants": "；"})
HEADER = "id,name,born,died,home,字,號,父\n"


def person(row: str, options: MappingOptions = OPTIONS) -> Record:
    (found,) = records(TableMapping(options), ("p.csv", (HEADER + row + "\n").encode()))
    return found


def test_a_row_is_an_authority_record() -> None:
    found = person("7,王安石,1021,1086,臨川,介甫,半山；半山老人,王益")
    assert (found.source_id, found.title, found.kind) == ("7", "王安石", "thematic")
    assert found.authority == Authority(
        "person",
        (),
        (Variant("介甫", "字"), Variant("半山", "號"), Variant("半山老人", "號")),
        (Relation("王益", "父"),),
    )
    assert found.dates == Dates("1021 - 1086", 1021, 1086)
    assert found.names == (Name("臨川", "place", "subject"),)
    assert found.values["字"] == "介甫"
    assert found.access is None


DATES: dict[str, tuple[str, Dates | None]] = {
    "birth alone": ("1021,", Dates("1021 -", 1021, None)),
    "death alone": (",1086", Dates("- 1086", None, 1086)),
    "short years": ("85,117", Dates("85 - 117", 85, 117)),
    "before the common era": ("-145,-86", Dates("-145 - -86", -144, -85)),
    "words": ("慶曆二年,", Dates("慶曆二年 -", None, None)),
    "none": (",", None),
}


@pytest.mark.parametrize(("cells", "expected"), DATES.values(), ids=DATES)
def test_dates_of_existence(cells: str, expected: Dates | None) -> None:
    found = person(f"7,王安石,{cells},,,,").dates
    if expected is not None and expected.start is None and expected.end is None:
        assert found is not None and found.text == expected.text
    else:
        assert found == expected


def test_a_zero_that_means_unknown() -> None:
    assert person("7,王安石,0,1086,,,,").dates == Dates("- 1086", None, 1086)
    assert person("7,王安石,0,0,,,,").dates is None


def test_variants_that_are_the_heading_are_none() -> None:
    found = person("7,王安石,,,,王安石,,")
    assert found.authority == Authority("person")


def test_a_column_says_the_type() -> None:
    options = MappingOptions(columns={"title": "name", "authority": "home"}, values={"authority": {"人": "person"}})
    assert person("7,王安石,,,人,,,", options).authority == Authority("person")
    other = person("7,王安石,,,馬,,,", options)
    assert other.authority == Authority("name")
    material = person("7,王安石,,,,,,", options)
    assert (material.authority, material.kind) == (None, "physical")
