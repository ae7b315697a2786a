"""Texts and pages with personal data masked: what a reader gets instead of what is restricted.

Masked text and words with boxes stay in step, as they were. Every offset of the masked text leads back to the original,
unless it lies within a mask.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from msgspec import Struct, structs

from mappings.deidentification import Box, Kind
from mappings.formats.page_text import closes_up
from mappings.record import Divided, Page, Word
from pipelines.deidentify.pseudonyms import Pseudonyms, script_of

_AROUND: Final = 0.12
"""Of a word's height: how far a black box reaches beyond it, since boxes are often drawn tightly."""


class Masking(NamedTuple):
    """Characters `start` to `end` (excluded) of a text that are masked, and what they are."""

    start: int
    end: int
    kind: Kind


class Piece(Struct, frozen=True, array_like=True):
    """`length` characters of a masked text from `start` on. `at` is where they stand in the original; None within a
    mask, and for a blank that was put in.
    """

    start: int
    length: int
    at: int | None


class MaskedPage(Struct, frozen=True):
    """`page` is what may be read: masked text and words, without image and address. `boxes` are black on the image,
    None when the places of what is masked are not known, so that no image can be shown. `pieces` lead back.
    """

    page: Page
    boxes: tuple[Box, ...] | None
    pieces: tuple[Piece, ...]

    def original(self, offset: int) -> int | None:
        """Where a character of the masked text stands in the original; None within a mask."""
        found = bisect_right(self.pieces, offset, key=lambda piece: piece.start) - 1
        if found < 0:
            return None
        piece = self.pieces[found]
        inside = offset - piece.start
        return piece.at + inside if piece.at is not None and inside < piece.length else None

    def stretches(self) -> tuple[tuple[int, int], ...]:
        """The stretches of the masked text (start, end) that stand for something masked."""
        put_in = ((piece.start, piece.start + piece.length) for piece in self.pieces if piece.at is None)
        return tuple((start, end) for start, end in put_in if self.page.text[start:end].strip())


def masked_page(page: Page, masks: Sequence[Masking], names: Pseudonyms) -> MaskedPage:
    """A page with these stretches of its text masked; `masks` are in order and do not overlap."""
    said = [(mask, names.of(mask.kind, page.text[mask.start : mask.end], script_of(page.text))) for mask in masks]
    words = list(_words(page))
    made = _Text()
    if not words:
        made.add_masked(page.text, 0, said)
        bare = structs.replace(page, text=made.text, lines=(), divided=(), image=None, url=None)
        return MaskedPage(bare, None, tuple(made.pieces))
    lines = tuple(_line(page, line, said, made, number) for number, line in enumerate(words))
    bare = structs.replace(
        page, text=made.text, lines=lines, divided=_left_whole(page, words, masks), image=None, url=None
    )
    return MaskedPage(bare, _black(page, words, masks), tuple(made.pieces))


Placed = tuple[Word, int]
"""A word and where it begins in the text of its page."""
_Said = Sequence[tuple[Masking, str]]


def _words(page: Page) -> Iterator[list[Placed]]:
    """Lines of words where they stand in the text; nothing when text and words are not the same."""
    at, lines = 0, []
    for line in page.lines:
        row = []
        for word in line:
            at += page.text.startswith(" ", at) and not word.text.startswith(" ")
            if not page.text.startswith(word.text, at):
                return
            row.append((word, at))
            at += len(word.text)
        lines.append(row)
        if page.text[at : at + 1] not in ("", "\n"):
            return
        at += 1
    if at >= len(page.text):
        yield from lines


class _Text:
    """A masked text as it grows."""

    def __init__(self) -> None:
        self.text = ""
        self.pieces: list[Piece] = []

    def add(self, text: str, at: int | None) -> None:
        if text:
            self.pieces.append(Piece(len(self.text), len(text), at))
            self.text += text

    def extend(self, part: _Text) -> None:
        """Add another one at the end."""
        for piece in part.pieces:
            self.add(part.text[piece.start : piece.start + piece.length], piece.at)

    def strip(self) -> None:
        """Take the blanks at both ends away: what is left of a word when a part of it is gone."""
        kept, bare = self.pieces, self.text.strip()
        begin = len(self.text) - len(self.text.lstrip())
        whole, self.text, self.pieces = self.text, "", []
        for piece in kept:
            start, end = max(piece.start, begin), min(piece.start + piece.length, begin + len(bare))
            if start < end:
                self.add(whole[start:end], None if piece.at is None else piece.at + start - piece.start)

    def add_masked(self, text: str, begin: int, said: _Said) -> None:
        """Add a stretch of the original that begins at `begin`. A mask is said where it begins; what goes on from
        before is left out. Line ends within one are kept.
        """
        end, at = begin + len(text), begin
        for mask, word in said:
            if mask.end <= begin or mask.start >= end:
                continue
            self.add(text[at - begin : max(mask.start, begin) - begin], at)
            at = min(mask.end, end)
            self.add(word if mask.start >= begin else "", None)
            self.add("\n" * text[max(mask.start, begin) - begin : at - begin].count("\n"), None)
        self.add(text[at - begin :], at)


def _line(page: Page, line: Sequence[Placed], said: _Said, made: _Text, number: int) -> tuple[Word, ...]:
    """The words of a line, masked; its text is added, blanks as `mappings.formats.page_text.line_text` has them."""
    if number:
        made.add("\n", line[0][1] - 1 if line else None)
    words: list[Word] = []
    for word, at in line:
        overlapping = [one for one in said if one[0].start < at + len(word.text) and at < one[0].end]
        part = _Text()
        part.add_masked(word.text, at, overlapping)
        part.strip()
        if not part.text:
            continue
        if words and overlapping and overlapping[0][0].start < at:  # the rest of a word, such as its full stop
            words[-1] = structs.replace(words[-1], text=words[-1].text + part.text)
            made.extend(part)
            continue
        if words and not closes_up(words[-1].text[-1], part.text[0]):
            made.add(" ", at - 1 if page.text[at - 1] == " " else None)
        made.extend(part)
        words.append(structs.replace(word, text=part.text) if overlapping else word)
    return tuple(words)


def boxes_of(page: Page, start: int, end: int) -> tuple[Box, ...]:
    """Where a stretch of the text stands on the image: the boxes of its words, none when they have no places."""
    words = list(_words(page))
    return _black(page, words, [Masking(start, end, "name")]) or ()


def _is_masked(word: Placed, masks: Sequence[Masking]) -> bool:
    return any(mask.start < word[1] + len(word[0].text) and word[1] < mask.end for mask in masks)


def _left_whole(page: Page, words: Sequence[Sequence[Placed]], masks: Sequence[Masking]) -> tuple[Divided, ...]:
    """The rests of divided words that are not masked."""
    return tuple(rest for rest in page.divided if not _is_masked(words[rest.line][-1], masks))


def _black(page: Page, words: Sequence[Sequence[Placed]], masks: Sequence[Masking]) -> tuple[Box, ...] | None:
    """The boxes of all words that are masked, or in which something is; None when one has no place."""
    rests = [rest for rest in page.divided if _is_masked(words[rest.line][-1], masks)]
    places: list[Word | Divided] = [word[0] for line in words for word in line if _is_masked(word, masks)]
    if not all(place.width > 0 and place.height > 0 for line in words for place, _ in line):
        return None
    return tuple(_box(place) for place in (*places, *rests))


def _box(place: Word | Divided) -> Box:
    around = _AROUND * min(place.width, place.height)
    return Box(place.x - around, place.y - around, place.width + 2 * around, place.height + 2 * around)
