"""The desk's database: any SQLAlchemy address; SQLite with WAL, foreign keys and patience; PostgreSQL with a small
pool; migrations that come with the package.

Reading and writing are different transactions. On SQLite a writing one takes the write lock when it begins, so what it
read is still true when it writes, and waiting happens in one place (`busy_timeout`) instead of failing half-way. On
PostgreSQL several write at once: what a writer decides on it reads `for update`, or under a named lock; a reader sees
the state of one moment, as on SQLite.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVarTuple

import msgspec
import structlog
from sqlalchemy import Connection, CursorResult, Engine, Select, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool

from service_desk import audit_chain
from service_desk.errors import Unavailable
from service_desk.models import guard_events

if TYPE_CHECKING:
    from alembic.config import Config

BUSY_MILLISECONDS = 30_000
"""How long a writer waits for others, on SQLite and on PostgreSQL."""
KEPT_CONNECTIONS, MORE_CONNECTIONS = 5, 5
"""To PostgreSQL, a process: kept open, and opened beside them while many ask at once."""
CONNECT_SECONDS, CONNECTION_SECONDS, RENEWED_SECONDS = 5, 10, 1_800
"""Until a server that does not answer counts as down; until a free connection is given up on; until a connection is
made anew, since firewalls drop those that stand still."""
PAGE_BOUND = 500
OFFSET_BOUND = 2**31 - 1
WRITES = "desk_writes"
"""The execution option of a connection that is going to write."""
_MIGRATION_LOCK = 0x6F6E6573746F70  # "onestop"; the same number in every process
_MIGRATIONS = Path(__file__).parent / "migrations"
_READS = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
Selected = TypeVarTuple("Selected")
"""What a statement asks for, column by column."""
_log = structlog.get_logger(__name__)


def make_engine(address: str) -> Engine:
    """An engine for this address. A relative SQLite path has been resolved by the caller; its folder is made here.

    Raises Unavailable when it is no address, its driver is not installed, or the folder cannot be made.
    """
    try:
        url = make_url(address)
        if url.get_backend_name() == "sqlite":
            return _sqlite_engine(url)
        return _server_engine(url)
    except ArgumentError:
        raise Unavailable("The database is no address that SQLAlchemy understands; check `database`.") from None
    except ModuleNotFoundError as error:
        missing = f"The database needs the Python package {error.name}; install it, or check `database`."
        raise Unavailable(missing) from None
    except OSError as error:
        raise Unavailable(f"The folder of the database cannot be made ({error}); check `database`.") from None


def _server_engine(url: URL) -> Engine:
    """A pool that tells a dead connection from a live one before it is used."""
    given = {} if "connect_timeout" in url.query else {"connect_timeout": CONNECT_SECONDS}
    is_postgres = url.get_backend_name() == "postgresql"
    engine = create_engine(
        url,
        json_deserializer=_from_json,
        pool_pre_ping=True,
        pool_size=KEPT_CONNECTIONS,
        max_overflow=MORE_CONNECTIONS,
        pool_timeout=CONNECTION_SECONDS,
        pool_recycle=RENEWED_SECONDS,
        isolation_level="READ COMMITTED",
        connect_args=given if is_postgres else {},
    )
    if is_postgres:
        event.listen(engine, "connect", _prepare_postgres)
    return engine


def _from_json(text: str | bytes) -> Any:
    """What a column of JSON holds. The standard library takes several times as long, and takes what msgspec does not: a
    surrogate without its other half.
    """
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return json.loads(text)


def _prepare_postgres(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
    """Patience as on SQLite, and an end to what hangs in the middle of a step. Raises Unavailable when the database
    keeps text in an encoding that has not got every character.
    """
    with connection.cursor() as cursor:  # type: ignore[attr-defined]  # psycopg's own
        cursor.execute("SELECT current_setting('server_encoding')")
        [encoding] = cursor.fetchone()
        cursor.execute(f"SET lock_timeout = {BUSY_MILLISECONDS}")
        cursor.execute(f"SET idle_in_transaction_session_timeout = {2 * BUSY_MILLISECONDS}")
    connection.commit()
    if encoding != "UTF8":
        told = f"The database keeps text as {encoding}, which lacks most characters"
        raise Unavailable(f"{told}; make one anew with: createdb --encoding UTF8 --template template0 NAME")


def _sqlite_engine(url: URL) -> Engine:
    in_memory = not url.database or url.database == ":memory:"
    if in_memory:
        shared = {"check_same_thread": False}
        engine = create_engine(url, json_deserializer=_from_json, poolclass=StaticPool, connect_args=shared)
    else:
        Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(url, json_deserializer=_from_json)
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
    writes = connection.get_execution_options().get(WRITES, False)
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
        """One consistent view; nothing is kept. Raises Unavailable."""
        with answering(), self._sessions() as session:
            if self._is_postgres:
                session.connection(execution_options=_READS)
            yield session

    @contextmanager
    def write(self, lock: str | None = None) -> Iterator[Session]:
        """Everything or nothing: commits at the end, rolls back on any exception.

        Those who write under the same `lock` wait for each other, also where a database lets several write at once:
        needed to add a row unless it is there. What was noted for the audit log (`audit_chain.note`) is kept with the
        rest. Raises Unavailable.
        """
        with answering(), self._sessions() as session:
            connection = session.connection(execution_options={WRITES: True})
            if lock is not None:
                self._take(connection, lock)
            yield session
            if audit_chain.is_waiting(session):
                self._take(connection, audit_chain.LOCK)
                audit_chain.seal(session)
            session.commit()

    def wait_for(self, session: Session, lock: str) -> None:
        """Wait for those who write under that lock, in a writing transaction that is under way; until its end they wait
        for it.
        """
        self._take(session.connection(), lock)

    def _take(self, connection: Connection, lock: str) -> None:
        if self._is_postgres:
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:lock))"), {"lock": lock})

    @property
    def _is_postgres(self) -> bool:
        return self.engine.dialect.name == "postgresql"


def columns(
    session: Session, statement: Select[*Selected], values: Mapping[str, object] | None = None
) -> CursorResult[*Selected]:
    """The rows of a statement that asks for columns, for lists: the session's own work around it, which is for objects,
    takes as long as a short statement. What the session has not written yet is not seen.
    """
    return session.connection().execute(statement, values)


@contextmanager
def answering(database: str = "") -> Iterator[None]:
    """Turn a database that does not answer into Unavailable. Why is for the log, since readers see the sentence; for
    administrators, who call the database something, it is in the sentence.
    """
    try:
        yield
    except (DBAPIError, NoConnectionFree) as error:
        if not _is_out(error):
            raise
        if database:
            raise Unavailable(f"{database} does not answer ({_line(error)}); check its address.") from error
        _log.warning("the desk's database does not answer", reason=_line(error))
        raise Unavailable("The desk does not answer now; please try again in a few minutes.") from error


def _is_out(error: DBAPIError | NoConnectionFree) -> bool:
    """Is it the server, the network or the disk, not what was asked?"""
    return isinstance(error, (OperationalError, InterfaceError, NoConnectionFree)) or error.connection_invalidated


def _cause(error: Exception) -> object:
    return getattr(error, "orig", None) or error


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the tables to `revision`.

    Safe when several processes start at once: one migrates, the others wait and find it done. Raises Unavailable when
    the database does not answer, or was written by a newer version of the desk.
    """
    try:
        if revision != "head" or not _up_to_date(engine):
            _migrate(engine, revision)
    except (DBAPIError, NoConnectionFree) as error:
        said = "does not answer" if _is_out(error) else "cannot be brought up to date"
        raise Unavailable(f"The database {said} ({_line(error)}); check `database`.") from error


def _line(error: Exception) -> str:
    """What the driver said, on one line."""
    return " ".join(str(_cause(error)).split()).rstrip(".")


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

    with engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL lock_timeout = 0"))  # another process may take long to migrate
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
        config.attributes["connection"] = connection
        yield config


def paging(value: int, bound: int) -> int:
    """A page size or offset within what every database takes."""
    return min(max(value, 0), bound)
