"""From the rows of a table to records. https://www.ica.org/resource/isadg/ and DA/T 18 give the names of the fields."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, ClassVar, Literal, cast

from msgspec import structs

from mappings.access import ANONYMOUS, LEVELS, Access, inherit, together
from mappings.access_statements import copying, provision, statement
from mappings.access_words import security
from mappings.base import Content, Failed, MappingOptions, Outcome, Skipped
from mappings.crosswalks import Crosswalk, crosswalk
from mappings.dates import dated, joined, parse
from mappings.formats.media import media_type
from mappings.formats.stated_access import with_fields
from mappings.formats.table.authority import completed
from mappings.formats.table.header import nearest
from mappings.formats.table.plan import IDENTIFIERS, NAMES, STAFF, Cells, Plan, Recipe, lined, made, plain
from mappings.formats.table.reader import rows_of
from mappings.formats.table.recognise import recognised
from mappings.formats.table.rows import EMPTY, NotATable, Row, blank
from mappings.formats.table.together import UNPUBLISHED, Together
from mappings.formats.table.translations import texts, with_translations
from mappings.identifiers import typed
from mappings.languages import code_of
from mappings.record import AgentType, Ancestor, Copy, Dates, Holding, Identifier, Kind, Name, Problem, Record
from mappings.reference_codes import fonds_of
from mappings.seen import Seen

_Line = tuple[tuple[Ancestor, ...], Access | None]


class TableMapping:
    """Mapping ``table``: a row is a record. Rows of a database (`content.row`) are thematic entries unless the source
    file says otherwise.
    """

    unit: ClassVar[Literal["file", "folder"]] = "file"

    def __init__(self, options: MappingOptions) -> None:
        self._options = options
        self._recipe = Recipe(options, crosswalk(options.crosswalk) if options.crosswalk else None)
        self._recognised: dict[str, Recipe] = {}
        self._plans: dict[tuple[str, ...], Plan] = {}

    def records(self, contents: Sequence[Content]) -> Iterator[Outcome]:
        """One outcome for each row; one for a file that is no table."""
        for content in contents:
            if content.row is not None:
                yield self._from_database(content, content.row)
            else:
                yield from self._from_file(content)

    def _from_database(self, content: Content, cells: dict[str, Any]) -> Outcome:
        plan = self.plan(cells)
        if plan.missing:
            return Failed(_missing(plan, cells, ""), content.name)
        if plan.recipe.ready is not None and plan.recipe.ready.skip:
            return Skipped(_no_record(plan.recipe.ready, ""), content.name)
        row = _Row(Cells(cells, plan), plan, 0)
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
        return rows_of(stream, name, self._recipe.wanted)

    def outcome(
        self, cells: dict[str, Any], source_id: str, unit: str, position: int, line: tuple[Ancestor, ...] = (),
        above: Access | None = None,
    ) -> Outcome:  # fmt: skip
        """What cells that another format gives become, by the columns of this mapping; those that are not there are
        nobody's mistake.
        """
        plan = self.plan(cells)
        return _Row(Cells(cells, plan), plan, position).outcome(source_id, "physical", unit, [], line, above)

    def plan(self, cells: dict[str, Any]) -> Plan:
        """Which of these columns fills which field."""
        key = tuple(cells)
        plan = self._plans.get(key)
        if plan is None:
            if len(self._plans) > 1000:  # ragged rows and JSON objects may differ without end
                self._plans.clear()
            plan = self._plans[key] = made(self._recipe_for(key), key)
        return plan

    def _recipe_for(self, headers: Sequence[str]) -> Recipe:
        """What the source file says; when it names neither columns nor crosswalk, the crosswalk the headers tell."""
        if self._recipe.columns or self._recipe.ready is not None:
            return self._recipe
        name = recognised(headers)
        if name is None:
            return self._recipe
        if name not in self._recognised:
            self._recognised[name] = Recipe(self._options, crosswalk(name))
        return self._recognised[name]


class _File:
    """The rows of one file: their ids are told apart, their parents known if they came before."""

    def __init__(self, mapping: TableMapping, path: str) -> None:
        self._mapping = mapping
        self._path = path
        self._seen = Seen()
        self._times: dict[str, int] = {}
        self._lines: dict[str, _Line] = {}
        self._open: list[tuple[int, str | None, _Line]] = []
        self._found_all = False

    def outcomes(self, rows: Iterator[Row]) -> Iterator[Outcome]:
        nothing = True
        for order, (row, plan, translations) in enumerate(with_translations(rows, self._plan_of)):
            nothing = False
            if row.cells is None:
                yield Failed(row.problems[0], f"{self._path}#row-{row.number}")
                continue
            if plan.missing and not self._found_all and not blank(row.cells):
                if not _may_vary(self._path) or not any(plan.columns.values()):
                    yield Failed(_missing(plan, row.cells, f"line {row.number}"), self._path)
                    return
            elif not plan.missing:
                self._found_all = True
            yield self._left_out(row, row.cells, plan) or self._outcome(row, row.cells, plan, order, translations)
            for translation in translations:
                yield Skipped(_translation(row, translation), f"{self._path}#row-{translation.number}")
        if nothing:
            problem = Problem("empty-file", "the table has a header and no rows", EMPTY)
            yield Skipped(problem, self._path)

    def _plan_of(self, row: Row) -> Plan:
        return self._mapping.plan(row.cells or {})

    def _left_out(self, row: Row, cells: dict[str, Any], plan: Plan) -> Skipped | None:
        """A row that its crosswalk says is no record: a further header row, or of a sheet that describes nothing."""
        ready = plan.recipe.ready
        if ready is None or blank(cells):
            return None
        first = plain(next(iter(cells.values()), None)) or ""
        if ready.header_rows and first.casefold().startswith(tuple(map(str.casefold, ready.header_rows))):
            problem = Problem(
                "header-row", f"{first[:80]!r} begins a row of headers", "nothing is to be done", f"row {row.number}"
            )
        elif ready.skip:
            problem = _no_record(ready, f"row {row.number}")
        else:
            return None
        return Skipped(problem, f"{self._path}#row-{row.number}")

    def _outcome(
        self, row: Row, cells: dict[str, Any], plan: Plan, order: int, translations: tuple[Row, ...]
    ) -> Outcome:
        taken = _Row(Cells(cells, plan), plan, order, texts(translations, plan) if translations else {})
        problems = list(row.problems)
        source_id = self._source_id(taken.cells.one("id"), row.number, problems)
        line, access = self._above(taken.cells, problems) if plan.keeps_lines else _NOTHING_ABOVE
        outcome = taken.outcome(source_id, "physical", self._path, problems, line, access, row.number)
        if plan.keeps_lines and isinstance(outcome, Record):
            self._keep(outcome, taken.cells)
        return outcome

    def _keep(self, record: Record, cells: Cells) -> None:
        """Remember a row that others may lie in."""
        own = Ancestor(record.source_id, record.title, record.level, record.reference_code, _is_internal(record.access))
        below: _Line = ((*record.ancestors, own), record.access)
        self._lines[record.source_id] = below
        if (depth := _depth(cells)) is not None:
            self._open = [*(unit for unit in self._open if unit[0] < depth), (depth, record.fonds, below)]

    def _source_id(self, own: str | None, number: int, problems: list[Problem]) -> str:
        """The id column; a second row with the same id is told apart; without one, file and row. Only of ids that
        repeat is the text kept: a file may have millions.
        """
        if own is None:
            return f"{self._path}#row-{number}"
        if own not in self._seen:
            self._seen.add(own)
            return own
        count = self._times[own] = self._times.get(own, 1) + 1
        while (unique := f"{own}~{count}") in self._seen:
            count += 1
        self._seen.add(unique)
        problems.append(_duplicate(own, unique, f"row {number}"))
        return unique

    def _above(self, cells: Cells, problems: list[Problem]) -> _Line:
        """The containing rows, and the access they state: by the parent's id, by depth, or by what the code says."""
        if (depth := _depth(cells)) is not None:
            return next((line for level, fonds, line in reversed(self._open)
                         if level < depth and fonds == cells.one("fonds")), _NOTHING_ABOVE)  # fmt: skip
        parent = cells.one("parent")
        if parent is None:
            return self._by_code(cells)
        if (found := self._lines.get(parent)) is not None:
            return found
        if (title := cells.one("parent_title")) is not None:
            return ((Ancestor(parent, title),), None)
        if not cells.has("parent"):
            return _NOTHING_ABOVE
        reason = f"the parent {parent!r} does not come before this row"
        problems.append(Problem("unknown-parent", reason, "put containing units first", field="parent"))
        return ((Ancestor(parent, parent),), None)

    def _by_code(self, cells: Cells) -> _Line:
        """DA/T 13: a code is that of the volume and a number. The volume may be in the list, or its title in the
        row.
        """
        code = cells.one("reference_code") if cells.recipe.is_dat13 else None
        above = code.rpartition("-")[0] if code is not None else ""
        if found := self._lines.get(above):
            return found
        title = cells.one("parent_title")
        return ((Ancestor(above, title, "file", above),), None) if above and title else _NOTHING_ABOVE


