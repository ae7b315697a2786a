"""`onestop rules ...`: what is there, a file checked and brought into force, versions and what they changed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from onestop.cli import run
from onestop.scaffold import make_workspace
from onestop.wiring import Workspace
from service_desk.ratings.rules import RatingRules
from service_desk.rules import bundled_text

DELIVERED = bundled_text(RatingRules)
CHANGED = DELIVERED.replace("days_to_change: 14", "days_to_change: 21")


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return make_workspace(tmp_path / "house")


@pytest.fixture
def onestop(workspace, capsys):
    """The command on that workspace: exit code, stdout, stderr; with --json the document."""

    def called(*arguments):
        code = run(["--workspace", str(workspace), "rules", *map(str, arguments)])
        out, err = capsys.readouterr()
        return code, json.loads(out) if "--json" in arguments else out, err

    return called


@pytest.fixture
def file(tmp_path):
    def written(text, name="new.yml"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return written


def test_what_is_there(onestop):
    code, told, _ = onestop("list", "--json")
    row = next(one for one in told["rules"] if one["name"] == "ratings")
    assert code == 0 and row == {
        "name": "ratings",
        "called": "Ratings",
        "number": 0,
        "by": None,
        "at": None,
        "followed": True,
    }
    code, out, _ = onestop("list")
    assert code == 0 and "ratings" in out and "as delivered" in out
    assert onestop("show", "ratings")[1] == DELIVERED


def test_a_file_is_brought_into_force_and_taken_back(onestop, file):
    code, told, _ = onestop("apply", "ratings", file(CHANGED), "--json")
    number = told["number"]
    assert (code, told["changed"]) == (0, True)
    assert onestop("apply", "ratings", file(CHANGED.replace("\n", "\r\n")), "--json")[1]["changed"] is False
    assert onestop("show", "ratings")[1] == CHANGED
    assert onestop("show", "ratings", "--version", "0")[1] == DELIVERED
    _, told, _ = onestop("diff", "ratings", 0, number, "--json")
    assert [(one["what"], one["text"]) for one in told["lines"] if one["what"] in ("gone", "new")] == [
        ("gone", DELIVERED.splitlines()[-1]),
        ("new", CHANGED.splitlines()[-1]),
    ]
    out = onestop("diff", "ratings", number, 0)[1]
    assert "+" in out and "days_to_change: 14" in out
    assert "the same" in onestop("diff", "ratings", number, number)[2]
    onestop("apply", "ratings", file(DELIVERED))
    _, told, _ = onestop("history", "ratings", "--json")
    assert len(told["versions"]) == 2 and told["versions"][0]["by"].startswith("command line")
    assert "command line" in onestop("history", "ratings")[1]


def test_as_an_account(onestop, file, workspace):
    with Workspace(workspace) as here:
        here.desk.accounts.add("adm", "correct horse battery", "administrator")
        here.desk.accounts.add("lin", "correct horse battery", "coordinator")
    assert onestop("apply", "ratings", file(CHANGED), "--as", "adm")[0] == 0
    assert onestop("history", "ratings", "--json")[1]["versions"][0]["by"] == "adm"
    code, _, said = onestop("apply", "ratings", file(DELIVERED), "--as", "lin")
    assert code == 2 and "desk.configure" in said
    assert onestop("apply", "ratings", file(DELIVERED), "--as", "nobody")[0] == 2


def test_nobody_is_overwritten_who_says_what_was_seen(onestop, file):
    assert onestop("apply", "ratings", file(CHANGED), "--seen", "0")[0] == 0
    code, _, said = onestop("apply", "ratings", file(DELIVERED), "--seen", "0")
    assert code == 2 and "Somebody changed these rules" in said
    assert onestop("show", "ratings")[1] == CHANGED


def test_mistakes_change_nothing(onestop, file):
    broken = file("days_to_rate: 90\ndays_to_chance: 14\n")
    code, _, said = onestop("check", "ratings", broken)
    assert code == 1 and "days_to_chance (line 2)" in said and "did you mean 'days_to_change'" in said
    code, told, _ = onestop("check", "ratings", broken, "--json")
    assert code == 1 and 2 in [one["line"] for one in told["problems"]] and not told["ok"]
    assert onestop("apply", "ratings", broken)[0] == 2
    assert onestop("history", "ratings", "--json")[1]["versions"] == []
    assert onestop("check", "ratings", file(CHANGED), "--json")[:2] == (
        0,
        {"ok": True, "problems": [], "follows": []},
    )
    assert "can be followed" in onestop("check", "ratings", file(CHANGED))[2]


def test_what_is_not_there_is_said(onestop, file, tmp_path):
    code, _, said = onestop("show", "rating")
    assert code == 2 and "did you mean 'ratings'" in said
    assert onestop("show", "ratings", "--version", "99")[0] == 2
    assert onestop("check", "ratings", tmp_path / "none.yml")[0] == 2
    latin = tmp_path / "latin.yml"
    latin.write_bytes("# Ä\n".encode("latin-1"))
    code, _, said = onestop("check", "ratings", latin)
    assert code == 2 and "UTF-8" in said


def test_packs_show_what_they_would_change_and_change_nothing(onestop):
    code, told, _ = onestop("packs", "--json")
    uk = {"name": "uk", "called": "United Kingdom", "documents": ["types", "calendar", "notices"]}
    assert code == 0 and uk in told["packs"]
    code, told, _ = onestop("packs", "uk", "--json")
    assert code == 0 and told["documents"].keys() == {"types", "calendar", "notices"}
    assert any("s. 10(1)" in line["text"] for line in told["documents"]["types"]["lines"])
    code, out, err = onestop("packs", "relay")
    assert code == 0 and "defaults:" in out and "what would change" in err
    code, out, _ = onestop("show", "partners", "--pack", "relay")
    assert code == 0 and "defaults:" in out and out.startswith("# Institutions")
    code, _, err = onestop("packs", "atlantis")
    assert code == 2 and "known are" in err
    code, told, _ = onestop("list", "--json")
    assert not any(row["number"] for row in told["rules"])
