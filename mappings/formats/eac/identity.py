"""ISAAR(CPF) 5.1 identity area: type, authorised, parallel and other forms of the name; dates of existence (5.2.1)."""

from __future__ import annotations

from collections.abc import Iterator

from lxml.etree import _Element as Element
from msgspec import Struct

from mappings.dates import parse
from mappings.formats.ead.text import inline
from mappings.formats.xml import LOCAL
from mappings.languages import code_of
from mappings.record import AgentType, Dates, Variant, clean

_TYPES: dict[str, AgentType] = {"person": "person", "corporatebody": "organisation", "family": "family"}
_XML_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


class Names(Struct, frozen=True):
    """The heading of a record (None when no name is given), further authorised forms, and all others."""

    title: str | None
    headings: tuple[str, ...]
    variants: tuple[Variant, ...]


def entity_type(identities: list[Element]) -> AgentType:
    """``entityType``, its text (1.x) or `@value` (2.0); a name of no stated kind otherwise.

    https://eac.staatsbibliothek-berlin.de/schema/taglibrary/cpfTagLibrary2019_EN.html#entityType
    """
    for identity in identities:
        for element in identity.iterdescendants("{*}entityType"):
            stated = (element.get("value") or inline(element) or "").casefold()
            if stated in _TYPES:
                return _TYPES[stated]
    return "name"


def names(identities: list[Element]) -> Names:
    """``nameEntry``: the first authorised form, or the first of all, is the heading; those of further identities of the
    same entity (``multipleIdentities``) stand beside it.
    """
    entries = [entry for identity in identities for entry in identity.iterdescendants("{*}nameEntry")]
    written = [(entry, text) for entry in entries if (text := _text(entry)) is not None]
    ranked = sorted(written, key=lambda pair: _rank(pair[0]))
    if not ranked:
        return Names(None, (), ())
    title = ranked[0][1]
    headings = dict.fromkeys(text for entry, text in written if _rank(entry) < 2 and text != title)
    variants = [_variant(entry, text) for entry, text in written if text != title and text not in headings]
    return Names(title, tuple(headings), tuple(dict.fromkeys(variants)))


def _rank(entry: Element) -> int:
    """0 preferred, 1 authorised by some rules, 2 neither."""
    children = {LOCAL[child.tag] for child in entry}
    if "preferredForm" in children or entry.get("preferredForm") == "true":
        return 0
    return 1 if "authorizedForm" in children or entry.get("status") == "authorized" else 2


def _text(entry: Element) -> str | None:
    """The ``part`` elements in order; where they bring no punctuation of their own, commas between them."""
    parts = [text for part in entry.iterchildren("{*}part") if (text := inline(part)) is not None]
    if not parts:
        return None
    joined = parts[0]
    for part in parts[1:]:
        joined += " " + part if joined[-1] in ",.;:(" or part[0] in "(," else ", " + part
    return joined.rstrip(" ,;")


def _variant(entry: Element, text: str) -> Variant:
    return Variant(text, _kind(entry), language_of(entry))


def _kind(entry: Element) -> str | None:
    """`@localType`, whether it is a parallel form, and the ``useDates``; addresses say nothing to a reader."""
    parent = entry.getparent()
    parallel = parent is not None and LOCAL[parent.tag] in ("nameEntryParallel", "nameEntrySet")
    stated = clean(entry.get("localType"))
    pieces = [stated if stated and "/" not in stated else None, "parallel" if parallel else None]
    used = entry.find("{*}useDates")
    when = dates(used) if used is not None else None
    pieces.append(when.text if when is not None else None)
    return ", ".join(piece for piece in pieces if piece) or None


def language_of(element: Element) -> str | None:
    """The language of an element or of its first part that says one."""
    for holder in (element, *element.iterchildren("{*}part")):
        stated = holder.get(_XML_LANGUAGE) or holder.get("languageOfElement")
        if stated:
            return code_of(stated)
    return None


def dates(holder: Element) -> Dates | None:
    """``date``, ``dateRange``, ``dateSet``: text as written, years of `@standardDate`, `@notBefore`, `@notAfter`.

    A range without an end is open. https://eac.staatsbibliothek-berlin.de/schema/taglibrary/cpfTagLibrary2019_EN.html#dateRange
    """
    found = list(_dates(holder))
    if not found:
        return None
    starts = [date.start for date in found if date.start is not None]
    open_end = any(date.end is None and date.start is not None for date in found)
    ends = [date.end for date in found if date.end is not None]
    text = "; ".join(dict.fromkeys(date.text for date in found))
    return Dates(text, min(starts, default=None), None if open_end else max(ends, default=None))


def _dates(holder: Element) -> Iterator[Dates]:
    for element in holder.iterdescendants():
        name = LOCAL[element.tag]
        if name == "date" and (one := _single(element)) is not None:
            yield one
        elif name == "dateRange":
            first, last = (_single(end) if (end := element.find(f"{{*}}{part}")) is not None else None
                           for part in ("fromDate", "toDate"))  # fmt: skip
            if first is not None or last is not None:
                ends = first.text if first else "", last.text if last else ""
                text = (" - " if any(" " in end for end in ends) else "-").join(ends).strip()
                yield Dates(text, first.start if first else None, last.end if last else None)


def _single(element: Element) -> Dates | None:
    bounds = [value for key in ("standardDate", "notBefore", "notAfter") if (value := element.get(key))]
    text = inline(element) or clean("/".join(bounds))
    if text is None:
        return None
    spans = [parse(value) for value in bounds] or [parse(text)]
    starts = [start for start, _ in spans if start is not None]
    ends = [end for _, end in spans if end is not None]
    return Dates(text, min(starts, default=None), max(ends, default=None))
