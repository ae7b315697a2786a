"""From the rows of a table to records. https://www.ica.org/resource/isadg/ and DA/T 18 give the names of the fields."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, ClassVar, Literal, cast

from mappings.access import LEVELS, Access, inherit
from mappings.access_statements import statement
from mappings.base import Content, Failed, MappingOptions, Outcome, Skipped
from mappings.dates import parse
from mappings.formats.media import media_type
from mappings.formats.table.authority import authority
from mappings.formats.table.existence import completed
from mappings.formats.table.header import nearest
from mappings.formats.table.plan import IDENTIFIERS, NAMES, STAFF, Cells, Plan, checked, lined, made
from mappings.formats.table.reader import rows_of
from mappings.formats.table.rows import EMPTY, NotATable, Row, blank
from mappings.identifiers import typed
from mappings.languages import code_of
from mappings.record import AgentType, Ancestor, Copy, Dates, Holding, Identifier, Kind, Name, Problem, Record

_Line = tuple[tuple[Ancestor, ...], Access | None]


class TableMapping:
    """Mapping ``table``: a row is a record. Rows of a database (`content.row`) are thematic entries unless the source
    file says otherwise.
    """

    unit: ClassVar[Literal["file", "folder"]] = "file"

    def __init__(self, options: MappingOptions) -> None:
        self._options = options
        self._columns = checked(options)
        self._wanted = frozenset(name for names in self._columns.values() for name in names)
        self._plans: dict[tuple[str, ...], Plan] = {}

    def records(self, contents: Sequence[Content]) -> Iterator[Outcome]:
        """One outcome for each row; one for a file that is no table."""
        for content in contents:
            if content.row is not None:
                yield self._from_database(content, content.row)
            else:
                yield from self._from_file(content)

    def _from_database(self, content: Content, cells: dict[str, Any]) -> Outcome:
        plan = self._plan(cells)
        if plan.missing:
            return Failed(_missing(plan, cells, ""), content.name)
        row = _Row(Cells(cells, plan, self._options), plan, cells, 0)
        own = row.cells.one("id")
        problems = []
        if own is not None and content.name.startswith(f"{own}~"):
            problems.append(_duplicate(own, content.name, ""))
        return row.outcome(content.name, "thematic", content.name, problems, (), None)

    def _from_file(self, content: Content) -> Iterator[Outcome]:
        try:
            with content.open() as stream:
                yield from _File(self, content.name).outcomes(self.rows(stream, content.name))
        except NotATable as error:
            yield (Failed if error.broken else Skipped)(error.problem, content.name)

    def rows(self, stream: BinaryIO, name: str) -> Iterator[Row]:
        """The rows of a file. Raises NotATable."""
        return rows_of(stream, name, self._wanted)

    def outcome(
        self,
        cells: dict[str, Any],
        source_id: str,
        unit: str,
        position: int,
        line: tuple[Ancestor, ...] = (),
        above: Access | None = None,
    ) -> Outcome:
        """What cells that another format gives become, by the columns of this mapping; those that are not there are
        nobody's mistake.
        """
        plan = self._plan(cells)
        row = _Row(Cells(cells, plan, self._options), plan, cells, position)
        return row.outcome(source_id, "physical", unit, [], line, above)

    def _plan(self, cells: dict[str, Any]) -> Plan:
        key = tuple(cells)
        plan = self._plans.get(key)
        if plan is None:
            if len(self._plans) > 1000:  # ragged rows and JSON objects may differ without end
                self._plans.clear()
            plan = self._plans[key] = made(self._columns, key)
        return plan


class _File:
    """The rows of one file: their ids are told apart, their parents known if they came before."""

    def __init__(self, mapping: TableMapping, path: str) -> None:
        self._mapping = mapping
        self._path = path
        self._seen: dict[str, int] = {}
        self._lines: dict[str, _Line] = {}
        self._found_all = False

    def outcomes(self, rows: Iterator[Row]) -> Iterator[Outcome]:
        nothing = True
        for order, row in enumerate(rows):
            nothing = False
            if row.cells is None:
                yield Failed(row.problems[0], f"{self._path}#row-{row.number}")
                continue
            plan = self._mapping._plan(row.cells)
            if plan.missing and not self._found_all and not blank(row.cells):
                if not _may_vary(self._path) or not any(plan.columns.values()):
                    yield Failed(_missing(plan, row.cells, f"line {row.number}"), self._path)
                    return
            elif not plan.missing:
                self._found_all = True
            yield self._outcome(row, row.cells, plan, order)
        if nothing:
            problem = Problem("empty-file", "the table has a header and no rows", EMPTY)
            yield Skipped(problem, self._path)

    def _outcome(self, row: Row, cells: dict[str, Any], plan: Plan, order: int) -> Outcome:
        taken = _Row(Cells(cells, plan, self._mapping._options), plan, cells, order)
        problems = list(row.problems)
        source_id = self._source_id(taken.cells.one("id"), row.number, problems)
        parent = taken.cells.one("parent")
        line, access = self._above(parent, problems) if parent is not None else ((), None)
        outcome = taken.outcome(source_id, "physical", self._path, problems, line, access, row.number)
        if "parent" in plan.columns and isinstance(outcome, Record):
            own = Ancestor(
                outcome.source_id, outcome.title, outcome.level, outcome.reference_code, _is_internal(outcome.access)
            )
            self._lines[source_id] = ((*line, own), outcome.access)
        return outcome

    def _source_id(self, own: str | None, number: int, problems: list[Problem]) -> str:
        """The id column; a second row with the same id is told apart; without one, file and row."""
        if own is None:
            return f"{self._path}#row-{number}"
        count = self._seen.get(own, 0) + 1
        self._seen[own] = count
        if count == 1:
            return own
        unique = f"{own}~{count}"
        while unique in self._seen:
            count += 1
            unique = f"{own}~{count}"
        self._seen[unique] = 1
        problems.append(_duplicate(own, unique, f"row {number}"))
        return unique

    def _above(self, parent: str, problems: list[Problem]) -> _Line:
        found = self._lines.get(parent)
        if found is not None:
            return found
        reason = f"the parent {parent!r} does not come before this row"
        problems.append(Problem("unknown-parent", reason, "put containing units first", field="parent"))
        return ((Ancestor(parent, parent),), None)


class _Row:
    """One row on its way to a record."""

    def __init__(self, cells: Cells, plan: Plan, raw: dict[str, Any], order: int) -> None:
        self.cells = cells
        self._plan = plan
        self._raw = raw
        self._order = order
        self._problems: list[Problem] = []

    def outcome(
        self,
        source_id: str,
        usual: Kind,
        unit: str,
        problems: list[Problem],
        line: tuple[Ancestor, ...],
        above: Access | None,
        number: int | None = None,
    ) -> Outcome:
        """The record, or why the row was left out."""
        if blank(self._raw):
            where = f"row {number}" if number is not None else ""
            return Skipped(Problem("empty-row", "the row has no text", "take it out, or fill it in", where), source_id)
        self._problems = problems
        cells = self.cells
        name = authority(cells)
        usual = usual if name is None else "thematic"
        kind = cast(Kind, cells.one("kind") or usual)
        when = self._dates()
        code = cells.one("reference_code")
        title = cells.one("title")
        copies = self._copies()
        record = Record(
            source_id=source_id,
            title=title or self._supplied_title(when, code, source_id),
            kind=kind if kind in ("physical", "digital", "thematic") else usual,
            supplied_title=title is None,
            level=cells.one("level"),
            reference_code=code,
            fonds=cells.one("fonds"),
            holder=cells.one("holder") or cells._options.holder,
            dates=when,
            names=self._names(),
            languages=tuple(dict.fromkeys(code_of(value) or value for value in cells.all("language"))),
            formats=tuple(cells.all("format")),
            extent=cells.one("extent"),
            description=self._description(),
            staff_notes=self._staff_notes(),
            values=self._values(kind),
            identifiers=self._identifiers(copies),
            holdings=self._holdings(),
            copies=copies,
            ancestors=line,
            position=self._order,
            unit=unit,
            access=inherit(self._access(), above),
            problems=tuple(self._problems),
            authority=name,
        )
        return completed(record, cells, self._plan.columns.get("dates", ()))

    def _supplied_title(self, when: Dates | None, code: str | None, source_id: str) -> str:
        """ISAD(G) 3.1.2: a unit without a title is called by its date or its code."""
        return when.text if when is not None else code or source_id

    def _dates(self) -> Dates | None:
        """One column, or a first and a last one: text as written, years understood (DA/T 18, 形成时间)."""
        texts = self.cells.all("dates")
        if not texts:
            return None
        spans = [parse(text) for text in texts]
        starts = [start for start, _ in spans if start is not None]
        ends = [end for _, end in spans if end is not None]
        return Dates(" - ".join(texts), min(starts, default=None), max(ends, default=None))

    def _names(self) -> tuple[Name, ...]:
        return tuple(
            Name(heading, _TYPES[field], "creator" if field == "creator" else "subject" if field != "name" else "name")
            for field in NAMES
            if field in self._plan.columns or field in self.cells._options.fixed
            for heading in self.cells.all(field)
        )

    def _description(self) -> dict[str, str]:
        found = {}
        for field in self._plan.descriptions:
            texts = [text for header in self._plan.columns[field] if (text := lined(self._raw.get(header))) is not None]
            if texts:
                found[field] = "\n".join(texts)
        return found

    def _staff_notes(self) -> dict[str, str]:
        texts = [text for _, text in self.cells.labelled("staff_note")]
        return {"note": "\n".join(texts)} if texts else {}

    def _values(self, kind: str) -> dict[str, str]:
        """Of a thematic database every column, else those that no field took; never what is for staff only."""
        hidden = self._plan.staff
        return {
            header: text
            for header, cell in self._raw.items()
            if header not in hidden
            and (kind == "thematic" or header in self._plan.unmapped or header.startswith("column "))
            and (text := lined(cell)) is not None
        }

    def _identifiers(self, copies: tuple[Copy, ...]) -> tuple[Identifier, ...]:
        found = []
        for field in IDENTIFIERS:
            if field == "link" or field not in self._plan.columns:
                continue
            for value in self.cells.all(field):
                stated = None if field == "identifier" else field
                found.append(typed(value, stated) or Identifier(field, value))
        return (*found, *(Identifier("link", copy.url) for copy in copies if copy.url))

    def _copies(self) -> tuple[Copy, ...]:
        return (
            tuple(Copy(url=url, format=media_type(url)) for url in self.cells.all("link"))
            if "link" in self._plan.columns
            else ()
        )

    def _holdings(self) -> tuple[Holding, ...]:
        """Where the carrier lies: a bare number in a column is called by its header ("盒号 3")."""
        cells = self.cells
        if not any(field in self._plan.columns for field in ("containers", *STAFF, "form")):
            return ()
        containers = tuple(
            f"{header} {text}" if text[:1].isdigit() else text for header, text in cells.labelled("containers")
        )
        holding = Holding(containers, None, cells.one("form"), None, cells.one("location"), cells.one("barcode"))
        return (holding,) if holding != Holding() else ()

    def _access(self) -> Access | None:
        """The access column: one of our values, or words; words nobody explained are taken for a restriction."""
        stated, reason = self.cells.one("access"), self.cells.one("access_reason")
        opens_on = self._opens_on()
        if stated is None:
            return Access("closed", reason, opens_on) if opens_on is not None else None
        if stated in LEVELS:
            return Access(stated, reason or self._written(stated), opens_on if stated == "closed" else None)
        understood = statement(stated)
        if understood is not None:
            return Access(understood.value, reason or stated, opens_on or understood.opens_on)
        said = f"the access word {stated!r} is not known; the record is restricted until it is"
        hint = f"say under values: access: {{{stated}: open}} what it means"
        self._problems.append(Problem("unknown-access", said, hint, field="access"))
        return Access("restricted", reason or stated, opens_on)

    def _written(self, stated: str) -> str | None:
        """The word of the catalogue, when it is another than ours."""
        written = next((text for _, text in self.cells.labelled("access")), None)
        return written if written != stated else None

    def _opens_on(self) -> dt.date | None:
        text = self.cells.one("opens_on")
        if text is None:
            return None
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            pass
        years = parse(text)
        if years[1] is not None and 1 <= years[1] < 9999:
            return dt.date(years[1] + 1, 1, 1)  # cautious: the year's first day might be too early
        self._problems.append(
            Problem("bad-date", f"opens_on {text!r} is not a day", "write it as 2031-12-31", field="opens_on")
        )
        return None


_TYPES: dict[str, AgentType] = {
    "creator": "name",
    "subject": "subject",
    "person": "person",
    "family": "family",
    "organisation": "organisation",
    "place": "place",
    "function": "function",
    "name": "name",
}


def _is_internal(access: Access | None) -> bool:
    return access is not None and access.value == "internal"


def _may_vary(path: str) -> bool:
    """Do rows of this kind of file name their own columns?"""
    return path.lower().endswith((".json", ".jsonl", ".ndjson"))


def _missing(plan: Plan, cells: dict[str, Any], position: str) -> Problem:
    names = ", ".join(repr(name) for name in plan.missing)
    return Problem(
        "missing-column", f"there is no column {names}", nearest(plan.missing[0], cells), position, "columns"
    )


def _duplicate(own: str, unique: str, position: str) -> Problem:
    reason = f"the id {own!r} occurs more than once; this row is {unique!r}"
    return Problem("duplicate-id", reason, "make the ids unique", position, "id")
