"""Who is told of a night that failed: over SMTP and HTTP, by servers of our own on loopback."""

from __future__ import annotations

import email
import email.policy
import json
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from onestop import alerts
from onestop.cli import run
from onestop.errors import SettingsError
from onestop.settings import load
from onestop.wiring import Workspace
from pipelines.lock import FileLocks
from pipelines.report import RunReport
from pipelines.runs import recorded

Captured = pytest.CaptureFixture[str]
SECRET = "hunter2-and-more"
MAIL = "mailto://127.0.0.1?from=c@d.example&to=a@b.example"
SOURCE = """\
title: Shelf list
connector: folder
mapping: table
settings: {path: data}
columns: {id: id, title: title}
"""


class Mailbox:
    """What an SMTP server was given."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.messages.append(message)
        return "250 Message accepted"


@pytest.fixture
def mailbox() -> Iterator[tuple[str, list[EmailMessage]]]:
    """An address of Apprise, and the messages that came."""
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield f"mailto://127.0.0.1:{controller.port}?from=night@archive.example&to=it@archive.example", box.messages
    finally:
        controller.stop()


@pytest.fixture
def hook() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The same over HTTP; the password in its address is only for us."""
    taken: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Not on our stderr."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"json://night:{SECRET}@127.0.0.1:{server.server_port}/hook", taken
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def synchronised(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("alerts") / "archive"
    assert run(["init", str(folder)]) == 0
    (folder / "data").mkdir()
    lines = "".join(f"{number},Title {number}\n" for number in range(60))
    (folder / "data" / "list.csv").write_text(f"id,title\n{lines}", encoding="utf-8")
    (folder / "sources" / "shelves.yml").write_text(SOURCE, encoding="utf-8")
    assert run(["sync", "--workspace", str(folder)]) == 0
    return folder


Night = Callable[[str], int]


@pytest.fixture
def workspace(synchronised: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(synchronised, tmp_path / "archive"))


@pytest.fixture
def night(workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> Night:
    """A sync with these addresses to tell; its exit code."""

    def sync(addresses: str) -> int:
        monkeypatch.setenv("ONESTOP_ALERTS", addresses)
        capsys.readouterr()
        return run(["--workspace", str(workspace), "sync"])

    return sync


def broken(workspace: Path) -> None:
    (workspace / "data" / "broken.csv").write_text("other,names\n1,2\n", encoding="utf-8")


def shrunk(workspace: Path) -> None:
    (workspace / "data" / "list.csv").write_text("id,title\n1,One\n", encoding="utf-8")


def test_a_good_night_tells_nobody(night: Night, hook: tuple[str, list[dict[str, Any]]]) -> None:
    address, taken = hook
    assert night(address) == 0
    assert taken == []


def test_what_failed_and_what_to_do(
    night: Night,
    workspace: Path,
    mailbox: tuple[str, list[EmailMessage]],
    hook: tuple[str, list[dict[str, Any]]],
    capsys: Captured,
) -> None:
    """Both addresses are told the same."""
    broken(workspace)
    assert night(f"{mailbox[0]}\n {hook[0]}") == 1
    [message], [posted] = mailbox[1], hook[1]
    assert (message["to"], message["from"].addresses[0].addr_spec) == ("it@archive.example", "night@archive.example")
    assert message["subject"] == posted["title"] == "onestop, archive: something failed or was held back"
    assert "- shelves: 1 failed" in posted["message"]
    assert f"onestop --workspace {workspace} report 20" in posted["message"]
    body = message.get_body(("plain", "html"))
    assert body is not None and "shelves: 1 failed" in body.get_content()
    assert SECRET not in str(message) + str(posted) + "".join(capsys.readouterr())


def test_a_brake_asks_for_a_word(night: Night, workspace: Path, hook: tuple[str, list[dict[str, Any]]]) -> None:
    shrunk(workspace)
    assert night(hook[0]) == 1
    [posted] = hook[1]
    assert posted["title"].endswith("deletes wait for your word")
    assert "59 of 60 records would be deleted" in posted["message"]


def test_a_run_that_raises(
    night: Night, hook: tuple[str, list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONESTOP_ENGINE", "nothing:here")
    assert night(hook[0]) == 2
    [posted] = hook[1]
    assert posted["title"].endswith("the night did not come to its end")
    assert "nothing:here" in posted["message"]


def test_a_source_file_that_cannot_be_followed(
    night: Night, workspace: Path, hook: tuple[str, list[dict[str, Any]]]
) -> None:
    (workspace / "sources" / "other.yml").write_text("title: [", encoding="utf-8")
    assert night(hook[0]) == 1
    assert "other.yml" in hook[1][0]["message"]


def test_what_nobody_foresaw_is_told_by_its_kind(
    workspace: Path, hook: tuple[str, list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise KeyError(SECRET)

    monkeypatch.setenv("ONESTOP_ALERTS", hook[0])
    monkeypatch.setattr("pipelines.nightly.sync", fail)
    assert run(["--workspace", str(workspace), "sync"]) == 2
    [posted] = hook[1]
    assert "KeyError" in posted["message"] and SECRET not in posted["message"]


def test_a_killed_run_is_told_by_the_next(
    night: Night, workspace: Path, hook: tuple[str, list[dict[str, Any]]]
) -> None:
    with Workspace(workspace) as here:
        killed = recorded(here.store, RunReport(planned=["shelves"]))
        name = killed.__enter__().run
    assert night(hook[0]) == 0
    [posted] = hook[1]
    assert posted["title"].endswith("the run before this one was interrupted")
    assert name in posted["message"]
    assert night(hook[0]) == 0
    assert len(hook[1]) == 1


def test_a_locked_workspace_and_a_wrong_name_tell_nobody(
    night: Night, workspace: Path, hook: tuple[str, list[dict[str, Any]]]
) -> None:
    with FileLocks(workspace).take("source shelves"):
        assert night(hook[0]) == 2
    assert run(["--workspace", str(workspace), "sync", "nobody"]) == 2
    assert hook[1] == []


def test_when_nobody_can_be_told_the_terminal_is(night: Night, workspace: Path, capsys: Captured) -> None:
    broken(workspace)
    assert night(f"json://night:{SECRET}@127.0.0.1:{free_port()}/hook") == 1
    said = capsys.readouterr().err
    assert "Nobody could be told" in said
    assert SECRET not in said


def test_an_address_nobody_understands_is_said_and_changes_nothing(
    night: Night, workspace: Path, capsys: Captured
) -> None:
    broken(workspace)
    assert night(f"nonsense://{SECRET}") == 1
    said = capsys.readouterr().err
    assert "Address 1 of alerts (nonsense://...)" in said
    assert SECRET not in said


@pytest.mark.parametrize(
    ("setting", "ok", "detail"),
    [
        ("", True, "none"),
        (
            f"json://night:{SECRET}@a.example mailto://mail.example?from=c@d.example&to=a@b.example",
            True,
            "json, mailto",
        ),
        (f"json://a.example {SECRET}", False, "Address 2 of alerts is none"),
    ],
)
def test_the_doctor_reads_addresses_and_sends_nothing(
    workspace: Path, capsys: Captured, setting: str, ok: bool, detail: str
) -> None:
    (workspace / "onestop.toml").write_text(f"alerts = {json.dumps(setting)}\n", encoding="utf-8")
    capsys.readouterr()
    assert run(["--workspace", str(workspace), "doctor", "--json"]) == (0 if ok else 1)
    said = capsys.readouterr().out
    [check] = [check for check in json.loads(said)["checks"] if check["name"] == "alerts"]
    assert (check["ok"], detail in check["detail"]) == (ok, True), check
    assert SECRET not in said


def test_addresses_stay_out_of_the_settings_as_text(workspace: Path) -> None:
    (workspace / "onestop.toml").write_text('alerts = "json://night:${PASSWORD}@a.example"\n', encoding="utf-8")
    settings = load(workspace, {"PASSWORD": SECRET})
    assert SECRET in settings.alerts
    assert SECRET not in repr(settings)


def test_a_message_stays_short(monkeypatch: pytest.MonkeyPatch, workspace: Path) -> None:
    """Hundreds of sources with long reasons."""
    told: list[str] = []

    def send(_: object, title: str, body: str) -> bool:
        told.append(title + body)
        return True

    monkeypatch.setattr(alerts, "send", send)
    report = RunReport()
    for number in range(300):
        report.of(f"source {number}").hold_back("source-unreadable", "reason " * 1000, "look")
    with Workspace(workspace, {"ONESTOP_ALERTS": "json://a.example"}) as here:
        alerts.Night(here).tell(report)
    assert len(told[0]) < 8_000
    assert "... and 280 more sources" in told[0]


def test_addresses_raise_a_sentence() -> None:
    with pytest.raises(SettingsError, match="Address 1 of alerts"):
        alerts.addresses("mailto://")
