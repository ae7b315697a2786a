"""Workspaces that several tests share: made and filled once, copied where a test changes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bad_input.house import House

FINDING_AID = """\
<ead xmlns="urn:isbn:1-931666-22-9"><eadheader/><archdesc level="fonds"><did>
<unitid>F1</unitid><unittitle>Harbour Board</unittitle></did><dsc>
<c id="a" level="file"><did><unitid>F1/1</unitid><unittitle>Lighthouse accounts</unittitle></did></c>
<c id="b" level="file"><did><unitid>F1/2</unitid><unittitle>Dredging contracts</unittitle></did></c>
</dsc></archdesc></ead>
"""
ROWS = "id,title,access\n1,Pilot licences,open\n2,Tide tables,open\n3,Wreck reports,open\n"
EAD_SOURCE = """\
title: Finding aids
connector: folder
mapping: ead
holder: House
access: open
settings: {path: aids}
"""
TABLE_SOURCE = """\
title: Lists
connector: folder
mapping: table
holder: House
settings: {path: lists}
columns: {id: id, title: title, access: access}
"""
PLAIN = "enrich: false\n"
"""Without a search for names, which takes most of a small run; where texts are hostile they are searched."""


def filled(folder: Path) -> House:
    """A workspace with a finding aid and a list, not synchronised."""
    house = House.new(folder)
    house.put("aids/board.xml", FINDING_AID)
    house.put("lists/licences.csv", ROWS)
    house.source("aids", EAD_SOURCE + PLAIN)
    house.source("lists", TABLE_SOURCE + PLAIN)
    return house


@pytest.fixture
def house(tmp_path: Path) -> House:
    """An empty workspace."""
    return House.new(tmp_path / "house")


@pytest.fixture(scope="session")
def synced(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A synchronised workspace; nobody changes it."""
    house = filled(tmp_path_factory.mktemp("bad") / "synced")
    reports = house.sync()
    assert {name: report["indexed"] for name, report in reports.items()} == {"aids": 3, "lists": 3}
    return house


@pytest.fixture
def own(synced: House, tmp_path: Path) -> House:
    """A copy of the synchronised workspace, to be damaged."""
    return synced.copy(tmp_path / "own")
