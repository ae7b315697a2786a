"""Notes of any kind, filed under their ISAD(G) element."""

from __future__ import annotations

from lxml.etree import _Element as Element

from mappings.formats.ead.stream import Parts
from mappings.formats.ead.text import paragraphs

# EAD element -> ISAD(G) element, after the crosswalk of the EAD3 tag library (appendix A)
NOTES = {
    "abstract": "abstract",
    "scopecontent": "scope_and_content",
    "bioghist": "administrative_history",
    "custodhist": "custodial_history",
    "acqinfo": "acquisition",
    "appraisal": "appraisal",
    "accruals": "accruals",
    "arrangement": "arrangement",
    "fileplan": "arrangement",
    "accessrestrict": "access_conditions",
    "legalstatus": "access_conditions",
    "userestrict": "reproduction_conditions",
    "langmaterial": "language_note",
    "phystech": "physical_characteristics",
    "materialspec": "physical_characteristics",
    "otherfindaid": "finding_aids",
    "originalsloc": "originals",
    "altformavail": "copies_note",
    "relatedmaterial": "related_material",
    "separatedmaterial": "separated_material",
    "bibliography": "publication_note",
    "odd": "note",
    "note": "note",
    "didnote": "note",
    "index": "note",
    "relations": "note",
    "p": "note",
    "list": "note",
    "chronlist": "note",
    "address": "note",
    "blockquote": "note",
    "table": "note",
    "prefercite": "preferred_citation",
    "processinfo": "processing",
}

# Elements that become fields of their own, and headings
_FIELDS = frozenset(
    {
        "unittitle",
        "unitid",
        "unitdate",
        "unitdatestructured",
        "dateset",
        "physdesc",
        "physdescstructured",
        "physdescset",
    }
    | {"container", "physloc", "dao", "daogrp", "daoset", "origination", "controlaccess", "repository", "head", "thead"}
    | {"runner"}
)


def description(parts: Parts) -> dict[str, str]:
    """All notes for everyone, several of one kind one below the other; elements nobody knows under their own name."""
    found: dict[str, str] = {}
    for name, elements in parts.items():
        if name not in _FIELDS:
            for element in elements:
                _add(found, NOTES.get(name, name), paragraphs(element))
    return found


def staff_notes(staff: list[tuple[str, Element]]) -> dict[str, str]:
    """Whatever is of an internal audience, under its ISAD(G) element or its own name."""
    found: dict[str, str] = {}
    for name, element in staff:
        _add(found, NOTES.get(name, name), paragraphs(element) or " ".join(element.attrib.values()) or None)
    return found


def _add(found: dict[str, str], key: str, text: str | None) -> None:
    if text is not None:
        found[key] = f"{found[key]}\n{text}" if key in found else text
