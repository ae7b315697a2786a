"""What worker processes do with raw items: bytes to records, ready for the record store. Light imports only: a worker
starts in 0.1 s.

Results travel as parallel lists, not as objects: one pickle of a few lists costs little, and the writer turns them into
Arrow columns as they are.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

import msgspec
from msgspec.structs import replace

from connectors.base import SourceError
from mappings.base import Failed, Mapping, MappingOptions, Outcome, Skipped
from mappings.blocks import blocks
from mappings.dates import is_unread
from mappings.link_keys import link_keys
from mappings.record import Problem, Record, checksum, encode
from mappings.registry import mapping as mapping_of
from mappings.seen import Seen
from pipelines.items import Contents, Unit, read_unit
from pipelines.payloads import FAILED_BYTES, SKIPPED_BYTES, packed

CHUNK_BYTES = 4 << 20
"""About how much one message of records carries: bounds what both sides hold."""
KEY_SEPARATOR = "\x1f"
"""Between rule and value of a link key."""
_DAMAGE = ("damaged", "truncated")
"""Codes of record problems that begin so mean: the item ended early, and records may be missing."""
_encode_problems = msgspec.json.Encoder().encode


@dataclass(slots=True)
class Columns:
    """Records as parallel lists, several items after each other."""

    item: list[str] = field(default_factory=list)
    source_id: list[str] = field(default_factory=list)
    checksum: list[str] = field(default_factory=list)
    record_kind: list[str] = field(default_factory=list)
    nested: list[bool] = field(default_factory=list)
    link_keys: list[list[str] | None] = field(default_factory=list)
    blocks: list[list[str] | None] = field(default_factory=list)
    record: list[bytes] = field(default_factory=list)
    problems: list[bytes | None] = field(default_factory=list)


@dataclass(slots=True)
class PageColumns:
    """Pages as parallel lists; `page` counts through all copies of a record, `copy` says in which it lies."""

    item: list[str] = field(default_factory=list)
    source_id: list[str] = field(default_factory=list)
    page: list[int] = field(default_factory=list)
    copy: list[int] = field(default_factory=list)
    checksum: list[str] = field(default_factory=list)
    record: list[bytes] = field(default_factory=list)


@dataclass(slots=True)
class Ended:
    """How one item ended.

    `checksum` is None for an item that could not be read: it will be tried again. `lost` means records may be missing
    that nobody can name. `raw` is the row of a database as JSON, `payload` the bytes of something else that failed or
    was skipped (`pipelines.payloads`). `problems` are (action, source_id, problem) of all that was skipped or failed.
    `dates` are the records with a date text, `dates_unread` those of them whose text names no time that was understood.
    """

    item: str
    checksum: str | None = None
    token: str | None = None
    kind: str | None = None
    raw: bytes | None = None
    payload: bytes | None = None
    records: int = 0
    pages: int = 0
    dates: int = 0
    dates_unread: int = 0
    lost: bool = False
    problems: list[tuple[str, str | None, Problem]] = field(default_factory=list)

    def count(self, action: str) -> int:
        """How many of its records were skipped (``skip``) or failed (``error``)."""
        return sum(one == action for one, _, _ in self.problems)


@dataclass(slots=True)
class Mapped:
    """A message of a mapping task: records, pages, and the items that ended with them.

    `foreign` are the items with ids that do not begin with the item's own key, so that another item could give them,
    too.
    """

    records: Columns = field(default_factory=Columns)
    pages: PageColumns = field(default_factory=PageColumns)
    ended: list[Ended] = field(default_factory=list)
    foreign: set[str] = field(default_factory=set)
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class MapTask:
    """Items of one source to map. `alone` ones are delivered as they come, and only when everything before them is
    done. `keep` says that bytes of what fails are wanted; behind `cursor` lies nothing that is not told in this task or
    one before it.
    """

    mapping: str
    options: MappingOptions
    units: tuple[Unit, ...]
    alone: bool = False
    keep: bool = False
    cursor: str | None = None

    @property
    def size(self) -> int:
        return sum(unit.size for unit in self.units)

    def split(self) -> list[MapTask]:
        """A task per item, for finding the one that kills its worker."""
        single = [MapTask(self.mapping, self.options, (unit,), self.alone, self.keep) for unit in self.units]
        return [*single[:-1], dataclasses.replace(single[-1], cursor=self.cursor)]

    def run(self) -> Iterator[Mapped]:
        """The records of the items, in messages of about `CHUNK_BYTES`."""
        mapping = _mapping(self.mapping, msgspec.json.encode(self.options))
        mapped = Mapped()
        for unit in self.units:
            one = _Item(unit, mapped, self.keep)
            for full in one.map(mapping, self.options.holder):
                yield full
                mapped = one.mapped = Mapped()
        yield mapped


class _Item:
    """One item on its way to rows."""

    def __init__(self, unit: Unit, mapped: Mapped, keep: bool) -> None:
        self.mapped = mapped
        self._unit, self._keep = unit, keep
        self._ended = Ended(unit.key, token=unit.token, kind=unit.kind)
        self._seen = Seen()

    def map(self, mapping: Mapping, holder: str | None) -> Iterator[Mapped]:
        """Rows into `mapped`, which is handed over whenever it is full. Never raises: what goes wrong is a failure of
        the item.
        """
        contents: list[Contents] = []
        try:
            self._ended.checksum, contents = read_unit(self._unit)
            self._ended.raw = contents[0].payload if contents[0].row is not None else None
            for outcome in mapping.records(contents):
                yield from self._take(outcome, holder)
                if self.mapped.bytes >= CHUNK_BYTES:
                    yield self.mapped
        except (SourceError, OSError) as error:
            where = "" if self._keep else "check the file, its owner and its mode; "
            self._fail("unreadable", str(error), f"{where}it is tried again next time")
        except Exception as error:  # a mapping that breaks its promise must not take the run with it
            reason = f"the mapping broke off: {type(error).__name__}: {error}"
            self._fail("mapping-failed", reason, "please report this with the file; it is tried again next time")
        if self._keep and contents and self._ended.raw is None and self._ended.problems:
            self._ended.payload = packed(contents, FAILED_BYTES if self._ended.count("error") else SKIPPED_BYTES)
        self.mapped.ended.append(self._ended)

    def _fail(self, code: str, reason: str, hint: str) -> None:
        self._ended.checksum = None
        self._ended.lost = True
        self._ended.problems.append(("error", None, Problem(code, reason, hint)))

    def _take(self, outcome: Outcome, holder: str | None) -> Iterator[Mapped]:
        if isinstance(outcome, Record):
            yield from self._add(outcome, holder)
            return
        action = "skip" if isinstance(outcome, Skipped) else "error"
        self._ended.problems.append((action, outcome.source_id, outcome.problem))
        if isinstance(outcome, Failed) and outcome.source_id in (None, self._unit.key):
            self._ended.lost = True

    def _add(self, record: Record, holder: str | None) -> Iterator[Mapped]:
        """A row, after those of its pages."""
        record = self._told_apart(record)
        source_id = record.source_id
        key = self._unit.key
        pages: list[bytes] = []
        if record.copies:
            yield from self._add_pages(record, pages)
        if is_foreign(source_id, key):
            self.mapped.foreign.add(key)
        payload = encode(without_pages(record) if pages else record)
        rows = self.mapped.records
        rows.item.append(key)
        rows.source_id.append(source_id)
        rows.checksum.append(checksum(payload, *pages) if pages else checksum(payload))
        rows.record_kind.append(record.kind)
        rows.nested.append(bool(record.ancestors))
        keys = link_keys(record, holder)
        rows.link_keys.append([rule + KEY_SEPARATOR + value for rule, value in keys] if keys else None)
        rows.blocks.append(list(blocks(record)) or None)
        rows.record.append(payload)
        rows.problems.append(self._problems(record) if record.problems else None)
        self._ended.records += 1
        if record.dates is not None:
            self._ended.dates += 1
            self._ended.dates_unread += is_unread(record.dates)
        self.mapped.bytes += len(payload)

    def _problems(self, record: Record) -> bytes:
        if any(problem.code.startswith(_DAMAGE) for problem in record.problems):
            self._ended.lost = True
        return _encode_problems(record.problems)

    def _told_apart(self, record: Record) -> Record:
        """The second record of one id in an item gets ``~2``, and says so."""
        source_id = free_id(record.source_id, self._seen.__contains__)
        self._seen.add(source_id)
        return record if source_id == record.source_id else renamed(record, source_id)

    def _add_pages(self, record: Record, digests: list[bytes]) -> Iterator[Mapped]:
        """Page rows of a record, handed over whenever they are many; their checksums, so that a changed page is a
        changed record.

        Pages of a record whose id another item may hold stay with it: they are written together or not at all.
        """
        may_part = not is_foreign(record.source_id, self._unit.key)
        for ordinal, copy in enumerate(record.copies):
            for page in copy.pages:
                if may_part and self.mapped.bytes >= CHUNK_BYTES:
                    yield self.mapped
                rows = self.mapped.pages
                payload = encode(page)
                digest = checksum(payload)
                digests.append(digest.encode())
                rows.item.append(self._unit.key)
                rows.source_id.append(record.source_id)
                rows.page.append(len(digests))
                rows.copy.append(ordinal)
                rows.checksum.append(digest)
                rows.record.append(payload)
                self.mapped.bytes += len(payload)
        self._ended.pages += len(digests)


def is_foreign(source_id: str, item: str) -> bool:
    """Could another item give this id, too? Not when it begins with the item's own key."""
    return not source_id.startswith(item) or source_id[len(item) : len(item) + 1] not in ("", "#", "/")


def free_id(source_id: str, is_taken: Callable[[str], bool]) -> str:
    """The id, or the first of ``ID~2``, ``ID~3``, ... that nobody has."""
    candidate, number = source_id, 1
    while is_taken(candidate):
        number += 1
        candidate = f"{source_id}~{number}"
    return candidate


def renamed(record: Record, source_id: str) -> Record:
    """The record under another id, with the reason on it."""
    reason = (
        f"the id {record.source_id!r} is given to another record of this source, too; this one is kept as {source_id!r}"
    )
    problem = Problem("duplicate-id", reason, "make ids unique in the source", field="id")
    return replace(record, source_id=source_id, problems=(*record.problems, problem))


def without_pages(record: Record) -> Record:
    """The record with its copies empty of pages, which have rows of their own."""
    return replace(record, copies=tuple(replace(copy, pages=()) for copy in record.copies))


@lru_cache(maxsize=8)
def _mapping(name: str, options: bytes) -> Mapping:
    return mapping_of(name, msgspec.json.decode(options, type=MappingOptions))
