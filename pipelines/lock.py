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
from functools import cached_property
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa
import structlog

from pipelines.errors import PipelineError, WorkspaceLocked

FOLDER = ".locks"
_log = structlog.get_logger(__name__)
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
    url = sa.make_url(database)
    return DatabaseLocks(url, FileLocks(folder)) if url.get_backend_name() == "postgresql" else FileLocks(folder)


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
                raise _locked(name, self._folder, f"process {holder}" if holder else "") from None
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


class DatabaseLocks:
    """Advisory locks of a PostgreSQL database, each on a connection of its own: the server drops them with it.

    A night is not lost because the desk's database is down: then this machine's own locks hold, and whoever writes the
    store from another machine at the same time is refused by Delta.
    """

    def __init__(self, url: sa.URL, otherwise: FileLocks) -> None:
        self._url, self._otherwise = url, otherwise

    @contextmanager
    def take(self, name: str) -> Iterator[None]:
        with self._connected() as connection:
            if connection is None:
                with self._otherwise.take(name):
                    yield
            elif connection.scalar(sa.select(sa.func.pg_try_advisory_lock(_number(name)))):
                yield
            else:
                raise _locked(name, self._url.render_as_string(hide_password=True), "")

    @contextmanager
    def wait(self, name: str) -> Iterator[None]:
        with self._connected() as connection:
            if connection is None:
                with self._otherwise.wait(name):
                    yield
            else:
                connection.execute(sa.select(sa.func.pg_advisory_lock(_number(name))))
                yield

    @contextmanager
    def _connected(self) -> Iterator[sa.Connection | None]:
        """A connection of its own, None when there is none to be had."""
        try:
            connection = self._engine.connect()
        except sa.exc.SQLAlchemyError as error:
            shown = self._url.render_as_string(hide_password=True)
            _log.warning("locks of this machine only", database=shown, reason=type(error).__name__)
            yield None
            return
        with connection:
            yield connection

    @cached_property
    def _engine(self) -> sa.Engine:
        return sa.create_engine(self._url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")


def _number(name: str) -> sa.ColumnElement[int]:
    """The key of a lock among all advisory locks of the database."""
    return sa.func.hashtextextended(f"onestop {name}", 0)


def _locked(name: str, where: object, holder: str) -> WorkspaceLocked:
    who = f" ({holder})" if holder else ""
    what = f"Another sync works on {name} in {where}{who}"
    return WorkspaceLocked(f"{what}; wait for it to end or stop it.")
