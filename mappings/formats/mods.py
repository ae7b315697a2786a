"""MODS 3: single, in a ``modsCollection``, in OAI-PMH responses or in a METS ``dmdSec``.

https://www.loc.gov/standards/mods/userguide/  Where an element stands twice in one ``altRepGroup``, in original script
and romanised, the original script is the heading and the romanised form a note, so both are found.
"""

from __future__ import annotations

import re
from typing import ClassVar

from lxml.etree import _Element as Element

from mappings.base import Outcome
from mappings.formats import mods_subjects
from mappings.formats.described import Described, Gathering, file_address
from mappings.formats.ead.text import attribute, inline
from mappings.formats.harvest import HarvestMapping, Place
from mappings.formats.markup import part, written
from mappings.formats.mods_subjects import authority, names
from mappings.formats.xml import LOCAL
from mappings.record import Holding, Name, clean


class ModsMapping(HarvestMapping):
    """Mapping ``mods``."""

    format_name: ClassVar[str] = "MODS"
    wanted: ClassVar[frozenset[str]] = frozenset({"mods"})

    def outcome(self, element: Element, place: Place) -> Outcome:
        """The record; its id is that of the OAI header, else ``recordIdentifier``, else the file and its number."""
        own = part(element.find("{*}recordInfo"), "recordIdentifier")
        return described(element).record(place.source_id(own), place.path, place.number - 1, self._options.holder)


def described(element: Element) -> Described:
    """What a ``mods`` element says."""
    found = Gathering()
    originals, others = _by_script(element)
    for child in originals:
        _take(child, found)
    for child in others:
        _romanised(child, found)
    if found.copies and not found.holdings and found.kind == "physical" and _digital(element):
        found.kind = "digital"
    return found.done()


def _take(child: Element, found: Gathering) -> None:
    """One top-level element by its rule; one nobody knows stays under its own name."""
    name = LOCAL[child.tag].casefold()  # some exports write titleinfo
    rule = _RULES.get(name)
    if rule is not None:
        rule(child, found)
    elif name:
        found.note(name, inline(child))


def _by_script(element: Element) -> tuple[list[Element], list[Element]]:
    """Top-level elements, and those that another one of their `@altRepGroup` gives in its original script."""
    groups: dict[tuple[str, str], list[Element]] = {}
    for child in element:
        group = child.get("altRepGroup")
        if group:
            groups.setdefault((LOCAL[child.tag], group), []).append(child)
    others: list[Element] = []
    for members in groups.values():
        main = next((member for member in members if _is_original(member)), members[0])
        others += [member for member in members if member is not main]
    return [child for child in element if child not in others], others


def _is_original(element: Element) -> bool:
    """Is this in another script than Latin? `@script` says so, else its letters do."""
    script = element.get("script")
    if element.get("transliteration") or script:
        return not element.get("transliteration") and script not in (None, "Latn", "latn")
    return any(char.isalpha() and char > "\u024f" and not _LATIN.match(char) for char in inline(element) or "")


_LATIN = re.compile("[\u0250-\u02ff\u1e00-\u1eff\u2c60-\u2c7f\ua720-\ua7ff]")


def _romanised(element: Element, found: Gathering) -> None:
    """The second form of a title, a name or something else."""
    name = LOCAL[element.tag].casefold()
    if name == "titleinfo":
        found.note("other_titles", _title_of(element))
    elif name == "name":
        for other in names(element, "name"):
            found.note("other_names", other.name)
    else:
        found.note("other_forms", written(element))


def _title_info(element: Element, found: Gathering) -> None:
    """``titleInfo``: one without a type is the title; abbreviated, translated, alternative and uniform ones follow."""
    text = _title_of(element)
    if text is None:
        return
    if element.get("type") is None and not found.titles:
        found.titles.insert(0, text)
    else:
        found.note("other_titles", text, clean(element.get("displayLabel")))


def _title_of(element: Element) -> str | None:
    """``nonSort`` before, ``subTitle`` after a colon, part number and name after full stops."""
    title = part(element, "title")
    if title is None:
        return inline(element) if not len(element) else None
    nonsort = part(element, "nonSort")
    if nonsort is not None:
        title = nonsort + title if nonsort.endswith(("'", "’", "-")) else f"{nonsort} {title}"
    subtitle = part(element, "subTitle")
    numbers = [text for name in ("partNumber", "partName") if (text := part(element, name)) is not None]
    return ". ".join([f"{title}: {subtitle}" if subtitle else title, *numbers])


def _name(element: Element, found: Gathering) -> None:
    """``name``: creators by their role, or the primary one; others took the part their role says."""
    for name in names(element, None):
        found.name(name)


def _type_of_resource(element: Element, found: Gathering) -> None:
    """``typeOfResource``: a form; a collection is a level."""
    if element.get("collection") == "yes":
        found.level = "collection"
    found.format(inline(element))


def _genre(element: Element, found: Gathering) -> None:
    """``genre``."""
    found.format(inline(element))


