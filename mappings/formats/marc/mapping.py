"""From the bytes of an item to records: which carrier, which MARC, which kind of record; identity and counting."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import ClassVar, Literal

from msgspec import structs

from mappings.base import Content, Failed, MappingOptions, Outcome, Skipped
from mappings.formats.marc import iso2709, marcjson, marcxml, unimarc, unimarc_authority
from mappings.formats.marc.authority import authority_record, is_authority
from mappings.formats.marc.bibliographic import HOLDINGS, bibliographic, holdings_record
from mappings.formats.marc.model import MarcRecord
from mappings.formats.marc.numbers import own_id
from mappings.formats.reading import read_up_to
from mappings.record import Problem, Record

_HEAD = 1 << 16
_LEAVE_OUT = "choose another mapping or a glob that leaves it out"
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_XML = re.compile(rb"[\s\x00]*<")
_JSON = re.compile(rb"[\s\x00]*[\[{]")


class MarcMapping:
    """Mapping ``marc``."""

    unit: ClassVar[Literal["file", "folder"]] = "file"

    def __init__(self, options: MappingOptions) -> None:
        self._options = options

    def records(self, contents: Sequence[Content]) -> Iterator[Outcome]:
        """Every record of the item, one by one; what cannot be read is told with its number and place."""
        for content in contents:
            yield from self._file(content)

    def _file(self, content: Content) -> Iterator[Outcome]:
        with content.open() as stream:
            head = read_up_to(stream, _HEAD)
        if not head.strip(b" \t\r\n\x1a"):
            yield Skipped(Problem("empty-file", "the file is empty", _LEAVE_OUT), content.name)
            return
        ordinal = 0
        for found in _carried(content, head):
            ordinal += 1
            yield self._outcome(found, f"{content.name}#record-{ordinal}")
        if not ordinal:
            reason = "neither ISO 2709 nor MARCXML nor MARC-in-JSON"
            yield Skipped(Problem("wrong-format", reason, _LEAVE_OUT), content.name)

    def _outcome(self, found: MarcRecord | Failed | Skipped, fallback: str) -> Outcome:
        if isinstance(found, MarcRecord):
            return self._record(found, fallback)
        return found if found.source_id else structs.replace(found, source_id=fallback)

    def _record(self, record: MarcRecord, fallback: str) -> Outcome:
        """One record by its kind; a deleted one is not taken."""
        is_unimarc = unimarc.is_unimarc(record)
        source_id = own_id(record, organisation=not is_unimarc) or fallback
        if record.leader[5] == "d":
            problem = Problem("deleted-record", "leader/05 says that the record is deleted", "nothing", record.position)
            return Skipped(problem, source_id)
        made = self._unimarc(record, source_id) if is_unimarc else self._marc21(record, source_id)
        if made is not None:
            return made
        reason = "an authority record without a heading"
        return Failed(Problem("no-heading", reason, "give it one in the source", record.position), source_id)

    def _marc21(self, record: MarcRecord, source_id: str) -> Record | None:
        if is_authority(record):
            return authority_record(record, source_id)
        if record.leader[6] in HOLDINGS and "245" not in record.tags:
            return holdings_record(record, source_id, self._options.holder)
        return bibliographic(record, source_id, self._options.holder)

    def _unimarc(self, record: MarcRecord, source_id: str) -> Record | None:
        if unimarc_authority.is_authority(record):
            return unimarc_authority.authority_record(record, source_id)
        return unimarc.bibliographic(record, source_id, self._options.holder)


def _carried(content: Content, head: bytes) -> Iterator[MarcRecord | Failed | Skipped]:
    """The records by the carrier that the first bytes tell; nothing for another format."""
    bare = head
    for mark in _MARKS:
        bare = bare.removeprefix(mark)
    with content.open() as stream:
        if _XML.match(bare):
            yield from marcxml.read(stream, head)
        elif _JSON.match(bare):
            yield from marcjson.read(stream)
        elif iso2709.looks_like_iso2709(head):
            yield from iso2709.read(stream)
