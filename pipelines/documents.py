"""What worker processes do with records: rows of the record store to index documents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import repeat
from typing import Literal

import msgspec

from indexer.resource import Link, Member, Place, Resource, mint, speaking_order
from mappings.access import Access, Level, effective
from mappings.record import Record, decode_record, encode
from pipelines.copies import with_copy_pages
from pipelines.record_json import with_pages

MESSAGE_BYTES = 8 << 20
"""Of documents handed over at once."""
_decode = msgspec.json.Decoder(Record).decode


@dataclass(frozen=True, slots=True)
class Source:
    """What members need to know of their source: its title, and the access of records that state nothing."""

    title: str
    access: Level | None


@dataclass(frozen=True, slots=True)
class Row:
    """A record as stored: JSON of the record and of pages with the ordinal of their copy, and what joined it to others.

    `place` says which of its pages these are, when they are not all; `access` is what was decided for it, `released`
    its de-identified copy, as JSON; `copied` that of pages of the copy.
    """

    source: str
    source_id: str
    record: str
    pages: Sequence[tuple[int, str]] = ()
    link: Link | None = None
    place: Place | None = None
    access: str | None = None
    released: str | None = None
    copied: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """A resource, or a part of one that has too many pages to travel as one: its description, some pages, or some pages
    of a released copy of it."""

    resource: str
    rows: list[Row]
    part: Literal["whole", "description", "pages", "copy"] = "whole"

    @property
    def size(self) -> int:
        """Bytes of JSON."""
        pages = (page for row in self.rows for page in (*(page for _, page in row.pages), *row.copied))
        return sum(len(row.record) for row in self.rows) + sum(map(len, pages))


@dataclass(frozen=True, slots=True)
class Packed:
    """Records of one source that are resources by themselves and have no pages, as one piece: JSON after JSON, and
    their ends.

    As Arrow keeps them: nothing is unpacked before the worker does it. `access` is what was decided for each, as JSON;
    empty when nothing was for any.
    """

    source: str
    data: bytes
    ends: bytes
    access: Sequence[str | None] = ()

    def records(self) -> Iterator[Record]:
        """The records, one after the other."""
        view, start = memoryview(self.data), 0
        for end in memoryview(self.ends).cast("i"):
            yield _decode(view[start:end])
            start = end

    def decided(self) -> Iterator[tuple[Record, str | None]]:
        """The records, each with the access that was decided for it."""
        return zip(self.records(), self.access or repeat(None), strict=False)


@dataclass(slots=True)
class DocumentTask:
    """Resources to make documents of: many single records, or pieces. `ids` are those of joined ancestors, by source;
    `former` those that were merged into a resource, by resource.
    """

    sources: dict[str, Source]
    packed: Packed | None = None
    pieces: list[Piece] = field(default_factory=list)
    ids: dict[str, dict[str, str]] = field(default_factory=dict)
    former: dict[str, tuple[str, ...]] = field(default_factory=dict)
    size: int = 0

    @property
    def alone(self) -> bool:
        """What is large comes in pieces."""
        return False

    def split(self) -> list[DocumentTask]:
        """A task per resource or piece of one."""
        singles = [_single(self.packed.source, *one) for one in self.packed.decided()] if self.packed else []
        return [
            DocumentTask(self.sources, None, [one], self.ids, self.former, one.size) for one in singles + self.pieces
        ]

    def run(self) -> Iterator[bytes]:
        """The documents of all resources, a line each, in messages of about `MESSAGE_BYTES`."""
        found: list[bytes] = []
        size = 0
        for document in self._documents():
            found.append(document)
            size += len(document)
            if size >= MESSAGE_BYTES:
                yield b"\n".join(found)
                found, size = [], 0
        yield b"\n".join(found)

    def _documents(self) -> Iterator[bytes]:
        from indexer.documents import document_stream  # its dictionaries are for workers; the parent only makes tasks

        for piece in self.pieces:
            yield from self._of_piece(piece)
        for resource in self._singles():
            yield from document_stream(resource, self._resource_id)

    def _of_piece(self, piece: Piece) -> Iterator[bytes]:
        from indexer.documents import copy_stream, description_stream, document_stream, page_stream

        resource = self.resource(piece)
        if piece.part in ("pages", "copy"):
            places = {(row.source, row.source_id): row.place for row in piece.rows if row.place is not None}
            of_pages = page_stream if piece.part == "pages" else copy_stream
            return of_pages(resource, self._resource_id, places)
        stream = document_stream if piece.part == "whole" else description_stream
        return stream(resource, self._resource_id)

    def resource(self, piece: Piece) -> Resource:
        """The resource of a piece, with the pages that are in it."""
        members = speaking_order(self._member(row) for row in piece.rows)
        return Resource(piece.resource, members, self.former.get(piece.resource, ()))

    def _singles(self) -> Iterator[Resource]:
        if self.packed is None:
            return
        name = self.packed.source
        title, default = self.sources[name].title, self.sources[name].access
        for record, decided in self.packed.decided():
            member = Member(name, title, record, access_of(decided, record, default))
            yield Resource(mint(name, record.source_id), (member,))

    def _member(self, row: Row) -> Member:
        source = self.sources[row.source]
        record = with_pages(decode_record(row.record), row.pages)
        access = access_of(row.access, record, source.access)
        released = with_copy_pages(row.released, row.copied)
        return Member(row.source, source.title, record, access, row.link, released)

    def _resource_id(self, source: str, source_id: str) -> str:
        joined = self.ids.get(source)
        found = joined.get(source_id) if joined else None
        return found or mint(source, source_id)


def _single(source: str, record: Record, access: str | None) -> Piece:
    row = Row(source, record.source_id, encode(record).decode(), access=access)
    return Piece(mint(source, record.source_id), [row])


def access_of(decided: str | None, record: Record, default: Level | None) -> Access:
    """The access of a record: what was decided for it, else what it states after its source's default."""
    return effective(record.access, default) if decided is None else _said(decided)


@lru_cache(4096)
def _said(decided: str) -> Access:
    return msgspec.json.decode(decided, type=Access)
