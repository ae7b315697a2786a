"""Locks of a PostgreSQL database, for runs on several machines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

import sqlalchemy as sa
import structlog

from pipelines.lock import FileLocks, locked

_log = structlog.get_logger(__name__)


class DatabaseLocks:
    """Advisory locks of a PostgreSQL database, each on a connection of its own: the server drops them with it.

    A night is not lost because the desk's database is down: then this machine's own locks hold, and whoever writes the
    store from another machine at the same time is refused by Delta.
    """

    def __init__(self, database: str, otherwise: FileLocks) -> None:
        self._url, self._otherwise = sa.make_url(database), otherwise

    @contextmanager
    def take(self, name: str) -> Iterator[None]:
        with self._connected() as connection:
            if connection is None:
                with self._otherwise.take(name):
                    yield
            elif connection.scalar(sa.select(sa.func.pg_try_advisory_lock(_number(name)))):
                yield
            else:
                raise locked(name, self._url.render_as_string(hide_password=True), "")

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
