"""A workspace driven from outside: every command that may change it is a process of its own, watched and bounded."""

from __future__ import annotations

import ctypes
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.record_store import RecordStore
from tests.in_process import asked

ROOT = Path(__file__).resolve().parents[2]
GUARD = Path(__file__).with_name("guard")
"""Its `sitecustomize.py` is imported before anything else: first in PYTHONPATH it watches every process."""
LIBC = ctypes.CDLL(None)
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER = 24, 1, 2, 3
_PROGRESS = re.compile(r"(?m)^timestamp=\S+ event=(began|at|ended) source=.*\n")
HANG = 300
"""Seconds after which a command counts as hanging; none of them takes a tenth of it."""

MEASURED = """
import os, resource, signal, sys
child = os.fork()
if not child:
    os.execv(sys.argv[2], sys.argv[2:])
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
os.write(int(sys.argv[1]), str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss).encode())
if status < 0:
    signal.signal(-status, signal.SIG_DFL) if -status != signal.SIGKILL else None
    os.kill(os.getpid(), -status)
os._exit(status)
"""
"""Runs a command and tells its peak memory, in KiB. By itself, a command forked from a large process tells the memory
of that one: Linux keeps the peak of a process when it becomes another program."""


@dataclass(frozen=True)
class Done:
    """How a command ended. `err` is standard error without the lines that tell how far a run is; `peak` the largest
    resident set of it or of any worker it waited for, in bytes.
    """

    code: int
    out: str
    err: str
    peak: int
    connections: tuple[str, ...]

    @property
    def document(self) -> Any:
        """The one JSON document on standard output."""
        return json.loads(self.out)

    def sources(self) -> dict[str, dict[str, Any]]:
        """The reports of a `sync --json` by source, after checking that each adds up."""
        found = {source["source"]: source for source in self.document["sources"]}
        for source in found.values():
            assert source["read"] == sum(source[part] for part in ("indexed", "unchanged", "skipped", "failed")), source
        return found


class House:
    """A workspace and the way to call `onestop` on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def new(cls, folder: Path) -> House:
        """An empty workspace."""
        house = cls(folder)
        assert house.run("init", str(folder), where=False).code == 0
        return house

    def copy(self, folder: Path) -> House:
        """The same workspace in another folder."""
        shutil.copytree(self.folder, folder, symlinks=True)
        return House(folder)

    def source(self, name: str, text: str) -> None:
        """Write a source file."""
        (self.folder / "sources" / f"{name}.yml").write_text(text, encoding="utf-8")

    def put(self, name: str, content: str | bytes) -> Path:
        """Write a file into the workspace."""
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    def run(
        self,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        limits: Mapping[int, int] | None = None,
        where: bool = True,
        powerless: bool = False,
    ) -> Done:
        """One command as a process of its own. `limits` are resource limits (RLIMIT_AS: bytes) it runs under; a
        `powerless` one obeys modes of files even when it is root's.
        """
        named = ["--workspace", str(self.folder)] if where else []
        return call([*named, *arguments], environment or {}, limits or {}, powerless)

    def sync(self, *arguments: str, code: int = 0) -> dict[str, dict[str, Any]]:
        """The reports of a sync, by source."""
        done = self.run("sync", "--json", *arguments)
        assert done.code == code, done
        return done.sources()

    def ask(self, *arguments: str) -> Done:
        """A command that only reads, in this process."""
        return Done(*asked(["--workspace", str(self.folder), *arguments]), 0, ())

    def search(self, text: str, *arguments: str) -> Any:
        """The answer to a search."""
        done = self.ask("search", text, "--json", *arguments)
        assert (done.code, done.err) == (0, "")
        return done.document

    def titles(self, text: str, *arguments: str) -> list[str]:
        """The titles of what a search finds."""
        return [hit["title"] for hit in self.search(text, *arguments)["hits"]]

    def stored(self) -> str:
        """Every row of the record store, of whatever kind and age, as text."""
        store = RecordStore(self.folder / "records")
        kinds = ("item", "record", "page", "problem", "link", "redirect", "source")
        columns = ["item", "source_id", "action", "record", "problems", "raw"]
        return "\n".join(str(row) for kind in kinds for row in store.rows(kind, columns).to_pylist())

    def items(self, source: str) -> set[str]:
        """The items of a source that have a row."""
        return set(RecordStore(self.folder / "records").current("item", ["item"], source=source)["item"].to_pylist())

    def bytes(self) -> int:
        """What the workspace takes on the disk."""
        return sum(file.lstat().st_size for file in self.folder.rglob("*") if not file.is_dir())


def call(
    arguments: Sequence[str], environment: Mapping[str, str], limits: Mapping[int, int], powerless: bool = False
) -> Done:
    """`onestop` with these arguments: what it said, and what it took."""
    with tempfile.TemporaryDirectory() as scratch:
        log = Path(scratch) / "connections"
        told, telling = os.pipe()
        process = subprocess.Popen(
            [sys.executable, "-IS", "-c", MEASURED, str(telling), sys.executable, "-m", "onestop", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=scratch,
            env=_environment(environment, log),
            preexec_fn=lambda: _bound(limits, powerless),
            pass_fds=(telling,),
            start_new_session=True,
        )
        os.close(telling)
        said: list[bytes] = []
        code = _awaited(process, said)
        with os.fdopen(told, encoding="ascii") as measured:
            peak = int(measured.read() or 0) * 1024
        connections = tuple(log.read_text(encoding="utf-8").splitlines()) if log.exists() else ()
        out, err = (heard.decode("utf-8", "replace") for heard in said)
        return Done(code, out, _PROGRESS.sub("", err), peak, connections)


def _awaited(process: subprocess.Popen[bytes], said: list[bytes]) -> int:
    """The exit code; what hangs is killed, which its exit code (-9) shows."""
    watchdog = threading.Timer(HANG, os.killpg, (process.pid, signal.SIGKILL))
    watchdog.start()
    try:
        said += _heard(process)
        return process.wait()
    finally:
        watchdog.cancel()


def _heard(process: subprocess.Popen[bytes]) -> list[bytes]:
    """What it says on standard output and standard error, until it closes both."""
    assert process.stdout is not None and process.stderr is not None
    with process.stdout as out, process.stderr as err, ThreadPoolExecutor(1) as aside:
        other = aside.submit(err.read)
        return [out.read(), other.result()]


def _bound(limits: Mapping[int, int], powerless: bool) -> None:
    for kind, bound in limits.items():
        resource.setrlimit(kind, (bound, bound))
    if powerless and os.getuid() == 0:
        for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER):
            assert LIBC.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0


def _environment(given: Mapping[str, str], log: Path) -> dict[str, str]:
    """Ours without any setting of onestop, with the guard in front."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ONESTOP_", "PYTHON"))}
    return kept | {"PYTHONPATH": f"{GUARD}:{ROOT}", "GUARD_LOG": str(log), "COVERAGE_PROCESS_START": ""} | dict(given)