# Dates by rank: when it was made, else published, else another
_DATES = {"datecreated": 0, "dateissued": 1, "copyrightdate": 2, "datevalid": 3, "dateother": 3, "datecaptured": 4}


def _origin_info(element: Element, found: Gathering) -> None:
    """``originInfo``: dates; publisher and place; edition, frequency, issuance.

    A date and one with `@point="end"` are one span; of a free and an encoded writing of one date, the free one is the
    text and the encoded one gives the years. The date of digitisation is not that of the thing.
    https://www.loc.gov/standards/mods/userguide/origininfo.html
    """
    digitised = (element.get("eventType") or "").casefold() in ("digitization", "digitisation")
    for name, rank in _DATES.items():
        written = [child for child in element if LOCAL[child.tag].casefold() == name]
        if written and digitised:
            found.note("date_digitised", inline(written[0]))
        elif written:
            _date(written, rank, found)
    for child in element.iterchildren("{*}publisher", "{*}agent"):
        text = inline(child)
        if text is not None:
            found.name(Name(text, "name", "name", "publisher", authority(child)))
    _publication(element, found)


def _date(elements: list[Element], rank: int, found: Gathering) -> None:
    """All writings of one kind of date in one ``originInfo``."""
    free = [text for child in elements if not child.get("encoding") and (text := _qualified(child)) is not None]
    encoded = [child for child in elements if child.get("encoding") and inline(child)]
    keyed = [child for child in encoded if child.get("keyDate") == "yes" or child.get("point") is not None]
    chosen = keyed or encoded
    points = {child.get("point"): inline(child) or "" for child in chosen if child.get("point")}
    if points:
        code = "/".join((points.get("start", ""), points.get("end", "")))
    else:
        code = "; ".join(dict.fromkeys(inline(child) or "" for child in chosen))
    if not free and len(chosen) == 1:
        free = [_qualified(chosen[0]) or code]
    text = "; ".join(dict.fromkeys(free)) or _spoken(code)
    found.date(rank, clean(text), code)


def _spoken(code: str) -> str:
    """A span as a reader writes it: a dash between its ends."""
    return code.replace("/", "-", 1) if re.fullmatch(r"\d{0,4}/\d{0,4}", code) else code


def _qualified(element: Element) -> str | None:
    """A date with the words of its `@qualifier`."""
    text = inline(element)
    word = {"approximate": "circa", "inferred": "inferred", "questionable": "possibly"}.get(
        element.get("qualifier") or ""
    )
    return f"{word} {text}" if word and text and word not in text.casefold() else text


def _publication(element: Element, found: Gathering) -> None:
    for place in element.iterfind("{*}place"):
        terms = [term for term in place if term.get("type") != "code"] if len(place) else [place]
        for text in filter(None, map(inline, terms)):
            found.name(Name(text, "place", "name", "place of publication"))
    found.note("edition", part(element, "edition"))
    found.note("publication_note", part(element, "frequency"), "frequency")
    found.note("publication_note", part(element, "issuance"), "issuance")


def _language(element: Element, found: Gathering) -> None:
    """``language``: of a term as code and as text, the code."""
    terms = list(element.iterfind("{*}languageTerm"))
    codes = [term for term in terms if term.get("type") == "code"]
    for term in codes or terms or [element]:
        found.language(inline(term))


def _physical_description(element: Element, found: Gathering) -> None:
    """``physicalDescription``: extent, form, notes; media types only tell that there are files."""
    for child in element:
        name, text = LOCAL[child.tag].casefold(), inline(child)
        if name == "extent":
            unit = clean(child.get("unit"))
            found.extent(f"{text} {unit}" if unit and text else text)
        elif name == "form":
            found.format(text)
        elif name == "digitalorigin" and text is not None:
            if text == "born digital":
                found.kind = "digital"
            found.note("carrier", text)
        elif name in ("internetmediatype", "reformattingquality"):
            found.note("carrier", text)
        else:
            found.note("physical_characteristics", text)


def _abstract(element: Element, found: Gathering) -> None:
    """``abstract``; one that says it is the scope and content is that."""
    label = f"{element.get('displayLabel')} {element.get('type')}".casefold()
    found.note("scope_and_content" if "scope" in label else "abstract", inline(element))


def _table_of_contents(element: Element, found: Gathering) -> None:
    """``tableOfContents``."""
    found.note("contents", inline(element))


# MODS note types (https://www.loc.gov/standards/mods/mods-notes.html) -> ISAD(G)
_NOTES = {
    "acquisition": "acquisition",
    "action": "processing",
    "additionalphysicalform": "copies_note",
    "additionalform": "copies_note",
    "bibliography": "publication_note",
    "publications": "publication_note",
    "biographicalhistorical": "administrative_history",
    "biographical": "administrative_history",
    "biographical/historical": "administrative_history",
    "citation/reference": "publication_note",
    "preferredcitation": "preferred_citation",
    "accrualmethod": "accruals",
    "language": "language_note",
    "organization": "arrangement",
    "arrangement": "arrangement",
    "originallocation": "originals",
    "originalversion": "originals",
    "otherfindaid": "finding_aids",
    "ownership": "custodial_history",
    "provenance": "custodial_history",
    "relatedmaterial": "related_material",
    "separatedmaterial": "separated_material",
    "reproduction": "copies_note",
    "restriction": "access_conditions",
    "systemdetails": "physical_characteristics",
    "physicaldescription": "physical_characteristics",
}


