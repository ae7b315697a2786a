"""The policy of roles as a file of the workspace: read when it changes, and what is wrong with it told by line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from onestop.cli import run
from onestop.errors import SettingsError
from onestop.policies import ROLES_FILE, RolesFile, read_roles
from onestop.scaffold import make_workspace
from onestop.wiring import Workspace
from service_desk.roles import bundled, bundled_text


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return make_workspace(tmp_path / "house")


def write(workspace: Path, text: str) -> Path:
    file = workspace / ROLES_FILE
    file.write_text(text, encoding="utf-8")
    return file


def test_without_a_file_the_bundled_policy_holds(workspace):
    assert RolesFile(workspace)().policy == bundled()


def test_the_example_is_the_bundled_policy(workspace):
    assert (workspace / f"{ROLES_FILE}.example").read_text("utf-8") == bundled_text()


def test_a_file_is_read_again_when_it_changes_and_a_broken_one_changes_nothing(workspace):
    roles = RolesFile(workspace)
    assert roles() is roles()
    write(
        workspace,
        bundled_text().replace("[accounts.manage, audit.read, runs.see, desk.configure]", "[accounts.manage]"),
    )
    changed = roles()
    assert changed.policy.actions("administrator") == ("accounts.manage",)
    assert changed.by.startswith("file of ")
    write(workspace, "roles: [")
    assert roles() is changed
    (workspace / ROLES_FILE).unlink()
    assert roles().policy == bundled()


def test_a_broken_file_is_no_policy_to_begin_with(workspace):
    write(workspace, "roles: [")
    with pytest.raises(SettingsError, match="line"):
        RolesFile(workspace)()


MISTAKES = {
    "a misspelt permission": (
        ("accounts.manage, audit.read", "accounts.manages, audit.read"),
        ("roles.administrator.permissions[0]", "accounts.manages"),
    ),
    "a misspelt key": (
        ("    permissions: [accounts.manage", "    permission: [accounts.manage"),
        ("roles.administrator", "did you mean 'permissions'"),
    ),
    "no title in a language": (("en: Manager, ", ""), ("roles.manager.title", "'en' is missing")),
    "a name that cannot be": (("  manager:", "  Manager!:"), ("roles.Manager!", "not written as it must be")),
    "not a list": (
        ("permissions: [accounts.manage, audit.read, runs.see, desk.configure]", "permissions: all"),
        ("roles.administrator.permissions", "must be a list"),
    ),
}
"""What is written in place of what, and the place and words of the mistake; its line is where that stood."""


@pytest.mark.parametrize("case", MISTAKES)
def test_what_is_wrong_is_told_with_place_and_line(workspace, capsys, case):
    (old, new), (place, what) = MISTAKES[case]
    line = bundled_text()[: bundled_text().index(old)].count("\n") + 1
    write(workspace, bundled_text().replace(old, new))
    assert run(["--workspace", str(workspace), "role", "check", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    found = [problem for problem in told["problems"] if problem["place"].startswith(place) and what in problem["what"]]
    assert found and found[0]["line"] == line and not told["ok"]
    assert run(["--workspace", str(workspace), "role", "check"]) == 1
    assert f"line {line}" in capsys.readouterr().err
    assert run(["--workspace", str(workspace), "role", "list"]) == 2
    said = capsys.readouterr().err
    assert "Traceback" not in said and ROLES_FILE in said


def test_what_belongs_together_is_told_too(workspace):
    file = write(workspace, bundled_text().replace("former: {staff: coordinator}", "former: {staff: boss}"))
    with pytest.raises(SettingsError, match="boss"):
        read_roles(file)


def test_a_role_is_added_given_listed_and_taken(workspace, capsys, monkeypatch):
    monkeypatch.setenv("ONESTOP_PASSWORD", "correct horse")
    where = ["--workspace", str(workspace)]
    assert run([*where, "user", "add", "ann", "--role", "administrator"]) == 0
    assert (
        run([*where, "user", "give", "ann", "--role", "holdings_staff", "--holder", "East Wing", "--fonds", "J12"]) == 0
    )
    assert "holdings_staff (holder East Wing, fonds J12)" in capsys.readouterr().err
    assert run([*where, "user", "list", "--json"]) == 0
    [ann] = json.loads(capsys.readouterr().out)["accounts"]
    assert ann["roles"] == [
        {"role": "administrator"},
        {"role": "holdings_staff", "holder": "East Wing", "fonds": "J12"},
    ]
    assert run([*where, "user", "list"]) == 0
    assert "holdings_staff" in capsys.readouterr().out
    assert run([*where, "user", "take", "ann", "--role", "administrator"]) == 0
    assert run([*where, "user", "take", "ann", "--role", "administrator"]) == 2
    assert "does not have" in capsys.readouterr().err
    assert run([*where, "user", "give", "bob", "--role", "manager"]) == 2
    assert "bob" in capsys.readouterr().err


def test_a_password_is_set_and_an_account_closed(workspace, capsys, monkeypatch):
    where = ["--workspace", str(workspace)]
    monkeypatch.setenv("ONESTOP_PASSWORD", "correct horse")
    assert run([*where, "user", "add", "ann", "--role", "staff"]) == 0
    monkeypatch.setenv("ONESTOP_PASSWORD", "battery staple")
    assert run([*where, "user", "password", "ann"]) == 0
    with Workspace(workspace, environment={}) as here:
        token = here.desk.sessions.sign_in("ann", "battery staple").token
        assert run([*where, "user", "close", "ann"]) == 0
        assert here.desk.sessions.lookup(token) is None
        [closed] = here.desk.audit.rows(what="account.close").rows
        assert closed.subject == "ann" and closed.actor.startswith("command line")
    for command in ("password", "close"):
        assert run([*where, "user", command, "ann"]) == 2
        assert "no account named 'ann'" in capsys.readouterr().err


def test_roles_are_listed_with_the_policies_that_were(workspace, capsys):
    where = ["--workspace", str(workspace)]
    assert run([*where, "role", "list", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [role["role"] for role in told["roles"]] == list(bundled().roles)
    assert [version["digest"] for version in told["versions"]] == [told["digest"]]
    assert next(role for role in told["roles"] if role["role"] == "coordinator")["former"] == ["staff"]
    assert run([*where, "role", "list"]) == 0
    assert "accounts.manage" in capsys.readouterr().out
    assert run([*where, "role", "check"]) == 0
    assert capsys.readouterr().out == ""


def test_a_terminal_and_the_audit_log_on_the_command_line(workspace, capsys):
    where = ["--workspace", str(workspace)]
    assert run([*where, "terminal", "add", "Reading room 3", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["key"]) == 34
    assert run([*where, "terminal", "add", "Reading room 3"]) == 2
    assert "already" in capsys.readouterr().err
    assert run([*where, "terminal", "list", "--json"]) == 0
    assert [one["opened"] for one in json.loads(capsys.readouterr().out)["terminals"]] == [None]
    assert run([*where, "terminal", "list"]) == 0
    assert "not yet" in capsys.readouterr().out
    assert run([*where, "terminal", "remove", "Reading room 3"]) == 0
    assert run([*where, "terminal", "remove", "Reading room 3"]) == 2
    assert run([*where, "terminal", "add", "Reading room 4"]) == 0
    assert len(capsys.readouterr().out.strip()) == 34
    assert run([*where, "audit", "list", "--json", "--what", "terminal.remove"]) == 0
    [row] = json.loads(capsys.readouterr().out)["rows"]
    assert row["subject"] == "Reading room 3" and row["actor"].startswith("command line")
    assert run([*where, "audit", "list"]) == 0
    assert "terminal.remove" in capsys.readouterr().out
    assert run([*where, "audit", "list", "--what", "nonsense"]) == 2
    assert run([*where, "audit", "verify", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] and told["rows"] >= 3
    assert run([*where, "audit", "verify", "--known", told["head"]]) == 0
    assert "holds" in capsys.readouterr().err
    assert run([*where, "audit", "verify", "--known", "0" * 64]) == 1
    assert "cut off" in capsys.readouterr().err


def test_the_key_of_identity_documents_is_made_once_and_kept(workspace):
    file = workspace / ".identity-key"
    with Workspace(workspace, environment={}) as here:
        assert here.desk and not file.exists(), "made when the first document is seen"
        key = here.keys.identity()
    assert len(key) == 64 and file.read_text() == key and file.stat().st_mode & 0o777 == 0o600
    with Workspace(workspace, environment={"ONESTOP_IDENTITY_KEY": "k"}) as here:
        assert here.keys.identity() == "k" and here.keys.cookies() != key
    derived = []
    for secret in ("one", "one", "two"):
        with Workspace(workspace, environment={"ONESTOP_SECRET": secret}) as here:
            derived.append(here.keys.identity())
    assert derived[0] == derived[1] != derived[2] and key not in derived and "one" not in derived[0]


OPENID = {
    "not https": ({"ONESTOP_OPENID": "http://login.example", "ONESTOP_OPENID_CLIENT": "x"}, "not https"),
    "no client": ({"ONESTOP_OPENID": "https://login.example"}, "openid_client"),
}


@pytest.mark.parametrize("case", OPENID)
def test_settings_of_a_provider_that_cannot_be(workspace, monkeypatch, capsys, case):
    environment, said = OPENID[case]
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert run(["--workspace", str(workspace), "user", "list"]) == 2
    assert said in capsys.readouterr().err


def test_readers_data_is_forgotten_by_a_command_and_by_the_night(workspace, capsys):
    where = ["--workspace", str(workspace)]
    assert run([*where, "forget", "--json"]) == 0
    nothing = {"requests": 0, "accounts": 0, "persons": 0, "feedback": 0}
    assert json.loads(capsys.readouterr().out) == {"dry_run": False, **nothing}
    file = workspace / "policies" / "retention.yml"
    file.write_text((workspace / "policies" / "retention.yml.example").read_text("utf-8"), encoding="utf-8")
    assert run([*where, "forget", "--dry-run"]) == 0
    assert capsys.readouterr().err == "Would forget: 0 requests, 0 accounts, 0 persons, 0 feedback.\n"
    with Workspace(workspace, environment={}) as here:
        here.desk.sessions.form_token("x")
        here.tidy_desk()
        assert [row.subject for row in here.desk.audit.rows(what="policy.change").rows] == ["retention"]
    file.write_text("requests: soon\n", encoding="utf-8")
    assert run([*where, "forget"]) == 2
    assert "requests (line 1)" in capsys.readouterr().err
