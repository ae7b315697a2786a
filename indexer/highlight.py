"""Marks in stored text: our own, over the original characters, escaped piece by piece so that only ``<mark>`` is
markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import pairwise

from indexer.fields import FACETS, HEADING_FIELDS
from indexer.plan import Term
from mappings import spellings
from mappings.forms import exact_pattern
from mappings.numerals import ROMAN_OF
from mappings.text import LETTER, LETTERS, MARKS, boundaries, fold, is_han, runs, spelled_with_offsets, stem

SNIPPET = 160
"""Characters of a passage."""
ENOUGH = 40
"""Characters after which a passage may end where its element ends."""
STRETCH = 3_000
"""Characters looked at at a time: most passages come from the first stretch, whatever the length of the text."""
LOOKED_AT = 1_000_000
"""Characters of a text that are looked at for a passage: bounds the cost of a hit whatever the size of its text."""
LONGEST_PART = 12
"""Letters of a compound's first part that are looked at."""
Span = tuple[int, int]
_REST = re.compile(rf"(?:{LETTER}|[{MARKS}])*(?:'{LETTERS})*")
_MARKUP = re.compile("[&<>\"']")
_WORD_END = re.compile(r"[^\W_]*")


_ROMANS = {f"#{number}": roman for number, roman in ROMAN_OF.items()}
"""Roman numerals by the token of their number."""


class Highlighter:
    """Finds the terms of a query in stored texts: Latin words by their stems and other spellings, numbers by their
    value, exact forms as typed, everything else as folded strings."""

    def __init__(self, terms: Iterable[Term]) -> None:
        asked = [term for term in terms if not _is_whole_value(term)]
        prefixes = {term.folded for term in asked if term.kind == "prefix"}
        strings = {
            term.folded for term in asked if term.kind == "phrase" or (term.kind == "word" and is_han(term.folded))
        }
        self._stems = {stem(term.folded) for term in asked if term.kind == "word" and not is_han(term.folded)}
        self._numbers = {term.folded for term in asked if term.kind == "number"}
        exact = {term.text for term in asked if term.kind == "exact"}
        self.finds_codes = any(char.isdigit() for text in (*self._stems, *strings, *prefixes, *exact) for char in text)
        """Could a reference code match? Most queries hold no digit, and need not look."""
        self._prefixes = tuple(prefixes)
        self._strings = _pattern(strings)
        self._exact = exact_pattern(exact) if exact else None
        self._heads = sorted({head(word) for word in self._stems} | prefixes)
        self._word_heads = tuple(head(word) for word in self._stems if word.isalpha())
        self._beginnings = {beginning[:end] for beginning in self._word_heads for end in range(1, len(beginning) + 1)}
        self._is_idle = not (self._heads or self._strings or self._numbers or self._exact)
        self._romans = [_ROMANS[number] for number in self._numbers if number in _ROMANS]

    def spans(self, text: str) -> list[Span]:
        """Offsets of all matches in `text`, in order, without overlap."""
        if self._is_idle:
            return []
        folded, offsets = spelled_with_offsets(fold(text))
        found = list(self._words(folded))
        found += self._other_spellings(folded)
        if self._strings:
            found += [m.span() for m in self._strings.finditer(folded) if _is_apart(folded, *m.span())]
        if self._numbers:
            found += self._numerals(folded)
        if offsets:
            found = [(offsets[start], max(offsets[end], offsets[end - 1] + 1)) for start, end in found]
        if self._exact:
            found += [m.span() for m in self._exact.finditer(text)]
        return merged(found) if found else found

    def _words(self, folded: str) -> Iterator[Span]:
        """Words that match: looked for by their beginnings, which a text mostly does not hold."""
        for beginning in self._heads:
            start = folded.find(beginning)
            while start >= 0:
                end = start + 1
                if not (start and _is_letter(folded[start - 1])):
                    end = _word_end(folded, start + len(beginning))
                    if self._is_match(folded[start:end]):
                        yield start, end
                start = folded.find(beginning, end)

    def _is_match(self, word: str) -> bool:
        return stem(word) in self._stems or (bool(self._prefixes) and word.startswith(self._prefixes))

    def _other_spellings(self, folded: str) -> Iterator[Span]:
        """Words that match in another spelling. Each sign that may be in one is looked at: most belong to none."""
        for sign in "-.'" if self._beginnings else "":
            at = folded.find(sign, 1)
            while at > 0:
                start = self._may_begin(folded, at, sign)
                if start is not None:
                    for one in spellings.words(folded[start : start + spellings.LONGEST + 1]):
                        if start + one.start <= at + 1 and stem(one.token) in self._stems:
                            yield start + one.start, start + one.end
                at = folded.find(sign, at + 1)

    def _may_begin(self, folded: str, at: int, sign: str) -> int | None:
        """Where a word begins that may be one of those sought, with a sign in it."""
        if sign == "." and (folded[at - 1] not in self._beginnings or folded[at - 2 : at - 1].isalpha()):
            return None
        if sign == "'" and not folded[at + 1 : at + 4].isalpha():
            return None
        start = at
        while start and at - start < LONGEST_PART and folded[start - 1].isalpha():
            start -= 1
        is_one = folded[start:at] in self._beginnings or (sign == "'" and folded.startswith(self._word_heads, at + 1))
        return start if is_one else None

    def _numerals(self, folded: str) -> list[Span]:
        found = [] if folded.isascii() else list(spellings.han_numbers(folded))
        if any(roman in folded for roman in self._romans):
            found += spellings.roman_numbers(folded)
        return [(one.start, one.end) for one in found if one.token in self._numbers]

    def whole(self, text: str) -> str | None:
        """All of `text` as HTML with marks, or None without a match."""
        found = self.spans(text)
        return marked(text, found) if found else None

    def passage(self, text: str, width: int = SNIPPET) -> str | None:
        """About `width` characters round the densest group of the first matches, as HTML with marks, or None
        without a match."""
        for begin in range(0, min(len(text), LOOKED_AT), STRETCH):
            stretch = text[begin : begin + STRETCH + width]
            found = self.spans(stretch)
            if found:
                return self.cut(stretch, found, width, begin > 0, begin + len(stretch) < len(text))
        return None

    @staticmethod
    def cut(text: str, found: list[Span], width: int, before: bool = False, after: bool = False) -> str:
        """About `width` characters of a text round the densest group of `found`; `before`, `after`: more stands
        there."""
        start, end = window(text, found, width)
        inside = [(a - start, b - start) for a, b in found if a >= start and b <= end]
        if inside and (stop := text.find("\n", start + max(inside[-1][1], ENOUGH), end)) > 0:
            end = stop  # what follows is another element: a passage need not run on into it
        body = marked(text[start:end], inside)
        return ("…" if start or before else "") + one_line(body) + ("…" if end < len(text) or after else "")


