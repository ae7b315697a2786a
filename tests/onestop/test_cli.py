"""The command line as a person or a script meets it: what goes where, and the exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import structlog

from onestop import cli, found
from onestop.cli import run
from onestop.logs import log_to_stderr
from onestop.options import typed
from onestop.wiring import Workspace


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty workspace; we stand elsewhere and no variable names it."""
    monkeypatch.delenv("ONESTOP_WORKSPACE", raising=False)
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "deep" / "archive"
    assert run(["init", str(folder)]) == 0
    return folder


Captured = pytest.CaptureFixture[str]


def test_init_makes_parents_and_a_word_on_every_part(workspace: Path) -> None:
    made = {str(file.relative_to(workspace)) for file in workspace.rglob("*") if file.is_file()}
    assert {"onestop.toml", "sources/README.md", "themes/README.md", "policies/README.md"} <= made


def test_init_never_overwrites(workspace: Path, capsys: Captured) -> None:
    (workspace / "onestop.toml").write_text("# mine\n", encoding="utf-8")
    assert run(["init", str(workspace)]) == 2
    assert (workspace / "onestop.toml").read_text(encoding="utf-8") == "# mine\n"
    assert "workspace already" in capsys.readouterr().err


def test_init_leaves_files_that_are_there(tmp_path: Path) -> None:
    readme = tmp_path / "sources" / "README.md"
    readme.parent.mkdir()
    readme.write_text("mine", encoding="utf-8")
    assert run(["init", str(tmp_path)]) == 0
    assert readme.read_text(encoding="utf-8") == "mine"


def test_init_where_nothing_can_be_made_is_a_sentence(tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "file").touch()
    assert run(["init", str(tmp_path / "file" / "archive")]) == 2
    assert "cannot be made" in capsys.readouterr().err


def places(folder: Path) -> dict[str, tuple[list[str], dict[str, str], Path]]:
    """Every way to say which workspace: arguments, environment, where we stand."""
    elsewhere = folder.parent
    return {
        "before": (["--workspace", str(folder), "user", "add", "ann", "--role", "reader"], {}, elsewhere),
        "between": (["user", "--workspace", str(folder), "add", "ann", "--role", "reader"], {}, elsewhere),
        "after": (["user", "add", "ann", "--role", "reader", "--workspace", str(folder)], {}, elsewhere),
        "after wins": (
            ["--workspace", "nowhere", "user", "add", "ann", "--role", "reader", "--workspace", str(folder)],
            {},
            elsewhere,
        ),
        "environment": (["user", "add", "ann", "--role", "reader"], {"ONESTOP_WORKSPACE": str(folder)}, elsewhere),
        "here": (["user", "add", "ann", "--role", "reader"], {}, folder),
    }


