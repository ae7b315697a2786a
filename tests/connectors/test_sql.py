"""The SQL transport on SQLite: rows, cursors, read-only, and settings that cannot work."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from connectors.base import Connector, SkipItem, StopSource
from connectors.registry import connector as make
from tests.contracts.connector_contract import ConnectorContract, items_of

ROWS = [
    (1, "查道", 955, "2024-01-01"),
    (2, "張載", None, "2024-02-01"),
    (3, "x'); drop table persons; --", 1020, "2024-03-01"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with sqlite3.connect(tmp_path / "people.db") as database:
        database.execute('create table persons (id integer primary key, name text, "born year" integer, seen text)')
        database.executemany("insert into persons values (?, ?, ?, ?)", ROWS)
        database.execute('create table "odd ""name" (k text, v blob)')
        database.executemany(
            'insert into "odd ""name" values (?, ?)', [("a", b"\xff\x00"), ("a", b"text"), (None, None)]
        )
    return tmp_path


def people(folder: Path, **settings: str) -> Connector:
    return make("sql", {"url": "sqlite:///people.db", **settings}, folder)


class TestSql(ConnectorContract):
    @pytest.fixture
    def connector(self, folder: Path) -> Connector:
        return people(folder, table="persons")


class TestSqlWithCursor(ConnectorContract):
    @pytest.fixture
    def connector(self, folder: Path) -> Connector:
        return people(folder, table="persons", changed="seen")


def test_a_row_is_an_item_with_its_columns_and_as_json(folder: Path) -> None:
    item = items_of(people(folder, table="persons"))[0]
    assert item.key == "1"
    assert item.row == {"id": 1, "name": "查道", "born year": 955, "seen": "2024-01-01"}
    with item.open() as stream:
        assert json.loads(stream.read()) == item.row


def test_a_query_gives_its_columns(folder: Path) -> None:
    made = people(folder, query="select id, name || ':' || \"born year\" as label from persons;", key="id")
    assert items_of(made)[0].row == {"id": 1, "label": "查道:955"}


def test_only_rows_since_the_cursor_are_read_again(folder: Path) -> None:
    made = people(folder, table="persons", changed="seen")
    assert not made.complete
    assert len(items_of(made)) == 3
    cursor = made.next_cursor()
    with sqlite3.connect(folder / "people.db") as database:
        database.execute("insert into persons values (4, '歐陽修', 1007, '2024-04-01')")
    later = people(folder, table="persons", changed="seen")
    assert [item.key for item in later.read(cursor)] == ["3", "4"]
    again = people(folder, table="persons", changed="seen")
    assert [item.key for item in again.read(later.next_cursor())] == ["4"]


def test_two_rows_with_one_key_are_told_apart_and_bytes_are_text(folder: Path) -> None:
    found = items_of(people(folder, table='odd "name', key="k"))
    assert sorted(item.key for item in found) == ["#row-1", "a", "a~2"]
    assert {item.row["v"] for item in found if item.row} == {None, "ff00", "text"}


def test_nothing_is_ever_written(folder: Path) -> None:
    before = (folder / "people.db").read_bytes()
    items_of(people(folder, table="persons"))
    with pytest.raises(StopSource):
        items_of(people(folder, query="with gone as (select 1) delete from persons", key="id"))
    assert (folder / "people.db").read_bytes() == before


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"table": "nope"}, "there is no table 'nope'.*persons"),
        ({"table": "persons", "key": "nope"}, "settings.key names column 'nope'.*born year"),
        ({"table": "persons", "changed": "nope"}, "settings.changed names column 'nope'"),
        ({"table": 'odd "name'}, "no primary key of one column"),
        ({"table": "persons", "query": "select 1"}, "either table or query"),
        ({}, "either table or query"),
        ({"query": "delete from persons", "key": "id"}, "one SELECT"),
        ({"query": "select 1; drop table persons", "key": "id"}, "one SELECT"),
        ({"query": "select * from persons"}, "needs key"),
        ({"query": "select nonsense", "key": "id"}, "no such column"),
        ({"query": "select * from persons", "key": "nope"}, "settings.key names column 'nope'"),
        ({"tabel": "persons"}, "'tabel' is not known.*did you mean 'table'"),
        ({"table": "persons", "url": "sqlite:///nowhere.db"}, "no SQLite file"),
        ({"table": "persons", "url": "sqlite://"}, "no SQLite file"),
        ({"table": "persons", "url": "not an address"}, "not a database address"),
        ({"table": "persons", "url": "mysql+nodriver://h/d"}, "driver"),
        ({"table": "persons", "url": ""}, "'url' of connector sql is wrong"),
    ],
)
def test_settings_that_cannot_work_stop_the_source_in_one_sentence(
    folder: Path, settings: dict[str, str], said: str
) -> None:
    with pytest.raises(StopSource, match=said) as caught:
        items_of(people(folder, **settings))
    assert "\n" not in str(caught.value)


def test_a_password_is_never_in_a_message(folder: Path) -> None:
    with pytest.raises(StopSource) as caught:
        people(folder, url="postgresql+nodriver://me:hunter2@h/d", table="t")
    assert "hunter2" not in str(caught.value)


def test_a_file_that_is_no_database_stops_the_source(folder: Path) -> None:
    (folder / "text.db").write_text("this is not a database file, it is text. " * 50)
    with pytest.raises(StopSource, match="not a database"):
        items_of(people(folder, url="sqlite:///text.db", table="persons"))


def test_a_broken_cursor_is_said(folder: Path) -> None:
    with pytest.raises(StopSource, match="--full"):
        list(people(folder, table="persons", changed="seen").read("{"))


def test_fetch_of_a_missing_row(folder: Path) -> None:
    with pytest.raises(SkipItem, match="no row"):
        people(folder, table="persons").fetch("99")


@pytest.mark.corpus
def test_all_rows_of_a_real_database(corpus: Path) -> None:
    made = make("sql", {"url": "sqlite:///cbdb_persons.sqlite", "table": "person"}, corpus / "thematic/cbdb-persons")
    assert sum(1 for _ in made.read(None)) == 79_270
