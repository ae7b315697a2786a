"""The thin client for OpenSearch: `opensearch-py` with fast JSON and without retries of its own."""

from __future__ import annotations

import importlib
import logging
import os
import warnings
from collections.abc import Callable
from typing import Any

import orjson
from opensearchpy import JSONSerializer, OpenSearch, OpenSearchWarning, RequestsHttpConnection
from opensearchpy.exceptions import ConnectionError as Unanswered
from opensearchpy.exceptions import ImproperlyConfigured, SerializationError, TransportError

from indexer.engines.cluster.address import ClusterAddress
from indexer.engines.cluster.failures import Failure, of
from indexer.errors import EngineUnavailable

# What goes wrong is told in one sentence by whoever asked; what a server deprecates is our matter, not a reader's.
logging.getLogger("opensearch").setLevel(logging.CRITICAL)
warnings.filterwarnings("ignore", category=OpenSearchWarning)


class _FastJSON(JSONSerializer):
    """Bodies are bytes already; answers are read with orjson."""

    def loads(self, s: str) -> Any:
        return orjson.loads(s)

    def dumps(self, data: Any) -> Any:
        return data


def client(address: ClusterAddress, threads: int) -> tuple[Callable[..., Any], Callable[[], object]]:
    """What sends a request (see `connection.Send`), and what closes it."""
    try:
        opened = OpenSearch(hosts=list(address.nodes), **_options(address, threads))
    except (ImproperlyConfigured, OSError) as error:
        raise EngineUnavailable(f"{address.title} at {address} cannot be prepared: {error}.") from None
    perform = opened.transport.perform_request

    def send(method: str, target: str, body: bytes | None, kind: str, timeout: float | None) -> Any:
        try:
            return perform(method, target, body=body, timeout=timeout, headers={"content-type": kind})
        except Unanswered as error:
            raise of(error) from None
        except TransportError as error:
            raise Failure("answer", status=int(error.status_code), body=_body(error)) from None
        except (SerializationError, ValueError, AttributeError):  # the last: an error whose JSON is no object
            raise Failure("unreadable") from None

    return send, opened.close


def _options(address: ClusterAddress, threads: int) -> dict[str, Any]:
    """Of the client: the pool, no node discovery, and who we are."""
    return {
        "serializer": _FastJSON(),
        "timeout": address.timeout,
        "pool_maxsize": threads,
        "http_compress": False,
        "max_retries": 0,  # ours are in connection.py: with pauses, and only what may be sent twice
        "retry_on_timeout": True,  # so that a node that was late is left alone for a while
        "ca_certs": str(address.ca) if address.ca else None,
        "verify_certs": address.verify,
        "ssl_show_warn": False,
        "headers": address.authorization,
        **(_signing(address) if address.aws_region else {}),
    }


def _signing(address: ClusterAddress) -> dict[str, Any]:
    """What signs requests for Amazon with the keys of the environment. Raises EngineUnavailable."""
    try:
        signer = importlib.import_module("requests_aws4auth").AWS4Auth
    except ImportError:
        raise EngineUnavailable(
            "Signed requests (aws_region) need a library; install it with: pip install 'onestop-archives[aws]'"
        ) from None
    keys = [os.environ.get(name) for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")]
    if not all(keys):
        raise EngineUnavailable(
            f"{address.title} at {address} needs AWS keys, and there are none; set AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY in the environment."
        )
    token = os.environ.get("AWS_SESSION_TOKEN")
    signing = signer(*keys, address.aws_region, address.aws_service, session_token=token)
    return {"http_auth": signing, "connection_class": RequestsHttpConnection}


def _body(error: TransportError) -> Any:
    """The answer to a request that failed: JSON, or text."""
    info = error.args[2] if len(error.args) > 2 else None
    return info if info is not None else str(error.error)
