"""A statement that was compiled for one desk is not compiled again for the next.

SQLAlchemy keeps what it compiled by the dialect, of which each engine has its own: every test that opened a desk
compiled a hundred statements anew. Here dialects of the same kind, state and settings are equal. A house opens its desk
once, so this is for tests alone.
"""

from __future__ import annotations

from functools import partial
from operator import attrgetter
from typing import Any, Final

from sqlalchemy import create_engine
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.util import LRUCache

from service_desk import database

KEPT: Final = 2_000
"""Statements: some more than all tests of a process ask."""
_SETTINGS: Final = ("paramstyle", "compiler_linting", "label_length", "_json_serializer", "_json_deserializer")
_SEEN: Final = ("server_version_info", "default_schema_name", "max_identifier_length")
"""What a dialect learns of its server at the first connection."""
_state: Final = attrgetter("__class__", *_SETTINGS, *_SEEN)


def compile_once() -> None:
    """From now on, in this process."""
    for kind in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        setattr(kind, "__hash__", _hash)  # noqa: B010  # mypy takes no assignment
        setattr(kind, "__eq__", _is_same)  # noqa: B010
    kept: LRUCache[Any, Any] = LRUCache(KEPT)
    setattr(database, "create_engine", partial(create_engine, execution_options={"compiled_cache": kept}))  # noqa: B010


def _hash(dialect: Dialect) -> int:
    return hash(_state(dialect))


def _is_same(dialect: Dialect, other: object) -> bool:
    return dialect is other or (type(other) is type(dialect) and bool(_state(dialect) == _state(other)))
