"""ALTO 2, 3 and 4, in any namespace or none: pages, lines and words with their boxes.

https://www.loc.gov/standards/alto/  Boxes stay in the file's unit of measurement (pixel, mm10, inch1200); `Page.width`
and `height` are in the same unit, so a viewer scales both to the image it shows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import ClassVar

from lxml.etree import _Element as Element

from mappings.formats.page_text import Lines, PageTextMapping, page_of, rest_of
from mappings.formats.page_text import number_of as _number
from mappings.formats.volume import PageFile
from mappings.formats.xml import LOCAL, parse
from mappings.languages import code_of
from mappings.record import Divided, Page, Word, clean


class AltoMapping(PageTextMapping):
    """Mapping ``alto``."""

    format_name: ClassVar[str] = "ALTO"
    suffixes: ClassVar[tuple[str, ...]] = (".xml", ".alto")

    def read(self, payload: bytes) -> PageFile:
        """The pages of one ALTO file; `pages` is None when it is another format."""
        root, problem = parse(payload)
        if root is None:
            return PageFile([], problem)
        if LOCAL[root.tag].lower() != "alto":
            return PageFile(None, problem)
        return PageFile([_page(element) for element in root.iter("{*}Page")], problem)


def _page(element: Element) -> Page:
    """A ``Page``: its text blocks in the order of the file, composed blocks opened."""
    lines, divided = _rejoined(element.iter("{*}TextLine"))
    width, height = _size(element)
    label = clean(element.get("PRINTED_IMG_NR"))
    return page_of(lines, label, width, height, _language(element), divided)


def _rejoined(elements: Iterable[Element]) -> tuple[Lines, list[Divided]]:
    """Lines of words; a word divided at a line end stands whole in its first line, in the box of its first part, and
    where the next ``String`` is its rest, that is told apart.
    """
    lines: Lines = []
    divided: list[Divided] = []
    begun: tuple[str, int] | None = None
    for element in elements:
        line: list[Word] = []
        for string in element.iterchildren("{*}String"):
            whole, part = clean(string.get("SUBS_CONTENT")), string.get("SUBS_TYPE")
            content = clean(string.get("CONTENT"))
            if whole and part == "HypPart2":
                if begun and begun[0] == whole and lines and not line:
                    divided.append(rest_of(len(lines) - 1, begun[1], _word(string, element, whole)))
                begun = None
                continue
            begun = (whole, _length(content, whole)) if whole and part == "HypPart1" else None
            if text := (whole if begun else None) or content:
                line.append(_word(string, element, text))
        if line:
            lines.append(tuple(line))
    return lines, divided


def _length(part: str | None, whole: str) -> int:
    """How many characters of a divided word its first part has: its hyphen may stand with it."""
    same = [first == second for first, second in zip(part or "", whole, strict=False)]
    return same.index(False) if False in same else len(same)


def _word(string: Element, line: Element, text: str) -> Word:
    """A ``String``; without a place of its own it has that of its line."""
    holder = string if string.get("HPOS") is not None else line
    x, y, width, height = (_number(holder.get(key)) or 0.0 for key in ("HPOS", "VPOS", "WIDTH", "HEIGHT"))
    return Word(text, x, y, width, height, _share(string.get("WC")))


def _size(page: Element) -> tuple[float | None, float | None]:
    """The size of the page, else that of its print space."""
    spaces = (page, *page.iterchildren("{*}PrintSpace"))
    for holder in spaces:
        width, height = _number(holder.get("WIDTH")), _number(holder.get("HEIGHT"))
        if width and height:
            return width, height
    return None, None


def _language(page: Element) -> str | None:
    """The language most blocks and lines are in."""
    stated = Counter(
        code
        for element in page.iter("{*}Page", "{*}TextBlock", "{*}TextLine", "{*}String")
        if (value := element.get("LANG") or element.get("language")) and (code := code_of(value))
    )
    return stated.most_common(1)[0][0] if stated else None


def _share(value: str | None) -> float | None:
    number = _number(value)
    return number if number is not None and 0 <= number <= 1 else None
