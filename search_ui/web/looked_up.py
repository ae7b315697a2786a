"""A list of names or reference codes, looked up line by line: what was found for each, with the words it stands in."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from indexer.errors import SearchError
from indexer.query import Query
from mappings.formats.table.reader import rows_of
from mappings.formats.table.rows import NotATable
from search_ui import paths
from search_ui.web.render import Here
from service_desk.forms import one_line

MOST: Final = 200
LINE_BOUND: Final = 200
SHOWN: Final = 5
"""Records shown of each line."""
SHEET_BYTES: Final = 2 * 2**20
PASSAGE_BOUND: Final = 600
_MARKS: Final = re.compile(r"</?mark>")
_ENCODINGS: Final = ("utf-8-sig", "gb18030")


@dataclass(frozen=True, slots=True)
class Match:
    """A record: `passage` is as it stands there, `highlight` the same with marks; `pages` are numbers, each with the
    way to it in the viewer; `exact` when the line is its reference code.
    """

    id: str
    title: str
    reference_code: str
    dates: str
    holder: str
    highlight: str
    passage: str
    pages: tuple[tuple[int, str], ...]
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """What was asked and what was found; `total` of all there is, `rests` when search did not answer."""

    number: int
    text: str
    matches: tuple[Match, ...] = ()
    total: int = 0
    rests: bool = False


class NoSheet(ValueError):
    """A file that is no list."""


def lines_of(text: str) -> list[str]:
    """The lines of a list, each once, without empty ones."""
    tidied = (str(one_line(line))[:LINE_BOUND] for line in text.splitlines())
    return list(dict.fromkeys(line for line in tidied if line))


def first_column(name: str, data: bytes) -> list[str]:
    """The first column of a table, its head with it: a list need not have one. Raises NoSheet."""
    if len(data) > SHEET_BYTES:
        raise NoSheet(name)
    try:
        cells = list(islice(_of_book(name, data) if data.startswith(b"PK\x03\x04") else _of_text(data), 5 * MOST))
    except (NotATable, UnicodeDecodeError, csv.Error) as error:
        raise NoSheet(name) from error
    return lines_of("\n".join(str(one_line(cell)) for cell in cells))


def _of_book(name: str, data: bytes) -> Iterator[str]:
    for number, row in enumerate(rows_of(io.BytesIO(data), name, frozenset())):
        if row.cells is None:
            raise NoSheet(name)
        first = next(iter(row.cells), "")
        if number == 0:
            yield first
        yield str(row.cells.get(first) or "")


def _of_text(data: bytes) -> Iterator[str]:
    if b"\x00" in data:
        raise NoSheet("binary")
    try:
        text = data.decode(_ENCODINGS[0])
    except UnicodeDecodeError:
        text = data.decode(_ENCODINGS[1])
    delimiter = "\t" if "\t" in text else ","
    return (row[0] for row in csv.reader(io.StringIO(text), delimiter=delimiter) if row)


def looked_up(context: Here, lines: list[str]) -> list[Line]:
    """Each line: a record of this reference code, or else those in which it stands as it is written."""
    return [_one(context, number, text) for number, text in enumerate(lines, 1)]


def _one(context: Here, number: int, text: str) -> Line:
    try:
        if any(char.isdigit() for char in text) and (exact := _by_code(context, text)):
            return Line(number, text, (exact,), 1)
        phrase = '"' + text.replace('"', " ") + '"'
        found = context.services.search(Query(text=phrase, size=SHOWN), context.viewer)
    except SearchError:
        return Line(number, text, rests=True)
    if found["interpretation"]["relaxed"]:  # something like it is not what was asked
        return Line(number, text)
    return Line(number, text, tuple(match_of(hit, text) for hit in found["hits"]), found["total"])


def _by_code(context: Here, text: str) -> Match | None:
    record = context.services.search(Query(text=text, size=1), context.viewer)["interpretation"]["record"]
    found = context.services.resource(record, context.viewer) if record else None
    return match_of({"highlights": {}, "pages": [], **found}, text, exact=True) if found else None


def match_of(hit: dict[str, Any], text: str, *, exact: bool = False) -> Match:
    """A hit as it is shown here."""
    pages = [] if exact else hit["pages"]
    of_pages = [passage for one in pages for passage in one["highlights"]]
    others = [] if exact else [passage for passages in hit["highlights"].values() for passage in passages]
    highlight = next(iter((*of_pages, *others)), "")
    dates = hit.get("dates")
    return Match(
        id=hit["id"],
        title=hit["title"],
        reference_code=hit["reference_code"] or "",
        dates=(dates or {}).get("text") or "",
        holder=hit.get("holder") or "",
        highlight=highlight,
        passage=html.unescape(_MARKS.sub("", highlight))[:PASSAGE_BOUND],
        pages=tuple((one["number"], paths.viewer(hit["id"], page=one["number"], q=text)) for one in pages),
        exact=exact,
    )
