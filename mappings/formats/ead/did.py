"""Identification: title, codes, level, dates, extent, languages, holder. One short function per field, its rule on
top.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml.etree import _Element as Element

from mappings.dates import dated, joined
from mappings.formats.ead.stream import Parts
from mappings.formats.ead.text import attribute, inline
from mappings.formats.xml import LOCAL
from mappings.identifiers import typed
from mappings.languages import code_of, codes_of
from mappings.record import Dates, Identifier, clean

_MEASURES = frozenset({"quantity", "unittype", "physfacet", "dimensions"})
_OTHER_DATES = frozenset({"digitized", "deaccession", "captured", "modified", "publication", "copyright"})


def title(parts: Parts) -> str | None:
    """The first `unittitle` with text, mixed content on one line.

    https://www.loc.gov/ead/EAD3taglib/EAD3.html#elem-unittitle
    """
    for element in parts.get("unittitle", ()):
        text = inline(element)
        if text:
            return text
    return None


def supplied_title(when: Dates | None, above: str | None) -> str:
    """A title for a unit without one: its date, else the title of the unit above (ISAD(G) 3.1.2)."""
    if when is not None:
        return when.text
    return f"{above}, untitled" if above else "untitled"


def level(element: Element) -> str | None:
    """`@level`, or `@otherlevel` when that says so.

    https://www.loc.gov/ead/EAD3taglib/EAD3.html#attr-level
    """
    stated = element.get("level")
    if stated == "otherlevel":
        stated = element.get("otherlevel")
        return None if stated == "unspecified" else clean(stated)
    return clean(stated) if stated else None


def codes(parts: Parts) -> tuple[str | None, list[Identifier], list[str]]:
    """`unitid`: (reference code, typed identifiers, other numbers with their type).

    The first that is neither typed nor a system's own address is the reference code (ISAD(G) 3.1.1).
    https://www.loc.gov/ead/EAD3taglib/EAD3.html#elem-unitid
    """
    code, identifiers, others = None, [], []
    for element in parts.get("unitid", ()):
        text = inline(element)
        if text is None:
            continue
        kind = element.get("type") or element.get("localtype")
        identifier = typed(text, kind) if kind is not None or ":" in text or "/" in text else None
        if identifier is not None:
            identifiers.append(identifier)
        elif code is None:
            code = text
        else:
            others.append(f"{kind}: {text}" if kind else text)
    return code, identifiers, others


def dates(parts: Parts) -> Dates | None:
    """`unitdate`, `unitdatestructured`, `dateset`: text as written; years of `@normal` or `@standarddate`, else of the
    text.

    Dates of digitisation, copyright and the like are told apart and count only when there is no other. Bulk dates lie
    within the inclusive ones. https://www.loc.gov/ead/EAD3taglib/EAD3.html#elem-unitdate
    """
    found = [_one_date(element) for element in parts.get("unitdate", ())]
    for name in ("unitdatestructured", "dateset"):
        if name in parts:
            found += [_structured(element) for element in parts[name]]
    if len(found) == 1 and found[0] is not None:
        return found[0][1]
    return _joined([pair for pair in found if pair is not None])


def _joined(found: list[tuple[bool, Dates]]) -> Dates | None:
    if not found:
        return None
    main = [date for creation, date in found if creation] or [date for _, date in found]
    return joined("; ".join(dict.fromkeys(date.text for date in main)), main)


def _one_date(element: Element) -> tuple[bool, Dates] | None:
    text = inline(element)
    normal = element.get("normal")
    if text is None:
        if not normal:
            return None
        text = clean(normal) or "undated"
    found = dated(normal) if normal else None
    if found is None or (found.start is None and found.end is None):
        found = dated(text)
    if element.get("type") == "bulk" and "bulk" not in text.casefold():
        text = f"bulk {text}"
    return element.get("datechar") not in _OTHER_DATES, Dates(
        text, found.start, found.end, found.earliest, found.latest
    )


def _structured(element: Element) -> tuple[bool, Dates] | None:
    """Ranges and single dates below an element, in order; a range is joined as cataloguers write it."""
    texts: list[str] = []
    found: list[Dates] = []
    for inner in element.iterdescendants():
        name = LOCAL[inner.tag]
        if name not in ("datesingle", "fromdate", "todate"):
            continue
        bounds = [value for key in ("standarddate", "notbefore", "notafter") if (value := inner.get(key))]
        text = inline(inner) or clean("/".join(bounds))
        if text is None:
            continue
        if name == "todate" and texts:
            texts[-1] += f"-{text}"
        else:
            texts.append(text)
        found += [dated(value) for value in bounds or [text]]
    if not texts:
        return None
    return True, joined("; ".join(texts), found)


def extent(parts: Parts) -> str | None:
    """`physdesc` and `physdescstructured`: quantity and medium (ISAD(G) 3.1.5), the parts of one statement set off by
    commas.

    https://www.loc.gov/ead/EAD3taglib/EAD3.html#elem-physdescstructured
    """
    texts = [text for element in parts.get("physdesc", ()) if (text := _physdesc(element))]
    for name in ("physdescstructured", "physdescset"):
        texts += [text for element in parts.get(name, ()) for text in _quantities(element)]
    return "; ".join(dict.fromkeys(texts)) or None


def _quantities(element: Element) -> Iterator[str]:
    """Each quantity with its unit, facet and dimensions; what is told besides is a note."""
    for statement in element.iter("{*}physdescstructured"):
        texts = [inline(part) for part in statement if LOCAL[part.tag] in _MEASURES]
        if text := " ".join(text for text in texts if text):
            yield text


def _physdesc(element: Element) -> str | None:
    pieces = [clean(element.text)]
    for child in element:
        pieces += [inline(child), clean(child.tail)]
    return ", ".join(piece for piece in pieces if piece) or None


def _spaced(element: Element) -> Element:
    for inner in element.iterdescendants():
        inner.tail = f" {inner.tail or ''}"
    return element


def languages(parts: Parts) -> tuple[str, ...]:
    """`langmaterial`, `languageset`: codes as stated, else the languages its words name and nothing besides.

    https://www.loc.gov/ead/EAD3taglib/EAD3.html#elem-langmaterial
    """
    found: list[str] = []
    for element in parts.get("langmaterial", ()):
        stated = [code for inner in element.iterdescendants("{*}language") if (code := _language(inner))]
        found += stated or codes_of(inline(element) or "")
    return tuple(dict.fromkeys(found))


def _language(element: Element) -> str | None:
    return code_of(element.get("langcode") or inline(element) or "")


def holder(parts: Parts) -> str | None:
    """`repository`: the body that holds the material, its address left out.

    https://www.loc.gov/ead/EAD3taglib/EAD3.html#elem-repository
    """
    for element in parts.get("repository", ()):
        for inner in element:
            if LOCAL[inner.tag] in ("corpname", "name") and (name := inline(_spaced(inner))):
                return name
        text = clean(element.text) or inline(element)
        if text:
            return text
    return None


def link_of(element: Element) -> str | None:
    """The address a `dao`, `daoloc` or `extref` points to."""
    return attribute(element, "href")