_NOTHING_TOGETHER = Together()


class _Row:
    """One row on its way to a record."""

    def __init__(self, cells: Cells, plan: Plan, order: int, translated: dict[str, str] | None = None) -> None:
        self.cells = cells
        self._plan = plan
        self._raw = cells.raw
        self._translated = translated or {}
        self._together = Together(cells, plan) if plan.groups else _NOTHING_TOGETHER
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
        usual = "thematic" if cells.one("authority") else usual
        kind = cast(Kind, cells.one("kind") or usual)
        when = self._dates()
        code = cells.one("reference_code")
        title = cells.one("title")
        copies = self._copies()
        description = self._description()
        record = Record(
            source_id=source_id,
            title=title or self._supplied_title(when, code, source_id),
            kind=kind if kind in ("physical", "digital", "thematic") else usual,
            supplied_title=title is None,
            level=cells.one("level"),
            reference_code=code,
            fonds=cells.one("fonds") or self._fonds(code, line),
            holder=cells.one("holder") or cells.recipe.holder,
            dates=when,
            names=self._names(),
            languages=tuple(dict.fromkeys(code_of(value) or value for value in cells.all("language"))),
            formats=tuple(dict.fromkeys((*cells.all("format"), *self._together.formats))),
            extent=self._extent(),
            description=description,
            staff_notes=self._staff_notes(),
            values=self._values(kind),
            identifiers=self._identifiers(copies),
            holdings=self._holdings(),
            copies=copies,
            ancestors=line,
            position=self._order,
            unit=unit,
            access=inherit(self._access(description), above),
            problems=tuple(self._problems),
        )
        return completed(record, cells)

    def _fonds(self, code: str | None, line: tuple[Ancestor, ...]) -> str | None:
        """The fonds that a code of DA/T 13 begins with; in a known sheet, else that of the outermost unit above."""
        if self.cells.recipe.is_dat13:
            return fonds_of(code)
        return line[0].reference_code if line and self.cells.recipe.ready is not None else None

    def _extent(self) -> str | None:
        """ISAD(G) 3.1.5, DA/T 18 数量及单位: a bare number is called by its header ("页数 12")."""
        text = self.cells.one("extent")
        if text is None:
            return "; ".join(self._together.extents) or None
        header = next((header for header, cell in self.cells.labelled("extent") if cell == text), None)
        return f"{header} {text}" if header is not None and text.isdigit() else text

    def _supplied_title(self, when: Dates | None, code: str | None, source_id: str) -> str:
        """ISAD(G) 3.1.2: a unit without a title is called by its date or its code."""
        return when.text if when is not None else code or source_id

    def _dates(self) -> Dates | None:
        """One column, or a first and a last one: text as written, years understood (DA/T 18, 形成时间)."""
        texts = self.cells.all("dates")
        if not texts:
            return self._together.dates()
        return joined(" - ".join(texts), map(dated, texts))

    def _names(self) -> tuple[Name, ...]:
        own = tuple(
            Name(heading, _TYPES[field], "creator" if field == "creator" else "subject" if field != "name" else "name")
            for field in NAMES
            if field in self._plan.columns or field in self.cells.recipe.fixed
            for heading in self.cells.all(field)
        )
        return (*own, *self._together.names) if self._together.names else own

    def _description(self) -> dict[str, str]:
        found = {}
        for field in self._plan.descriptions:
            texts = self.cells.paragraphs(field)
            if texts:
                found[field] = "\n".join(texts)
        for field, text in self._together.description.items():
            found[field] = f"{found[field]}\n{text}" if field in found else text
        return found

    def _staff_notes(self) -> dict[str, str]:
        """A column that the source file names as it is, several and those of a crosswalk each with its header."""
        labelled = self.cells.labelled("staff_note")
        own = len(self.cells.recipe.own.get("staff_note", ())) == 1
        texts = [text if own else f"{header}: {text}" for header, text in labelled] + self._together.staff
        return {"note": "\n".join(texts)} if texts else {}

    def _values(self, kind: str) -> dict[str, str]:
        """Of a thematic database every column, else those that no field took; never what is for staff only. Of an
        authority only the latter: its row is told by its forms and description.
        """
        plan, nothing = self._plan, self.cells.recipe.nothing
        every = kind == "thematic" and self.cells.one("authority") is None
        hidden, unmapped, second = plan.staff, plan.unmapped, plan.second
        found = {
            header: text
            for header, cell in self._raw.items()
            if header not in hidden
            and (
                every
                or (header in unmapped and (header not in second or self._is_left(second[header])))
                or header.startswith("column ")
            )
            and (text := lined(cell)) is not None
            and text not in nothing
        }
        return found | self._translated if self._translated else found

    def _is_left(self, before: tuple[str, ...]) -> bool:
        """Is a second choice left over, because one of those before it had text?"""
        return any(self.cells.text(other) is not None for other in before)

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
        if "link" in self._plan.columns:
            return tuple(Copy(url=url, format=media_type(url)) for url in self.cells.all("link"))
        return tuple(self._together.copies)

    def _holdings(self) -> tuple[Holding, ...]:
        """Where the carrier lies: a bare number in a column is called by its header ("盒号 3")."""
        cells = self.cells
        if not any(field in self._plan.columns for field in ("containers", *STAFF, "form")):
            return tuple(self._together.holdings)
        containers = tuple(
            f"{header} {text}" if text[:1].isdigit() else text for header, text in cells.labelled("containers")
        )
        holding = Holding(containers, None, cells.one("form"), None, cells.one("location"), cells.one("barcode"))
        return (*((holding,) if holding != Holding() else ()), *self._together.holdings)

    def _access(self, description: dict[str, str]) -> Access | None:
        """What is not published is internal; else the strictest, for each question, of the access column, the security
        class, and the notes on access and use that are clear. A class is a mark of its time: what was opened since is
        open.
        """
        published = self.cells.one("published")
        if published is not None and published.casefold() in UNPUBLISHED:
            return Access("internal")
        stated = self._stated_access()
        read = [("access_conditions", statement), ("reproduction_conditions", copying)]
        if stated is None or stated.value not in ("open", "registered", "onsite"):
            read.append(("security_class", security))
        said = [how(note) for field, how in read if (note := description.get(field)) is not None]
        found, problems = with_fields(together(filter(None, (stated, *said))), self.cells.one)
        if found is not None and found.article is None:
            found = structs.replace(found, article=provision(description.get("access_conditions", "")))
        self._problems += problems
        return found

    def _stated_access(self) -> Access | None:
        """The access column: one of our values, or words; words nobody explained are taken for a restriction."""
        stated, reason = self.cells.one("access") or None, self.cells.one("access_reason")
        opens_on = self._opens_on()
        if stated is None:
            return Access("closed", reason, opens_on) if opens_on is not None else None
        if stated in LEVELS:
            return Access(stated, reason or self._written(stated), opens_on if stated == "closed" else None)
        understood = statement(stated)
        if understood is not None:
            day = opens_on or understood.opens_on
            return structs.replace(understood, reason=reason or understood.reason, opens_on=day)
        said = f"the access word {stated!r} is not known; the record is restricted until it is"
        hint = f"say under values: access: {{{stated}: open}} what it means"
        self._problems.append(Problem("unknown-access", said, hint, field="access"))
        return Access("restricted", reason or stated, opens_on)

    def _written(self, stated: str) -> str | None:
        """The word of the catalogue, when it is another than ours and says more than yes."""
        written = next((text for _, text in self.cells.labelled("access")), stated)
        return None if written == stated or written.casefold() in _YES else written

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


