"""A resource: what a reader asks for and what one hit is - the records of one thing, joined, with the evidence of
each join."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from mappings import made
from mappings.access import STRICTNESS, Access, is_explicit, strictest_copy
from mappings.deidentification import ReleasedCopy
from mappings.grants import places
from mappings.record import Record


class Link(Struct, frozen=True, omit_defaults=True):
    """Why a record belongs to a resource: the rule (identifier type or ``reference_code``) and the value both sides
    carry."""

    rule: str
    value: str


class Member(Struct, frozen=True, omit_defaults=True):
    """One record of a resource, with its source and its effective access (source default applied). `released` is the
    de-identified copy for whoever may not read its text.
    """

    source: str
    source_title: str
    record: Record
    access: Access
    link: Link | None = None
    released: ReleasedCopy | None = None


class Resource(Struct, frozen=True, omit_defaults=True):
    """Members in a stable order; the first one speaks for the resource (title, level, ancestors): physical before
    digital before thematic. `former` are ids of resources that were merged into this one, which answers to them.
    `shortened` says that long texts are cut in this form of it.
    """

    id: str
    members: tuple[Member, ...]
    former: tuple[str, ...] = ()
    shortened: bool = False


class Place(NamedTuple):
    """Which pages of a record are at hand: their numbers through all its copies, from 1, and how many it has."""

    numbers: Sequence[int]
    total: int


Places = Mapping[tuple[str, str], Place]
"""(source, source_id) -> the place of what is at hand of a record's pages. A record without one has all of them."""
KIND_ORDER = {"physical": 0, "digital": 1, "thematic": 2}
"""Which kind of record speaks first for a resource."""
PREFIX = "r-"
"""How every id begins."""
ResourceIds = Callable[[str, str], str]
"""(source, source_id) -> the id of the resource the record belongs to."""


@lru_cache(maxsize=16_384)
def mint(source: str, source_id: str) -> str:
    """The id a resource gets from its first record: opaque, URL-safe, the same on every machine (64 bits of BLAKE2b).

    Remembered, because every record of a finding aid names its ancestors.
    """
    return PREFIX + minted(source, source_id).hex()


def minted(source: str, source_id: str) -> bytes:
    """What an id is made of: 8 bytes, remembered nowhere."""
    return hashlib.blake2b(f"{source}\0{source_id}".encode(), digest_size=8).digest()


@lru_cache(maxsize=16_384)
def id_number(resource_id: str) -> int:
    """An id as a number of 63 bits, by which an engine joins pages to their resource faster than by text."""
    return int.from_bytes(hashlib.blake2b(resource_id.encode(), digest_size=8).digest(), "big") >> 1


def speaking_order(members: Iterable[Member]) -> tuple[Member, ...]:
    """Members in the order in which they speak for their resource: physical, digital, thematic; then source and id."""
    return tuple(sorted(members, key=_speaks))


def _speaks(member: Member) -> tuple[bool, int, str, str]:
    return speaks_at(member.record.kind, member.source, member.record.source_id)


def speaks_at(kind: str, source: str, source_id: str) -> tuple[bool, int, str, str]:
    """By what members are put in their order. A copy made to order comes last: it says nothing of its own."""
    return source == made.SOURCE, KIND_ORDER[kind], source, source_id


def where(member: Member) -> list[str]:
    """Where a member belongs, for rights within a holder or a fonds: a fonds is called by the reference code of its
    topmost unit, else by its title. A copy made to order says which one it is, too (`mappings.made`).
    """
    record = member.record
    top = record.ancestors[0] if record.ancestors else record if record.level == "fonds" else None
    found = places(record.holder, (top.reference_code or top.title) if top else None)
    if member.source == made.SOURCE:
        found |= {made.ANY, made.place(record.source_id)}
    return sorted(found)


def content_access(member: Member, members: Sequence[Member]) -> Access:
    """Who may read a member's text and images, and have copies of them.

    Its own statement or review; else the strictest explicit one among the records joined with it (a catalogue's closure
    holds for the scans too), but never looser than the default of its own source, or what a policy says of it; else
    that default. Who may have copies goes the same way, by itself.
    """
    base, own = _read_access(member, members), member.access
    copied = own if own.copy is not None else strictest_copy(other.access for other in members)
    if copied is None or (copied.copy, copied.copy_reason) == (base.copy, base.copy_reason):
        return base
    return replace(base, copy=copied.copy, copy_reason=copied.copy_reason)


def _read_access(member: Member, members: Sequence[Member]) -> Access:
    own = member.access
    if (is_explicit(own) and own.stated_by != "policy") or len(members) == 1:
        return own
    stated = [other.access for other in members if is_explicit(other.access)]
    if own.stated_by == "source":
        stated.append(own)
    return max(stated, key=_lasting, default=own)


def _lasting(access: Access) -> tuple[int, dt.date]:
    """How strict it is; of two closures the longer one is stricter."""
    return STRICTNESS[access.value], access.opens_on or dt.date.max
