"""A copy made to order: the files of one answer of the desk, in their order, as the pages of one copy.

What it is a copy of stands beside them in ``made.json``. Nothing that a file says of itself is taken over - a scan is
called what the scanner called it -, only its pages are. A file that cannot be read is told of, and the others are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import ClassVar

import msgspec
from msgspec import Struct, structs

from mappings.access import Access
from mappings.base import Content, Failed, MappingOptions, Outcome, Skipped, Unit
from mappings.formats.image_header import read_header
from mappings.formats.pdf import PdfMapping
from mappings.made import MANIFEST
from mappings.record import Ancestor, Copy, Page, Problem, Record

PDF = "application/pdf"
_LARGEST = 1 << 20


class MadeFile(Struct, frozen=True):
    """A file of a copy, by its name in the folder, and what it is."""

    name: str
    media_type: str


class Made(Struct, frozen=True):
    """What ``made.json`` holds: the (source, source_id) of the record the copy is of, what that is called, where it
    belongs, and the files in their order.
    """

    of: tuple[str, str]
    title: str
    files: tuple[MadeFile, ...]
    holder: str | None = None
    fonds: str | None = None


class MadeMapping:
    """Mapping ``made``."""

    unit: ClassVar[Unit] = "folder"

    def __init__(self, options: MappingOptions) -> None:
        self._options = options

    def records(self, contents: Sequence[Content]) -> Iterator[Outcome]:
        """The one record a folder is, or why there is none."""
        by_name = {PurePosixPath(content.name).name: content for content in contents}
        folder = str(PurePosixPath(contents[0].name).parent) if contents else "."
        if MANIFEST not in by_name:
            yield from _left_out(
                contents, f"there is no {MANIFEST} beside it", "choose another mapping for this source"
            )
            return
        try:
            with by_name[MANIFEST].open() as stream:
                made = msgspec.json.decode(stream.read(_LARGEST), type=Made)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            yield Failed(Problem("damaged-manifest", f"{MANIFEST} cannot be read: {error}", "sync again"), folder)
            return
        yield self._record(folder, made, by_name)
        known = {MANIFEST, *(file.name for file in made.files)}
        others = [content for name, content in by_name.items() if name not in known]
        yield from _left_out(others, f"{MANIFEST} does not name it", "it is no part of the copy")

    def _record(self, folder: str, made: Made, by_name: dict[str, Content]) -> Outcome:
        pages: list[Page] = []
        problems: list[Problem] = []
        for file in made.files:
            found = self._pages(by_name.get(file.name), file.media_type)
            if isinstance(found, Problem):
                problems.append(structs.replace(found, position=file.name))
            else:
                pages += found
        if not pages:
            return Failed(problems[0] if problems else Problem("no-page", "the copy has no file"), folder)
        numbered = tuple(structs.replace(page, number=number) for number, page in enumerate(pages, 1))
        formats = {file.media_type for file in made.files}
        copy = Copy(format=formats.pop() if len(formats) == 1 else None, page_count=len(pages), pages=numbered)
        above = (Ancestor("", made.fonds, "fonds", made.fonds),) if made.fonds else ()
        return Record(
            source_id=folder,
            title=made.title,
            kind="digital",
            supplied_title=True,
            holder=made.holder,
            copies=(copy,),
            ancestors=above,
            unit=folder,
            access=Access("internal"),  # until it is decided by the record it is a copy of
            problems=tuple(problems),
            copy_of=made.of,
        )

    def _pages(self, content: Content | None, media_type: str) -> list[Page] | Problem:
        """The pages of one file, with the address of their image; or what is wrong with it."""
        if content is None:
            return Problem("missing-file", "the file is not there", "see whether the desk's files are in their place")
        if media_type == PDF:
            return self._pdf(content)
        header = read_header(content.open())
        if isinstance(header, Problem):
            return header
        sizes = header.frames
        return [
            Page(0, width=float(width), height=float(height), image=content.name, frame=at if len(sizes) > 1 else None)
            for at, (width, height) in enumerate(sizes)
        ]

    def _pdf(self, content: Content) -> list[Page] | Problem:
        found = next(PdfMapping(self._options).records([content]))
        if isinstance(found, Record):
            return list(found.pages) or Problem("damaged-pdf", "the PDF has no pages", "export it again")
        return found.problem


def _left_out(contents: Sequence[Content], reason: str, hint: str) -> Iterator[Outcome]:
    for content in contents:
        yield Skipped(Problem("wrong-format", reason, hint, content.name), content.name)
