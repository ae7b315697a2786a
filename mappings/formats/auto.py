"""Files of mixed formats: each is told by its bytes and given to its own mapping.

Page files and images of one folder are one volume, a METS and its files one package, rows of a database a table, and
every other file an item by itself; `mappings.grouping` sorts them so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import ClassVar

from mappings.base import Content, Mapping, MappingOptions, Outcome, Skipped, Unit
from mappings.formats.recognised import read_recognised
from mappings.formats.volume import FileKind, Reader, Volume, is_image
from mappings.grouping import found_in, peek
from mappings.record import Problem
from mappings.sniff import HEAD, PAGES, sniff, unread

_BAG_FILE = re.compile(r"bagit\.txt|bag-info\.txt|fetch\.txt|(?:tag)?manifest-\w+\.txt")
_LEAVE_OUT = "choose a glob that leaves it out"


class AutoMapping:
    """Mapping ``auto``."""

    unit: ClassVar[Unit] = "mixed"

    def __init__(self, options: MappingOptions) -> None:
        self._options = options
        self._made: dict[str, Mapping] = {}

    def records(self, contents: Sequence[Content]) -> Iterator[Outcome]:
        """The records of one item; files that are several items are sorted out first."""
        for _, group in found_in(contents, "mixed"):
            yield from self._item(group)

    def _item(self, contents: Sequence[Content]) -> Iterator[Outcome]:
        first = contents[0]
        kind = "table" if first.row is not None else _kind(first)
        if kind in PAGES or (len(contents) > 1 and kind != "mets"):
            reader = Reader("page text", (), read_recognised, measures=True, tell=_role)
            return Volume(reader, self._options).outcomes(contents)
        if kind == "text" and _BAG_FILE.fullmatch(PurePosixPath(first.name).name):
            reason = "the bookkeeping of a BagIt package (RFC 8493), which describes nothing"
            return iter((Skipped(Problem("bag-file", reason, "nothing has to be done", first.name), first.name),))
        made = self._mapping(kind)
        return iter((_unknown(first, kind),)) if made is None else made.records(contents)

    def _mapping(self, kind: str | None) -> Mapping | None:
        """The mapping of a format, made when first needed; None when there is none."""
        from mappings.registry import MAPPINGS, mapping  # the registry names this module

        if kind is None or kind not in MAPPINGS:
            return None
        if kind not in self._made:
            self._made[kind] = mapping(kind, self._options)
        return self._made[kind]


def _unknown(content: Content, kind: str | None) -> Skipped:
    head = peek(content, HEAD)
    if not head:
        return Skipped(Problem("empty-file", "the file is empty", _LEAVE_OUT), content.name)
    what, hint = (kind, None) if kind else unread(head)
    reason = f"it is {what}, which is not read" if what else "its bytes are those of no format that is read"
    return Skipped(Problem("unknown-format", reason, hint or _LEAVE_OUT, content.name), content.name)


def _role(content: Content) -> FileKind | None:
    """What a file is for a volume, whatever its suffix."""
    if is_image(content.name):
        return "image"
    kind = _kind(content)
    return None if kind not in PAGES else "image" if kind == "image" else "text"


def _kind(content: Content) -> str | None:
    return sniff(peek(content, HEAD), content.name)
