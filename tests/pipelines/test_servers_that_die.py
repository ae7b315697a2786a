"""Servers killed and started again in the middle of a run: the run waits, and has everything in the end."""

from __future__ import annotations

import threading
import time
from io import BytesIO
from pathlib import Path

import pytest

from pipelines.source import SourceSpec
from pipelines.workers import Workers
from tests.pipelines.conftest import House, finding_aid
from tests.services.minio_server import MinioServer
from tests.services.postgres_server import PostgresServer
from tests.services.server import Server

OBJECTS, ROWS = 150, 20_000
AWAY = 1.5
"""Seconds a server is gone."""


class Dying:
    """Kills a server once, when a run has told so much progress, and starts it again a little later."""

    def __init__(self, server: Server, at: int) -> None:
        self._server, self._at = server, at
        self._again: threading.Thread | None = None

    def __call__(self, source: str, step: str, done: int, total: int | None) -> None:
        if self._again is None and step == "read" and done >= self._at:
            self._server.kill()
            self._again = threading.Thread(target=self._start)
            self._again.start()

    def _start(self) -> None:
        time.sleep(AWAY)
        self._server.start()

    def happened(self) -> bool:
        """Was the server killed? Waits until it is up again."""
        if self._again is None:
            return False
        self._again.join()
        return True


@pytest.fixture
def house(tmp_path: Path, workers: Workers) -> House:
    house = House(tmp_path, workers)
    house.specs = []
    return house


@pytest.mark.slow
def test_minio_is_killed_and_started_again(house: House, minio: MinioServer) -> None:
    client = minio.client()
    client.make_bucket("dying")
    for number in range(OBJECTS):
        body = finding_aid([(f"D{number}-1", f"Sheet {number}")], f"D{number}").encode() + b" " * 40_000
        client.put_object("dying", f"{number:03}.xml", BytesIO(body), len(body))
    settings = minio.settings("dying")
    house.specs = [SourceSpec("bucket", "Bucket", "s3", "ead", "East", settings=settings, base=house.folder)]
    dying = Dying(minio, at=64)
    (report,) = house.sync(progress=dying).sources
    assert dying.happened()
    (again,) = house.sync().sources
    assert (again.indexed + again.unchanged, again.failed, again.deleted) == (2 * OBJECTS, 0, 0)
    assert report.indexed + again.indexed == 2 * OBJECTS
    assert len(house.records()) == 2 * OBJECTS


@pytest.mark.slow
def test_postgres_is_killed_and_started_again(house: House, postgres: PostgresServer) -> None:
    url = postgres.url("dying")
    made = (
        f"create table papers as select g as id, 'Paper ' || g as title, g as changed from generate_series(1, {ROWS}) g"
    )
    postgres.execute("dying", made)
    settings = {"url": url, "table": "papers", "key": "id", "changed": "changed"}
    columns: dict[str, str | list[str]] = {"id": "id", "title": "title"}
    spec = SourceSpec("papers", "Papers", "sql", "table", "East", settings=settings, columns=columns, base=house.folder)
    house.specs = [spec]
    dying = Dying(postgres, at=5_000)
    (report,) = house.sync(progress=dying).sources
    assert dying.happened()
    assert (report.indexed, report.failed, report.held_back) == (ROWS, 0, False)
    assert report.retries >= 1
    assert len(house.records()) == ROWS
