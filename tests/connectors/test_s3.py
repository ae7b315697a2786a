"""The S3 transport on a real MinIO: pages, parts, odd names, servers that refuse, break off, and come back."""

from __future__ import annotations

import io
import json
import pickle
import tarfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import count, islice
from pathlib import Path
from typing import Any

import pytest
from minio import MinioAdmin
from minio.commonconfig import SnowballObject
from minio.credentials import StaticProvider
from minio.versioningconfig import ENABLED, VersioningConfig

from connectors.base import Connector, RetryLater, SkipItem, SourceError, StopSource
from connectors.registry import connector as make
from tests.connectors.answers import Answer, answering
from tests.contracts.connector_contract import ConnectorContract, items_of
from tests.services.minio_server import REGION, MinioServer

NUMBERS = count(1)
PART = 5 << 20
LARGE = 24 << 20
MANY = 1001
NAMES = ("b.xml", "a.xml", "sub/c.xml", "sub/deep/d.csv", ".hidden", ".git/e.xml", "sub/.x/f.xml", "空 間/卷.xml")
ODD = (
    "100%.xml",
    "100%25.xml",
    "a b.xml",
    "a+b.xml",
    "a&b=c?.xml",
    "a..b/c...xml",
    "a-/x.xml",
    "a/x.xml",
    "quote'\"<.xml",
    "檔案/第一卷 (上).xml",
    "𠮷田.xml",
    "é.xml",
    "e\u0301.xml",
)


@pytest.fixture
def bucket(minio: MinioServer) -> str:
    """An empty bucket."""
    name = f"bucket-{next(NUMBERS)}"
    minio.client().make_bucket(name)
    return name


def put(minio: MinioServer, bucket: str, names: Iterable[str], prefix: str = "") -> None:
    """Small objects, each holding its name."""
    objects = [
        SnowballObject(prefix + name, data=io.BytesIO(name.encode()), length=len(name.encode())) for name in names
    ]
    minio.client().upload_snowball_objects(bucket, objects)


def source(minio: MinioServer, bucket: str, **more: str) -> Connector:
    return make("s3", minio.settings(bucket, **more), Path("/"))


def keys(connector: Connector) -> list[str]:
    return [item.key for item in items_of(connector)]


def text(connector: Connector, key: str) -> str:
    with connector.fetch(key) as stream:
        return stream.read().decode()


