"""Texts of rules as people write them: their comments, which explain, and parts of one put into another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, dropwhile, takewhile

import yaml
from msgspec import Struct

from mappings import yaml_text

MOST = 200
"""Comments that are told of one text."""
_DEEPEST = 6


class KeyHelp(Struct, frozen=True):
    """What a comment says of a key: the key with those above it, and the line on which it stands, from 1."""

    place: str
    line: int
    text: str


class Help(Struct, frozen=True):
    """What the comments of a text say: at its head, and beside or right above its keys."""

    head: str = ""
    keys: tuple[KeyHelp, ...] = ()


def help_of(text: str) -> Help:
    """The comments of a text; nothing of one that cannot be read."""
    try:
        root = yaml.compose(text, Loader=yaml_text.Loader)
    except (yaml.YAMLError, RecursionError):
        return Help()
    lines = text.splitlines()
    inside = _inside_of_words(root)
    comments = {
        number: said
        for number, line in enumerate(lines)
        if number not in inside and (said := _comment(line)) is not None
    }
    first = root.start_mark.line if root is not None else len(lines)
    head = [comments[number] for number in range(first) if number in comments]
    told = list(_told(root, "", comments, lines, first))[:MOST]
    return Help("\n".join(head).strip(), tuple(told))


def with_parts(text: str, part: str) -> str:
    """The text with the top-level keys of `part` in place of its own, or at its end; comments of both stay. A text that
    cannot be read is given back as it is.
    """
    try:
        given, ours = yaml.compose(part, Loader=yaml_text.Loader), yaml.compose(text, Loader=yaml_text.Loader)
    except (yaml.YAMLError, RecursionError):
        return text
    if not isinstance(given, yaml.MappingNode) or not isinstance(ours, yaml.MappingNode):
        return text
    if ours.flow_style:
        return text
    lines = text.splitlines()
    begins = [key.start_mark.line for key, _ in ours.value]
    ends = [*begins[1:], len(lines)]
    wanted = {str(key.value) for key, _ in given.value}
    for (key, _), first, after in reversed(list(zip(ours.value, begins, ends, strict=True))):
        if str(key.value) in wanted:
            del lines[first : _after(first, after, lines)]
    return "\n".join([*lines, "", *part.strip("\n").splitlines(), ""])


def _after(first: int, after: int, lines: list[str]) -> int:
    """The line after a key and its value, without the blank lines and comments that follow."""
    while after > first + 1 and (not lines[after - 1].strip() or lines[after - 1].startswith("#")):
        after -= 1
    return after


def with_entries(text: str, own: str) -> str:
    """The text with the entries of `own` in place of those of the same keys, and new ones at the end; comments stay
    with the entry below them. The comment at the head of `own` stands for the first paragraph of the text's.

    Both are texts of this package and hold one mapping, below one key.
    """
    (head, entries), (own_head, own_entries) = _entries(text), _entries(own)
    said = takewhile(lambda line: line.startswith("#"), own_head)
    explained = dropwhile(lambda line: line.startswith("#") and line != "#", head)
    merged = chain.from_iterable({**entries, **own_entries}.values())
    return "\n".join([*said, *explained, *merged, ""])


def _entries(text: str) -> tuple[list[str], dict[str, list[str]]]:
    """The lines above the first entry of a text's one mapping, and those of each entry."""
    root = yaml.compose(text, Loader=yaml_text.Loader)
    assert isinstance(root, yaml.MappingNode)
    ((_, mapping),) = root.value
    lines = text.splitlines()
    begins = [_with_comments(key.start_mark.line, lines) for key, _ in mapping.value]
    each = zip(mapping.value, begins, [*begins[1:], len(lines)], strict=True)
    return lines[: begins[0]], {str(key.value): lines[first:after] for (key, _), first, after in each}


def _with_comments(number: int, lines: list[str]) -> int:
    """The line on which the comment right above a line begins; the line itself where there is none."""
    while lines[number - 1].lstrip().startswith("#"):
        number -= 1
    return number


def _told(
    node: yaml.Node | None, above: str, comments: dict[int, str], lines: list[str], first: int, depth: int = 0
) -> Iterator[KeyHelp]:
    if depth > _DEEPEST or not isinstance(node, yaml.MappingNode):
        return
    for key, value in node.value:
        number = key.start_mark.line
        place = f"{above}.{key.value}" if above else str(key.value)
        said = [*_above(number, comments, lines, first), *([comments[number]] if number in comments else [])]
        if said and key.start_mark.column == len(lines[number]) - len(lines[number].lstrip()):
            yield KeyHelp(place[:200], number + 1, "\n".join(said))
        yield from _told(value, place, comments, lines, first, depth + 1)


def _above(number: int, comments: dict[int, str], lines: list[str], first: int) -> list[str]:
    """The lines of comment right above a line; those at the head of the text are the text's own."""
    begins = number
    while begins > first and begins - 1 in comments and lines[begins - 1].lstrip().startswith("#"):
        begins -= 1
    return [comments[each] for each in range(begins, number)]


def _comment(line: str) -> str | None:
    """What stands behind the # of a line, None where there is none outside of quotes."""
    quote = ""
    for at, char in enumerate(line):
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'" and (at == 0 or line[at - 1] in " [{,:"):
            quote = char
        elif char == "#" and (at == 0 or line[at - 1].isspace()):
            return re.sub(r"^#+ ?", "", line[at:]).rstrip()
    return None


def _inside_of_words(root: yaml.Node | None) -> set[int]:
    """Lines that are part of a text of several lines: a # in them is no comment."""
    found: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, yaml.ScalarNode) and node.end_mark.line > node.start_mark.line:
            last = node.end_mark.line + (node.end_mark.column > 0)
            found.update(range(node.start_mark.line + 1, last))
        elif isinstance(node, yaml.MappingNode):
            waiting += [each for pair in node.value for each in pair]
        elif isinstance(node, yaml.SequenceNode):
            waiting += node.value
    return found
