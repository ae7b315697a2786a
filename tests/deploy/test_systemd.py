"""The units: keys that systemd knows, commands that we know, and the web service as shut in as the night."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import make_url

from onestop.schedule import definitions
from onestop.settings import KEYS, load
from tests.deploy.parts import DEPLOY, ROOT, understood

WEB = (DEPLOY / "systemd" / "onestop-web.service").read_text(encoding="utf-8")
SECRETS = (DEPLOY / "systemd" / "onestop-secrets.conf").read_text(encoding="utf-8")
NIGHTLY = (ROOT / "docs" / "nightly.md").read_text(encoding="utf-8")
SECTIONS = {"Unit", "Service", "Timer", "Install"}


@pytest.fixture
def night(tmp_path: Path) -> dict[str, str]:
    """The units of the night as `onestop schedule` makes them."""
    (tmp_path / "onestop.toml").write_text("", encoding="utf-8")
    return definitions(load(tmp_path, {}), "systemd", "02:30", "root")


def values(unit: str) -> dict[str, list[str]]:
    """The settings of a unit: section and key, with every value it is given."""
    found: dict[str, list[str]] = {}
    section = ""
    for line in unit.splitlines():
        if header := re.fullmatch(r"\[(\w+)\]", line):
            section = header[1]
        elif line and not line.startswith("#"):
            key, equals, value = line.partition("=")
            assert equals and section, line
            found.setdefault(f"{section}.{key}", []).append(value)
    assert {key.partition(".")[0] for key in found} <= SECTIONS
    return found


def test_the_web_service_serves_and_comes_back(tmp_path: Path) -> None:
    web = values(WEB)
    [command] = web["Service.ExecStart"]
    program, *arguments = command.split()
    assert Path(program).name == "onestop" and understood(arguments) == "serve"
    assert web["Service.Restart"] == ["always"] and web["Install.WantedBy"] == ["multi-user.target"]
    assert web["Service.ReadWritePaths"] == [arguments[arguments.index("--workspace") + 1]]


def test_the_web_service_is_shut_in_at_least_as_the_night_is(night: dict[str, str]) -> None:
    web = values(WEB)
    [service] = [values(text) for name, text in night.items() if name.endswith(".service")]
    own = {"Type", "User", "ExecStart", "TimeoutStartSec", "Nice", "IOSchedulingClass", "EnvironmentFile"}
    apart = {"ReadWritePaths", "ProtectHome"}  # by the place of the workspace
    for name, given in service.items():
        section, _, key = name.partition(".")
        if section == "Service" and key not in own | apart:
            assert web[name] == given


def test_secrets_are_credentials_for_settings_that_there_are(tmp_path: Path) -> None:
    text = SECRETS.replace("#LoadCredential", "LoadCredential").replace("#Environment", "Environment")
    given = values(text)
    credentials = {value.partition(":")[0] for value in given["Service.LoadCredential"]}
    used = set(re.findall(r"%d/(\w+)", " ".join(given["Service.Environment"])))
    assert used == credentials
    for name in credentials:
        (tmp_path / name).write_text(f"{name} p/w @:\n", encoding="utf-8")
    (tmp_path / "onestop.toml").write_text("", encoding="utf-8")
    told = [value.strip('"').replace("%d", str(tmp_path)).partition("=") for value in given["Service.Environment"]]
    environment = {name: value for name, _, value in told}
    assert set(environment) <= {f"ONESTOP_{key.upper()}" for key in KEYS}
    read = load(tmp_path, environment)
    assert (read.secret, read.identity_key) == ("form_secret p/w @:", "identity_key p/w @:")
    assert make_url(read.database_url).password == "desk_password p/w @:"


def test_systemd_finds_nothing_to_say(night: dict[str, str], tmp_path: Path) -> None:
    """Where there is a systemd to ask; elsewhere the units are at least read as it reads them."""
    web = re.sub(r"(?m)^User=.*", "User=root", WEB).replace("/usr/local/onestop/bin/onestop", sys.executable)
    units = {"onestop-web.service": web, **night}
    place = tmp_path / "units"
    (place / "onestop-web.service.d").mkdir(parents=True)
    (place / "onestop-web.service.d" / "secrets.conf").write_text(SECRETS, encoding="utf-8")
    for name, text in units.items():
        (place / name).write_text(re.sub(r"(?m)^ExecStart=\S+", f"ExecStart={sys.executable}", text), encoding="utf-8")
    for file in place.rglob("*.*"):
        assert file.is_dir() or values(file.read_text(encoding="utf-8"))
    program = shutil.which("systemd-analyze")
    if program is None:
        return
    command = [program, "verify", "--man=no", *(str(place / name) for name in units)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    ours = [line for line in done.stderr.splitlines() if str(place) in line or "onestop" in line]
    assert ours == [] and done.returncode == 0, done.stderr
