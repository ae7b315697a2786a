"""What a second sync does: nothing, when nothing changed; exactly what changed, otherwise."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.bad_input.conftest import EAD_SOURCE, FINDING_AID, ROWS, filled
from tests.bad_input.house import House

pytestmark = pytest.mark.slow
COUNTS = ("indexed", "unchanged", "deleted", "skipped", "failed")


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A synchronised workspace of a finding aid (3 records), a list (3 rows) and a long list (100 rows)."""
    house = filled(tmp_path_factory.mktemp("second") / "start")
    house.put("lists/long.csv", "id,title,access\n" + "".join(f"L{n},Ledger {n},open\n" for n in range(100)))
    house.sync()
    return house


@pytest.fixture
def own(start: House, tmp_path: Path) -> House:
    return start.copy(tmp_path / "own")


def counts(house: House, *arguments: str, code: int = 0) -> dict[str, tuple[int, ...]]:
    """(indexed, unchanged, deleted, skipped, failed) of a sync, by source."""
    reports = house.sync(*arguments, code=code)
    return {name: tuple(report[part] for part in COUNTS) for name, report in reports.items()}


NOTHING = {"aids": (0, 3, 0, 0, 0), "lists": (0, 103, 0, 0, 0)}


def test_nothing_changed(own: House) -> None:
    assert counts(own) == NOTHING
    assert counts(own, "--full") == NOTHING
    assert counts(own) == NOTHING


def test_touched_but_not_changed(own: House) -> None:
    os.utime(own.folder / "aids/board.xml", (1, 1))
    os.utime(own.folder / "lists/long.csv", (1, 1))
    assert counts(own) == NOTHING


def test_one_title_of_a_component(own: House) -> None:
    before = own.search("Lighthouse")["hits"][0]
    own.put("aids/board.xml", FINDING_AID.replace("Lighthouse accounts", "Beacon journals"))
    assert counts(own) == {**NOTHING, "aids": (1, 2, 0, 0, 0)}
    assert own.titles("Lighthouse") == []
    [after] = own.search("Beacon")["hits"]
    assert (after["title"], after["id"]) == ("Beacon journals", before["id"])
    assert counts(own) == NOTHING


def test_the_title_of_the_fonds_is_the_context_of_all(own: House) -> None:
    """Its components say it in their context: they are changed, too, without being counted as read anew."""
    own.put("aids/board.xml", FINDING_AID.replace("Harbour Board", "Port Authority"))
    done = counts(own)["aids"]
    assert done[0] >= 1 and sum(done) == 3
    [hit] = own.search("Lighthouse")["hits"]
    assert [unit["title"] for unit in hit["ancestors"]] == ["Port Authority"]


def test_one_row_and_one_more(own: House) -> None:
    own.put("lists/licences.csv", ROWS.replace("Tide tables", "Tidal tables") + "4,Buoy lists,open\n")
    assert counts(own) == {**NOTHING, "lists": (2, 102, 0, 0, 0)}
    assert own.titles("Buoy") == ["Buoy lists"]


def test_a_file_that_is_gone_takes_its_hits_along(own: House) -> None:
    (own.folder / "lists/licences.csv").unlink()
    assert counts(own) == {**NOTHING, "lists": (0, 100, 3, 0, 0)}
    assert own.titles("pilot") == []
    assert own.run("show", "lists:1", "--json").code == 2
    assert counts(own) == {**NOTHING, "lists": (0, 100, 0, 0, 0)}


def test_many_deletions_are_held_back_until_somebody_allows_them(own: House) -> None:
    (own.folder / "lists/long.csv").unlink()
    reports = own.sync(code=1)
    assert (reports["lists"]["deleted"], reports["lists"]["unchanged"]) == (0, 3)
    [problem] = [one for one in reports["lists"]["problems"] if one["code"] == "deletes-held-back"]
    assert "100 of 103" in problem["reason"] and "--allow-deletes" in problem["hint"]
    assert own.titles('"Ledger 42"') == ["Ledger 42"]
    assert own.sync("--allow-deletes")["lists"]["deleted"] == 100
    assert own.titles('"Ledger 42"') == []


def test_access_changed_in_the_source_file(own: House) -> None:
    own.source("aids", EAD_SOURCE.replace("access: open", "access: internal"))
    assert sum(counts(own)["aids"]) == 3
    assert own.titles("Lighthouse") == []
    own.source("aids", EAD_SOURCE)
    counts(own)
    assert own.titles("Lighthouse") == ["Lighthouse accounts"]


def test_access_changed_in_a_row(own: House) -> None:
    own.put("lists/licences.csv", ROWS.replace("3,Wreck reports,open", "3,Wreck reports,internal"))
    assert counts(own) == {**NOTHING, "lists": (1, 102, 0, 0, 0)}
    assert own.titles("wreck") == []
    assert own.run("show", "lists:3", "--json").code == 2
