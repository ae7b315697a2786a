"""Rows of any database that SQLAlchemy can address, as raw items.

Read only: SQLite files are opened in mode ``ro``, PostgreSQL transactions are read-only, and nothing is ever committed.
Rows come from a server-side cursor in the order of their key, so memory does not grow with the table. Names of tables
and columns are quoted by SQLAlchemy. Values are what JSON can say: dates as ISO 8601, decimals and UUIDs as text, bytes
as text or hexadecimal.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, ClassVar
from urllib.parse import quote

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field, model_validator

from connectors.base import RawItem, RetryLater, SkipItem, StopSource
from connectors.rows import plain, row_bytes, row_item

_BATCH = 1000
_FINAL = ("authentication failed", "Access denied", "does not exist")  # said by servers when waiting will not help
_READS = re.compile(r"^\s*(?:select|with|values)\b[^;]*;?\s*$", re.IGNORECASE)


class SqlSettings(BaseModel):
    """`table` (or ``schema.table``) or a `query`; `key` tells rows apart; `changed` is a column that only grows when a
    row changes.
    """

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)
    url: str = Field(min_length=1)
    table: str | None = None
    query: str | None = None
    key: str | None = None
    changed: str | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> SqlSettings:
        if (self.table is None) == (self.query is None):
            raise ValueError("give either table or query")
        if self.query is not None and not _READS.match(self.query):
            raise ValueError("query must be one SELECT statement")
        if self.query is not None and self.key is None:
            raise ValueError("a query needs key, the column that tells rows apart")
        return self


class SqlConnector:
    """Transport ``sql``: a row is an item. With `changed`, a run reads only rows that changed since the last."""

    settings_model: ClassVar[type[BaseModel]] = SqlSettings
    remote = True

    def __init__(self, settings: SqlSettings, base: Path) -> None:
        self._settings = settings
        self._engine, self._shown = _engine(settings.url, base)
        self.complete = settings.changed is None
        self._newest: Any = None
        self._last_cursor: str | None = None

    def read(self, cursor: str | None) -> Iterator[RawItem]:
        """Rows in the order of their key; with `changed`, those at or after the cursor. Raises StopSource or
        RetryLater.
        """
        self._newest, self._last_cursor = None, cursor
        with self._connected() as connection:
            statement, key = self._statement(connection, _decoded(cursor))
            options = {"stream_results": True, "yield_per": _BATCH}
            rows = connection.execution_options(**options).execute(statement)
            previous, copies = None, 0
            for number, row in enumerate(rows.mappings(), 1):
                values = {str(name): plain(value) for name, value in row.items()}
                self._note(row)
                own = f"#row-{number}" if values[key] is None else str(values[key])
                copies = copies + 1 if own == previous else 1
                previous = own
                yield row_item(own if copies == 1 else f"{own}~{copies}", values)

    def next_cursor(self) -> str | None:
        """The greatest value of `changed` that was seen, or the old one when there was nothing new."""
        return self._last_cursor if self._newest is None else _encoded(self._newest)

    def keys(self) -> Iterator[str]:
        """The keys of all rows."""
        with self._connected() as connection:
            source, key = self._source(connection)
            statement = sa.select(source.c[key]).order_by(source.c[key])
            options = {"stream_results": True, "yield_per": _BATCH}
            yield from map(str, connection.execution_options(**options).execute(statement).scalars())

    def fetch(self, key: str) -> BinaryIO:
        """One row as JSON. Raises SkipItem when there is none."""
        with self._connected() as connection:
            source, column = self._source(connection)
            wanted = sa.select(sa.text("*")).select_from(source).where(sa.cast(source.c[column], sa.String) == key)
            row = connection.execute(wanted.limit(1)).mappings().first()
        if row is None:
            raise SkipItem(f"no row with {column} {key!r} in {self._shown}")
        return row_bytes({str(name): plain(value) for name, value in row.items()})

    def _note(self, row: sa.RowMapping) -> None:
        changed = self._settings.changed
        if (
            changed is not None
            and (value := row[changed]) is not None
            and (self._newest is None or value > self._newest)
        ):
            self._newest = value

    @contextmanager
    def _connected(self) -> Iterator[sa.Connection]:
        """A connection whose errors are sentences. The transaction is never committed."""
        try:
            with self._engine.connect() as connection:
                yield connection
        except sa.exc.OperationalError as error:
            reason = _first_line(error)
            final = isinstance(error.orig, sqlite3.Error) or any(words in reason for words in _FINAL)
            raise (StopSource if final else RetryLater)(f"{self._shown}: {reason}") from None
        except (sa.exc.DBAPIError, sa.exc.SQLAlchemyError) as error:
            raise StopSource(f"{self._shown}: {_first_line(error)}; check table, query and rights") from None

    def _statement(self, connection: sa.Connection, since: Any) -> tuple[sa.Select[Any], str]:
        source, key = self._source(connection)
        statement = sa.select(sa.text("*")).select_from(source).order_by(source.c[key])
        if self._settings.changed is not None and since is not None:
            statement = statement.where(source.c[self._settings.changed] >= since)
        return statement, key

    def _source(self, connection: sa.Connection) -> tuple[sa.FromClause, str]:
        """What to select from, and the name of its key column; both known to exist."""
        if self._settings.table is not None:
            return self._table(connection, self._settings.table)
        key = str(self._settings.key)
        query = (self._settings.query or "").strip().rstrip(";")
        bare = sa.text(query.replace(":", r"\:"))
        found = list(
            connection.execute(sa.select(sa.text("*")).select_from(bare.columns().subquery("source")).limit(0)).keys()
        )
        self._check(found, key)
        return bare.columns(*map(sa.column, found)).subquery("source"), key

    def _table(self, connection: sa.Connection, name: str) -> tuple[sa.FromClause, str]:
        schema, _, table = name.rpartition(".")
        inspector = sa.inspect(connection)
        try:
            found = [column["name"] for column in inspector.get_columns(table, schema or None)]
        except sa.exc.NoSuchTableError:
            known = sorted(inspector.get_table_names(schema or None) + inspector.get_view_names(schema or None))
            raise StopSource(f"there is no table {name!r} in {self._shown}; there are: {_listed(known)}") from None
        key = self._settings.key or self._primary_key(inspector, table, schema)
        self._check(found, key)
        return sa.table(table, *map(sa.column, found), schema=schema or None), key

    def _primary_key(self, inspector: sa.Inspector, table: str, schema: str) -> str:
        columns = inspector.get_pk_constraint(table, schema or None)["constrained_columns"]
        if len(columns) != 1:
            raise StopSource(f"table {table!r} has no primary key of one column; name a column in settings.key")
        return str(columns[0])

    def _check(self, found: list[str], key: str) -> None:
        for setting, column in (("key", key), ("changed", self._settings.changed)):
            if column is not None and column not in found:
                raise StopSource(
                    f"settings.{setting} names column {column!r}, which is not there; there are: {_listed(found)}"
                )


def _engine(address: str, base: Path) -> tuple[sa.Engine, str]:
    """The engine and its address without the password. Raises StopSource."""
    try:
        url = sa.make_url(address)
        shown = url.render_as_string(hide_password=True)
        if url.get_backend_name() == "sqlite":
            return sa.create_engine("sqlite://", creator=_sqlite(url, base), poolclass=sa.NullPool), shown
        options = {"postgresql_readonly": True} if url.get_backend_name() == "postgresql" else {}
        return sa.create_engine(url, poolclass=sa.NullPool, execution_options=options), shown
    except (sa.exc.NoSuchModuleError, ModuleNotFoundError) as error:
        raise StopSource(f"the driver for settings.url is not installed: {_first_line(error)}") from None
    except (sa.exc.ArgumentError, ValueError):
        raise StopSource("settings.url is not a database address; an example: sqlite:///persons.db") from None


def _sqlite(url: sa.URL, base: Path) -> Callable[[], sqlite3.Connection]:
    path = base / (url.database or "")
    if not url.database or not path.is_file():
        raise StopSource(f"there is no SQLite file {url.database or ':memory:'!r} (looked for {path})")

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro", uri=True, check_same_thread=False)
        connection.text_factory = lambda payload: payload.decode("utf-8", "replace")
        return connection

    return connect


def _encoded(value: Any) -> str:
    kind = "datetime" if isinstance(value, dt.datetime) else "date" if isinstance(value, dt.date) else "plain"
    return json.dumps([kind, plain(value)])


def _decoded(cursor: str | None) -> Any:
    """The value of a cursor. Raises StopSource when it is not one of ours."""
    if cursor is None:
        return None
    try:
        kind, value = json.loads(cursor)
        if kind == "plain":
            return value
        return dt.datetime.fromisoformat(value) if kind == "datetime" else dt.date.fromisoformat(value)
    except (ValueError, TypeError):
        raise StopSource("the stored cursor cannot be read; run once with --full") from None


def _first_line(error: BaseException) -> str:
    text = str(getattr(error, "orig", None) or error).strip()
    return text.splitlines()[0][:300] if text else type(error).__name__


def _listed(names: list[str]) -> str:
    return ", ".join(names[:20]) + (" ..." if len(names) > 20 else "") if names else "none"
