"""What the owner of a workspace is told in the morning, by the command line: report, ledger, problems, schedule."""

from __future__ import annotations

import configparser
import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from onestop import schedule
from onestop.cli import run
from onestop.settings import load
from onestop.wiring import Workspace
from pipelines.lock import FileLocks
from pipelines.report import RunReport
from pipelines.runs import recorded

Captured = pytest.CaptureFixture[str]
SOURCE = """\
title: Shelf list
connector: folder
mapping: table
holder: East Wing Archive
settings: {path: data}
columns: {id: id, title: title}
"""
ROWS = 60


@pytest.fixture(scope="module")
def synchronised(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a table of `ROWS` rows, synchronised once."""
    folder = tmp_path_factory.mktemp("morning") / "archive"
    assert run(["init", str(folder)]) == 0
    (folder / "data").mkdir()
    rows(folder, range(ROWS))
    (folder / "sources" / "shelves.yml").write_text(SOURCE, encoding="utf-8")
    assert run(["sync", "--workspace", str(folder)]) == 0
    return folder


@pytest.fixture
def workspace(synchronised: Path, tmp_path: Path) -> Path:
    """A copy of it, to be changed."""
    return Path(shutil.copytree(synchronised, tmp_path / "archive"))


def rows(folder: Path, numbers: range) -> None:
    lines = "".join(f"{number},Title {number}\n" for number in numbers)
    (folder / "data" / "list.csv").write_text(f"id,title\n{lines}", encoding="utf-8")


def said(capsys: Captured, workspace: Path, *arguments: str, code: int = 0) -> str:
    """What a command puts on standard output."""
    capsys.readouterr()
    assert run(["--workspace", str(workspace), *arguments]) == code
    return capsys.readouterr().out


def asked(capsys: Captured, workspace: Path, *arguments: str, code: int = 0) -> Any:
    return json.loads(said(capsys, workspace, *arguments, "--json", code=code))


# Report


def test_a_good_night(workspace: Path, capsys: Captured) -> None:
    told = asked(capsys, workspace, "report")
    assert (told["ok"], told["run"]["state"], told["ledger_error"]) == (True, "done", None)
    [row] = told["ledger"]
    assert (row["source"], row["state"], row["resources_in_store"], row["in_index"]) == ("shelves", "ok", ROWS, ROWS)
    text = said(capsys, workspace, "report")
    assert "60 read, 60 indexed" in text
    assert "\x1b" not in text


def test_the_same_run_is_told_by_sync_and_by_report(workspace: Path, capsys: Captured) -> None:
    synced = asked(capsys, workspace, "sync")
    assert asked(capsys, workspace, "report")["run"] == synced
    assert asked(capsys, workspace, "report", synced["run"])["run"] == synced


def test_a_braked_night_and_what_comes_of_it(workspace: Path, capsys: Captured) -> None:
    rows(workspace, range(10))
    assert run(["--workspace", str(workspace), "sync"]) == 1
    told = asked(capsys, workspace, "report", code=1)
    assert (told["run"]["sources"][0]["braked"], told["ledger"][0]["why"]) == (True, "held-back")
    assert [code["code"] for code in told["run"]["sources"][0]["codes"]] == ["deletes-held-back"]
    text = said(capsys, workspace, "report", code=1)
    assert "--allow-deletes" in text
    assert "50 of 60 records would be deleted" in text
    assert run(["--workspace", str(workspace), "sync", "--allow-deletes"]) == 0
    [row] = asked(capsys, workspace, "report")["ledger"]
    assert (row["deletes"]["checked"], row["deletes"]["found"], row["in_index"]) == (50, 0, 10)


def test_an_older_run_is_told_without_the_ledger_of_today(workspace: Path, capsys: Captured) -> None:
    first = asked(capsys, workspace, "report")["run"]["run"]
    asked(capsys, workspace, "sync")
    told = asked(capsys, workspace, "report", first)
    assert (told["run"]["run"], told["ledger"]) == (first, None)


def test_runs_and_sources_that_are_not_there(workspace: Path, capsys: Captured) -> None:
    for arguments, word in (
        (["report", "1999-01-01"], "There is no run"),
        (["report", "--source", "shelve"], "did you mean 'shelves'?"),
        (["report", "--problems", "--source", "shelve"], "did you mean 'shelves'?"),
    ):
        capsys.readouterr()
        assert run(["--workspace", str(workspace), *arguments]) == 2
        assert word in capsys.readouterr().err


def test_before_the_first_run(tmp_path: Path, capsys: Captured) -> None:
    folder = tmp_path / "new"
    assert run(["init", str(folder)]) == 0
    (folder / "sources" / "shelves.yml").write_text(SOURCE, encoding="utf-8")
    told = asked(capsys, folder, "report", code=1)
    assert (told["run"], told["ledger"][0]["why"]) == (None, "not-read")
    assert "No run has been recorded yet" in said(capsys, folder, "report", code=1)


def test_a_run_that_never_ended(workspace: Path, capsys: Captured) -> None:
    with Workspace(workspace) as here:
        killed = recorded(here.store, RunReport(planned=["shelves"]))
        killed.__enter__()
    with FileLocks(workspace).take("source shelves"):
        assert asked(capsys, workspace, "report")["run"]["state"] == "running"
    told = asked(capsys, workspace, "report", code=1)
    assert (told["run"]["state"], told["ledger"][0]["why"]) == ("interrupted", "unfinished")
    assert "It never told its end" in said(capsys, workspace, "report", code=1)


def test_the_run_is_told_while_the_index_is_away(workspace: Path, capsys: Captured, monkeypatch: Any) -> None:
    monkeypatch.setenv("ONESTOP_ENGINE", "nothing:here")
    told = asked(capsys, workspace, "report", code=1)
    assert told["run"]["state"] == "done"
    assert told["ledger"] is None
    assert "nothing" in told["ledger_error"]


def test_problems_that_hold_now(workspace: Path, capsys: Captured) -> None:
    assert asked(capsys, workspace, "report", "--problems")["total"] == 0
    (workspace / "data" / "broken.csv").write_text("other,names\n1,2\n", encoding="utf-8")
    (workspace / "data" / "hostile.csv").write_text('id,title\n"\x1b[2J","[red]"\n,\n7,Seven\n', encoding="utf-8")
    assert run(["--workspace", str(workspace), "sync"]) == 1
    told = asked(capsys, workspace, "report", "--problems", code=1)
    assert {(one["item"], one["outcome"], one["code"]) for one in told["problems"]} >= {
        ("broken.csv", "error", "missing-column"),
        ("hostile.csv", "skip", "empty-row"),
    }
    assert sum(code["count"] for code in told["codes"]) == told["total"] == len(told["problems"])
    text = said(capsys, workspace, "report", "--problems", "--source", "shelves", code=1)
    assert "broken.csv" in text and "\x1b" not in text
    assert all(line.count("\t") == 5 for line in text.splitlines()[: told["total"] + 1])


def test_doctor_does_not_take_a_report_for_a_change(workspace: Path, capsys: Captured) -> None:
    for _ in range(2):
        assert run(["--workspace", str(workspace), "sync"]) == 0
    checks = {check["name"]: check for check in asked(capsys, workspace, "doctor")["checks"]}
    assert checks["index"]["ok"], checks["index"]


# Schedule


@pytest.fixture
def definitions(workspace: Path, capsys: Captured) -> dict[str, str]:
    made = asked(capsys, workspace, "schedule", "--at", "3:07", "--user", "root")
    assert set(made) == {f"onestop-archive.{end}" for end in ("service", "timer", "cron", "yaml")}
    return dict(made)


def parsed(unit: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, comment_prefixes=("#",), delimiters=("=",), strict=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(unit)
    return parser


def test_units_say_what_systemd_needs(definitions: dict[str, str], workspace: Path) -> None:
    service, timer = (parsed(definitions[f"onestop-archive.{end}"]) for end in ("service", "timer"))
    assert service["Service"]["Type"] == "oneshot"
    assert service["Service"]["User"] == "root"
    assert shlex.split(service["Service"]["ExecStart"])[1:] == ["--workspace", str(workspace), "sync"]
    assert Path(shlex.split(service["Service"]["ExecStart"])[0]).is_absolute()
    assert service["Service"]["ReadWritePaths"] == str(workspace)
    assert timer["Timer"]["OnCalendar"] == "*-*-* 03:07:00"
    assert (timer["Timer"]["Persistent"], timer["Install"]["WantedBy"]) == ("true", "timers.target")


def test_systemd_takes_them(workspace: Path, tmp_path: Path) -> None:
    """`systemd-analyze verify` where Debian's package systemd is there; it needs no running systemd."""
    if (verify := shutil.which("systemd-analyze")) is None:
        return
    odd = tmp_path / 'an archive, 50% "ours" $HOME'
    shutil.copytree(workspace, odd)
    for folder in (workspace, odd):
        made = schedule.definitions(load(folder), "systemd", "02:00", "root")
        units = tmp_path / f"units of {folder.name[:5]}"
        units.mkdir()
        for name, text in made.items():
            (units / name).write_text(text, encoding="utf-8")
        found = subprocess.run(
            [verify, "verify", "--man=no", *map(str, units.iterdir())], capture_output=True, text=True, check=False
        )
        said = [line for line in found.stderr.splitlines() if "onestop" in line]
        assert (found.returncode, said) == (0, [])


def test_a_unit_may_write_where_the_parts_of_the_workspace_are(workspace: Path, tmp_path: Path) -> None:
    settings = 'records = "file:/srv/store"\nengine = "tantivy:/srv/index"\nobjects = "s3+https://a.example/b/c"\n'
    (workspace / "onestop.toml").write_text(settings, encoding="utf-8")
    made = schedule.definitions(load(workspace), "systemd", "02:00", "root")
    service = parsed(made["onestop-archive.service"])["Service"]
    assert service["ReadWritePaths"] == f"{workspace} /srv/index /srv/store"


def test_the_line_for_cron(definitions: dict[str, str], workspace: Path) -> None:
    lines = [line for line in definitions["onestop-archive.cron"].splitlines() if not line.startswith("#")]
    assert lines[0] == "MAILTO=root"
    minute, hour, day, month, weekday, user, command = lines[1].split(" ", 6)
    assert (minute, hour, day, month, weekday, user) == ("7", "3", "*", "*", "*", "root")
    assert shlex.split(command)[1:4] == ["--workspace", str(workspace), "sync"]


def test_cron_runs_it_and_mails_only_what_went_wrong(tmp_path: Path, workspace: Path) -> None:
    """The command as cron gives it to a shell: ``\\%`` is ``%`` again. A workspace with a blank and a percent sign."""
    odd = tmp_path / "a 50% archive"
    shutil.copytree(workspace, odd)
    made = schedule.definitions(load(odd), "cron", "02:00", "root")
    [text] = made.values()
    command = text.splitlines()[-1].split(" ", 6)[6].replace(r"\%", "%")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ONESTOP_")}
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, env=environment, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    (odd / "data" / "broken.csv").write_text("other,names\n1,2\n", encoding="utf-8")
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, env=environment, check=False)
    assert "broken.csv" in done.stdout
    assert (odd / "nightly.log").stat().st_size


