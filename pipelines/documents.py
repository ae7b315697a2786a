"""What worker processes do with records: rows of the record store to index documents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from indexer.resource import Link, Member, Resource, mint, speaking_order
from mappings.access import Level, effective
from mappings.record import Record, decode_record, encode
from pipelines.record_json import with_pages

PIECE_BYTES = 8 << 20
"""Of documents handed over at once: a volume's are a hundred times that."""
_decode = msgspec.json.Decoder(Record).decode


@dataclass(frozen=True, slots=True)
class Source:
    """What members need to know of their source: its title, and the access of records that state nothing."""

    title: str
    access: Level | None


@dataclass(frozen=True, slots=True)
class Row:
    """A record as stored: JSON of the record and of its pages with the ordinal of their copy, and what joined it to
    others.
    """

    source: str
    record: str
    pages: list[tuple[int, str]]
    link: Link | None = None


@dataclass(frozen=True, slots=True)
class Packed:
    """Records of one source that are resources by themselves and have no pages, as one piece: JSON after JSON, and
    their ends.

    As Arrow keeps them: nothing is unpacked before the worker does it.
    """

    source: str
    data: bytes
    ends: bytes

    def records(self) -> Iterator[Record]:
        """The records, one after the other."""
        view, start = memoryview(self.data), 0
        for end in memoryview(self.ends).cast("i"):
            yield _decode(view[start:end])
            start = end


@dataclass(slots=True)
class DocumentTask:
    """Resources to make documents of: many single records, or (id, rows). `ids` are those of joined ancestors, by
    source; `former` those that were merged into a resource, by resource.
    """

    sources: dict[str, Source]
    packed: Packed | None = None
    resources: list[tuple[str, list[Row]]] = field(default_factory=list)
    ids: dict[str, dict[str, str]] = field(default_factory=dict)
    former: dict[str, tuple[str, ...]] = field(default_factory=dict)
    size: int = 0
    alone: bool = False

    def split(self) -> list[DocumentTask]:
        """A task per resource."""
        singles = (
            [Row(self.packed.source, encode(record).decode(), []) for record in self.packed.records()]
            if self.packed
            else []
        )
        named = [(mint(row.source, decode_record(row.record).source_id), [row]) for row in singles]
        return [
            DocumentTask(self.sources, None, [one], self.ids, self.former, len(one[1][0].record))
            for one in named + self.resources
        ]

    def run(self) -> Iterator[bytes]:
        """The documents of all resources, a line each, in pieces of about `PIECE_BYTES`."""
        from indexer.documents import document_stream  # its dictionaries are for workers; the parent only makes tasks

        found: list[bytes] = []
        size = 0
        for resource in self._resources():
            for document in document_stream(resource, self._resource_id):
                found.append(document)
                size += len(document)
                if size >= PIECE_BYTES:
                    yield b"\n".join(found)
                    found, size = [], 0
        yield b"\n".join(found)

    def _resources(self) -> Iterator[Resource]:
        for resource, rows in self.resources:
            members = speaking_order(self._member(row) for row in rows)
            yield Resource(resource, members, self.former.get(resource, ()))
        if self.packed is None:
            return
        name = self.packed.source
        title, default = self.sources[name].title, self.sources[name].access
        for record in self.packed.records():
            member = Member(name, title, record, effective(record.access, default))
            yield Resource(mint(name, record.source_id), (member,))

    def _member(self, row: Row) -> Member:
        source = self.sources[row.source]
        record = with_pages(decode_record(row.record), row.pages)
        return Member(row.source, source.title, record, effective(record.access, source.access), row.link)

    def _resource_id(self, source: str, source_id: str) -> str:
        joined = self.ids.get(source)
        found = joined.get(source_id) if joined else None
        return found or mint(source, source_id)
