"""hOCR 1.2, as HTML or XHTML: pages, lines and words with their boxes.

http://kba.github.io/hocr-spec/1.2/  A box is ``bbox x0 y0 x1 y1`` in the property list that is the ``title`` of an
element; confidences (``x_wconf``, ABBYY's ``x_conf``) are per cent. Well-formed files are read as XML, others as the
tag soup a browser would read.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from html.entities import name2codepoint
from io import BytesIO
from itertools import groupby
from pathlib import PurePosixPath
from typing import ClassVar

from lxml import etree
from lxml.etree import _Element as Element
from msgspec import structs

from mappings.formats.media import media_type
from mappings.formats.page_text import PageTextMapping, characters, number_of, page_of, recognised, rejoined
from mappings.formats.volume import PageFile
from mappings.formats.xml import KEPT, SAFE, first_error
from mappings.languages import code_of
from mappings.record import Page, Problem, Word, clean

_LINES = frozenset({"ocr_line", "ocrx_line", "ocr_header", "ocr_footer", "ocr_caption", "ocr_textfloat", "ocr_pageno"})
_WORDS = frozenset({"ocrx_word", "ocr_word"})
_BLOCKS = frozenset({"ocr_page", "ocr_carea", "ocrx_block", "ocr_par", "ocr_column", "ocr_separator", "ocr_photo"})
_KNOWN = _LINES | _WORDS | _BLOCKS
_BBOX = re.compile(r"\bbbox\s+(-?[\d.]+)[\s,]+(-?[\d.]+)[\s,]+(-?[\d.]+)[\s,]+(-?[\d.]+)")
_CONFIDENCE = re.compile(r"\bx_w?confs?\s+(-?[\d.]+)")
_IMAGE = re.compile(r"""\b(?:image|x_source)\s+(?:"([^"]*)"|'([^']*)'|([^;]+))""")
_PAGE = re.compile(r"\bppageno\s+(\d{1,6})\b")
_LABEL = re.compile(r"""\blpageno\s+(?:"([^"]*)"|'([^']*)'|([^;]+))""")
_LANGUAGE = re.compile(r"\bocrp_lang\s+([\w-]+)")
_CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
_ENTITY = re.compile(rb"&([A-Za-z][A-Za-z0-9]{1,9});")
_HTML = {"recover": True, "no_network": True, "remove_comments": True, "remove_pis": True, "huge_tree": False}
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


class HocrMapping(PageTextMapping):
    """Mapping ``hocr``."""

    format_name: ClassVar[str] = "hOCR"
    suffixes: ClassVar[tuple[str, ...]] = (".html", ".htm", ".xhtml", ".hocr", ".xml")

    def read(self, payload: bytes) -> PageFile:
        """The pages of one hOCR file; `pages` is None when it is another format."""
        root, problem = _parsed(payload)
        if root is None:
            return PageFile([], problem)
        found = [element for element in root.iter("*") if _kind(element) == "ocr_page"]
        if not found and not _is_hocr(root):
            return PageFile(None, problem)
        pages = [_page(element) for element in found]
        return PageFile(_in_frames(pages, found), problem)


def _parsed(payload: bytes) -> tuple[Element | None, Problem | None]:
    """(root or None, what is wrong with the file or None)."""
    spelt = _ENTITY.sub(_numbered, payload)
    try:
        return etree.parse(BytesIO(spelt), etree.XMLParser(**(SAFE | {"recover": False}))).getroot(), None
    except (etree.LxmlError, ValueError, LookupError):
        pass  # HTML, or damaged
    parser = etree.HTMLParser(encoding=_encoding(payload), **_HTML)
    try:
        root = etree.parse(BytesIO(payload), parser).getroot()
    except (etree.LxmlError, ValueError, LookupError) as error:
        return None, Problem("damaged-html", f"no HTML can be read in it: {str(error)[:200]}", KEPT)
    if root is None:
        return None, Problem("damaged-html", "no HTML can be read in it", KEPT)
    return root, _damage(spelt, parser)


def _numbered(entity: re.Match[bytes]) -> bytes:
    """A named character of HTML by its number, since the DTD that would say so is not read."""
    point = name2codepoint.get(entity[1].decode("ascii"))
    return entity[0] if point is None or entity[1] in (b"amp", b"lt", b"gt", b"quot") else b"&#%d;" % point


def _damage(payload: bytes, parser: etree.HTMLParser[Element]) -> Problem | None:
    """What is wrong with a file: HTML has its own rules, and only what was meant as XML is measured by those of XML."""
    if re.match(rb"(?:\xef\xbb\xbf)?\s*<\?xml|(?s:.{0,400})\bXHTML\b", payload) is None:
        return None
    strict = etree.XMLParser(**SAFE)
    with suppress(etree.LxmlError, ValueError, LookupError):
        etree.parse(BytesIO(payload), strict)
    return first_error(strict.error_log) or first_error(parser.error_log)


def _encoding(payload: bytes) -> str:
    """UTF-8 where it can be, else what the file declares, else Windows-1252 as browsers have it."""
    try:
        payload.decode("utf-8")
    except UnicodeDecodeError:
        declared = _CHARSET.search(payload[:2048])
        name = declared[1].decode("ascii").lower() if declared else "windows-1252"
        return "windows-1252" if name in ("utf-8", "utf8") or not _is_encoding(name) else name
    return "utf-8"


