"""One way to talk to OpenSearch and Elasticsearch: requests in our words, failures as one sentence, repeated where that
can help and cannot harm.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import orjson

from indexer.engines.cluster.address import ClusterAddress, Product
from indexer.engines.cluster.failures import LOST, UNSENT, Failure, Forbidden, Refused, told
from indexer.engines.cluster.server import ServerInfo, greet

__all__ = ["Connection", "Forbidden", "Refused", "connect"]

THREADS = 32
"""Connections that are kept to each node."""
PATIENCE = 2.0
"""Seconds in which a request is repeated, unless the caller has more."""
FIRST_WAIT, LONGEST_WAIT = 0.05, 5.0
FIRST_SHARE = 0.6
"""What the first try may take of the time for all: a node that hangs leaves some to the others."""
JSON, LINES = "application/json", "application/x-ndjson"
_READS = frozenset({"_search", "_msearch", "_count", "_mget", "_pit", "point_in_time", "_analyze", "_validate"})
"""POST requests that change nothing, by the part of their path that says so (a second point in time only expires)."""
_AGAIN = frozenset({"_bulk", "_refresh", "_flush", "_forcemerge"})
"""POST requests that may be sent twice: the actions of a bulk name their ids (see `Connection.lines`)."""


Send = Callable[[str, str, bytes | None, str, float | None], Any]
"""Method, path with query, body, content type, time-out -> the answer. Raises Failure. What the thin clients do."""


class Connection:
    """A cluster one can ask, over one of the two clients; any number of threads at once."""

    def __init__(self, address: ClusterAddress, send: Send, close: Callable[[], object]) -> None:
        self._address, self._send, self._close = address, send, close
        self._server: ServerInfo | None = None

    @property
    def address(self) -> ClusterAddress:
        return self._address

    @property
    def product(self) -> Product:
        return self._address.product

    @property
    def server(self) -> ServerInfo:
        """What the server says it is, asked once before the first request. Raises EngineUnavailable when it is another
        product or a version that is not supported.
        """
        if self._server is None:
            within = self._address.search_timeout
            self._server = greet(
                self._address, lambda path: self._repeated("GET", path, None, JSON, None, None, PATIENCE, within)
            )
        return self._server

    def ask(
        self,
        method: str,
        path: str,
        body: object | bytes | None = None,
        params: Mapping[str, str] | None = None,
        *,
        timeout: float | None = None,
        patience: float = PATIENCE,
        within: float | None = None,
    ) -> Any:
        """The JSON that answers a request; for HEAD, whether it is there. A body that is not bytes goes as JSON.

        `timeout`: seconds for each try (default: the address's); `patience`: seconds in which it is repeated, on other
        nodes first, when it is lost or the server is busy; `within`: seconds for all tries together. A PUT or DELETE
        may be sent twice: what was made then says 400, what was deleted 404. Another request that would count twice is
        repeated only when nothing of it was read. Raises Refused and EngineUnavailable.
        """
        self.server  # noqa: B018  (nothing is asked of a stranger)
        sent = body if body is None or isinstance(body, bytes) else orjson.dumps(body)
        return self._repeated(method, path, sent, JSON, params, timeout, patience, within)

    def lines(
        self,
        path: str,
        body: bytes,
        params: Mapping[str, str] | None = None,
        *,
        timeout: float | None = None,
        patience: float = PATIENCE,
        within: float | None = None,
    ) -> Any:
        """As `ask`, for what is sent as lines of JSON: `_msearch` and `_bulk`. Every action of a bulk must name its
        ``_id``, since it may be sent twice: what was created then says 409. A bulk that the server is too busy for
        (429) is not repeated: Refused, and the caller sends less.
        """
        self.server  # noqa: B018
        return self._repeated("POST", path, body, LINES, params, timeout, patience, within)

    def close(self) -> None:
        """Let go of the connections."""
        self._close()

    def _repeated(
        self,
        method: str,
        path: str,
        body: bytes | None,
        kind: str,
        params: Mapping[str, str] | None,
        timeout: float | None,
        patience: float,
        within: float | None,
    ) -> Any:
        target = f"{path}?{urlencode(params)}" if params else path
        begun, wait, tries = time.monotonic(), FIRST_WAIT, 0
        last = begun + within if within else math.inf
        while True:
            tries += 1
            try:
                return self._send(method, target, body, kind, _of_one_try(timeout, within, last))
            except Failure as failure:
                next_one = time.monotonic() + wait
                over = (next_one > begun + patience and tries >= len(self._address.nodes)) or next_one > last
                if over or not _helps(failure, method, path):
                    raise told(failure, self._address, within or timeout or self._address.timeout) from None
            time.sleep(wait * random.uniform(0.5, 1.0))  # noqa: S311  (threads that failed together come apart)
            wait = min(wait * 2, LONGEST_WAIT)


def connect(address: ClusterAddress) -> Connection:
    """A connection; nothing is sent before the first request. Raises EngineUnavailable when it cannot be prepared."""
    if address.product == "opensearch":
        from indexer.engines.cluster import opensearch_client

        return Connection(address, *opensearch_client.client(address, THREADS))
    from indexer.engines.cluster import elasticsearch_client

    return Connection(address, *elasticsearch_client.client(address, THREADS))


def _of_one_try(timeout: float | None, within: float | None, last: float) -> float | None:
    """Seconds for a try, when all of them have to end at `last`."""
    if within is None:
        return timeout
    return max(min(timeout or within, within * FIRST_SHARE, last - time.monotonic()), FIRST_WAIT)


def _helps(failure: Failure, method: str, path: str) -> bool:
    """May this request be sent again, and is there hope?"""
    words = frozenset(path.partition("?")[0].split("/"))
    reads = method in ("GET", "HEAD") or (method == "POST" and not words.isdisjoint(_READS))
    twice = reads or method in ("PUT", "DELETE") or not words.isdisjoint(_AGAIN)
    if failure.kind == "answer":
        return (failure.status in (502, 503, 504) and twice) or (failure.status == 429 and reads)
    return failure.kind in LOST and (twice or failure.kind in UNSENT)
