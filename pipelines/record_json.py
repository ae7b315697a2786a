"""A record and its pages, which lie in rows of their own, put together again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from msgspec.structs import replace

from mappings.formats.leaves import Leaf, PackedPages
from mappings.record import Page, Record, decode_page

LARGE = 4 << 20
"""JSON of pages above which they are unpacked one by one, as they are asked for."""


def with_pages(record: Record, pages: Sequence[tuple[int, str]]) -> Record:
    """The record with its pages, given in order as (ordinal of the copy, JSON), back in their copies."""
    if not pages:
        return record
    is_large = sum(len(page) for _, page in pages) > LARGE
    copies = (
        replace(copy, pages=_unpacked([page for number, page in pages if number == ordinal], is_large))
        for ordinal, copy in enumerate(record.copies)
    )
    return replace(record, copies=tuple(copies))


def _unpacked(pages: list[str], is_large: bool) -> tuple[Page, ...]:
    if is_large:
        return cast("tuple[Page, ...]", PackedPages([Leaf(page) for page in pages]))
    return tuple(map(decode_page, pages))