def _note(element: Element, found: Gathering) -> None:
    """``note`` by its type; of a type nobody knows a note that says it."""
    kind = clean(element.get("type"))
    field = _NOTES.get("".join((kind or "").casefold().split()))
    label = clean(element.get("displayLabel")) or (kind if field is None else None)
    found.note(field or "note", inline(element), label)


def _classification(element: Element, found: Gathering) -> None:
    """``classification`` with its scheme."""
    found.note("classification", inline(element), clean(element.get("authority")))


def _related_item(element: Element, found: Gathering) -> None:
    """``relatedItem``: what contains it, what is inside it (contents), and all others (related material)."""
    kind = element.get("type") or ""
    title = next(filter(None, map(_title_of, element.iterfind("{*}titleInfo"))), None)
    text = title or inline(element) or attribute(element, "href")
    if kind == "constituent":
        found.note("contents", text)
        return
    detail = "; ".join(filter(None, map(written, element.iterfind("{*}part"))))
    whole = f"{text}, {detail}" if text and title and detail else text
    label = {"host": "part of", "series": "part of series", "preceding": "continues", "succeeding": "continued by"}
    found.note("originals" if kind == "original" else "related_material", whole, label.get(kind))


def _identifier(element: Element, found: Gathering) -> None:
    """``identifier`` by its type; invalid ones, and citations, are notes."""
    text, kind = inline(element), clean(element.get("type"))
    if element.get("invalid") == "yes":
        found.note("other_identifiers", text, f"invalid {kind}" if kind else "invalid")
    elif kind == "citation":
        found.note("preferred_citation", text)
    else:
        found.identifier(text, None if kind == "uri" else kind)


def _location(element: Element, found: Gathering) -> None:
    """``location``: who holds it, its shelf mark, and addresses: of the object or a file a copy, else an identifier.

    Goobi writes the shelf mark as a ``physicalLocation`` of that type.
    """
    shelves = [text for child in element.iterdescendants("{*}shelfLocator") if (text := inline(child)) is not None]
    for child in element.iterchildren("{*}physicalLocation"):
        text = inline(child)
        if child.get("type") == "shelfmark" and text is not None:
            shelves.append(text)
        elif child.get("type") in (None, "repository", "current") and found.holder is None:
            found.holder = text
        else:
            found.note("note", text, "location")
    if shelves:
        found.holdings.append(Holding(tuple(dict.fromkeys(shelves))))
    for child in element.iterchildren("{*}url"):
        text = inline(child)
        if text is None:
            continue
        if "object" in (child.get("access") or "") or child.get("usage") == "primary" or file_address(text):
            found.copy(text, clean(child.get("displayLabel")))
        elif child.get("access") != "preview":
            found.identifier(text, "uri")


def _access_condition(element: Element, found: Gathering) -> None:
    """``accessCondition``: access where it is clear; use and reproduction apart."""
    kind = (element.get("type") or "").casefold().replace(" ", "")
    text = inline(element)
    if "use" in kind or "reproduction" in kind or "license" in kind:
        for said in (text, attribute(element, "href")):
            found.copying(said)
            found.note("reproduction_conditions", said)
        return
    found.access(text)
    found.note("access_conditions", text)


def _part(element: Element, found: Gathering) -> None:
    """``part``: which part of the whole this is."""
    found.note("note", written(element), "part")


def _extension(element: Element, found: Gathering) -> None:
    """``extension`` holds what a system notes for itself: dates of deposit, which describe nothing."""


def _record_info(element: Element, found: Gathering) -> None:
    """``recordInfo``: who described it, by which rules."""
    found.note("processing", part(element, "recordContentSource"), "described by")
    found.note("processing", part(element, "descriptionStandard"), "rules")


def _digital(element: Element) -> bool:
    """Does it say that it describes files?"""
    return any(True for _ in element.iterdescendants("{*}internetMediaType", "{*}digitalOrigin"))


_RULES = {
    "titleinfo": _title_info,
    "name": _name,
    "typeofresource": _type_of_resource,
    "genre": _genre,
    "origininfo": _origin_info,
    "language": _language,
    "physicaldescription": _physical_description,
    "abstract": _abstract,
    "tableofcontents": _table_of_contents,
    "note": _note,
    "subject": mods_subjects.subject,
    "classification": _classification,
    "relateditem": _related_item,
    "identifier": _identifier,
    "location": _location,
    "accesscondition": _access_condition,
    "part": _part,
    "extension": _extension,
    "recordinfo": _record_info,
}