def pattern(size: int) -> bytes:
    """Bytes that differ from place to place."""
    block = b"".join(number.to_bytes(4, "big") for number in range(1 << 14))
    return (block * (size // len(block) + 1))[:size]


class TestS3(ConnectorContract):
    @pytest.fixture
    def connector(self, minio: MinioServer, bucket: str) -> Connector:
        put(minio, bucket, NAMES, "papers/")
        put(minio, bucket, ["secret"])
        return source(minio, bucket, prefix="papers")


def test_keys_begin_below_the_prefix_and_hidden_ones_are_left_out(minio: MinioServer, bucket: str) -> None:
    put(minio, bucket, NAMES, "papers/")
    put(minio, bucket, ["papers-of-others/x.xml", "papers.xml"])
    minio.client().put_object(bucket, "papers/empty/", io.BytesIO(), 0)
    for prefix in ("papers", "/papers/"):
        found = keys(source(minio, bucket, prefix=prefix))
        assert found == ["a.xml", "b.xml", "sub/c.xml", "sub/deep/d.csv", "空 間/卷.xml"]
    assert keys(source(minio, bucket, prefix="papers", glob="sub/*")) == ["sub/c.xml"]
    assert keys(source(minio, bucket, prefix="nothing")) == []


def test_odd_names_are_listed_in_order_and_open(minio: MinioServer, bucket: str) -> None:
    for name in ODD:
        minio.client().put_object(bucket, f"odd +%/{name}", io.BytesIO(name.encode()), len(name.encode()))
    made = source(minio, bucket, prefix="odd +%")
    assert keys(made) == sorted(ODD)
    assert [text(made, name) for name in ODD] == list(ODD)


@pytest.mark.parametrize("key", ["../secret", "a/../../secret", "a/./x", ".hidden", "a/", "x" * 2000, "\udcff", "//x"])
def test_nothing_outside_is_fetched(minio: MinioServer, bucket: str, key: str) -> None:
    put(minio, bucket, ["secret", "papers/.hidden", "papers/a/x", "hidden"])
    with pytest.raises(SkipItem):
        source(minio, bucket, prefix="papers").fetch(key)


@pytest.fixture(scope="module")
def many(_minio: MinioServer) -> str:
    """A bucket of more objects than a page of a listing holds."""
    _minio.start()
    _minio.client().make_bucket("many")
    put(_minio, "many", [f"{number:04}.xml" for number in range(MANY)])
    return "many"


def test_a_listing_goes_on_page_after_page(minio: MinioServer, many: str) -> None:
    made = source(minio, many)
    assert keys(made) == [f"{number:04}.xml" for number in range(MANY)]
    assert list(made.keys()) == keys(made)


def test_the_token_changes_with_the_bytes_and_not_with_their_date(minio: MinioServer, bucket: str) -> None:
    def token() -> str | None:
        (item,) = items_of(source(minio, bucket))
        assert item.version == item.token
        return item.token

    put(minio, bucket, ["a.xml"])
    first = token()
    put(minio, bucket, ["a.xml"])
    assert token() == first is not None
    minio.client().put_object(bucket, "a.xml", io.BytesIO(b"other"), 5)
    assert token() != first


def test_of_a_bucket_with_versions_the_latest_count_and_deleted_ones_are_gone(minio: MinioServer, bucket: str) -> None:
    minio.client().set_bucket_versioning(bucket, VersioningConfig(ENABLED))
    put(minio, bucket, ["a.xml", "b.xml"])
    minio.client().put_object(bucket, "a.xml", io.BytesIO(b"other"), 5)
    minio.client().remove_object(bucket, "b.xml")
    made = source(minio, bucket)
    assert keys(made) == ["a.xml"]
    assert text(made, "a.xml") == "other"
    with pytest.raises(SkipItem, match=r"b\.xml.*not there any more"):
        made.fetch("b.xml")


@pytest.fixture
def large(minio: MinioServer, bucket: str) -> bytes:
    """An object uploaded in parts."""
    payload = pattern(LARGE)
    minio.client().put_object(bucket, "large.xml", io.BytesIO(payload), -1, part_size=PART)
    return payload


def test_an_object_of_many_parts_is_one_stream(minio: MinioServer, bucket: str, large: bytes) -> None:
    (item,) = items_of(source(minio, bucket))
    assert item.size == LARGE
    assert item.token is not None and item.token.endswith("-5")
    with item.open() as stream:
        assert stream.read(7) == large[:7]
        assert b"".join(iter(lambda: stream.read(100_001), b"")) == large[7:]
        assert stream.read() == b""
    with item.open() as stream:
        assert stream.read() == large


def test_lines_and_archives_are_read_from_the_stream(minio: MinioServer, bucket: str) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("empty"))
    for name, payload in (("lines.txt", "一\n二\n三".encode()), ("packed.tgz", packed.getvalue())):
        metadata: Any = {"Content-Encoding": "gzip"} if name == "packed.tgz" else None
        minio.client().put_object(bucket, name, io.BytesIO(payload), len(payload), metadata=metadata)
    made = source(minio, bucket)
    with made.fetch("lines.txt") as stream:
        assert stream.readline().decode() == "一\n"
        assert [line.decode() for line in stream] == ["二\n", "三"]
    with made.fetch("packed.tgz") as stream, tarfile.open(fileobj=stream, mode="r|gz") as archive:
        assert archive.getnames() == ["empty"]


def test_streams_that_are_left_half_read_do_not_use_up_the_connections(
    minio: MinioServer, bucket: str, large: bytes
) -> None:
    (item,) = items_of(source(minio, bucket))
    for _ in range(40):
        with item.open() as stream:
            assert stream.read(3) == large[:3]


def test_many_threads_and_other_processes_share_nothing_but_the_settings(minio: MinioServer, bucket: str) -> None:
    names = [f"{number}.xml" for number in range(100)]
    put(minio, bucket, names)
    items = pickle.loads(pickle.dumps(items_of(source(minio, bucket))))

    def content(item: Any) -> bytes:
        with item.open() as stream:
            return bytes(stream.read())

    with ThreadPoolExecutor(8) as threads:
        assert [payload.decode() for payload in threads.map(content, items)] == sorted(names)


# What goes wrong


def test_an_object_deleted_after_the_listing_says_skip(minio: MinioServer, bucket: str) -> None:
    put(minio, bucket, ["a.xml"])
    (item,) = items_of(source(minio, bucket))
    minio.client().remove_object(bucket, "a.xml")
    with pytest.raises(SkipItem, match=r"a\.xml.*not there any more"):
        item.open()


def test_a_server_killed_in_the_middle_of_an_object_says_later(minio: MinioServer, bucket: str, large: bytes) -> None:
    (item,) = items_of(source(minio, bucket))
    with item.open() as stream:
        assert stream.read(10) == large[:10]
        minio.kill()
        with pytest.raises(RetryLater, match="broke the connection off"):
            stream.read()
    with pytest.raises(RetryLater, match="cannot be reached"):
        item.open()
    minio.start()
    with item.open() as stream:
        assert stream.read() == large


def test_a_server_killed_in_the_middle_of_a_listing_says_later(minio: MinioServer, many: str) -> None:
    made = source(minio, many)
    listing = iter(made.read(None))
    assert len(list(islice(listing, 1000))) == 1000
    minio.kill()
    with pytest.raises(RetryLater, match="cannot be reached"):
        next(listing)
    minio.start()
    assert len(keys(made)) == MANY


def user(minio: MinioServer, name: str, *actions: str) -> dict[str, str]:
    """The keys of a new user who may do so much."""
    admin = MinioAdmin(
        endpoint=minio.endpoint.removeprefix("http://"),
        credentials=StaticProvider(minio.access_key, minio.secret_key),
        region=REGION,
        secure=False,
    )
    admin.user_add(name, f"password-of-{name}")
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": ["arn:aws:s3:::*"]}
    admin.policy_add(f"policy-of-{name}", policy={"Version": "2012-10-17", "Statement": [statement]})
    admin.policy_set(f"policy-of-{name}", user=name)
    return {"access_key": name, "secret_key": f"password-of-{name}"}


def test_a_bucket_without_permission_stops_the_source(minio: MinioServer, bucket: str) -> None:
    put(minio, bucket, ["a.xml"])
    writer = source(minio, bucket, **user(minio, "writer", "s3:PutObject"))
    with pytest.raises(StopSource, match=r"may not be listed with the keys given; allow s3:ListBucket"):
        keys(writer)
    anonymous = make("s3", {"endpoint": minio.endpoint, "bucket": bucket}, Path("/"))
    with pytest.raises(StopSource, match="may not be listed anonymously"):
        keys(anonymous)


def test_a_public_bucket_is_read_without_keys(minio: MinioServer, bucket: str) -> None:
    put(minio, bucket, ["a.xml"])
    where = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    statement = {"Effect": "Allow", "Principal": {"AWS": ["*"]}, "Action": ["s3:ListBucket", "s3:GetObject"]}
    policy = {"Version": "2012-10-17", "Statement": [statement | {"Resource": where}]}
    minio.client().set_bucket_policy(bucket, json.dumps(policy))
    anonymous = make("s3", {"endpoint": minio.endpoint, "bucket": bucket}, Path("/"))
    assert text(anonymous, "a.xml") == "a.xml"


def test_an_object_that_may_not_be_read_is_one_item(minio: MinioServer, bucket: str) -> None:
    put(minio, bucket, ["a.xml"])
    (item,) = items_of(source(minio, bucket, **user(minio, "lister", "s3:ListBucket")))
    with pytest.raises(SkipItem, match=r"a\.xml.*allow s3:GetObject"):
        item.open()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"bucket": "no-such-bucket"}, "there is no bucket 'no-such-bucket'.*settings.bucket"),
        ({"access_key": "nobody"}, "InvalidAccessKeyId.*check settings.access_key"),
        ({"secret_key": "hunter2-hunter2"}, "SignatureDoesNotMatch.*check settings.access_key and settings.secret_key"),
        ({"region": "eu-south-9"}, "another region than eu-south-9; correct settings.region"),
    ],
)
def test_what_waiting_does_not_help_stops_the_source(
    minio: MinioServer, bucket: str, settings: dict[str, str], said: str
) -> None:
    put(minio, bucket, ["a.xml"])
    wrong = make("s3", minio.settings(bucket) | settings, Path("/"))
    with pytest.raises(StopSource, match=said) as listing:
        keys(wrong)
    with pytest.raises(StopSource, match=said) as reading:
        wrong.fetch("a.xml")
    for caught in (listing, reading):
        assert "\n" not in str(caught.value)
        assert "hunter2" not in str(caught.value) and minio.secret_key not in str(caught.value)


