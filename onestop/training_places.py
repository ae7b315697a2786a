"""Where the rows of a training desk lie, and how a database that was filled beside them takes their place: it is done
or not done, while pages are served.

A file is copied over in one transaction of SQLite (https://www.sqlite.org/backup.html). On PostgreSQL the rows lie in a
schema of their own, whatever else is in the database; the schema beside gets its name.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from onestop.errors import SettingsError
from onestop.settings import TRAINING_SCHEMA, in_schema, sqlite_file

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

PATIENCE_SECONDS: Final = 60.0
"""How long whoever is in the middle of something is waited for."""
_FRESH: Final = f"{TRAINING_SCHEMA}_fresh"
_AT_A_TIME: Final = "500ms"
"""So long for a table: less than until the server looks for deadlocks, and ends a page to resolve one."""
_PAUSE_SECONDS: Final = 0.2
_NOT_FREE: Final = ("55P03", "40P01")
"""What PostgreSQL calls a lock that cannot be had."""


class Place(Protocol):
    """Where the rows of a training desk lie."""

    def prepare(self) -> None:
        """Have it ready for tables. Raises SettingsError, service_desk.errors.Unavailable."""
        ...

    def beside(self) -> AbstractContextManager[str]:
        """The address of an empty database; it is gone afterwards."""
        ...

    def put(self) -> None:
        """What lies beside takes the place of what is in use. Raises service_desk.errors.Unavailable."""
        ...


def place_of(url: str, file: Path) -> Place:
    """The place behind a database address, which is written in `file`. Raises SettingsError for one of another kind."""
    if (database := sqlite_file(url)) is not None:
        return FilePlace(database)
    if url.startswith("postgresql"):
        return SchemaPlace(url)
    raise SettingsError(
        f"A training desk keeps its database in a file or on PostgreSQL, where it can begin anew; nothing was done. "
        f"Write database = 'sqlite:///desk.db' in {file}."
    )


class FilePlace:
    """A file of SQLite."""

    def __init__(self, live: Path) -> None:
        self._live = live
        self._fresh = live.with_name(f"{live.name}.fresh")

    def prepare(self) -> None:
        """It is made when it is opened."""

    @contextmanager
    def beside(self) -> Iterator[str]:
        """The address of an empty database; it is gone afterwards."""
        self._clear()
        try:
            yield f"sqlite:///{self._fresh}"
        finally:
            self._clear()

    def put(self) -> None:
        """What lies beside is copied over what is in use."""
        with (
            closing(sqlite3.connect(self._fresh)) as source,
            closing(sqlite3.connect(self._live, timeout=30)) as target,
        ):
            source.backup(target)

    def _clear(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                self._fresh.with_name(self._fresh.name + suffix).unlink()


class SchemaPlace:
    """A schema of a PostgreSQL database: nothing of that database outside of it, and of the one beside, is touched."""

    def __init__(self, url: str) -> None:
        self._url = url

    def prepare(self) -> None:
        """Make the schema, unless it is there. Raises SettingsError where that is not allowed or where tables would lie
        elsewhere, service_desk.errors.Unavailable.
        """
        with self._connected() as engine:
            _make(engine, TRAINING_SCHEMA)
            with engine.connect() as connection:
                found = connection.exec_driver_sql("SELECT current_schema()").scalar()
        if found != TRAINING_SCHEMA:
            raise SettingsError(
                f"Tables of the training desk would lie in the schema {found!r}, not in {TRAINING_SCHEMA}; nothing was "
                "done. Name no search_path in `database`, and go to PostgreSQL itself: poolers forget how a "
                "connection was opened."
            )

    @contextmanager
    def beside(self) -> Iterator[str]:
        """The address of an empty schema; it is gone afterwards."""
        with self._connected() as engine:
            _drop(engine)
            _make(engine, _FRESH)
        try:
            yield in_schema(self._url, _FRESH)
        finally:
            with self._connected() as engine:
                _drop(engine)

    def put(self) -> None:
        """What lies beside takes the place of what is in use, as soon as nobody is in the middle of something there.
        Raises service_desk.errors.Unavailable when somebody stays there.
        """
        from service_desk.errors import Unavailable

        give_up = time.monotonic() + PATIENCE_SECONDS
        with self._connected() as engine:
            while not _is_put(engine):
                if time.monotonic() > give_up:
                    raise Unavailable("The training desk is in use all the time; it stays as it is. Try again later.")
                time.sleep(_PAUSE_SECONDS)

    @contextmanager
    def _connected(self) -> Iterator[Engine]:
        from service_desk.database import answering, make_engine

        engine = make_engine(self._url)
        try:
            with answering("The training desk's database"):
                yield engine
        finally:
            engine.dispose()


def _make(engine: Engine, schema: str) -> None:
    from sqlalchemy.exc import ProgrammingError

    try:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    except ProgrammingError as error:
        name, user = engine.url.database, engine.url.username
        raise SettingsError(
            f"The schema {schema} of the training desk cannot be made ({str(error.orig).strip()}); nothing was done. "
            f"Have the database's owner say: GRANT CREATE ON DATABASE {name} TO {user}; or write another `database`."
        ) from error


def _drop(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {_FRESH} CASCADE")


def _is_put(engine: Engine) -> bool:
    """Was it done? False when a table is not free."""
    from sqlalchemy.exc import OperationalError

    try:
        with engine.begin() as connection:
            _put(connection)
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) not in _NOT_FREE:
            raise
        return False
    return True


def _put(connection: Connection) -> None:
    """Every table is taken first: so nobody begins a step on the old rows and ends it on the new ones."""
    from sqlalchemy import text

    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_AT_A_TIME}'")
    listed = text("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = :schema ORDER BY 1")
    names = connection.scalars(listed, {"schema": TRAINING_SCHEMA})
    tables = ", ".join(f"{TRAINING_SCHEMA}.{name}" for name in names)
    if tables:
        connection.exec_driver_sql(f"LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE")
    connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {TRAINING_SCHEMA} CASCADE")
    connection.exec_driver_sql(f"ALTER SCHEMA {_FRESH} RENAME TO {TRAINING_SCHEMA}")
