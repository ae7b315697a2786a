"""Text of EAD elements: local names whatever the namespace, inline text, and notes as paragraphs.

EAD 2002 tag library: https://www.loc.gov/ead/tglib/  EAD3: https://www.loc.gov/ead/EAD3taglib/
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml.etree import _Element as Element

from mappings.formats.xml import LOCAL
from mappings.record import clean

COMPONENTS = frozenset({"archdesc", "c", *(f"c{number:02d}" for number in range(1, 13))})
_BLOCK_NAMES = """
p item defitem label head head01 head02 chronitem chronlist list deflist event eventgrp row table tgroup thead tbody
entry listhead address addressline bibref bibliography blockquote quote index indexentry note didnote descriptivenote
daodesc fileplan legalstatus scopecontent bioghist custodhist acqinfo arrangement accessrestrict userestrict odd
processinfo relatedmaterial separatedmaterial altformavail originalsloc phystech otherfindaid chronitemset
"""
_BLOCKS = frozenset(_BLOCK_NAMES.split())


def inline(element: Element) -> str | None:
    """All character data below an element on one line."""
    if not len(element):
        return clean(element.text)
    return clean("".join(_pieces(element)))


def _pieces(element: Element) -> Iterator[str]:
    if element.text:
        yield element.text
    for child in element:
        name = LOCAL[child.tag]
        if name == "lb" or name in _BLOCKS:
            yield " "
        if name:
            yield from _pieces(child)
        if child.tail:
            yield child.tail


def paragraphs(element: Element) -> str | None:
    """A note without its heading, one line a paragraph."""
    lines: list[str] = []
    _collect(element, lines, top=True)
    return "\n".join(lines) or None


def _collect(element: Element, lines: list[str], top: bool = False) -> None:
    run = [element.text or ""]
    for child in element:
        name = LOCAL[child.tag]
        if top and name == "head":
            run.append(" ")
        elif name in _BLOCKS:
            _flush(run, lines)
            _collect(child, lines)
        else:
            run.append(" " if name == "lb" else "".join(_pieces(child)) if name else "")
        if child.tail:
            run.append(child.tail)
    _flush(run, lines)


def _flush(run: list[str], lines: list[str]) -> None:
    line = clean("".join(run))
    if line:
        lines.append(line)
    run.clear()


def attribute(element: Element, name: str) -> str | None:
    """An attribute by local name, in the XLink namespace, another, or none (undeclared prefixes included)."""
    found = element.get(name)
    if found is None:
        for key, value in element.attrib.items():
            if LOCAL[key] == name:
                found = value
                break
    return clean(found)
