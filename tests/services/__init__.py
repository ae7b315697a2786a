"""Real servers for tests: each on a free port of this machine, in a folder of its own, one of a kind a process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.services.minio_server import MinioServer
from tests.services.postgres_server import PostgresServer


@pytest.fixture(scope="session")
def _minio() -> Iterator[MinioServer]:
    with MinioServer() as server:
        yield server


@pytest.fixture
def minio(_minio: MinioServer) -> MinioServer:
    """A MinIO server that is up, even when the test before killed it."""
    _minio.start()
    return _minio


@pytest.fixture(scope="session")
def _postgres() -> Iterator[PostgresServer]:
    with PostgresServer() as server:
        yield server


@pytest.fixture
def postgres(_postgres: PostgresServer) -> PostgresServer:
    """A PostgreSQL server that is up, even when the test before killed it."""
    _postgres.start()
    return _postgres
