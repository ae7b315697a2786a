"""The record store in a bucket of a real MinIO: what differs from a folder, and what goes wrong there."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from minio import MinioAdmin
from minio.credentials import StaticProvider

from mappings.bucket import Bucket
from pipelines import bucket_files
from pipelines.errors import StoreUnusable
from pipelines.record_store import RecordStore
from pipelines.workers import Workers
from service_desk.bucket_objects import BucketObjects
from service_desk.errors import Unavailable
from tests.pipelines.conftest import House, Place, finding_aid, in_bucket
from tests.pipelines.test_record_store import current, put
from tests.pipelines.test_servers_that_die import Dying
from tests.services.authority import Authority
from tests.services.minio_server import MinioServer
from tests.services.server import free_port

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def place(minio: MinioServer) -> Place:
    return in_bucket(minio)


def copies(folder: Path) -> list[str]:
    return sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*.parquet"))


def test_what_was_written_here_is_read_here(place: Place, tmp_path: Path) -> None:
    store = RecordStore(place.at, copies=tmp_path)
    put(store, "1", "2")
    assert copies(tmp_path) == place.files()
    assert current(store) == [("1", 0), ("2", 0)]


def test_what_others_wrote_is_fetched_once(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(place.store(), "1", "2")
    first = RecordStore(place.at, copies=tmp_path)
    assert current(first) == [("1", 0), ("2", 0)]
    assert copies(tmp_path) == place.files()
    monkeypatch.setattr(bucket_files.BucketFiles, "_fetched", None)
    assert current(RecordStore(place.at, copies=tmp_path)) == [("1", 0), ("2", 0)]


def test_a_large_file_is_read_where_it_lies(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(place.store(), *map(str, range(5_000)))
    monkeypatch.setattr(bucket_files, "WHOLE_BYTES", 10)
    store = RecordStore(place.at, copies=tmp_path)
    assert len(current(store)) == 5_000
    assert store.get("east", "4999") is not None
    assert copies(tmp_path) == []


def test_half_a_copy_is_none(place: Place, tmp_path: Path) -> None:
    """What a power cut may leave, and a disk on which there is no room."""
    put(place.store(), "1")
    [file] = place.files()
    half = tmp_path / "half" / file
    half.parent.mkdir(parents=True)
    half.write_bytes(b"PAR1")
    (tmp_path / "no folder").touch()
    for copies in (tmp_path / "half", tmp_path / "no folder"):
        assert current(RecordStore(place.at, copies=copies)) == [("1", 0)]
    assert half.stat().st_size > 4


def test_copies_make_room(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = RecordStore(place.at, copies=tmp_path)
    put(store, "1")
    first = copies(tmp_path)
    os.utime(tmp_path / first[0], (0, 0))
    monkeypatch.setattr(bucket_files, "KEPT_BYTES", (tmp_path / first[0]).stat().st_size * 3 // 2)
    put(store, "2")
    assert len(copies(tmp_path)) == 1 and copies(tmp_path) != first
    assert current(store) == [("1", 0), ("2", 1)]


def test_what_a_killed_run_left_on_the_disk_goes(place: Place, tmp_path: Path) -> None:
    store = RecordStore(place.at, copies=tmp_path)
    with store.begin("run") as commit:
        commit.add("record", {"source_id": ["1"], "action": ["index"]}, "east")
        [left] = copies(tmp_path)
        os.utime(tmp_path / left, (0, 0))
        put(RecordStore(place.at, copies=tmp_path), "2")
        assert left not in copies(tmp_path)


def test_a_file_of_several_parts_is_sent_whole(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bucket_files, "_PART_BYTES", 5 << 20)
    store = place.store()
    with store.begin("run") as commit:
        for number in range(4):
            noise = os.urandom(3 << 20)
            commit.add("payload", {"item": [str(number)], "action": ["index"], "payload": [noise]}, "east")
        commit.commit()
    sizes = store.files()["size_bytes"].to_pylist()
    assert sizes[0] > 2 * bucket_files._PART_BYTES
    read = RecordStore(place.at).rows("payload", ["payload"])["payload"]
    assert [len(body) for body in read.to_pylist()] == [3 << 20] * 4


WRONG = {
    "no bucket": ({"name": "there-is-none"}, "there is no such bucket"),
    "wrong secret": ({"secret_key": "guessed-wrongly"}, "refuses the keys"),
    "unknown key": ({"access_key": "nobody-knows"}, "refuses the keys"),
    "other region": ({"region": "eu-west-1"}, "another region than eu-west-1"),
    "nobody there": ({"endpoint": "http://127.0.0.1:{port}"}, "cannot be reached"),
    "no host": ({"endpoint": "http://nowhere.invalid:9000"}, "host is not known"),
    "TLS": ({"endpoint": "https://127.0.0.1:{minio}"}, "does not speak TLS"),
}


@pytest.mark.parametrize(("wrong", "word"), WRONG.values(), ids=WRONG)
def test_a_store_that_cannot_be_opened_says_why_without_a_key(
    minio: MinioServer, wrong: dict[str, str], word: str
) -> None:
    ports = {"port": free_port(), "minio": minio.endpoint.rpartition(":")[2]}
    bucket = minio.place("a/records", **{key: value.format(**ports) for key, value in wrong.items()})
    with pytest.raises(StoreUnusable, match=word) as caught:
        RecordStore(bucket)
    said = f"{caught.value}{bucket!r}"
    assert bucket.secret_key not in said and bucket.access_key not in said
    assert str(caught.value).count(".\n") == 0 and "\x1b" not in said


def may(minio: MinioServer, bucket: Bucket, *actions: str) -> Bucket:
    """The same place for somebody who may do only that."""
    admin = MinioAdmin(
        endpoint=minio.endpoint.removeprefix("http://"),
        credentials=StaticProvider(minio.access_key, minio.secret_key),
        region=bucket.region,
        secure=False,
    )
    name, secret = f"u-{bucket.name}-{len(actions)}", "hush-hush-hush"
    where = [f"arn:aws:s3:::{bucket.name}", f"arn:aws:s3:::{bucket.name}/*"]
    rule = {"Effect": "Allow", "Action": list(actions), "Resource": where}
    admin.policy_add(name, policy={"Version": "2012-10-17", "Statement": [rule]})
    admin.user_add(name, secret)
    admin.policy_set(name, user=name)
    return Bucket(bucket.endpoint, bucket.name, bucket.prefix, bucket.region, name, secret)


def test_who_may_only_read_reads_and_is_told_so(minio: MinioServer, place: Place) -> None:
    assert isinstance(place.at, Bucket)
    put(place.store(), "1")
    store = RecordStore(may(minio, place.at, "s3:ListBucket", "s3:GetObject"))
    assert current(store) == [("1", 0)]
    with pytest.raises(StoreUnusable, match="do not allow that; allow s3:ListBucket"):
        put(store, "2")
    with pytest.raises(StoreUnusable, match="do not allow that"):
        RecordStore(may(minio, place.at, "s3:GetBucketLocation"))
    assert current(place.store()) == [("1", 0)]


def test_a_file_that_is_gone_is_named(minio: MinioServer, place: Place) -> None:
    assert isinstance(place.at, Bucket)
    put(place.store(), "1")
    [file] = place.files()
    minio.client().remove_object(place.at.name, place.at.key(file))
    with pytest.raises(StoreUnusable, match=r"cannot be read \(kind=record/.*put it back from a backup"):
        current(place.store())


def test_a_server_that_goes_away_and_comes_back(
    minio: MinioServer, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = place.store()
    put(store, "1")
    other = place.store()
    minio.kill()
    assert len(current(store)) == 1  # of what there is a copy
    with pytest.raises(StoreUnusable, match="cannot be reached"):
        store.refresh()
    with pytest.raises(StoreUnusable, match="cannot be reached"), store.begin("run") as commit:
        commit.add("record", {"source_id": ["2"], "action": ["index"]}, "east")
        commit.commit()
    with monkeypatch.context() as patch, pytest.raises(StoreUnusable, match=r"cannot be read .*cannot be reached"):
        patch.setattr(bucket_files, "WHOLE_BYTES", 0)
        other.rows("record", ["source_id"])
    minio.start()
    assert put(store, "3") == 1
    assert current(place.store()) == [("1", 0), ("3", 1)]


@pytest.mark.services
def test_only_the_authority_that_is_named_vouches(tmp_path: Path) -> None:
    """Records and files of the desk, by TLS with an authority of our own."""
    authority, other = Authority(tmp_path / "ours"), Authority(tmp_path / "others")
    with MinioServer(authority) as server:
        bucket = server.place("a/records", ca=str(authority.file))
        assert put(RecordStore(bucket), "1") == 0
        BucketObjects(bucket).put("answers/a", b"x")
        assert BucketObjects(bucket).get("answers/a") == b"x"
        for ca in (None, str(other.file)):
            untrusted = replace(bucket, ca=ca)
            with pytest.raises(StoreUnusable, match="certificate is not trusted"):
                RecordStore(untrusted)
            with pytest.raises(Unavailable, match="certificate is not trusted"):
                BucketObjects(untrusted).check()
        with pytest.raises(StoreUnusable, match="no S3 server"):
            RecordStore(replace(bucket, endpoint=bucket.endpoint.replace("https", "http")))


WRITER = """
import sys
from tests.pipelines.test_bucket_store import write_until_killed
write_until_killed(sys.argv[1])
"""


def write_until_killed(told: str) -> None:
    """Commit after commit, each of a record and its item, with pauses in which somebody else may be first."""
    store = RecordStore(Bucket(**json.loads(told)))
    while True:
        time.sleep(random.random() / 5)
        with store.begin("run") as commit:
            row = {"source_id": [str(commit.version)], "item": [str(commit.version)], "action": ["index"]}
            commit.add("record", row, "east")
            commit.add("item", row, "east")
            sys.stdout.write(f"{commit.commit()}\n")
            sys.stdout.flush()


@contextmanager
def writers(bucket: Bucket, count: int) -> Iterator[list[subprocess.Popen[str]]]:
    """Processes that write side by side, killed at the end whatever happens."""
    names = ("endpoint", "name", "prefix", "region", "access_key", "secret_key")
    command = [sys.executable, "-c", WRITER, json.dumps({name: getattr(bucket, name) for name in names})]
    running = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(count)]
    try:
        yield running
    finally:
        for process in running:
            process.kill()
            process.wait()


def test_two_processes_without_a_lock_lose_nothing_and_a_kill_leaves_the_last_commit(place: Place) -> None:
    """Both write at once, commits of one are overtaken by the other; both are killed in the middle."""
    assert isinstance(place.at, Bucket)
    told: list[int] = []
    with writers(place.at, 2) as running:
        for _ in range(3):
            told += [int(process.stdout.readline()) for process in running if process.stdout]
        for process in running:
            os.kill(process.pid, signal.SIGKILL)
        for process in running:
            rest, _ = process.communicate()
            told += [int(line) for line in rest.splitlines(keepends=True) if line.endswith("\n")]
    store = place.store()
    versions = {kind: store.rows(kind, ["version"])["version"].to_pylist() for kind in ("record", "item")}
    assert versions["record"] == versions["item"] == list(range(store.version + 1))
    assert len(set(told)) == len(told) and set(told) <= set(versions["record"])
    assert put(store, "after") == store.version == len(versions["record"])


@pytest.mark.slow
def test_minio_is_killed_and_started_again_while_a_run_writes_to_it(
    minio: MinioServer, place: Place, tmp_path: Path, workers: Workers
) -> None:
    assert isinstance(place.at, Bucket)
    house = House(tmp_path, workers, place.at)
    house.store.patience = 60
    house.specs = house.specs[:1]
    for number in range(30):
        body = finding_aid([(f"D{number}-1", f"Sheet {number}")], f"D{number}")
        house.write(f"aids/{number:03}.xml", f"{body}<!-- {'.' * 60_000} -->")
    dying = Dying(minio, at=10)
    (report,) = house.sync(progress=dying, commit_bytes=6_000).sources
    assert dying.happened()
    assert (report.indexed, report.failed) == (60, 0)
    assert len(house.records()) == 60
    assert len(place.store().current("record", ["source_id"])) == 60


def test_files_are_parquet_that_anybody_reads(minio: MinioServer, place: Place) -> None:
    assert isinstance(place.at, Bucket)
    put(place.store(), "1")
    [file] = place.files()
    body = minio.client().get_object(place.at.name, place.at.key(file))
    assert pq.read_table(BytesIO(body.read())).num_rows == 1
