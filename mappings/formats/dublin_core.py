"""Dublin Core: oai_dc, qualified DC and DCMI terms, DSpace DIM; DataCite stands beside it in `datacite`.

All forms become one list of terms, an element with its refinement, and each term has its rule.
https://www.dublincore.org/specifications/dublin-core/dcmi-terms/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import ClassVar

from lxml.etree import _Element as Element
from msgspec import Struct

from mappings.access_statements import copying
from mappings.base import Outcome
from mappings.dates import parse
from mappings.formats import datacite
from mappings.formats.described import Described, Gathering, embargo, file_address
from mappings.formats.ead.text import inline
from mappings.formats.harvest import HarvestMapping, Place
from mappings.formats.xml import LOCAL
from mappings.record import Name, clean

_XML_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_ELEMENT_NAMES = """
title creator subject description publisher contributor date type format identifier source language relation coverage
rights
"""
_ELEMENTS = frozenset(_ELEMENT_NAMES.split())
# DCMI terms by the element they refine (https://www.dublincore.org/specifications/dublin-core/dcmi-terms/, section 3)
_REFINEMENTS = {
    "alternative": "title",
    **dict.fromkeys(("created", "issued", "available", "valid", "modified", "copyrighted"), "date"),
    **dict.fromkeys(("dateaccepted", "datecopyrighted", "datesubmitted"), "date"),
    **dict.fromkeys(("abstract", "tableofcontents"), "description"),
    **dict.fromkeys(("extent", "medium"), "format"),
    **dict.fromkeys(("spatial", "temporal"), "coverage"),
    **dict.fromkeys(("accessrights", "license", "rightsholder"), "rights"),
    "bibliographiccitation": "identifier",
    **dict.fromkeys(("haspart", "ispartof", "hasformat", "isformatof", "hasversion", "isversionof"), "relation"),
    **dict.fromkeys(
        ("references", "isreferencedby", "replaces", "isreplacedby", "requires", "isrequiredby"), "relation"
    ),
    "conformsto": "relation",
    "provenance": "provenance",
    "accrualmethod": "accruals",
    "audience": "audience",
}


class Term(Struct, frozen=True):
    """One statement: the element of the fifteen, its refinement or None, the text, and what stands in attributes."""

    element: str
    refinement: str | None
    text: str
    language: str | None = None
    authority: str | None = None


class DublinCoreMapping(HarvestMapping):
    """Mapping ``dc``: Dublin Core in its XML forms, DSpace DIM, DataCite; alone or in OAI-PMH responses."""

    format_name: ClassVar[str] = "Dublin Core"
    wanted: ClassVar[frozenset[str]] = frozenset({"dc", "dcterms", "qualifieddc", "simpledc", "dim", "resource"})

    def describes(self, element: Element) -> bool:
        return any(True for _ in terms(element))

    def outcome(self, element: Element, place: Place) -> Outcome:
        """The record; its id is that of the OAI header, else the file and its number."""
        return described(element).record(place.source_id(None), place.path, place.number - 1, self._options.holder)


def described(element: Element) -> Described:
    """What an element says whose children are Dublin Core terms or DIM fields, or a DataCite ``resource``."""
    if LOCAL[element.tag] == "resource":
        return datacite.described(element)
    found = Gathering()
    listed = list(terms(element))
    for term in sorted(listed, key=lambda term: term.element == "title" and _romanised(term)):
        _RULES.get(term.element, _other)(term, found)
    digital(found, [term.text for term in listed if term.element == "format"], [term.text for term in listed])
    return found.done()


def digital(found: Gathering, formats: list[str], texts: list[str]) -> None:
    """A description that says media types describes files: its address, a handle say, is that of a digital copy."""
    if found.copies:
        found.kind = "digital"
    if not any(_MEDIA_TYPE.fullmatch(text) for text in formats):
        return
    found.kind = "digital"
    for address in texts:
        if address.startswith(("https://hdl.handle.net/", "http://hdl.handle.net/", "https://doi.org/")):
            found.copy(address)
            return


def terms(element: Element) -> Iterator[Term]:
    """The statements of an element, whatever the form; elements nobody knows keep their own names."""
    for child in element:
        name = LOCAL[child.tag]
        text = inline(child)
        if not name or text is None:
            continue
        language = clean(child.get(_XML_LANGUAGE) or child.get("lang"))
        if name == "field":
            stated, refinement = clean(child.get("element")), clean(child.get("qualifier"))
            if stated is not None:
                authority = clean(child.get("authority"))
                folded = refinement.casefold() if refinement else None
                yield Term(stated.casefold(), folded, text, language, authority)
        elif isinstance(child.tag, str) and _is_term(child.tag, name):
            folded = name.casefold()
            base = _REFINEMENTS.get(folded, folded)
            yield Term(base, None if base == folded else folded, text, language, child.get(_RESOURCE))


_RESOURCE = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}resource"


def _is_term(tag: str, name: str) -> bool:
    """Of a Dublin Core namespace, or with an undeclared prefix or none the name of one of its terms."""
    if tag.startswith("{"):
        return tag.startswith(("{http://purl.org/dc/", "{http://www.openarchives.org/OAI/2.0/oai_dc"))
    return name.casefold() in _ELEMENTS or name.casefold() in _REFINEMENTS


def _romanised(term: Term) -> bool:
    return term.refinement is not None or (term.language is not None and "-latn" in term.language.casefold())


def _title(term: Term, found: Gathering) -> None:
    """``title``: the first; in original script before a romanised one (xml:lang with -Latn), alternatives after it."""
    found.titles.append(term.text)


def _creator(term: Term, found: Gathering) -> None:
    """``creator``."""
    found.name(Name(term.text, "name", "creator", term.refinement, term.authority))


def _contributor(term: Term, found: Gathering) -> None:
    """``contributor``: DSpace's authors are creators, others took the part their qualifier says."""
    if term.refinement in ("author", "creator"):
        found.name(Name(term.text, "name", "creator", None, term.authority))
    else:
        found.name(Name(term.text, "name", "name", term.refinement, term.authority))


