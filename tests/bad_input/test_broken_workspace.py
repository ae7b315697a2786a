"""Workspaces that something happened to: a sentence says what and what to do; what still works goes on working."""

from __future__ import annotations

import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from onestop.cli import run
from pipelines.lock import FileLocks
from tests.bad_input.conftest import EAD_SOURCE, ROWS, filled
from tests.bad_input.house import Done, House

pytestmark = pytest.mark.slow
Captured = pytest.CaptureFixture[str]


def refused(done: Done, *words: str) -> None:
    """Exit code 2, one line on standard error with these words, and nothing on standard output."""
    assert (done.code, done.out) == (2, ""), done
    assert done.err.count("\n") == 1 and "Traceback" not in done.err, done.err
    assert "should not have" not in done.err, done.err
    for word in words:
        assert word in done.err, done.err


def in_process(house: House, capfd: Captured, *arguments: str) -> Done:
    """The same command in this process, where it is refused before it begins."""
    capfd.readouterr()
    code = run(["--workspace", str(house.folder), *arguments])
    return Done(code, *capfd.readouterr(), 0, ())


SETTINGS = {
    "unknown key": ('enginee = "tantivy:index"\n', "did you mean 'engine'"),
    "wrong type": ("engine = 1\n", "text in quotes"),
    "no quotes": ("engine = tantivy\n", "onestop.toml"),
    "key twice": ('engine = "tantivy:index"\nengine = "memory:"\n', "onestop.toml"),
    "table": ('[engine]\naddress = "x"\n', "engine"),
    "not UTF-8": (b'engine = "\xff"\n', "onestop.toml"),
    "variable that is not set": ('engine = "${NOT_SET_ANYWHERE}"\n', "NOT_SET_ANYWHERE"),
    "engine nobody knows": ('engine = "solr:here"\n', "solr:here"),
    "engine without a folder": ('engine = "tantivy:"\n', "tantivy:"),
    "secret that is not there": ('secret = "file:nowhere"\n', "nowhere"),
}


@pytest.mark.parametrize(("content", "word"), SETTINGS.values(), ids=SETTINGS)
def test_settings_that_cannot_be_followed(own: House, content: str | bytes, word: str, capfd: Captured) -> None:
    own.put("onestop.toml", content)
    refused(in_process(own, capfd, "search", "harbour", "--json"), word)


PAIRS = list(pairwise(f"n{at}" for at in range(30)))
SOURCES = {
    "wrong key": (EAD_SOURCE + "holdr: x\n", "did you mean 'holder'"),
    "missing key": (EAD_SOURCE.replace("mapping: ead\n", ""), "mapping"),
    "wrong type": (EAD_SOURCE + "columns: [a]\n", "columns"),
    "wrong access": (EAD_SOURCE.replace("access: open", "access: public"), "access"),
    "tab": (EAD_SOURCE.replace("settings: {path: aids}", "settings:\n\tpath: aids"), "line"),
    "key twice": (EAD_SOURCE + "title: Again\n", "title"),
    "setting twice": (EAD_SOURCE.replace("{path: aids}", "{path: aids, path: lists}"), "path"),
    "unknown connector": (EAD_SOURCE.replace("connector: folder", "connector: foldr"), "did you mean 'folder'"),
    "unknown mapping": (EAD_SOURCE.replace("mapping: ead", "mapping: eat"), "ead"),
    "a list": ("- title\n", "key: value"),
    "nothing": ("", "key: value"),
    "not UTF-8": (b"title: \xff\n", "YAML"),
    "anchors upon anchors": ("n0: &n0 [x,x]\n" + "".join(f"{n}: &{n} [*{p},*{p}]\n" for p, n in PAIRS), "reference"),
    "a Python object": ("!!python/object/apply:os.system ['true']\n", "YAML"),
    "a very deep list": ("title: " + "[" * 20_000 + "\n", "odd.yml"),
    "variable that is not set": (EAD_SOURCE.replace("House", "${NOT_SET_ANYWHERE}"), "NOT_SET_ANYWHERE"),
}


@pytest.mark.parametrize(("content", "word"), SOURCES.values(), ids=SOURCES)
def test_a_source_file_that_cannot_be_followed(own: House, content: str | bytes, word: str, capfd: Captured) -> None:
    own.put("sources/odd.yml", content)
    refused(in_process(own, capfd, "sync", "odd", "--json"), "odd.yml", word)


def test_what_is_searchable_stays_so_while_a_source_file_is_wrong(own: House) -> None:
    own.source("odd", "title: [\n")
    assert own.titles("lighthouse") == ["Lighthouse accounts"]


def test_a_source_file_that_is_wrong_stops_no_night(own: House) -> None:
    own.put("sources/a b!.yml", EAD_SOURCE)
    own.source("odd", "title: [\n")
    own.source("secret", EAD_SOURCE.replace("House", "'${NOBODY_SAID}'"))
    reports = own.sync(code=1)
    assert {name: report["problems"][0]["code"] for name, report in reports.items() if report["problems"]} == {
        "a b!": "source-file",
        "odd": "source-file",
        "secret": "source-file",
    }
    assert "rename" in reports["a b!"]["problems"][0]["reason"]
    assert "NOBODY_SAID" in reports["secret"]["problems"][0]["reason"]
    assert reports["aids"]["unchanged"] == 3
    listed = own.run("report", "--problems", "--json").document["problems"]
    assert [one["source"] for one in listed if one["code"] == "held-back"] == ["a b!", "odd", "secret"]


