"""The SQL transport on a real PostgreSQL: server-side cursors, connections that break, passwords, and no writing."""

from __future__ import annotations

import re
from itertools import islice
from pathlib import Path

import pytest

from connectors.base import Connector, RawItem, RetryLater, StopSource
from connectors.registry import connector as make
from tests.contracts.connector_contract import ConnectorContract, items_of
from tests.services.postgres_server import PostgresServer

DATABASE = "catalogue"
ROWS = 300_000
SERIES = "select n as id, repeat(n::text, 60) as title from generate_series(1, {}) as n"
GROWTH_MIB = 24
"""Of about 100 MiB that all rows take together."""


PERSONS = """
    create table persons (id integer primary key, name text, born date, seen timestamptz, note bytea, more jsonb);
    insert into persons values
        (1, '查道', '0955-01-01', '2024-01-01T00:00:00Z', '\\xff00', '{"title": "進士"}'),
        (2, '張載', null, '2024-02-01T00:00:00Z', null, null),
        (10, 'x''); drop table persons; --', '1020-03-05', '2024-03-01T00:00:00Z', 'text', '[1, 2.5]');
    create schema other;
    create table other.persons (code text primary key);
    insert into other.persons values ('a')
"""
OTHERS = f"from pg_stat_activity where datname = '{DATABASE}' and pid <> pg_backend_pid()"


@pytest.fixture(scope="module")
def _url(_postgres: PostgresServer) -> str:
    _postgres.start()
    address = _postgres.url(DATABASE)
    _postgres.execute(DATABASE, PERSONS)
    return address


@pytest.fixture
def url(postgres: PostgresServer, _url: str) -> str:
    """A database with some persons, on a server that is up."""
    return _url


def source(url: str, **settings: str) -> Connector:
    return make("sql", {"url": url, **settings}, Path("/"))


class TestPostgres(ConnectorContract):
    @pytest.fixture
    def connector(self, url: str) -> Connector:
        return source(url, table="persons")


class TestPostgresWithCursor(ConnectorContract):
    @pytest.fixture
    def connector(self, url: str) -> Connector:
        return source(url, table="persons", changed="seen")


def test_values_are_what_json_can_say(url: str) -> None:
    found = items_of(source(url, table="persons"))
    assert [item.key for item in found] == ["1", "2", "10"]
    assert found[0].row is not None and found[2].row is not None
    assert {name: found[0].row[name] for name in ("born", "note", "more")} == {
        "born": "0955-01-01",
        "note": "ff00",
        "more": {"title": "進士"},
    }
    assert (found[2].row["note"], found[2].row["more"]) == ("text", [1, 2.5])


def test_a_table_of_another_schema(url: str) -> None:
    assert [item.key for item in items_of(source(url, table="other.persons"))] == ["a"]


def test_rows_changed_since_the_last_run_are_read_again(url: str, postgres: PostgresServer) -> None:
    made = source(url, table="persons", changed="seen")
    assert len(items_of(made)) == 3
    cursor = made.next_cursor()
    postgres.execute(DATABASE, "update persons set seen = '2025-01-01T00:00:00Z' where id = 2")
    assert {item.key for item in items_of(source(url, table="persons", changed="seen"), cursor)} == {"2", "10"}


def memory_mib() -> float:
    """What this process holds now."""
    found = re.search(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text())
    assert found
    return int(found[1]) / 1024


@pytest.mark.slow
def test_rows_come_from_a_cursor_of_the_server(url: str, postgres: PostgresServer) -> None:
    listing = source(url, query=SERIES.format(ROWS), key="id").read(None)
    rows = (entry for entry in listing if isinstance(entry, RawItem))
    assert len(list(islice(rows, 2_000))) == 2_000
    before = memory_mib()
    doing = postgres.execute(DATABASE, f"select query {OTHERS}")
    assert doing and doing[0][0].startswith("FETCH FORWARD")
    assert sum(1 for _ in rows) == ROWS - 2_000
    assert memory_mib() - before < GROWTH_MIB


@pytest.fixture
def series(url: str) -> Connector:
    """A source of more rows than are fetched at once."""
    return source(url, query=SERIES.format(5_000), key="id")


def test_a_connection_that_is_dropped_in_the_middle_says_later(series: Connector, postgres: PostgresServer) -> None:
    rows = iter(series.read(None))
    assert isinstance(next(rows), RawItem)
    assert postgres.execute(DATABASE, f"select pg_terminate_backend(pid) {OTHERS}") == [(True,)]
    with pytest.raises(RetryLater, match="terminating connection") as caught:
        list(rows)
    assert "\n" not in str(caught.value) and postgres.password not in str(caught.value)
    assert len(items_of(series)) == 5_000


def test_a_server_killed_in_the_middle_says_later_and_is_read_when_it_is_back(
    series: Connector, postgres: PostgresServer
) -> None:
    rows = iter(series.read(None))
    assert isinstance(next(rows), RawItem)
    postgres.kill()
    with pytest.raises(RetryLater):
        list(rows)
    with pytest.raises(RetryLater, match="refused"):
        items_of(series)
    postgres.start()
    assert len(items_of(series)) == 5_000


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (PostgresServer.password, "hunter2", "authentication failed"),
        (f"/{DATABASE}", "/nowhere", "does not exist"),
        (f"//{PostgresServer.user}", "//nobody", "authentication failed"),
    ],
)
def test_what_waiting_does_not_help_stops_the_source(url: str, old: str, new: str, said: str) -> None:
    with pytest.raises(StopSource, match=said) as caught:
        items_of(source(url.replace(old, new), table="persons"))
    assert "\n" not in str(caught.value)
    assert "hunter2" not in str(caught.value) and PostgresServer.password not in str(caught.value)


def test_nothing_is_ever_written(url: str, postgres: PostgresServer) -> None:
    postgres.execute(
        DATABASE,
        """create function sly() returns integer language plpgsql as
        $$ begin delete from persons; return 1; end $$""",
    )
    with pytest.raises(StopSource, match="read-only"):
        items_of(source(url, query="select sly() as id", key="id"))
    assert postgres.execute(DATABASE, "select count(*) from persons") == [(3,)]


def test_a_table_one_may_not_read_stops_the_source(url: str, postgres: PostgresServer) -> None:
    postgres.execute(DATABASE, "drop role if exists guest; create role guest login password 'guest'")
    guest = url.replace(f"{PostgresServer.user}:{PostgresServer.password}", "guest:guest")
    with pytest.raises(StopSource, match=r"permission denied.*rights"):
        items_of(source(guest, table="persons"))
