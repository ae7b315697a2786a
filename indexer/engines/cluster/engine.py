"""The engine on a cluster: its index is an alias, asked by `_msearch`."""

from __future__ import annotations

from indexer.engines.cluster.address import ClusterAddress
from indexer.engines.cluster.connection import connect
from indexer.engines.cluster.writer import ClusterWriter


class ClusterEngine:
    """An index on OpenSearch or Elasticsearch, known by an alias."""

    def __init__(self, address: ClusterAddress) -> None:
        self.address = address
        self._connection = connect(address)

    def writer(self) -> ClusterWriter:
        """Begin writing."""
        version = self._connection.ask("GET", "/")["version"]["number"]
        aliases = self._connection.ask("GET", f"/_alias/{self.address.name}")
        return ClusterWriter(self._connection, version, next(iter(aliases), None))
