"""Which column goes into which field: the source file's `columns`, `values`, `split` and `fixed`, checked once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as ReadOnly
from typing import Any, get_args

from msgspec import Struct

from mappings.access import LEVELS
from mappings.base import MappingOptions
from mappings.crosswalks import Crosswalk
from mappings.formats import stated_access
from mappings.formats.table.compose import Template
from mappings.formats.table.groups import Group, matching, resolved
from mappings.formats.table.header import guessed
from mappings.formats.table.rows import folded
from mappings.record import AgentType, Kind, clean

IDENTIFIERS = ("identifier", "ark", "handle", "doi", "isbn", "issn", "uri", "link")
NAMES = ("creator", "subject", "person", "family", "organisation", "place", "function", "name")
MANY = frozenset({*IDENTIFIERS, *NAMES, "language", "format", "containers"})
OWN = frozenset({
    "id", "title", "reference_code", "fonds", "level", "dates", "extent", "access", "access_reason", "opens_on",
    "location", "barcode", "parent", "holder", "form", "kind", "staff_note", "depth", "published", "parent_title",
    "culture", "authority", "variants", "relations", *stated_access.FIELDS, *MANY,
})  # fmt: skip
SINGLE = OWN - MANY - {"dates", "location", "barcode", "staff_note", "variants", "relations"}
"""Fields of which the first cell with text counts; what stands in the other columns is kept among the values."""
STAFF = ("location", "barcode", "staff_note")
KINDS: tuple[str, ...] = get_args(Kind)
AGENTS: tuple[str, ...] = get_args(AgentType)


class Plan(Struct, frozen=True):
    """For one set of headers: field -> its headers, fields that are descriptions, headers that are nobody's, those for
    staff; the groups of columns found, and the recipe all of it is from. `second` are headers that count where others
    before them, which are listed, are empty.
    """

    columns: dict[str, tuple[str, ...]]
    descriptions: tuple[str, ...]
    unmapped: frozenset[str]
    staff: frozenset[str]
    recipe: Recipe
    missing: tuple[str, ...] = ()
    groups: tuple[Group, ...] = ()
    second: dict[str, tuple[str, ...]] = {}
    keeps_lines: bool = False


class Recipe:
    """What a source file and the crosswalk it uses say together; the source file wins, field by field."""

    def __init__(self, options: MappingOptions, ready: Crosswalk | None = None) -> None:
        """Raises ValueError with one sentence when an option cannot be right."""
        self.own = _listed(options.columns)
        self.ready = ready
        self.columns = {**_listed(ready.columns), **self.own} if ready else self.own
        self.groups = tuple(group for group in ready.groups if group.field not in self.own) if ready else ()
        self.values = {**ready.values, **options.values} if ready else options.values
        self.split = {**ready.split, **options.split} if ready else options.split
        self.fixed = {**ready.fixed, **options.fixed} if ready else options.fixed
        self.holder = options.holder
        self.compose = {field: tuple(map(Template, texts)) for field, texts in ready.compose.items()} if ready else {}
        self.nothing = frozenset(ready.nothing) if ready else frozenset()
        self.is_dat13 = ready is not None and ready.codes == "dat13"
        _check(options, self)

    @property
    def wanted(self) -> frozenset[str]:
        """Headers by which the header row is found."""
        marks = () if self.ready is None else (*self.ready.signature.all, *self.ready.signature.any)
        return frozenset((*(name for names in self.own.values() for name in names), *marks))


def _listed(columns: ReadOnly[str, str | Sequence[str]]) -> dict[str, tuple[str, ...]]:
    return {field: (names,) if isinstance(names, str) else tuple(names) for field, names in columns.items() if names}


def _check(options: MappingOptions, recipe: Recipe) -> None:
    kind = options.fixed.get("kind")
    if kind is not None and kind not in KINDS:
        raise ValueError(f"fixed.kind {kind!r} is not known; known: {', '.join(KINDS)}")
    authority = options.fixed.get("authority")
    if authority is not None and authority not in AGENTS:
        raise ValueError(f"fixed.authority {authority!r} is not known; known: {', '.join(AGENTS)}")
    stated = [*options.values.get("access", {}).values(), *filter(None, [options.fixed.get("access")])]
    for value in stated:
        if value not in LEVELS:
            raise ValueError(f"access {value!r} is not known; known: {', '.join(LEVELS)}")
    ready = recipe.ready
    known = {*recipe.columns, *OWN, *(ready.values if ready else ()), *(ready.split if ready else ())}
    for group, keys in (("split", options.split), ("values", options.values)):
        for field in keys:
            if field not in known:
                raise ValueError(f"{group}.{field} concerns a field that columns does not fill")


def made(recipe: Recipe, headers: Iterable[str]) -> Plan:
    """The plan for a table with these headers; with no columns configured, as its headers suggest."""
    listed = list(headers)
    columns, missing = _found(recipe, listed) if recipe.columns else (guessed(listed), ())
    groups = tuple(group for spec in recipe.groups if (group := resolved(spec, listed)).instances)
    second = {
        name: names[:place]
        for field, names in columns.items()
        if field in SINGLE
        for place, name in enumerate(names)
        if place
    }
    taken = {name for field, names in columns.items() for name in (names[:1] if field in SINGLE else names)}
    taken |= {name for group in groups for name in group.headers}
    staff = {name for field in STAFF for name in columns.get(field, ())}
    return Plan(
        columns,
        tuple(field for field in columns if field not in OWN),
        frozenset(listed) - taken,
        frozenset(staff.union(*(group.staff for group in groups))),
        recipe,
        missing,
        groups,
        {name: before for name, before in second.items() if name not in taken},
        bool({"parent", "depth"} & {*columns, *recipe.compose}) or recipe.is_dat13,
    )


def _found(recipe: Recipe, listed: list[str]) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...]]:
    """The columns that are there, and those the source file names that are not; a crosswalk's columns may be absent."""
    by_fold = {folded(name): name for name in reversed(listed)}
    missing = []
    columns: dict[str, tuple[str, ...]] = {}
    for field, names in recipe.columns.items():
        found: list[str] = []
        for name in names:
            actual = [name] if name in by_fold.values() else matching(name, listed, by_fold)
            if not actual and field in recipe.own:
                missing.append(name)
            found += actual
        if found or field in recipe.own:
            columns[field] = tuple(dict.fromkeys(found))
    return columns, tuple(missing)


