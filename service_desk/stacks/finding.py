"""From a record to its box: by its id, its reference code, its container, or the stretch of codes it falls into.

Codes are compared as `mappings.reference_codes.key` reads them: ``Z013-1-001`` and ``z13/1/1`` are one. What lies below
a code lies where the code lies, unless a longer one says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from mappings import reference_codes
from service_desk.stacks.faults import Wrong
from service_desk.stacks.tables import Content

MOST_PARTS: Final = 30
"""Parts of a code that are looked at."""
_ENDS = re.compile(r"\s*(?:\.\.+|…+|~|～|—|至|\bto\b)\s*")
_DIGITS: Final = 12
_BATCH: Final = 50


class Thing(Struct, frozen=True):
    """A record as far as its place goes; `container` is what the catalogue calls its box, within `fonds`."""

    id: str
    reference_code: str | None = None
    fonds: str | None = None
    container: str | None = None


class Stretch(Struct, frozen=True):
    """What is written of a box's contents, as it is looked for: the columns of `tables.Content`."""

    kind: str
    text: str
    root: str
    low: str = ""
    high: str = ""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Two stretches with one key are the same claim."""
        return self.kind, self.root, self.low, self.high


def resource(text: str) -> Stretch:
    """A record by its id."""
    return Stretch("resource", text, text[:400])


def container(text: str) -> Stretch:
    """``FONDS: CONTAINER``. Raises Wrong."""
    fonds, colon, name = text.replace("：", ":").partition(":")
    if not colon or not fonds.strip() or not name.strip():
        raise Wrong("containers", "container", text=text)
    return Stretch("container", text, _container_key(fonds, name))


def codes(text: str) -> Stretch:
    """A reference code, or a stretch of them: ``Z013-1-001..Z013-1-020``. Raises Wrong."""
    ends = [part for part in _ENDS.split(text) if part]
    parts = [_parts(end) for end in ends]
    if len(ends) not in (1, 2) or not all(parts):
        raise Wrong("contents", "code", text=text)
    first, last = parts[0], parts[-1]
    root = first if len(parts) == 1 else _common(first, last)
    if not root:
        raise Wrong("contents", "unlike_ends", text=text)
    if _written(first) > _written(last):
        raise Wrong("contents", "backwards", text=text)
    # "!" follows the blank between parts: everything below the last code sorts before it
    return Stretch("codes", text, " ".join(root)[:400], _written(first), _written(last) + "!")


def sorting(code: str) -> str:
    """A reference code so that texts sort as codes do: numbers in full width."""
    return _written(_parts(code))


def places_of(session: Session, things: Sequence[Thing], within: ColumnElement[bool] | None = None) -> dict[str, int]:
    """The box of each thing that is in the register, by id: asked together, some dozens at a time. `within` narrows
    the boxes that are looked at.
    """
    found: dict[str, int] = {}
    for start in range(0, len(things), _BATCH):
        batch = things[start : start + _BATCH]
        asked = select(Content).where(or_(*map(_maybe, batch)))
        rows = session.scalars(asked if within is None else asked.where(within)).all()
        found |= {thing.id: best.place_id for thing in batch if (best := _best(thing, rows)) is not None}
    return found


def _maybe(thing: Thing) -> ColumnElement[bool]:
    """Contents that may have this thing."""
    either = [and_(Content.kind == "resource", Content.root == thing.id[:400])]
    parts = _parts(thing.reference_code or "")
    if parts:
        roots = [" ".join(parts[:length])[:400] for length in range(1, len(parts) + 1)]
        written = _written(parts)
        is_within = and_(Content.low <= written, Content.high > written)
        either.append(and_(Content.kind == "codes", Content.root.in_(roots), is_within))
    if thing.container and thing.fonds:
        either.append(and_(Content.kind == "container", Content.root == _container_key(thing.fonds, thing.container)))
    return or_(*either)


def _best(thing: Thing, rows: Iterable[Content]) -> Content | None:
    """The nearest of the contents: the id, the very code, the container, then the longest stretch, the narrowest."""
    parts = _parts(thing.reference_code or "")
    ranked = [(rank, row.id, row) for row in rows if (rank := _rank(thing, parts, row)) is not None]
    return max(ranked, default=(None, 0, None), key=lambda one: (one[0] or (), -one[1]))[2]


def _rank(thing: Thing, parts: tuple[str, ...], row: Content) -> tuple[int, int, str] | None:
    if row.kind == "resource":
        return (3, 0, "") if row.root == thing.id[:400] else None
    if row.kind == "container":
        is_it = thing.container and thing.fonds and row.root == _container_key(thing.fonds, thing.container)
        return (1, 0, "") if is_it else None
    written, root = _written(parts), tuple(row.root.split(" "))
    if not (row.low <= written < row.high and parts[: len(root)] == root):
        return None
    is_exact = row.low == written and row.high == written + "!"
    return (2 if is_exact else 0, len(root), row.low)


def _parts(code: str) -> tuple[str, ...]:
    key = reference_codes.key(code[:400])
    return tuple(key.split(" ")[:MOST_PARTS]) if key else ()


def _written(parts: Iterable[str]) -> str:
    return " ".join(part.zfill(_DIGITS) if part.isdigit() else part for part in parts)


def _common(first: Sequence[str], last: Sequence[str]) -> tuple[str, ...]:
    same = 0
    for one, other in zip(first, last, strict=False):
        if one != other:
            break
        same += 1
    return tuple(first[:same])


def _container_key(fonds: str, name: str) -> str:
    return f"{reference_codes.normalise(fonds)}|{reference_codes.normalise(name)}"[:400]


def by_kind(stretches: Iterable[Stretch]) -> Mapping[str, list[str]]:
    """What was written, by kind, for screens."""
    listed: dict[str, list[str]] = {"codes": [], "resource": [], "container": []}
    for stretch in stretches:
        listed[stretch.kind].append(stretch.text)
    return listed
