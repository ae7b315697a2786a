"""A whole workspace whose records, files of the desk and source lie in buckets of a real MinIO."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from PIL import Image

from indexer.query import Query
from mappings.access import ANONYMOUS, Viewer
from mappings.bucket import Bucket
from onestop.cli import run
from onestop.doctor import examine
from onestop.wiring import Workspace
from search_ui.images import PageImage
from service_desk.forms import AnswerForm, RequestForm, parse
from service_desk.ports import Upload
from tests.mappings.pdf.files import pdf, written
from tests.services.minio_server import MinioServer
from tests.services.server import free_port

SAMPLES = Path(__file__).resolve().parents[2] / "samples" / "data" / "volumes"
VOLUME = "Z013-1-001-006"
SCANS = """\
title: Scans
connector: s3
mapping: {mapping}
holder: East
access: open
settings:
  endpoint: {endpoint}
  bucket: {bucket}
  prefix: {prefix}
  access_key: "{access_key}"
  secret_key: "{secret_key}"
"""
Captured = pytest.CaptureFixture[str]


def address(place: Bucket, **changes: str) -> str:
    """A place as it is written into `onestop.toml`."""
    told = {name: getattr(place, name) for name in ("access_key", "secret_key", "endpoint", "name", "prefix")} | changes
    keys = ":".join(quote(told[name], safe="") for name in ("access_key", "secret_key"))
    scheme, _, host = told["endpoint"].partition("://")
    return f"s3+{scheme}://{keys}@{host}/{told['name']}/{told['prefix']}"


def scans(minio: MinioServer) -> Bucket:
    """A bucket with the pages of a volume, and with a PDF."""
    bucket, client = minio.place("scans"), minio.client()
    for file in (SAMPLES / VOLUME).iterdir():
        client.fput_object(bucket.name, f"pages/{VOLUME}/{file.name}", str(file))
    letters = pdf(written("Marne 1865"), written("railway"))
    client.put_object(bucket.name, "letters/marne.pdf", io.BytesIO(letters), len(letters))
    return bucket


def workspace(folder: Path, minio: MinioServer, records: str, objects: str, source: Bucket) -> Path:
    (folder / "sources").mkdir(parents=True)
    (folder / "onestop.toml").write_text(f'records = "{records}"\nobjects = "{objects}"\n', encoding="utf-8")
    for name, mapping, prefix in (("pages", "page", "pages"), ("letters", "pdf", "letters")):
        told = {"mapping": mapping, "prefix": prefix, "bucket": source.name, "endpoint": minio.endpoint}
        text = SCANS.format(**told, access_key=minio.access_key, secret_key=minio.secret_key)
        (folder / f"sources/{name}.yml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def buckets(_minio: MinioServer) -> dict[str, Bucket]:
    _minio.start()
    place = _minio.place("house/records")
    return {"records": place, "objects": _minio.place("house/objects", place.name), "source": scans(_minio)}


@pytest.fixture(scope="module")
def filled(
    _minio: MinioServer, buckets: dict[str, Bucket], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Workspace]:
    """The workspace after a first run."""
    folder = tmp_path_factory.mktemp("bucket") / "house"
    records, objects = address(buckets["records"]), address(buckets["objects"])
    with Workspace(workspace(folder, _minio, records, objects, buckets["source"]), {}) as here:
        report = here.sync()
        assert {source.source: (source.indexed, source.failed) for source in report.sources} == {
            "pages": (1, 0),
            "letters": (1, 0),
        }
        yield here


def found(here: Workspace, words: str) -> str:
    [hit] = here.searcher.search(Query(text=words, size=1), ANONYMOUS)["hits"]
    return str(hit["id"])


def size(image: PageImage | None) -> tuple[int, int]:
    assert image is not None
    with Image.open(io.BytesIO(image.data)) as opened:
        return opened.size


def test_records_lie_in_the_bucket_and_nowhere_else(
    minio: MinioServer, filled: Workspace, buckets: dict[str, Bucket]
) -> None:
    names = minio.names(buckets["records"])
    assert "_delta_log/00000000000000000000.json" in names
    assert any(name.startswith("kind=record/") for name in names)
    assert not (filled.folder / "records").exists()
    assert not list((filled.folder / "cache/records/.new").rglob("*.parquet"))


def test_pages_of_a_bucket_are_shown(minio: MinioServer, filled: Workspace) -> None:
    """Page images and pages of a PDF come from the source, small and whole."""
    volume = found(filled, VOLUME)
    with Image.open(SAMPLES / VOLUME / "0002.jpg") as image:
        assert size(filled.services.page_image(volume, 2, ANONYMOUS)) == image.size
    assert size(filled.services.page_image(volume, 2, ANONYMOUS, 120))[0] <= 120
    assert size(filled.services.page_image(found(filled, "Marne"), 1, ANONYMOUS, 400))[0] in (400, 401)


def test_files_of_an_answer_go_through_the_bucket(
    minio: MinioServer, filled: Workspace, buckets: dict[str, Bucket]
) -> None:
    desk, clerk = filled.desk, Viewer("lin", frozenset({"staff"}))
    desk.accounts.add("lin", "correct horse battery staple", "staff")
    asked = {"resource_id": found(filled, "Marne"), "type": "query", "name": "Chen", "contact": "c@example.org"}
    receipt = desk.filing.submit(parse(RequestForm, asked), ANONYMOUS)
    copy = Upload("copy.pdf", "application/pdf", b"%PDF-1.7 a copy")
    desk.requests.answer(receipt.receipt, AnswerForm(text="Here it is"), clerk, [copy])
    _, data = desk.requests.file(receipt.receipt, 1, secret=receipt.secret)
    assert data == copy.data
    assert [name.partition("/")[0] for name in minio.names(buckets["objects"])] == ["answers"]
    assert not (filled.folder / "objects").exists()


def test_a_second_machine_has_everything_but_its_own_index(
    minio: MinioServer, filled: Workspace, buckets: dict[str, Bucket], tmp_path: Path
) -> None:
    """Nothing is read again from the sources; keys come from the environment here."""
    keys = {"AWS_ACCESS_KEY_ID": minio.access_key, "AWS_SECRET_ACCESS_KEY": minio.secret_key}
    plain = {name: f"s3+{minio.endpoint}/{place.name}/{place.prefix}" for name, place in buckets.items()}
    folder = workspace(tmp_path / "second", minio, plain["records"], plain["objects"], buckets["source"])
    with Workspace(folder, keys) as second:
        report = second.sync()
        assert [(source.indexed, source.unchanged) for source in report.sources] == [(0, 1), (0, 1)]
        assert found(second, "Marne") == found(filled, "Marne")
        record = second.store.get("letters", "marne.pdf")
        assert record is not None and record.copies[0].pages[0].text.startswith("Marne")
    assert {
        check["name"]: check["ok"] for check in examine(filled.folder) if check["name"] in ("records", "objects")
    } == {
        "records": True,
        "objects": True,
    }


def wrong(minio: MinioServer, place: Bucket) -> dict[str, tuple[str, str]]:
    """Addresses of records that cannot be followed, and a word of what is said."""
    good = address(place)
    return {
        "no bucket": (address(place, name="there-is-none"), "there is no such bucket"),
        "wrong secret": (address(place, secret_key="guessed-hush"), "refuses the keys"),
        "nobody there": (address(place, endpoint=f"http://127.0.0.1:{free_port()}"), "cannot be reached"),
        "region": (good + "?region=eu-west-1", "another region than eu-west-1"),
        "no region": (good + "?region=a%20b", "its region is none"),
        "no keys": (f"s3+{minio.endpoint}/{place.name}/records", "AWS_ACCESS_KEY_ID"),
        "a secret as it is": (f"s3+http://key:hu/sh@127.0.0.1:9000/{place.name}/records", "percent-encoded"),
        "a port": ("s3+http://key:hush@127.0.0.1:90000/house/records", "port"),
        "no folder": (good.replace("/house/records", ""), "must name a folder"),
        "a bad name": ("s3+http://key:hush@127.0.0.1:9000/UP/records", "bucket name"),
        "authority": (good + "?ca=nowhere.pem", "nowhere.pem"),
        "parameter": (good + "?regoin=x", "did you mean 'region'"),
        "scheme": ("ftp://key:hush@host/records", "name a folder"),
    }


WRONG = ["no bucket", "wrong secret", "nobody there", "region", "no region", "no keys", "a secret as it is", "a port"]
WRONG += ["no folder", "a bad name", "authority", "parameter", "scheme"]


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_address_is_one_sentence_without_a_key(
    minio: MinioServer, buckets: dict[str, Bucket], tmp_path: Path, name: str, capfd: Captured
) -> None:
    records, word = wrong(minio, buckets["records"])[name]
    folder = workspace(tmp_path / "house", minio, records, "file:objects", buckets["source"])
    assert run(["--workspace", str(folder), "report"]) == 2
    out, err = capfd.readouterr()
    assert (out, err.count("\n")) == ("", 1) and word in err, err
    for secret in ("hush", "hu/sh", minio.secret_key, quote(minio.secret_key, safe="")):
        assert secret not in err


def test_objects_among_the_records_are_refused(
    minio: MinioServer, buckets: dict[str, Bucket], tmp_path: Path, capfd: Captured
) -> None:
    """The end of a night takes away what lies among the records and is none."""
    within = address(buckets["records"], prefix="house/records/objects")
    folder = workspace(tmp_path / "house", minio, address(buckets["records"]), within, buckets["source"])
    assert run(["--workspace", str(folder), "sync"]) == 2
    assert "give each a folder of its own" in capfd.readouterr().err
