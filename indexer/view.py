"""The record page as data: a resource in full, as one viewer may see it."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from indexer.plan import Rights
from indexer.resource import Member, Resource, content_access, where
from mappings.access import Access, Viewer
from mappings.record import DESCRIPTION_FIELDS, Copy, Holding, Record

Json = dict[str, Any]
_ORDER = {name: rank for rank, name in enumerate(DESCRIPTION_FIELDS)}


def resource_view(shown: Json, stored: Json, resource: Resource, viewer: Viewer, rights: Rights) -> Json:
    """The hit's fields plus description, holdings, copies, entries, names and the evidence of each join.

    Staff data is in `resource` only when the index gave it out, which it does for staff.
    """
    records = [member.record for member in resource.members]
    described = [record for record in records if record.kind != "thematic"] or records
    return {
        **shown,
        "ancestors": _ancestors(stored, records[0]),
        "description": _ordered(_merged([record.description for record in described])),
        "values": _merged([record.values for record in described]),
        "staff_notes": _merged([record.staff_notes for record in records]) if viewer.knows_internal else {},
        "holdings": [_holding(holding, record.holder, viewer) for record in records for holding in record.holdings],
        "copies": _copies(shown["id"], resource, viewer, rights),
        "entries": [_entry(member) for member in resource.members if _is_entry(member) and shown["described"]],
        "names": [],
        "mentions": [],
        "authority": None,
        "identifiers": [
            {"type": i.type, "value": i.value}
            for i in dict.fromkeys(i for record in records for i in record.identifiers)
        ],
        "shortened": resource.shortened,
        "languages": list(dict.fromkeys(code for record in records for code in record.languages)),
        "formats": list(dict.fromkeys(name for record in records for name in record.formats)),
        **_because(resource),
        "links": [_link(member) for member in resource.members if member.link],
        "problems": [{"code": p.code, "reason": p.reason, "hint": p.hint} for r in records for p in r.problems]
        if viewer.knows_internal
        else [],
    }


def _because(resource: Resource) -> Json:
    """Why a record is open or not: the reason, the same in other languages, and the provision it rests on."""
    said = next((member.access for member in resource.members if member.access.reason), None)
    return {
        "access_reason": said.reason if said else None,
        "access_reasons": dict(said.reasons) if said else {},
        "access_article": said.article if said else None,
    }


def _ancestors(stored: Json, record: Record) -> list[Json]:
    """The path, with what the record knows beyond title and id."""
    by_title = {ancestor.title: ancestor for ancestor in record.ancestors}
    found = []
    for above in stored["ancestors"]:
        known = by_title.get(above["title"])
        found.append(
            {
                **above,
                "level": known.level if known else None,
                "reference_code": known.reference_code if known else None,
            }
        )
    return found


def _merged(descriptions: list[dict[str, str]]) -> dict[str, str]:
    """Elements of several records under one name: what differs stands below each other."""
    out: dict[str, str] = {}
    for description in descriptions:
        for name, text in description.items():
            if name not in out:
                out[name] = text
            elif text not in out[name]:
                out[name] += "\n\n" + text
    return out


def _ordered(description: dict[str, str]) -> dict[str, str]:
    """In the order of the standard; a source's own elements after those."""
    return dict(sorted(description.items(), key=lambda pair: _ORDER.get(pair[0], len(_ORDER))))


def _holding(holding: Holding, holder: str | None, viewer: Viewer) -> Json:
    view: Json = {
        "containers": list(holding.containers),
        "extent": holding.extent,
        "form": holding.form,
        "note": holding.note,
        "holder": holder,
    }
    if viewer.knows_internal:
        view.update(location=holding.location, barcode=holding.barcode)
    return view


def _copies(resource_id: str, resource: Resource, viewer: Viewer, rights: Rights) -> list[Json]:
    views: list[Json] = []
    first_page = 1
    for member in resource.members:
        access = content_access(member, resource.members)
        place = where(member)
        is_shut = not rights.shut.isdisjoint(place)
        may_read = not is_shut and viewer.may_read(access, rights.today, place)
        released = None if may_read or rights.ended is None else member.released
        is_masked = released is not None and released.release not in (rights.ended or ())
        for copy in member.record.copies:
            shown = _copy(copy, resource_id, len(views) + 1, first_page, access.value, may_read, is_masked)
            taken = replace(access, value="open") if is_masked else access
            if not is_shut:
                views.append(shown | _files(copy, viewer.may_copy(taken, rights.today, place), access))
            first_page += copy.page_count
    return views


def _copy(
    copy: Copy, resource_id: str, number: int, first_page: int, access: str, may_read: bool, is_masked: bool
) -> Json:
    """`deidentified`: its pages are those of the released copy, for whoever may not read the text."""
    is_masked = is_masked and bool(copy.page_count)
    return {
        "number": number,
        "title": copy.title,
        "format": copy.format,
        "url": copy.url if may_read else None,
        "page_count": copy.page_count,
        "first_page": first_page,
        "pages_url": f"/api/v1/resources/{resource_id}/pages/{first_page}"
        if copy.page_count and (may_read or is_masked)
        else None,
        "access": access,
        "readable": may_read,
        "deidentified": is_masked,
    }


def _files(copy: Copy, may_copy: bool, access: Access) -> Json:
    """May files of a copy be had, and why not. Where its pages are shown here, its address is such a file."""
    if may_copy:
        return {"copyable": True, "copy_reason": None}
    kept = {"url": None} if copy.pages or copy.page_count else {}
    return {"copyable": False, "copy_reason": access.copy_reason or access.reason, **kept}


def _is_entry(member: Member) -> bool:
    return member.record.kind == "thematic"


def _entry(member: Member) -> Json:
    record = member.record
    return {
        "source": member.source,
        "source_title": member.source_title,
        "source_id": record.source_id,
        "title": record.title,
        "values": record.values,
        "link": _evidence(member),
    }


def _evidence(member: Member) -> Json | None:
    """The rule of the join and what both sides carry, as this record writes it (the key compared is folded and
    qualified).
    """
    link = member.link
    if link is None:
        return None
    written = member.record.reference_code if link.rule == "reference_code" else None
    return {"rule": link.rule, "value": written or link.value}


def _link(member: Member) -> Json:
    return {
        "source": member.source,
        "source_id": member.record.source_id,
        "source_title": member.source_title,
        "kind": member.record.kind,
        **(_evidence(member) or {}),
    }
