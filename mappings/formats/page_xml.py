"""PAGE XML of all versions (2009 to 2019), in any namespace or none: pages, lines and words with their boxes.

https://github.com/PRImA-Research-Lab/PAGE-XML  Boxes are the smallest upright rectangles around ``Coords``, written as
``@points`` or, before 2013, as ``Point`` children; ``Baseline`` is no box and is not needed. Of several ``TextEquiv``
the one with the lowest ``@index`` counts.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import ClassVar

from lxml.etree import _Element as Element
from msgspec import structs

from mappings.formats.page_text import PageTextMapping, characters, line_text, number_of, page_of, recognised, rejoined
from mappings.formats.volume import PageFile
from mappings.formats.xml import LOCAL, parse
from mappings.languages import code_of
from mappings.record import Page, Word, clean

_POINT = re.compile(r"(-?[\d.]+),(-?[\d.]+)")
_REFERENCES = frozenset({"RegionRef", "RegionRefIndexed"})
_GROUPS = frozenset({"OrderedGroup", "UnorderedGroup", "OrderedGroupIndexed", "UnorderedGroupIndexed"})


class PageXmlMapping(PageTextMapping):
    """Mapping ``page``."""

    format_name: ClassVar[str] = "PAGE XML"
    suffixes: ClassVar[tuple[str, ...]] = (".xml", ".page")

    def read(self, payload: bytes) -> PageFile:
        """The pages of one PAGE file; `pages` is None when it is another format."""
        root, problem = parse(payload)
        if root is None:
            return PageFile([], problem)
        if LOCAL[root.tag].lower() != "pcgts":
            return PageFile(None, problem)
        return PageFile([_page(element) for element in root.iter("{*}Page")], problem)


def _page(element: Element) -> Page:
    """A ``Page``: its regions in reading order, each with its lines; ``imageFilename`` until the volume finds it."""
    regions = list(_regions(element))
    language = _language(element)
    lines, divided = rejoined((words for region in regions for words in _lines(region)), language)
    width, height = number_of(element.get("imageWidth")), number_of(element.get("imageHeight"))
    page = page_of(lines, _label(regions), width or None, height or None, language, divided)
    return structs.replace(page, image=clean(element.get("imageFilename")))


def _regions(page: Element) -> Iterator[Element]:
    """Text regions: those of ``ReadingOrder`` as it orders them, the others in the order of the file.

    A region within another one follows it, unless the reading order places it.
    """
    regions = list(page.iter("{*}TextRegion"))
    by_id = {region.get("id"): region for region in reversed(regions)}
    listed = list(dict.fromkeys(by_id[reference] for reference in _references(page) if reference in by_id))
    placed = set(listed)
    seen: set[Element] = set()
    for region in listed + regions:
        for inner in region.iter("{*}TextRegion") if region not in seen else ():
            if inner not in seen and (inner is region or inner not in placed):
                seen.add(inner)
                yield inner


def _references(page: Element) -> Iterator[str]:
    """The ids of ``ReadingOrder``, groups opened; a group's own region comes before what is in it."""
    waiting = [child for order in page.iterchildren("{*}ReadingOrder") for child in order][::-1]
    while waiting:
        entry = waiting.pop()
        name = LOCAL[entry.tag]
        if name in _REFERENCES | _GROUPS and (reference := entry.get("regionRef")):
            yield reference
        if name in _GROUPS:
            children = list(entry)
            if name.startswith("Ordered"):
                children.sort(key=lambda child: number_of(child.get("index")) or 0.0)
            waiting.extend(reversed(children))


def _lines(region: Element) -> Iterator[tuple[Word, ...]]:
    """The lines of a region; a region transcribed as a whole gives its lines without their places."""
    lines = list(region.iterchildren("{*}TextLine"))
    if any(_text(line) or next(line.iterchildren("{*}Word"), None) is not None for line in lines):
        yield from map(_words, lines)
        return
    for text in (_raw_text(region) or "").splitlines():
        if cleaned := clean(text):
            yield (_word(region, region, cleaned),)


