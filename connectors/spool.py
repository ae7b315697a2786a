"""Bytes that come piece by piece, kept so that they can be read from the beginning."""

from __future__ import annotations

from collections.abc import Iterable
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast


def spooled(pieces: Iterable[bytes], in_memory: int) -> BinaryIO:
    """All pieces, up to `in_memory` bytes of them in memory, else in a nameless file. What a piece raises is raised."""
    spool = SpooledTemporaryFile(max_size=in_memory)  # noqa: SIM115
    try:
        for piece in pieces:
            spool.write(piece)
    except BaseException:
        spool.close()
        raise
    spool.seek(0)
    return cast(BinaryIO, spool)
