"""The end of a night: small files become one, what nobody needs is dropped, and no reader notices."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from pipelines import tidying
from pipelines.record_store import RecordStore
from pipelines.tidying import tidy
from tests.pipelines.conftest import House, finding_aid
from tests.pipelines.test_record_store import current, put

WEEK = 7 * 86_400


@pytest.fixture
def store(tmp_path: Path) -> RecordStore:
    return RecordStore(tmp_path / "records")


def files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.parquet"))


def age(path: Path, seconds: float) -> None:
    os.utime(path, (time.time() - seconds,) * 2)


def nights(store: RecordStore, count: int) -> None:
    for number in range(count):
        put(store, str(number % 4), "x")


def test_small_files_are_put_together(store: RecordStore, tmp_path: Path) -> None:
    nights(store, tidying.SMALL_FILES)
    before, rows = current(store), store.rows("record", ["version", "source_id"]).to_pylist()
    tidy(store)
    assert store.files().num_rows == 1
    assert (sorted(current(store)), store.rows("record", ["version", "source_id"]).to_pylist()) == (
        sorted(before),
        rows,
    )
    assert put(store, "9") == store.version
    assert store.rows("record", ["source_id"], after=tidying.SMALL_FILES)["source_id"].to_pylist() == ["9"]


def test_few_files_are_left_alone_and_cost_no_version(store: RecordStore) -> None:
    nights(store, tidying.SMALL_FILES - 1)
    version = store.version
    tidy(store)
    assert (store.version, store.files().num_rows) == (version, tidying.SMALL_FILES - 1)


def test_large_files_are_left_alone(store: RecordStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tidying, "SMALL_BYTES", 10)
    nights(store, tidying.SMALL_FILES)
    tidy(store)
    assert store.files().num_rows == tidying.SMALL_FILES


def test_a_reader_under_way_goes_on(store: RecordStore, tmp_path: Path) -> None:
    nights(store, tidying.SMALL_FILES)
    reader = RecordStore(tmp_path / "records")
    groups = reader.row_groups("record", ["source_id"])
    seen = [next(groups)]
    tidy(store)
    assert sum(table.num_rows for table in [*seen, *groups]) == 2 * tidying.SMALL_FILES
    assert sorted(current(reader)) == sorted(current(store))


def test_what_was_put_together_is_dropped_after_a_week(
    store: RecordStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nights(store, tidying.SMALL_FILES)
    long_ago = time.time() - WEEK - 3600
    with monkeypatch.context() as patch:
        patch.setattr(tidying, "RETENTION_HOURS", WEEK // 3600 + 2)
        patch.setattr(time, "time", lambda: long_ago)
        tidy(store)
        assert len(files(tmp_path)) == tidying.SMALL_FILES + 1
    for file in files(tmp_path):
        age(file, WEEK + 3600)
    tidy(store)
    assert len(files(tmp_path)) == 1
    assert len(current(store)) == 5


def test_files_of_a_killed_run_stay_for_a_week(store: RecordStore, tmp_path: Path) -> None:
    put(store, "1")
    young, old = tmp_path / "records/kind=record/young.parquet", tmp_path / "records/kind=record/old.parquet"
    for orphan in (young, old):
        orphan.write_bytes(b"half a file")
    age(old, WEEK + 3600)
    age(young, WEEK - 3600)
    tidy(store)
    assert (young.exists(), old.exists()) == (True, False)
    assert current(store) == [("1", 0)]
    version = store.version
    tidy(store)
    assert store.version == version


def test_files_of_the_table_stay_however_old(store: RecordStore, tmp_path: Path) -> None:
    put(store, "1")
    for file in files(tmp_path):
        age(file, 2 * WEEK)
    tidy(store)
    assert current(store) == [("1", 0)]


def test_a_killed_tidying_changes_nothing(store: RecordStore, monkeypatch: pytest.MonkeyPatch) -> None:
    nights(store, tidying.SMALL_FILES)
    before = current(store)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(RecordStore, "publish", _killed)
        tidy(store)
    store.refresh()
    assert (current(store), store.files().num_rows) == (before, tidying.SMALL_FILES)
    tidy(store)
    assert sorted(current(store)) == sorted(before)


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_many_nights_leave_few_files_and_the_same_answers(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tidying, "SMALL_FILES", 4)
    for night in range(9):
        house.write("aids/a.xml", finding_aid([("J1-1-1", f"Railway {night}"), ("J1-1-2", "Harbour")]))
        house.sync()
    by_kind = house.store.files()["partition.kind"].value_counts().to_pylist()
    assert max(count["counts"] for count in by_kind) < 2 * tidying.SMALL_FILES
    assert "Railway 8" in house.titles()
    assert house.counts() == {"aids": (0, 3, 0, 0, 0), "rows": (0, 2, 0, 0, 0)}
