"""Whole programs: how long one takes from start to end, how much memory it takes, and servers that stay a while."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.places import ROOT

SAMPLED = 0.1
PATIENCE = 60


class Failed(Exception):
    """A program did not do what was to be measured; the message holds the end of what it said."""


@dataclass(frozen=True)
class Ran:
    """A program that came to its end: seconds from start to end, processor time and summed peaks of all its processes,
    its output. `private_mib` leaves out what is mapped from files, which the system takes back when it needs room.
    """

    seconds: float
    cpu_seconds: float
    peak_mib: float
    output: str
    private_mib: float = 0.0

    @property
    def document(self) -> Any:
        """The one JSON document of its standard output."""
        return json.loads(self.output)


@dataclass(frozen=True)
class Server:
    """A server that is up: where it is reached (``http://host:port``), and its process."""

    address: str
    pid: int

    def cpu_seconds(self) -> float:
        """The processor time its process has taken so far."""
        user, system = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def run(*command: str | Path) -> Ran:
    """Run a program. Raises Failed unless its exit code is 0."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as said:
        busy, begun = _cpu_of_children(), time.perf_counter()
        process = subprocess.Popen(_words(command), stdout=out, stderr=said, cwd=ROOT)
        with _memory(process.pid) as peaks:
            code = process.wait()
            seconds = time.perf_counter() - begun
        out.seek(0)
        said.seek(0)
        if code != 0:
            raise Failed(f"{' '.join(_words(command))} ended with {code}: {said.read()[-2000:]}")
        peak, private = (round(sum(sizes), 1) for sizes in zip(*peaks.values(), strict=True))
        return Ran(seconds, _cpu_of_children() - busy, peak, out.read(), private)


def onestop(workspace: Path, *arguments: str) -> list[str]:
    """The command line of the product on a workspace."""
    return [sys.executable, "-m", "onestop", "--workspace", str(workspace), *arguments]


def module(name: str, *arguments: str | Path) -> list[str]:
    """The command line of a module of the benchmarks in a process of its own."""
    return [sys.executable, "-m", f"tests.benchmarks.{name}", *_words(arguments)]


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextlib.contextmanager
def serving(command: Sequence[str], port: int) -> Iterator[Server]:
    """A server while the block lasts, given once it is healthy. Raises Failed when it is not in time."""
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, cwd=ROOT)
        try:
            address = f"http://127.0.0.1:{port}"
            if not _healthy(process, f"{address}/_stcore/health"):
                said.seek(0)
                raise Failed(f"{' '.join(command)} does not serve: {said.read()[-2000:]}")
            yield Server(address, process.pid)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _healthy(process: subprocess.Popen[str] | subprocess.Popen[bytes], address: str) -> bool:
    end = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < end:
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=PATIENCE) as answer:
            return bool(answer.status == 200)
        time.sleep(0.05)
    return False


def _cpu_of_children() -> float:
    """Processor seconds of all children that have ended, with theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@contextlib.contextmanager
def _memory(root: int) -> Iterator[dict[int, tuple[float, float]]]:
    """Peaks (MiB; all, private) by process id of a process and all below it, looked at while the block lasts."""
    peaks: dict[int, tuple[float, float]] = {root: (0.0, 0.0)}
    over = threading.Event()

    def look() -> None:
        while not over.wait(SAMPLED):
            for pid in _family(root):
                highest, private = peaks.get(pid, (0.0, 0.0))
                now = _sizes(pid)
                peaks[pid] = max(highest, now["VmHWM"]), max(private, now["RssAnon"])

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield peaks
    finally:
        over.set()
        watcher.join()


def _family(pid: int) -> Iterator[int]:
    yield pid
    with contextlib.suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            for child in (thread / "children").read_text().split():
                yield from _family(int(child))


def _sizes(pid: int) -> dict[str, float]:
    """Peak and present private memory (MiB) of a process; nothing of one that has ended."""
    found = dict.fromkeys(("VmHWM", "RssAnon"), 0.0)
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            name = line.partition(":")[0]
            if name in found:
                found[name] = int(line.split()[1]) / 1024
    return found


def _words(command: Sequence[str | Path]) -> list[str]:
    return [str(word) for word in command]
