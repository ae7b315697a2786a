"""A resource as index documents: what staff may see beside what everyone may see, and one document a page.

Documents are flat JSON objects whose keys are declared in `indexer.fields` plus the few below. Nothing restricted
is hidden at
query time only: a document for readers does not hold what readers may not know of.

keys besides texts and facets: ``id`` (of the resource), ``scope`` (who finds it, as what), ``from``/``to`` (years),
``sort_date``,
``sort_code``, ``parent``, ``order``, ``opens`` (day number), and stored only: ``hit``, ``full``, ``staff`` (base64
JSON).
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import msgspec
import orjson
from msgspec.structs import replace

from indexer.fields import (
    ABOUT,
    CODE,
    HEADING_FIELDS,
    HEADINGS,
    NAMES,
    PAGE,
    PATH,
    TEXT,
    TITLE,
    TextField,
    facet_field,
)
from indexer.resource import Member, Resource, ResourceIds
from mappings.access import STRICTNESS, Access
from mappings.record import Ancestor, Dates, Name, Page, Record
from mappings.text import GAP, fold, is_han, runs, stem, words_and_grams

HIGHLIGHT_LIMIT = 20_000
"""Characters of a description kept for highlighting: bounds the cost of a hit whatever the record's size."""
SEPARATOR = "\n"
"""Between values of different elements in the text kept for highlighting (plain ASCII keeps the folding of English
text cheap)."""
DECADE_LIMIT = 60
"""Decades one span may count in: a date of 'since antiquity' must not flood the histogram."""

_encode = msgspec.json.Encoder().encode
_DIGITS = re.compile(r"\d+")
_NO_LAYERS = ("", "")


def documents(resource: Resource, resource_id: ResourceIds) -> list[bytes]:
    """The documents of a resource, each as JSON bytes. Pages are those in its records' copies.

    One document for everyone, or - when some of its records are internal - one for readers without them and one for
    staff.
    """
    public = tuple(member for member in resource.members if member.access.value != "internal")
    if len(public) == len(resource.members):
        return _variant(resource, resource_id, ("reader", "staff"))
    staff = _variant(resource, resource_id, ("staff",))
    return (_variant(Resource(resource.id, public), resource_id, ("reader",)) if public else []) + staff


def _variant(resource: Resource, resource_id: ResourceIds, viewers: tuple[str, ...]) -> list[bytes]:
    document = _resource_document(resource, resource_id, viewers)
    found = [orjson.dumps(document)]
    if any(copy.pages for member in resource.members for copy in member.record.copies):
        found += _page_documents(resource, viewers, _about(document))
    return found


def content_access(member: Member, members: Sequence[Member]) -> Access:
    """Who may read a member's text and images.

    Its own statement; else the strictest explicit one among the records joined with it (a catalogue's closure holds
    for the
    scans too), but never looser than the default of its own source; else that default.
    """
    own = member.access
    if own.stated_by in ("record", "ancestor") or len(members) == 1:
        return own
    stated = [other.access for other in members if other.access.stated_by in ("record", "ancestor")]
    if own.stated_by == "source":
        stated.append(own)
    return max(stated, key=lambda access: STRICTNESS[access.value], default=own)


def _resource_document(resource: Resource, resource_id: ResourceIds, viewers: tuple[str, ...]) -> dict[str, Any]:
    members, first = resource.members, resource.members[0].record
    texts = _texts(resource)
    hit = _hit(resource, resource_id, texts[TEXT.name].replace(_BETWEEN, SEPARATOR))
    document: dict[str, Any] = {"id": resource.id, "scope": [f"resource:{viewer}" for viewer in viewers]}
    if len(members) > 1:
        document["record"] = [f"{member.source}:{member.record.source_id}" for member in members]
    layers = {field: words_and_grams(texts[field.name]) for field in (TITLE, NAMES, TEXT) if texts[field.name]}
    for field, (words, grams) in layers.items():
        document[field.word_layer] = " ".join(words)
        document[field.gram_layer] = " ".join(grams)
    if code := texts[CODE.name]:
        document[CODE.gram_layer] = " ".join(words_and_grams(code)[1])
    _add_path(document, first.ancestors)
    hit["facets"] = _facets(members, hit["access"])
    for name, values in hit["facets"].items():
        document[facet_field(name)] = values
    if any(member.record.names for member in members):
        document[HEADINGS] = " ".join(_headings(members))
    _add_order(document, resource.id, hit, first)
    if first.ancestors:
        document["parent"] = resource_id(members[0].source, first.ancestors[-1].source_id)
    elif first.kind == "physical":
        document["parent"] = "-"
    document["order"] = first.position
    _add_stored(document, resource, hit)
    return document


