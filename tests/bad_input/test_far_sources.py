"""Sources that cannot be had, each in its way: its sentence, its row, and the source beside it is as always."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.bad_input.house import Done, House
from tests.pipelines.conftest import finding_aid
from tests.services.minio_server import MinioServer
from tests.services.postgres_server import PostgresServer
from tests.services.server import free_port
from tests.services.web_server import Reply, WebServer, web_server

SECRET = "hunter2-and-more"
GOOD = "title: Aids\nconnector: folder\nmapping: ead\naccess: open\nsettings: {path: aids}\n"


@pytest.fixture
def web() -> Iterator[WebServer]:
    with web_server() as server:
        yield server


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A workspace with one good source."""
    house = House.new(tmp_path / "house")
    house.put("aids/a.xml", finding_aid([("F1-1", "Lighthouse accounts")], "F1"))
    house.source("aids", GOOD)
    return house


def synced(house: House, connector: str, mapping: str, settings: dict[str, Any], **more: Any) -> Done:
    """A run over the good source and a bad one, without patience."""
    source = {"title": "Far", "connector": connector, "mapping": mapping, "settings": settings, "patience": 0}
    house.source("far", yaml.safe_dump(source | more))
    return house.run("sync", "--json")


def told(done: Done, *words: str) -> dict[str, Any]:
    """The bad source's report: it says these words, never the password; the good source is as always."""
    assert done.code == 1, done.err
    assert "Traceback" not in done.err + done.out
    assert SECRET not in done.err + done.out
    reports = done.sources()
    assert (reports["aids"]["indexed"] + reports["aids"]["unchanged"], reports["aids"]["failed"]) == (2, 0)
    assert reports["aids"]["problems"] == []
    sentence = " ".join(f"{one['reason']} {one['hint']}" for one in reports["far"]["problems"])
    assert [word for word in words if word not in sentence] == [], sentence
    return reports["far"]


def test_a_bucket_without_permission(house: House, minio: MinioServer) -> None:
    minio.client().make_bucket("closed-to-you")
    far = told(synced(house, "s3", "ead", {"endpoint": minio.endpoint, "bucket": "closed-to-you"}), "closed-to-you")
    assert far["problems"][0]["code"] == "source-unreadable"


def test_a_server_that_is_not_there(house: House) -> None:
    address = f"http://127.0.0.1:{free_port()}"
    for connector, settings in (
        ("oai_pmh", {"url": f"{address}/oai", "password": SECRET, "user": "reader"}),
        ("http", {"url": f"{address}/list.csv", "headers": {"Authorization": SECRET}}),
        ("iiif", {"url": f"{address}/collection"}),
        ("s3", {"endpoint": address, "bucket": "papers", "access_key": "reader", "secret_key": SECRET}),
    ):
        told(synced(house, connector, "auto", settings), "127.0.0.1")


def test_a_database_that_refuses_the_password(house: House, postgres: PostgresServer) -> None:
    url = postgres.url("refusing").replace(f":{postgres.password}@", f":{SECRET}@")
    columns = {"columns": {"id": "id", "title": "title"}}
    told(synced(house, "sql", "table", {"url": url, "table": "papers"}, **columns), "password")


def test_a_manifest_at_a_private_address_is_refused(house: House, web: WebServer) -> None:
    inside = {"id": "http://169.254.169.254/latest/meta-data", "type": "Manifest"}
    collection = {"id": web.url("/top"), "type": "Collection", "label": {"en": ["Top"]}, "items": [inside]}
    web.routes["/top"] = Reply(json.dumps(collection).encode())
    far = told(synced(house, "iiif", "iiif", {"url": web.url("/top")}), "169.254.169.254", "allow")
    assert far["failed"] == 1


def test_a_secret_that_is_in_no_environment_and_no_file(house: House) -> None:
    settings = {"endpoint": "http://127.0.0.1:9", "bucket": "papers", "access_key": "reader"}
    told(synced(house, "s3", "ead", settings | {"secret_key": "file:nowhere.txt"}), "secret_key", "nowhere.txt")


def test_a_listing_whose_columns_moved_is_noticed_the_same_night(house: House, web: WebServer) -> None:
    listing = {"url": web.url("/rows"), "items": {"path": ""}, "key": "id"}
    columns = {"columns": {"id": "id", "title": "title"}}
    web.routes["/rows"] = Reply(b'[{"id": 1, "title": "Harbour"}, {"id": 2, "title": "Quay"}]')
    assert synced(house, "http", "table", listing, **columns).code == 0
    web.routes["/rows"] = Reply(b'[{"id": 1, "titel": "Harbour"}, {"id": 2, "titel": "Quay"}]')
    far = told(synced(house, "http", "table", listing, **columns), "title", "titel")
    assert (far["failed"], far["deleted"]) == (2, 0)
    assert house.search("harbour")["total"] == 1
