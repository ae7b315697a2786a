"""The SQL transport on SQLite: rows, cursors, read-only, and settings that cannot work."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from connectors import sql
from connectors.base import Checkpoint, Connector, Gone, Listed, RawItem, RetryLater, SkipItem, StopSource
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


def people(folder: Path, **settings: Any) -> Connector:
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


# Night after night


@pytest.fixture
def change(folder: Path) -> Any:
    """Runs a statement on the database."""

    def changed(statement: str, *values: object) -> None:
        with sqlite3.connect(folder / "people.db") as database:
            database.execute(statement, values)

    return changed


def told(listing: list[Listed]) -> list[str]:
    return [f"-{entry.key}" if isinstance(entry, Gone) else entry.key for entry in listing if not _is_place(entry)]


def _is_place(entry: Listed) -> bool:
    return isinstance(entry, Checkpoint)


def test_the_first_run_by_a_column_is_complete_and_the_next_reads_what_changed(folder: Path, change: Any) -> None:
    made = people(folder, table="persons", changed="seen")
    assert told(list(made.read(None))) == ["1", "2", "3"]
    assert made.complete
    change("update persons set name = 'x', seen = '2024-04-01' where id = 1")
    assert told(list(made.read(made.next_cursor()))) == ["3", "1"]
    assert not made.complete
    assert told(list(made.read(made.next_cursor()))) == ["1"]


def test_rows_without_a_value_in_the_column_are_always_read(folder: Path, change: Any) -> None:
    change("insert into persons values (9, 'never seen', null, null)")
    made = people(folder, table="persons", changed="seen")
    assert told(list(made.read(None))) == ["9", "1", "2", "3"]
    assert told(list(made.read(made.next_cursor()))) == ["9", "3"]


def test_a_table_whose_rows_all_lack_a_value_is_read_as_a_whole(folder: Path, change: Any) -> None:
    change("update persons set seen = null")
    made = people(folder, table="persons", changed="seen")
    items_of(made)
    assert made.next_cursor() is None
    assert made.complete


@pytest.mark.parametrize(
    "statement",
    ["update persons set seen = '2020-01-01' where id = 3", "delete from persons where id = 3"],
    ids=["a clock that went back", "the newest row is gone"],
)
def test_a_column_that_went_back_reads_everything(folder: Path, change: Any, statement: str) -> None:
    made = people(folder, table="persons", changed="seen")
    items_of(made)
    cursor = made.next_cursor()
    change(statement)
    assert {"1", "2"} <= set(told(list(made.read(cursor))))
    assert made.complete


def test_a_time_in_the_future_hides_nothing_that_comes_before_it(folder: Path, change: Any) -> None:
    today = dt.datetime.now(dt.UTC)
    change("update persons set seen = '9999-01-01' where id = 3")
    made = people(folder, table="persons", changed="seen")
    items_of(made)
    stamp = (today + dt.timedelta(days=2)).date().isoformat()
    change("update persons set seen = ? where id = 1", stamp)
    assert told(list(made.read(made.next_cursor()))) == ["1", "3"]


def test_a_key_that_comes_twice_cannot_be_read_by_a_column(folder: Path) -> None:
    with pytest.raises(StopSource, match=r"does not tell rows apart .* is in several"):
        items_of(people(folder, table='odd "name', key="k", changed="v"))


@pytest.mark.parametrize(
    "settings", [{"table": "persons"}, {"table": "persons", "changed": "seen"}, {"table": "many", "key": "k"}]
)
def test_a_run_that_was_killed_goes_on_where_it_was(
    folder: Path, change: Any, settings: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql, "_BATCH", 2)
    change("create table many (k text, v integer)")
    for number, key in enumerate(["b", None, "a", "b", "b", "c", None, "d"]):
        change("insert into many values (?, ?)", key, number)
    change("insert into persons select id + 10, name, 0, seen from persons")
    listing = list(people(folder, **settings).read(None))
    places = [at for at, entry in enumerate(listing) if isinstance(entry, Checkpoint)]
    assert places
    for at in places:
        made = people(folder, **settings)
        after = told(list(made.read(listing[at].cursor)))  # type: ignore[union-attr]
        assert set(told(listing[at:])) <= set(after)
        assert len(after) < len(told(listing))
        assert not made.complete


def test_a_cursor_of_other_settings_is_none(folder: Path) -> None:
    made = people(folder, table="persons", changed="seen")
    items_of(made)
    other = people(folder, query="select * from persons", key="id", changed="seen")
    assert len(items_of(other, made.next_cursor())) == 3


@pytest.mark.parametrize(
    "value",
    [
        dt.datetime(2024, 1, 2, 3, 4, 5, 678901, dt.UTC),
        dt.datetime(2024, 1, 2),
        dt.date(2024, 1, 2),
        Decimal("12.50"),
        UUID("12345678-1234-5678-1234-567812345678"),
        b"\x00\xff",
        "卷一",
        7,
        1.5,
    ],
    ids=str,
)
def test_a_cursor_keeps_values_as_they_are(value: Any) -> None:
    place = sql.Place(value, value)
    assert sql._place(place.cursor("of"), "of") == place


@pytest.mark.parametrize(
    "cursor",
    ["{", '{"of": "%s", "changed": 3}', '{"of": "%s", "changed": ["date", "x"]}', '{"of": "%s", "x": ["plain", 1]}'],
)
def test_a_cursor_that_cannot_be_read_is_said(folder: Path, cursor: str) -> None:
    made = people(folder, table="persons", changed="seen")
    with pytest.raises(StopSource, match="--full"):
        list(made.read(cursor.replace("%s", vars(made)["_of"])))


# Rows that are marked as deleted


def test_a_marked_row_is_gone(folder: Path, change: Any) -> None:
    change("alter table persons add column status text")
    change("update persons set status = 'Withdrawn' where id = 2")
    made = people(folder, table="persons", deleted={"status": ["withdrawn", "draft"]})
    assert told(list(made.read(None))) == ["1", "-2", "3"]
    assert list(made.keys()) == ["1", "3"]
    with pytest.raises(SkipItem):
        made.fetch("2")


def test_a_column_of_marks_that_is_not_there_stops_the_source(folder: Path) -> None:
    with pytest.raises(StopSource, match=r"settings\.deleted names column 'gone'"):
        items_of(people(folder, table="persons", deleted={"gone": [True]}))


def test_keys_are_those_of_the_rows_also_when_they_come_twice_or_not_at_all(folder: Path) -> None:
    made = people(folder, table='odd "name', key="k")
    assert list(made.keys()) == told(list(made.read(None))) == ["#row-1", "a", "a~2"]


def test_every_row_is_fetched_by_its_key(folder: Path) -> None:
    made = people(folder, table='odd "name', key="k")
    for item in items_of(made):
        with made.fetch(item.key) as fetched, item.open() as listed:
            assert fetched.read() == listed.read()


def test_a_file_that_is_being_written_is_read_later(folder: Path) -> None:
    writer = sqlite3.connect(folder / "people.db", isolation_level=None)
    writer.execute("begin exclusive")
    with pytest.raises(RetryLater, match="locked"):
        items_of(people(folder, table="persons"))
    writer.close()


@pytest.mark.corpus
def test_all_rows_of_a_real_database(corpus: Path) -> None:
    made = make("sql", {"url": "sqlite:///cbdb_persons.sqlite", "table": "person"}, corpus / "thematic/cbdb-persons")
    assert sum(isinstance(entry, RawItem) for entry in made.read(None)) == 79_270
