"""Delimited text (RFC 4180 and what is called CSV besides): encoding, delimiter and header row are found out."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any, BinaryIO

from mappings.formats.reading import read_up_to
from mappings.formats.table.decoding import decode, guess
from mappings.formats.table.header import find_header
from mappings.formats.table.rows import EMPTY, Joined, NotATable, Row, headers, padded, without_trailing_blanks
from mappings.record import Problem, clean

_WHOLE = 64 * 2**20  # larger files are read as a stream, in the encoding of their first megabytes
_SAMPLE_LINES = 60
_LONGEST_ROW = 2000  # lines; a longer one is a quote that was never closed
_FIELD = 16 * 2**20
_MOST_UNCLOSED = 20  # after so many, quotes mean nothing in this file
_DELIMITERS = ",\t;|"
_SUFFIXES = (".csv", ".tsv", ".tab", ".txt", ".psv", ".dat")


class _Runaway(Exception):
    """A quoted field that does not end."""


_LINE = re.compile(r"[^\r\n]+(?:\r\n|\r|\n)?|\r\n|\r|\n")


def rows(head: bytes, stream: BinaryIO, name: str, wanted: frozenset[str]) -> Iterator[Row]:
    """The rows below the header row. Raises NotATable."""
    if not name.lower().endswith(_SUFFIXES) and "." in name.rpartition("/")[2]:
        raise NotATable(
            "wrong-format", f"{name} does not end like a table", f"tables end in {', '.join(_SUFFIXES)} or .xlsx"
        )
    lines, odd, problem = _lines(head, stream)
    sample = list(islice(lines, _SAMPLE_LINES))
    delimiter = _delimiter(sample, name)
    if delimiter is None and name.lower().endswith((".txt", ".dat")):
        raise NotATable(
            "wrong-format", "no delimiter was found in this text", "tables have commas, tabs, semicolons or bars"
        )
    source = _Rows(chain(sample, lines), delimiter or ",")
    return without_trailing_blanks(_below_header(source, odd, problem, wanted))


def _lines(head: bytes, stream: BinaryIO) -> tuple[Iterator[str], dict[int, str], Problem | None]:
    """Lines with their ends, those in another encoding, and what is wrong with the text as a whole."""
    payload = head + read_up_to(stream, _WHOLE)
    if len(payload) < _WHOLE:
        text = decode(payload)
        if text is None:
            raise NotATable("wrong-format", "the file is binary, not a table", "choose another mapping for it")
        return lines_of(text.lines.lstrip("\ufeff")), text.odd, text.problem
    encoding = guess(payload[: 4 * 2**20])
    if encoding is None:
        raise NotATable("wrong-format", "the file is binary, not a table", "choose another mapping for it")
    reader = io.TextIOWrapper(
        io.BufferedReader(Joined(payload, stream)), encoding=encoding, errors="replace", newline=""
    )
    return iter(reader), {}, None


def lines_of(text: str) -> Iterator[str]:
    """The lines of a text with their ends, as a file gives them that is opened with ``newline=""``; no copy of the text
    is made, which `io.StringIO` keeps at four bytes a character.
    """
    return (found[0] for found in _LINE.finditer(text))


class _Rows:
    """(line number, cells, problem) of each row. A quote that is never closed costs one row, not the rest."""

    def __init__(self, lines: Iterable[str], delimiter: str) -> None:
        csv.field_size_limit(_FIELD)
        self._lines = iter(lines)
        self._back: deque[str] = deque()
        self._delimiter = delimiter
        self._number = 0
        self._taken: list[str] = []
        self._unclosed = 0

    def __iter__(self) -> Iterator[tuple[int, list[str], Problem | None]]:
        reader = self._reader()
        while True:
            self._taken = []
            start = self._number + 1
            try:
                cells = next(reader, None)
            except (csv.Error, _Runaway):
                runaway = True
            else:
                if cells is None:
                    return
                runaway = len(self._taken) > 1 and self._has_open_quote() and self._at_end()
            if not runaway:
                yield start, cells or [], None
                continue
            yield start, self._as_plain(start), _unclosed(start)
            reader = self._reader()

    def _reader(self) -> Iterator[list[str]]:
        if self._unclosed >= _MOST_UNCLOSED:
            return csv.reader(self._feed(), delimiter=self._delimiter, quoting=csv.QUOTE_NONE)
        return csv.reader(self._feed(), delimiter=self._delimiter, skipinitialspace=self._delimiter != "\t")

    def _feed(self) -> Iterator[str]:
        while (line := self._next()) is not None:
            if len(self._taken) >= _LONGEST_ROW:
                self._back.appendleft(line)
                raise _Runaway
            self._number += 1
            self._taken.append(line)
            yield line

    def _next(self) -> str | None:
        return self._back.popleft() if self._back else next(self._lines, None)

    def _at_end(self) -> bool:
        following = self._next()
        if following is not None:
            self._back.appendleft(following)
        return following is None

    def _has_open_quote(self) -> bool:
        return sum(line.count('"') for line in self._taken) % 2 == 1

    def _as_plain(self, start: int) -> list[str]:
        """The first line taken, quotes as they are; the others go back."""
        first, *others = self._taken or [""]
        self._back.extendleft(reversed(others))
        self._number = start
        self._unclosed += 1
        return first.rstrip("\r\n")[:_FIELD].split(self._delimiter)


def _unclosed(line: int) -> Problem:
    return Problem(
        "unclosed-quote",
        "a quote is never closed; the line was read as it stands",
        "close or double it",
        f"line {line}",
    )


def _delimiter(sample: Sequence[str], name: str) -> str | None:
    """The delimiter that splits most sample lines into the same number of cells, tabs first for .tsv; None when none
    does.
    """
    best, best_score = None, 0.0
    for candidate in _DELIMITERS:
        counts = Counter(len(cells) for _, cells, _ in _Rows(sample, candidate) if len(cells) > 1)
        if not counts:
            continue
        width, often = counts.most_common(1)[0]
        score = often * (1 + min(width, 40) / 40)
        if candidate == "\t" and name.lower().endswith((".tsv", ".tab")):
            score *= 10
        if score > best_score:
            best, best_score = candidate, score
    return best


def _below_header(source: _Rows, odd: dict[int, str], problem: Problem | None, wanted: frozenset[str]) -> Iterator[Row]:
    rows = iter(source)
    first = list(islice(rows, _SAMPLE_LINES))
    place = find_header([cells for _, cells, _ in first], wanted)
    if place is None:
        raise NotATable("empty-file", "the table has no header row", EMPTY)
    names = headers([clean(name) for name in first[place][1]])
    yield from (_row(number, cells, found, names, odd, problem if index == 0 else None)
                for index, (number, cells, found) in enumerate(chain(first[place + 1 :], rows)))  # fmt: skip


def _row(
    number: int, cells: list[str], found: Problem | None, names: list[str], odd: dict[int, str], whole: Problem | None
) -> Row:
    problems = [problem for problem in (whole, found) if problem]
    if cells and len(cells) != len(names):
        problems += _ragged(number, cells, names)
    if number in odd:
        reason = f"line {number} is in {odd[number]}, the rest of the file is not"
        problems.append(Problem("mixed-encoding", reason, "export the file in one encoding, UTF-8", f"line {number}"))
    values: dict[str, Any] = padded(names, cells)
    for extra, value in enumerate(cells[len(names) :], len(names) + 1):
        values[f"column {extra}"] = value
    return Row(number, values, tuple(problems))


def _ragged(number: int, cells: list[str], names: list[str]) -> list[Problem]:
    """Cells that say something and have no header, or headers without a cell."""
    if len(cells) > len(names) and not any(cell.strip() for cell in cells[len(names) :]):
        return []
    if len(cells) == 1 and not cells[0].strip():
        return []
    reason = f"the row has {len(cells)} cells, the header {len(names)}"
    return [Problem("ragged-row", reason, "check delimiters and quotes in this row", f"line {number}")]
