"""The headings of one outline on their way to records: hierarchy, identity, sections of the record above."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import structs

from mappings.access import ANONYMOUS, Access, inherit
from mappings.base import Outcome, Skipped
from mappings.formats.table.mapping import TableMapping
from mappings.formats.table.rows import EMPTY
from mappings.formats.text import catalogue, outline
from mappings.formats.text.catalogue import COPIES, EDITIONS, NOTES, PEOPLE, SECTIONS, Person
from mappings.formats.text.outline import Heading
from mappings.record import Ancestor, Copy, Identifier, Problem, Record, clean

_DEEPEST = 30  # levels of hierarchy that are told apart
_ENOUGH = 5000  # pieces that sections may add to one record
_LONGEST_TITLE = 300


class _Unit:
    """A heading that becomes a record, with what the sections below it add."""

    __slots__ = ("copies", "editions", "heading", "notes", "people", "sections")

    def __init__(self, heading: Heading) -> None:
        self.heading = heading
        self.people: list[Person] = []
        self.editions: list[str] = []
        self.copies: list[Copy] = []
        self.notes: list[str] = []
        self.sections = 0


class _Open:
    """A record whose headings are still read: how deep it is, how many it holds, what it hands down."""

    __slots__ = ("access", "ancestor", "children", "depth")

    def __init__(self, depth: int, ancestor: Ancestor, access: Access | None) -> None:
        self.depth = depth
        self.ancestor = ancestor
        self.access = access
        self.children = 0


class Tree:
    """One outline. All headings are read before the first record is made: a section may stand behind other headings
    of the record it belongs to.
    """

    def __init__(self, table: TableMapping, path: str) -> None:
        self._table = table
        self._path = path
        self._seen: set[str] = set()
        self._open: list[_Open] = []
        self._tops = 0
        self._number = 0

    def org(self, text: str) -> Iterator[Outcome]:
        """A record for each heading, and one for the file when it has a title or text of its own. Headings that open a
        section (人物, 版本) and those below them belong to the record above; what is not to be exported is skipped.
        """
        units = _units(outline.headings(text))
        if not units:
            yield Skipped(Problem("empty-file", "the outline has no headings and no text", EMPTY), self._path)
        for unit in units:
            yield self._hidden(unit) if isinstance(unit, Heading) else self._outcome(unit)

    def markdown(self, text: str) -> Iterator[Outcome]:
        """A record for each top-level item of the lists; the headings above it are its ancestors, and records too."""
        for heading in outline.markdown(text):
            if heading.depth or any(line.strip() for line in heading.body):
                yield self._outcome(_Unit(heading))

    def _hidden(self, heading: Heading) -> Skipped:
        reason = "the heading, or one above it, is marked as not for export"
        problem = Problem("not-for-export", reason, "nothing to do", f"line {heading.line}")
        return Skipped(problem, f"{self._path}#line-{heading.line}")

    def _above(self, heading: Heading) -> _Open | None:
        """The innermost record that a heading belongs to."""
        while self._open and self._open[-1].depth >= heading.depth:
            self._open.pop()
        return self._open[-1] if self._open else None

    def _place(self, above: _Open | None) -> str:
        """The position in the tree, as 1.3.2, below a heading with an id of its own from there on."""
        if above is None or above.depth == 0:
            self._tops += 1
            return str(self._tops)
        above.children += 1
        return f"{above.ancestor.source_id.removeprefix(self._path + '#')}.{above.children}"

    def _source_id(self, heading: Heading, above: _Open | None) -> str:
        """The file; for a heading ``#`` and its id if it is the first with it, else its position."""
        if heading.depth == 0:
            return self._path
        place = self._place(above)
        own = next((clean(value) for key in ("ID", "CUSTOM_ID") for value in heading.fields.get(key, ())), None)
        if own is not None and own not in self._seen:
            place = own
        while place in self._seen:
            place += "~2"
        self._seen.add(place)
        return f"{self._path}#{place}"

    def _outcome(self, unit: _Unit) -> Record:
        heading = unit.heading
        above = self._above(heading)
        source_id = self._source_id(heading, above)
        line = tuple(one.ancestor for one in self._open)
        cells: dict[str, Any] = {key: values for key, values in heading.fields.items() if not key.startswith("_")}
        named, text = catalogue.title(heading), _text(heading)
        if heading.item:
            named, text, cells = _item(heading, text, cells)
        if named.text and "TITLE" not in cells:
            cells["TITLE"] = [named.text]
        access = above.access if above is not None else None
        found = self._table.outcome(cells, source_id, self._path, self._number, line, access)
        if not isinstance(found, Record):  # a heading of stars and blanks
            found = Record(source_id, source_id, supplied_title=True, position=self._number, unit=self._path)
            found = structs.replace(found, ancestors=line, access=inherit(None, access))
        record = _completed(found, unit, named, text)
        self._number += 1
        if len(self._open) < _DEEPEST:
            internal = record.access is not None and not ANONYMOUS.may_describe(record.access)
            own = Ancestor(source_id, record.title, record.level, record.reference_code, internal)
            self._open.append(_Open(heading.depth, own, record.access))
        return record