class Cells:
    """The cells of one row by field."""

    __slots__ = ("_columns", "raw", "recipe")

    def __init__(self, raw: dict[str, Any], plan: Plan) -> None:
        self.raw = raw
        self.recipe = plan.recipe
        self._columns = plan.columns

    def text(self, header: str) -> str | None:
        """A cell on one line; None when it has nothing to say."""
        text = plain(self.raw.get(header))
        return None if text in self.recipe.nothing else text

    def one(self, field: str) -> str | None:
        """The first cell of a field that has text, its value translated; else what is composed; else what is fixed."""
        recipe = self.recipe
        if field not in self._columns and not recipe.compose:
            return recipe.fixed.get(field)
        for header in self._columns.get(field, ()):
            text = plain(self.raw.get(header))
            if text is None or text in recipe.nothing:
                continue
            if said := self.translated(field, text, header) if recipe.values else text:
                return said
        if field in recipe.compose and (text := self._composed(field)) is not None:
            return text
        return recipe.fixed.get(field)

    def all(self, field: str) -> list[str]:
        """All values of a field: of several columns, of lists, of cells that the source file splits."""
        found: list[str] = []
        recipe = self.recipe
        separator = recipe.split.get(field)
        for header in self._columns.get(field, ()):
            for value in _values(self.raw.get(header)):
                pieces = value.split(separator) if separator else (value,)
                for piece in pieces:
                    if (text := clean(piece)) and text not in recipe.nothing:
                        found.append(self.translated(field, text, header) if recipe.values else text)
        if not found and field in recipe.fixed:
            return [recipe.fixed[field]]
        return list(dict.fromkeys(found))

    def labelled(self, field: str) -> list[tuple[str, str]]:
        """(header, text) of each cell of a field."""
        return [(header, text) for header in self._columns.get(field, ()) if (text := self.text(header)) is not None]

    def each(self, field: str) -> list[str | None]:
        """The cell of each column of a field, its value translated; None for one without text."""
        texts = ((header, self.text(header)) for header in self._columns.get(field, ()))
        return [clean(self.translated(field, text, header)) if text is not None else None for header, text in texts]

    def pieces(self, field: str) -> list[tuple[str, str]]:
        """(header, text) of all values of a field: lists, and cells that the source file splits, taken apart."""
        separator = self.recipe.split.get(field)
        return [
            (header, text)
            for header in self._columns.get(field, ())
            for value in _values(self.raw.get(header))
            for piece in (value.split(separator) if separator else (value,))
            if (text := clean(self.translated(field, clean(piece) or "", header))) is not None
            and text not in self.recipe.nothing
        ]

    def paragraphs(self, field: str) -> list[str]:
        """The texts of a description: cells keep their lines; what the source file splits are lines of their own."""
        found = [text for header in self._columns[field] if (text := lined(self.raw.get(header))) is not None]
        nothing = self.recipe.nothing
        if separator := self.recipe.split.get(field):
            found = [piece for text in found for part in text.split(separator) if (piece := part.strip())]
        return [text for text in found if text not in nothing] if nothing else found

    def has(self, field: str) -> bool:
        """Does a column fill this field?"""
        return field in self._columns

    def translated(self, field: str, text: str, header: str = "") -> str:
        """A cell's word as the source file translates it: for its header, else for its field; case does not count."""
        every = self.recipe.values
        values = (every.get(header) or every.get(field)) if every else None
        return values.get(text, values.get(text.casefold(), text)) if values else text

    def _composed(self, field: str) -> str | None:
        for template in self.recipe.compose[field]:
            if (text := template.filled(self._by_name)) is not None:
                return text
        return None

    def _by_name(self, header: str) -> str | None:
        text = self.text(header)
        return self.translated(header, text, header) or None if text is not None else None


def _values(cell: Any) -> list[str]:
    if isinstance(cell, list | tuple):
        return [text for inner in cell if (text := plain(inner)) is not None]
    text = lined(cell)
    return [text] if text is not None else []


def plain(cell: Any) -> str | None:
    """A cell as text on one line; lists joined, numbers and truth values as they are written."""
    if type(cell) is str:
        return clean(cell)
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, list | tuple):
        return "; ".join(text for inner in cell if (text := plain(inner)) is not None) or None
    return clean(cell)


def lined(cell: Any) -> str | None:
    """A cell as text, its lines kept apart: notes have paragraphs. HTML line breaks count as such."""
    if type(cell) is not str:
        return plain(cell)
    if "\n" not in cell and "<" not in cell:
        return clean(cell)
    return "\n".join(text for line in _BREAK.split(cell) if (text := clean(line))) or None


_BREAK = re.compile(r"\r?\n|<br\s*/?>", re.IGNORECASE)
