"""The desk's files in a folder and in a bucket of a real MinIO: one contract; what goes wrong is a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from mappings.bucket import Bucket
from service_desk.bucket_objects import BucketObjects
from service_desk.errors import Unavailable
from service_desk.objects import FolderObjects
from service_desk.ports import ObjectStore
from tests.contracts.objects_contract import ObjectsContract
from tests.services.minio_server import MinioServer
from tests.services.server import free_port


class TestFolder(ObjectsContract):
    @pytest.fixture
    def objects(self, tmp_path: Path) -> ObjectStore:
        return FolderObjects(tmp_path / "objects")


class TestBucket(ObjectsContract):
    @pytest.fixture
    def objects(self, minio: MinioServer) -> ObjectStore:
        return BucketObjects(minio.place("house/objects"))


def test_a_folder_holds_whole_files_only(tmp_path: Path) -> None:
    FolderObjects(tmp_path).put("answers/ab/abc", b"one")
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["abc"]


def test_only_its_own_folder_of_the_bucket_is_told(minio: MinioServer) -> None:
    place = minio.place("house/objects")
    beside = BucketObjects(minio.place("house/objects-old", place.name))
    beside.put("b", b"x")
    BucketObjects(place).put("a", b"x")
    assert list(BucketObjects(place).keys()) == ["a"]


def places(minio: MinioServer) -> dict[str, tuple[Bucket, str]]:
    """Places where nothing can be kept, and a word of what is said of each."""
    there = minio.place("o").name
    return {
        "no bucket": (minio.place("o", "there-is-none"), "there is no such bucket"),
        "wrong secret": (minio.place("o", there, secret_key="guessed-wrongly"), "refuses the keys"),
        "unknown key": (minio.place("o", there, access_key="nobody-knows"), "refuses the keys"),
        "other region": (minio.place("o", there, region="eu-west-1"), "another region than eu-west-1"),
        "nobody there": (minio.place("o", there, endpoint=f"http://127.0.0.1:{free_port()}"), "cannot be reached"),
        "TLS": (minio.place("o", there, endpoint=minio.endpoint.replace("http", "https")), "does not speak TLS"),
        "no host": (minio.place("o", there, endpoint="http://nowhere.invalid:9000"), "host is not known"),
    }


@pytest.mark.parametrize(
    "name", ["no bucket", "wrong secret", "unknown key", "other region", "nobody there", "TLS", "no host"]
)
def test_what_goes_wrong_is_said_without_a_key(minio: MinioServer, name: str) -> None:
    place, word = places(minio)[name]
    objects = BucketObjects(place)
    with pytest.raises(Unavailable, match=word) as caught:
        objects.check()
    assert place.secret_key not in f"{caught.value}{place!r}{place}"


@pytest.mark.parametrize("name", ["no bucket", "wrong secret"])
def test_a_reader_is_not_told_where_files_lie(minio: MinioServer, name: str) -> None:
    place, _ = places(minio)[name]
    objects = BucketObjects(place)
    for act in (lambda: objects.put("a", b"x"), lambda: objects.get("a"), lambda: list(objects.keys())):
        with pytest.raises(Unavailable, match="later") as caught:
            act()
        assert place.endpoint not in str(caught.value)
