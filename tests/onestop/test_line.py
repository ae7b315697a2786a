"""From source files to answers through the command line alone: what each document on standard output holds."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from onestop.cli import run
from onestop.remembered import source_states
from onestop.wiring import Workspace
from pipelines.lock import FileLocks

Captured = pytest.CaptureFixture[str]
ROWS = """\
档号,题名,成文日期,开放状态
J1-1-1,粵漢鐵路購地卷,光緒三十一年,公开
J1-1-2,鐵路學校章程,1912,公开
J1-1-3,內部清冊,1913,内部
"""
SOURCE = """\
title: Shelf list
connector: folder
mapping: table
holder: East Wing Archive
settings: {path: data}
columns: {id: 档号, reference_code: 档号, title: 题名, dates: 成文日期, access: 开放状态}
values: {access: {公开: open, 内部: internal}}
"""
DATABASE = """\
title: Land register
connector: sql
mapping: table
access: open
settings: {url: "sqlite:///register.db", table: plots, key: number}
columns: {id: number, title: owner}
fixed: {kind: thematic, level: entry}
"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a table and a database, synchronised once, with an account for staff."""
    folder = tmp_path_factory.mktemp("line") / "archive"
    assert run(["init", str(folder)]) == 0
    (folder / "data").mkdir()
    (folder / "data" / "list.csv").write_text(ROWS, encoding="utf-8")
    (folder / "sources" / "shelves.yml").write_text(SOURCE, encoding="utf-8")
    (folder / "sources" / "register.yml").write_text(DATABASE, encoding="utf-8")
    with sqlite3.connect(folder / "register.db") as database:
        database.execute("create table plots (number integer primary key, owner text)")
        database.executemany("insert into plots values (?, ?)", [(1, "王廣記"), (2, "Yueh-Han Railway")])
    assert run(["sync", "--workspace", str(folder)]) == 0
    with Workspace(folder) as here:
        here.desk.accounts.add("ann", "long enough", "staff")
    return folder


def asked(capsys: Captured, workspace: Path, *arguments: str, code: int = 0) -> Any:
    """The one JSON document that a command puts on standard output."""
    capsys.readouterr()
    assert run(["--workspace", str(workspace), *arguments, "--json"]) == code
    return json.loads(capsys.readouterr().out)


def test_a_sync_accounts_for_every_record(workspace: Path, capsys: Captured) -> None:
    report = asked(capsys, workspace, "sync")
    assert [source["source"] for source in report["sources"]] == ["register", "shelves"]
    for source in report["sources"]:
        assert source["read"] == source["indexed"] + source["unchanged"] + source["skipped"] + source["failed"]
    assert {source["source"]: source["unchanged"] for source in report["sources"]} == {"register": 2, "shelves": 3}


def test_a_sync_of_named_sources_leaves_the_others(workspace: Path, capsys: Captured) -> None:
    report = asked(capsys, workspace, "sync", "shelves", "shelves")
    assert [source["source"] for source in report["sources"]] == ["shelves"]


def test_a_sync_that_finds_too_little_says_so(workspace: Path, capsys: Captured) -> None:
    file = workspace / "sources" / "short.yml"
    file.write_text(SOURCE + "expect: {min_records: 50}\n", encoding="utf-8")
    try:
        report = asked(capsys, workspace, "sync", "short", code=1)
    finally:
        file.unlink()
    assert report["sources"][0]["problems"]


