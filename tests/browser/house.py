"""A house with its doors open: a workspace made and filled through the command line, and the server that serves it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import pytest

from tests.browser import hostile
from tests.in_process import asked

SAMPLES: Final = Path(__file__).resolve().parents[2] / "samples"
PASSWORDS: Final = {"reader": "a reader's long password", "staff": "a clerk's long password"}
PATIENCE: Final = 60
FARM_CODE: Final = "MC 00313"
"""The English finding aid with a typescript of its own; with a row in a database it has all three faces."""


def run(workspace: Path, *arguments: str, code: int = 0, **environment: str) -> str:
    """The command line of the product on a workspace; its standard output."""
    command = [sys.executable, "-m", "onestop", "--workspace", str(workspace), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment}, check=False)
    assert done.returncode == code, f"{arguments} ended with {done.returncode}: {done.stderr[-2000:]}"
    return done.stdout


def furnish(workspace: Path) -> None:
    """Samples, a row of an English database and the hostile sources, all in one sync; one account of each role."""
    shutil.copytree(SAMPLES, workspace, ignore=shutil.ignore_patterns("__init__.py", "__pycache__"))
    _farm_register(workspace)
    hostile.write(workspace)
    run(workspace, "sync")
    for name, password in PASSWORDS.items():
        run(workspace, "user", "add", name, "--role", name, ONESTOP_PASSWORD=password)


def _farm_register(workspace: Path) -> None:
    """One row about the farm bureau, so that an English search, too, finds a record of all three kinds."""
    (workspace / "data" / "farm.csv").write_text(
        f"no,code,fonds,name,seat\nFR-1,{FARM_CODE},{FARM_CODE},North Carolina Farm Bureau,Raleigh\n", encoding="utf-8"
    )
    source = {
        "title": "Register of farm organisations",
        "connector": "folder",
        "mapping": "table",
        "holder": "NC State University Libraries",
        "access": "open",
        "settings": {"path": "data/farm.csv"},
        "columns": {"id": "no", "reference_code": "code", "fonds": "fonds", "title": "name"},
        "fixed": {"kind": "thematic", "level": "entry", "language": "en"},
    }
    (workspace / "sources" / "farm_register.yml").write_text(json.dumps(source), encoding="utf-8")


@dataclass
class House:
    """A workspace and the one server over it. Its address stays the same when it is killed and started again."""

    workspace: Path
    port: int = field(default_factory=lambda: free_port())
    _server: subprocess.Popen[bytes] | None = None
    _found: dict[tuple[str, ...], dict[str, Any]] = field(default_factory=dict)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Serve, and come back when requests are answered."""
        command = [
            sys.executable,
            "-m",
            "onestop",
            "--workspace",
            str(self.workspace),
            "serve",
            "--port",
            str(self.port),
        ]
        with (self.workspace / "server.log").open("ab") as log:
            self._server = subprocess.Popen(command, stdout=log, stderr=log)
        tick = threading.Event()
        for _ in range(PATIENCE * 10):
            if self._server.poll() is not None:
                pytest.fail(f"the server ended: {self.log()[-2000:]}")
            if self._is_up():
                return
            tick.wait(0.1)
        pytest.fail(f"the server did not come up in {PATIENCE} s: {self.log()[-2000:]}")

    def kill(self) -> None:
        """SIGKILL, as when the power goes."""
        if self._server is not None:
            self._server.send_signal(signal.SIGKILL)
            self._server.wait()
            self._server = None

    def log(self) -> str:
        """What the server has said."""
        return (self.workspace / "server.log").read_text(encoding="utf-8", errors="replace")

    def search(self, text: str, **parameters: Any) -> dict[str, Any]:
        """The answer of the command line, with which the screens must agree (they fold); asked once, the index stays as
        it is."""
        options = [
            part for name, value in parameters.items() for one in _listed(value) for part in (f"--{name}", str(one))
        ]
        call = (text, *options)
        if call not in self._found:
            place = ("--workspace", str(self.workspace))
            code, said, complained = asked([*place, "search", text, "--fold", "--json", *options])
            assert (code, complained) == (0, "")
            self._found[call] = json.loads(said)
        return self._found[call]

    def file(self, **fields: Any) -> dict[str, str]:
        """A request filed through the API, by nobody's browser; receipt and secret. Waits as it is told when pages have
        just used up the calls of a minute: they come from the same address.
        """
        form = {"type": "copy", "name": "Ms Chen", "contact": "chen@example.org", "note": "", **fields}
        headers = {"content-type": "application/json"}
        request = urllib.request.Request(f"{self.base}/api/v1/requests", json.dumps(form).encode(), headers)
        while True:
            try:
                with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                    filed: dict[str, str] = json.load(answer)
                return filed
            except urllib.error.HTTPError as error:
                if error.code != HTTPStatus.TOO_MANY_REQUESTS:
                    raise
                time.sleep(int(error.headers["retry-after"]))

    def _is_up(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.base}/health", timeout=5) as answer:
                return bool(answer.status == 200)
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def address(path: str, **parameters: Any) -> str:
    """A path with parameters; lists give a parameter several times."""
    return f"{path}?{urlencode(parameters, doseq=True)}"


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
