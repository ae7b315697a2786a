"""One run of a source at a time: the same promises beside SQLite and beside PostgreSQL."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.errors import WorkspaceLocked
from pipelines.lock import locks_of, sources_locked
from tests.services.postgres_server import PostgresServer

HOLD = """
import sys
from pathlib import Path
from pipelines.lock import locks_of, sources_locked
with sources_locked(locks_of(sys.argv[1], Path(sys.argv[2])), ["east", "west"]):
    print("held", flush=True)
    sys.stdin.read()
"""


class LocksContract:
    def test_a_second_run_of_a_source_is_refused_until_the_first_is_dead(self, database: str, tmp_path: Path) -> None:
        locks = locks_of(database, tmp_path)
        with subprocess.Popen(
            [sys.executable, "-c", HOLD, database, str(tmp_path)],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as other:
            assert other.stdout is not None
            other.stdout.readline()
            with pytest.raises(WorkspaceLocked, match="source east"), sources_locked(locks, ["east", "north"]):
                pass
            with sources_locked(locks, ["north"]):
                pass
            other.send_signal(signal.SIGKILL)
        with locks.wait("source east"), locks.wait("source west"):
            pass

    def test_it_is_let_go(self, database: str, tmp_path: Path) -> None:
        locks = locks_of(database, tmp_path)
        for _ in range(2):
            with sources_locked(locks, ["east"]), locks.wait("store"):
                pass


class TestBesideSqlite(LocksContract):
    @pytest.fixture
    def database(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path / 'desk.db'}"

    def test_who_works_is_named(self, database: str, tmp_path: Path) -> None:
        locks = locks_of(database, tmp_path)
        with (
            sources_locked(locks, ["east"]),
            pytest.raises(WorkspaceLocked, match="process "),
            locks.take("source east"),
        ):
            pass


def test_a_night_is_not_lost_when_the_database_is_down(tmp_path: Path) -> None:
    locks = locks_of("postgresql+psycopg://desk:secret@127.0.0.1:1/desk", tmp_path)
    with sources_locked(locks, ["east"]), locks.wait("store"), pytest.raises(WorkspaceLocked):
        locks.take("source east").__enter__()


class TestBesidePostgres(LocksContract):
    @pytest.fixture
    def database(self, postgres: PostgresServer) -> str:
        return postgres.url("locks")
