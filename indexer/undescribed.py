"""What readers find of a resource: without the records they may not know of, and in place of a description that is for
staff only a stub of it.

A stub has the reference code, level, holder, place and access of the record, and nothing that its description says:
no title, names, dates, extent, identifiers or pages, and not the id it has in its source, which may be a file's name.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from indexer.resource import Member, Resource, content_access
from mappings.access import STRICTNESS, Access
from mappings.record import Record

UNTITLED = "…"
"""What stands for a title where there is not even a code. Without letters, so that nothing finds it; screens say it in
words."""


def for_readers(resource: Resource) -> Resource | None:
    """What readers find of the resource: itself where nothing of it is kept from them; None when all of it is."""
    known = tuple(member for member in resource.members if member.access.value != "internal")
    told = tuple(member for member in known if is_described(member, known))
    if len(told) == len(resource.members):
        return resource
    if len(told) < len(known):  # those not described have a say in who reads what is joined with them
        told = tuple(replace(member, access=content_access(member, known)) for member in told)
    if told:
        return replace(resource, members=told)
    return replace(resource, members=(_stub(resource.id, known),)) if known else None


def is_described(member: Member, members: Sequence[Member]) -> bool:
    """May readers read a member's description? Its own statement decides; else no record joined with it may forbid it:
    two descriptions of one thing say the same."""
    own = member.access.describe
    return own == "open" or (own is None and all(other.access.describe != "internal" for other in members))


def is_stub(resource: Resource) -> bool:
    """Is this what readers find in place of a description?"""
    return resource.members[0].record.source_id == resource.id


def _stub(resource: str, members: Sequence[Member]) -> Member:
    first = members[0]
    records = [member.record for member in members]
    code = next((record.reference_code for record in records if record.reference_code), None)
    record = Record(
        source_id=resource,
        title=code or UNTITLED,
        kind=first.record.kind,
        supplied_title=True,
        level=first.record.level,
        reference_code=code,
        fonds=first.record.fonds,
        holder=next((record.holder for record in records if record.holder), None),
        ancestors=first.record.ancestors,
        position=first.record.position,
    )
    return Member(first.source, first.source_title, record, _access(members))


def _access(members: Sequence[Member]) -> Access:
    """The strictest access among the members, as one that keeps the description."""
    found = max((content_access(one, members) for one in members), key=lambda access: STRICTNESS[access.value])
    return replace(found, describe="internal")
