"""Ready crosswalks: which column of a well-known sheet fills which field. Each is a file NAME.yml beside this one.

A crosswalk says what a source file may say (`columns`, `values`, `split`, `fixed`), and four things besides: `groups`
of columns that repeat, `compose` for fields made of several cells, `signature` by which a sheet is recognised, and
`skip` when its rows describe nothing a reader could ask for. A name between slashes is a pattern over whole headers.
"""

from __future__ import annotations

import difflib
from functools import cache
from importlib import resources
from typing import Literal

import msgspec
from msgspec import Struct

GroupField = Literal["dates", "containers", "names", "extent", "link", "note"]


class Signature(Struct, frozen=True, forbid_unknown_fields=True):
    """Headers that tell a sheet: every one of `all`, at least `least` of `any`, and none of `none`."""

    all: tuple[str, ...] = ()
    any: tuple[str, ...] = ()
    least: int = 0
    none: tuple[str, ...] = ()


class GroupSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """Columns that say one thing together, once or several times: part -> header or pattern.

    Headers whose patterns capture the same belong together (``begin_2`` and ``end_2``); with `split`, so do the pieces
    of their cells in order. `fixed` fills parts that no column has.
    """

    field: GroupField
    parts: dict[str, str]
    split: str | None = None
    fixed: dict[str, str] = {}


class Crosswalk(Struct, frozen=True, forbid_unknown_fields=True):
    """One sheet of one standard: `title` and `address` for people, the rest for the mapping.

    `base` is another crosswalk to start from: fields said here win over its own, an empty list takes one out.
    `header_rows` begin further header rows below the one with the names. `nothing` lists words that mean an empty cell.
    `codes: dat13` says that reference codes are composed by DA/T 13: fonds and containing unit follow from them.
    `compose` has templates, the first that can be filled counts: ``{header}`` is a cell, ``{?header}`` must have text.
    """

    title: str
    standard: str
    address: str
    signature: Signature
    base: str | None = None
    columns: dict[str, str | tuple[str, ...]] = {}
    values: dict[str, dict[str, str]] = {}
    split: dict[str, str] = {}
    fixed: dict[str, str] = {}
    groups: tuple[GroupSpec, ...] = ()
    compose: dict[str, tuple[str, ...]] = {}
    header_rows: tuple[str, ...] = ()
    nothing: tuple[str, ...] = ()
    codes: Literal["dat13"] | None = None
    skip: str | None = None


@cache
def names() -> tuple[str, ...]:
    """The names of all crosswalks, sorted."""
    files = resources.files(__name__).iterdir()
    return tuple(sorted(file.name.removesuffix(".yml") for file in files if file.name.endswith(".yml")))


@cache
def crosswalk(name: str) -> Crosswalk:
    """The crosswalk of that name. Raises ValueError with one sentence when there is none."""
    if name not in names():
        near = difflib.get_close_matches(name, names(), 1)
        hint = f" (did you mean {near[0]!r}?)" if near else ""
        raise ValueError(f"crosswalk {name!r} is not known{hint}; known: {', '.join(names())}")
    own = msgspec.yaml.decode(resources.files(__name__).joinpath(f"{name}.yml").read_bytes(), type=Crosswalk)
    return own if own.base is None else _upon(crosswalk(own.base), own)


def _upon(base: Crosswalk, own: Crosswalk) -> Crosswalk:
    """What one crosswalk says over what it starts from."""
    return msgspec.structs.replace(
        own,
        columns={**base.columns, **own.columns},
        values={**base.values, **own.values},
        split={**base.split, **own.split},
        fixed={**base.fixed, **own.fixed},
        compose={**base.compose, **own.compose},
        groups=own.groups or base.groups,
        header_rows=own.header_rows or base.header_rows,
        nothing=own.nothing or base.nothing,
        codes=own.codes or base.codes,
    )