def one_line(text: str) -> str:
    """Values of different elements, kept a line apart, in a row."""
    return text.replace("\n", " · ")


def _pattern(strings: set[str]) -> re.Pattern[str] | None:
    """Phrases: their runs in a row, whatever punctuation or space stands between."""
    alternatives = [_in_a_row(runs(string)) for string in sorted(strings, key=len, reverse=True)]
    alternatives = [alternative for alternative in alternatives if alternative]
    return re.compile("|".join(alternatives)) if alternatives else None


def _in_a_row(found: list[str]) -> str:
    pattern = re.escape(found[0]) if found else ""
    for before, run in pairwise(found):
        pattern += (r"[\W_]*" if is_han(before) or is_han(run) else r"[\W_]+") + re.escape(run)
    return pattern


def _is_apart(folded: str, start: int, end: int) -> bool:
    """Does a string stand there by itself, not as the beginning or end of a word?"""
    if not boundaries(folded, start, end):
        return False
    return not (folded[end : end + 1] == "'" and _is_letter(folded[end - 1]) and _is_letter(folded[end + 1 : end + 2]))


def _is_whole_value(term: Term) -> bool:
    """What is asked of a whole value stands in no text."""
    return term.field in FACETS and term.field not in HEADING_FIELDS


def head(stem_: str) -> str:
    """How every word of a stem begins: the stem without its last two letters, which stemming may have changed."""
    return stem_[: max(2, len(stem_) - 2)]


def _is_letter(char: str) -> bool:
    """Does a character stand within Latin words?"""
    return char.isalnum() and not is_han(char)


def _word_end(folded: str, start: int) -> int:
    """Where the Latin word ends that stands at a place."""
    rest = _REST.match(folded, start)
    return rest.end() if rest else start


def merged(found: Iterable[Span]) -> list[Span]:
    """Spans in order, those that overlap as one."""
    out: list[Span] = []
    for start, end in sorted(found):
        if out and start < out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        elif end > start:
            out.append((start, end))
    return out


def window(text: str, found: Sequence[Span], width: int) -> Span:
    """The stretch of `text` of about `width` characters that holds most matches, cut at word boundaries."""
    if len(text) <= width:
        return 0, len(text)
    best = _densest(found[:50], width * 2 // 3)
    start = max(0, min(found[best][0] - width // 3, len(text) - width))
    end = max(start + width, found[best][1])
    if start and text[start - 1].isalnum() and not is_han(text[start]) and (cut := _WORD_END.match(text, start)):
        start = min(cut.end(), found[best][0])
    while start and start < found[best][0] and not text[start].isalnum():
        start += 1
    return start, min(end, len(text))


def _densest(found: Sequence[Span], width: int) -> int:
    """The match from which most others lie within `width` characters; the first of several."""
    best, most, last = 0, 0, 0
    for first, (start, _) in enumerate(found):
        while last < len(found) and found[last][1] <= start + width:
            last += 1
        if last - first > most:
            best, most = first, last - first
    return best


def marked(text: str, found: Sequence[Span]) -> str:
    """`text` escaped, with ``<mark>`` round the spans."""
    plain = _MARKUP.search(text) is None  # as nearly all are: looking once is cheaper than replacing piece by piece
    out: list[str] = []
    last = 0
    for start, end in found:
        before, match = text[last:start], text[start:end]
        out += (before, "<mark>", match, "</mark>") if plain else (escape(before), "<mark>", escape(match), "</mark>")
        last = end
    out.append(text[last:] if plain else escape(text[last:]))
    return "".join(out)
