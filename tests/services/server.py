"""A server as a child process: started on free ports of this machine in a folder of its own, killed, started again."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Self

PATIENCE = 60
_WATCH = 'read -r _; kill -9 "$1"; rm -rf "$2"'
"""What a shell does once its input ends, since whoever ran the tests was killed."""


class NotThere(Exception):
    """A program the tests need is not installed; the message says how to install it."""


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


class Server:
    """`start` and `kill` may be called any number of times; data and ports stay the same in between."""

    patience = PATIENCE
    """Seconds in which it has to be up."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="onestop-service-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._watch: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        """The program and its arguments."""
        raise NotImplementedError

    def is_up(self) -> bool:
        """Does it answer?"""
        raise NotImplementedError

    def options(self) -> dict[str, Any]:
        """Further arguments of `subprocess.Popen`."""
        return {}

    def start(self) -> None:
        """Started, and up. Raises RuntimeError with the end of what it said when it is not up in time."""
        if self._process is not None and self._process.poll() is None:
            return
        self.kill()  # what watched over one that died by itself
        log = self.folder / "log"
        with log.open("ab") as said:
            self._process = subprocess.Popen(
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                cwd=self.folder,
                start_new_session=True,
                **self.options(),
            )
        watch = ["/bin/sh", "-c", _WATCH, "watch", str(self._process.pid), str(self.folder)]
        self._watch = subprocess.Popen(watch, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True)
        end = time.monotonic() + self.patience
        while not self.is_up():
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{self.command()[0]} does not start: {log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.02)

    def kill(self) -> None:
        """Dead at once, with all its children, as after a power cut."""
        if self._watch is not None:
            self._watch.kill()
            self._watch.communicate()
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
