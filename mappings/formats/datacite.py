"""DataCite kernel 3 and 4, which describes data, software and texts that are on line.

https://datacite-metadata-schema.readthedocs.io/en/4.5/
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml.etree import _Element as Element
from msgspec import structs

from mappings.access_words import coded, waits
from mappings.formats.described import Described, Gathering, embargo
from mappings.formats.ead.text import inline
from mappings.formats.markup import part, without_tags, written
from mappings.identifiers import typed
from mappings.record import AgentType, Name, clean

_NAME_TYPES: dict[str, AgentType] = {"Personal": "person", "Organizational": "organisation"}


def described(resource: Element) -> Described:
    """What a ``resource`` says. It is digital unless its general type is a physical object."""
    found = Gathering()
    kind = _resource_type(resource, found)
    found.kind = "physical" if kind == "PhysicalObject" else "digital"
    for rule in (_titles, _agents, _publisher, _subjects, _dates, _measures, _descriptions, _places, _rights, _related):
        rule(resource, found)
    _identifiers(resource, found)
    return found.done()


def _each(resource: Element, group: str, name: str) -> Iterator[tuple[Element, str]]:
    """(element, text) of the members of a group that have text."""
    for element in resource.iterfind(f"{{*}}{group}/{{*}}{name}"):
        text = inline(element)
        if text is not None:
            yield element, text


def _resource_type(resource: Element, found: Gathering) -> str | None:
    """10 ResourceType: the free words and the general type."""
    element = resource.find("{*}resourceType")
    if element is None:
        return None
    general = clean(element.get("resourceTypeGeneral"))
    found.format(general)
    found.format(inline(element))
    return general


def _titles(resource: Element, found: Gathering) -> None:
    """3 Title: one without a type is the title, the others follow it."""
    listed = list(_each(resource, "titles", "title"))
    for _, text in sorted(listed, key=lambda pair: pair[0].get("titleType") is not None):
        found.titles.append(text)


def _agents(resource: Element, found: Gathering) -> None:
    """2 Creator and 7 Contributor, with their identifiers; affiliations are a note."""
    for group, tag in (("creators", "creator"), ("contributors", "contributor")):
        for element in resource.iterfind(f"{{*}}{group}/{{*}}{tag}"):
            named = element.find(f"{{*}}{tag}Name")
            text = inline(named) if named is not None else None
            if named is None or text is None:
                continue
            kind = _NAME_TYPES.get(named.get("nameType") or "", "name")
            relator = clean(element.get("contributorType"))
            found.name(Name(text, kind, "creator" if tag == "creator" else "name", relator, _authority(element)))
            for affiliation in element.iterfind("{*}affiliation"):
                if (body := inline(affiliation)) is not None:
                    found.note("affiliations", body, text)


def _authority(element: Element) -> str | None:
    """2.4 nameIdentifier: an address as it is, another within its scheme."""
    identifier = element.find("{*}nameIdentifier")
    text = inline(identifier) if identifier is not None else None
    if identifier is None or text is None or text.startswith("http"):
        return text
    scheme = clean(identifier.get("nameIdentifierScheme"))
    return f"({scheme}){text}" if scheme else text


def _publisher(resource: Element, found: Gathering) -> None:
    """4 Publisher."""
    text = part(resource, "publisher")
    if text is not None:
        found.name(Name(text, "organisation", "name", "publisher"))


def _subjects(resource: Element, found: Gathering) -> None:
    """6 Subject, with the address of the concept."""
    for element, text in _each(resource, "subjects", "subject"):
        found.name(Name(text, "subject", "subject", None, clean(element.get("valueURI"))))


# 8 dateType by rank: when it was made, else when it was published
_RANKS = {"Created": 0, "Collected": 0, "Issued": 1, "Copyrighted": 2}


def _dates(resource: Element, found: Gathering) -> None:
    """8 Date and 5 PublicationYear; dates of the record's own life are a note, a day of availability too."""
    for element, text in _each(resource, "dates", "date"):
        kind = clean(element.get("dateType"))
        if kind in _RANKS:
            found.date(_RANKS[kind], text)
        else:
            found.note("other_dates", text, kind.lower() if kind else None)
    found.date(3, part(resource, "publicationYear"))