def test_a_source_that_is_retired_leaves_the_nights_after_it_alone(own: House) -> None:
    (own.folder / "sources/aids.yml").unlink()
    assert own.sync("--allow-deletes")["aids"]["deleted"] == 3
    for night in range(2):
        own.put("lists/licences.csv", ROWS + f"9,Anchorage dues {night},open\n")
        own.sync()
    assert (own.titles("lighthouse"), own.titles("anchorage")) == ([], ["Anchorage dues 1"])
    assert own.run("report", "--json").code == 0


def test_a_replay_of_sources_that_cannot_be_opened_says_so(own: House) -> None:
    own.source("down", EAD_SOURCE.replace("path: aids", "path: nowhere"))
    done = own.run("replay", "--json")
    assert done.code == 1
    assert "nowhere" in done.sources()["down"]["problems"][0]["reason"]


DOWN = {
    "folder that is not there": (EAD_SOURCE.replace("path: aids", "path: nowhere"), "nowhere"),
    "unknown setting": (EAD_SOURCE.replace("{path: aids}", "{path: aids, glbo: x}"), "glbo"),
    "no path": (EAD_SOURCE.replace("{path: aids}", "{}"), "path"),
    "a path of control characters": (EAD_SOURCE.replace("path: aids", r'path: "a\0b"'), "path"),
    "database that is none": ("{url: 'sqlite:///onestop.toml', table: t}", "sqlite"),
    "database that is not there": ("{url: 'sqlite:///nowhere.db', table: t}", "nowhere.db"),
    "table that is not there": ("{url: 'sqlite:///register.db', table: nothing}", "plots"),
    "key that is not there": ("{url: 'sqlite:///register.db', table: plots, key: nothing}", "number"),
    "query that writes": ("{url: 'sqlite:///register.db', query: 'delete from plots', key: number}", "SELECT"),
    "driver that is not installed": ("{url: 'oracle://scott:tiger@127.0.0.1/x', table: t}", "driver"),
    "address that is none": ("{url: 'what', table: t}", "address"),
}
SQL_SOURCE = "title: Register\nconnector: sql\nmapping: table\nsettings: "


