"""PostgreSQL, which refuses to run as root: then it runs as its own user, or as nobody."""

from __future__ import annotations

import os
import pwd
import subprocess
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql

from tests.services.server import NotThere, Server, free_port

QUICK: Final = tuple(
    f"--{setting}" for setting in ("full_page_writes=off", "wal_level=minimal", "max_wal_senders=0", "autovacuum=off")
)
"""Nobody replicates, lives long, or pulls the plug of the machine: it is processes that are killed here."""


class PostgresServer(Server):
    """Listens on a port of this machine and on a socket in its folder. The user may do anything; passwords are asked
    for.
    """

    user = "keeper"
    password = "only-for-tests"

    def __init__(self) -> None:
        self._programs = _programs()
        super().__init__()
        self._port = free_port()
        self._data = self.folder / "data"
        self._make()

    def command(self) -> list[str]:
        listen = ["-h", "127.0.0.1", "-p", str(self._port), "-k", str(self.folder)]
        return [str(self._programs / "postgres"), "-D", str(self._data), "-F", *listen, *QUICK]

    def options(self) -> dict[str, Any]:
        return _as_nobody_special()

    def is_up(self) -> bool:
        try:
            self.connected("postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def url(self, database: str) -> str:
        """The SQLAlchemy address of a new, empty database; one of that name is dropped before."""
        return self._made(database, sql.SQL("create database {}"))

    def copy(self, template: str, database: str) -> str:
        """The same, of a copy of another database, to which nobody may be connected."""
        like = sql.SQL("create database {} template {} strategy file_copy")
        return self._made(database, like, sql.Identifier(template))

    def drop(self, database: str) -> None:
        """The database is no more, whoever is connected to it."""
        with self.connected("postgres") as connection:
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(database)))

    def _made(self, database: str, statement: sql.SQL, *more: sql.Identifier) -> str:
        self.drop(database)
        with self.connected("postgres") as connection:
            connection.execute(statement.format(sql.Identifier(database), *more))
        return self.address(database)

    def address(self, database: str) -> str:
        """The SQLAlchemy address of a database."""
        return f"postgresql+psycopg://{self.user}:{self.password}@127.0.0.1:{self._port}/{database}"

    def rename(self, database: str, name: str) -> None:
        """A database is called otherwise from now on; whoever is connected to it is not any more."""
        rename = sql.SQL("alter database {} rename to {}").format(sql.Identifier(database), sql.Identifier(name))
        leave = "select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = %s"
        with self.connected("postgres") as connection:
            connection.execute(sql.SQL("alter database {} allow_connections false").format(sql.Identifier(database)))
            connection.execute(leave, (database,))
            connection.execute(rename)
            connection.execute(sql.SQL("alter database {} allow_connections true").format(sql.Identifier(name)))

    def execute(self, database: str, statement: str) -> list[tuple[Any, ...]]:
        """The rows of a statement, which is committed."""
        with self.connected(database) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def connected(self, database: str) -> psycopg.Connection[tuple[Any, ...]]:
        """A connection on which each statement is committed."""
        return psycopg.connect(
            host="127.0.0.1",
            port=self._port,
            user=self.user,
            password=self.password,
            dbname=database,
            autocommit=True,
            connect_timeout=5,
        )

    def _make(self) -> None:
        """An empty cluster, owned by whoever runs it."""
        secret = self.folder / "password"
        secret.write_text(self.password)
        options = _as_nobody_special()
        if options:
            for path in (self.folder, secret):
                os.chown(path, options["user"], options["group"])
        program, like = str(self._programs / "initdb"), ["-E", "UTF8", "--locale=C", "--no-sync", "-A", "scram-sha-256"]
        command = [program, "-D", str(self._data), "-U", self.user, f"--pwfile={secret}", *like]
        subprocess.run(command, check=True, capture_output=True, cwd=self.folder, **options)


def _as_nobody_special() -> dict[str, Any]:
    """What makes a child another user when we are root, for `subprocess`."""
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = known.get("postgres") or known["nobody"]
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _programs() -> Path:
    """The programs of the newest PostgreSQL that Debian installed. Raises NotThere."""
    found = [place.parent for place in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if not found:
        raise NotThere("the tests need PostgreSQL; install it with: apt-get install postgresql")
    return max(found, key=lambda place: [int(part) for part in place.parent.name.split(".")])