def _measures(resource: Element, found: Gathering) -> None:
    """13 Size, 14 Format, 15 Version, 9 Language. A bare number of size is bytes of a file, which is no extent."""
    for _, text in _each(resource, "sizes", "size"):
        if not text.isdigit():
            found.extent(text)
    for _, text in _each(resource, "formats", "format"):
        found.note("carrier", text)
    found.note("edition", part(resource, "version"))
    found.language(part(resource, "language"))


_DESCRIPTIONS = {"Abstract": "abstract", "TableOfContents": "contents", "Methods": "processing"}


def _descriptions(resource: Element, found: Gathering) -> None:
    """17 Description by its type; HTML in it is text."""
    for element, text in _each(resource, "descriptions", "description"):
        kind = element.get("descriptionType") or ""
        found.note(_DESCRIPTIONS.get(kind, "scope_and_content" if not kind else "note"), without_tags(text))


def _places(resource: Element, found: Gathering) -> None:
    """18 GeoLocation: places by name; points and boxes as coordinates."""
    for _, text in _each(resource, "geoLocations/{*}geoLocation", "geoLocationPlace"):
        found.name(Name(text, "place", "subject"))
    for shape in ("geoLocationPoint", "geoLocationBox"):
        for element in resource.iterfind(f"{{*}}geoLocations/{{*}}geoLocation/{{*}}{shape}"):
            found.note("coordinates", written(element))


def _rights(resource: Element, found: Gathering) -> None:
    """16 Rights: info:eu-repo says access, licences what may be done. An embargo ends at the date ``Available``."""
    for element, text in _each(resource, "rightsList", "rights"):
        address = clean(element.get("rightsURI")) or ""
        known = coded(address)
        if known is not None and waits(known):
            found.restrict(embargo(_available(resource)) or structs.replace(known, reason=text))
            found.note("access_conditions", text)
        elif known is not None:
            found.restrict(structs.replace(known, reason=text))
            found.note("access_conditions", text)
        elif found.access(text) or address.startswith("info:eu-repo"):
            found.note("access_conditions", text)
        else:
            found.copying(text)
            found.copying(address)
            found.note("reproduction_conditions", text)
            found.note("reproduction_conditions", address or None)


def _available(resource: Element) -> str | None:
    return next(
        (text for element, text in _each(resource, "dates", "date") if element.get("dateType") == "Available"), None
    )


def _related(resource: Element, found: Gathering) -> None:
    """12 RelatedIdentifier and 19 FundingReference, in words."""
    for element, text in _each(resource, "relatedIdentifiers", "relatedIdentifier"):
        found.note("related_material", text, clean(element.get("relationType")))
    for element in resource.iterfind("{*}fundingReferences/{*}fundingReference"):
        found.note("sponsorship", ", ".join(filter(None, map(inline, element))) or None)


def _identifiers(resource: Element, found: Gathering) -> None:
    """1 Identifier, whose resolver is the address of the object, and 11 AlternateIdentifier."""
    element = resource.find("{*}identifier")
    text = inline(element) if element is not None else None
    if element is not None and text is not None:
        kind = (element.get("identifierType") or "").casefold()
        identifier = typed(text, kind)
        found.identifier(text, kind or None)
        if identifier is not None and identifier.type in ("doi", "handle") and found.kind == "digital":
            host = "doi.org" if identifier.type == "doi" else "hdl.handle.net"
            found.copy(f"https://{host}/{identifier.value}")
    for other, value in _each(resource, "alternateIdentifiers", "alternateIdentifier"):
        kind = (other.get("alternateIdentifierType") or "other").casefold()
        found.identifier(value, kind)
