"""Page files and images of one folder are the pages of one volume.

Text and image belong together when they have the same name up to the suffix; pages follow their names, numbers in them
by value. What the volume is, may be said in a file ``volume.yml`` beside them: title, reference_code, fonds, dates,
level, language, access, opens_on, access_reason, creator, and identifiers by type (ark, handle, doi, uri, isbn, issn,
link).
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath
from typing import ClassVar, Literal

from msgspec import Struct, structs

from mappings.base import Content, Failed, MappingOptions, Outcome, Skipped
from mappings.dates import parse
from mappings.formats.media import media_type
from mappings.formats.reading import read_up_to
from mappings.formats.sidecar import SIDECAR, Statement, read_statement
from mappings.languages import code_of
from mappings.record import Copy, Dates, Name, Page, Problem, Record, Word
from mappings.reference_codes import fonds_of, is_fonds_code, looks_like_code

_LARGEST = 64 * 2**20
_SHOWN = 20
_TEXT_SUFFIXES = (".xml", ".alto")
_HAN = re.compile(
    r"[\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)

_WIDE_MARK = re.compile(r"[\u3001-\u3004\u3008-\u3020\u3030\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]")
"""Punctuation that is as wide as a character and brings its own space."""


class PageFile(Struct, frozen=True):
    """The pages of one file: none when it cannot be read, `pages` None when it is of another format."""

    pages: list[Page] | None
    problem: Problem | None = None


def page_of(
    lines: list[tuple[Word, ...]], label: str | None, width: float | None, height: float | None, language: str | None
) -> Page:
    """A page from its lines of words; it gets its number from its place in the volume."""
    text = "\n".join(map(line_text, lines))
    return Page(0, text, label, None, width, height, tuple(lines), language)


def line_text(words: Iterable[Word]) -> str:
    """The words of a line with a blank between, except between Chinese or Japanese characters or beside their marks."""
    text = ""
    for word in words:
        text = f"{text}{word.text}" if not text or closes_up(text[-1], word.text[:1]) else f"{text} {word.text}"
    return text


def closes_up(before: str, after: str) -> bool:
    """Does nothing stand between these two characters in print?"""
    if _WIDE_MARK.match(before) or _WIDE_MARK.match(after):
        return True
    return bool(_HAN.match(before) and _HAN.match(after))


class PageTextMapping(ABC):
    """A format of recognised pages: subclasses read one file."""

    unit: ClassVar[Literal["file", "folder"]] = "folder"
    format_name: ClassVar[str]

    def __init__(self, options: MappingOptions) -> None:
        self._options = options

    @abstractmethod
    def read(self, payload: bytes) -> PageFile:
        """The pages of one file. Never raises for bad input."""

    def records(self, contents: Sequence[Content]) -> Iterator[Outcome]:
        """The volume a folder is, and a row for each file beside it that is no page."""
        volume = _Volume(self, self._options)
        for content in sorted(contents, key=lambda content: natural(content.name)):
            yield from volume.take(content)
        yield from volume.outcomes()


class _Volume:
    """The files of one folder on their way to a record."""

    def __init__(self, mapping: PageTextMapping, options: MappingOptions) -> None:
        self._mapping = mapping
        self._options = options
        self._folder: str | None = None
        self._texts: dict[str, list[Page]] = {}
        self._images: dict[str, str] = {}
        self._problems: list[Problem] = []
        self._statement = Statement()

    def take(self, content: Content) -> Iterator[Outcome]:
        """Sort a file in; a row for one that is neither page nor image."""
        path = PurePosixPath(content.name)
        if self._folder is None:
            self._folder = str(path.parent)
        stem, suffix = path.stem, path.suffix.lower()
        if path.name == SIDECAR:
            self._read_sidecar(content)
        elif (media_type(f"x{suffix}") or "").startswith("image/"):
            self._images.setdefault(stem, content.name)
        elif suffix in _TEXT_SUFFIXES:
            yield from self._take_text(content, stem)
        else:
            yield self._other(content.name)

    def _take_text(self, content: Content, stem: str) -> Iterator[Outcome]:
        with content.open() as stream:
            payload = read_up_to(stream, _LARGEST + 1)
        if len(payload) > _LARGEST:
            found = PageFile([], Problem("too-large", "the page file is larger than 64 MiB", "split it"))
        elif not payload.strip():
            found = PageFile([], Problem("empty-file", "the page file is empty", "recognise the page again"))
        else:
            found = self._mapping.read(payload)
        if found.pages is None:
            yield self._other(content.name)
            return
        self._texts.setdefault(stem, []).extend(found.pages)
        problem = found.problem
        if not found.pages and problem is None:
            problem = Problem("no-page", f"the {self._mapping.format_name} file has no page", "recognise it again")
        if problem is not None:
            where = f"{content.name}, {problem.position}" if problem.position else content.name
            self._problems.append(structs.replace(problem, position=where))

    def _other(self, name: str) -> Skipped:
        reason = f"neither {self._mapping.format_name} nor a page image"
        return Skipped(Problem("wrong-format", reason, "choose a glob that leaves it out", name), name)

    def _read_sidecar(self, content: Content) -> None:
        with content.open() as stream:
            self._statement, problems = read_statement(stream.read(65536), content.name)
        self._problems += problems

    def outcomes(self) -> Iterator[Outcome]:
        """The volume, unless there is nothing to make one of."""
        pages = self._pages()
        if any(page.image or page.lines or page.text for page in pages):
            yield self._record(pages)
        elif self._texts:
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

    def _pages(self) -> tuple[Page, ...]:
        """One page after the other: text with its image, text alone, image alone."""
        found: list[Page] = []
        for stem in sorted({*self._texts, *self._images}, key=natural):
            image = self._images.get(stem)
            for page in self._texts.get(stem) or [Page(0)]:
                found.append(structs.replace(page, number=len(found) + 1, image=image))
                image = None  # several pages in one file: the image is that of the first
        return tuple(found)

    def _record(self, pages: tuple[Page, ...]) -> Record:
        said, fixed = self._statement, self._options.fixed
        folder = self._folder or "."
        name = PurePosixPath(folder).name
        code = said.one("reference_code") or (name if looks_like_code(name) or is_fonds_code(name) else None)
        title = said.one("title") or fixed.get("title")
        when = said.one("dates") or fixed.get("dates")
        languages = said.all("language") or [fixed["language"]] if "language" in fixed else said.all("language")
        return Record(
            source_id=folder,
            title=title or name or self._options.holder or "untitled",
            kind="digital",
            supplied_title=title is None,
            level=said.one("level") or fixed.get("level"),
            reference_code=code,
            fonds=said.one("fonds") or fixed.get("fonds") or (code if is_fonds_code(code) else fonds_of(code)),
            holder=self._options.holder,
            dates=Dates(when, *parse(when)) if when else None,
            names=tuple(Name(creator, "name", "creator") for creator in said.all("creator")),
            languages=_languages(languages, pages),
            description={key: text for key in ("note", "scope_and_content") if (text := said.one(key))},
            identifiers=said.identifiers(),
            copies=(Copy(format=_format(pages), page_count=len(pages), pages=pages),),
            unit=folder,
            access=said.access(),
            problems=tuple(self._problems),
        )


def _languages(stated: list[str], pages: tuple[Page, ...]) -> tuple[str, ...]:
    found = [code_of(value) or value for value in stated] or [page.language for page in pages if page.language]
    return tuple(dict.fromkeys(found))


def _format(pages: tuple[Page, ...]) -> str | None:
    """The media type of the images, if there are any."""
    return next((media_type(page.image) for page in pages if page.image), None)


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """Sorts p2 before p10: runs of digits by their value."""
    return tuple(
        (0, int(piece), piece) if piece.isdecimal() and len(piece) < 20 else (1, 0, piece)
        for piece in re.split(r"(\d+)", name)
        if piece
    )
