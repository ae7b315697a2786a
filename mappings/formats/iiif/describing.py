"""The fields of a record from a manifest or collection, each with its property of the Presentation API.

https://iiif.io/api/presentation/3.0/#3-resource-properties  https://iiif.io/api/presentation/2.1/#resource-properties
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from msgspec import Struct

from mappings.access import Access, together
from mappings.access_statements import copying
from mappings.base import MappingOptions
from mappings.dates import dated
from mappings.dates import joined as joined_dates
from mappings.formats.iiif import pairs
from mappings.formats.iiif.canvases import MAX_PAGES, Canvases, canvases
from mappings.formats.iiif.pairs import Pair
from mappings.formats.iiif.ranges import MAX_LINES, contents
from mappings.formats.iiif.values import (
    Json,
    all_objects,
    first,
    host,
    identity,
    joined,
    listed,
    objects,
    texts,
    type_of,
    web_address,
)
from mappings.formats.media import media_type
from mappings.identifiers import typed
from mappings.record import Ancestor, Copy, Dates, Identifier, Problem, Record, clean

_LONGEST_TITLE = 1_000
_MOST_COPIES = 50
_MOST_FILES = 1_000
"""Lines of files about pages; they are addresses, and all of a description is searched."""
_MEMBERS = ("items", "members", "collections", "manifests")


class Place(Struct, frozen=True):
    """Where a record stands: its file, its id, its number in the file, what contains it."""

    file: str
    source_id: str
    position: int
    above: tuple[Ancestor, ...]


def record_of(resource: Json, place: Place, options: MappingOptions) -> Record:
    """The record of a manifest or collection."""
    found, is_collection = pairs.pairs(resource), type_of(resource) == "Collection"
    pages = Canvases((), {}, [], []) if is_collection else canvases(resource)
    code = next(iter(pairs.values_of(found, "reference")), None)
    titles = _titles(resource, found, code)
    typed_ones, numbers = pairs.identifiers(found)
    codes, said = pairs.languages(found)
    description = _description(resource, found, pages, titles[1:], numbers, said)
    if is_collection:
        description |= _present({"contents": _members(resource)})
    copies = _copies(resource, pages, is_collection)
    return Record(
        source_id=place.source_id,
        title=titles[0] if titles else options.fixed.get("title") or _supplied(place),
        kind="digital",
        supplied_title=not titles,
        level="collection" if is_collection else options.fixed.get("level"),
        reference_code=code,
        fonds=options.fixed.get("fonds"),
        holder=options.holder or _holder(resource, found),
        dates=_dates(resource, found),
        names=tuple(pairs.names(found)),
        languages=codes,
        formats=pairs.formats(found),
        extent="; ".join(pairs.values_of(found, "extent")) or None,
        description=description,
        identifiers=_identifiers(resource, typed_ones),
        copies=copies,
        ancestors=place.above,
        position=place.position,
        unit=place.file,
        access=_copying(resource, found),
        problems=_problems(resource, pages, is_collection),
    )


def _titles(resource: Json, found: list[Pair], code: str | None) -> list[str]:
    """``label`` in all its languages, the file's first before the others; titles among the pairs after it, or before
    it where the label is but the shelfmark.
    """
    labels = [text for one in texts(resource.get("label")) if (text := clean(one.value))]
    stated = pairs.values_of(found, "title")
    if stated and code is not None and labels and labels[0].casefold() == code.casefold():
        labels = [*stated, *labels[1:]]
    return [title[:_LONGEST_TITLE] for title in dict.fromkeys([*labels, *stated])]


def _supplied(place: Place) -> str:
    """The name of the file (ISAD(G) 3.1.2); that of its folder where every manifest is called alike."""
    path = PurePosixPath(place.file)
    stem = path.stem if path.stem.casefold() not in ("manifest", "collection", "index") else path.parent.name
    return clean(stem) or clean(path.stem) or "untitled"


def _holder(resource: Json, found: list[Pair]) -> str | None:
    """``provider``, the first; else a pair that says who holds it."""
    for provider in objects(resource.get("provider")):
        if name := first(provider.get("label")):
            return name
    return next(iter(pairs.values_of(found, "holder")), None)


def _dates(resource: Json, found: list[Pair]) -> Dates | None:
    """A pair that says a date, as written; its years, else those of ``navDate``, which alone is a date of its own."""
    moment = resource.get("navDate")
    day = clean(moment.partition("T")[0]) if isinstance(moment, str) else None
    written = "; ".join(pairs.values_of(found, "date")) or None
    if written is None:
        return dated(day) if day else None
    own = dated(written)
    return joined_dates(written, (dated(day),)) if day and own == Dates(written) else own


def _identifiers(resource: Json, stated: list[Identifier]) -> tuple[Identifier, ...]:
    """``id`` where it is an address, as URI; those among the pairs; the page about it at its owner, as link."""
    found = list(stated)
    if address := web_address(identity(resource)):
        found.insert(0, typed(address) or Identifier("uri", address))
        found.insert(1, Identifier("uri", address))
    for key in ("homepage", "related"):
        found += [Identifier("link", linked) for _, linked, _ in _references(resource, key)]
    return tuple(dict.fromkeys(found))


def _references(resource: Json, key: str) -> Iterator[tuple[str | None, str, str | None]]:
    """(label, address, media type) of linked resources that have an address on the web."""
    for one in listed(resource.get(key)):
        address = web_address(identity(one))
        if address is not None:
            about = one if isinstance(one, dict) else {}
            stated = clean(about.get("format")) if isinstance(about.get("format"), str) else None
            yield first(about.get("label")), address, stated or media_type(address)


def _copies(resource: Json, pages: Canvases, is_collection: bool) -> tuple[Copy, ...]:
    """Where it can be seen: ``homepage`` and ``related``, ``rendering`` (a PDF of the whole), the manifest itself; and
    its pages.
    """
    found: dict[str, Copy] = {}
    for key in ("homepage", "related", "rendering"):
        for label, linked, kind in _references(resource, key):
            found.setdefault(linked, Copy(linked, label or host(linked), kind))
    if address := web_address(identity(resource)):
        name = "IIIF collection" if is_collection else "IIIF manifest"
        found.setdefault(address, Copy(address, name, "application/ld+json"))
    copies = list(found.values())[:_MOST_COPIES]
    if pages.pages:
        copies.append(Copy(page_count=len(pages.pages), pages=pages.pages))
    return tuple(copies)


def _description(
    resource: Json, found: list[Pair], pages: Canvases, titles: list[str], numbers: list[str], said: str | None
) -> dict[str, str]:
    """The elements that have something to say; what two properties say of one stands below each other."""
    made = pairs.elements(found)
    summary = joined(resource.get("summary")) or joined(resource.get("description"))
    own = {
        "scope_and_content": _together(summary, made.pop("scope_and_content", None)),
        "reproduction_conditions": _rights(resource, found),
        "language_note": said,
        "parallel_title": "\n".join(titles),
        "other_identifiers": "; ".join(numbers),
        "contents": contents(resource, pages),
        "part_of": "\n".join(_part_of(resource)),
        "see_also": "\n".join(_named(*one) for one in _references(resource, "seeAlso")),
        "page_notes": _page_notes(pages),
        "page_files": _page_files(pages),
    }
    for key, text in _present(own).items():
        made[key] = _together(text, made.get(key)) or text
    return made


def _present(elements: dict[str, str | None]) -> dict[str, str]:
    return {key: text for key, text in elements.items() if text}


def _together(*parts: str | None) -> str | None:
    return "\n".join(dict.fromkeys(part for part in parts if part)) or None


def _rights(resource: Json, found: list[Pair]) -> str | None:
    """``requiredStatement`` or ``attribution``, ``rights`` or ``license``, and pairs about rights, a line each.

    They say what may be done with it, not who may see it: who may read stays with the source (`_copying`).
    """
    return _together(*_rights_said(resource, found))


def _copying(resource: Json, found: list[Pair]) -> Access | None:
    """Who may have copies, where a statement on rights says so."""
    return together(access for said in _rights_said(resource, found) if said and (access := copying(said)))


def _rights_said(resource: Json, found: list[Pair]) -> list[str | None]:
    required = [joined(one.get("value")) for one in objects(resource.get("requiredStatement"))]
    said = (text.value for pair in found if pair.meaning == "rights" for text in pair.values)
    stated = [one for key in ("rights", "license") for one in listed(resource.get(key)) if isinstance(one, str)]
    return [*required, joined(resource.get("attribution")), *map(clean, stated), *said]


def _part_of(resource: Json) -> Iterator[str]:
    """``partOf`` (version 3) and ``within`` (version 2): what contains it, by name and address."""
    for key in ("partOf", "within"):
        for one in listed(resource.get(key)):
            label = first(one.get("label")) if isinstance(one, dict) else None
            address = web_address(identity(one))
            if label or address:
                yield _named(label, address)


def _named(label: str | None, address: str | None, kind: str | None = None) -> str:
    """A link as a line of text: its label and its address."""
    shown = label or kind
    return f"{shown}: {address}" if shown and address else (address or shown or "")


def _page_notes(pages: Canvases) -> str | None:
    """What is said of single pages: a line each."""
    lines = [f"{pages.pages[number - 1].label or number}: {note}" for number, note in pages.notes[:MAX_LINES]]
    return "\n".join(lines) or None


def _page_files(pages: Canvases) -> str | None:
    """Files about single pages (ALTO, annotations): a line each, with the page they are about."""
    lines = []
    for number, what, address in pages.elsewhere[:_MOST_FILES]:
        lines.append(f"{pages.pages[number - 1].label or number}: {what}: {address}")
    return "\n".join([*lines, "..."] if len(pages.elsewhere) > _MOST_FILES else lines) or None


def _members(collection: Json) -> str | None:
    """The members of a collection, a line each: label, date, address."""
    lines: list[str] = []
    for key in _MEMBERS:
        for member in all_objects(collection.get(key) or []):
            moment = member.get("navDate")
            day = clean(moment.partition("T")[0]) if isinstance(moment, str) else None
            label = first(member.get("label")) or type_of(member)
            if len(lines) < MAX_LINES:
                lines.append(
                    _named(f"{label}, {day}" if day and day not in label else label, web_address(identity(member)))
                )
    return "\n".join(line for line in lines if line) or None


def _problems(resource: Json, pages: Canvases, is_collection: bool) -> tuple[Problem, ...]:
    """What is missing: a manifest without a canvas, pages beyond the bound."""
    if is_collection:
        return ()
    if not pages.pages:
        return (Problem("no-page", "the manifest has no canvas", "fetch it again, or ask its owner"),)
    if len(pages.pages) == MAX_PAGES:
        reason = f"pages beyond the first {MAX_PAGES} were left out"
        return (Problem("too-many-pages", reason, "divide the manifest into volumes"),)
    return ()
