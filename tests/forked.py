"""Programs that run in processes of their own, without importing the desk anew in each: that takes a second and more of
a processor, and tests start dozens. All are forked from one process that has imported it and done nothing else.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from types import ModuleType
from typing import Final

_FORKING: Final = get_context("forkserver")
_FORKING.set_forkserver_preload(["service_desk.desk", "service_desk.sending.outboxes", "pytest"])


class Program:
    """What ``subprocess.Popen([sys.executable, "-c", program, *arguments])`` would be, with pipes for all three ends,
    text in UTF-8. The environment and the folder are those of the first that is started.
    """

    def __init__(self, program: str, *arguments: str) -> None:
        theirs_in, ours_in = _FORKING.Pipe(duplex=False)
        ours_out, theirs_out = _FORKING.Pipe(duplex=False)
        ours_error, theirs_error = _FORKING.Pipe(duplex=False)
        ends = (theirs_in, theirs_out, theirs_error)
        self._process = _FORKING.Process(target=_run, args=(program, arguments, ends), daemon=True)
        with without_main():
            self._process.start()
        for end in ends:
            end.close()
        self.stdin = os.fdopen(_detached(ours_in), "w", encoding="utf-8")
        self.stdout = os.fdopen(_detached(ours_out), encoding="utf-8")
        self.stderr = os.fdopen(_detached(ours_error), encoding="utf-8")

    def kill(self) -> None:
        """Dead at once."""
        self._process.kill()

    def wait(self, timeout: float = 60) -> int:
        """Its exit code, negative for the signal that killed it. Raises TimeoutError."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise TimeoutError
        return self._process.exitcode

    def communicate(self, timeout: float = 60) -> tuple[str, str]:
        """All that it still says on standard output and standard error, once it has ended. Raises TimeoutError."""
        self.stdin.close()
        said = self.stdout.read(), self.stderr.read()
        self.wait(timeout)
        self.stdout.close()
        self.stderr.close()
        return said


def _detached(connection: Connection) -> int:
    number = os.dup(connection.fileno())
    connection.close()
    return number


@contextmanager
def without_main() -> Iterator[None]:
    """A child would run what is the main script here: tests of screens leave Streamlit's."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _run(program: str, arguments: tuple[str, ...], ends: tuple[Connection, ...]) -> None:
    for number, end in enumerate(ends):
        os.dup2(end.fileno(), number)
        end.close()
    sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout = os.fdopen(1, "w", closefd=False)
    sys.stderr = os.fdopen(2, "w", closefd=False)
    sys.argv = ["-c", *arguments]
    exec(compile(program, "<string>", "exec"), {"__name__": "__main__"})
