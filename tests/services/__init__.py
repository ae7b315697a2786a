"""Real servers for tests: each on a free port of this machine, in a folder of its own, one of a kind a process."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.services.elasticsearch_server import ElasticsearchServer
from tests.services.minio_server import MinioServer
from tests.services.opensearch_cluster import OpenSearchCluster
from tests.services.opensearch_server import OpenSearchServer, RunningServer
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


@pytest.fixture(scope="session")
def _opensearch() -> Iterator[OpenSearchServer | RunningServer]:
    if running := os.environ.get("ONESTOP_TEST_OPENSEARCH"):
        yield RunningServer("opensearch", running)
    else:
        with OpenSearchServer() as server:
            yield server


@pytest.fixture
def opensearch(_opensearch: OpenSearchServer | RunningServer) -> OpenSearchServer | RunningServer:
    """An OpenSearch that is up; name an index of your own, as others use it, too."""
    _opensearch.start()
    return _opensearch


@pytest.fixture(scope="session")
def _elasticsearch() -> Iterator[ElasticsearchServer | RunningServer]:
    if running := os.environ.get("ONESTOP_TEST_ELASTICSEARCH"):
        yield RunningServer("elasticsearch", running)
    else:
        with ElasticsearchServer() as server:
            yield server


@pytest.fixture
def elasticsearch(_elasticsearch: ElasticsearchServer | RunningServer) -> ElasticsearchServer | RunningServer:
    """A core of Elasticsearch that is up; name an index of your own, as others use it, too."""
    _elasticsearch.start()
    return _elasticsearch


@pytest.fixture(scope="session")
def _opensearch_cluster() -> Iterator[OpenSearchCluster]:
    with OpenSearchCluster() as cluster:
        yield cluster


@pytest.fixture
def opensearch_cluster(_opensearch_cluster: OpenSearchCluster) -> OpenSearchCluster:
    """Three nodes of OpenSearch that are all up, even when the test before killed some."""
    _opensearch_cluster.start()
    return _opensearch_cluster