def _words(line: Element) -> tuple[Word, ...]:
    """The words of a line; a line that has none is one word, or one for each character if it is Chinese."""
    found = [(word, text) for word in line.iterchildren("{*}Word") if (text := _text(word) or _glyphs(word))]
    whole = _text(line)
    if found:
        return _as_written([_word(word, line, text) for word, text in found], whole or "")
    return characters(_word(line, line, whole)) if whole else ()


def _as_written(words: list[Word], whole: str) -> tuple[Word, ...]:
    """Words that the text of the line writes together are one: ground truth has marks as words of their own.

    A line whose text says something else than its words is as its words say.
    """
    joined: list[Word] = []
    waiting = iter(words)
    for piece in whole.split():
        word = next(waiting, None)
        while word is not None and word.text != piece and piece.startswith(word.text):
            following = next(waiting, None)
            word = _joined(word, following) if following else None
        if word is None or word.text != piece:
            return tuple(words)
        joined.append(word)
    return tuple(joined) if joined and next(waiting, None) is None else tuple(words)


def _joined(first: Word, second: Word) -> Word:
    """Two words as one, in the box around both."""
    x, y = min(first.x, second.x), min(first.y, second.y)
    right = max(first.x + first.width, second.x + second.width)
    bottom = max(first.y + first.height, second.y + second.height)
    confidences = [word.confidence for word in (first, second) if word.confidence is not None]
    return Word(first.text + second.text, x, y, right - x, bottom - y, min(confidences, default=None))


def _word(element: Element, holder: Element, text: str) -> Word:
    """A text in its box; without a place of its own it has that of its line."""
    x, y, width, height = _box(element) or _box(holder) or (0.0, 0.0, 0.0, 0.0)
    return Word(text, x, y, width, height, _confidence(element))


def _glyphs(word: Element) -> str | None:
    """The word as its glyphs spell it."""
    return clean("".join(_text(glyph) or "" for glyph in word.iterchildren("{*}Glyph")))


def _equivalent(element: Element) -> Element | None:
    """The ``TextEquiv`` that counts: the lowest ``@index``, one without coming first."""
    return min(
        element.iterchildren("{*}TextEquiv"), key=lambda entry: number_of(entry.get("index")) or 0.0, default=None
    )


def _raw_text(element: Element) -> str | None:
    """``Unicode``, else ``PlainText``."""
    entry = _equivalent(element)
    if entry is None:
        return None
    texts = (child.text for name in ("Unicode", "PlainText") for child in entry.iterchildren(f"{{*}}{name}"))
    return next(filter(None, texts), None)


def _text(element: Element) -> str | None:
    return recognised(_raw_text(element))


def _confidence(element: Element) -> float | None:
    """``TextEquiv/@conf``: 0 to 1."""
    entry = _equivalent(element)
    number = number_of(entry.get("conf")) if entry is not None else None
    return number if number is not None and 0 <= number <= 1 else None


def _box(element: Element) -> tuple[float, float, float, float] | None:
    """The rectangle around the points of ``Coords``: x, y, width, height."""
    coords = element.find("{*}Coords")
    if coords is None:
        return None
    pairs = _POINT.findall(coords.get("points") or "") or [
        (point.get("x"), point.get("y")) for point in coords.iterchildren("{*}Point")
    ]
    xs = [x for pair in pairs if (x := number_of(pair[0])) is not None]
    ys = [y for pair in pairs if (y := number_of(pair[1])) is not None]
    return (min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)) if xs and ys else None


def _label(regions: list[Element]) -> str | None:
    """The page number as printed: the one region of type ``page-number``."""
    numbers = [region for region in regions if region.get("type") == "page-number"]
    lines = [words for region in numbers for words in _lines(region) if words]
    return line_text(lines[0]).strip(" ()[]-\u2013\u2014.:") or None if len(numbers) == len(lines) == 1 else None


def _language(page: Element) -> str | None:
    """The language most elements of the page are in."""
    stated = Counter(
        code
        for element in page.iter("{*}Page", "{*}TextRegion", "{*}TextLine", "{*}Word")
        if (value := element.get("primaryLanguage") or element.get("language")) and (code := code_of(value))
    )
    return stated.most_common(1)[0][0] if stated else None
