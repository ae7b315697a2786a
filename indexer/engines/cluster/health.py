"""Is a server well, and does it let us work? Told in plain words for `onestop doctor`; each finding by itself."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from indexer.engines.cluster.connection import Connection, Forbidden, Refused
from indexer.errors import SearchError

_DISK_SETTINGS = {"include_defaults": "true", "filter_path": "*.cluster.routing.allocation.disk"}
_BLOCKS = {
    "read_only_allow_delete": (
        "takes no changes, since a disk of the server was nearly full: make room there; it opens again by itself"
    ),
    "read_only": "was made read-only: somebody set index.blocks.read_only; take it away there",
    "write": "was closed for changes: somebody set index.blocks.write; take it away there",
    "read": "was closed for searching: somebody set index.blocks.read; take it away there",
    "metadata": "was closed for looking at it: somebody set index.blocks.metadata; take it away there",
}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    name: str
    ok: bool
    detail: str


class _Wrong(SearchError):
    """What was looked at is not as it should be."""


def examine(connection: Connection) -> Iterator[Finding]:
    """What `onestop doctor` tells of a server: the version first, and nothing else when that is wrong."""
    try:
        server = connection.server
    except SearchError as error:
        yield Finding("server", False, str(error))
        return
    cluster = f", cluster {server.cluster}" if server.cluster else ""
    yield Finding("server", True, f"{server}{cluster}")
    looks: tuple[tuple[str, Callable[[Connection], str]], ...] = (
        ("server health", _health),
        ("server disks", _disks),
        ("server modules", _modules),
        ("server rights", _rights),
        ("server index", _index),
    )
    for name, look in looks:
        yield _finding(name, look, connection)


def _finding(name: str, look: Callable[[Connection], str], connection: Connection) -> Finding:
    try:
        return Finding(name, True, look(connection))
    except Forbidden:
        return Finding(name, True, "not shown to this user, and not needed")
    except SearchError as error:
        return Finding(name, False, str(error))


def _health(connection: Connection) -> str:
    """Whether all parts of the index have their place; of everything on the server before there is an index."""
    name = connection.address.name
    path = "/_cluster/health" + (f"/{name}" if connection.ask("HEAD", f"/{name}") else "")
    said = connection.ask("GET", path, params={"timeout": "1s"})
    nodes, lost = int(said["number_of_data_nodes"]), int(said["unassigned_shards"])
    of = "1 node" if nodes == 1 else f"{nodes} nodes"
    if said["status"] == "red":
        raise _Wrong(
            f"red ({of}): a part of the index is on no node, so searches miss records; start the missing node."
        )
    if said["status"] == "yellow":
        raise _Wrong(
            f"yellow ({of}): {lost} of the copies that replicas= asks for have no place; "
            "start the missing node, or write replicas=0 for a server of one node."
        )
    return f"{said['status']}, {of}"


def _disks(connection: Connection) -> str:
    """How full the fullest disk is, beside the mark above which a server moves or refuses data."""
    listed = connection.ask("GET", "/_cat/allocation", params={"format": "json", "h": "node,disk.percent"})
    full = {str(row["node"]): int(row["disk.percent"]) for row in listed if row.get("disk.percent")}
    if not full:
        return "not known"
    fullest = max(full, key=lambda node: full[node])
    said = f"{full[fullest]} % full on {fullest}"
    high = _high_mark(connection)
    if high is not None and full[fullest] >= high:
        raise _Wrong(f"{said}: above {high:g} % the server takes no new data, soon not even changes; make room there.")
    return said


def _high_mark(connection: Connection) -> float | None:
    """The low watermark in percent; None when it is in bytes or disks are not watched."""
    settings = connection.ask("GET", "/_cluster/settings", params=_DISK_SETTINGS)
    disk: dict[str, Any] = {}
    for level in ("defaults", "persistent", "transient"):
        disk |= _flat(
            settings.get(level, {}).get("cluster", {}).get("routing", {}).get("allocation", {}).get("disk", {})
        )
    mark = str(disk.get("watermark.low", ""))
    if str(disk.get("threshold_enabled", "true")) != "true" or not mark.endswith("%"):
        return None
    return float(mark.removesuffix("%"))


def _flat(settings: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """``{"watermark": {"low": "85%"}}`` as ``{"watermark.low": "85%"}``."""
    flat: dict[str, Any] = {}
    for name, value in settings.items():
        flat |= _flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return flat


def _modules(connection: Connection) -> str:
    """The one thing we ask of a server beyond storing and counting: to cut text at its blanks."""
    text = {"analyzer": "whitespace", "text": "two words"}
    if len(connection.ask("POST", "/_analyze", text).get("tokens", ())) != 2:
        raise _Wrong(
            "the analyzer `whitespace` does not cut at blanks; this is no OpenSearch or Elasticsearch as published."
        )
    return "nothing missing; no plugins are needed"


def _rights(connection: Connection) -> str:
    """May we change an index? Asked by deleting one that cannot be there."""
    nowhere = f"{connection.address.name}-{secrets.token_hex(8)}"
    try:
        connection.ask("DELETE", f"/{nowhere}")
    except Forbidden as error:
        raise _Wrong(f"searching only: {error}") from None
    except Refused as refused:
        if refused.status != 404:
            raise
    return f"may change {connection.address.name}"


def _index(connection: Connection) -> str:
    """Whether something holds our index closed."""
    name = connection.address.name
    try:
        settings = connection.ask("GET", f"/{name}/_settings", params={"flat_settings": "true"})
    except Refused as refused:
        if refused.status == 404:
            return f"{name}: none yet"
        raise
    for index, kept in settings.items():
        for block, told in _BLOCKS.items():
            if kept["settings"].get(f"index.blocks.{block}") == "true":
                raise _Wrong(f"{index} {told}.")
    return f"{name}: {', '.join(sorted(settings))}"
