"""The raw bytes of items that failed or were skipped, as they are kept in the record store: so that a mapping can be
mended and tried again without asking the source.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from pipelines.items import Contents

FAILED_BYTES, SKIPPED_BYTES = 8 << 20, 1 << 20
"""Of one item that is kept: what failed is worth more room than what was left out on purpose."""
RUN_BYTES = 256 << 20
"""Kept of one source in one run."""
_Packed = list[tuple[str, bytes]]


def packed(contents: Sequence[Contents], most: int) -> bytes | None:
    """Names and bytes of all files of an item; None when they are not at hand or more than `most` bytes."""
    if any(one.payload is None for one in contents) or sum(len(one.payload or b"") for one in contents) > most:
        return None
    return msgspec.msgpack.encode([(one.name, one.payload) for one in contents])


def contents_of(payload: bytes) -> list[tuple[str, bytes]]:
    """What `packed` was given."""
    return msgspec.msgpack.decode(payload, type=_Packed)
