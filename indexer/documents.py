"""A resource as index documents: what staff may see beside what everyone may see, and its pages
(`indexer.page_documents`).

Documents are flat JSON objects whose keys are declared in `indexer.fields` plus the few below. Nothing restricted
is hidden at
query time only: a document for readers does not hold what readers may not know of.

keys besides texts and facets: ``id`` (of the resource), ``scope`` (who finds it, as what), ``from``/``to`` (years),
``sort_date``,
``sort_code``, ``parent``, ``order``, ``above`` (the resource and all that contain it), ``fonds`` (the topmost of
these that are for everyone), ``code_key`` (of its codes), ``opens`` (day number),
``authority`` (keys it answers to),
``alike``, ``twin``, ``fonds_key`` (numbers by which ranked documents are folded and grouped, 64 bits each), and
stored only: ``hit``, ``full``, ``staff`` (base64
JSON).
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Any, overload

import orjson

from indexer import suggest_keys
from indexer.availability import kept_access, kept_copy
from indexer.fields import (
    CODE,
    DESCRIPTION,
    FILTER,
    FORMS,
    HEADING_FIELDS,
    HEADINGS,
    NAMES,
    PATH,
    PROFILES,
    TEXT,
    TITLE,
    WRITTEN_FACETS,
    facet_field,
    filter_key,
)
from indexer.keys import alike, date_key, fonds_of, natural_key, twin, undated_key
from indexer.layers import layered, of_audience
from indexer.page_documents import KEPT, Shelf, carried
from indexer.resource import Member, Place, Places, Resource, ResourceIds, content_access, id_number, where
from indexer.stored_records import stored
from indexer.undescribed import for_readers, is_stub
from mappings.access import Access
from mappings.authorities import answers_to
from mappings.authorities import forms as names_of
from mappings.forms import forms
from mappings.record import Ancestor, Dates, Mention, Name, Record
from mappings.reference_codes import key as code_key
from mappings.text import GAP, fold, is_han, runs, stem, words_and_grams

SHOWN_LIMIT = 1_000
"""Characters of a title, name or other short value that a hit shows and a facet counts: catalogues hold cells of
megabytes. The description keeps all of it."""
SEPARATOR = "\n"
"""Between values of different elements in the text kept for highlighting (plain ASCII keeps the folding of English
text cheap)."""
DECADE_LIMIT = 60
"""Decades one span may count in: a date of 'since antiquity' must not flood the histogram."""

AUDIENCES = ("reader", "staff")

_DIGITS = re.compile(r"\d+")
_NO_LAYERS = ("", "")


def documents(resource: Resource, resource_id: ResourceIds) -> list[bytes]:
    """The documents of a resource, each as JSON bytes; see `document_stream`."""
    return list(document_stream(resource, resource_id))


def document_stream(resource: Resource, resource_id: ResourceIds) -> Iterator[bytes]:
    """The documents of a resource, each as JSON bytes, one by one. Pages are those in its records' copies.

    One document for everyone, or - when some of its records, or of their descriptions, are for staff only - one for
    readers without them and one for staff.
    """
    for variant, viewers in variants(resource):
        document, text = _resource_document(variant, resource_id, viewers)
        yield from stored(layered(document, of_audience(viewers)), text, variant, viewers)
        if any(copy.pages for member in variant.members for copy in member.record.copies):
            yield from _page_documents(variant, viewers, carried(document), {})
            yield from _copy_documents(variant, viewers, carried(document), {})


def description_stream(resource: Resource, resource_id: ResourceIds) -> Iterator[bytes]:
    """Of `document_stream` those without a page; of each copy's pages, some that show whether there are images and
    texts are enough.
    """
    for variant, viewers in variants(resource):
        document, text = _resource_document(variant, resource_id, viewers)
        yield from stored(layered(document, of_audience(viewers)), text, variant, viewers)


def page_stream(resource: Resource, resource_id: ResourceIds, places: Places) -> Iterator[bytes]:
    """Of `document_stream` those of some pages: the ones in the records' copies, which have these places."""
    for variant, viewers in variants(resource):
        shared = carried(_resource_document(variant, resource_id, viewers)[0])
        yield from _page_documents(variant, viewers, shared, places)


