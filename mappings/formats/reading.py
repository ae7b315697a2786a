"""Reading a stream up to a limit, without reserving the memory of the limit for every small file."""

from __future__ import annotations

from typing import BinaryIO

_PIECE = 1 << 20


def read_up_to(stream: BinaryIO, limit: int) -> bytes:
    """At most `limit` bytes; fewer only at the end of the stream."""
    pieces: list[bytes] = []
    left = limit
    while left > 0 and (piece := stream.read(min(_PIECE, left))):
        pieces.append(piece)
        left -= len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)
