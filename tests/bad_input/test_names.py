"""Names of files that no careful person gives: each file is read, listed, found and shown under its name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.bad_input.conftest import EAD_SOURCE, PLAIN, TABLE_SOURCE
from tests.bad_input.house import House

pytestmark = pytest.mark.slow

NAMES = {
    "newline": b"two\nlines.csv",
    "return and tab": b"a\r\tb.csv",
    "escape sequence": b"\x1b[2J\x07.csv",
    "not UTF-8": b"caf\xe9.csv",
    "GBK": "购地卷.csv".encode("gbk"),
    "very long": b"n" * 251 + b".csv",
    "leading dash": b"--full.csv",
    "per cent": b"100%20%s%d.csv",
    "hash": b"a#b#c.csv",
    "colon": b"lists:1.csv",
    "question mark and star": b"what?*[a].csv",
    "quotes": b'"it\'s".csv',
    "backslash": b"a\\..\\x.csv",
    "right to left": "\u202egnp.csv".encode(),
    "no width": "a\u200bb\ufeff.csv".encode(),
    "composed and decomposed": "e\u0301 \u00e9.csv".encode(),
    "blanks": b" lead and trail .csv",
    "markup": b"<script>alert(1)<|script>.csv",
    "a tilde": b"a~2.csv",
    "a dollar": b"${HOME}.csv",
    "rare characters": "\U00020000\U0001f6a2.csv".encode(),
    "words of YAML": b"null: [yes].csv",
}


@pytest.fixture(scope="module")
def listed(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[House, dict[str, dict[str, Any]], dict[str, dict[str, Any]]]:
    """A workspace with a file of every name, synchronised twice."""
    house = House.new(tmp_path_factory.mktemp("names") / "house")
    folder = os.fsencode(house.folder / "lists")
    Path(house.folder / "lists").mkdir()
    for number, name in enumerate(NAMES.values()):
        with open(folder + b"/" + name, "wb") as file:  # noqa: PTH123  # names of bytes
            file.write(f"title\nNamed{number}\n".encode())
    house.source("lists", TABLE_SOURCE.replace("id: id, title: title, access: access", "title: title") + PLAIN)
    return house, house.sync(), house.sync()


def test_each_file_gives_its_record_once(listed: tuple[House, Any, Any]) -> None:
    house, first, second = listed
    assert (first["lists"]["indexed"], first["lists"]["problems"]) == (len(NAMES), [])
    assert (second["lists"]["unchanged"], second["lists"]["deleted"]) == (len(NAMES), 0)
    assert len(house.items("lists")) == len(NAMES)


@pytest.mark.parametrize("number", [pytest.param(at, id=name) for at, name in enumerate(NAMES)])
def test_each_record_is_found_and_shown_by_both_its_ids(listed: tuple[House, Any, Any], number: int) -> None:
    house = listed[0]
    [hit] = house.search(f"Named{number}")["hits"]
    [source] = hit["sources"]
    for own in (hit["id"], f"lists:{source['source_id']}"):
        done = house.ask("show", "--json", "--", own)
        assert (done.code, done.document["title"]) == (0, f"Named{number}"), done


def test_names_do_not_command_the_terminal(listed: tuple[House, Any, Any]) -> None:
    house = listed[0]
    (house.folder / "lists" / "\x1b[2J bad\nname.json").write_text('{"title": \n', encoding="utf-8")
    done = house.run("sync")
    assert "\x1b" not in done.out + done.err
    done = house.run("search", "*", "--size", "100")
    assert "\x1b" not in done.out + done.err


def test_names_of_finding_aids(house: House) -> None:
    """The path is in every id: a hash or a tilde in it confuses nothing."""
    inside = "<did><unittitle>{0}</unittitle></did><dsc><c id='x'><did><unittitle>{0}x</unittitle></did></c></dsc>"
    aid = f"<ead><archdesc>{inside}</archdesc></ead>"
    for number, name in enumerate(("a.xml", "a#x", "a.xml#x.xml", "a.xml~2.xml", "b\n.xml")):
        house.put(f"aids/{name}", aid.format(f"T{number}"))
    house.source("aids", EAD_SOURCE + PLAIN)
    report = house.sync(code=0)["aids"]
    assert report["indexed"] == 10
    assert house.sync()["aids"]["unchanged"] == 10
    assert house.sync("--full")["aids"]["unchanged"] == 10
    assert all(house.titles(f"T{number}x") == [f"T{number}x"] for number in range(5))