def copy_stream(resource: Resource, resource_id: ResourceIds, places: Places) -> Iterator[bytes]:
    """Of `document_stream` those of some pages of released copies, which have these places."""
    for variant, viewers in variants(resource):
        shared = carried(_resource_document(variant, resource_id, viewers)[0])
        yield from _copy_documents(variant, viewers, shared, places)


def variants(resource: Resource) -> Iterator[tuple[Resource, tuple[str, ...]]]:
    """What each audience finds of the resource, with the audiences."""
    public = for_readers(resource)
    if public is resource:
        yield resource, AUDIENCES
        return
    if public is not None:
        yield public, ("reader",)
    yield resource, ("staff",)


def _scope(viewers: tuple[str, ...]) -> list[str]:
    """Who finds a resource document, and from whom it is hidden: each audience is named once."""
    return [f"{'resource' if audience in viewers else 'hidden'}:{audience}" for audience in AUDIENCES]


def _resource_document(
    resource: Resource, resource_id: ResourceIds, viewers: tuple[str, ...]
) -> tuple[dict[str, Any], str]:
    """The document in which a resource is found, and its text as it is highlighted."""
    members, first = resource.members, resource.members[0].record
    texts = _texts(resource)
    access = _shown_access(members)
    facets = _facets(members, access.value)
    text = texts[TEXT.name].replace(_BETWEEN, SEPARATOR)
    hit = _hit(resource, resource_id, text, facets, access)
    document: dict[str, Any] = {"id": resource.id, "scope": _scope(viewers)}
    if len(members) > 1 or resource.former:
        document["record"] = [*(f"{member.source}:{member.record.source_id}" for member in members), *resource.former]
    layers = {field: _layers(texts[field.name]) for field in (TITLE, NAMES, TEXT) if texts[field.name]}
    for field, (words, grams) in layers.items():
        document[field.word_layer] = " ".join(words)
        document[field.gram_layer] = " ".join(grams)
    if code := texts[CODE.name]:
        document[CODE.gram_layer] = " ".join(_layers(code)[1])
    _add_path(document, first.ancestors)
    _add_description(document)
    document[FORMS] = " ".join(sorted(forms(searched_values(resource, texts))))
    _add_facets(document, facets, members)
    if any(copy.pages or copy.page_count for member in members for copy in member.record.copies):
        document["paged"] = id_number(resource.id)
    if any(member.record.names or member.record.mentions for member in members):
        document[HEADINGS] = " ".join(_headings(members))
    _add_order(document, resource.id, hit, _first([member.record for member in members], "dates"))
    _add_place(document, members, resource_id, hit)
    if keys := list(dict.fromkeys(filter(None, map(code_key, _all_codes(members))))):
        document["code_key"] = keys
    document |= suggest_keys.fields(viewers, facets, [member.record for member in members], keys)
    if hit["authority"]:
        document["authority"] = hit["authority"]["keys"]
    document["hit"] = b64encode(orjson.dumps(hit)).decode()
    return document, text


def _add_facets(document: dict[str, Any], facets: dict[str, list[str]], members: Sequence[Member]) -> None:
    """What a resource is counted and filtered by."""
    for name, values in facets.items():
        document[facet_field(name)] = values
    document[FILTER] = _filter_keys(facets, members)
    for group, names in PROFILES.items():
        if found := [(name, facets[name]) for name in names if name in facets]:
            document[group] = profile(found)


def _add_place(
    document: dict[str, Any], members: Sequence[Member], resource_id: ResourceIds, hit: dict[str, Any]
) -> None:
    """Where a resource hangs: below what, in which order, in whose fonds, and beside which others like it."""
    first = members[0].record
    above = [resource_id(members[0].source, ancestor.source_id) for ancestor in first.ancestors]
    if above:
        document["parent"] = above[-1]
    elif first.kind == "physical":
        document["parent"] = "-"
    document["order"] = first.position
    document["above"] = [document["id"], *above]
    document["fonds"] = fonds_of(hit)["id"]
    document["fonds_key"] = id_number(document["fonds"])
    document.update((key, number) for key, number in zip(("alike", "twin"), hit["alike"], strict=True) if number)


def _texts(resource: Resource) -> dict[str, str]:
    """The running text of each description field, values of different elements a line apart."""
    records = [member.record for member in resource.members]
    titles = dict.fromkeys(record.title for record in records)
    names = dict.fromkeys(name.name for record in records for name in record.names)
    names.update(
        (form, None) for record in records if record.authority for form in names_of(record.title, record.authority)
    )
    codes = dict.fromkeys(code for record in records for code in _codes(record))
    return {
        TITLE.name: _join(titles),
        NAMES.name: _join(names),
        CODE.name: _join(codes),
        TEXT.name: _join(_description(records)),
    }


