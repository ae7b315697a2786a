"""The desk's content from one database to another: every table, row for row, in one transaction; compared by counts
and by digests that come out the same on every database.

The digest of a table is the sum of the SHA-256 of its rows modulo 2**256: databases sort text each in its own way, and
a sum asks for no order.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

from msgspec import Struct
from sqlalchemy import Connection, Engine, Table, func, insert, inspect, select, text

from service_desk.database import WRITES, answering, current_revision, newest_revision, upgrade
from service_desk.errors import Occupied, Unavailable
from service_desk.models import Base

BATCH = 1_000
Tell = Callable[[int], None]
"""Called with how many rows are through."""


class TableState(Struct, frozen=True):
    """What a table holds: how many rows, and the digest of them."""

    table: str
    rows: int
    digest: str


def tables() -> list[Table]:
    """The tables of the desk, each after those it refers to; also those of modules named ``tables`` that nobody has
    loaded yet.
    """
    for part in Path(__file__).parent.glob("*/tables.py"):
        import_module(f"service_desk.{part.parent.name}.tables")
    return Base.metadata.sorted_tables


@contextmanager
def frozen(engine: Engine) -> Iterator[Connection]:
    """A connection to a desk that nobody writes to before the block ends; readers go on. Raises Unavailable."""
    with (
        answering("The desk's database"),
        engine.connect().execution_options(**{WRITES: True}) as connection,
        connection.begin(),
    ):
        _never_cut_off(connection)
        if connection.dialect.name == "postgresql":
            names = ", ".join(connection.dialect.identifier_preparer.format_table(table) for table in tables())
            connection.execute(text(f"LOCK TABLE {names} IN SHARE MODE"))
        yield connection


def check_source(engine: Engine, where: str) -> None:
    """Raises Unavailable when the tables are not those of this version: they are to be left as they are."""
    with answering(where):
        found = current_revision(engine)
    if found != newest_revision():
        raise Unavailable(
            f"{where} has its tables at revision {found}, this version knows {newest_revision()}; "
            "start this version on it once (onestop sync), then do it again."
        )


def states(connection: Connection) -> list[TableState]:
    """What each table holds."""
    return [_state(connection, table) for table in tables()]


def count(connection: Connection) -> int:
    """How many rows all tables have."""
    return sum(connection.scalar(select(func.count()).select_from(table)) or 0 for table in tables())


def holds(engine: Engine, where: str) -> list[TableState]:
    """What there is in a database that may have no tables yet. Raises Occupied when they are those of another program,
    Unavailable.
    """
    with answering(where), engine.connect() as connection:
        there = set(inspect(connection).get_table_names())
        if "alembic_version" not in there:
            strange = sorted(there & {table.name for table in tables()})
            if strange:
                raise Occupied(f"{where} has a table {strange[0]!r} of another program; name an empty database.")
            return []
    check_source(engine, where)
    with answering(where), engine.connect() as connection:
        return states(connection)


def fill(source: Connection, target: Engine, tell: Tell = lambda done: None) -> list[TableState]:
    """Copy every row into the empty tables of another database, all or nothing; what both hold then.

    Raises Unavailable, also when what arrived is not what was sent.
    """
    upgrade(target)
    with (
        answering("The new database"),
        target.connect().execution_options(**{WRITES: True}) as connection,
        connection.begin(),
    ):
        _never_cut_off(connection)
        done = 0
        for table in tables():
            for rows in source.execute(select(table).execution_options(yield_per=BATCH)).mappings().partitions():
                connection.execute(insert(table), [dict(row) for row in rows])
                done += len(rows)
                tell(done)
            _go_on_counting(connection, table)
        sent, arrived = states(source), states(connection)
        differing = [one.table for one, other in zip(sent, arrived, strict=True) if one != other]
        if differing:
            raise Unavailable(f"The table {differing[0]} did not arrive as it was sent; nothing was kept of it.")
        return arrived


def _never_cut_off(connection: Connection) -> None:
    """One of the two connections stands still while the other works, for as long as that takes."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))


def _go_on_counting(connection: Connection, table: Table) -> None:
    """The next row gets a number that no row has. SQLite looks for it itself."""
    column = table.autoincrement_column
    if column is None or connection.dialect.name != "postgresql":
        return
    highest = connection.scalar(select(func.max(column)))
    sequence = func.pg_get_serial_sequence(table.name, column.name)
    connection.execute(select(func.setval(sequence, highest or 1, highest is not None)))


def _state(connection: Connection, table: Table) -> TableState:
    rows = total = 0
    for row in connection.execute(select(table).execution_options(yield_per=BATCH)):
        rows += 1
        total += int.from_bytes(hashlib.sha256(_line(tuple(row))).digest())
    return TableState(str(table.name), rows, f"{total % 2**256:064x}")


def _line(values: tuple[object, ...]) -> bytes:
    """A row as bytes that are the same whichever database it came from."""
    return json.dumps(values, sort_keys=True, default=_instant).encode("ascii")


def _instant(value: object) -> str:
    """A moment or a day."""
    if not isinstance(value, dt.datetime):
        assert isinstance(value, dt.date), value
        return value.isoformat()
    return value.astimezone(dt.UTC).isoformat(timespec="microseconds")
