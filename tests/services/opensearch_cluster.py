"""Three nodes of OpenSearch as one cluster, each a process of its own, so that one of them can die."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

from tests.services.opensearch_server import OpenSearchServer, engine_address

NODES = 3
PATIENCE = 60
_MEMORY = Path("/dev/shm")
_QUICK = (
    "cluster.fault_detection.follower_check.interval=500ms",
    "cluster.fault_detection.follower_check.timeout=2s",
    "cluster.fault_detection.leader_check.interval=500ms",
    "cluster.fault_detection.leader_check.timeout=2s",
    "discovery.find_peers_interval=200ms",
    "indices.recovery.retry_delay_network=500ms",
)
"""A node that stops answering is given up sooner than in an archive, where it takes half a minute."""


class OpenSearchCluster:
    """`nodes` answer alone and together; one that was killed comes back with its data by `start`."""

    product = "opensearch"

    def __init__(self, nodes: int = NODES) -> None:
        """Raises NotThere."""
        self.nodes = [_Member() for _ in range(nodes)]
        names = ",".join(f"node-{node.transport}" for node in self.nodes)
        hosts = ",".join(f"127.0.0.1:{node.transport}" for node in self.nodes)
        found = [f"discovery.seed_hosts={hosts}", f"cluster.initial_cluster_manager_nodes={names}"]
        for node in self.nodes:
            node.joins(["discovery.type=zen", *found])

    @property
    def address(self) -> str:
        """``http://127.0.0.1:PORT,127.0.0.1:PORT,127.0.0.1:PORT``"""
        return "http://" + ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)

    def engine(self, index: str = "onestop", parameters: str = "") -> str:
        """The `engine` of a workspace that knows all nodes."""
        return engine_address(self.product, self.address, index, parameters)

    def start(self) -> None:
        """All nodes are up and every copy of every index is in its place. Raises RuntimeError."""
        with ThreadPoolExecutor(len(self.nodes)) as together:
            list(together.map(_Member.start, self.nodes))
        self.is_green(len(self.nodes))

    def is_green(self, nodes: int, index: str = "") -> None:
        """Wait until so many nodes hold all copies. Raises RuntimeError with what the cluster says of itself."""
        end, said = time.monotonic() + PATIENCE, {}
        while time.monotonic() < end:
            said = self.ask("GET", f"/_cluster/health/{index}", {"wait_for_status": "green", "timeout": "5s"})
            if said.get("status") == "green" and said.get("number_of_nodes") == nodes:
                return
            time.sleep(0.1)
        raise RuntimeError(f"the cluster does not become green: {said}")

    def ask(self, method: str, path: str, params: dict[str, str] | None = None, body: Any = None) -> Any:
        """What a node that is there answers, whatever its status."""
        query = "&".join(f"{name}={value}" for name, value in (params or {}).items())
        for node in self.nodes:
            request = urllib.request.Request(f"{node.address}{path}?{query}", method=method)
            request.add_header("content-type", "application/json")
            data = None if body is None else json.dumps(body).encode()
            try:
                with urllib.request.urlopen(request, data, timeout=30) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                return json.load(error)
            except OSError:
                continue
        raise RuntimeError("no node answers")

    def kill(self) -> None:
        """All nodes, as after a power cut."""
        for node in self.nodes:
            node.kill()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        for node in self.nodes:
            node.__exit__(*error)


class _Member(OpenSearchServer):
    """A node of a cluster, with its data in memory where that is possible."""

    def __init__(self) -> None:
        super().__init__()
        if os.access(_MEMORY, os.W_OK):
            shutil.rmtree(self.folder)
            self.folder = Path(tempfile.mkdtemp(prefix="onestop-service-", dir=_MEMORY))

    def joins(self, settings: Sequence[str]) -> None:
        """It looks for its cluster so."""
        self._settings = ["cluster.name=onestop-cluster", f"node.name=node-{self.transport}", *_QUICK, *settings]

    def is_up(self) -> bool:
        """It has found others and a manager."""
        health = f"{self.address}/_cluster/health"
        try:
            with urllib.request.urlopen(health, timeout=2) as answer:
                return bool(json.load(answer).get("number_of_nodes", 0) > 1)
        except (OSError, ValueError):
            return False
