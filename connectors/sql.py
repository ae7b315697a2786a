"""Rows of any database that SQLAlchemy can address, as raw items.

Read only: SQLite files are opened in mode ``ro``, PostgreSQL transactions are read-only, and nothing is ever committed.
Rows come from a server-side cursor in the order of their key, so memory does not grow with the table; with `changed` in
the order of that column, so that a run goes on where one ended. Names of tables and columns are quoted by SQLAlchemy.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, ClassVar
from urllib.parse import quote
from uuid import UUID

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field, model_validator

from connectors.base import Checkpoint, Gone, Listed, RawItem, RetryLater, SkipItem, StopSource
from connectors.rows import Deleted, plain, row_bytes, row_item

_BATCH = 1000
_LOCKED = 1.0
"""Seconds to wait for a writer of a SQLite file; after that it is asked again later."""
_FINAL = ("authentication failed", "Access denied", "does not exist")  # said by servers when waiting will not help
_READS = re.compile(r"^\s*(?:select|with|values)\b[^;]*;?\s*$", re.IGNORECASE)
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class SqlSettings(BaseModel):
    """`table` (or ``schema.table``) or a `query`; `key` tells rows apart; `changed` is a column that only grows when a
    row changes; `deleted` are the values of columns by which a row says that it is gone.
    """

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)
    url: str = Field(min_length=1)
    table: str | None = None
    query: str | None = None
    key: str | None = None
    changed: str | None = None
    deleted: Deleted = Deleted({})

    @model_validator(mode="after")
    def _one_of_two(self) -> SqlSettings:
        if (self.table is None) == (self.query is None):
            raise ValueError("give either table or query")
        if self.query is not None and not _READS.match(self.query):
            raise ValueError("query must be one SELECT statement")
        if self.query is not None and self.key is None:
            raise ValueError("a query needs key, the column that tells rows apart")
        return self


@dataclass(frozen=True)
class Place:
    """Where a listing stands: at this value of `changed` and, while it is under way, behind this key."""

    changed: Any = None
    key: Any = None

    def cursor(self, of: str) -> str:
        """`of` are the settings it was made with. Raises TypeError for values that no cursor can hold."""
        said = {"changed": self.changed, "key": self.key}
        return json.dumps({"of": of} | {name: _encoded(value) for name, value in said.items() if value is not None})


class SqlConnector:
    """Transport ``sql``: a row is an item. With `changed`, a run reads only rows that changed since the last."""

    settings_model: ClassVar[type[BaseModel]] = SqlSettings
    remote = True
    separate = True

    def __init__(self, settings: SqlSettings, base: Path) -> None:
        self._settings = settings
        self._engine, self._shown = _engine(settings.url, base)
        chosen = [self._shown, settings.table, settings.query, settings.key, settings.changed]
        self._of = hashlib.blake2b(json.dumps(chosen).encode(), digest_size=8).hexdigest()
        self._next: str | None = None
        self.complete = False

    def read(self, cursor: str | None) -> Iterator[Listed]:
        """Rows in the order of their key; with `changed`, those at or after the cursor, in the order of that column.
        Raises StopSource or RetryLater.
        """
        self.complete, self._next = False, cursor
        with self._connected() as connection:
            source, key = self._source(connection)
            place = self._start(connection, source, key, _place(cursor, self._of))
            whole = place == Place()
            for statement in self._statements(source, key, place):
                names = _Names()
                for number, row in enumerate(_rows(connection, statement), 1):
                    yield self._listed(names.of(row[key]), row)
                    place = self._at(row, key, place)
                    if number % _BATCH == 0:
                        yield from self._checkpoint(place)
        self._next = None if place.changed is None else Place(_not_beyond_today(place.changed)).cursor(self._of)
        self.complete = whole

    def next_cursor(self) -> str | None:
        """With `changed`, the greatest value of it that was seen."""
        return self._next

    def keys(self) -> Iterator[str]:
        """The keys of all rows that are not marked as deleted, as `read` gives them."""
        with self._connected() as connection:
            source, key = self._source(connection)
            wanted = [source.c[name] for name in dict.fromkeys((key, *self._settings.deleted.columns))]
            for statement in self._in_order(sa.select(*wanted), source.c[key]):
                names = _Names()
                for row in _rows(connection, statement):
                    name = names.of(row[key])
                    if not self._settings.deleted.marks(dict(row)):
                        yield name

    def fetch(self, key: str) -> BinaryIO:
        """One row as JSON. Raises SkipItem when there is none."""
        with self._connected() as connection:
            source, column = self._source(connection)
            row = None if "\0" in key else self._found(connection, source, column, key)
        if row is None or self._settings.deleted.marks(dict(row)):
            raise SkipItem(f"no row with {column} {key!r} in {self._shown}")
        return row_bytes({str(name): plain(value) for name, value in row.items()})

    def _found(self, connection: sa.Connection, source: sa.FromClause, column: str, key: str) -> sa.RowMapping | None:
        """The row of a key: asked for by it, or, where the database writes its values otherwise than we do and where
        several have one key, looked for among all.
        """
        everything = sa.select(sa.text("*")).select_from(source)
        asked = everything.where(sa.cast(source.c[column], sa.String) == key).limit(1)
        if (row := connection.execute(asked).mappings().first()) is not None:
            return row
        for statement in self._in_order(everything, source.c[column]):
            names = _Names()
            for row in _rows(connection, statement):
                if names.of(row[column]) == key:
                    return row
        return None

    # Order

    def _start(self, connection: sa.Connection, source: sa.FromClause, key: str, place: Place) -> Place:
        """Where to begin. When nothing is as new as the cursor, a clock went back or the newest row is gone: then
        everything is read.
        """
        if self._settings.changed is None:
            return Place(key=place.key)
        column = source.c[self._settings.changed]
        if place.changed is not None:
            newer = sa.select(sa.literal(1)).select_from(source).where(column >= place.changed).limit(1)
            return place if connection.execute(newer).first() else Place()
        self._check_unique(connection, source, key)
        return Place()

    def _check_unique(self, connection: sa.Connection, source: sa.FromClause, key: str) -> None:
        """Rows that come without their neighbours cannot be told apart by counting. Raises StopSource."""
        column = source.c[key]
        twice = sa.select(column).group_by(column).having(sa.or_(sa.func.count() > 1, column.is_(None))).limit(1)
        if (found := connection.execute(twice).first()) is not None:
            raise StopSource(
                f"column {key!r} of {self._shown} does not tell rows apart ({plain(found[0])!r} is in several, or in "
                "none); with settings.changed it has to: name another in settings.key"
            )

    def _statements(self, source: sa.FromClause, key: str, place: Place) -> Iterator[sa.Select[Any]]:
        """What to read, in its order: rows without a value in the column of the order, always; then the others."""
        everything, own = sa.select(sa.text("*")).select_from(source), source.c[key]
        if self._settings.changed is None:
            yield from self._in_order(everything, own, place.key)
            return
        changed = source.c[self._settings.changed]
        yield everything.where(changed.is_(None)).order_by(own)
        ordered = everything.where(changed.is_not(None)).order_by(changed, own)
        if place.key is not None:
            behind = sa.and_(changed == place.changed, own > place.key)
            ordered = ordered.where(sa.or_(changed > place.changed, behind))
        elif place.changed is not None:
            ordered = ordered.where(changed >= place.changed)
        yield ordered

    def _in_order(
        self, statement: sa.Select[Any], key: sa.ColumnElement[Any], at: Any = None
    ) -> Iterator[sa.Select[Any]]:
        """By key, from a key on. Rows without one come first: databases differ in where they sort them."""
        if at is None:
            yield statement.where(key.is_(None))
        yield statement.where(key.is_not(None) if at is None else key >= at).order_by(key)

    def _at(self, row: sa.RowMapping, key: str, before: Place) -> Place:
        """The place behind a row; rows outside of the order do not move it."""
        if self._settings.changed is None:
            return Place(key=row[key])
        value = row[self._settings.changed]
        return before if value is None else Place(value, row[key])

    def _checkpoint(self, place: Place) -> Iterator[Checkpoint]:
        """None at values that cannot be told."""
        try:
            if place.key is not None:
                yield Checkpoint(place.cursor(self._of))
        except TypeError:
            return

    def _listed(self, key: str, row: sa.RowMapping) -> RawItem | Gone:
        values = {str(name): plain(value) for name, value in row.items()}
        return Gone(key) if self._settings.deleted.marks(values) else row_item(key, values)

    @contextmanager
    def _connected(self) -> Iterator[sa.Connection]:
        """A connection whose errors are sentences. The transaction is never committed."""
        try:
            with self._engine.connect() as connection:
                yield connection
        except sa.exc.OperationalError as error:
            reason = _first_line(error)
            is_file = isinstance(error.orig, sqlite3.Error) and "locked" not in reason
            final = is_file or any(words in reason for words in _FINAL)
            raise (StopSource if final else RetryLater)(f"{self._shown}: {reason}") from None
        except sa.exc.SQLAlchemyError as error:
            if isinstance(error, sa.exc.DBAPIError) and error.connection_invalidated:
                raise RetryLater(f"{self._shown}: the connection was dropped ({_first_line(error)})") from None
            raise StopSource(f"{self._shown}: {_first_line(error)}; check table, query and rights") from None

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
        marks = [("deleted", column) for column in self._settings.deleted.columns]
        for setting, column in (("key", key), ("changed", self._settings.changed), *marks):
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
        connection = sqlite3.connect(
            f"file:{quote(str(path.resolve()))}?mode=ro", _LOCKED, uri=True, check_same_thread=False
        )
        connection.text_factory = lambda payload: payload.decode("utf-8", "replace")
        return connection

    return connect


def _rows(connection: sa.Connection, statement: sa.Select[Any]) -> Iterator[sa.RowMapping]:
    """The rows as they come from a cursor of the server."""
    options = {"stream_results": True, "yield_per": _BATCH}
    yield from connection.execution_options(**options).execute(statement).mappings()


class _Names:
    """Keys of rows in the order of their key column: several of one key are told apart by counting."""

    def __init__(self) -> None:
        self._previous: str | None = None
        self._copies = 0
        self._nameless = 0

    def of(self, value: Any) -> str:
        if value is None:
            self._nameless += 1
            return f"#row-{self._nameless}"
        own = str(plain(value))
        self._copies = self._copies + 1 if own == self._previous else 1
        self._previous = own
        return own if self._copies == 1 else f"{own}~{self._copies}"


_KINDS: dict[str, tuple[type, Callable[[Any], Any], Callable[[Any], Any]]] = {
    "datetime": (dt.datetime, dt.datetime.isoformat, dt.datetime.fromisoformat),
    "date": (dt.date, dt.date.isoformat, dt.date.fromisoformat),
    "decimal": (Decimal, str, Decimal),
    "uuid": (UUID, str, UUID),
    "bytes": (bytes, bytes.hex, bytes.fromhex),
    "plain": (object, lambda value: value, lambda value: value),
}
"""Values as a cursor holds them: what is one, there and back. The first that fits is taken."""


def _encoded(value: Any) -> list[Any]:
    return next([kind, there(value)] for kind, (of, there, _) in _KINDS.items() if isinstance(value, of))


def _place(cursor: str | None, of: str) -> Place:
    """The place of a cursor; the beginning when settings changed since. Raises StopSource when it is not ours."""
    try:
        found = json.loads(cursor or "{}")
        if not isinstance(found, dict) or found.pop("of", None) != of:
            return Place()
        return Place(**{name: _KINDS[kind][2](value) for name, (kind, value) in found.items()})
    except (ValueError, TypeError, KeyError, ArithmeticError):
        raise StopSource("the stored cursor cannot be read; run once with --full") from None


def _not_beyond_today(value: Any) -> Any:
    """A time in the future is no place to go on from: what is stamped rightly would not be seen before then."""
    tomorrow = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    if isinstance(value, dt.datetime):
        return min(value, tomorrow if value.tzinfo else tomorrow.replace(tzinfo=None))
    if isinstance(value, dt.date):
        return min(value, tomorrow.date())
    if isinstance(value, str) and _DAY.match(value):
        return min(value, tomorrow.date().isoformat())
    return value


def _first_line(error: BaseException) -> str:
    text = str(getattr(error, "orig", None) or error).strip()
    return text.splitlines()[0][:300] if text else type(error).__name__


def _listed(names: list[str]) -> str:
    return ", ".join(names[:20]) + (" ..." if len(names) > 20 else "") if names else "none"