@pytest.mark.parametrize("way", places(Path()))
def test_the_workspace_may_be_named_in_every_way(workspace: Path, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments, environment, here = places(workspace)[way]
    monkeypatch.chdir(here)
    for name, value in {**environment, "ONESTOP_PASSWORD": "long enough"}.items():
        monkeypatch.setenv(name, value)
    assert run(arguments) == 0
    with Workspace(workspace) as opened:
        assert opened.viewer("ann").roles == frozenset({"reader"})


def test_an_account_is_given_a_language(workspace: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONESTOP_PASSWORD", "long enough")
    here = ["--workspace", str(workspace), "user"]
    for name, more in (("ann", ["--language", "en"]), ("bo", [])):
        assert run([*here, "add", name, "--role", "staff", *more]) == 0
    assert run([*here, "language", "bo", "zh-Hant"]) == 0
    assert run([*here, "language", "bo", "fr"]) == 2 and "zh-Hant" in capsys.readouterr().err
    assert run([*here, "add", "cy", "--role", "staff", "--language", "fr"]) == 2
    with Workspace(workspace) as opened:
        assert {one.name: one.language for one in opened.desk.accounts.all()} == {"ann": "en", "bo": "zh-Hant"}
    assert run([*here, "language", "ann"]) == 0 and "language of the archive" in capsys.readouterr().err
    capsys.readouterr()
    assert run([*here, "list", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["accounts"]
    assert [one["language"] for one in told] == [None, "zh-Hant"]


WRONG = {
    "unknown command": (["frobnicate"], "frobnicate"),
    "unknown option": (["doctor", "--jsn"], "--jsn"),
    "missing argument": (["search"], "TEXT"),
    "year that is none": (["search", "x", "--from", "early"], "--from"),
    "unknown sort": (["search", "x", "--sort", "best"], "--sort"),
    "unknown filter": (["search", "x", "--filter", "colour:red"], "colour"),
    "filter without a value": (["search", "x", "--filter", "level"], "FIELD:VALUE"),
    "unknown group": (["search", "x", "--group", "holder"], "--group"),
    "page out of range": (["search", "x", "--size", "100000"], "size"),
    "unknown user": (["search", "x", "--as", "nobody"], "nobody"),
    "no index": (["search", "x"], "onestop sync"),
    "unknown source": (["sync", "nowhere"], "nowhere"),
    "no sources": (["sync"], "sources"),
    "unknown source to check": (["source", "check", "nowhere"], "nowhere"),
    "unknown role": (["user", "add", "ann", "--role", "king"], "king"),
    "no name": (["user", "add", " ", "--role", "reader"], "name"),
    "questions that are not there": (["evaluate", "--queries", "q.tsv", "--qrels", "q.txt"], "q.tsv"),
    "port that is none": (["serve", "--port", "0"], "--port"),
}


@pytest.mark.parametrize(("arguments", "word"), WRONG.values(), ids=WRONG)
def test_a_wrong_call_is_one_sentence_and_exit_code_2(
    workspace: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch, arguments: list[str], word: str
) -> None:
    monkeypatch.setenv("ONESTOP_PASSWORD", "short")
    assert run([*arguments, "--workspace", str(workspace)]) == 2
    said = capsys.readouterr()
    assert said.out.count("\n") <= 1  # the line that the fixture's init does not print there
    assert word in said.err
    assert "Traceback" not in said.err


def test_no_workspace_is_one_sentence(tmp_path: Path, capsys: Captured) -> None:
    assert run(["search", "x", "--workspace", str(tmp_path)]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert "onestop init" in said.err


def test_nobody_to_ask_for_a_password_is_a_sentence(
    workspace: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ONESTOP_PASSWORD", raising=False)
    assert run(["user", "add", "ann", "--role", "staff", "--workspace", str(workspace)]) == 2
    assert "ONESTOP_PASSWORD" in capsys.readouterr().err


def test_a_database_that_cannot_be_reached_is_a_sentence_without_its_password(
    workspace: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONESTOP_PASSWORD", "long enough")
    for driver in ("nodriver", "psycopg"):
        monkeypatch.setenv("ONESTOP_DATABASE", f"postgresql+{driver}://desk:hunter2@127.0.0.1:1/desk")
        for command in (["user", "add", "ann", "--role", "staff"], ["serve", "--port", "1"]):
            assert run([*command, "--workspace", str(workspace)]) == 2
            said = capsys.readouterr().err
            assert "database" in said and said.count("\n") == 1
            assert "hunter2" not in said


def test_what_nobody_foresaw_is_a_sentence_and_a_file(
    workspace: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Workspace, "viewer", lambda *_: 1 / 0)
    assert run(["search", "x", "--workspace", str(workspace)]) == 2
    said = capsys.readouterr().err
    assert "Traceback" not in said
    [kept] = (workspace / "logs").iterdir()
    assert str(kept) in said
    assert "ZeroDivisionError" in kept.read_text(encoding="utf-8")


def test_an_interrupt_is_quiet(workspace: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Workspace, "viewer", interrupt)
    capsys.readouterr()
    assert run(["search", "x", "--workspace", str(workspace)]) == 130
    assert capsys.readouterr() == ("", "")


def test_doctor_answers_in_json_and_says_when_something_is_wrong(workspace: Path, capsys: Captured) -> None:
    assert run(["doctor", "--json", "--workspace", str(workspace)]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["ok"] is False
    assert [check["name"] for check in report["checks"] if not check["ok"]] == ["sources"]


def test_doctor_names_the_lines_of_other_names_that_cannot_be_followed(workspace: Path, capsys: Captured) -> None:
    (workspace / "synonyms.txt").write_text("北平 = 北京\n奉天\n", encoding="utf-8")
    capsys.readouterr()
    run(["doctor", "--json", "--workspace", str(workspace)])
    (check,) = [check for check in json.loads(capsys.readouterr().out)["checks"] if check["name"] == "synonyms"]
    assert not check["ok"] and "line 2" in check["detail"]


def test_doctor_needs_no_workspace_to_say_that_there_is_none(tmp_path: Path, capsys: Captured) -> None:
    assert run(["doctor", "--json", "--workspace", str(tmp_path)]) == 1
    checks = {check["name"]: check for check in json.loads(capsys.readouterr().out)["checks"]}
    assert checks["workspace"]["ok"] is False
    assert checks["python"]["ok"] is True


def test_a_reader_that_stops_reading_is_no_error(workspace: Path) -> None:
    """``onestop doctor | head -0``: the pipe is closed before anything is written."""
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "onestop", "doctor", "--json", "--workspace", str(workspace)]
    with os.fdopen(write, "w") as pipe:
        done = subprocess.run(command, stdout=pipe, stderr=subprocess.PIPE, cwd=_root(), check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_help_needs_no_heavy_library() -> None:
    """`onestop --help` is there at once because nothing heavy is imported for it."""
    heavy = ["pyarrow", "deltalake", "tantivy", "streamlit", "sqlalchemy", "lxml", "pydantic", "pandas"]
    script = f"import sys, onestop.cli; onestop.cli.run(['--help']); print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=_root(), check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_catalogue_text_neither_marks_up_nor_commands_the_terminal(capsys: Captured) -> None:
    hostile = "[red]\x1b[2J\x07[/red] [link=https://evil.example]"
    hit = {"title": hostile, "id": "r-1", "available": [{"action": "consult", "working_days": 1}], "same": ["r-2"]}
    hit |= {"more": {"count": 4}, "reference_code": None, "reasons": [{"kind": "person", "values": [hostile]}]}
    reading = {"kind": "person", "key": f"person:{hostile}", "text": hostile, "value": hostile, "authority": "r-1"}
    read = {"relaxed": False, "record": "r-1", "notes": ["lone-operator"], "readings": [reading]}
    read["expanded"] = {hostile: [hostile]}
    read["did_you_mean"] = [{"text": hostile, "count": 2}]
    steps = [("words", hostile), ("filter", hostile), ("everywhere", "")]
    read["wider"] = [{"kind": k, "dropped": [d], "count": 3, "query": {"q": hostile}} for k, d in steps]
    answer = {"total": 9, "partial": False, "folded": 5, "hits": [hit], "groups": [], "interpretation": read}
    group = {"fonds": {"title": hostile, "id": "r-0"}, "count": 9, "hits": [hit]}
    found.put_hits(answer)
    found.put_hits({**answer, "hits": [], "groups": [group]})
    found.put_similar({"items": [hit]})
    said = capsys.readouterr().out
    assert "\x1b" not in said and "\x07" not in said
    assert "[red]" in said and "consult 1 d" in said and "(and 5 alike)" in said


def test_logs_do_not_mix_with_answers(capsys: Captured) -> None:
    log_to_stderr()
    structlog.get_logger("anyone").warning("heard")
    said = capsys.readouterr()
    assert "heard" in said.err and "heard" not in said.out


def test_logs_hold_no_local_variables(capsys: Captured) -> None:
    """A traceback in the log says where, not with which cookie or password."""
    log_to_stderr()
    password = "hunter" + "2"
    try:
        raise KeyError(len(password))
    except KeyError:
        structlog.get_logger("anyone").exception("failed")
    said = capsys.readouterr().err
    assert "KeyError" in said and password not in said


def test_arguments_that_are_not_utf8_are_text_all_the_same() -> None:
    assert typed(os.fsdecode(b"land \xff")) == "land �"


def _root() -> Path:
    return Path(cli.__file__).resolve().parents[1]