def test_the_cron_job(definitions: dict[str, str]) -> None:
    """The required fields of a batch/v1 CronJob, and what keeps two runs apart."""
    job = yaml.safe_load(definitions["onestop-archive.yaml"])
    assert (job["apiVersion"], job["kind"], job["metadata"]["name"]) == ("batch/v1", "CronJob", "onestop-archive")
    spec = job["spec"]
    assert (spec["schedule"], spec["concurrencyPolicy"]) == ("7 3 * * *", "Forbid")
    pod = spec["jobTemplate"]["spec"]["template"]["spec"]
    assert pod["restartPolicy"] == "Never"
    [container] = pod["containers"]
    assert container["command"][-1] == "sync"
    mounted = {mount["name"] for mount in container["volumeMounts"]}
    assert mounted == {volume["name"] for volume in pod["volumes"]}
    [claim] = [volume["persistentVolumeClaim"] for volume in pod["volumes"] if volume["name"] == "workspace"]
    assert claim == {"claimName": "CLAIM"}


@pytest.mark.parametrize(("wanted", "ends"), [("cron", {".cron"}), ("systemd", {".service", ".timer"})])
def test_one_of_them(workspace: Path, capsys: Captured, wanted: str, ends: set[str]) -> None:
    made = asked(capsys, workspace, "schedule", "--format", wanted)
    assert {Path(name).suffix for name in made} == ends


@pytest.mark.parametrize(
    ("arguments", "word"),
    [(["--at", "25:00"], "no time"), (["--at", "2:00\n"], "no time"), (["--user", "a b"], "no name of an account")],
)
def test_what_cannot_be_is_a_sentence(workspace: Path, capsys: Captured, arguments: list[str], word: str) -> None:
    capsys.readouterr()
    assert run(["--workspace", str(workspace), "schedule", *arguments]) == 2
    assert word in capsys.readouterr().err


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("East Wing", "onestop-east-wing"),
        ("東館", "onestop"),
        ("x" * 90, "onestop-" + "x" * 44),
        ("--a--", "onestop-a"),
    ],
)
def test_names_that_units_and_kubernetes_take(folder: str, name: str) -> None:
    assert schedule._name(Path("/srv") / folder) == name
    assert re.fullmatch(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", name) and len(name) <= 52
