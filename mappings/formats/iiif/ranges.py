"""Ranges as a table of contents: a line a range, indented by its depth, with the page it begins on.

https://iiif.io/api/presentation/3.0/#54-range  https://iiif.io/api/presentation/2.1/#range  In version 2 ranges stand
side by side and name each other; in version 3 they stand within each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mappings.formats.iiif.canvases import Canvases
from mappings.formats.iiif.values import Json, all_objects, first, identity, listed, type_of

MAX_LINES = 5_000
_DEEPEST = 15
_LOOKED_AT = 50
"""Ranges, and members of each, looked at for the first page of a range."""


def contents(manifest: Json, canvases: Canvases) -> str | None:
    """The contents of a manifest, at most `MAX_LINES` lines; None without ranges that have a label."""
    known = {own: one for one in all_objects(manifest.get("structures") or []) if (own := identity(one))}
    lines: list[str] = []
    for depth, label, page in _Walk(known, canvases).ranges(manifest.get("structures")):
        if len(lines) == MAX_LINES:
            lines.append("...")
            break
        lines.append("\u2003" * depth + label + (f" ... {page}" if page else ""))
    return "\n".join(lines) or None


class _Walk:
    """Over the ranges of one manifest, each of them once."""

    def __init__(self, known: dict[str, Json], canvases: Canvases) -> None:
        self._known = known
        self._canvases = canvases
        self._seen: set[int] = set()

    def ranges(self, structures: Any) -> Iterator[tuple[int, str, str | None]]:
        """(depth, label, page) of every labelled range; those named by another begin below it."""
        tops = list(all_objects(structures or []))
        inner = {
            own for one in tops for child in _children(one) if type_of(child) != "Canvas" and (own := identity(child))
        }
        for one in tops:
            if identity(one) not in inner:
                yield from self._range(one, 0, 0)
        for one in tops:  # ranges that name each other in a circle begin nowhere
            yield from self._range(one, 0, 0)

    def _range(self, given: Json, depth: int, deep: int) -> Iterator[tuple[int, str, str | None]]:
        if id(given) in self._seen or deep > _DEEPEST:
            return
        self._seen.add(id(given))
        label = first(given.get("label"))
        is_root = "top" in listed(given.get("viewingHint")) or "top" in listed(given.get("behavior"))
        shown = label is not None and not is_root
        if label is not None and shown:
            yield depth, label, self._page(given)
        for child in _children(given):
            inner = child if isinstance(child, dict) and type_of(child) == "Range" else None
            found = self._known.get(identity(child) or "") if inner is None or not _children(inner) else inner
            found = found or inner
            if found is not None:
                yield from self._range(found, depth + shown, deep + 1)

    def _page(self, given: Json) -> str | None:
        """The page a range begins on, as printed, else by number; looked for a little way down."""
        waiting = [given]
        for holder in waiting:  # grows while it is read
            for child in _children(holder, _LOOKED_AT):
                number = self._number(child)
                if number is not None:
                    return self._canvases.pages[number - 1].label or str(number)
                found = child if isinstance(child, dict) else self._known.get(identity(child) or "")
                if found is not None and len(waiting) < _LOOKED_AT:
                    waiting.append(found)
        return None

    def _number(self, child: Any) -> int | None:
        source = child.get("source") if isinstance(child, dict) else None
        own = identity(source) or identity(child)
        return self._canvases.numbers.get(own.partition("#")[0]) if own else None


def _children(given: Json, most: int | None = None) -> list[Any]:
    """Members of a range in either version, `most` a list; version 2 may list canvases and ranges apart."""
    found: list[Any] = []
    for key in ("items", "members", "canvases", "ranges"):
        value = given.get(key)
        found += value[:most] if isinstance(value, list) else []
    return found
