"""Files made to do harm: they read nothing outside their folder, call nobody, fill neither memory nor disk."""

from __future__ import annotations

import io
import os
import resource
import socket
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.bad_input.conftest import EAD_SOURCE, ROWS, TABLE_SOURCE
from tests.bad_input.house import Done, House
from tests.bad_input.watch import Canary, listener, was_called

pytestmark = pytest.mark.slow
MIB = 1 << 20
LIMITS = {resource.RLIMIT_AS: 6 << 30, resource.RLIMIT_FSIZE: 64 * MIB, resource.RLIMIT_CPU: 120}
ALTO_SOURCE = EAD_SOURCE.replace("mapping: ead", "mapping: alto").replace("path: aids", "path: pages")


def finding_aid(title: str, declared: str = "", code: str = "F9") -> str:
    """A finding aid with a good component and one with this title."""
    return (
        f'<?xml version="1.0"?>{declared}<ead><archdesc level="fonds"><did><unitid>{code}</unitid><unittitle>Whole'
        f'</unittitle></did><dsc><c id="good"><did><unittitle>Good {code}</unittitle></did></c>'
        f'<c id="bad"><did><unittitle>{title}</unittitle></did></c></dsc></archdesc></ead>'
    )


def page(declared: str, text: str) -> str:
    """An ALTO page of one word."""
    line = f'<TextLine><String CONTENT="word" WIDTH="1" HEIGHT="1" HPOS="1" VPOS="1"/>{text}</TextLine>'
    return f"{declared}<alto><Layout><Page><PrintSpace>{line}</PrintSpace></Page></Layout></alto>"


def of(number: int) -> str:
    """A reference to an entity of a bomb."""
    return f"&e{number};"


def bomb(depth: int) -> str:
    """Entities of ten entities of ten entities ..."""
    inner = "".join(f"<!ENTITY e{at} '{10 * of(at - 1)}'>" for at in range(1, depth))
    return f'<!DOCTYPE ead [<!ENTITY e0 "harmless">{inner}]>'


