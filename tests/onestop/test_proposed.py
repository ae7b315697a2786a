"""`source check` of a sheet nobody described: what it proposes, and the source file it writes when told to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from onestop.cli import run
from onestop.errors import SettingsError
from onestop.proposed import source_text
from onestop.sources import load_source

LIST = "编号,题名,成文日期,主题词,架次\n1,购地卷,1905,土地;铁路,A\n2,路线图,1906,铁路;地图,A\n"
SOURCE = "title: Lists   # of the east wing\nconnector: folder\nmapping: table\nsettings: {path: '${LISTS}'}\n"


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "house"
    assert run(["init", str(folder)]) == 0
    (folder / "data").mkdir()
    (folder / "data" / "list.csv").write_text(LIST, encoding="utf-8")
    (folder / "sources" / "lists.yml").write_text(SOURCE, encoding="utf-8")
    monkeypatch.setenv("LISTS", "data")
    return folder


def check(workspace: Path, *arguments: str) -> int:
    return run(["source", "check", "lists", "--workspace", str(workspace), *arguments])


def test_a_proposal_is_shown_and_nothing_is_written(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(workspace.rglob("*"))
    capsys.readouterr()
    assert check(workspace, "--json") == 0
    report = json.loads(capsys.readouterr().out)
    fields = {column["header"]: column["field"] for column in report["proposal"]["columns"]}
    assert fields == {"编号": "id", "题名": "title", "成文日期": "dates", "主题词": "subject", "架次": None}
    assert report["crosswalk"] is None
    assert check(workspace) == 0
    shown = capsys.readouterr().out
    assert [word for word in ("题名", "购地卷", "title", "is a word for it") if word not in shown] == []
    assert sorted(workspace.rglob("*")) == before


def test_what_is_written_is_a_source_that_sync_takes(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = workspace / "sources" / "better.yml"
    assert check(workspace, "--write", str(file)) == 0
    text = file.read_text(encoding="utf-8")
    assert text.startswith(SOURCE)
    assert "# - 架次: " in text and "no cell repeats" in text
    made = load_source(file, {"LISTS": "data"})
    assert made.columns == {"id": "编号", "title": "题名", "dates": "成文日期", "subject": "主题词"}
    assert made.split == {"subject": ";"}
    (workspace / "sources" / "lists.yml").unlink()
    capsys.readouterr()
    assert run(["sync", "better", "--json", "--workspace", str(workspace)]) == 0
    assert json.loads(capsys.readouterr().out)["sources"][0]["indexed"] == 2


def test_a_sheet_that_is_known_is_named(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (workspace / "data" / "list.csv").write_text("全宗号,案卷号,件号,档号,题名\nJ1,2,3,J1-2-3,函\n", encoding="utf-8")
    file = workspace / "sources" / "known.yml"
    capsys.readouterr()
    assert check(workspace, "--json", "--write", str(file)) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["crosswalk"], report["proposal"]) == ("da-t-files", None)
    assert load_source(file, {"LISTS": "data"}).crosswalk == "da-t-files"


def wrong(workspace: Path) -> dict[str, tuple[Path, str]]:
    return {
        "there already": (workspace / "sources" / "lists.yml", "exists already"),
        "no folder": (workspace / "nowhere" / "a.yml", "cannot be written"),
        "no name of a source": (workspace / "sources" / "-.yml", "named after its file"),
    }


@pytest.mark.parametrize("way", wrong(Path()))
def test_a_file_that_cannot_be_written_is_one_sentence(
    workspace: Path, capsys: pytest.CaptureFixture[str], way: str
) -> None:
    file, said = wrong(workspace)[way]
    kept = file.read_text(encoding="utf-8") if file.exists() else None
    assert check(workspace, "--write", str(file)) == 2
    assert said in capsys.readouterr().err
    assert (file.read_text(encoding="utf-8") if file.exists() else None) == kept


def test_nothing_to_propose_is_one_sentence(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (workspace / "sources" / "lists.yml").write_text(SOURCE + "columns: {title: 题名}\n", encoding="utf-8")
    assert check(workspace, "--write", str(workspace / "sources" / "more.yml")) == 2
    assert "nothing to propose" in capsys.readouterr().err


def column(header: str, field: str | None, why: str = "because") -> dict[str, Any]:
    return {"header": header, "sample": None, "field": field, "confidence": 0.5, "why": why, "split": None}


def test_a_code_that_does_not_repeat_serves_as_the_id() -> None:
    code = column("档号", "reference_code") | {"unique": True}
    report = {"source": "a", "items": [], "crosswalk": None, "proposal": {"item": "b", "columns": [code]}}
    made = yaml.safe_load(source_text("title: A\n", report))
    assert made["columns"] == {"id": "档号", "reference_code": "档号"}


HEADERS = ["yes", "1901", "a: b", "# no comment", '"quoted"', "{x}", "- x", "题名", "back\\slash", "'", "null", "*a"]


@pytest.mark.parametrize("header", HEADERS)
def test_any_header_survives_the_file(header: str) -> None:
    columns = [column(header, "title", f"“{header}”\nits cells"), column(header + "2", None, "x\ncolumns: {}")]
    report = {"source": "a", "items": ["a.csv"], "crosswalk": None, "proposal": {"item": "a\nb", "columns": columns}}
    made = yaml.safe_load(source_text("title: A\n", report))
    assert made == {"title": "A", "columns": {"title": header}}


def test_a_source_without_a_proposal_raises() -> None:
    with pytest.raises(SettingsError):
        source_text("title: A\n", {"source": "a", "items": [], "crosswalk": None, "proposal": None})
