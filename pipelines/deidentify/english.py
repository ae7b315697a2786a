"""Names of persons in papers in Latin script about private persons: rules over running text, by capitals, by given
names, and by the words beside them.

Here a missed name is worse than a word too many, unlike in `pipelines.enrichment`: in a case paper, a given name alone
names somebody, and so does a family name behind a title.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final, NamedTuple

from pipelines.deidentify.lists import lines, words
from pipelines.enrichment.words import words as enrichment_words

_UPPER: Final = r"A-ZÀ-ÖØ-Þ"
_WORD: Final = rf"(?:[DO]['’])?[{_UPPER}][\w]*(?:['’](?!s\b)[{_UPPER}a-z]\w+)?(?:-[{_UPPER}]?\w+)*"
_SMALL: Final = "van|von|de|der|den|la|le|du|da|di|del|dos|bin|binti|ibn|y|al|el"
_RUN: Final = re.compile(rf"(?<![\w/@])(?:{_WORD}\.?)(?: (?:(?:{_SMALL}) ){{0,3}}{_WORD}\.?)*")
_PIECE: Final = re.compile(rf"(?:(?<= )(?:{_SMALL}) ){{0,3}}(?P<word>{_WORD})(?P<dot>\.?)")
_INITIAL: Final = re.compile(rf"[{_UPPER}]\.")
_INVERTED: Final = re.compile(
    rf"(?<![\w.,] )(?<![\w/])(?P<family>(?:(?:[Vv]an|[Vv]on|[Dd]e)(?: der| den| la)? )?{_WORD}), "
    rf"(?P<given>[A-Z]\.|{_WORD})(?: (?:[A-Z]\.|{_WORD})){{0,2}}(?=[ \t]*(?:[.,;:/(]|  |$|of\b|died))"
)
_SUFFIX: Final = re.compile(r",? (?:Jr|Sr|II|III|IV)\b\.?")
_SENTENCE: Final = re.compile(r"(?:^|[.!?:;—–]|  )[\s\"“(‘']*$")
_LONGEST: Final = 5
_MONTHS: Final = frozenset({"April", "May", "June", "August"})
_SHORT: Final = frozenset(word.rstrip(".") for word in words("en_short_titles"))
"""Words that a dot may follow without ending a sentence."""
_SURE, _LIKELY, _DOUBTFUL = 0.9, 0.75, 0.6
Named = tuple[int, int, float]
"""Start, end, confidence."""


class _Piece(NamedTuple):
    """A word of a run; `start` is where its particles begin."""

    start: int
    at: int
    end: int
    word: str
    ends_sentence: bool = False

    @property
    def is_initial(self) -> bool:
        return _INITIAL.fullmatch(self.word) is not None


def persons(text: str) -> list[Named]:
    """Names in running text (`Flow`), in order; they do not overlap."""
    found: list[Named] = []
    taken = bytearray(len(text))
    for start, end, sure in (*_inverted(text), *(name for run in _RUN.finditer(text) for name in _in_run(text, run))):
        if not any(taken[start:end]):
            taken[start:end] = b"\1" * (end - start)
            found.append((start, end, sure))
    return sorted(found)


def parts_of(name: str) -> Iterator[str]:
    """The words of a name that name its bearer alone: given and family name, no initials and no small words."""
    for piece in _PIECE.finditer(name):
        if len(piece["word"]) > 2 and not _is_no_name(piece["word"]) and not _SUFFIX.fullmatch(f" {piece['word']}"):
            yield piece["word"]


def _inverted(text: str) -> Iterator[Named]:
    """Headings: SUTHERLAND, Ewan James."""
    for found in _INVERTED.finditer(text):
        family, given = found["family"], found["given"]
        names_one = _is_given(given) or (not given.isupper() and family.isupper() and len(family) > 2)
        if names_one and not _is_no_name(family) and not _is_no_name(given) and not _is_given(family):
            yield found.start(), found.end(), _SURE


def _in_run(text: str, run: re.Match[str]) -> Iterator[Named]:
    """The names in a run of words with capitals, divided at words that are part of no name."""
    part: list[_Piece] = []
    titled = False
    for piece in _pieces(run):
        if _is_title(piece.word) and (not part or _is_title_only(piece.word)):
            yield from _name(text, part, titled)
            part, titled = [], True
        elif (_is_no_name(piece.word) or _announces(piece.word)) and not _goes_on(part, piece.word):
            yield from _name(text, part, titled)
            part, titled = [], _announces(piece.word)
        else:
            part.append(piece)
        if piece.ends_sentence:
            yield from _name(text, part, titled)
            part, titled = [], False
    yield from _name(text, part, titled)


def _goes_on(part: Sequence[_Piece], word: str) -> bool:
    """May a word that is no name be one here: a month behind a given name (Ethel May)?"""
    return word in _MONTHS and bool(part) and _is_given(part[-1].word)


def _pieces(run: re.Match[str]) -> Iterator[_Piece]:
    """The words of a run; a dot belongs to initials and to short forms."""
    for found in _PIECE.finditer(run[0]):
        word = found["word"]
        short = len(word) == 1 or f"{word}." in _given() or word in _SHORT
        if found["dot"] and short:
            word += "."
        start = run.start() + found.start()
        at = run.start() + found.start("word")
        yield _Piece(start, at, at + len(word), word, bool(found["dot"]) and not short)


def _name(text: str, part: Sequence[_Piece], titled: bool) -> Iterator[Named]:
    """The name that these words are, if they are one."""
    part = part[:_LONGEST]
    if not part or all(piece.is_initial for piece in part):
        return
    start, end = part[0].at, part[-1].end
    announced = titled or _is_announced(text, start)
    first = next((at for at, piece in enumerate(part) if _is_given(piece.word) or piece.is_initial), None)
    if announced:
        yield start, _with_suffix(text, end), _SURE
    elif len(part) > 1 and part[0].word in words("en_family_first"):
        yield start, _with_suffix(text, end), _LIKELY
    elif first is not None and (first == 0 or _SENTENCE.search(text[:start])):
        yield from _from_given(text, part[first:], end)
    elif len(part) > 1 and (first is not None or not _is_doubtful_run(text, part)):
        yield start, _with_suffix(text, end), _DOUBTFUL


def _from_given(text: str, part: Sequence[_Piece], end: int) -> Iterator[Named]:
    """A name that begins with a given name or initials. One that is a word, too, must not stand alone."""
    alone = len(part) == 1
    if alone and (part[0].word in _ambiguous() or part[0].is_initial):
        return
    yield part[0].at, _with_suffix(text, end), _LIKELY if alone else _SURE


def _is_doubtful_run(text: str, part: Sequence[_Piece]) -> bool:
    """Is a run without a given name a heading, or words that have a capital for another reason?"""
    spoken = text.lower() != text and any(re.search(rf"\b{re.escape(piece.word.lower())}\b", text) for piece in part)
    shouted = all(piece.word.isupper() for piece in part)
    return spoken or (shouted and not _SENTENCE.search(text[: part[0].at])) or len(part) > 3


def _is_announced(text: str, start: int) -> bool:
    return _announcing().search(text, max(0, start - 60), start) is not None


def _with_suffix(text: str, end: int) -> int:
    found = _SUFFIX.match(text, end)
    return found.end() if found else end


def _is_title(word: str) -> bool:
    return word.rstrip(".") in _titles()


def _is_title_only(word: str) -> bool:
    """A title that is no given name: after Dean or Earl a name may go on."""
    return not _is_given(word.rstrip("."))


def _is_no_name(word: str) -> bool:
    return word in words("en_not_names") or word.isdigit() or (len(word) == 1)


def _announces(word: str) -> bool:
    """Does this word with a capital announce a name, as Patient does?"""
    return word.lower() in lines("en_before_names") and not _is_given(word)


def _is_given(word: str) -> bool:
    return word in _given() or (word.isupper() and len(word) > 2 and word.capitalize() in _given())


@cache
def _given() -> frozenset[str]:
    listed = enrichment_words("en_forenames") | words("en_forenames")
    return (listed | _ambiguous()) - words("en_not_names")


@cache
def _ambiguous() -> frozenset[str]:
    return enrichment_words("en_ambiguous_forenames")


@cache
def _titles() -> frozenset[str]:
    return frozenset(word.rstrip(".") for word in enrichment_words("en_titles") | words("en_titles"))


@cache
def _announcing() -> re.Pattern[str]:
    """A word that announces a name, at the end of what stands before it."""
    said = "|".join(sorted((re.escape(line) for line in lines("en_before_names")), key=len, reverse=True))
    return re.compile(rf"(?<![A-Za-z])(?i:{said})(?: \([^()]{{1,20}}\))?(?:[:,;]? {{1,3}}|: ?|\n)(?:(?i:the late) )?$")