def _units(headings: Iterator[Heading]) -> list[_Unit | Heading]:
    """Headings as units, sections within theirs; those not to be exported as they are."""
    found: list[_Unit | Heading] = []
    stack: list[_Unit] = []
    section: tuple[int, str, _Unit] | None = None
    hidden: int | None = None
    for heading in headings:
        if hidden is None or heading.depth <= hidden:
            hidden = heading.depth if _is_hidden(heading) else None
        if hidden is not None:
            found.append(heading)
            continue
        while stack and stack[-1].heading.depth >= heading.depth:
            stack.pop()
        if section is None or heading.depth <= section[0]:
            section = _section(heading, stack[-1] if stack else None)
        if section is not None:
            _add(section[2], heading, section[0], section[1])
        elif heading.depth or "TITLE" in heading.fields or any(line.strip() for line in heading.body):
            stack.append(_Unit(heading))
            found.append(stack[-1])
    return found


def _text(heading: Heading) -> str:
    """The text below a heading, one line a line, links as their words."""
    return "\n".join(line for raw in heading.body if (line := clean(outline.plain(raw))) is not None)


def _completed(record: Record, unit: _Unit, named: catalogue.Title, text: str) -> Record:
    """The record of a heading with what its sections add."""
    people = unit.people or catalogue.responsible(unit.heading, named)
    description = dict(record.description)
    for field, texts in (
        ("other_titles", [named.romanised] if named.romanised else []),
        ("edition", unit.editions),
        ("note", unit.notes),
        ("text", [text] if text else []),
    ):
        if texts:
            description[field] = "\n".join([*filter(None, [description.get(field)]), *texts])
    links = tuple(Identifier("link", copy.url) for copy in unit.copies if copy.url)
    return structs.replace(
        record,
        reference_code=record.reference_code or named.code,
        dates=record.dates or catalogue.dates(people),
        names=tuple(dict.fromkeys((*record.names, *(person.heading() for person in people)))),
        description=description,
        copies=(*record.copies, *unit.copies),
        identifiers=(*record.identifiers, *links),
    )


def _item(heading: Heading, text: str, cells: dict[str, Any]) -> tuple[catalogue.Title, str, dict[str, Any]]:
    """A list item: its first line without marks is the title, a link in it a copy, what is indented below it text."""
    title = clean(outline.unmarked(heading.text)) or heading.text
    link = outline.address(heading.text)
    if link is not None:
        cells = {**cells, "LINK": [link]}
    whole = f"{title}\n{text}" if len(title) > _LONGEST_TITLE else text
    return catalogue.Title(title[:_LONGEST_TITLE]), whole, cells


def _is_hidden(heading: Heading) -> bool:
    """Org exports neither what is tagged ``noexport`` nor headings that begin with COMMENT."""
    return "noexport" in heading.tags or heading.text.startswith("COMMENT ") or heading.text == "COMMENT"


def _section(heading: Heading, unit: _Unit | None) -> tuple[int, str, _Unit] | None:
    """(depth, kind, record it belongs to) of the section that a heading opens, if it opens one."""
    kind = SECTIONS.get(heading.text.strip().casefold())
    if kind is None or unit is None or unit.heading.depth == 0:
        return None
    return heading.depth, kind, unit


def _add(unit: _Unit, heading: Heading, depth: int, kind: str) -> None:
    """What a heading of a section says about the record it belongs to; the section's own heading says only its text."""
    unit.sections += 1
    if unit.sections > _ENOUGH:
        return
    inside, text = heading.depth - depth, _text(heading)
    if kind == NOTES:
        unit.notes += [line for line in (heading.text if inside else "", text) if line]
    elif kind == PEOPLE and inside == 1 and (person := catalogue.person(heading)) is not None:
        unit.people.append(person)
    elif kind == EDITIONS and inside == 1 and (edition := catalogue.edition(heading)) is not None:
        unit.editions.append(edition)
    if kind == COPIES:
        _add_copies(unit, heading)
    elif kind != NOTES and text:
        unit.notes.append(text)


def _add_copies(unit: _Unit, heading: Heading) -> None:
    """Links of the web become copies; others are only known to the system that wrote them."""
    for address, words in outline.links("\n".join(heading.body)):
        if address.startswith(("http://", "https://")) and len(unit.copies) < _ENOUGH:
            unit.copies.append(Copy(url=address, title=clean(words)))
