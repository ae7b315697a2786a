"""From a GEDCOM file to authority records: a person for INDI, a family for FAM; what they cite is told with them."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Literal

from mappings.base import Content, Failed, MappingOptions, Outcome, Skipped
from mappings.formats.gedcom.lines import HINT, Lines, is_gedcom, mended
from mappings.formats.gedcom.people import Family, Person, Tree
from mappings.formats.reading import read_up_to
from mappings.record import Problem

_LARGEST = 128 * 2**20
_LEAVE_OUT = "choose another mapping or a glob that leaves it out"
_FRAME = frozenset({"HEAD", "TRLR"})


class GedcomMapping:
    """Mapping ``gedcom``."""

    unit: ClassVar[Literal["file", "folder"]] = "file"

    def __init__(self, options: MappingOptions) -> None:
        self._options = options

    def records(self, contents: Sequence[Content]) -> Iterator[Outcome]:
        """One outcome for each record of level 0 that has an identifier; sources, notes and the like are skipped, since
        they are told with the persons and families that cite them.
        """
        for content in contents:
            with content.open() as stream:
                payload = read_up_to(stream, _LARGEST + 1)
            if not is_gedcom(payload):
                problem = Problem("wrong-format", "the file does not begin with 0 HEAD", _LEAVE_OUT)
                yield Skipped(problem, content.name)
            elif len(payload) > _LARGEST:
                yield Failed(Problem("too-large", "the file is larger than 128 MiB", "split it"), content.name)
            else:
                yield from self._of_file(content.name, mended(payload))

    def _of_file(self, path: str, lines: Lines) -> Iterator[Outcome]:
        from ged4py.parser import IntegrityError, ParserError

        try:
            file = _File(path, lines, self._options.holder)
        except (ParserError, IntegrityError, OSError, ValueError) as error:
            reason = f"the file cannot be read: {(str(error).splitlines() or [type(error).__name__])[0][:200]}"
            yield Failed(Problem("damaged-gedcom", reason, HINT), path)
            return
        yield from file.outcomes()


class _File:
    """One file on its way to outcomes: read once to know who is who, once more to tell it."""

    def __init__(self, path: str, lines: Lines, holder: str | None) -> None:
        from ged4py.parser import GedcomReader

        self._path = path
        self._lines = lines
        self._holder = holder
        self._reader = GedcomReader(io.BytesIO(lines.payload), encoding="utf-8", errors="replace")
        self._offsets = self._reader.index0
        self._tree = Tree(path)

    def outcomes(self) -> Iterator[Outcome]:
        for _, record in self._records():
            if record is not None:
                self._tree.add(record)
        self._tree.settle()
        nothing = True
        first = self._lines.encoding
        for number, record in self._records():
            outcome = self._outcome(number, record, first)
            if outcome is not None:
                nothing, first = False, None
                yield outcome
        if nothing:
            yield Skipped(Problem("empty-file", "the file has a header and no records", _LEAVE_OUT), self._path)

    def _records(self) -> Iterator[tuple[int, Any]]:
        """(number from 0, record); None for one that cannot be read."""
        for number, (offset, tag) in enumerate(self._offsets):
            if tag in _FRAME and tag != "HEAD":
                continue
            try:
                yield number, self._reader.read_record(offset)
            except Exception:  # whatever a library makes of a date nobody foresaw: the other records stand
                yield number, None

    def _outcome(self, number: int, record: Any, first: Problem | None) -> Outcome | None:
        start = self._lines.starts[number] if number < len(self._lines.starts) else 0
        if record is None:
            problem = Problem("damaged-gedcom", "the record cannot be read", HINT, f"line {start}")
            return Failed(problem, f"{self._path}#line-{start}")
        if record.tag in _FRAME:
            return None
        problems = tuple(problem for problem in (first, self._lines.problems.get(start)) if problem is not None)
        if record.tag == "INDI":
            return Person(self._tree, record, start).record(number, self._holder, problems)
        if record.tag == "FAM":
            return Family(self._tree, record, start).record(number, self._holder, problems)
        reason = f"the record ({record.tag}) describes no person or family; it is told with those that cite it"
        problem = Problem("supporting-record", reason, "nothing to do", f"line {start}")
        return Skipped(problem, self._tree.source_id(record.xref_id, start))
