"""Recognised pages in files of their own: what ALTO, hOCR and PAGE XML have in common."""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar

from msgspec import structs

from mappings.base import Content, MappingOptions, Outcome, Unit
from mappings.formats.volume import PageFile, Reader, Volume
from mappings.record import Divided, Page, Word, clean

_HAN = re.compile(
    r"[\u25a0-\u25ff\u2610\u2e80-\u2fff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
"""Chinese and Japanese characters, and the boxes and circles that stand for illegible ones."""
_WIDE_MARK = re.compile(r"[\u3001-\u3004\u3008-\u3020\u3030\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]")
"""Punctuation that is as wide as a character and brings its own space."""
_DIVIDED = ("\u00ad", "\u00ac")
"""Soft hyphen and not sign (ABBYY, Transkribus): at a line end they divide a word and are nothing else."""
_FRAKTUR_HYPHEN = "\u2e17"
"""The double oblique hyphen divides words and joins names: a small letter after it tells."""
_CONJUNCTIONS = frozenset({"und", "oder", "bis", "bzw.", "noch", "sowie", "als"})


Lines = list[tuple[Word, ...]]


def page_of(
    lines: Lines,
    label: str | None,
    width: float | None,
    height: float | None,
    language: str | None,
    divided: Iterable[Divided] = (),
) -> Page:
    """A page from its lines of words; it gets its number from its place in the volume."""
    text = "\n".join(map(line_text, lines))
    return Page(0, text, label, None, width, height, tuple(lines), language, divided=tuple(divided))


def line_text(words: Iterable[Word]) -> str:
    """The words of a line with a blank between, except between Chinese or Japanese characters or beside their marks."""
    text = ""
    for word in words:
        text = f"{text}{word.text}" if not text or closes_up(text[-1], word.text[:1]) else f"{text} {word.text}"
    return text


def closes_up(before: str, after: str) -> bool:
    """Does nothing stand between these two characters in print?"""
    if _WIDE_MARK.match(before) or _WIDE_MARK.match(after):
        return True
    return bool(_HAN.match(before) and _HAN.match(after))


def characters(line: Word) -> tuple[Word, ...]:
    """A line of Chinese or Japanese that came without words, as one word for each character, so that what is found is
    boxed where it stands: the box of the line divided evenly along its longer side, since a block printer's characters
    are equally tall. Other lines stay one word.
    """
    pieces = [piece for piece in re.split(rf"\s|({_HAN.pattern}|{_WIDE_MARK.pattern})", line.text) if piece]
    total = sum(map(len, pieces))
    if len(pieces) < 2 or sum(map(len, filter(_HAN.match, pieces))) * 3 < total:
        return (line,)
    step = max(line.width, line.height) / total
    words, begun = [], 0
    for piece in pieces:
        at, long = begun * step, len(piece) * step
        begun += len(piece)
        if line.height >= line.width:
            words.append(structs.replace(line, text=piece, y=line.y + at, height=long))
        else:
            words.append(structs.replace(line, text=piece, x=line.x + at, width=long))
    said = line_text(words)  # blanks around a number are no difference, as in ALTO
    return tuple(words) if said.replace(" ", "") == line.text.replace(" ", "") and _is_plain(pieces) else (line,)


def _is_plain(pieces: list[str]) -> bool:
    """Nothing but characters, their marks, and Latin words or numbers?"""
    return all(_HAN.match(piece) or _WIDE_MARK.match(piece) or piece.isalnum() for piece in pieces)


def rejoined(lines: Iterable[Sequence[Word]], language: str | None) -> tuple[Lines, list[Divided]]:
    """Lines with words; one divided at a line end stands whole in its first line, in the box of its first part, as ALTO
    has it, and its rest is told apart.

    A plain hyphen divides for certain only in German, where the second part of a name begins with a capital; in other
    languages it may belong to the word.
    """
    hyphens = (_FRAKTUR_HYPHEN, "-", "=") if language == "de" else (_FRAKTUR_HYPHEN,)
    kept: list[list[Word]] = []
    divided: list[Divided] = []
    for line in filter(None, lines):
        words = list(line)
        if kept and (before := _first_part(kept[-1][-1].text, words[0].text, hyphens)) is not None:
            rest = words.pop(0)
            kept[-1][-1] = structs.replace(kept[-1][-1], text=before + rest.text)
            divided.append(rest_of(len(kept) - 1, len(before), rest))
        if words:
            kept.append(words)
    return [tuple(words) for words in kept], divided


def rest_of(line: int, at: int, rest: Word) -> Divided:
    """That the last word of a line goes on after `at` characters in the box of another."""
    return Divided(line, at, rest.x, rest.y, rest.width, rest.height)


def _first_part(last: str, following: str, hyphens: tuple[str, ...]) -> str | None:
    """The word at a line end without its hyphen, if the next line goes on with it (Vor- / und Nachname does not)."""
    if len(last) < 2 or not following[:1].isalpha():
        return None
    if last.endswith(_DIVIDED):
        return last[:-1]
    goes_on = last[-2].isalpha() and following[0].islower() and following not in _CONJUNCTIONS
    return last[:-1] if last.endswith(hyphens) and goes_on else None


def recognised(text: str | None) -> str | None:
    """A recognised text cleaned; a soft hyphen at its end, which cleaning would take, stays as ``\u00ac``."""
    if text is None:
        return None
    bare = text.rstrip()
    return clean(bare[:-1] + "\u00ac" if bare.endswith("\u00ad") else bare)


def number_of(value: str | None) -> float | None:
    """A coordinate or size; None for what is no finite number."""
    try:
        number = float(value) if value is not None else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None


class PageTextMapping(ABC):
    """A format of recognised pages: subclasses read one file."""

    unit: ClassVar[Unit] = "folder"
    format_name: ClassVar[str]
    suffixes: ClassVar[tuple[str, ...]] = (".xml",)

    def __init__(self, options: MappingOptions) -> None:
        self._options = options

    @abstractmethod
    def read(self, payload: bytes) -> PageFile:
        """The pages of one file. Never raises for bad input."""

    def reader(self) -> Reader:
        """How a volume reads files of this format."""
        return Reader(self.format_name, self.suffixes, self.read)

    def records(self, contents: Sequence[Content]) -> Iterator[Outcome]:
        """The volume a folder is, and a row for each file beside it that is no page."""
        return Volume(self.reader(), self._options).outcomes(contents)
