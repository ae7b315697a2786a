"""Page files and images of one folder are the pages of one volume.

Text and image belong together when they have the same name up to the suffix, else when the text names the image; pages
follow their names, numbers in them by value. What the volume is, may be said in a file ``volume.yml`` beside them:
title, reference_code, fonds, dates, level, language, access, opens_on, access_reason, creator, and identifiers by type
(ark, handle, doi, uri, isbn, issn, link).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import PurePosixPath
from typing import Literal

from msgspec import Struct, structs

from mappings.base import Content, Failed, MappingOptions, Outcome, Skipped
from mappings.dates import dated
from mappings.formats.image_header import Header, read_header
from mappings.formats.leaves import Leaf, Packer, pages_of
from mappings.formats.media import media_type
from mappings.formats.reading import read_up_to
from mappings.formats.sidecar import SIDECAR, Statement, read_statement
from mappings.languages import code_of
from mappings.record import Copy, Dates, Name, Page, Problem, Record
from mappings.reference_codes import fonds_of, is_fonds_code, looks_like_code

LARGEST = 64 * 2**20
_SHOWN = 20


FileKind = Literal["text", "image"]


class PageFile(Struct, frozen=True):
    """The pages of one file: none when it cannot be read, `pages` None when it is of another format.

    `Page.image` is the image as the file names it, until the volume finds the file meant.
    """

    pages: list[Page] | None
    problem: Problem | None = None


class Reader(Struct, frozen=True):
    """How the files of a volume are known - by suffix, or as `tell` says - and read; `measures` tells to look at images
    that have no text, too.
    """

    format_name: str
    suffixes: tuple[str, ...]
    read: Callable[[bytes], PageFile]
    measures: bool = False
    tell: Callable[[Content], FileKind | None] | None = None

    def kind(self, content: Content) -> FileKind | None:
        """What a file is for the volume."""
        if self.tell is not None:
            return self.tell(content)
        if is_image(content.name):
            return "image"
        return "text" if PurePosixPath(content.name).suffix.lower() in self.suffixes else None


def is_image(name: str) -> bool:
    """Is this an image by its name?"""
    return (media_type(f"x{PurePosixPath(name).suffix.lower()}") or "").startswith("image/")


def read_page_file(content: Content, reader: Reader) -> PageFile:
    """The pages of a file and what is wrong with it, its place named."""
    with content.open() as stream:
        payload = read_up_to(stream, LARGEST + 1)
    if len(payload) > LARGEST:
        found = PageFile([], Problem("too-large", "the page file is larger than 64 MiB", "split it"))
    elif not payload.strip():
        found = PageFile([], Problem("empty-file", "the page file is empty", "recognise the page again"))
    else:
        found = reader.read(payload)
    problem = found.problem
    if found.pages == [] and problem is None:
        problem = Problem("no-page", f"the {reader.format_name} file has no page", "recognise it again")
    if problem is None:
        return found
    where = f"{content.name}, {problem.position}" if problem.position else content.name
    return PageFile(found.pages, structs.replace(problem, position=where))


class Volume:
    """The files of one folder on their way to a record."""

    def __init__(self, reader: Reader, options: MappingOptions) -> None:
        self._reader = reader
        self._options = options
        self._folder = "."
        self._texts: dict[str, Content] = {}
        self._images: dict[str, Content] = {}
        self._problems: list[Problem] = []
        self._languages: dict[str, None] = {}
        self._headers: dict[str, Header] = {}
        self._statement = Statement()
        self._packer = Packer()
        self._has_page = False
        self._failed_files = 0

    def outcomes(self, contents: Sequence[Content]) -> Iterator[Outcome]:
        """The volume a folder is, and a row for each file beside it that is no page of it."""
        ordered = sorted(contents, key=lambda content: natural(content.name))
        if ordered:
            self._folder = str(PurePosixPath(ordered[0].name).parent)
        for content in ordered:
            yield from self._sort_in(content)
        leaves: list[tuple[str, Leaf]] = []
        for stem in sorted(self._texts, key=natural):
            yield from self._read_text(stem, leaves)
        yield from self._volume(self._with_images(leaves))

    def _sort_in(self, content: Content) -> Iterator[Outcome]:
        """Text, image or sidecar; a row for what is none of them, or the second of its kind for one page."""
        path = PurePosixPath(content.name)
        kind = self._reader.kind(content) if path.name != SIDECAR else None
        if path.name == SIDECAR:
            with content.open() as stream:
                self._statement, problems = read_statement(stream.read(65536), content.name)
            self._problems += problems
        elif kind is not None:
            mine = self._images if kind == "image" else self._texts
            if path.stem in mine:
                reason = f"the page is taken from {mine[path.stem].name!r} already"
                hint = "keep one text and one image of a page in a folder"
                yield Skipped(Problem("second-version", reason, hint, content.name), content.name)
            else:
                mine[path.stem] = content
        else:
            yield self._other(content.name)

    def _other(self, name: str) -> Skipped:
        kind = self._reader.format_name
        reason = "no image" if kind == "image" else f"neither {kind} nor a page image"
        return Skipped(Problem("wrong-format", reason, "choose a glob that leaves it out", name), name)

    def _read_text(self, stem: str, leaves: list[tuple[str, Leaf]]) -> Iterator[Outcome]:
        """The pages of a text, waiting for their images; one that cannot be read is a page without text."""
        content = self._texts[stem]
        found = read_page_file(content, self._reader)
        if found.pages is None:
            yield self._other(content.name)
            return
        if found.problem is not None:
            self._problems.append(found.problem)
        self._failed_files += not found.pages
        for page, image, frame in self._placed(stem, found.pages or [Page(0)]):
            self._note(page)
            leaves.append((stem, Leaf(self._packer.body(self._measured(page, image, frame)), 0, image, frame)))

    def _note(self, page: Page) -> None:
        self._has_page = self._has_page or bool(page.text or page.lines)
        if page.language:
            self._languages.setdefault(page.language)

    def _placed(self, stem: str, pages: list[Page]) -> Iterator[tuple[Page, str | None, int | None]]:
        """Each page of a text with its image: that of the same name, else that it names.

        Of several pages, the first has the image of the same name, unless that is a TIFF with a picture for each.
        """
        same = self._images.get(stem)
        frames = len(self._header(same).frames) if same is not None and len(pages) > 1 else 0
        for at, page in enumerate(pages):
            if frames == len(pages) and same is not None:
                yield page, same.name, at if at else None
                continue
            image = (same if at == 0 else None) or self._named(page.image)
            yield page, image.name if image else None, page.frame if image else None

    def _named(self, address: str | None) -> Content | None:
        """The image of the folder that a text names: by its whole name, else up to the suffix (scan.tif, kept as
        scan.jpg).
        """
        if not address:
            return None
        path = PurePosixPath(address.replace("\\", "/"))
        found = self._images.get(path.stem) or self._images.get(path.name)
        return found if found is not None and path.stem not in self._texts else None

    def _header(self, content: Content | None) -> Header:
        """What the header of an image says, looked at once; nothing for a broken one, with the problem noted."""
        if content is None:
            return Header(())
        if content.name not in self._headers:
            found = read_header(content.open())
            if isinstance(found, Problem):
                self._problems.append(structs.replace(found, position=content.name))
                found = Header(())
            self._headers[content.name] = found
        return self._headers[content.name]

    def _measured(self, page: Page, image: str | None, frame: int | None) -> Page:
        """A page whose text does not say how large it is has the size of its image."""
        if (page.width and page.height) or not page.lines or image is None:
            return page
        sizes = self._header(self._images.get(PurePosixPath(image).stem)).frames
        at = frame or 0
        return structs.replace(page, width=float(sizes[at][0]), height=float(sizes[at][1])) if at < len(sizes) else page

    def _with_images(self, texts: list[tuple[str, Leaf]]) -> list[Leaf]:
        """All pages in order: texts, and the images that no text has taken."""
        taken = {leaf.image for _, leaf in texts}
        alone = [
            (stem, leaf)
            for stem, content in self._images.items()
            if content.name not in taken
            for leaf in self._image_pages(content)
        ]
        return [leaf for _, leaf in sorted(texts + alone, key=lambda entry: natural(entry[0]))]

    def _image_pages(self, content: Content) -> Iterator[Leaf]:
        """An image without text: one page, or one for each picture in it."""
        sizes = self._header(content).frames if self._reader.measures else ()
        if not self._reader.measures or sizes:
            self._has_page = True
        if not sizes:
            yield Leaf(Page(0), 0, content.name)
        for frame, (width, height) in enumerate(sizes):
            page = Page(0, width=float(width), height=float(height))
            yield Leaf(page, 0, content.name, frame if len(sizes) > 1 else None)

    def _volume(self, leaves: list[Leaf]) -> Iterator[Outcome]:
        """The volume, unless there is nothing to make one of."""
        has_image = any(leaf.image for leaf in leaves) and (self._texts or not self._reader.measures)
        if self._has_page or has_image:
            yield self._record(leaves)
        elif leaves and not self._problems:
            hint = "recognise the pages, or put their images beside them"
            yield Skipped(Problem("blank", "its pages have neither text nor image", hint, self._folder), self._folder)
        elif leaves:
            yield Failed(self._why_not(), self._folder)

    def _why_not(self) -> Problem:
        """Why no page can be read: what is wrong with the first file, and which other ones are no better."""
        if not self._problems:
            return Problem("no-page", "no page of it can be read", "recognise the pages again")
        first, *others = self._problems
        if not others:
            return first
        shown = "; ".join(problem.position for problem in others[:_SHOWN]) + ("; ..." if len(others) > _SHOWN else "")
        return structs.replace(first, reason=f"{first.reason}; {len(others)} more files are no better: {shown}")

    def _only_stem(self) -> str | None:
        """The name of the file, when a volume in no folder of its own is one file and its name more than a number."""
        stems = {*self._texts, *self._images}
        return next((stem for stem in stems if any(map(str.isalpha, stem))), None) if len(stems) == 1 else None

    def _record(self, leaves: list[Leaf]) -> Record:
        said, fixed = self._statement, self._options.fixed
        name = PurePosixPath(self._folder).name
        code = said.one("reference_code") or (name if looks_like_code(name) or is_fonds_code(name) else None)
        title = said.one("title") or fixed.get("title") or self._image_title()
        languages = said.all("language") or [fixed["language"]] if "language" in fixed else said.all("language")
        found = [code_of(value) or value for value in languages] or list(self._languages)
        return Record(
            source_id=self._folder,
            title=title or name or self._only_stem() or self._options.holder or "untitled",
            kind="digital",
            supplied_title=title is None,
            level=said.one("level") or fixed.get("level"),
            reference_code=code,
            fonds=said.one("fonds") or fixed.get("fonds") or (code if is_fonds_code(code) else fonds_of(code)),
            holder=self._options.holder,
            dates=self._dates(),
            names=tuple(Name(creator, "name", "creator") for creator in said.all("creator")),
            languages=tuple(dict.fromkeys(found)),
            description={key: text for key in ("note", "scope_and_content") if (text := said.one(key))},
            identifiers=said.identifiers(),
            copies=(Copy(format=image_format(leaves), page_count=len(leaves), pages=pages_of(leaves)),),
            unit=self._folder,
            access=said.access(),
            problems=tuple(self._problems),
        )

    def _dates(self) -> Dates | None:
        """As stated; else, of photographs, the days they were taken."""
        when = self._statement.one("dates") or self._options.fixed.get("dates")
        if when is None and self._reader.measures:
            days = sorted({header.taken for header in self._headers.values() if header.taken})
            when = "/".join(dict.fromkeys((days[0], days[-1]))) if days else None
        return dated(when) if when else None

    def _image_title(self) -> str | None:
        """What the images say they show, when it is the same for all that say anything."""
        said = {header.description for header in self._headers.values() if header.description}
        return next(iter(said)) if len(said) == 1 and self._reader.measures else None


def image_format(leaves: Sequence[Leaf]) -> str | None:
    """The media type of the images, if there are any."""
    return next((media_type(leaf.image) for leaf in leaves if leaf.image), None)


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """Sorts p2 before p10: runs of digits by their value."""
    return tuple(
        (0, int(piece), piece) if piece.isdecimal() and len(piece) < 20 else (1, 0, piece)
        for piece in islice(re.split(r"(\d+)", name), 1000)
        if piece
    )
