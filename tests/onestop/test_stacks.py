"""The register from a table by command, and what hits are told while the desk answers and while it does not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from onestop.busy import FRESH, HouseBusy
from onestop.cli import run
from onestop.releases import PATIENCE
from onestop.wiring import Workspace
from service_desk.errors import Unavailable
from service_desk.stacks.busy import Busy
from service_desk.stacks.finding import Thing

TABLE = "barcode,kind,title,inside,resources\nR,room,Room,,\nS,shelf,Shelf,R,\nB,box,Box,S,r-1\nX,box,Lost,Q,\n"
THING = Thing("r-1")


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("ONESTOP_WORKSPACE", raising=False)
    assert run(["init", str(tmp_path / "archive")]) == 0
    (tmp_path / "places.csv").write_text(TABLE, encoding="utf-8")
    return tmp_path / "archive"


def imported(workspace: Path, *options: str) -> int:
    return run(["--workspace", str(workspace), "stacks", "import", str(workspace.parent / "places.csv"), *options])


def test_a_table_is_taken_in_and_every_row_told(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert imported(workspace, "--dry-run", "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["dry_run"], told["added"], told["rejected"], len(told["rows"])) == (True, 3, 1, 4)
    assert imported(workspace) == 1
    said = capsys.readouterr()
    assert "No place has the barcode Q" in " ".join(said.out.split()) and "3 added" in said.err
    assert imported(workspace) == 1
    assert "0 added, 0 changed, 3 as they were, 1 not taken" in capsys.readouterr().err
    (workspace.parent / "places.csv").write_text("nothing", encoding="utf-8")
    assert imported(workspace) == 2 and "no column" in capsys.readouterr().err
    (workspace.parent / "places.csv").unlink()
    assert imported(workspace) == 2 and "cannot be read" in capsys.readouterr().err


class Clock:
    time = 0.0

    def __call__(self) -> float:
        return self.time


def test_the_desk_is_asked_seldom_and_gone_without(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    with Workspace(workspace, environment={}) as here:
        busy = HouseBusy(here, clock)
        assert busy([THING]) == {} and busy.state() is None, "there is no desk yet"
        here.desk.stacks.register.bring_in(TABLE.encode(), "places.csv", "test")
        here.desk.accounts.add("li", "x", "staff")
        begun = here.desk.stacks.repairs.begin("repair", here.viewer("li"), barcode="B")
        clock.time += FRESH
        assert busy([THING])["r-1"].kind == "in_repair"
        asked: list[Any] = []
        there = here.desk.stacks.busy

        class Counted:
            def revision(self) -> object:
                return there.revision()

            def __call__(self, things: Any) -> dict[str, Busy]:
                asked.append(things)
                return there(things)

        monkeypatch.setattr(here.desk.stacks, "busy", Counted())
        assert busy([THING])["r-1"].kind == "in_repair" and asked == []
        here.desk.stacks.repairs.end(begun.number, here.viewer("li"))
        clock.time += FRESH
        assert busy([THING]) == {} and len(asked) == 1

        class Silent:
            def revision(self) -> object:
                asked.append("state")
                raise Unavailable("away")

        monkeypatch.setattr(here.desk.stacks, "busy", Silent())
        clock.time += FRESH
        assert busy([THING]) == {} and busy.state() is None
        clock.time += PATIENCE - 1
        assert busy([THING]) == {} and asked.count("state") == 1, "it is not waited for again"
