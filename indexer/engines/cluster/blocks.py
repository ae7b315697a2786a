"""Indices that may not be written now: what a server does when a disk is nearly full, or when somebody said so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from indexer.engines.cluster.address import ClusterAddress
from indexer.engines.cluster.connection import Refused
from indexer.errors import EngineUnavailable

BLOCK = "cluster_block_exception"
_FULL = ("disk", "allow delete", "create-index blocked")
"""What a server says when it blocked writing by itself."""


def blocked(address: ClusterAddress, reason: str) -> EngineUnavailable:
    """The sentence for a block."""
    if any(sign in reason for sign in _FULL):
        why, remedy = "since its disks are nearly full", "make room there"
    else:
        why, remedy = f"({reason[:200]})", "take the block away there"
    return EngineUnavailable(
        f"{address.title} at {address} takes no writing {why}; {remedy}, then run `onestop sync` again: until then "
        "the search shows what it showed."
    )


@contextmanager
def in_words(address: ClusterAddress) -> Iterator[None]:
    """Blocks become sentences."""
    try:
        yield
    except Refused as refused:
        if refused.type == BLOCK:
            raise blocked(address, refused.reason) from None
        raise
