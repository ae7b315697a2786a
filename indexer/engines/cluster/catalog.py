"""Which indices of ours there are on a cluster, and which of them is shown.

What an address names is an alias. It leads to the index that is shown; the one shown before it stands under a second
alias, to go back to. Whatever of ours stands under neither was never finished, or is out of date.
"""

from __future__ import annotations

import datetime as dt
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from indexer.engines.cluster.address import ClusterAddress
from indexer.engines.cluster.blocks import in_words
from indexer.engines.cluster.connection import Connection, Refused
from indexer.engines.cluster.mapping import mappings, settings
from indexer.errors import EngineUnavailable
from indexer.fields import SCHEMA_VERSION

PATIENCE = 60.0
"""Seconds in which the cluster may find itself again, once a run has begun."""
_SEEN = "*.aliases,*.mappings._meta,*.settings.index.creation_date"


@dataclass(frozen=True, slots=True)
class Built:
    """An index of ours; `schema` is the version of its fields."""

    name: str
    schema: int
    shown: bool
    kept: bool

    @property
    def is_current(self) -> bool:
        """Can this version of onestop read and write it?"""
        return self.schema == SCHEMA_VERSION


def kept_alias(address: ClusterAddress) -> str:
    """The alias of the index that was shown before."""
    return f"{address.name}-previous"


def read(connection: Connection) -> list[Built]:
    """All of ours, the oldest first. Raises EngineUnavailable when somebody else's index stands under our name."""
    address = connection.address
    asked = {"filter_path": _SEEN, "ignore_unavailable": "true"}
    found = connection.ask("GET", f"/{address.name},{address.name}-*", None, asked, patience=PATIENCE)
    if address.name in found:
        raise _not_ours(address, f"there is an index {address.name!r}")
    built = {name: one for name, said in sorted(found.items()) if (one := _built(address, name, said))}
    for name, said in found.items():
        if address.name in said.get("aliases", {}) and name not in built:
            raise _not_ours(address, f"the alias {address.name!r} leads to the index {name!r}")
    if len(shown := [one.name for one in built.values() if one.shown]) > 1:
        raise _not_ours(address, f"the alias {address.name!r} leads to {' and '.join(shown)} at once")
    return list(built.values())


def _built(address: ClusterAddress, name: str, said: Mapping[str, Any]) -> Built | None:
    made = said.get("mappings", {}).get("_meta", {}).get("onestop")
    if made is None or not re.fullmatch(rf"{re.escape(address.name)}-\d{{8}}t\d{{6}}-[0-9a-f]{{6}}", name):
        return None
    aliases = said.get("aliases", {})
    return Built(name, made.get("schema", -1), address.name in aliases, kept_alias(address) in aliases)


def _not_ours(address: ClusterAddress, what: str) -> EngineUnavailable:
    return EngineUnavailable(
        f"{address.title} at {address}: {what}, which this workspace did not put there; nothing was changed. "
        "Name another index in the engine address in onestop.toml, or take that one away."
    )


def make(connection: Connection) -> str:
    """A new index beside the others; its name. Raises EngineUnavailable."""
    address = connection.address
    version = connection.server.version
    name = f"{address.name}-{dt.datetime.now(dt.UTC):%Y%m%dt%H%M%S}-{secrets.token_hex(3)}"
    with in_words(address):
        try:
            body = {"settings": settings(address, version), "mappings": mappings()}
            connection.ask("PUT", f"/{name}", body, patience=PATIENCE)
        except Refused as refused:  # the first of two tries may have arrived after all
            if refused.type != "resource_already_exists_exception":
                raise
    return name


def drop(connection: Connection, indices: Iterable[str]) -> None:
    """These go; one that is gone already is no matter."""
    for name in indices:
        try:
            connection.ask("DELETE", f"/{name}", None, {"ignore_unavailable": "true"})
        except Refused as refused:
            if refused.status != 404:
                raise


def show(connection: Connection, wanted: str, built: Iterable[Built]) -> None:
    """Show this index from now on, in one call, and keep the one that is shown now. Raises EngineUnavailable."""
    address, others = connection.address, [one for one in built if one.name != wanted]
    actions: list[dict[str, dict[str, str]]] = [{"add": {"index": wanted, "alias": address.name}}]
    for one in others:
        if one.shown:
            actions.append({"remove": {"index": one.name, "alias": address.name}})
            actions.append({"add": {"index": one.name, "alias": kept_alias(address)}})
    replaced = any(one.shown for one in others)
    for one in built:
        if one.kept and (replaced or one.name == wanted):
            actions.append({"remove": {"index": one.name, "alias": kept_alias(address)}})
    with in_words(address):
        try:
            connection.ask("POST", "/_aliases", {"actions": actions})
        except EngineUnavailable:  # it may have been carried out although its answer was lost
            if not any(one.name == wanted and one.shown for one in read(connection)):
                raise
