"""Other spellings of what stands in a text, which somebody may type: e-mail as email, U.S. as US, 廿三 as a number.

They are tokens beside those of the text, and highlights find them again where they stand. A number is the token
`number_token`, however it is written (but in digits, which are tokens already).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mappings.numerals import ROMANS, VOLUME_WORDS, han_numerals, roman_numerals

_PART = re.compile(r"-(?<=[^\W\d_]-)[^\W\d_]{2,}(?:-[^\W\d_]{2,})*(?![\w-])")
_INITIAL = re.compile(r"\. ?[^\W\d_]\.(?: ?[^\W\d_]\.)*(?!\w)")
_ELIDED = re.compile(r"'[^\W\d_]{3,}(?!\w)")
_SIGN = re.compile(r"-(?<=[^\W\d_]-)[^\W\d_]{2}|\. ?[^\W\d_]\.|'[^\W\d_]{3}")
"""These begin with their sign, which is quickly looked for; what stands before it is looked at when there is one."""
ELISIONS = frozenset(("c", "d", "j", "l", "m", "n", "s", "t", "qu", "all", "dall", "dell", "nell", "sull"))
"""What is left of articles and pronouns before an apostrophe."""
_BEFORE = re.compile(r"[^\W\d_]+")
_NOT_LETTER = re.compile(r"[\W\d_]+")
LONGEST = 40
"""Characters of the longest compound that is also kept as one word."""


class Spelling(NamedTuple):
    """A token that is not in the text as such, and what it is written as there."""

    start: int
    end: int
    token: str


def number_token(value: int) -> str:
    """The token of a number. No token of a text begins so."""
    return f"#{value}"


def is_number(token: str) -> bool:
    """Is this the token of a number?"""
    return token[0] == "#"


def other_spellings(text: str, runs: Sequence[str]) -> Sequence[str]:
    """Tokens to be kept beside those of a text, which are `runs`. The text is folded and spelled, or plain ASCII.

    Runs for every record of a sync: the first look costs next to nothing, and most titles have no other spellings.
    """
    found: list[str] = []
    if ("-" in text or "." in text or "'" in text) and _SIGN.search(text):
        found += [spelling.token for spelling in words(text.lower())]
    if not ROMANS.isdisjoint(runs) and not VOLUME_WORDS.isdisjoint(runs):
        found += [spelling.token for spelling in roman_numbers(text.lower())]
    if not text.isascii():
        found += [spelling.token for spelling in han_numbers(text)]
    return list(dict.fromkeys(found)) if found else ()


def han_numbers(spelled: str) -> Iterator[Spelling]:
    """Numbers of a folded and spelled text in Chinese words."""
    for numeral in han_numerals(spelled):
        yield Spelling(numeral.start, numeral.end, number_token(numeral.value))


def roman_numbers(spelled: str) -> Iterator[Spelling]:
    """Numbers of a folded and spelled text in Roman numerals."""
    for numeral in roman_numerals(spelled):
        yield Spelling(numeral.start, numeral.end, number_token(numeral.value))


def words(spelled: str) -> Iterator[Spelling]:
    """All words of a folded and spelled text that have another spelling."""
    if "-" in spelled:
        yield from _compounds(spelled)
    if "." in spelled:
        yield from _initials(spelled)
    if "'" in spelled:
        yield from _elisions(spelled)


def _compounds(spelled: str) -> Iterator[Spelling]:
    for found in _PART.finditer(spelled):
        start = _word_start(spelled, found.start())
        if start < found.start() and found.end() - start <= LONGEST:
            yield Spelling(start, found.end(), spelled[start : found.end()].replace("-", ""))


def _initials(spelled: str) -> Iterator[Spelling]:
    for found in _INITIAL.finditer(spelled):
        start = _word_start(spelled, found.start())
        if start == found.start() - 1:
            yield Spelling(start, found.end(), _NOT_LETTER.sub("", spelled[start : found.end()]))


def _elisions(spelled: str) -> Iterator[Spelling]:
    for found in _ELIDED.finditer(spelled):
        start = _word_start(spelled, found.start())
        if start < found.start():
            if spelled[start : found.start()] in ELISIONS:
                yield Spelling(found.start() + 1, found.end(), found[0][1:])
            yield Spelling(start, found.end(), spelled[start : found.end()].replace("'", ""))


def _word_start(spelled: str, end: int) -> int:
    """Where the letters begin that end at a place; at the place itself when none do, or when digits stand before."""
    before = _BEFORE.match(spelled[max(0, end - LONGEST) : end][::-1])
    start = end - len(before[0]) if before else end
    return end if start and (spelled[start - 1].isalnum() or spelled[start - 1] in "-'") else start
