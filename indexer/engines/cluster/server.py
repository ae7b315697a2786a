"""What a server says about itself: is it one we can work with, and is it well?"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from indexer.engines.cluster.address import TITLES, ClusterAddress, Product
from indexer.engines.cluster.failures import OLDEST, SUPPORTED, Refused, stranger
from indexer.errors import EngineUnsupported

_VERSIONS = "/_nodes?filter_path=nodes.*.version"
"""Asked where the page that names the version is not offered."""


@dataclass(frozen=True)
class ServerInfo:
    """A server that we can work with: its version as it writes it, the name of its cluster ("" when unknown)."""

    product: Product
    version: str
    cluster: str = ""

    def __str__(self) -> str:
        return f"{TITLES[self.product]} {self.version}"


def greet(address: ClusterAddress, ask: Callable[[str], Any]) -> ServerInfo:
    """What stands behind an address; `ask` gets the JSON of a path. Raises EngineUnsupported when it is not the product
    that the address names, or a version that is not supported.
    """
    try:
        said = ask("/")
    except Refused as refused:
        if address.product != "elasticsearch" or refused.status not in (404, 405):
            raise stranger(address) from None
        return _supported(address, _oldest_node(address, ask), "")
    version = said.get("version") if isinstance(said, dict) else None
    if not isinstance(version, dict) or not isinstance(version.get("number"), str):
        raise stranger(address)
    if address.product == "opensearch" and version.get("distribution") != "opensearch":
        raise stranger(address)
    return _supported(address, version["number"], str(said.get("cluster_name", "")))


def _oldest_node(address: ClusterAddress, ask: Callable[[str], Any]) -> str:
    """The version of the oldest node. Raises EngineUnsupported."""
    try:
        nodes = ask(_VERSIONS)["nodes"]
    except (Refused, LookupError, TypeError):
        raise stranger(address) from None
    return min((str(node["version"]) for node in nodes.values()), key=_parts, default="0")


def _supported(address: ClusterAddress, version: str, cluster: str) -> ServerInfo:
    if _parts(version) < OLDEST[address.product]:
        raise EngineUnsupported(f"{address.title} at {address} has version {version}, which is older than {SUPPORTED}.")
    return ServerInfo(address.product, version, cluster)


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:2])