def searched_values(resource: Resource, texts: Mapping[str, str] | None = None, field: str | None = None) -> list[str]:
    """The values of a description that are searched, or those of one field; `texts` are its running texts, if known."""
    if field in HEADING_FIELDS:
        return [text for named, text in _heading_texts(resource.members) if named == field]
    texts = texts or _texts(resource)
    path = _path(resource.members[0].record.ancestors)
    chosen = (*texts.values(), path) if field is None else (path if field == PATH.name else texts.get(field, ""),)
    return [value for text in chosen if text for value in text.split(_BETWEEN)]


def _all_codes(members: Sequence[Member]) -> Iterator[str]:
    for member in members:
        yield from _codes(member.record)


def _codes(record: Record) -> Iterable[str]:
    if record.reference_code:
        yield record.reference_code
    if record.source_id in record.values.values():  # the number of an entry, which a passage need not show
        yield record.source_id
    for identifier in record.identifiers:
        if identifier.type != "link":
            yield identifier.value


def _description(records: Sequence[Record]) -> Iterable[str]:
    """What is told first, then what is noted: a passage should show the story, not the retention period."""
    for record in records:
        yield from (text for name, text in record.description.items() if name not in _NOTED)
    for record in records:
        yield from (text for text in record.values.values() if text not in (record.title, record.source_id))
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


def _layers(text: str) -> tuple[list[str], list[str]]:
    """Both layers of values that stand a line apart: no phrase runs from one into the next."""
    if _BETWEEN not in text:
        return words_and_grams(text)
    words: list[str] = []
    grams: list[str] = []
    for value in text.split(_BETWEEN):
        more_words, more_grams = words_and_grams(value)
        words += more_words
        grams += (*more_grams, GAP)
    return words, grams


@lru_cache(maxsize=2_048)
def _path_layers(titles: str) -> tuple[str, str]:
    """Siblings share their path: it is tokenised once."""
    if not titles:
        return _NO_LAYERS
    words, grams = _layers(titles)
    return " ".join(words), " ".join(grams)


def _add_path(document: dict[str, Any], ancestors: tuple[Ancestor, ...]) -> None:
    """Titles above the record; internal ones would betray themselves to a search, so they are left out for everyone."""
    if not ancestors:
        return
    document[PATH.word_layer], document[PATH.gram_layer] = _path_layers(_path(ancestors))


def _path(ancestors: Iterable[Ancestor]) -> str:
    return _join(ancestor.title for ancestor in ancestors if not ancestor.internal)


def _add_description(document: dict[str, Any]) -> None:
    """All fields of a description as one. A code has no words of its own: it is taken as it is written."""
    words = [document.get(name, "") for name in (TITLE.word_layer, NAMES.word_layer, CODE.gram_layer)]
    words += [document.get(name, "") for name in (TEXT.word_layer, PATH.word_layer)]
    grams = [document.get(field.gram_layer, "") for field in (TITLE, NAMES, CODE, TEXT, PATH)]
    document[DESCRIPTION.word_layer] = " ".join(filter(None, words))
    document[DESCRIPTION.gram_layer] = f" {GAP} ".join(filter(None, grams))
    document.pop(NAMES.gram_layer, None)


def _facets(members: Sequence[Member], access: str) -> dict[str, list[str]]:
    """Facet values in order of appearance. Runs for every record of a sync, hence plain loops."""
    found: dict[str, dict[str, None]] = {"access": {access: None}}
    for member in members:
        record = member.record
        single = (("source", member.source), ("kind", record.kind), ("level", record.level), ("holder", record.holder))
        for name, value in single:
            if value:
                found.setdefault(name, {})[value] = None
        if record.copies:
            found["kind"]["digital"] = None
        for name, values in (("language", record.languages), ("format", record.formats)):
            if values:
                found.setdefault(name, {}).update(dict.fromkeys(values))
        everything: tuple[Name | Mention, ...] = (*record.names, *record.mentions)
        for named in everything:
            if facet := _FACET_OF.get(named.type):
                found.setdefault(facet, {})[named.name] = None
    dates = next((member.record.dates for member in members if member.record.dates), None)
    if dates is not None and dates.start is not None:
        found["decade"] = dict.fromkeys(map(str, decades(dates.start, dates.end)))
    return {name: _written(name, values) for name, values in found.items()}