def archive(*parts: tuple[str, bytes]) -> bytes:
    """A ZIP archive with these names, whatever they are."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts:
            packed.writestr(name, content)
    return whole.getvalue()


def plant(house: House, canary: Path, port: int) -> None:
    """The harmful files, each beside something good."""
    web = f"http://127.0.0.1:{port}/x"
    inside = {
        "file": f'<!DOCTYPE ead [<!ENTITY x SYSTEM "{canary.as_uri()}">]>',
        "web": f'<!DOCTYPE ead [<!ENTITY x SYSTEM "{web}">]>',
        "parameter": f'<!DOCTYPE ead [<!ENTITY % p SYSTEM "{web}"> %p; <!ENTITY x "y">]>',
        "relative": '<!DOCTYPE ead [<!ENTITY x SYSTEM "../../outside/canary.txt">]>',
    }
    for name, declared in inside.items():
        house.put(f"aids/{name}.xml", finding_aid("Before &x; after", declared, name))
        house.put(f"pages/{name}/1.xml", page(declared.replace("ead", "alto"), "&x;"))
    for name, outer in (("dtd-web", web), ("dtd-file", canary.as_uri())):
        house.put(f"aids/{name}.xml", finding_aid("Title", f'<!DOCTYPE ead SYSTEM "{outer}">', name))
    include = f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{canary.as_uri()}" parse="text"/>'
    house.put("aids/include.xml", finding_aid(include, code="include"))
    sheet = f'<?xml-stylesheet type="text/xsl" href="{web}"?>'
    house.put("aids/stylesheet.xml", finding_aid("Title", sheet, "stylesheet"))
    house.put("aids/laughs.xml", finding_aid("&e9;", bomb(10), "laughs"))
    long = f'<!DOCTYPE ead [<!ENTITY e "{"a" * 50_000}">]>'
    house.put("aids/quadratic.xml", finding_aid("&e;" * 50_000, long, "quadratic"))
    house.put("aids/deep.xml", finding_aid("<emph>" * 100_000, code="deep"))
    attributes = " ".join(f"a{at}='1'" for at in range(50_000))
    house.put("aids/wide.xml", finding_aid(f"<emph {attributes}/>", code="wide"))
    links(house, canary)
    sheets(house, canary, web)


def links(house: House, canary: Path) -> None:
    """Links that lead out of the folder, or round in it."""
    aids = house.folder / "aids"
    (aids / "link.xml").symlink_to(canary)
    (aids / "way-out").symlink_to(canary.parent, target_is_directory=True)
    (aids / "round").symlink_to(aids, target_is_directory=True)
    (aids / "itself.xml").symlink_to("itself.xml")
    (aids / "dangling.xml").symlink_to("nowhere.xml")
    os.mkfifo(aids / "pipe.xml")
    (aids / "zero.xml").symlink_to("/dev/zero")


def sheets(house: House, canary: Path, web: str) -> None:
    """Workbooks and archives that are none."""
    zeros = b"\0" * (300 * MIB)
    workbook = (("[Content_Types].xml", b"<x/>"), ("xl/workbook.xml", b"<workbook/>"))
    declared = f'<!DOCTYPE x [<!ENTITY x SYSTEM "{canary.as_uri()}"><!ENTITY w SYSTEM "{web}">]>'
    entity = f"{declared}<workbook>&x;&w;</workbook>"
    house.put("lists/good.csv", ROWS)
    house.put("lists/zeros.xlsx", archive(*workbook, ("xl/worksheets/sheet1.xml", zeros)))
    house.put("lists/names.xlsx", archive(*workbook, ("../../outside/canary.txt", b"overwritten"), ("/etc/x", b"")))
    house.put("lists/entity.xlsx", archive(workbook[0], ("xl/workbook.xml", entity.encode())))
    house.put("lists/long.csv", "id,title,access\n7," + "x" * (20 * MIB) + ",open\n8,After the long one,open\n")
    house.put("lists/short.csv", "id,title,access\n11,Too short a row\n12,After the short one,open\n")
    house.put("lists/quotes.csv", 'id,title,access\n9,"never closed,open\n10,After the quote,open\n')
    house.put("lists/wide.csv", ",".join(f"c{at}" for at in range(20_000)) + "\n" + ",".join("1" * 20_000) + "\n")


@dataclass
class Trial:
    """A workspace full of harmful files, after a sync."""

    house: House
    done: Done
    canary: Canary
    server: socket.socket
    taken: int


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    base = tmp_path_factory.mktemp("planted")
    house = House.new(base / "house")
    canary = Canary(base / "outside")
    with listener() as server:
        plant(house, canary.file, server.getsockname()[1])
        house.source("aids", EAD_SOURCE)
        house.source("lists", TABLE_SOURCE)
        house.source("pages", ALTO_SOURCE)
        before = house.bytes()
        done = house.run("sync", "--json", limits=LIMITS)
        yield Trial(house, done, canary, server, house.bytes() - before)
    canary.close()


def test_it_ends_in_order(trial: Trial) -> None:
    assert (trial.done.code, trial.done.err) == (1, "")
    assert set(trial.done.sources()) == {"aids", "lists", "pages"}


def test_nothing_outside_is_read_or_written(trial: Trial) -> None:
    assert not trial.canary.was_opened()
    assert trial.canary.CONTENT not in trial.house.stored()
    assert trial.canary.CONTENT not in trial.done.out
    assert trial.house.titles(trial.canary.CONTENT.replace("-", " ")) == []
    assert trial.canary.CONTENT in trial.canary.file.read_text(encoding="utf-8")


def test_nobody_is_called(trial: Trial) -> None:
    assert not was_called(trial.server)
    assert trial.done.connections == ()


def test_neither_memory_nor_disk_blow_up(trial: Trial) -> None:
    assert trial.done.peak < 1 << 30
    assert trial.taken < 32 * MIB


@pytest.mark.parametrize("name", ["file", "web", "parameter", "relative", "dtd-web", "dtd-file", "include", "laughs"])
def test_what_is_good_in_the_file_is_found(trial: Trial, name: str) -> None:
    assert f"Good {name}" in trial.house.titles(f'"Good {name}"')


@pytest.mark.parametrize(
    "title", ["Pilot licences", "Too short a row", "After the short one", "After the long one", "After the quote"]
)
def test_good_rows_are_found(trial: Trial, title: str) -> None:
    assert title in trial.house.titles(f'"{title}"')


def test_a_row_that_is_too_long_does_not_make_answers_long(trial: Trial) -> None:
    assert len(trial.house.run("search", "*", "--filter", "source:lists", "--json").out) < MIB


@pytest.mark.parametrize("item", ["zeros.xlsx", "names.xlsx", "entity.xlsx"])
def test_workbooks_that_are_none_say_why(trial: Trial, item: str) -> None:
    told = [problem for problem in trial.done.sources()["lists"]["problems"] if problem["item"] == item]
    assert told
    assert all(problem["reason"] and problem["hint"] for problem in told)


ELSEWHERE = ("link", "way-out", "round", "itself", "dangling", "pipe", "zero")


def test_links_and_pipes_do_not_exist_here(trial: Trial) -> None:
    items = trial.house.items("aids")
    assert not [item for item in items if item.startswith(ELSEWHERE)]


def test_the_watch_would_have_noticed(tmp_path: Path) -> None:
    """A canary that cannot sing proves nothing."""
    canary = Canary(tmp_path / "outside")
    assert not canary.was_opened()
    canary.file.read_text(encoding="utf-8")
    assert canary.was_opened()
    canary.close()
    with listener() as server:
        assert not was_called(server)
        with socket.create_connection(server.getsockname()):
            assert was_called(server)
