"""The pages and the parts of a METS: ``structMap``, ``structLink``.

https://www.loc.gov/standards/mets/METSOverview.v2.html#structmap  Physical maps order the pages; logical ones say what
the parts are called; ``smLink`` says at which page a part begins.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml.etree import _Element as Element

from mappings.formats.page_text import number_of
from mappings.record import clean

_XLINK = "{http://www.w3.org/1999/xlink}"
MOST_PARTS = 500
"""Parts told in a table of contents."""


def page_divs(mets: Element) -> list[Element]:
    """The ``div`` of each page in order: those of TYPE page, else the innermost with files of their own.

    A METS without a physical map is ordered by the map it has.
    """
    maps = [entry for entry in mets.iter("{*}structMap") if (entry.get("TYPE") or "").lower().startswith("phys")]
    for source in (maps, list(mets.iter("{*}structMap"))):
        divs = [div for entry in source[:1] for div in entry.iter("{*}div")]
        pages = [div for div in divs if (div.get("TYPE") or "").lower() == "page"] or [
            div for div in divs if file_ids(div) and not any(file_ids(inner) for inner in div.iterchildren("{*}div"))
        ]
        if pages:
            return _ordered(pages)
    return []


def _ordered(pages: list[Element]) -> list[Element]:
    """By ``ORDER`` where all pages of one parent have it, else as they stand."""
    orders = [number_of(page.get("ORDER")) for page in pages]
    if len({page.getparent() for page in pages}) > 1 or any(order is None for order in orders):
        return pages
    return sorted(pages, key=lambda page: number_of(page.get("ORDER")) or 0.0)


def file_ids(div: Element) -> list[str]:
    """The files of a ``div`` itself, those within ``par``, ``seq`` and ``area`` too."""
    pointers = (entry for pointer in div.iterchildren("{*}fptr") for entry in pointer.iter("{*}fptr", "{*}area"))
    return list(dict.fromkeys(key for entry in pointers if (key := entry.get("FILEID"))))


def page_label(div: Element) -> str | None:
    """``ORDERLABEL``, else ``LABEL``; " - " and "uncounted" say that nothing is printed."""
    for key in ("ORDERLABEL", "LABEL"):
        text = clean(div.get(key))
        if text and any(char.isalnum() for char in text) and text.lower() not in ("uncounted", "unnumbered"):
            return text[:100]
    return None


def logical_divs(mets: Element) -> list[Element]:
    """All parts of the logical map, the whole first."""
    for entry in mets.iter("{*}structMap"):
        if (entry.get("TYPE") or "").lower().startswith("logic"):
            return list(entry.iter("{*}div"))
    return []


def physical_root(mets: Element) -> Element | None:
    """The ``div`` of the whole physical thing."""
    for entry in mets.iter("{*}structMap"):
        if (entry.get("TYPE") or "").lower().startswith("phys"):
            return next(entry.iterchildren("{*}div"), None)
    return None


def described_by(div: Element | None) -> list[str]:
    """The ids of the descriptions of a ``div``; DSpace names them in ``ADMID``."""
    return [] if div is None else f"{div.get('DMDID') or ''} {div.get('ADMID') or ''}".split()


def first_pages(mets: Element) -> dict[str, str]:
    """The id of the first page of each part."""
    found: dict[str, str] = {}
    for link in mets.iter("{*}smLink"):
        start, end = link.get(f"{_XLINK}from"), link.get(f"{_XLINK}to")
        if start and end:
            found.setdefault(start, end)
    return found


def parts(mets: Element, titles: dict[str, str]) -> Iterator[tuple[str, str | None]]:
    """(title, id of its first page) of each part below the whole; `titles` are those of the descriptions by id."""
    starts = first_pages(mets)
    for div in logical_divs(mets)[1:]:
        said = next((titles[key] for key in described_by(div) if key in titles), None)
        if title := said or clean(div.get("LABEL")):
            yield title, starts.get(div.get("ID") or "")
