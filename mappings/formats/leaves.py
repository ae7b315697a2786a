"""The pages of a volume while it is read: many dense pages wait packed, so that a volume of 2,000 newspaper pages
(seven million words, 1.7 GB as objects) takes tens of megabytes.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from typing import cast, overload

from msgspec import Struct, structs

from mappings.record import Page, decode_page, encode

PLAIN_WORDS = 100_000
"""Words up to which the pages of a volume stay as they are (about 25 MB)."""


class Leaf(Struct, frozen=True):
    """A page, or its JSON compressed; `number`, `image` and `frame` are those it has in its volume.

    JSON as text is that of a page of a volume already, as it is stored.
    """

    body: Page | bytes | str
    number: int = 0
    image: str | None = None
    frame: int | None = None

    def page(self) -> Page:
        """The page as it stands in its volume."""
        if isinstance(self.body, str):
            return decode_page(self.body)
        page = self.body if isinstance(self.body, Page) else decode_page(zlib.decompress(self.body))
        return structs.replace(page, number=self.number, image=self.image, frame=self.frame)


class PackedPages(Sequence[Page]):
    """Pages that are unpacked one by one as they are asked for; equal to the tuple of them."""

    def __init__(self, leaves: Sequence[Leaf]) -> None:
        self._leaves = leaves

    def __len__(self) -> int:
        return len(self._leaves)

    @overload
    def __getitem__(self, at: int) -> Page: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Page]: ...
    def __getitem__(self, at: int | slice) -> Page | Sequence[Page]:
        if isinstance(at, slice):
            return tuple(leaf.page() for leaf in self._leaves[at])
        return self._leaves[at].page()

    def __iter__(self) -> Iterator[Page]:
        return (leaf.page() for leaf in self._leaves)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or len(other) != len(self):
            return NotImplemented
        return all(mine == theirs for mine, theirs in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]  # like a list: its pages are not all in memory


class Packer:
    """Takes pages and says when they are too many to lie about: bodies after `PLAIN_WORDS` words are compressed."""

    def __init__(self) -> None:
        self._words = 0

    def body(self, page: Page) -> Page | bytes:
        """The page, or its JSON compressed."""
        self._words += sum(map(len, page.lines))
        return page if self._words <= PLAIN_WORDS else zlib.compress(encode(page), 1)


def pages_of(leaves: Sequence[Leaf]) -> tuple[Page, ...]:
    """The pages of a volume, numbered from 1: a tuple, or - when any are packed - a sequence that acts like one."""
    numbered = [structs.replace(leaf, number=number) for number, leaf in enumerate(leaves, 1)]
    if any(isinstance(leaf.body, bytes) for leaf in numbered):
        return cast("tuple[Page, ...]", PackedPages(numbered))  # nothing that readers of a tuple do is missing
    return tuple(leaf.page() for leaf in numbered)
