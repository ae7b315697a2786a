"""The desk's database: any SQLAlchemy address; SQLite with WAL, foreign keys and patience; migrations that come with
the package.

Reading and writing are different transactions. On SQLite a writing one takes the write lock when it begins, so what it
read is still true when it writes, and waiting happens in one place (`busy_timeout`) instead of failing half-way.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool

from service_desk.errors import Unavailable
from service_desk.models import guard_events

if TYPE_CHECKING:
    from alembic.config import Config

BUSY_MILLISECONDS = 30_000
PAGE_BOUND = 500
OFFSET_BOUND = 2**31 - 1
_WRITES = "desk_writes"
_MIGRATION_LOCK = 0x6F6E6573746F70  # "onestop"; the same number in every process
_MIGRATIONS = Path(__file__).parent / "migrations"


def make_engine(address: str) -> Engine:
    """An engine for this address. A relative SQLite path has been resolved by the caller; its folder is made here.

    Raises Unavailable when it is no address, its driver is not installed, or the folder cannot be made.
    """
    try:
        url = make_url(address)
        if url.get_backend_name() == "sqlite":
            return _sqlite_engine(url)
        return create_engine(url, pool_pre_ping=True, isolation_level="READ COMMITTED")
    except ArgumentError:
        raise Unavailable("The database is no address that SQLAlchemy understands; check `database`.") from None
    except ModuleNotFoundError as error:
        missing = f"The database needs the Python package {error.name}; install it, or check `database`."
        raise Unavailable(missing) from None
    except OSError as error:
        raise Unavailable(f"The folder of the database cannot be made ({error}); check `database`.") from None


def _sqlite_engine(url: URL) -> Engine:
    in_memory = not url.database or url.database == ":memory:"
    if in_memory:
        engine = create_engine(url, poolclass=StaticPool, connect_args={"check_same_thread": False})
    else:
        Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(url)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
    assert isinstance(connection, sqlite3.Connection)
    connection.isolation_level = None  # we begin transactions ourselves: the driver would begin them late
    connection.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
    connection.execute("PRAGMA foreign_keys = ON")
    if connection.execute("PRAGMA journal_mode").fetchone()[0] == "delete":
        _switch_to_wal(connection)


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """Once in the life of a file. Of several who try at once SQLite refuses some without any patience, so wait here."""
    give_up = time.monotonic() + BUSY_MILLISECONDS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > give_up:
                raise
            time.sleep(0.02)


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


class Database:
    """Sessions that read or write: ``with database.read() as session``, ``with database.write() as session``."""

    def __init__(self, engine: Engine) -> None:
        class GuardedSession(Session):
            """A session that refuses to touch events."""

        guard_events(GuardedSession)
        self.engine = engine
        self._sessions = sessionmaker(engine, class_=GuardedSession, expire_on_commit=False)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One consistent view; nothing is kept."""
        with self._sessions() as session:
            yield session

    @contextmanager
    def write(self, lock: str | None = None) -> Iterator[Session]:
        """Everything or nothing: commits at the end, rolls back on any exception.

        Those who write under the same `lock` wait for each other, also where a database lets several write at once:
        needed to add a row unless it is there.
        """
        with self._sessions() as session:
            connection = session.connection(execution_options={_WRITES: True})
            if lock is not None and connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:lock))"), {"lock": lock})
            yield session
            session.commit()


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the tables to `revision`.

    Safe when several processes start at once: one migrates, the others wait and find it done. Raises Unavailable when
    the database does not answer, or was written by a newer version of the desk.
    """
    try:
        if revision != "head" or not _up_to_date(engine):
            _migrate(engine, revision)
    except DBAPIError as error:
        raise Unavailable(f"The database does not answer ({error.orig}); check `database`.") from error


def _up_to_date(engine: Engine) -> bool:
    current, newest = current_revision(engine), newest_revision()
    if current is not None and current > newest:
        raise Unavailable(
            f"The database was written by a newer version (tables {current}, known {newest}); update onestop."
        )
    return current == newest


def _migrate(engine: Engine, revision: str) -> None:
    from alembic import command  # a sixth of a second, and rarely needed

    with _migrating(engine) as config:
        command.upgrade(config, revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take the tables back to an older revision, dropping what came later."""
    from alembic import command

    with _migrating(engine) as config:
        command.downgrade(config, revision)


def current_revision(engine: Engine) -> str | None:
    """The revision the tables are at, None before the first migration."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return revision


def newest_revision() -> str:
    """The revision of the last file in `migrations/versions`."""
    return max(path.name for path in (_MIGRATIONS / "versions").glob("v*.py"))[1:5]


@contextmanager
def _migrating(engine: Engine) -> Iterator[Config]:
    from alembic.config import Config

    with engine.connect().execution_options(**{_WRITES: True}) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
        config.attributes["connection"] = connection
        yield config


def paging(value: int, bound: int) -> int:
    """A page size or offset within what every database takes."""
    return min(max(value, 0), bound)
