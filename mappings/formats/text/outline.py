"""Outlines: headings with their depth, their fields, and the text below them, whatever the markup.

https://orgmode.org/worg/org-syntax.html  Headings begin with stars; ``:PROPERTIES:`` drawers hold fields;
``#+KEYWORD:`` lines speak for the file. https://spec.commonmark.org/ gives headings and list items of Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

_HEADING = re.compile(r"(\*{1,60})[ \t]+(.*)")
_TAGS = re.compile(r"[ \t]+:([\w@#%:]+):[ \t]*$")
_PROPERTY = re.compile(r"[ \t]*:([^\s:]+):(?:[ \t]+(.*))?$")
_LONGEST_TAGS = 200
_KEYWORD = re.compile(r"[ \t]*#\+(\w+):[ \t]*(.*)$")
_LINK = re.compile(r"\[\[([^\]\n]{1,2000})\](?:\[([^\]\n]{1,2000})\])?\]")
_LONGEST_HEADING = 5000  # characters; a longer line is text
_COMMENT = re.compile(r"[ \t]*#(?:[ \t]|$|-\*-)")


# What the file says about itself; its date is that of the list, not of what is listed
_KEYWORDS = {"TITLE": "TITLE", "AUTHOR": "AUTHOR", "LANGUAGE": "LANGUAGE", "DESCRIPTION": "ABSTRACT", "DATE": "EDITED"}


class Heading(Struct):
    """A heading (depth from 1, the file itself 0), or an item of a list: its line, tags, fields, the lines below it."""

    depth: int
    text: str
    line: int
    tags: tuple[str, ...] = ()
    fields: dict[str, list[str]] = {}
    body: list[str] = []
    item: bool = False


def is_org(name: str, text: str) -> bool:
    """By name or mode line, or because a drawer stands below a heading of stars."""
    start = text[:2000]
    if name.lower().endswith(".org") or re.search(r"^# ?-\*-.*\bmode: *(?:org|mandoku)", start, re.MULTILINE):
        return True
    return re.search(r"^\*+ .*\n[ \t]*:PROPERTIES:", text, re.MULTILINE) is not None


def headings(text: str) -> Iterator[Heading]:
    """All headings of an Org file, the file itself first, as soon as what is below them is read."""
    current = Heading(0, "", 1, (), {}, [])
    in_drawer = False
    for number, line in enumerate(text.splitlines(), 1):
        found = _HEADING.match(line) if len(line) <= _LONGEST_HEADING else None
        if found is not None:
            yield current
            current, in_drawer = _heading(found, number), False
        elif in_drawer:
            in_drawer = _in_drawer(line, current)
        elif line.strip().upper() == ":PROPERTIES:":
            in_drawer = True
        elif current.depth == 0 and (keyword := _KEYWORD.match(line)) is not None:
            name = _KEYWORDS.get(keyword[1].upper())
            if name is not None and keyword[2].strip():
                current.fields.setdefault(name, []).append(keyword[2].strip())
        elif not _COMMENT.match(line) and not _KEYWORD.match(line):
            current.body.append(line)
    yield current


def _heading(found: re.Match[str], number: int) -> Heading:
    text = found[2].strip()
    tagged = _TAGS.search(found[2], max(0, len(found[2]) - _LONGEST_TAGS))
    tags: tuple[str, ...] = ()
    if tagged is not None:
        text, tags = found[2][: tagged.start()].strip(), tuple(tagged[1].split(":"))
    return Heading(len(found[1]), text, number, tags, {}, [])


def _in_drawer(line: str, current: Heading) -> bool:
    """Take a line of a drawer; False at its end."""
    found = _PROPERTY.match(line)
    if found is None:
        return True
    if found[1].upper() == "END":
        return False
    value = (found[2] or "").strip()
    if value:
        current.fields.setdefault(found[1].upper().rstrip("+"), []).append(value)
    return True


def links(text: str) -> Iterator[tuple[str, str | None]]:
    """(address, words) of the links in a text."""
    for found in _LINK.finditer(text):
        yield found[1], found[2]


def plain(text: str) -> str:
    """A text with its links replaced by their words."""
    return _LINK.sub(lambda found: found[2] or found[1], text)


_ATX = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$")
_ITEM = re.compile(r"( {0,3})(?:[-*+]|\d{1,9}[.)])[ \t]+(\S.*)$")
_FENCE = re.compile(r" {0,3}(?:```|~~~)")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*$")
_LINKED = re.compile(r"!?\[([^\]]*)\]\(([^)\s]*)[^)]*\)")
_MARKED = re.compile(r"\*\*(.+?)\*\*|__(.+?)__|`([^`]+)`|(?<![\w*])\*([^*\s](?:[^*]*[^*\s])?)\*(?![\w*])")
_LEAST_ITEMS = 3
_LIST_SHARE = 0.6  # of the lines with text, headings aside: below it a file is prose with lists in it


def markdown(text: str) -> Iterator[Heading]:
    """Headings and, one deeper than the deepest possible one, the top-level items of lists; the file itself first."""
    current = Heading(0, "", 1, (), {}, [])
    fenced = False
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        if _FENCE.match(line):
            fenced = not fenced
        text_only = fenced or len(line) > _LONGEST_HEADING
        heading = None if text_only else _ATX.match(line)
        item = None if text_only else _ITEM.match(line)
        if heading is not None:
            yield current
            current = Heading(len(heading[1]), unmarked(heading[2]), number, (), {}, [])
        elif item is not None:
            yield current
            current = Heading(_ITEM_DEPTH, item[2].strip(), number, (), {}, [], True)
        elif not text_only and _is_underlined(lines, number):
            yield current
            current = Heading(1 if lines[number].lstrip()[0] == "=" else 2, unmarked(line), number, (), {}, [])
        elif not _UNDERLINE.match(line):
            current.body.append(line)
    yield current


_ITEM_DEPTH = 7


def _is_underlined(lines: list[str], number: int) -> bool:
    """Is the line of this number (from 1) a heading underlined by the next one (setext)?"""
    return bool(lines[number - 1].strip()) and number < len(lines) and _UNDERLINE.match(lines[number]) is not None


def is_list(text: str) -> bool:
    """Do most lines of a Markdown file belong to lists? Then its items are what it records."""
    lines = [line[:200] for line in text.splitlines() if line.strip() and not _ATX.match(line[:200])]
    items = sum(_ITEM.match(line) is not None for line in lines)
    inside = sum(line.startswith(("  ", "\t")) for line in lines)
    return items >= _LEAST_ITEMS and items + inside >= _LIST_SHARE * len(lines)


def unmarked(text: str) -> str:
    """Markdown's marks taken out of a line: emphasis, code, links (their words stay)."""
    words = _LINKED.sub(lambda found: found[1], text)
    return _MARKED.sub(lambda found: found[found.lastindex or 0], words).strip()


def address(text: str) -> str | None:
    """The first web address a Markdown line links to."""
    return next((found[2] for found in _LINKED.finditer(text) if found[2].startswith(("http://", "https://"))), None)
