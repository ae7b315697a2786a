"""The transport of Parquet files and Delta tables: rows, columns that differ, versions, and changes with deletes."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, write_deltalake

from connectors.base import Connector, Gone, Listed, RawItem, RetryLater, SkipItem, StopSource
from connectors.registry import connector as make
from tests.contracts.connector_contract import ConnectorContract, items_of

ROWS = pa.table({"id": [1, 2, 3], "title": ["卷一", "卷二", None], "year": [1905, None, 1911]})
FED = {"delta.enableChangeDataFeed": "true"}


def put(path: Path, table: pa.Table = ROWS, **options: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path, **options)
    return path


def parquet(path: Path, **settings: Any) -> Connector:
    return make("parquet", {"path": str(path), **settings}, Path("/"))


def told(listing: list[Listed]) -> list[str]:
    return sorted(f"-{entry.key}" if isinstance(entry, Gone) else entry.key for entry in listing)  # type: ignore[union-attr]


class TestParquetFile(ConnectorContract):
    @pytest.fixture
    def connector(self, tmp_path: Path) -> Connector:
        return parquet(put(tmp_path / "a.parquet"), key="id")


class TestParquetFolder(ConnectorContract):
    @pytest.fixture
    def connector(self, tmp_path: Path) -> Connector:
        put(tmp_path / "b.parquet")
        put(tmp_path / "sub" / "a.pq")
        return parquet(tmp_path)


class TestDelta(ConnectorContract):
    @pytest.fixture
    def connector(self, tmp_path: Path) -> Connector:
        write_deltalake(tmp_path / "t", ROWS)
        write_deltalake(tmp_path / "t", pa.table({"id": [4], "title": ["d"], "year": [1]}), mode="append")
        return parquet(tmp_path / "t", key="id")


class TestDeltaWithFeed(ConnectorContract):
    @pytest.fixture
    def connector(self, tmp_path: Path) -> Connector:
        write_deltalake(tmp_path / "t", ROWS, configuration=FED)
        return parquet(tmp_path / "t", key="id")


class TestDeltaWithDeletionVectors(ConnectorContract):
    @pytest.fixture
    def connector(self, tmp_path: Path) -> Connector:
        write_deltalake(tmp_path / "t", ROWS, configuration={"delta.enableDeletionVectors": "true"})
        DeltaTable(tmp_path / "t").delete("id = 2")
        return parquet(tmp_path / "t", key="id")


# Parquet


def test_a_row_is_an_item_with_its_columns_and_as_json(tmp_path: Path) -> None:
    item = items_of(parquet(put(tmp_path / "a.parquet"), key="id"))[1]
    assert (item.key, item.row) == ("2", {"id": 2, "title": "卷二", "year": None})
    with item.open() as stream:
        assert json.loads(stream.read()) == item.row


def test_values_are_what_json_can_say(tmp_path: Path) -> None:
    table = pa.table(
        {
            "day": [dt.date(1905, 1, 2)],
            "moment": pa.array([dt.datetime(2024, 1, 2, 3, tzinfo=dt.UTC)], pa.timestamp("us", "UTC")),
            "fine": pa.array([1704164645123456789], pa.timestamp("ns")),
            "price": [Decimal("12.50")],
            "raw": [b"\xff\x00"],
            "names": [["甲", "乙"]],
            "place": [{"code": "110000", "since": dt.date(1949, 10, 1)}],
            "map": pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64())),
            "word": pa.array(["x"]).dictionary_encode(),
        }
    )
    item = items_of(parquet(put(tmp_path / "a.parquet", table)))[0]
    with item.open() as stream:
        said = json.loads(stream.read())
    assert said["day"] == "1905-01-02"
    assert said["moment"] == "2024-01-02T03:00:00+00:00"
    assert said["fine"] == "2024-01-02T03:04:05.123456"
    assert (said["price"], said["raw"], said["names"], said["word"]) == ("12.50", "ff00", ["甲", "乙"], "x")
    assert said["place"] == {"code": "110000", "since": "1949-10-01"}


def test_without_a_key_a_row_is_known_by_file_and_place(tmp_path: Path) -> None:
    put(tmp_path / "b.parquet", row_group_size=2)
    put(tmp_path / "sub" / "a.parq")
    keys = ["b.parquet#1", "b.parquet#2", "b.parquet#3", "sub/a.parq#1", "sub/a.parq#2", "sub/a.parq#3"]
    assert [item.key for item in items_of(parquet(tmp_path))] == keys


def test_keys_that_come_twice_or_not_at_all(tmp_path: Path) -> None:
    put(tmp_path / "a.parquet", pa.table({"k": ["x", None, "y", "x"]}))
    put(tmp_path / "b.parquet", pa.table({"k": ["x"]}))
    made = parquet(tmp_path, key="k")
    assert [item.key for item in items_of(made)] == ["x", "a.parquet#2", "y", "x~2", "x~3"]
    assert list(made.keys()) == ["x", "a.parquet#2", "y", "x~2", "x~3"]


def test_files_may_have_columns_that_others_lack(tmp_path: Path) -> None:
    put(tmp_path / "a.parquet", pa.table({"id": pa.array([1], pa.int32()), "title": ["a"]}))
    put(tmp_path / "b.parquet", pa.table({"id": pa.array([2], pa.int64()), "holder": ["b"]}))
    assert [item.row for item in items_of(parquet(tmp_path, key="id"))] == [
        {"id": 1, "title": "a", "holder": None},
        {"id": 2, "title": None, "holder": "b"},
    ]


def test_folders_that_name_a_value_are_columns(tmp_path: Path) -> None:
    put(tmp_path / "year=1905/a.parquet", pa.table({"id": [1]}))
    put(tmp_path / "year=1911/a.parquet", pa.table({"id": [2]}))
    assert [item.row for item in items_of(parquet(tmp_path, key="id"))] == [
        {"id": 1, "year": 1905},
        {"id": 2, "year": 1911},
    ]


def test_hidden_files_and_others_are_left_out(tmp_path: Path) -> None:
    put(tmp_path / "in/a.parquet")
    put(tmp_path / "in/_old/b.parquet")
    put(tmp_path / "in/.c.parquet")
    (tmp_path / "in/readme.txt").write_text("text")
    (tmp_path / "in/out.parquet").symlink_to(put(tmp_path / "outside.parquet"))
    assert {item.key.partition("#")[0] for item in items_of(parquet(tmp_path / "in"))} == {"a.parquet"}


def test_marked_rows_are_gone(tmp_path: Path) -> None:
    put(tmp_path / "a.parquet")
    made = parquet(tmp_path, key="id", deleted={"year": [1905, None]})
    assert told(list(made.read(None))) == ["-1", "-2", "3"]
    assert list(made.keys()) == ["3"]
    with pytest.raises(SkipItem):
        made.fetch("1")


@pytest.mark.parametrize(
    "payload", [b"", b"no parquet", b"PAR1" + bytes(100) + b"PAR1"], ids=["empty", "text", "zeros"]
)
def test_a_damaged_file_is_an_item_and_the_listing_incomplete(tmp_path: Path, payload: bytes) -> None:
    put(tmp_path / "a.parquet")
    (tmp_path / "b.parquet").write_bytes(payload)
    made = parquet(tmp_path, key="id")
    items = items_of(made)
    assert [item.key for item in items] == ["1", "2", "3", "b.parquet"]
    assert not made.complete
    with pytest.raises(SkipItem, match=r"b\.parquet' is damaged"):
        items[-1].open()


def test_a_file_damaged_inside_gives_what_can_be_read(tmp_path: Path) -> None:
    path = put(tmp_path / "a.parquet", pa.table({"id": list(range(5000))}), compression="gzip", row_group_size=1000)
    payload = bytearray(path.read_bytes())
    middle = len(payload) // 2
    payload[middle - 200 : middle + 200] = bytes(400)
    path.write_bytes(bytes(payload))
    made = parquet(path, key="id")
    items = items_of(made)
    assert not made.complete
    assert items[-1].key == "a.parquet"
    assert len(items) > 1


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"key": "nope"}, "settings.key names column 'nope'.*there are: id, title, year"),
        ({"deleted": {"nope": [1]}}, "settings.deleted names column 'nope'"),
        ({"format": "delta"}, "a Delta table needs settings.key"),
        ({"format": "delta", "key": "id"}, "cannot be read"),
        ({"format": "csv"}, "'format' of connector parquet is wrong"),
    ],
)
def test_settings_that_cannot_work(tmp_path: Path, settings: dict[str, Any], said: str) -> None:
    put(tmp_path / "a.parquet")
    with pytest.raises(StopSource, match=said) as caught:
        items_of(parquet(tmp_path, **settings))
    assert "\n" not in str(caught.value)


def test_a_folder_without_files_or_none_at_all(tmp_path: Path) -> None:
    with pytest.raises(StopSource, match="no Parquet file"):
        items_of(parquet(tmp_path))
    with pytest.raises(StopSource, match="does not exist"):
        parquet(tmp_path / "nowhere")


def test_types_that_do_not_go_together(tmp_path: Path) -> None:
    put(tmp_path / "a.parquet", pa.table({"id": [1]}))
    put(tmp_path / "b.parquet", pa.table({"id": [["list"]]}))
    with pytest.raises(StopSource, match="do not go together"):
        items_of(parquet(tmp_path, key="id"))


def test_a_file_that_went_away_is_read_later(tmp_path: Path) -> None:
    put(tmp_path / "a.parquet")
    put(tmp_path / "b.parquet")
    listing = parquet(tmp_path, key="id").read(None)
    next(iter(listing))
    (tmp_path / "b.parquet").unlink()
    with pytest.raises(RetryLater, match="went away"):
        list(listing)


# Delta


@pytest.fixture
def fed(tmp_path: Path) -> Path:
    write_deltalake(tmp_path / "t", ROWS, configuration=FED)
    return tmp_path / "t"


def night(path: Path, cursor: str | None) -> tuple[list[str], Connector]:
    made = parquet(path, key="id")
    return told(list(made.read(cursor))), made


def test_a_feed_tells_changes_and_deletes(fed: Path) -> None:
    keys, first = night(fed, None)
    assert (keys, first.complete) == (["1", "2", "3"], True)
    table = DeltaTable(fed)
    table.delete("id = 2")
    table.update(updates={"title": "'neu'"}, predicate="id = 1")
    table.update(updates={"id": "7"}, predicate="id = 3")
    write_deltalake(fed, pa.table({"id": [9], "title": ["x"], "year": [1]}), mode="append")
    keys, second = night(fed, first.next_cursor())
    assert keys == ["-2", "-3", "1", "7", "9"]
    assert not second.complete
    rows = {item.key: item.row for item in items_of(second, first.next_cursor())}
    assert rows["1"] == {"id": 1, "title": "neu", "year": 1905}
    assert rows == {item.key: item.row for item in items_of(parquet(fed, key="id")) if item.key in rows}
    assert night(fed, second.next_cursor())[0] == []


def test_only_the_last_of_several_changes_counts(fed: Path) -> None:
    cursor = night(fed, None)[1].next_cursor()
    table = DeltaTable(fed)
    for title in ("'a'", "'b'", "'c'"):
        table.update(updates={"title": title}, predicate="id = 1")
    table.delete("id = 2")
    write_deltalake(fed, pa.table({"id": [2], "title": ["back"], "year": [1]}), mode="append")
    write_deltalake(fed, pa.table({"id": [5], "title": ["short"], "year": [1]}), mode="append")
    DeltaTable(fed).delete("id = 5")
    made = parquet(fed, key="id")
    listing = list(made.read(cursor))
    assert told(listing) == ["-5", "1", "2"]
    assert {entry.row["title"] for entry in listing if isinstance(entry, RawItem) and entry.row} == {"c", "back"}


def test_an_unchanged_table_is_not_read_again(tmp_path: Path) -> None:
    write_deltalake(tmp_path / "t", ROWS)
    cursor = night(tmp_path / "t", None)[1].next_cursor()
    for file in (tmp_path / "t").glob("*.parquet"):
        file.unlink()
    assert night(tmp_path / "t", cursor)[0] == []


def test_without_a_feed_a_changed_table_is_read_whole(tmp_path: Path) -> None:
    write_deltalake(tmp_path / "t", ROWS)
    cursor = night(tmp_path / "t", None)[1].next_cursor()
    DeltaTable(tmp_path / "t").delete("id = 2")
    keys, made = night(tmp_path / "t", cursor)
    assert (keys, made.complete) == (["1", "3"], True)


def test_another_table_of_the_same_place_is_read_whole(tmp_path: Path, fed: Path) -> None:
    cursor = night(fed, None)[1].next_cursor()
    fed.rename(tmp_path / "old")
    write_deltalake(fed, pa.table({"id": [8], "title": ["x"], "year": [1]}), configuration=FED)
    keys, made = night(fed, cursor)
    assert (keys, made.complete) == (["8"], True)


def test_a_feed_that_was_switched_on_later_is_not_trusted_for_before(tmp_path: Path) -> None:
    write_deltalake(tmp_path / "t", ROWS)
    cursor = night(tmp_path / "t", None)[1].next_cursor()
    DeltaTable(tmp_path / "t").delete("id = 2")
    DeltaTable(tmp_path / "t").alter.set_table_properties(FED)
    keys, made = night(tmp_path / "t", cursor)
    assert (keys, made.complete) == (["1", "3"], True)


@pytest.mark.parametrize("cursor", ["{", "[]", '{"version": "x"}', '{"table": "other", "version": 0, "feed": true}'])
def test_a_cursor_of_something_else_reads_everything(fed: Path, cursor: str) -> None:
    assert night(fed, cursor)[0] == ["1", "2", "3"]


def test_marked_rows_of_a_feed_are_gone(fed: Path) -> None:
    cursor = night(fed, None)[1].next_cursor()
    DeltaTable(fed).update(updates={"year": "-1"}, predicate="id = 1")
    made = parquet(fed, key="id", deleted={"year": [-1]})
    assert told(list(made.read(cursor))) == ["-1"]
