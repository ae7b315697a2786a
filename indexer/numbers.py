"""Numbers in a query: whoever types 1949 finds 一九四九, 第十二號 finds 第12號, vol. XII finds vol. 12.

A whole word that is a number is also looked for as its value (`mappings.numerals`); a number within a string - a code,
a date, 第十二號 - in the other ways it may be written, each as the string it then is.
"""

from __future__ import annotations

import re
from itertools import pairwise

from indexer.plan import And, Either, Node, Or, Term, changed
from mappings.numerals import CHARACTERS, ROMANS, STYLES, VOLUME_WORDS, in_style, roman_value, value
from mappings.spellings import number_token

_IN_TEXTS = frozenset((None, "title", "text", "page", "path"))
"""Where numbers are looked for: headings and codes are taken as they are."""
_COUNTED = "号卷册期年月日章回集条届次辑编部篇页件"
_SIGN = f"[{CHARACTERS}]"
_OTHER = r"[^\W\da-z]"
_NUMERAL = re.compile(
    rf"(?<![\w.-])[1-9]\d{{0,4}}(?={_OTHER})"
    rf"|(?<={_OTHER})[1-9]\d{{0,4}}(?={_OTHER}|(?![\w.-]))"
    rf"|{_SIGN}{{2,}}|(?<=第){_SIGN}|{_SIGN}(?=[{_COUNTED}])"
)
"""A number within a string: digits beside other than Latin letters, words, or one sign where things are counted."""
MOST = 3
"""Numbers of one string that are written in other ways."""


def with_numbers(node: Node) -> Node:
    """The tree with every number also as it may be written otherwise."""
    return _with_roman(changed(node, _ways))


def _ways(term: Term) -> Node:
    if term.field not in _IN_TEXTS or term.kind not in ("word", "phrase"):
        return term
    if term.kind == "word" and (number := _number(term.folded)) is not None:
        return _as_number(term, number)
    others = _written_otherwise(term.folded)
    return Either((term, *(Term(term.text, other, "phrase", term.field) for other in others))) if others else term


def _as_number(term: Term, number: int) -> Node:
    ways: list[Node] = [term]
    if term.folded != str(number):
        ways.append(Term(term.text, str(number), "word", term.field))
    return Either((*ways, Term(term.text, number_token(number), "number", term.field)))


def _number(folded: str) -> int | None:
    """The value of a word that is a number."""
    if folded.isascii():
        return int(folded) if folded.isdigit() and folded[0] != "0" and len(folded) < 10 else None
    return value(folded) if len(folded) > 1 and all(char in CHARACTERS for char in folded) else None


def _written_otherwise(folded: str) -> list[str]:
    """A string with its numbers in each of the ways they may be written, without the one it is written in."""
    found = [(match.span(), number) for match in _NUMERAL.finditer(folded) if (number := _value(match[0])) is not None]
    if not 1 <= len(found) <= MOST:
        return []
    others = dict.fromkeys(_rewritten(folded, found, style) for style in range(STYLES))
    others.pop(folded, None)
    return list(others)


def _value(numeral: str) -> int | None:
    number = int(numeral) if numeral.isdecimal() else _digit(numeral) or value(numeral)
    return number if number and number < 100_000 else None


def _digit(numeral: str) -> int | None:
    return next((number for number in range(1, 11) if numeral in (in_style(number, 1), in_style(number, 2))), None)


def _rewritten(folded: str, found: list[tuple[tuple[int, int], int]], style: int) -> str:
    text, last = "", 0
    for (start, end), number in found:
        text += folded[last:start] + in_style(number, style)
        last = end
    return text + folded[last:]


def _with_roman(node: Node) -> Node:
    """Roman numerals after a word that has a number, typed one after the other."""
    if not isinstance(node, And | Or):
        return node
    parts = list(node.parts)
    for at, (before, part) in enumerate(pairwise(node.parts), 1):
        if _is_volume(before) and isinstance(part, Term) and part.kind == "word" and part.folded in ROMANS:
            parts[at] = _as_number(part, roman_value(part.folded) or 0)
        else:
            parts[at] = _with_roman(part)
    return type(node)((_with_roman(parts[0]), *parts[1:])) if parts else node


def _is_volume(node: Node) -> bool:
    return isinstance(node, Term) and node.kind == "word" and node.folded in VOLUME_WORDS
