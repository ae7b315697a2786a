"""Writing to an index on a cluster."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from collections.abc import Iterable, Iterator

import orjson

from indexer.engines.cluster.connection import Connection, Refused
from indexer.engines.cluster.mapping import MARKER, mappings, settings
from indexer.fields import SCHEMA_VERSION

_ID = re.compile(rb'"id":"([^"\\]+)"')


class ClusterWriter:
    """One writing session: into the index that is shown, or into a new one beside it that is shown at the commit."""

    def __init__(self, connection: Connection, version: str, shown: str | None) -> None:
        self._connection, self._version, self._shown = connection, version, shown
        self._index = shown or self._new()
        self._last, self._count = "", 0

    def _new(self) -> str:
        address = self._connection.address
        stamp = dt.datetime.now(dt.UTC).strftime("%Y%m%dt%H%M%S")
        name = f"{address.name}-{stamp}-{secrets.token_hex(3)}"
        body = {"settings": settings(address, self._version), "mappings": mappings()}
        self._connection.ask("PUT", f"/{name}", body)
        return name

    def delete(self, resource_ids: Iterable[str]) -> None:
        wanted = list(dict.fromkeys(resource_ids))
        if self._index != self._shown or not wanted:
            return
        query = {
            "size": 0,
            "query": {"terms": {"id": wanted}},
            "aggs": {"id": {"terms": {"field": "id", "size": len(wanted)}}},
        }
        buckets = self._connection.ask("POST", f"/{self._index}/_search", query)["aggregations"]["id"]["buckets"]
        lines = [
            orjson.dumps({"delete": {"_id": f"{bucket['key']}:{number}", "routing": bucket["key"]}})
            for bucket in buckets
            for number in range(bucket["doc_count"])
        ]
        self._bulk(lines)

    def clear(self) -> None:
        if self._index == self._shown:
            self._index = self._new()

    def add(self, documents: Iterable[bytes]) -> None:
        self._bulk(line for document in documents for line in self._lines(document))

    def _lines(self, document: bytes) -> Iterator[bytes]:
        found = _ID.search(document)
        resource = found[1].decode() if found else ""
        self._count = self._count + 1 if resource == self._last else 0
        self._last = resource
        yield orjson.dumps({"index": {"_id": f"{resource}:{self._count}", "routing": resource}})
        yield document

    def _bulk(self, lines: Iterable[bytes]) -> None:
        body = b"\n".join([*lines, b""])
        if body.strip():
            answer = self._connection.lines(f"/{self._index}/_bulk", body)
            if answer["errors"]:
                failed = next(item for item in answer["items"] if "error" in next(iter(item.values())))
                raise Refused(self._connection.address, 400, "bulk", str(failed), failed)

    def commit(self, store_version: int) -> None:
        marker = {"id": MARKER, "scope": [MARKER], "store_version": store_version, "schema_version": SCHEMA_VERSION}
        action = {"index": {"_id": MARKER, "routing": MARKER}}
        self._bulk([orjson.dumps(action), orjson.dumps(marker)])
        self._connection.ask("POST", f"/{self._index}/_refresh")
        if self._index != self._shown:
            name = self._connection.address.name
            actions: list[dict[str, dict[str, str]]] = [{"add": {"index": self._index, "alias": name}}]
            if self._shown:
                actions.append({"remove": {"index": self._shown, "alias": name}})
            self._connection.ask("POST", "/_aliases", {"actions": actions})
            self._shown = self._index

    def close(self) -> None:
        """Uncommitted work is dropped."""