ERROR = b"<Error><Code>%s</Code><Message>said by the server</Message></Error>"
XML = {"Content-Type": "application/xml"}
PAGE = b"""<ListBucketResult><Name>b</Name><IsTruncated>false</IsTruncated><Contents><Key>a.xml</Key>
    <Size>9</Size></Contents></ListBucketResult>"""


@pytest.mark.parametrize(
    ("answer", "kind", "said", "after"),
    [
        (Answer(503, ERROR % b"SlowDown", XML | {"Retry-After": "7"}), RetryLater, "answers 503", 7.0),
        (Answer(500, ERROR % b"InternalError", XML), RetryLater, "answers 500", None),
        (Answer(502, b"<h1>proxy</h1>", {"Content-Type": "text/html"}), RetryLater, "answers 502", None),
        (Answer(429, b"", {"Retry-After": "soon"}), RetryLater, "answers 429", None),
        (Answer(400, ERROR % b"RequestTimeout", XML), RetryLater, "in time", None),
        (Answer(200, PAGE, {"Content-Length": "900"}), RetryLater, "broke the connection off", None),
        (Answer(200, b"<!doctype html><p>Welcome"), StopSource, "does not answer as S3 does", None),
        (Answer(200, b"<html><p>Welcome</p></html>"), StopSource, "does not answer as S3 does", None),
        (Answer(404, b"not here", {"Content-Type": "text/plain"}), StopSource, "does not answer as S3 does", None),
        (Answer(403, ERROR % b"RequestTimeTooSkewed", XML), StopSource, "clocks", None),
        (Answer(403, ERROR % b"ExpiredToken", XML), StopSource, "keys.*ExpiredToken", None),
        (Answer(400, ERROR % b"<x/>Odd\nCode", XML), StopSource, "cannot be listed", None),
        (Answer(307, b"", {"Location": "http://127.0.0.1:9/b"}), StopSource, "does not answer as S3 does", None),
        (Answer(301, ERROR % b"PermanentRedirect", XML), StopSource, "another region", None),
    ],
)
def test_answers_of_a_listing(answer: Answer, kind: type[SourceError], said: str, after: float | None) -> None:
    with answering(answer) as address:
        made = make("s3", {"endpoint": address, "bucket": "bucket"}, Path("/"))
        with pytest.raises(kind, match=said) as caught:
            keys(made)
    assert "\n" not in str(caught.value)
    assert getattr(caught.value, "after", None) == after


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        (Answer(403, ERROR % b"InvalidObjectState", XML), SkipItem, "archive tier"),
        (Answer(403, b"<h1>blocked</h1>", {"Content-Type": "text/html"}), SkipItem, "a proxy"),
        (Answer(400, ERROR % b"KeyTooLongError", XML), SkipItem, "KeyTooLongError"),
        (Answer(503, ERROR % b"SlowDown", XML), RetryLater, "answers 503"),
        (Answer(404, ERROR % b"NoSuchBucket", XML), StopSource, "there is no bucket"),
    ],
)
def test_answers_of_an_object(answer: Answer, kind: type[SourceError], said: str) -> None:
    with answering(answer) as address, pytest.raises(kind, match=said):
        make("s3", {"endpoint": address, "bucket": "bucket"}, Path("/")).fetch("a.xml")