_YES = frozenset({"true", "t", "yes", "y", "1", "是"})
_NOTHING_ABOVE: _Line = ((), None)


def _depth(cells: Cells) -> int | None:
    """How deep a row lies among those above it, from 1: the ArchivesSpace column ``hierarchy``."""
    text = cells.one("depth")
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 4 else None


def _is_internal(access: Access | None) -> bool:
    return access is not None and not ANONYMOUS.may_describe(access)


def _may_vary(path: str) -> bool:
    """Do rows of this kind of file name their own columns?"""
    return path.lower().endswith((".json", ".jsonl", ".ndjson"))


def _missing(plan: Plan, cells: dict[str, Any], position: str) -> Problem:
    names = ", ".join(repr(name) for name in plan.missing)
    return Problem(
        "missing-column", f"there is no column {names}", nearest(plan.missing[0], cells), position, "columns"
    )


def _no_record(ready: Crosswalk, position: str) -> Problem:
    return Problem("not-described", f"{ready.title}: {ready.skip}", "choose a glob that leaves it out", position)


def _translation(row: Row, translation: Row) -> Problem:
    reason = f"the row translates row {row.number}; what it says is kept with that record"
    return Problem("translation", reason, "nothing is to be done", f"row {translation.number}")


def _duplicate(own: str, unique: str, position: str) -> Problem:
    reason = f"the id {own!r} occurs more than once; this row is {unique!r}"
    return Problem("duplicate-id", reason, "make the ids unique", position, "id")
