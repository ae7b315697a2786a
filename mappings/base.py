"""What a mapping is: bytes in, records and problems out. Pure: it opens no file and no socket of its own.

A transport hands over `Content` objects (a name and a way to read the bytes); a mapping understands them. Any transport
carries any format, because neither side knows the other: the pipeline introduces them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO, Literal, Protocol

from msgspec import Struct

from mappings.record import Problem, Record


class Content(Protocol):
    """One item as a mapping sees it: `name` is its path within the source, `row` is set by transports that deliver
    rows.
    """

    @property
    def name(self) -> str: ...
    @property
    def row(self) -> dict[str, Any] | None: ...
    def open(self) -> BinaryIO: ...


class Skipped(Struct, frozen=True):
    """An item deliberately not taken: another format, empty, excluded. Counts as one *skipped* unless `source_id` tells
    more.
    """

    problem: Problem
    source_id: str | None = None


class Failed(Struct, frozen=True):
    """A record that should have been and is not; `source_id` when it is known. `problem.position` says where in the
    item.
    """

    problem: Problem
    source_id: str | None = None


Outcome = Record | Skipped | Failed


class MappingOptions(Struct, frozen=True, forbid_unknown_fields=True):
    """What a source file says to its mapping (the contract's keys); `mapping: table` uses all of them."""

    holder: str | None = None
    columns: dict[str, str | list[str]] = {}
    values: dict[str, dict[str, str]] = {}
    split: dict[str, str] = {}
    fixed: dict[str, str] = {}
    crosswalk: str | None = None


Unit = Literal["file", "folder", "package", "mixed"]
"""What makes one item: a file (or row); all files of a folder together (page files); a METS with the files it refers
to; or, where formats are mixed, each as its format has it. `mappings.grouping` sorts files so.
"""


class Mapping(Protocol):
    """A format. `unit` says what makes one item of it."""

    @property
    def unit(self) -> Unit: ...

    def __init__(self, options: MappingOptions) -> None: ...

    def records(self, contents: Sequence[Content]) -> Iterator[Outcome]:
        """The outcomes of one item, streamed: `contents` is one file or row, or all files that `unit` puts together.

        Never raises for bad input: what cannot be read becomes `Failed` or `Skipped` with a problem that names the
        position.
        """
        ...


def outcomes(values: Iterable[Outcome]) -> list[Outcome]:
    """All outcomes at once, for callers with small items (tests, `source check`)."""
    return list(values)