@pytest.mark.parametrize("read", [lambda stream: stream.read(), lambda stream: list(iter(lambda: stream.read(9), b""))])
def test_fewer_bytes_than_announced_are_never_taken_for_all(read: Any) -> None:
    short = Answer(200, b"<ead>half of it", {"Content-Length": "31"})
    with answering(short) as address:
        made = make("s3", {"endpoint": address, "bucket": "bucket"}, Path("/"))
        with made.fetch("a.xml") as stream, pytest.raises(RetryLater, match="broke the connection off"):
            read(stream)


def test_a_host_that_is_not_known_says_later() -> None:
    made = make("s3", {"endpoint": "http://nowhere.invalid:9000", "bucket": "bucket"}, Path("/"))
    with pytest.raises(RetryLater, match="not known"):
        keys(made)


def test_https_where_http_is_spoken_is_said() -> None:
    with answering(Answer(200)) as address:
        made = make("s3", {"endpoint": address.replace("http", "https"), "bucket": "bucket"}, Path("/"))
        with pytest.raises(RetryLater, match="http or https"):
            keys(made)


# Settings


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"endpoint": "127.0.0.1:9000"}, "'endpoint' of connector s3 is wrong: it must be http://host:port"),
        ({"endpoint": "http://host/bucket"}, "it must be http://host:port"),
        ({"endpoint": "http://host:99999"}, "'endpoint' of connector s3 is wrong"),
        ({"endpoint": "https://me:hunter2@host"}, "keys do not belong into it"),
        ({"bucket": "No Bucket"}, "'bucket' of connector s3 is wrong: invalid bucket name"),
        ({"prefix": "a/../b"}, "must not contain . or .."),
        ({"region": "a b"}, "'region'"),
        ({"secret_key": "hunter2"}, "both access_key and secret_key"),
        ({"access_key": "me"}, "both access_key and secret_key"),
        ({"access_key": "me", "secret_key": "file:nowhere/hunter"}, "'secret_key'.*cannot be read"),
        ({"sekret_key": "hunter2"}, "'sekret_key' is not known.*did you mean 'secret_key'"),
        ({"secret_key": ["hunter2"]}, "'secret_key' of connector s3 is wrong"),
    ],
)
def test_settings_that_cannot_work_stop_the_source_in_one_sentence(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(StopSource, match=said) as caught:
        make("s3", {"endpoint": "http://127.0.0.1:9000", "bucket": "bucket"} | settings, Path("/"))
    assert "\n" not in str(caught.value) and "hunter2" not in str(caught.value)


def test_keys_may_lie_in_files_and_are_never_shown(minio: MinioServer, bucket: str, tmp_path: Path) -> None:
    put(minio, bucket, ["a.xml"])
    (tmp_path / "key").write_text(f"{minio.secret_key}\n")
    made = make("s3", minio.settings(bucket) | {"secret_key": "file:key"}, tmp_path)
    (item,) = items_of(made)
    with item.open() as stream:
        shown = [repr(made), str(vars(made)), repr(item), repr(item.opener), repr(stream), str(vars(stream.raw))]  # type: ignore[attr-defined]
    assert not any(minio.secret_key in one for one in shown)
