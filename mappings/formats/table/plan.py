"""Which column goes into which field: the source file's `columns`, `values`, `split` and `fixed`, checked once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, get_args

from msgspec import Struct

from mappings.access import LEVELS
from mappings.base import MappingOptions
from mappings.formats.table.header import folded, guessed
from mappings.record import Kind, clean

IDENTIFIERS = ("identifier", "ark", "handle", "doi", "isbn", "issn", "uri", "link")
NAMES = ("creator", "subject", "person", "family", "organisation", "place", "function", "name")
MANY = frozenset({*IDENTIFIERS, *NAMES, "language", "format", "containers"})
OWN = frozenset({
    "id", "title", "reference_code", "fonds", "level", "dates", "extent", "access", "access_reason", "opens_on",
    "location", "barcode", "parent", "holder", "form", "kind", "staff_note", "authority", "variants", "relations",
    *MANY,
})  # fmt: skip
STAFF = ("location", "barcode", "staff_note")
KINDS: tuple[str, ...] = get_args(Kind)


class Plan(Struct, frozen=True):
    """For one set of headers: field -> its headers, fields that are descriptions, headers that are nobody's, those for
    staff.
    """

    columns: dict[str, tuple[str, ...]]
    descriptions: tuple[str, ...]
    unmapped: frozenset[str]
    staff: frozenset[str]
    missing: tuple[str, ...] = ()


def checked(options: MappingOptions) -> dict[str, tuple[str, ...]]:
    """The configured columns as tuples. Raises ValueError with one sentence when an option cannot be right."""
    kind = options.fixed.get("kind")
    if kind is not None and kind not in KINDS:
        raise ValueError(f"fixed.kind {kind!r} is not known; known: {', '.join(KINDS)}")
    stated = [*options.values.get("access", {}).values(), *filter(None, [options.fixed.get("access")])]
    for value in stated:
        if value not in LEVELS:
            raise ValueError(f"access {value!r} is not known; known: {', '.join(LEVELS)}")
    columns = {
        field: (names,) if isinstance(names, str) else tuple(names) for field, names in options.columns.items() if names
    }
    for group, keys in (("split", options.split), ("values", options.values)):
        for field in keys:
            if field not in columns and field not in MANY and field not in OWN:
                raise ValueError(f"{group}.{field} concerns a field that columns does not fill")
    return columns


def made(configured: dict[str, tuple[str, ...]], headers: Iterable[str]) -> Plan:
    """The plan for a table with these headers; with no columns configured, as its headers suggest."""
    listed = list(headers)
    by_fold = {folded(name): name for name in reversed(listed)}
    missing = []
    columns: dict[str, tuple[str, ...]] = {}
    for field, names in (configured or {field: (name,) for field, name in guessed(listed).items()}).items():
        found = []
        for name in names:
            actual = name if name in by_fold.values() else by_fold.get(folded(name))
            if actual is None:
                missing.append(name)
            else:
                found.append(actual)
        columns[field] = tuple(found)
    mapped = {name for names in columns.values() for name in names}
    return Plan(
        columns,
        tuple(field for field in columns if field not in OWN),
        frozenset(listed) - mapped,
        frozenset(name for field in STAFF for name in columns.get(field, ())),
        tuple(missing),
    )


class Cells:
    """The cells of one row by field."""

    __slots__ = ("_cells", "_columns", "_options")

    def __init__(self, cells: dict[str, Any], plan: Plan, options: MappingOptions) -> None:
        self._cells = cells
        self._columns = plan.columns
        self._options = options

    def one(self, field: str) -> str | None:
        """The first cell of a field that has text, its value translated; else what is fixed."""
        for header in self._columns.get(field, ()):
            text = plain(self._cells.get(header))
            if text is not None:
                return self._translated(field, text)
        return self._options.fixed.get(field)

    def all(self, field: str) -> list[str]:
        """All values of a field: of several columns, of lists, of cells that the source file splits."""
        found: list[str] = []
        separator = self._options.split.get(field)
        for header in self._columns.get(field, ()):
            for value in _values(self._cells.get(header)):
                pieces = value.split(separator) if separator else (value,)
                found += [self._translated(field, text) for piece in pieces if (text := clean(piece))]
        if not found and field in self._options.fixed:
            return [self._options.fixed[field]]
        return list(dict.fromkeys(found))

    def labelled(self, field: str) -> list[tuple[str, str]]:
        """(header, text) of each cell of a field."""
        return [
            (header, text)
            for header in self._columns.get(field, ())
            if (text := plain(self._cells.get(header))) is not None
        ]

    def separator(self, field: str) -> str | None:
        """What divides the cells of a field, as the source file says."""
        return self._options.split.get(field)

    def _translated(self, field: str, text: str) -> str:
        values = self._options.values.get(field)
        return values.get(text, text) if values else text


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