def _publisher(term: Term, found: Gathering) -> None:
    """``publisher``: a name that took part."""
    found.name(Name(term.text, "name", "name", "publisher", term.authority))


def _subject(term: Term, found: Gathering) -> None:
    """``subject``: headings; classification numbers are a note."""
    if term.refinement in ("ddc", "lcc", "classification", "udc"):
        found.note("classification", term.text, term.refinement)
    else:
        found.name(Name(term.text, "subject", "subject", None, term.authority))


_DESCRIPTIONS = {
    None: "scope_and_content",
    "": "scope_and_content",
    "abstract": "abstract",
    "tableofcontents": "contents",
    "sponsorship": "sponsorship",
    "statementofresponsibility": "note",
    "degree": "note",
}


def _description(term: Term, found: Gathering) -> None:
    """``description``: abstract and contents apart; DSpace's log of a deposit is for nobody, an embargo is access."""
    if term.refinement == "provenance":
        return
    if term.refinement == "embargo":
        closure = embargo(term.text)
        if closure is not None:
            found.restrict(closure)
        found.note("access_conditions", term.text, "embargo")
    else:
        known = _DESCRIPTIONS.get(term.refinement)
        found.note(known or "note", term.text, None if known else term.refinement)


# Rank of dates: when it was made, else when it was published; what systems note about themselves never counts
_DATES = {"created": 0, "issued": 1, None: 1, "published": 1, "datecopyrighted": 2, "copyrighted": 2, "copyright": 2}
_ADMINISTRATIVE = frozenset(
    {"accessioned", "available", "modified", "updated", "datesubmitted", "dateaccepted", "valid"}
)


def _date(term: Term, found: Gathering) -> None:
    """``date``: created before issued; a range may be written with two dashes."""
    if term.refinement in _ADMINISTRATIVE:
        found.note("other_dates", term.text, term.refinement)
        return
    text = term.text[:10] if _TIMESTAMP.fullmatch(term.text) else term.text
    found.date(_DATES.get(term.refinement, 3), text, text.replace(" -- ", "/"))


_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z?")
_PREFIX = re.compile(r"^(?:info:eu-repo/semantics/|doc-type:|http://purl\.org/dc/dcmitype/)")
_LEVELS = frozenset({"fonds", "collection", "subfonds", "recordgrp", "series", "subseries", "file", "item"})