def _texts(resource: Resource) -> dict[str, str]:
    """The running text of each description field, values of different elements a line apart."""
    records = [member.record for member in resource.members]
    titles = dict.fromkeys(record.title for record in records)
    names = dict.fromkeys(name.name for record in records for name in record.names)
    codes = dict.fromkeys(code for record in records for code in _codes(record))
    return {
        TITLE.name: _join(titles),
        NAMES.name: _join(names),
        CODE.name: _join(codes),
        TEXT.name: _join(_description(records)),
    }


def _codes(record: Record) -> Iterable[str]:
    if record.reference_code:
        yield record.reference_code
    for identifier in record.identifiers:
        if identifier.type != "link":
            yield identifier.value


def _description(records: Sequence[Record]) -> Iterable[str]:
    """What is told first, then what is noted: a passage should show the story, not the retention period."""
    for record in records:
        yield from (text for name, text in record.description.items() if name not in _NOTED)
    for record in records:
        yield from record.values.values()
        yield from (text for name, text in record.description.items() if name in _NOTED)
        if record.dates:
            yield record.dates.text
            yield from _years(record.dates)
        if record.extent:
            yield record.extent
        for holding in record.holdings:
            yield from holding.containers
            if holding.note:
                yield holding.note


_NOTED = frozenset(
    {
        "retention_period",
        "security_class",
        "carrier",
        "page_count",
        "access_conditions",
        "reproduction_conditions",
        "preferred_citation",
        "processing",
        "language_note",
    }
)


def _years(dates: Dates) -> Iterable[str]:
    """The years at both ends, so that 1983 finds what was written 19830511 or 民國72年."""
    written = _DIGITS.findall(dates.text)
    yield from (str(year) for year in (dates.start, dates.end) if year is not None and str(year) not in written)


_BETWEEN = f"\n{GAP}\n"


def _join(values: Iterable[str]) -> str:
    return _BETWEEN.join(dict.fromkeys(values))


@lru_cache(maxsize=8192)
def _path_layers(titles: str) -> tuple[str, str]:
    """Siblings share their path: it is tokenised once."""
    if not titles:
        return _NO_LAYERS
    words, grams = words_and_grams(titles)
    return " ".join(words), " ".join(grams)


def _add_path(document: dict[str, Any], ancestors: tuple[Ancestor, ...]) -> None:
    """Titles above the record; internal ones would betray themselves to a search, so they are left out for everyone."""
    if not ancestors:
        return
    titles = "\n".join(ancestor.title for ancestor in ancestors if not ancestor.internal)
    document[PATH.word_layer], document[PATH.gram_layer] = _path_layers(titles)


def _about(document: dict[str, Any]) -> tuple[str, str]:
    """The whole description as one field, for page documents."""
    fields: tuple[TextField, ...] = (TITLE, NAMES, CODE, TEXT, PATH)
    words = [document[f.word_layer] for f in fields if f.words and f.word_layer in document]
    grams = [document[f.gram_layer] for f in fields if f.gram_layer in document]
    return " ".join(words), f" {GAP} ".join(grams)


def _facets(members: Sequence[Member], access: str) -> dict[str, list[str]]:
    values: dict[str, dict[str, None]] = {"access": {access: None}}
    for facet, value in _facet_values(members):
        if value:
            values.setdefault(facet, {})[value] = None
    return {name: list(found) for name, found in values.items()}


