"""What is kept of a resource beside its hit: its records whole, as readers and as staff may have them.

A record that would make its hit slow to read stands in a document of its own. Long texts are cut in what stands with
the hit, which is what a record page shows; the whole is read only by who asks for it.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import orjson
from msgspec.structs import replace

from indexer.page_documents import KEPT, rest_of_text
from indexer.resource import Member, Resource
from mappings.deidentification import ReleasedCopy
from mappings.record import Record

BESIDE = 64 << 10
"""Bytes of whole records that stand with their hit."""

_encode = msgspec.json.Encoder().encode


def stored(document: dict[str, Any], text: str, resource: Resource, viewers: tuple[str, ...]) -> Iterator[bytes]:
    """The document of a resource with its records, and what is kept apart from it: long records, the rest of its text
    as it is highlighted.
    """
    short, whole = shortened(resource), _records(resource)
    if short is not resource:
        document |= _records(short)
    elif sum(map(len, whole.values())) <= BESIDE:
        document |= whole
    yield orjson.dumps(document)
    if document.get("full") != whole["full"]:
        yield orjson.dumps({"id": document["id"], "scope": [f"full:{viewer}" for viewer in viewers], **whole})
    if len(text) > KEPT:
        yield from rest_of_text(document["id"], viewers, text)


def shortened(resource: Resource) -> Resource:
    """The resource with its long texts cut; itself when it has none."""
    members = tuple(_cut_member(member) for member in resource.members)
    same = all(cut is member for cut, member in zip(members, resource.members, strict=True))
    return resource if same else replace(resource, members=members, shortened=True)


def _cut_member(member: Member) -> Member:
    record = member.record
    texts = (record.description, record.values, record.staff_notes)
    if len(record.title) <= KEPT and all(len(text) <= KEPT for each in texts for text in each.values()):
        return member
    description, values, notes = map(_cut, texts)
    title = record.title[:KEPT]
    return replace(
        member, record=replace(record, title=title, description=description, values=values, staff_notes=notes)
    )


def _cut(texts: dict[str, str]) -> dict[str, str]:
    return {name: text if len(text) <= KEPT else text[:KEPT].rstrip() + "…" for name, text in texts.items()}


def _records(resource: Resource) -> dict[str, str]:
    """``full``, and ``staff`` where it differs: base64 JSON of the resource without its pages."""
    kept = [_without_pages(member.record) for member in resource.members]
    public = [_without_staff_data(record) for record in kept]
    packed = {"full": _packed(resource, public)}
    if any(seen is not one for seen, one in zip(public, kept, strict=True)):
        packed["staff"] = _packed(resource, kept)
    return packed


def _packed(resource: Resource, records: Sequence[Record]) -> str:
    members = [
        member
        if member.record is record and not (member.released and member.released.pages)
        else replace(member, record=record, released=_without_copy_pages(member.released))
        for member, record in zip(resource.members, records, strict=True)
    ]
    return b64encode(_encode(replace(resource, members=tuple(members)))).decode()


def _without_pages(record: Record) -> Record:
    if not any(copy.pages for copy in record.copies):
        return record
    return replace(record, copies=tuple(replace(copy, pages=()) for copy in record.copies))


def _without_copy_pages(released: ReleasedCopy | None) -> ReleasedCopy | None:
    return replace(released, pages=()) if released else None


def _without_staff_data(record: Record) -> Record:
    """The record as a reader may get it: no staff notes, no stack locations, no barcodes, no names of internal
    ancestors."""
    has_location = any(holding.location or holding.barcode for holding in record.holdings)
    hides = any(ancestor.internal for ancestor in record.ancestors)
    if not (record.staff_notes or has_location or record.problems or hides):
        return record
    holdings = tuple(replace(holding, location=None, barcode=None) for holding in record.holdings)
    ancestors = tuple(ancestor for ancestor in record.ancestors if not ancestor.internal)
    return replace(record, staff_notes={}, problems=(), holdings=holdings, ancestors=ancestors)