def _type(term: Term, found: Gathering) -> None:
    """``type``: a form; the words of archival levels are the level (https://www.dublincore.org/specifications/
    dublin-core/dcmi-type-vocabulary/).
    """
    text = _PREFIX.sub("", term.text)
    if text.casefold() in _LEVELS and found.level is None:
        found.level = text.casefold()
    elif all(text.casefold() != known.casefold() for known in found.formats):
        found.format(text)


def _format(term: Term, found: Gathering) -> None:
    """``format``: extent where it says so or counts something; media types only tell that there are files."""
    if term.refinement == "medium":
        found.format(term.text)
    elif term.refinement == "extent" or (term.text[:1].isdigit() and not _MEDIA_TYPE.fullmatch(term.text)):
        found.extent(term.text)
    elif _MEDIA_TYPE.fullmatch(term.text):
        found.note("carrier", term.text)
    else:
        found.note("physical_characteristics", term.text)


_MEDIA_TYPE = re.compile(r"(?:text|image|audio|video|application|model|multipart)/[\w.+-]+")


def _identifier(term: Term, found: Gathering) -> None:
    """``identifier``: typed ones, a code, a citation; the address of a file is a copy."""
    if term.refinement in ("citation", "bibliographiccitation"):
        found.note("preferred_citation", term.text)
    elif file_address(term.text):
        found.copy(term.text)
    else:
        kind = term.refinement if term.refinement not in (None, "other", "none", "uri") else None
        found.identifier(term.text, kind)


def _source(term: Term, found: Gathering) -> None:
    """``source``: what it was derived from."""
    found.note("originals", term.text)


def _language(term: Term, found: Gathering) -> None:
    """``language``: codes, names, or a sentence."""
    found.language(term.text)


def _relation(term: Term, found: Gathering) -> None:
    """``relation``: a file it has as another format is a copy; what contains it, and all else, is related material."""
    if term.refinement in ("hasformat", "hasversion") and file_address(term.text):
        found.copy(term.text)
    else:
        found.note("related_material", term.text, _SAID.get(term.refinement or ""))


_SAID = {
    "ispartof": "part of",
    "ispartofseries": "part of series",
    "haspart": "has part",
    "isversionof": "version of",
    "isformatof": "another format of",
    "isreplacedby": "replaced by",
    "replaces": "replaces",
    "isreferencedby": "cited by",
    "references": "cites",
}


def _coverage(term: Term, found: Gathering) -> None:
    """``coverage``: a place, or a time; of the time it is about, which dates it only when nothing else does."""
    years = parse(term.text)
    temporal = term.refinement == "temporal" or (term.refinement is None and years != (None, None))
    if temporal:
        found.note("temporal_coverage", term.text)
        found.date(9, term.text)
    else:
        found.name(Name(term.text, "place", "subject", None, term.authority))


def _rights(term: Term, found: Gathering) -> None:
    """``rights``, ``accessRights``, ``license``: access where it is clear, else what may be done with it."""
    if term.refinement in ("rightsholder", "holder", "owner"):
        found.note("reproduction_conditions", term.text, "rights holder")
    elif copying(term.text) is not None:
        found.copying(term.text)
        found.note("reproduction_conditions", term.text)
    elif found.access(term.text) or term.refinement in ("accessrights", "access"):
        found.note("access_conditions", term.text)
    else:
        found.note("reproduction_conditions", term.text)


def _provenance(term: Term, found: Gathering) -> None:
    """``provenance`` (DCMI): changes of ownership and custody."""
    found.note("custodial_history", term.text)


def _accruals(term: Term, found: Gathering) -> None:
    """``accrualMethod``, ``accrualPolicy`` (DCMI)."""
    found.note("accruals", term.text)


def _other(term: Term, found: Gathering) -> None:
    """Whatever nobody foresaw stays under its own name."""
    found.note(f"{term.element}_{term.refinement}" if term.refinement else term.element, term.text)


_RULES: dict[str, Callable[[Term, Gathering], None]] = {
    "title": _title,
    "creator": _creator,
    "contributor": _contributor,
    "publisher": _publisher,
    "subject": _subject,
    "description": _description,
    "date": _date,
    "type": _type,
    "format": _format,
    "identifier": _identifier,
    "source": _source,
    "language": _language,
    "relation": _relation,
    "coverage": _coverage,
    "rights": _rights,
    "provenance": _provenance,
    "accruals": _accruals,
}
