"""The end of a night: small files become one, what nobody needs is dropped, and no reader notices."""

from __future__ import annotations

import os
import time
from io import BytesIO
from pathlib import Path

import pytest

from pipelines import tidying
from pipelines.record_store import RecordStore
from pipelines.tidying import tidy
from tests.pipelines.conftest import House, Place, finding_aid, in_bucket
from tests.pipelines.test_record_store import current, put
from tests.services.minio_server import MinioServer

WEEK = 7 * 86_400


@pytest.fixture
def store(place: Place) -> RecordStore:
    return place.store()


@pytest.fixture
def local(tmp_path: Path) -> RecordStore:
    """A store whose files can be made older than they are."""
    return RecordStore(tmp_path / "records")


def files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.parquet"))


def age(path: Path, seconds: float) -> None:
    os.utime(path, (time.time() - seconds,) * 2)


def nights(store: RecordStore, count: int) -> None:
    for number in range(count):
        put(store, str(number % 4), "x")


def test_small_files_are_put_together(store: RecordStore) -> None:
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


def test_few_files_are_left_alone_and_cost_no_version(local: RecordStore) -> None:
    nights(local, tidying.SMALL_FILES - 1)
    version = local.version
    tidy(local)
    assert (local.version, local.files().num_rows) == (version, tidying.SMALL_FILES - 1)


def test_large_files_are_left_alone(local: RecordStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tidying, "SMALL_BYTES", 10)
    nights(local, tidying.SMALL_FILES)
    tidy(local)
    assert local.files().num_rows == tidying.SMALL_FILES


def test_a_reader_under_way_goes_on(store: RecordStore, place: Place) -> None:
    nights(store, tidying.SMALL_FILES)
    reader = place.store()
    groups = reader.row_groups("record", ["source_id"])
    seen = [next(groups)]
    tidy(store)
    assert sum(table.num_rows for table in [*seen, *groups]) == 2 * tidying.SMALL_FILES
    assert sorted(current(reader)) == sorted(current(store))


def test_what_was_put_together_is_dropped_after_a_week(
    local: RecordStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nights(local, tidying.SMALL_FILES)
    long_ago = time.time() - WEEK - 3600
    with monkeypatch.context() as patch:
        patch.setattr(tidying, "RETENTION_HOURS", WEEK // 3600 + 2)
        patch.setattr(time, "time", lambda: long_ago)
        tidy(local)
        assert len(files(tmp_path)) == tidying.SMALL_FILES + 1
    for file in files(tmp_path):
        age(file, WEEK + 3600)
    tidy(local)
    assert len(files(tmp_path)) == 1
    assert len(current(local)) == 5


def test_files_of_a_killed_run_stay_for_a_week(local: RecordStore, tmp_path: Path) -> None:
    put(local, "1")
    young, old = tmp_path / "records/kind=record/young.parquet", tmp_path / "records/kind=record/old.parquet"
    for orphan in (young, old):
        orphan.write_bytes(b"half a file")
    age(old, WEEK + 3600)
    age(young, WEEK - 3600)
    tidy(local)
    assert (young.exists(), old.exists()) == (True, False)
    assert current(local) == [("1", 0)]
    version = local.version
    tidy(local)
    assert local.version == version


def test_files_of_the_table_stay_however_old(local: RecordStore, tmp_path: Path) -> None:
    put(local, "1")
    for file in files(tmp_path):
        age(file, 2 * WEEK)
    tidy(local)
    assert current(local) == [("1", 0)]


@pytest.mark.services
def test_a_bucket_is_swept_as_a_folder_is(minio: MinioServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a killed run left goes, and what no commit names any more; nobody can make objects older than they are."""
    place = in_bucket(minio)
    store = place.store()
    nights(store, tidying.SMALL_FILES)
    orphan = f"{place.at.prefix}/kind=record/orphan.parquet"
    minio.client().put_object(place.at.name, orphan, BytesIO(b"half a file"), 11)
    before = sorted(current(store))
    tidy(store)
    assert len(place.files()) == tidying.SMALL_FILES + 2
    store.delta().alter.set_table_properties({"delta.deletedFileRetentionDuration": "interval 0 seconds"})
    store.refresh()
    monkeypatch.setattr(tidying, "RETENTION_HOURS", 0)
    tidy(store)
    assert len(place.files()) == 1
    assert sorted(current(place.store())) == before


def test_one_who_overtakes_tidying_loses_nothing(store: RecordStore, place: Place) -> None:
    nights(store, tidying.SMALL_FILES)
    other = place.store()
    with store.writing():
        put(other, "new")
        tidy(store)
    assert ("new", tidying.SMALL_FILES) in current(place.store())
    tidy(store)
    assert ("new", tidying.SMALL_FILES) in current(place.store())
    assert store.files().num_rows == 1


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
