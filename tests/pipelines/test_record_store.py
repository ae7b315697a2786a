"""The record store: what is current, what is committed, what is read."""

from __future__ import annotations

from pathlib import Path

import pytest
from deltalake import DeltaTable, write_deltalake

from mappings.record import Copy, Page, Record, checksum, encode
from pipelines.errors import StoreUnusable
from pipelines.files import files_at
from pipelines.record_store import RecordStore, RowKind
from tests.pipelines.conftest import Place


@pytest.fixture
def store(place: Place) -> RecordStore:
    return place.store()


def put(
    store: RecordStore, *ids: str, kind: RowKind = "record", source: str = "east", action: str = "index"
) -> int | None:
    with store.begin("run") as commit:
        columns = {"source_id": list(ids), "item": [f"{one}.xml" for one in ids], "action": [action] * len(ids)}
        texts = [encode(Record(one, f"Title of {one}, version {commit.version}")) for one in ids]
        commit.add(kind, columns | {"record": texts, "checksum": [checksum(text) for text in texts]}, source)
        return commit.commit()


def current(store: RecordStore, **where: object) -> list[tuple[str, int]]:
    table = store.current("record", ["source_id", "version"], **where)  # type: ignore[arg-type]
    return list(zip(table["source_id"].to_pylist(), table["version"].to_pylist(), strict=True))


def test_an_empty_store(store: RecordStore) -> None:
    assert store.version == -1
    assert current(store) == []
    assert store.get("east", "1") is None


def test_the_newest_row_of_each_key_is_current(store: RecordStore) -> None:
    put(store, "1", "2", "3")
    put(store, "2")
    put(store, "3", action="delete")
    put(store, "2", source="west")
    assert current(store) == [("1", 0), ("2", 1), ("2", 3)]
    assert current(store, source="east", items=["2.xml"]) == [("2", 1)]


def test_rows_after_a_version(store: RecordStore) -> None:
    put(store, "1", "2")
    put(store, "1")
    assert store.rows("record", ["source_id"], after=0)["source_id"].to_pylist() == ["1"]
    assert [table["source_id"].to_pylist() for table in store.newest_groups("record", ["source_id"])] == [["2"], ["1"]]


def test_what_is_not_committed_is_not_there(store: RecordStore, place: Place) -> None:
    put(store, "1")
    with store.begin("run") as commit:
        commit.add("record", {"source_id": ["2"], "action": ["index"]}, "east")
    store.refresh()
    assert current(store) == [("1", 0)]
    assert len(place.files()) == 1


def test_a_commit_of_nothing_makes_no_version(store: RecordStore) -> None:
    put(store, "1")
    with store.begin("run") as commit:
        commit.add("record", {"source_id": [], "action": []}, "east")
        assert commit.commit() is None
    assert store.version == 0


def test_another_reader_sees_whole_commits(store: RecordStore, place: Place) -> None:
    reader = place.store()
    put(store, "1")
    assert current(reader) == []
    reader.refresh()
    assert current(reader) == [("1", 0)]


def test_two_writers_side_by_side_both_arrive(store: RecordStore, place: Place) -> None:
    put(store, "1")
    other = place.store()
    with store.begin("run") as ours, other.begin("run") as theirs:
        for commit, source_id in ((ours, "2"), (theirs, "3")):
            columns = {"source_id": [source_id], "action": ["index"], "since": [commit.version]}
            commit.add("record", columns, f"s{source_id}")
        assert theirs.commit() == 1
        assert ours.commit() == 2
    rows = store.rows("record", ["version", "source_id", "since"], after=0)
    assert rows.to_pylist() == [
        {"version": 1, "source_id": "3", "since": 1},
        {"version": 2, "source_id": "2", "since": 2},
    ]
    assert store.version == 2
    assert [path.partition("/")[0] for path in place.files()] == ["kind=record"] * 3


def test_a_writer_who_knows_of_no_lock_overtakes_nobody(store: RecordStore, place: Place) -> None:
    """Another machine commits after we looked at the store: our rows are written again under the next version."""
    put(store, "1")
    other = place.store()
    with store.begin("run") as ours, store.writing():
        ours.add("record", {"source_id": ["2"], "action": ["index"], "since": [ours.version]}, "east")
        assert put(other, "3") == 1
        assert ours.commit() == 2
    rows = other_rows(place)
    assert rows == [("1", 0, None), ("3", 1, None), ("2", 2, 2)]
    assert len(place.files()) == 3


def other_rows(place: Place) -> list[tuple[str, int, int | None]]:
    """What another process reads: id, version, since."""
    table = place.store().rows("record", ["source_id", "version", "since"])
    return [(row["source_id"], row["version"], row["since"]) for row in table.to_pylist()]


def test_two_first_commits_both_arrive(place: Place) -> None:
    one, other = place.store(), place.store()
    with one.begin("run") as ours, other.begin("run") as theirs:
        for commit, source_id in ((ours, "1"), (theirs, "2")):
            commit.add("record", {"source_id": [source_id], "action": ["index"]}, "east")
        with one.writing(), other.writing():
            assert (theirs.commit(), ours.commit()) == (0, 1)
    assert [row[:2] for row in other_rows(place)] == [("2", 0), ("1", 1)]


def test_pages_come_back_in_their_copies(store: RecordStore) -> None:
    copies = (Copy(title="first", page_count=2), Copy(title="second", page_count=1))
    pages = [(1, 0, "one"), (2, 0, "two"), (3, 1, "three")]
    with store.begin("run") as commit:
        columns = {"source_id": ["v"], "action": ["index"], "record": [encode(Record("v", "Volume", copies=copies))]}
        commit.add("record", columns, "scans")
        for number, copy, text in pages:
            row = {"source_id": ["v"], "action": ["index"], "page": [number], "copy": [copy]}
            commit.add("page", row | {"record": [encode(Page(number, text))]}, "scans")
        commit.commit()
    record = store.get("scans", "v")
    assert record is not None
    assert [[page.text for page in copy.pages] for copy in record.copies] == [["one", "two"], ["three"]]


def test_any_delta_reader_understands_it(store: RecordStore, place: Place) -> None:
    put(store, "1")
    files = files_at(place.at, None)
    table = DeltaTable(files.address, storage_options=files.options)
    assert {"kind", "source", "source_id", "record"} <= {field.name for field in table.schema().fields}
    assert table.to_pyarrow_table(columns=["kind", "source_id"]).to_pylist() == [{"kind": "record", "source_id": "1"}]


def test_a_table_of_somebody_else_is_refused(tmp_path: Path) -> None:
    import pyarrow as pa

    write_deltalake(tmp_path / "other", pa.table({"x": [1]}))
    with pytest.raises(StoreUnusable, match="not a record store"):
        RecordStore(tmp_path / "other")