def _facet_values(members: Sequence[Member]) -> Iterable[tuple[str, str | None]]:
    for member in members:
        record = member.record
        yield "source", member.source
        yield "level", record.level
        yield "holder", record.holder
        yield from (("kind", kind) for kind in _kinds(record))
        yield from (("language", code) for code in record.languages)
        yield from (("format", value) for value in record.formats)
        yield from ((facet, name.name) for name in record.names if (facet := _FACET_OF.get(name.type)))
    dates = next(
        (member.record.dates for member in members if member.record.dates and member.record.dates.start is not None),
        None,
    )
    if dates is not None and dates.start is not None:
        yield from (("decade", str(decade)) for decade in decades(dates.start, dates.end))


_FACET_OF = {
    "person": "person",
    "family": "person",
    "organisation": "organisation",
    "place": "place",
    "subject": "subject",
    "genre": "format",
}


def decades(start: int, end: int | None) -> range:
    """First years of the decades a span touches, at most `DECADE_LIMIT` of them."""
    first, last = start // 10 * 10, (start if end is None else end) // 10 * 10
    return range(first, min(last, first + (DECADE_LIMIT - 1) * 10) + 1, 10)


def _kinds(record: Record) -> Iterable[str]:
    yield record.kind
    if record.copies:
        yield "digital"


def heading_tokens(field: str, text: str) -> list[str]:
    """Tokens of a heading under its field's name: stems, Han pairs and single Han characters."""
    tokens: list[str] = []
    for run in runs(fold(text)):
        if is_han(run):
            tokens += [run[at : at + 2] for at in range(len(run) - 1)] + list(run)
        else:
            tokens.append(stem(run))
    return [f"{field}/{token}" for token in dict.fromkeys(tokens)]


def _heading_fields(name: Name) -> Iterable[str]:
    if name.role == "creator":
        yield "creator"
    yield "name"
    facet = _FACET_OF.get(name.type)
    if facet in HEADING_FIELDS:
        yield facet


def _headings(members: Sequence[Member]) -> Iterable[str]:
    seen = {(field, name.name) for member in members for name in member.record.names for field in _heading_fields(name)}
    return dict.fromkeys(token for field, text in sorted(seen) for token in heading_tokens(field, text))


def _hit(resource: Resource, resource_id: ResourceIds, text: str) -> dict[str, Any]:
    """What a hit shows, before anything depends on viewer, day or query."""
    members, first = resource.members, resource.members[0]
    record = first.record
    dates = next((m.record.dates for m in members if m.record.dates), None)
    paged = next((member for member in members if any(copy.page_count for copy in member.record.copies)), None)
    access = content_access(paged or first, members)
    hit: dict[str, Any] = {
        "id": resource.id,
        "title": record.title,
        "reference_code": next((m.record.reference_code for m in members if m.record.reference_code), None),
        "level": record.level,
        "dates": {"text": dates.text, "from": dates.start, "to": dates.end} if dates else None,
        "holder": next((m.record.holder for m in members if m.record.holder), None),
        "ancestors": [
            {"id": resource_id(first.source, ancestor.source_id), "title": ancestor.title}
            for ancestor in record.ancestors
            if not ancestor.internal
        ],
        "access": access.value,
        "opens_on": access.opens_on.isoformat() if access.opens_on else None,
        "kinds": list(dict.fromkeys(kind for member in members for kind in _kinds(member.record))),
        "sources": [{"source": m.source, "source_id": m.record.source_id} for m in members],
        "creator": next((n.name for m in members for n in m.record.names if n.role == "creator"), None),
        "extent": next((m.record.extent for m in members if m.record.extent), None),
        "holdings_total": sum(len(m.record.holdings) for m in members),
        "entries_total": sum(m.record.kind == "thematic" for m in members),
        "text": text[:HIGHLIGHT_LIMIT],
    }
    _add_copies(hit, members)
    return hit


