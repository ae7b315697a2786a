"""Databases that are copies of one, each for one test at a time. To make a copy, a thousand files are written; one that
comes back is given its rows again instead, and another name, so that whoever still knows the old one finds nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import psycopg
from psycopg import sql

from tests.services.postgres_server import PostgresServer

_SHAPE = sql.SQL(" union all ").join(
    sql.SQL("select count(*), max(xmin::text::bigint) from {}").format(sql.Identifier("pg_catalog", catalog))
    for catalog in (
        *("pg_class", "pg_attribute", "pg_attrdef", "pg_constraint", "pg_index", "pg_proc", "pg_trigger", "pg_type"),
        *("pg_namespace", "pg_rewrite", "pg_largeobject_metadata", "pg_db_role_setting"),
    )
)
"""Whatever is made, changed or dropped in a database, rows of its tables apart, writes a row of these."""
_WRITTEN = """
    select relname from pg_class
    where relkind = 'r' and relnamespace = 'public'::regnamespace and pg_relation_size(oid) > 0
"""
_COUNTERS = "select relname from pg_class where relkind = 'S' and relnamespace = 'public'::regnamespace"
_Shape = list[tuple[Any, ...]]
_Connection = psycopg.Connection[tuple[Any, ...]]


class Copies:
    """Copies of the database `template`, to which nobody may be connected."""

    def __init__(self, server: PostgresServer, template: str) -> None:
        self._server, self._template = server, template
        self._free: list[tuple[str, _Shape]] = []
        self._numbers = count()
        self._rows: dict[str, bytes] = {}
        self._counters: dict[str, tuple[Any, ...]] = {}

    @contextmanager
    def one(self) -> Iterator[str]:
        """The SQLAlchemy address of a copy that nobody else has."""
        name, shape = self._free.pop() if self._free else self._new()
        yield self._server.address(name)
        later = self._next()
        self._server.rename(name, later)
        if self._restored(later, shape):
            self._free.append((later, shape))
        else:
            self._server.drop(later)

    def _new(self) -> tuple[str, _Shape]:
        name = self._next()
        self._server.copy(self._template, name)
        return name, self._seen(name)

    def _next(self) -> str:
        return f"{self._template}_{next(self._numbers)}"

    def _seen(self, name: str) -> _Shape:
        """The shape of a new copy; of the first its rows, too."""
        with self._server.connected(name) as connection:
            if not self._counters:
                self._rows = {table: _copied_out(connection, table) for table in _names(connection, _WRITTEN)}
                self._counters = {name: _counter(connection, name) for name in _names(connection, _COUNTERS)}
            return connection.execute(_SHAPE).fetchall()

    def _restored(self, name: str, shape: _Shape) -> bool:
        """The rows are those of the template again; False when more than rows has changed."""
        with self._server.connected(name) as connection, connection.transaction():
            if connection.execute(_SHAPE).fetchall() != shape:
                return False
            connection.execute("set local session_replication_role = replica")  # no trigger, no order among tables
            for table in _names(connection, _WRITTEN):
                connection.execute(sql.SQL("delete from {}").format(sql.Identifier(table)))
            for table, rows in self._rows.items():
                _copy_in(connection, table, rows)
            for counter, (value, is_called) in self._counters.items():
                connection.execute("select setval(%s::regclass, %s, %s)", (f'public."{counter}"', value, is_called))
        return True


def _names(connection: _Connection, statement: str) -> list[str]:
    return [name for (name,) in connection.execute(statement.encode())]


def _copied_out(connection: _Connection, table: str) -> bytes:
    with connection.cursor().copy(sql.SQL("copy {} to stdout").format(sql.Identifier(table))) as copy:
        return b"".join(bytes(part) for part in copy)


def _copy_in(connection: _Connection, table: str, rows: bytes) -> None:
    with connection.cursor().copy(sql.SQL("copy {} from stdin").format(sql.Identifier(table))) as copy:
        copy.write(rows)


def _counter(connection: _Connection, name: str) -> tuple[Any, ...]:
    row = connection.execute(sql.SQL("select last_value, is_called from {}").format(sql.Identifier(name))).fetchone()
    assert row is not None
    return row