def test_a_desk_that_does_not_answer_is_told_after_the_sync(
    workspace: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONESTOP_DATABASE", "postgresql+nodriver://desk@127.0.0.1:1/desk")
    report = asked(capsys, workspace, "sync", code=1)
    assert sum(source["unchanged"] for source in report["sources"]) == 5


def test_a_source_is_looked_at_before_it_is_trusted(workspace: Path, capsys: Captured) -> None:
    before = {file: file.stat().st_mtime_ns for file in workspace.rglob("*")}
    report = asked(capsys, workspace, "source", "check", "shelves")
    assert [record["title"] for record in report["records"]] == ["粵漢鐵路購地卷", "鐵路學校章程", "內部清冊"]
    assert (report["unmapped"], report["problems"]) == ([], [])
    assert {file: file.stat().st_mtime_ns for file in workspace.rglob("*")} == before


def test_a_search_answers_in_the_documented_shape(workspace: Path, capsys: Captured) -> None:
    answer = asked(capsys, workspace, "search", "铁路", "--filter", "source:shelves", "--from", "1900", "--to", "1910")
    assert answer["total"] == 1
    [hit] = answer["hits"]
    assert (hit["title"], hit["reference_code"], hit["access"]) == ("粵漢鐵路購地卷", "J1-1-1", "open")
    assert hit["sources"] == [{"source": "shelves", "source_id": "J1-1-1"}]
    assert hit["dates"] == {"text": "光緒三十一年", "from": 1905, "to": 1905}
    assert hit["highlights"]["title"] == ["粵漢<mark>鐵路</mark>購地卷"]


def test_a_workspace_where_a_sync_works_is_locked(workspace: Path, capsys: Captured) -> None:
    with FileLocks(workspace).take("source shelves"):
        assert run(["--workspace", str(workspace), "sync", "--json"]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert "Another sync" in said.err


def test_a_source_that_is_down_holds_back_nothing_else(workspace: Path, capsys: Captured) -> None:
    file = workspace / "sources" / "gone.yml"
    file.write_text(SOURCE.replace("path: data", "path: nowhere"), encoding="utf-8")
    try:
        report = asked(capsys, workspace, "sync", code=1)
    finally:
        file.unlink()
    sources = {source["source"]: source for source in report["sources"]}
    assert "nowhere" in sources["gone"]["problems"][0]["reason"]
    assert sources["shelves"]["unchanged"] == 3


def test_no_hits_is_done(workspace: Path, capsys: Captured) -> None:
    assert asked(capsys, workspace, "search", "不存在的東西")["total"] == 0


def test_the_viewer_decides_what_exists(workspace: Path, capsys: Captured) -> None:
    assert asked(capsys, workspace, "search", "內部清冊")["total"] == 0
    assert asked(capsys, workspace, "search", "內部清冊", "--as", "ann")["total"] == 1
    assert run(["--workspace", str(workspace), "show", "shelves:J1-1-3", "--json"]) == 2
    assert asked(capsys, workspace, "show", "shelves:J1-1-3", "--as", "ann")["title"] == "內部清冊"


def test_what_may_not_be_known_is_told_like_what_does_not_exist(workspace: Path, capsys: Captured) -> None:
    said = []
    for name in ("shelves:J1-1-3", "shelves:J1-1-9"):
        capsys.readouterr()
        assert run(["--workspace", str(workspace), "show", name]) == 2
        said.append(capsys.readouterr().err.replace(name, "ID"))
    assert said[0] == said[1]


def test_a_resource_is_shown_by_both_its_names(workspace: Path, capsys: Captured) -> None:
    by_source = asked(capsys, workspace, "show", "shelves:J1-1-1")
    assert by_source == asked(capsys, workspace, "show", by_source["id"])
    assert {"description", "holdings", "copies", "entries", "names", "children_total", "links"} <= set(by_source)


PEOPLE = (["search", "鐵路"], ["show", "shelves:J1-1-1"], ["sync"], ["doctor"], ["source", "check", "shelves"])


@pytest.mark.parametrize("arguments", PEOPLE, ids=" ".join)
def test_people_get_words(workspace: Path, capsys: Captured, arguments: list[str]) -> None:
    capsys.readouterr()
    assert run(["--workspace", str(workspace), *arguments]) == 0
    said = capsys.readouterr().out
    assert said.strip() and not said.startswith("{")


def test_judged_questions_are_measured(workspace: Path, capsys: Captured, tmp_path: Path) -> None:
    questions, judgements = tmp_path / "q.tsv", tmp_path / "q.txt"
    questions.write_text("1\t购地\n2\trailway\n3\tnothing judged\n", encoding="utf-8")
    judgements.write_text("1 0 J1-1-1 1\n2 0 2 1\n", encoding="utf-8")
    report = asked(capsys, workspace, "evaluate", "--queries", str(questions), "--qrels", str(judgements))
    assert (report["queries"], report["ndcg@10"], report["mrr@10"], report["recall@100"]) == (2, 1.0, 1.0, 1.0)


def test_a_source_file_being_written_does_not_stop_the_search(workspace: Path, capsys: Captured) -> None:
    file = workspace / "sources" / "half.yml"
    file.write_text("title: [", encoding="utf-8")
    try:
        assert asked(capsys, workspace, "search", "鐵路")["total"] == 2
    finally:
        file.unlink()


def test_sources_tell_how_fresh_they_are(workspace: Path) -> None:
    with Workspace(workspace) as here:
        states = {state.name: state for state in source_states(here)}
    assert {name: state.resources for name, state in states.items()} == {"register": 2, "shelves": 2}
    assert all(state.as_of for state in states.values())


def test_a_hit_is_frozen_for_the_desk_as_its_reader_sees_it(workspace: Path) -> None:
    with Workspace(workspace) as here:
        known = here.services.resource("shelves:J1-1-1", here.viewer(None))
        assert known is not None
        hit = here.holdings.hit(known["id"], here.viewer(None))
        hidden = here.holdings.hit("shelves:J1-1-3", here.viewer(None))
        shown = here.engine.store_version()
    assert hit is not None
    assert (hit.title, hit.reference_code, hit.access, hit.index_version) == (
        "粵漢鐵路購地卷",
        "J1-1-1",
        "open",
        shown,
    )
    assert hidden is None