def _is_encoding(name: str) -> bool:
    try:
        etree.HTMLParser(encoding=name)
    except LookupError:
        return False
    return True


def _is_hocr(root: Element) -> bool:
    """Does the head say so, though there is no page?"""
    return any((meta.get("name") or "").startswith("ocr-") for meta in root.iter("{*}meta"))


class _Kinds(dict[str, str | None]):
    """Value of ``class`` -> the class of hOCR in it, worked out once per value."""

    def __missing__(self, value: str) -> str | None:
        kind = next((name for name in value.split() if name in _KNOWN), None)
        if len(self) < 10_000:  # a hostile file may invent classes without end
            self[value] = kind
        return kind


_KINDS = _Kinds()


def _kind(element: Element) -> str | None:
    """The class of hOCR an element has."""
    value = element.get("class")
    return None if value is None else _KINDS[value]


def _page(element: Element) -> Page:
    """An ``ocr_page``: its lines in the order of the file. ``lpageno`` is the number printed on it."""
    title = element.get("title") or ""
    x, y, width, height = _box(element)
    language = _language(element)
    lines, divided = rejoined(_lines(element), language)
    page = page_of(lines, _first(_LABEL, title), (x + width) or None, (y + height) or None, language, divided)
    return structs.replace(page, image=_first(_IMAGE, title))


def _in_frames(pages: list[Page], elements: list[Element]) -> list[Page]:
    """Several pages that name one TIFF are its pictures, counted by ``ppageno``."""
    names = {page.image for page in pages}
    name = next(iter(names)) if len(names) == 1 else None
    if len(pages) < 2 or name is None or media_type(PurePosixPath(name).name) != "image/tiff":
        return pages
    numbers = [int(number) for element in elements if (number := _first(_PAGE, element.get("title") or ""))]
    if len(set(numbers)) != len(pages):
        return pages
    return [structs.replace(page, frame=number or None) for page, number in zip(pages, numbers, strict=True)]


def _lines(page: Element) -> Iterator[list[Word]]:
    """Words by line. Text outside of words counts where there is no word: a line is then one word, and so is each
    stretch of text that stands directly in a block.

    Elements are taken in the order of their start tags, so that lines whose end tag is missing stay apart.
    """
    for _, group in groupby(_pieces(page), key=lambda piece: piece[0]):
        pieces = [(is_word, word) for _, is_word, word in group]
        words = [word for is_word, word in pieces if is_word]
        if words:
            yield words
        for word in (word for is_word, word in pieces if not is_word and not words):
            yield list(characters(word))


def _pieces(page: Element) -> Iterator[tuple[int, bool, Word]]:
    """(number of the line, is it a word, text in its box)."""
    line, box = 0, page
    for element in page.iter("*"):
        kind = _kind(element)
        if kind is None or (kind == "ocr_page" and element is not page):
            continue
        if kind not in _WORDS:
            line, box = line + 1, element
        if text := recognised(_own_text(element)):
            yield line, kind in _WORDS, _word(element, box, text)


def _own_text(element: Element) -> str:
    """The text of an element without that of words, lines and blocks in it."""
    if not len(element):
        return element.text or ""
    parts = [element.text or ""]
    waiting = list(reversed(element))
    while waiting:
        child = waiting.pop()
        if _kind(child) is None:
            parts.append(child.text if isinstance(child.tag, str) and child.text else "")
            waiting.extend(reversed(child))
        if child.getparent() is element or _kind(child) is None:
            parts.append(child.tail or "")
    return "".join(parts)


def _word(element: Element, line: Element, text: str) -> Word:
    """A word; without a place of its own it has that of its line."""
    title = element.get("title") or ""
    x, y, width, height = _rectangle(_BBOX.search(title) or _BBOX.search(line.get("title") or ""))
    return Word(text, x, y, width, height, _confidence(title))


def _box(element: Element) -> tuple[float, float, float, float]:
    """``bbox`` as x, y, width, height; corners the wrong way round are put right."""
    return _rectangle(_BBOX.search(element.get("title") or ""))


def _rectangle(found: re.Match[str] | None) -> tuple[float, float, float, float]:
    if found is None:
        return 0.0, 0.0, 0.0, 0.0
    left, top, right, bottom = (number_of(value) or 0.0 for value in found.groups())
    return min(left, right), min(top, bottom), abs(right - left), abs(bottom - top)


def _confidence(title: str) -> float | None:
    """``x_wconf``: per cent."""
    found = _CONFIDENCE.search(title)
    number = number_of(found[1]) if found else None
    return round(number / 100, 4) if number is not None and 0 <= number <= 100 else None


def _language(page: Element) -> str | None:
    """The language most elements of the page are in, else that of the document."""
    elements = [*page.iter("*"), *page.iterancestors()]
    stated = Counter(code for element in elements if (value := _stated(element)) and (code := code_of(value)))
    return stated.most_common(1)[0][0] if stated else None


def _stated(element: Element) -> str | None:
    """``lang``, ``xml:lang`` or the property ``ocrp_lang``."""
    said: str | None = element.get("lang") or element.get(_XML_LANG)
    if said:
        return said
    title = element.get("title") or ""
    return _first(_LANGUAGE, title) if "ocrp_lang" in title else None


def _first(pattern: re.Pattern[str], title: str) -> str | None:
    found = pattern.search(title)
    return clean(next((value for value in found.groups() if value), None)) if found else None
