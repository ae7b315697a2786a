"""A page as running text: what a reader reads on over line ends is found, marked and boxed over them, too.

The stored text stays as it is. Running text is made of it wherever text is searched or shown in a row: lines of Han
characters close up, words that a hyphen divides at a line end are put together, other lines are a blank apart. It
knows where each of its characters stands in the stored text. A divided word is also found by either of its parts.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from mappings.formats.page_text import line_text
from mappings.record import Page
from mappings.text import GAP, is_han, words_and_grams

Span = tuple[int, int]
SURE = frozenset("\u00ac\u00ad")
"""Not sign (ABBYY, Transkribus) and soft hyphen: at a line end they divide a word and are nothing else."""
HYPHENS = SURE | frozenset("-\u2010\u2e17=")
"""What may divide a word: hyphens, the double oblique hyphen, and the equals sign it is often read as."""
SUSPENDED = frozenset({"and", "als", "bis", "bzw", "et", "noch", "oder", "or", "ou", "sowie", "to", "und"})
"""After these a hyphen before stands for a part of the next word but one (Vor- und Nachname, pre- and post-war)."""


BLACK = "\ufdd0"
"""Stands for each character that nobody is to find (`blackened`): a character that no text has. Words on both sides of
it do not stand side by side."""
_BLACK = re.compile(f"{BLACK}+")


@dataclass(frozen=True, slots=True)
class Split:
    """A word that stands on two lines: where it is in the stored text, and its parts."""

    span: Span
    parts: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Running:
    """Running text; `places` and `left_out` say, ascending, from which character on how many of the stored text are
    left out before.
    """

    text: str
    places: Sequence[int] = ()
    left_out: Sequence[int] = ()
    splits: tuple[Split, ...] = ()

    def stored(self, span: Span) -> Span:
        """Where a stretch of running text stands in the stored text."""
        start, end = span
        return self._at(start), self._at(end - 1) + 1

    def _at(self, place: int) -> int:
        before = bisect_right(self.places, place)
        return place + (self.left_out[before - 1] if before else 0)

    def within(self, span: Span) -> Span:
        """Where a stretch of the stored text stands in running text."""
        start, end = span
        return self._from(start), self._from(end)

    def _from(self, stored: int) -> int:
        begins = [place + gone for place, gone in zip(self.places, self.left_out, strict=True)]
        before = bisect_right(begins, stored)
        place = stored - (self.left_out[before - 1] if before else 0)
        return min(place, self.places[before]) if before < len(begins) else place

    def layers(self) -> tuple[list[str], list[str]]:
        """Tokens that rank and tokens that match (`mappings.text`), those of the parts of divided words last."""
        first, *others = _BLACK.split(self.text) if BLACK in self.text else (self.text,)
        words, grams = words_and_grams(first)
        for text in (*others, *(" ".join(split.parts) for split in self.splits)):
            more_words, more_grams = words_and_grams(text)
            words += more_words
            grams += (GAP, *more_grams)
        return words, grams


def blackened(whole: Running, masks: Sequence[Span]) -> Running:
    """The text as it is searched, `masks` being stretches of the stored text: what stands for something masked keeps
    its place and is found by no word.
    """
    stretches = [whole.within(span) for span in masks]
    if not stretches:
        return whole
    text = whole.text
    for start, end in stretches:
        text = text[:start] + "".join(char if char.isspace() else BLACK for char in text[start:end]) + text[end:]
    left = (one for one in whole.splits if not any(start < one.span[1] and one.span[0] < end for start, end in masks))
    return replace(whole, text=text, splits=tuple(left))


def running(text: str, splits: Iterable[Split] = ()) -> Running:
    """The running text of stored lines; `splits` are known already."""
    lines = text.split("\n")
    if len(lines) == 1:
        return Running(text, splits=tuple(splits))
    pieces: list[str] = []
    places: list[int] = []
    left_out: list[int] = []
    found = list(splits)
    begin = length = gone = 0
    for line, following in pairwise(lines):
        end = begin + len(line)
        cut = _cut(line, following)
        if cut == 2:
            found.append(_split(line, following, end))
        piece = f"{line} " if cut == 0 else line[: len(line) - cut + 1]
        pieces.append(piece)
        length += len(piece)
        if cut:
            gone += cut
            places.append(length)
            left_out.append(gone)
        begin = end + 1
    pieces.append(lines[-1])
    return Running("".join(pieces), places, left_out, tuple(found))


def running_page(page: Page) -> Running:
    """The running text of a page, with the words its mapping put together."""
    return running(page.text, splits_of(page))


def splits_of(page: Page) -> Iterator[Split]:
    """The words that stand whole in their first line, as the mapping put them together."""
    if not page.divided:
        return
    ends, end = [], -1
    for line in page.lines:
        end += len(line_text(line)) + 1
        ends.append(end)
    for divided in page.divided:
        if divided.line < len(ends) and page.lines[divided.line]:
            word = page.lines[divided.line][-1].text
            yield Split((ends[divided.line] - len(word), ends[divided.line]), (word[: divided.at], word[divided.at :]))


def _cut(line: str, following: str) -> int:
    """Characters that do not stand between two lines in running text: none, the line end, or a hyphen and it."""
    if not line or not following:
        return 0
    last, first = line[-1], following[0]
    if is_han(last) and is_han(first):
        return 1
    return 2 if last in HYPHENS and _goes_on(line, following) else 0


def _goes_on(line: str, following: str) -> bool:
    """Does a word go on in the next line? A small letter tells, or capitals on both sides."""
    before, first = line[-2:-1], following[0]
    if not (before.isalpha() and first.isalpha()) or is_han(before) or is_han(first):
        return False
    if line[-1] in SURE:
        return True
    if first.isupper():
        return before.isupper()
    return _first_word(following) not in SUSPENDED


def _split(line: str, following: str, end: int) -> Split:
    before, after = _last_word(line[:-1]), _first_word(following)
    return Split((end - 1 - len(before), end + 1 + len(after)), (before, after))


def _first_word(text: str) -> str:
    for at, char in enumerate(text):
        if not char.isalnum() or is_han(char):
            return text[:at]
    return text


def _last_word(text: str) -> str:
    for at in range(len(text) - 1, -1, -1):
        if not text[at].isalnum() or is_han(text[at]):
            return text[at + 1 :]
    return text
