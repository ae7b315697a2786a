"""One run of a source at a time, one writer of the store, one builder of the index: locks that whoever looks after the
processes takes back when their holder dies, however it dies.

Beside SQLite these are locks of the operating system on files of the workspace; beside PostgreSQL they are advisory
locks, so that runs on several machines see each other.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Protocol

from pipelines.errors import PipelineError, WorkspaceLocked

FOLDER = ".locks"
STORE, INDEX = "store", "index"
"""What is locked beside sources: commits to the record store; links and the index, which all runs share."""


class Locks(Protocol):
    """Locks by name. A lock is held until the context ends."""

    def take(self, name: str) -> AbstractContextManager[None]:
        """Hold it now. Raises WorkspaceLocked when somebody else does."""
        ...

    def wait(self, name: str) -> AbstractContextManager[None]:
        """Hold it as soon as nobody else does."""
        ...


@contextmanager
def sources_locked(locks: Locks, names: Iterable[str]) -> Iterator[None]:
    """Hold the locks of some sources, all or none. Raises WorkspaceLocked."""
    with ExitStack() as held:
        for name in sorted(names):
            held.enter_context(locks.take(f"source {name}"))
        yield


def locks_of(database: str, folder: Path) -> Locks:
    """The locks of a workspace whose desk is at a database address."""
    if not database.startswith("postgresql"):
        return FileLocks(folder)
    from pipelines.database_locks import DatabaseLocks

    return DatabaseLocks(database, FileLocks(folder))


class FileLocks:
    """``flock`` on a file per name below a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def take(self, name: str) -> Iterator[None]:
        with self._opened(name) as descriptor:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = os.read(descriptor, 64).decode("ascii", "replace").strip()
                raise locked(name, self._folder, f"process {holder}" if holder else "") from None
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
            yield

    @contextmanager
    def wait(self, name: str) -> Iterator[None]:
        with self._opened(name) as descriptor:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield

    @contextmanager
    def _opened(self, name: str) -> Iterator[int]:
        folder = self._folder / FOLDER
        try:
            folder.mkdir(exist_ok=True)
            file = folder / f"{name.replace(' ', '-')}.lock"
            descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise PipelineError(f"{folder} cannot be written to: {error.strerror}; check its owner and mode.") from None
        try:
            yield descriptor
        finally:
            os.close(descriptor)


def locked(name: str, where: object, holder: str) -> WorkspaceLocked:
    who = f" ({holder})" if holder else ""
    what = f"Another sync works on {name} in {where}{who}"
    return WorkspaceLocked(f"{what}; wait for it to end or stop it.")
