"""Text of marked-up descriptions: of one child, of all inside, and of texts that hold HTML of their own."""

from __future__ import annotations

import html
import re

from lxml.etree import _Element as Element

from mappings.formats.ead.text import inline
from mappings.record import clean

_TAG = re.compile(r"</?[A-Za-z][^<>]{0,500}>")


def part(element: Element | None, name: str) -> str | None:
    """The text of the first child of that name, in any namespace."""
    found = element.find(f"{{*}}{name}") if element is not None else None
    return inline(found) if found is not None else None


def written(element: Element) -> str | None:
    """The texts of all elements inside, a blank between them."""
    return clean(" ".join(map(str, element.itertext())))


def without_tags(text: str) -> str | None:
    """The text with HTML tags taken out and entities replaced; what only looks like a tag ("a < b") stays."""
    return clean(html.unescape(_TAG.sub(" ", text))) if "<" in text or "&" in text else clean(text)
