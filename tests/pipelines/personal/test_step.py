"""The step on a real store: findings as rows, written once, gone with what they were found in."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from mappings.record import Page
from pipelines.personal import step
from pipelines.personal.step import SourceFindings, find_personal
from tests.pipelines.conftest import House, page, table

NUMBER = "110101199003077774"


@pytest.fixture
def people(house: House) -> House:
    """A table of three rows, two of them with personal data in the title (a column, too), and a page with some."""
    house.write(
        "rows/r.csv", table(("1", "J1-1-1", f"Card {NUMBER}"), ("2", "J9-1-1", "Land"), ("3", "J9-2", "a@b.org"))
    )
    house.specs.append(house.spec("scans", mapping="alto"))
    house.write("scans/v/p1.xml", page("a@b.org"))
    house.write("scans/v/p2.xml", page("nothing"))
    take_in(house)
    return house


def take_in(house: House, **options: Any) -> None:
    """A run without the step."""
    specs, house.specs = house.specs, [replace(spec, enrich=False) for spec in house.specs]
    house.sync(**options)
    house.specs = specs


def find(house: House) -> dict[str, SourceFindings]:
    return {found.source: found for found in find_personal(house.store, "night", house.specs)}


def findings(house: House) -> dict[tuple[str, str, int | None], list[dict[str, Any]]]:
    rows = house.store.current("finding", ["source", "source_id", "page", "record"]).to_pylist()
    return {(row["source"], row["source_id"], row["page"]): json.loads(row["record"]) for row in rows}


def test_spans_and_nothing_else_are_kept(people: House) -> None:
    found = find(people)
    assert found["rows"].spans == {"email": 2, "id_number": 2} and found["rows"].places == 2
    assert found["scans"].spans == {"email": 1}
    assert found["aids"].spans == {}
    kept = findings(people)
    assert {key[:2] for key in kept} == {("rows", "1"), ("rows", "3"), ("scans", "v")}
    span, same = kept["rows", "1", None]
    assert same["field"] == "values.title"
    assert span == {
        "field": "title",
        "start": 5,
        "end": 23,
        "kind": "id_number",
        "rule": "cn-resident",
        "confidence": 0.99,
    }
    assert kept["scans", "v", 1][0]["field"] == "text"
    written = people.store.rows("finding", ["record", "raw", "problems", "payload"]).to_pylist()
    assert NUMBER not in str(written) and "a@b" not in str(written)


def test_a_night_without_changes_looks_at_nothing(people: House) -> None:
    first = find(people)
    version = people.store.version
    again = find(people)
    assert people.store.version == version
    assert [found.looked_at for found in again.values()] == [0, 0, 0]
    assert {name: found.spans for name, found in again.items()} == {name: found.spans for name, found in first.items()}


def test_only_what_changed_is_looked_at(people: House) -> None:
    find(people)
    people.write(
        "rows/r.csv", table(("1", "J1-1-1", "Card"), ("2", "J9-1-1", f"Land {NUMBER}"), ("3", "J9-2", "a@b.org"))
    )
    take_in(people)
    found = find(people)["rows"]
    assert found.looked_at == 2 and found.spans == {"email": 2, "id_number": 2}
    assert ("rows", "1", None) not in findings(people)
    assert ("rows", "2", None) in findings(people)


def test_findings_go_with_their_records(people: House) -> None:
    find(people)
    people.write("rows/r.csv", table(("2", "J9-1-1", "Land"), ("3", "J9-2", "a@b.org")))
    take_in(people, allow_deletes=True)
    assert find(people)["rows"].spans == {"email": 2}
    assert set(findings(people)) == {("rows", "3", None), ("scans", "v", 1)}


def test_findings_go_with_their_source(people: House) -> None:
    find(people)
    people.specs = [spec for spec in people.specs if spec.name != "rows"]
    take_in(people, allow_deletes=True, configured=[spec.name for spec in people.specs])
    find(people)
    assert set(findings(people)) == {("scans", "v", 1)}


def test_other_rules_look_at_all_again(people: House, monkeypatch: pytest.MonkeyPatch) -> None:
    find(people)
    rows = people.store.rows("finding", ["version"]).num_rows
    monkeypatch.setattr(step, "VERSION", "other")
    assert find(people)["rows"].looked_at == 3
    assert people.store.rows("finding", ["version"]).num_rows == rows


def test_a_source_that_is_not_to_be_enriched(people: House) -> None:
    people.specs = [replace(spec, enrich=spec.name != "rows") for spec in people.specs]
    assert "rows" not in find(people)
    people.specs = [replace(spec, enrich=True) for spec in people.specs]
    assert find(people)["rows"].spans == {"email": 2, "id_number": 2}


def test_what_a_machine_read_is_looked_at(people: House, make_house: Callable[[str], House]) -> None:
    """A page row written anew with its text, as reading page images does."""
    from mappings.record import encode

    find(people)
    row = people.store.current("page", ["item", "source_id", "page", "copy", "checksum"], source="scans").to_pylist()[1]
    with people.store.begin("night") as commit:
        made = {**row, "record": encode(Page(2, f"card {NUMBER}", read_by="tesseract")).decode(), "action": "index"}
        commit.add("page", {name: [value] for name, value in made.items()}, "scans")
        commit.commit()
    assert find(people)["scans"].spans == {"email": 1, "id_number": 1}
