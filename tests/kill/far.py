"""Sources behind every other transport, before and after a change: servers that all trials ask, and files that lie in
the folder of a trial.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable, write_deltalake

from tests.pipelines.conftest import finding_aid
from tests.services.minio_server import MinioServer
from tests.services.oai_server import OaiServer, dublin_core
from tests.services.web_server import Asked, Reply, WebServer

PLACES = "places.json"
"""Settings of the far sources, in the folder of a trial."""
BUCKET = "kill"
PAGE = 10
CHANGED = {"parameter": "since", "path": "updated", "in_order": True}


class Far:
    """The servers. `old` is what there was before, `new` what there is now; both say what lies in a folder, too."""

    def __init__(self, minio: MinioServer) -> None:
        self._minio = minio
        self._oai = OaiServer(page=PAGE)
        self._web = WebServer()
        self._rows: dict[int, dict[str, Any]] = {}
        self._activities: list[dict[str, Any]] = []
        self._web.routes |= {"/rows": self._row_page, "/stream": self._stream, "/stream/page": self._stream_page}

    def __enter__(self) -> Far:
        self._oai.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._oai.stop()
        self._web.stop()

    def old(self, folder: Path) -> None:
        """Forty records or so behind each transport."""
        for number in range(40):
            self._oai.put(f"oai:x:{number}", dublin_core(f"Harvested {number}", f"H-{number}"))
            self._put_row(number, "first")
            self._put_manifest(number, "first")
        client = self._minio.client()
        client.make_bucket(BUCKET)
        for number in range(12):
            self._put_object(f"aids/s{number}.xml", _aid(number, "S", "first"))
        _database(folder, dict.fromkeys(range(60), ("first", 1)))
        _archive(folder, {number: _aid(number, "Z", "first") for number in range(10)})
        _parquet(folder, dict.fromkeys(range(50), "first"))
        _delta(folder, dict.fromkeys(range(50), "first"), {})
        self._write_places(folder)

    def new(self, folder: Path) -> None:
        """Of everything some changed, some gone, some new."""
        for number in (3, 17, 41, 42):
            self._oai.put(f"oai:x:{number}", dublin_core(f"Harvested {number}, corrected", f"H-{number}"))
            self._put_row(number, "second")
            self._put_manifest(number, "second")
            self._put_object(f"aids/s{number}.xml", _aid(number, "S", "second"))
        for number in (5, 6):
            self._oai.delete(f"oai:x:{number}")
            self._put_row(number, "second", state="withdrawn")
            self._act("Delete", number)
            self._minio.client().remove_object(BUCKET, f"aids/s{number}.xml")
        rows = {number: ("second" if number % 20 == 3 else "first", 1) for number in range(4, 70)}
        _database(folder, rows | dict.fromkeys((8, 9), ("first", 0)))
        _archive(folder, {number: _aid(number, "Z", "second" if number == 3 else "first") for number in range(2, 12)})
        rows = {number: "second" if number % 20 == 3 else "first" for number in range(2, 55)}
        _parquet(folder, rows)
        _delta(folder, rows, {0: "first", 1: "first"})

    # What the servers hold

    def _put_row(self, number: int, word: str, state: str = "public") -> None:
        updated = len(self._activities) + number + 1000 * (word == "second")
        self._rows[number] = {"id": str(number), "title": f"Row {number} {word}", "state": state, "updated": updated}

    def _row_page(self, asked: Asked) -> Reply:
        since, offset = int(asked.query.get("since", 0)), int(asked.query.get("offset", 0))
        rows = sorted(self._rows.values(), key=lambda row: (row["updated"], row["id"]))
        rows = [row for row in rows if row["updated"] >= since][offset : offset + PAGE]
        return Reply(json.dumps({"results": rows}).encode())

    def _put_manifest(self, number: int, word: str) -> None:
        url = self._web.url(f"/m{number}/manifest")
        label = {"en": [f"Manuscript {number} {word}"]}
        body = {"@context": "http://iiif.io/api/presentation/3/context.json", "id": url, "type": "Manifest"}
        self._web.routes[f"/m{number}/manifest"] = Reply(json.dumps(body | {"label": label, "items": []}).encode())
        self._act("Update" if word == "second" else "Create", number)

    def _act(self, kind: str, number: int) -> None:
        at = len(self._activities)
        moment = f"2026-01-01T{at // 3600:02}:{at // 60 % 60:02}:{at % 60:02}Z"
        manifest = {"id": self._web.url(f"/m{number}/manifest"), "type": "Manifest"}
        self._activities.append({"type": kind, "object": manifest, "endTime": moment})

    def _stream(self, asked: Asked) -> Reply:
        last = {"id": self._web.url("/stream/page"), "type": "OrderedCollectionPage"}
        return _json({"id": self._web.url("/stream"), "type": "OrderedCollection", "last": last})

    def _stream_page(self, asked: Asked) -> Reply:
        page = {"id": self._web.url("/stream/page"), "type": "OrderedCollectionPage"}
        return _json(page | {"orderedItems": self._activities})

    def _put_object(self, name: str, body: bytes) -> None:
        self._minio.client().put_object(BUCKET, name, BytesIO(body), len(body))

    # How they are asked

    def _write_places(self, folder: Path) -> None:
        listing = {"url": self._web.url("/rows"), "items": {"path": "results"}, "key": "id"}
        listing |= {"next": {"parameter": "offset", "step": PAGE}, "deleted": {"state": ["withdrawn"]}}
        database = {"url": "sqlite:///far.db", "table": "papers", "key": "id", "changed": "changed"}
        table = {"columns": {"id": "id", "title": "title"}}
        places = {
            "harvest": ("oai_pmh", "dc", {"url": self._oai.url}, {}),
            "listing": ("http", "table", listing | {"changed": CHANGED}, table),
            "manifests": ("iiif", "iiif", {"url": self._web.url("/stream"), "allow": ["127.0.0.1"]}, {}),
            "bucket": ("s3", "ead", self._minio.settings(BUCKET), {}),
            "papers": ("sql", "table", database | {"deleted": {"public": [0]}}, table),
            "columns": ("parquet", "table", {"path": "columns", "key": "id"}, table),
            "feed": ("parquet", "table", {"path": "feed", "key": "id"}, table),
            "packed": ("folder", "ead", {"path": "packed"}, {}),
        }
        (folder / PLACES).write_text(json.dumps(places), encoding="utf-8")


def _json(document: dict[str, Any]) -> Reply:
    return Reply(json.dumps(document).encode())


def _aid(number: int, code: str, word: str) -> bytes:
    files = [(f"{code}{number}-{file}", f"Sheet {file} of {number} {word}") for file in range(8)]
    return finding_aid(files, f"{code}{number}").encode()


def _database(folder: Path, rows: dict[int, tuple[str, int]]) -> None:
    """A table of papers; what says something else than the first time changed later."""
    (folder / "far.db").unlink(missing_ok=True)
    with sqlite3.connect(folder / "far.db") as connection:
        connection.execute("CREATE TABLE papers (id INTEGER PRIMARY KEY, title TEXT, changed INTEGER, public INTEGER)")
        values = [
            (number, f"Paper {number} {word}", number + 1000 * (word == "second" or not public), public)
            for number, (word, public) in rows.items()
        ]
        connection.executemany("INSERT INTO papers VALUES (?, ?, ?, ?)", values)
    connection.close()


def _table(rows: dict[int, str]) -> pa.Table:
    titles = [f"Leaf {number} {word}" for number, word in rows.items()]
    return pa.table({"id": pa.array(list(rows), pa.int64()), "title": titles})


def _parquet(folder: Path, rows: dict[int, str]) -> None:
    (folder / "columns").mkdir(exist_ok=True)
    pq.write_table(_table(rows), folder / "columns/leaves.parquet")


def _delta(folder: Path, rows: dict[int, str], gone: dict[int, str]) -> None:
    """A Delta table that tells its changes: some rows merged in, others deleted."""
    place = str(folder / "feed")
    if not (folder / "feed").exists():
        write_deltalake(place, _table(rows), configuration={"delta.enableChangeDataFeed": "true"})
        return
    table = DeltaTable(place)
    merge = table.merge(_table(rows), "old.id = new.id", source_alias="new", target_alias="old")
    merge.when_matched_update_all("old.title != new.title").when_not_matched_insert_all().execute()
    table.delete(f"id in ({', '.join(map(str, gone))})")


def _archive(folder: Path, files: dict[int, bytes]) -> None:
    shutil.rmtree(folder / "packed", ignore_errors=True)
    (folder / "packed").mkdir()
    with zipfile.ZipFile(folder / "packed/aids.zip", "w") as archive:
        for number, body in files.items():
            archive.writestr(zipfile.ZipInfo(f"z{number}.xml"), body)