def _written(name: str, values: Iterable[str]) -> list[str]:
    """The values of a facet as a hit shows them; of several ways to write one the first."""
    if name not in WRITTEN_FACETS:
        return list(map(shown, values))
    first: dict[str, str] = {}
    for value in map(shown, values):
        first.setdefault(fold(value), value)
    return list(first.values())


def _filter_keys(facets: dict[str, list[str]], members: Sequence[Member]) -> list[str]:
    """What a filter can ask a resource for: its facet values, and every name in it."""
    keys = [filter_key(name, value) for name, values in facets.items() for value in values]
    keys += (filter_key("name", shown(name)) for name in _named(members))
    return list(dict.fromkeys(keys))


def profile(found: Sequence[tuple[str, list[str]]]) -> int:
    """The number of what a group of facets holds (63 bits of BLAKE2b): equal for equal values in equal order."""
    return int.from_bytes(blake2b(orjson.dumps(found), digest_size=8).digest(), "big") >> 1


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


def _named(members: Sequence[Member]) -> Iterator[str]:
    """Everybody and everything that is named: in headings, and in the text when it is clear who is meant."""
    for member in members:
        yield from (name.name for name in member.record.names)
        yield from (mention.name for mention in member.record.mentions if not mention.candidates)


def _heading_texts(members: Sequence[Member]) -> set[tuple[str, str]]:
    """Fields and names of all headings and mentions."""
    seen = {(field, name.name) for member in members for name in member.record.names for field in _heading_fields(name)}
    mentions = (mention for member in members for mention in member.record.mentions)
    seen |= {(mention.type, mention.name) for mention in mentions if mention.type in HEADING_FIELDS}
    return seen


def _headings(members: Sequence[Member]) -> Iterable[str]:
    found = sorted(_heading_texts(members))
    return dict.fromkeys(token for field, text in found for token in heading_tokens(field, text))


def _hit(
    resource: Resource, resource_id: ResourceIds, text: str, facets: dict[str, list[str]], access: Access
) -> dict[str, Any]:
    """What a hit shows, before anything depends on viewer, day or query."""
    members, first = resource.members, resource.members[0]
    records = [member.record for member in members]
    record = records[0]
    dates: Dates | None = _first(records, "dates")
    return {
        "id": resource.id,
        "title": shown(record.title),
        "reference_code": shown(_first(records, "reference_code")),
        "level": record.level,
        "dates": {"text": shown(dates.text), "from": dates.start, "to": dates.end} if dates else None,
        "holder": _first(records, "holder"),
        "ancestors": [
            {"id": resource_id(first.source, ancestor.source_id), "title": shown(ancestor.title)}
            for ancestor in record.ancestors
            if not ancestor.internal
        ],
        "described": not is_stub(resource),
        **kept_access(access),
        "place": where(members[0]),
        "kinds": facets["kind"],
        "sources": [{"source": member.source, "source_id": member.record.source_id} for member in members],
        "creator": shown(_creator(records)),
        "extent": shown(_first(records, "extent")),
        "holdings_total": sum(len(record.holdings) for record in records),
        "entries_total": sum(record.kind == "thematic" for record in records),
        "text": text[:KEPT],
        "cut": len(text) > KEPT,
        "copies": _stored_copies(members),
        "others": _others(members) if len(members) > 1 else [],
        "order": record.position,
        "alike": [
            alike(first, resource_id),
            twin(record.title, _first(records, "reference_code"), _first(records, "holder")),
        ],
        "authority": _authority(members),
        "facets": facets,
    }


@overload
def shown(text: str) -> str: ...
@overload
def shown(text: str | None) -> str | None: ...
def shown(text: str | None) -> str | None:
    """A short value as a hit shows it: cut when it is none."""
    return text if text is None or len(text) <= SHOWN_LIMIT else text[: SHOWN_LIMIT - 1] + "…"


def _first(records: Sequence[Record], name: str) -> Any:
    """The first value that any of the records has for an attribute, or None."""
    for record in records:
        if value := getattr(record, name):
            return value
    return None


def _creator(records: Sequence[Record]) -> str | None:
    return next((name.name for record in records for name in record.names if name.role == "creator"), None)


