"""What an index does not take is told by source, and looked for when everything is built anew."""

from __future__ import annotations

import pytest

from indexer.engines.memory import MemoryWriter
from indexer.resource import mint

from .conftest import House, finding_aid, table


def test_what_the_index_refuses_is_a_problem_of_its_source(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.write("aids/j1.xml", finding_aid([("J1/1", "Letters")]))
    house.write("rows/list.csv", table(("1", "R/1", "Deeds"), ("2", "R/2", "Maps")))
    refused = {mint("rows", "2"): "mapper_parsing_exception: too long"}
    commit = MemoryWriter.commit
    monkeypatch.setattr(MemoryWriter, "commit", lambda self, version: commit(self, version) or refused)
    report = house.sync()
    assert report.exit_code == 1
    assert {source.source: source.held_back for source in report.sources} == {"aids": False, "rows": True}
    assert report.of("rows").problems[0]["code"] == "index-refused"
    reason = report.of("rows").problems[0]["reason"]
    assert mint("rows", "2") in reason and "too long" in reason
