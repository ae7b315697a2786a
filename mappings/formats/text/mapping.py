"""From text files to records: one for each heading of an outline or item of a list, else one for the file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any, ClassVar, Literal

from msgspec import structs

from mappings.base import Content, Failed, MappingOptions, Outcome, Skipped
from mappings.formats.reading import read_up_to
from mappings.formats.table.decoding import Text, decode
from mappings.formats.table.mapping import TableMapping
from mappings.formats.table.rows import EMPTY
from mappings.formats.text import outline, pages
from mappings.formats.text.tree import Tree
from mappings.record import Problem, Record, clean

_LARGEST = 64 * 2**20
_LEAVE_OUT = "choose another mapping or a glob that leaves it out"
_LONGEST_TITLE = 120
_FIRST_LINES = 20
_OTHERS = (b"%PDF", b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff", b"\x1f\x8b", b"\xd0\xcf\x11\xe0")
_MARKUP = re.compile(r"\s*(?:<\?xml\b|<!DOCTYPE\b|<[A-Za-z][\w:.-]*[\s/>])")

# Field -> names of drawers, where the source file's columns say nothing
COLUMNS: dict[str, str | list[str]] = {
    "id": ["ID", "CUSTOM_ID"],
    "reference_code": ["REFERENCE_CODE", "KR_ID"],
    "title": ["TITLE"],
    "dates": ["DATE", "DATES"],
    "level": "LEVEL",
    "abstract": "ABSTRACT",
    "extent": ["EXTENT"],
    "creator": ["CREATOR", "AUTHOR"],
    "language": ["LANGUAGE"],
    "link": ["LINK", "URL"],
    "publication_note": ["SOURCE"],
    "edition": ["EDITION"],
    "access": ["ACCESS"],
}


class TextMapping:
    """Mapping ``text``: the options are those of tables; columns are drawers of Org headings."""

    unit: ClassVar[Literal["file", "folder"]] = "file"

    def __init__(self, options: MappingOptions) -> None:
        self._options = options
        self._table = TableMapping(structs.replace(options, columns={**COLUMNS, **options.columns}))

    def records(self, contents: Sequence[Content]) -> Iterator[Outcome]:
        """One outcome for each heading of an Org outline, for each item of a Markdown list, or for the file."""
        for content in contents:
            with content.open() as stream:
                payload = read_up_to(stream, _LARGEST + 1)
            yield from self._of_file(content.name, payload)

    def _of_file(self, path: str, payload: bytes) -> Iterator[Outcome]:
        if not payload.strip():
            yield Skipped(Problem("empty-file", "the file is empty", EMPTY), path)
        elif len(payload) > _LARGEST:
            yield Failed(Problem("too-large", "the file is larger than 64 MiB", "split it"), path)
        elif payload.startswith(_OTHERS) or (text := decode(payload)) is None:
            yield Skipped(Problem("wrong-format", "the file is not text", _LEAVE_OUT), path)
        elif _MARKUP.match(text.lines) and not path.lower().endswith((".txt", ".md", ".markdown", ".org")):
            yield Skipped(Problem("wrong-format", "the file is XML or HTML, not plain text", _LEAVE_OUT), path)
        else:
            yield from self._of_text(path, text)

    def _of_text(self, path: str, text: Text) -> Iterator[Outcome]:
        """The records; what was odd about the encoding stands on the first."""
        problems = tuple(_encoding(text))
        for outcome in self._outcomes(path, text.lines):
            if isinstance(outcome, Record) and problems:
                outcome, problems = structs.replace(outcome, problems=(*outcome.problems, *problems)), ()
            yield outcome

    def _outcomes(self, path: str, text: str) -> Iterator[Outcome]:
        suffix = PurePosixPath(path).suffix.lower()
        if outline.is_org(path, text):
            yield from Tree(self._table, path).org(text)
        elif suffix in (".md", ".markdown") and outline.is_list(text):
            yield from Tree(self._table, path).markdown(text)
        else:
            yield self._one(path, text, suffix in (".md", ".markdown"))

    def _one(self, path: str, text: str, marked: bool) -> Outcome:
        """A file that is one text: its title is a heading, its text the pages of a copy."""
        copy = pages.copy(text)
        if copy is None:
            return Skipped(Problem("empty-file", "the file has no text", EMPTY), path)
        title = _title(text, marked)
        stem = clean(PurePosixPath(path).stem) or path
        cells: dict[str, Any] = {"TITLE": title or stem}
        outcome = self._table.outcome(cells, path, path, 0)
        if not isinstance(outcome, Record):
            return outcome
        return structs.replace(
            outcome,
            kind="digital",
            supplied_title=title is None,
            copies=(copy,),
        )


def _title(text: str, marked: bool) -> str | None:
    """The first heading of a Markdown file; of plain text the first line, if it is short and no sentence goes on."""
    for line in text.lstrip("\ufeff").splitlines()[:_FIRST_LINES]:
        if marked and line.lstrip().startswith("#"):
            return clean(outline.unmarked(line.lstrip(" #").rstrip(" #")))
        found = clean(line)
        if found is not None and not marked:
            return found if len(found) <= _LONGEST_TITLE and not found.endswith((",", ";", "-", "，", "、")) else None
    return None


def _encoding(text: Text) -> Iterator[Problem]:
    if text.problem is not None:
        yield text.problem
    if text.odd:
        number, encoding = next(iter(text.odd.items()))
        reason = f"{len(text.odd)} lines are in another encoding than the rest: line {number} in {encoding}"
        yield Problem("mixed-encoding", reason, "save the file in UTF-8", f"line {number}")