def _authority(members: Sequence[Member]) -> dict[str, Any] | None:
    """What an authority's hit is found by when a record names it: its type and the keys it answers to."""
    described = [member.record.authority for member in members if member.record.authority is not None]
    if not described:
        return None
    keys = dict.fromkeys(key for member in members for key in answers_to(member.record, member.source))
    return {"type": described[0].type, "keys": list(keys)}


def _stored_copies(members: Sequence[Member]) -> list[list[Any]]:
    """Page count, address, access (`kept_copy`), whether there are images and text, where it belongs, and the released
    de-identified copy (its id, whether it has an image of every page) or None, of every copy.
    """
    found: list[list[Any]] = []
    for member in members:
        if member.record.copies:
            access = kept_copy(content_access(member, members))
            released = [member.released.release, member.released.imaged] if member.released else None
            for copy in member.record.copies:
                imaged, worded = any(page.image for page in copy.pages), any(page.text for page in copy.pages)
                stated = [copy.page_count, copy.url, *access, imaged, worded, where(member)]
                found.append([*stated, released if copy.page_count else None])
    return found


def _others(members: Sequence[Member]) -> list[list[str | None]]:
    """Holders of the same thing beside the one a hit names: holder, access value and day there, address of a copy."""
    found: dict[str, list[str | None]] = {}
    for member in members:
        if holder := member.record.holder:
            url = next((copy.url for copy in member.record.copies if copy.url), None)
            found.setdefault(fold(holder), [shown(holder), *kept_copy(member.access)[:2], url])
    return list(found.values())[1:]


def _shown_access(members: Sequence[Member]) -> Access:
    """The access a hit states: that of its pages where it has some, else that of the record which speaks for it."""
    paged = next((member for member in members if any(copy.page_count for copy in member.record.copies)), members[0])
    return content_access(paged, members)


def _add_order(document: dict[str, Any], resource: str, hit: dict[str, Any], dates: Dates | None) -> None:
    """Years for filters and keys for sorting, by days where they are known; dates sort by number, codes by text that
    ends with the id.
    """
    if dates is not None and dates.start is not None:
        start, end = dates.start, dates.start if dates.end is None else dates.end
        document["from"], document["to"] = start, end
        first = dates.earliest[-5:] if dates.earliest else "01-01"
        last = dates.latest[-5:] if dates.latest and dates.end is not None else "12-31"
        document["sort_date"] = date_key(start, first, end, last, resource)
    else:
        document["sort_date"] = undated_key(resource)
    if hit["reference_code"]:
        document["sort_code"] = natural_key(hit["reference_code"]) + "\0" + resource


def _page_documents(
    resource: Resource, viewers: tuple[str, ...], shared: dict[str, Any], places: Places
) -> Iterable[bytes]:
    """Pages are numbered through all copies of all members. Their sheets come last: what stands together is read
    together.
    """
    sheets: list[bytes] = []
    for shelf, place, before in _shelves(resource, viewers, shared, places):
        pages = (page for copy in shelf.member.record.copies for page in copy.pages)
        for number, page in zip(place.numbers, pages, strict=True):
            found, more = shelf.page(before + number, page)
            yield found
            sheets += more
    yield from sheets


def _copy_documents(
    resource: Resource, viewers: tuple[str, ...], shared: dict[str, Any], places: Places
) -> Iterable[bytes]:
    """The same of the pages of released copies, under the numbers of the pages they stand for."""
    sheets: list[bytes] = []
    for shelf, place, before in _shelves(resource, viewers, shared, places):
        copied = shelf.member.released.pages if shelf.member.released else ()
        for number, page in zip(place.numbers, copied, strict=False):
            found, more = shelf.page(before + number, page.page, page)
            yield found
            sheets += more
    yield from sheets


def _shelves(
    resource: Resource, viewers: tuple[str, ...], shared: dict[str, Any], places: Places
) -> Iterator[tuple[Shelf, Place, int]]:
    """Each record of a resource, the place of its pages, and how many pages come before them."""
    before = 0
    for member in resource.members:
        access = content_access(member, resource.members)
        total = sum(len(copy.pages) for copy in member.record.copies)
        place = places.get((member.source, member.record.source_id)) or Place(range(1, total + 1), total)
        yield Shelf(resource.id, viewers, member, access, shared), place, before
        before += place.total