def _add_copies(hit: dict[str, Any], members: Sequence[Member]) -> None:
    hit["copies"] = [
        [
            copy.page_count,
            copy.url,
            (access := content_access(member, members)).value,
            access.opens_on.isoformat() if access.opens_on else None,
        ]
        for member in members
        for copy in member.record.copies
    ]


def _add_order(document: dict[str, Any], resource: str, hit: dict[str, Any], record: Record) -> None:
    """Years for filters and keys for sorting. The id at the end of a key makes every order total."""
    dates = hit["dates"]
    if dates and dates["from"] is not None:
        start, end = dates["from"], dates["to"] if dates["to"] is not None else dates["from"]
        document["from"], document["to"] = start, end
        document["sort_date"] = f"{start + 10_000:05d}{end + 10_000:05d}{resource}"
    if hit["reference_code"]:
        document["sort_code"] = natural_key(hit["reference_code"]) + "\0" + resource


def natural_key(code: str) -> str:
    """A key by which codes sort as people do: Z013-2 before Z013-10."""
    return " ".join(run.zfill(10) if run.isdigit() else run for run in runs(fold(code)))[:200]


def _add_stored(document: dict[str, Any], resource: Resource, hit: dict[str, Any]) -> None:
    document["hit"] = b64encode(orjson.dumps(hit)).decode()
    stored = Resource(resource.id, tuple(replace(m, record=_without_pages(m.record)) for m in resource.members))
    public = Resource(resource.id, tuple(replace(m, record=_without_staff_data(m.record)) for m in stored.members))
    document["full"] = b64encode(_encode(public)).decode()
    if public != stored:
        document["staff"] = b64encode(_encode(stored)).decode()


def _without_pages(record: Record) -> Record:
    if not any(copy.pages for copy in record.copies):
        return record
    return replace(record, copies=tuple(replace(copy, pages=()) for copy in record.copies))


def _without_staff_data(record: Record) -> Record:
    """The record as a reader may get it: no staff notes, no stack locations, no barcodes, no names of internal
    ancestors."""
    has_location = any(holding.location or holding.barcode for holding in record.holdings)
    hides = any(ancestor.internal for ancestor in record.ancestors)
    if not (record.staff_notes or has_location or record.problems or hides):
        return record
    holdings = tuple(replace(holding, location=None, barcode=None) for holding in record.holdings)
    ancestors = tuple(ancestor for ancestor in record.ancestors if not ancestor.internal)
    return replace(record, staff_notes={}, problems=(), holdings=holdings, ancestors=ancestors)


def _page_documents(resource: Resource, viewers: tuple[str, ...], about: tuple[str, str]) -> Iterable[bytes]:
    number = 0
    for member in resource.members:
        access = content_access(member, resource.members)
        for copy in member.record.copies:
            for page in copy.pages:
                number += 1
                yield orjson.dumps(_page_document(resource.id, number, page, member, access, viewers, about))


def _page_document(
    resource: str,
    number: int,
    page: Page,
    member: Member,
    access: Access,
    viewers: tuple[str, ...],
    about: tuple[str, str],
) -> dict[str, Any]:
    words, grams = words_and_grams(page.text)
    hit = {"id": resource, "number": number, "label": page.label, "text": page.text}
    stored = {"number": number, "source": member.source, "source_id": member.record.source_id, "page": page}
    document = {
        "id": resource,
        "scope": [f"page:{viewer}" for viewer in viewers],
        "number": number,
        "content": access.value,
        PAGE.word_layer: " ".join(words),
        PAGE.gram_layer: " ".join(grams),
        ABOUT.word_layer: about[0],
        ABOUT.gram_layer: about[1],
        "hit": b64encode(orjson.dumps(hit)).decode(),
        "full": b64encode(_encode(stored)).decode(),
    }
    if access.value == "closed" and access.opens_on:
        document["opens"] = access.opens_on.toordinal()
    return document
