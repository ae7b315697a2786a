"""Columns that say one thing together, once or several times: dates with begin and end, a box with its barcode."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from collections.abc import Mapping as ReadOnly
from functools import cache
from itertools import zip_longest

from msgspec import Struct

from mappings.crosswalks import GroupSpec
from mappings.formats.table.rows import folded

STAFF_PARTS = frozenset({"location", "barcode"})


class Group(Struct, frozen=True):
    """A group in a table: its instances in the order of their columns, each a name (what the patterns captured) and
    part -> header.
    """

    spec: GroupSpec
    instances: tuple[tuple[str, dict[str, str]], ...]

    @property
    def headers(self) -> frozenset[str]:
        """All headers that are part of it."""
        return frozenset(header for _, parts in self.instances for header in parts.values())

    @property
    def staff(self) -> frozenset[str]:
        """Those of them whose cells are for staff."""
        return frozenset(header for _, parts in self.instances for part, header in parts.items() if part in STAFF_PARTS)


@cache
def _pattern(name: str) -> re.Pattern[str] | None:
    """A name between slashes as the pattern it is."""
    return re.compile(name[1:-1], re.IGNORECASE) if len(name) > 2 and name[0] == name[-1] == "/" else None


def matching(name: str, headers: Sequence[str], by_fold: ReadOnly[str, str]) -> list[str]:
    """The headers a name means: that one, however written, or all that match a pattern."""
    pattern = _pattern(name)
    if pattern is not None:
        return [header for header in headers if pattern.fullmatch(header)]
    actual = by_fold.get(folded(name))
    return [] if actual is None else [actual]


def resolved(spec: GroupSpec, headers: Sequence[str]) -> Group:
    """The group in a table with these headers. What its patterns capture tells the instances apart."""
    found: dict[tuple[str, ...], dict[str, str]] = {}
    for header in headers:
        for part, name in spec.parts.items():
            key = _key(name, header)
            if key is not None:
                found.setdefault(key, {}).setdefault(part, header)
    main = next(iter(spec.parts))
    needed = {main, *(("from",) if spec.field == "dates" else ())}
    instances = tuple((key[0] if key else "", parts) for key, parts in found.items() if needed & parts.keys())
    return Group(spec, instances)


def _key(name: str, header: str) -> tuple[str, ...] | None:
    pattern = _pattern(name)
    if pattern is None:
        return () if folded(name) == folded(header) else None
    match = pattern.fullmatch(header)
    return None if match is None else tuple(group for group in match.groups() if group)


def pieces(group: Group, texts: ReadOnly[str, str | None]) -> Iterator[dict[str, str]]:
    """What the group says in one row, part -> text, once for each instance and each piece of split cells.

    A part that was captured by the pattern is called ``kind``.
    """
    spec = group.spec
    for kind, parts in group.instances:
        cells = {part: text for part, header in parts.items() if (text := texts.get(header)) is not None}
        if not cells:
            continue
        usual = {"kind": kind, **spec.fixed} if kind else spec.fixed
        if spec.split is None:
            yield {**usual, **cells}
            continue
        for row in zip_longest(*(text.split(spec.split) for text in cells.values()), fillvalue=""):
            yield {**usual, **{part: text for part, cell in zip(cells, row, strict=True) if (text := cell.strip())}}
