"""A record and its pages, which lie in rows of their own, put together again."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from mappings.record import Record, decode_page


def with_pages(record: Record, pages: Sequence[tuple[int, str]]) -> Record:
    """The record with its pages, given in order as (ordinal of the copy, JSON), back in their copies."""
    if not pages:
        return record
    copies = (
        replace(copy, pages=tuple(decode_page(page) for number, page in pages if number == ordinal))
        for ordinal, copy in enumerate(record.copies)
    )
    return replace(record, copies=tuple(copies))