@pytest.fixture(scope="module")
def down(synced: House, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The reports of a sync in which all of these sources are down."""
    house = synced.copy(tmp_path_factory.mktemp("down") / "house")
    with sqlite3.connect(house.folder / "register.db") as database:
        database.execute("create table plots (number integer primary key, owner text)")
    for number, (content, _) in enumerate(DOWN.values()):
        house.source(f"down{number}", content if content.startswith("title") else SQL_SOURCE + content + "\n")
    return house.sync(code=1)


@pytest.mark.parametrize(
    ("name", "word"), [(f"down{at}", word) for at, (_, word) in enumerate(DOWN.values())], ids=DOWN
)
def test_a_source_that_is_down_says_why(down: dict[str, dict[str, Any]], name: str, word: str) -> None:
    [problem] = down[name]["problems"]
    assert down[name]["read"] == 0
    assert problem["hint"] and word in problem["reason"]
    assert "tiger" not in str(down)


def test_sources_that_are_down_hold_back_no_other(down: dict[str, dict[str, Any]]) -> None:
    assert (down["aids"]["unchanged"], down["lists"]["unchanged"]) == (3, 3)


def test_a_table_without_its_column_fails_and_keeps_what_is_there(own: House) -> None:
    own.put("lists/licences.csv", ROWS.replace("title", "name"))
    report = own.sync(code=1)["lists"]
    assert (report["indexed"], report["failed"], report["deleted"]) == (0, 1, 0)
    [problem] = [one for one in report["problems"] if one["code"] == "missing-column"]
    assert problem["item"] == "licences.csv" and problem["position"] and "'title'" in problem["reason"]
    assert own.titles("pilot") == ["Pilot licences"]


def test_a_folder_that_vanished_keeps_what_is_there(own: House) -> None:
    (own.folder / "aids").rename(own.folder / "away")
    report = own.sync("aids", code=1)["aids"]
    assert report["read"] == report["deleted"] == 0
    assert own.titles("lighthouse") == ["Lighthouse accounts"]


def test_no_sources(house: House) -> None:
    refused(house.run("sync", "--json"), "sources")


def test_no_index_yet(tmp_path: Path) -> None:
    refused(filled(tmp_path / "house").run("search", "x", "--json"), "onestop sync")


def test_a_workspace_that_another_run_holds(own: House) -> None:
    with FileLocks(own.folder).take("source aids"):
        refused(own.run("sync", "--json"), "Another sync")
        assert own.titles("lighthouse") == ["Lighthouse accounts"]
    assert own.sync()["aids"]["unchanged"] == 3


def test_a_real_run_holds_the_workspace_until_it_is_killed(own: House) -> None:
    os.mkfifo(own.folder / "gate")
    own.put("hold.py", HOLD)
    holder = subprocess.Popen([sys.executable, str(own.folder / "hold.py"), str(own.folder)], stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    refused(own.run("sync"), "Another sync", str(holder.pid))
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    holder.stdout.close()
    assert own.sync()["aids"]["unchanged"] == 3


HOLD = """
import pathlib, signal, sys
from onestop.cli import run
from pipelines.lock import FileLocks
with FileLocks(pathlib.Path(sys.argv[1])).take('source aids'):
    print("held", flush=True)
    signal.pause()
"""


def cut(file: Path) -> None:
    """Half of a file is gone."""
    os.truncate(file, file.stat().st_size // 2)


def scrawl(file: Path) -> None:
    """A file holds something else."""
    file.write_bytes(b"\0not what it was\xff" * 100)


@pytest.mark.parametrize(
    ("pattern", "harm"), [("meta.json", cut), ("*.store", scrawl), ("*.term", Path.unlink), (".managed.json", cut)]
)
def test_an_index_that_is_damaged_is_refused_and_built_again(
    own: House, pattern: str, harm: Callable[[Path], None]
) -> None:
    """Either a search does not need what is damaged, or it says what to do; and that does it."""
    for file in (own.folder / "index").glob(pattern):
        harm(file)
    done = own.run("search", "lighthouse", "--json")
    if done.code:
        refused(done, "onestop sync")
    own.sync("--full")
    assert own.titles("lighthouse") == ["Lighthouse accounts"]


def test_an_index_of_another_version(own: House) -> None:
    other = "from indexer import fields; fields.SCHEMA_VERSION += 1; from onestop.cli import main; main()"
    command = [sys.executable, "-c", other, "--workspace", str(own.folder)]
    subprocess.run([*command, "sync", "--full", "--json"], check=True, capture_output=True)
    refused(own.run("search", "lighthouse", "--json"), "another version", "onestop sync")
    refused(own.run("show", "lists:1", "--json"), "another version", "onestop sync")
    own.sync()
    assert own.titles("lighthouse") == ["Lighthouse accounts"]


@pytest.mark.parametrize(
    ("pattern", "harm"),
    [("_delta_log/*0.json", cut), ("kind=record/*.parquet", scrawl), ("kind=item/*.parquet", Path.unlink)],
)
def test_a_record_store_that_is_damaged(own: House, pattern: str, harm: Callable[[Path], None]) -> None:
    """A sync says so and touches nothing; searching goes on, since the index has all it needs."""
    for file in (own.folder / "records").glob(pattern):
        harm(file)
    refused(own.run("sync", "--full", "--json"), "record store")
    assert own.titles("lighthouse") == ["Lighthouse accounts"]


def test_a_record_store_that_is_a_file(own: House) -> None:
    own.put("onestop.toml", 'records = "file:aids/board.xml"\n')
    refused(own.run("sync", "--json"), "board.xml")


def test_a_desk_that_is_no_database(own: House) -> None:
    own.put("desk.db", b"not a database" * 1000)
    refused(own.run("search", "x", "--as", "ann", "--json"), "database")
    assert own.titles("lighthouse") == ["Lighthouse accounts"]


@pytest.mark.parametrize("bound", [0, 1 << 10, 8 << 10])
def test_a_disk_that_is_full(own: House, bound: int) -> None:
    """A bound on the size of files stands for it. What was there is found as before; with room again all is well."""
    own.put("aids/more.xml", (own.folder / "aids/board.xml").read_bytes().replace(b"F1", b"F2"))
    done = own.run("sync", "--json", limits={resource.RLIMIT_FSIZE: bound})
    refused(done, str(own.folder))
    assert own.titles("lighthouse") == ["Lighthouse accounts"]
    assert own.sync()["aids"]["read"] == 6
    assert len(own.titles("lighthouse")) == 2


def test_a_workspace_that_nobody_may_write(own: House) -> None:
    own.put("aids/more.xml", (own.folder / "aids/board.xml").read_bytes().replace(b"F1", b"F2"))
    for path in [own.folder, *own.folder.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    refused(own.run("sync", "--json", powerless=True), str(own.folder))
    refused(own.run("search", "lighthouse", "--json", powerless=True), str(own.folder), "mode")


def test_messages_of_a_sync_go_where_they_belong(own: House) -> None:
    """Without --json, what failed is told to the person: source, item, position, what to do."""
    own.put("lists/bad.json", '{"id": 1, "title": "x"}\n{"id": \n')
    own.put("aids/broken.xml", "<ead><archdesc><did><unittitle>Cut")
    done = own.run("sync")
    assert done.code == 1
    said = done.out + done.err
    for word in ("aids", "broken.xml", "line 1", "repair", "lists", "bad.json"):
        assert word in said, said
    with pytest.raises(json.JSONDecodeError):
        json.loads(done.out)
