"""What worker processes do with records: rows of the record store to index documents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from indexer.documents import documents
from indexer.resource import Link, Member, Resource, mint
from mappings.access import Level, effective
from mappings.record import decode_record
from pipelines.record_json import with_pages

KIND_ORDER = {"physical": 0, "digital": 1, "thematic": 2}


@dataclass(frozen=True, slots=True)
class Source:
    """What members need to know of their source: its title, and the access of records that state nothing."""

    title: str
    access: Level | None


@dataclass(frozen=True, slots=True)
class Row:
    """A record as stored: JSON of the record and of its pages with the ordinal of their copy, and what joined it to others."""

    source: str
    record: str
    pages: list[tuple[int, str]]
    link: Link | None = None


@dataclass(slots=True)
class DocumentTask:
    """Resources to make documents of: (id, rows). `ids` are those of joined records that may be ancestors of others."""

    sources: dict[str, Source]
    resources: list[tuple[str, list[Row]]] = field(default_factory=list)
    ids: dict[str, dict[str, str]] = field(default_factory=dict)
    size: int = 0
    alone: bool = False

    def split(self) -> list[DocumentTask]:
        """A task per resource."""
        return [DocumentTask(self.sources, [one], self.ids, self.size) for one in self.resources]

    def run(self) -> Iterator[list[bytes]]:
        """The documents of all resources."""
        found: list[bytes] = []
        for resource, rows in self.resources:
            members = sorted((self._member(row) for row in rows), key=_order)
            found += documents(Resource(resource, tuple(members)), self._resource_id)
        yield found

    def _member(self, row: Row) -> Member:
        source = self.sources[row.source]
        record = with_pages(decode_record(row.record), row.pages)
        return Member(row.source, source.title, record, effective(record.access, source.access), row.link)

    def _resource_id(self, source: str, source_id: str) -> str:
        joined = self.ids.get(source)
        found = joined.get(source_id) if joined else None
        return found or mint(source, source_id)


def _order(member: Member) -> tuple[int, str, str]:
    return KIND_ORDER[member.record.kind], member.source, member.record.source_id
