"""The thin client for Elasticsearch: `elasticsearch` with fast JSON and without retries of its own."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable
from typing import Any

from elasticsearch import (
    ApiError,
    Elasticsearch,
    ElasticsearchWarning,
    OrjsonSerializer,
    SerializationError,
    TransportError,
    UnsupportedProductError,
)
from elasticsearch.serializer import NdjsonSerializer

from indexer.engines.cluster.address import ClusterAddress
from indexer.engines.cluster.failures import Failure, of
from indexer.errors import EngineUnavailable

# What goes wrong is told in one sentence by whoever asked; what a server deprecates is our matter, not a reader's.
logging.getLogger("elastic_transport").setLevel(logging.CRITICAL)
warnings.filterwarnings("ignore", category=ElasticsearchWarning)


class _Lines(NdjsonSerializer):
    """Lines are bytes already."""

    def dumps(self, data: Any) -> bytes:
        return bytes(data)


def client(address: ClusterAddress, threads: int) -> tuple[Callable[..., Any], Callable[[], object]]:
    """What sends a request (see `connection.Send`), and what closes it."""
    try:
        opened = Elasticsearch(list(address.nodes), **_options(address, threads))
    except (ValueError, OSError) as error:
        raise EngineUnavailable(f"{address.title} at {address} cannot be prepared: {error}.") from None

    def send(method: str, target: str, body: bytes | None, kind: str, timeout: float | None) -> Any:
        asked = opened if timeout is None else opened.options(request_timeout=timeout)
        sent = (
            {"accept": "application/json", "content-type": kind} if body is not None else {"accept": "application/json"}
        )
        try:
            return asked.perform_request(method, target, headers=sent, body=body).body
        except UnsupportedProductError:
            raise Failure("product") from None
        except ApiError as error:
            raise Failure("answer", status=error.meta.status, body=error.body) from None
        except (SerializationError, ValueError):
            raise Failure("unreadable") from None
        except TransportError as error:
            raise of(error) from None

    return send, opened.close


def _options(address: ClusterAddress, threads: int) -> dict[str, Any]:
    """Of the client: the pool, no node discovery, and who we are."""
    options: dict[str, Any] = {
        "serializers": {"application/json": OrjsonSerializer(), "application/x-ndjson": _Lines()},
        "request_timeout": address.timeout,
        "connections_per_node": threads,
        "http_compress": False,
        "meta_header": False,
        "headers": address.authorization,
        "max_retries": 0,  # ours are in connection.py: with pauses, and only what may be sent twice
    }
    if address.url.startswith("https"):
        options |= {"verify_certs": address.verify, "ssl_show_warn": False}
        if address.ca:
            options["ca_certs"] = str(address.ca)
    return options
