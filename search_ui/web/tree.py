"""Where a record stands among its neighbours: a tree opened at the record, never more than 60 nodes at once.

Above the record each containing unit is shown alone; beside it as many neighbours as there is room for; below it its
first parts. What is left out is a number with a link, so a fonds of ten thousand files opens as quickly as one of ten.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from mappings.access import Viewer
from search_ui.services import MAX_TREE_NODES, Services

BESIDE = 24
BELOW = 24


@dataclass(slots=True)
class Node:
    """A unit in the tree; `more` children follow that are not shown, from `offset` on; `earlier` ones come before."""

    id: str
    title: str
    reference_code: str | None = None
    children_total: int = 0
    here: bool = False
    children: list[Node] = field(default_factory=list)
    more: int = 0
    offset: int = 0
    earlier: int = 0

    @property
    def is_open(self) -> bool:
        return bool(self.children)


def opened_at(services: Services, resource: dict[str, Any], viewer: Viewer) -> Node | None:
    """The tree around a resource, or None for one that stands alone."""
    ancestors = resource["ancestors"]
    here = _node(resource)
    here.here = True
    if here.children_total:
        _fill(here, services, viewer, BELOW)
    if not ancestors:
        return here if here.children_total else None
    chain = [Node(each["id"], each["title"]) for each in ancestors[-(MAX_TREE_NODES - BESIDE - BELOW - 1) :]]
    for outer, inner in pairwise(chain):
        outer.children = [inner]
    _beside(chain[-1], here, resource["siblings_before"], services, viewer)
    return chain[0]


def _fill(parent: Node, services: Services, viewer: Viewer, limit: int, start: int = 0) -> None:
    found = services.children(parent.id, viewer, start, limit)
    parent.children = [_node(item) for item in found["items"]]
    parent.children_total = found["total"]
    parent.earlier = start
    parent.offset = start + len(parent.children)
    parent.more = found["total"] - parent.offset


def _beside(parent: Node, here: Node, before: int, services: Services, viewer: Viewer) -> None:
    """The record among its siblings, of which `before` come first: the first ones, or those around it."""
    start = 0 if before < BESIDE else before - BESIDE // 2
    _fill(parent, services, viewer, BESIDE, start)
    parent.children = [here if node.id == here.id else node for node in parent.children]


def _node(item: dict[str, Any]) -> Node:
    return Node(item["id"], item["title"], item.get("reference_code"), item.get("children_total") or 0)


def listed(parent: dict[str, Any] | None, found: dict[str, Any], offset: int) -> Node:
    """A page of children as a node whose children they are."""
    children = [_node(item) for item in found["items"]]
    reached = offset + len(children)
    node = Node(parent["id"], parent["title"]) if parent else Node("", "")
    node.children, node.earlier = children, offset
    node.offset, node.more = reached, max(0, found["total"] - reached)
    return node
