"""By which beginnings a resource and the names on it are suggested while somebody types.

Two fields of its document, both of them whole terms:

- `VALUES`: every name and subject as ``AUDIENCE PLACE KEY, field, value``, once for each place where a reader may begin
  to type it. The dictionary of such terms is the list of suggestions, in order; what an audience may not know of does
  not stand where it looks;
- `KEYS`: beginnings of the title and of the codes. Resources that have one are asked for by a `Key` of a plan, those
  of more weight first.

Both are made for each audience's document from what that audience may know of, like all else in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from indexer.fields import KEYS, SUGGESTED_FACETS, VALUES, WEIGHT
from mappings.authorities import forms
from mappings.pinyin import syllables
from mappings.record import Record
from mappings.text import STOP_WORDS, fold, is_han, runs

BREAK = "\x1f"
"""Between the parts of a term of `VALUES`; a value that has it is left out."""
AUDIENCE = {("reader", "staff"): "b", ("reader",): "r", ("staff",): "s"}
"""How terms of `VALUES` begin: by who may know of the document. So a walk of what one audience may know of needs no
look at the documents."""
OUTSET, WITHIN = "^~"
"""Then whether the key is of the value's beginning or of a place within it."""
KEY_LENGTH = 24
"""Characters of a key. What is typed beyond is compared with the value itself."""
VALUE_LENGTH = 120
"""Longer headings are sentences: they are found by searching, not by typing their beginning."""
STARTS = 8
"""Places in one name where typing may begin."""
EDGE = 3
"""Letters up to which the beginnings of words are kept; longer ones are few words each, which the grams find."""
READ_TOGETHER = 3
"""Syllables in a key of a title."""
READ_OF_TITLE = 24
"""Han characters of a title that can be typed by their reading."""
CODE_EDGE = 10
"""Characters up to which the beginnings of codes are kept; longer ones are few codes each."""
CODES = 3
"""Codes of a resource that can be typed."""
WORDS_OF_TITLE = 12
PROMINENT = 5_500
"""Weight from which a title is offered at its first letter: collections, series, authorities. For one letter there are
too many others to choose from."""
FIRST, WORD, READING, INITIALS, CODE, WHOLE = "^~',#="
"""What kind of beginning a key is: of the title, of a word in it, readings, their first letters, of a code; or no
beginning but a whole title."""
WHOLE_LENGTH = 100
_LEVELS = {
    "fonds": 9,
    "collection": 9,
    "recordgrp": 9,
    "subfonds": 8,
    "subgrp": 8,
    "series": 7,
    "subseries": 6,
    "class": 6,
    "file": 4,
    "item": 2,
}
_OTHER_LEVEL = 3


def normalised(text: str) -> str:
    """Text as keys hold it: folded, its words one blank apart."""
    return " ".join(runs(fold(text)))


def fields(
    viewers: tuple[str, ...], facets: dict[str, list[str]], records: Sequence[Record], codes: Sequence[str]
) -> dict[str, Any]:
    """The fields of a document, given its audiences, its facets, its records and the keys of its codes."""
    titles = dict.fromkeys(record.title for record in records)
    audience = AUDIENCE[viewers]
    known = [audience + term for term in values(facets, records)]
    weighs = weight(records[0])
    return {VALUES: known, KEYS: keys(titles, codes, weighs >= PROMINENT), WEIGHT: weighs}


def values(facets: dict[str, list[str]], records: Sequence[Record]) -> list[str]:
    """The terms of `VALUES` for the names on a resource, and for its own forms if it is an authority, without their
    audience."""
    found = dict.fromkeys(
        term for field in SUGGESTED_FACETS for value in facets.get(field, ()) for term in _of_value(field, value)
    )
    for record in records:
        if record.authority is not None:
            for form in forms(record.title, record.authority):
                found.update(dict.fromkeys(_of_form(record.authority.type, record.title, form)))
    return list(found)


@lru_cache(maxsize=16_384)
def _of_value(field: str, value: str) -> tuple[str, ...]:
    if len(value) > VALUE_LENGTH or BREAK in value:
        return ()
    return tuple(BREAK.join((key, field, value)) for key in _beginnings(value, field == "person"))


def _of_form(kind: str, heading: str, form: str) -> Iterator[str]:
    """A form of an authority leads to its heading. The field is ``=`` and the authority's type."""
    if max(len(form), len(heading)) <= VALUE_LENGTH and BREAK not in form + heading:
        for key in _beginnings(form, kind == "person"):
            yield BREAK.join((key, f"={kind}", heading, form))


def _beginnings(value: str, surname: bool) -> list[str]:
    """The keys of a name: from each word on, from each Han character on, and as it is read; those of its beginning and
    those within it are told apart, so that one letter need not be looked for everywhere."""
    words = runs(fold(value))
    written, read = list(_as_written(words))[:STARTS], list(_as_read(words, surname))
    found = dict.fromkeys(filter(None, (*written[:1], *read[:1])), OUTSET)
    if len(words) == 1 and read:
        found[initials(syllables(words[0], surname))] = OUTSET
    for key in filter(None, (*written, *read)):
        found.setdefault(key, WITHIN)
    return [place + key for key, place in found.items()]


def _as_written(words: Sequence[str]) -> Iterator[str]:
    for place, word in enumerate(words):
        if not place or word not in STOP_WORDS:
            rest = " ".join(words[place + 1 :])
            for at in range(len(word)) if is_han(word) else range(1):
                yield f"{word[at:]} {rest}".strip()[:KEY_LENGTH]


def _as_read(words: Sequence[str], surname: bool) -> Iterator[str]:
    """How Han words are read from each character on; first of all the name's own beginning, if it is one."""
    for place, word in enumerate(words[:2]):
        if is_han(word) and len(word) > 1:
            read = syllables(word, surname)
            yield from ("".join(read[at:])[:KEY_LENGTH] for at in range(min(len(read), STARTS)))
        elif not place:
            yield ""


def audiences(scope: str) -> tuple[str, ...]:
    """How the terms begin that somebody of this scope may know of."""
    return tuple(letter for viewers, letter in AUDIENCE.items() if scope in viewers)


def commonest(counts: Mapping[str, int], limit: int) -> list[tuple[str, int]]:
    """The terms that most resources have: by count, then by term."""
    return sorted(counts.items(), key=lambda found: (-found[1], found[0]))[:limit]


def initials(read: Sequence[str]) -> str:
    """The first letters of a reading, as people type them: ``gx`` for 光緒."""
    return "".join(syllable[:1] for syllable in read)[:KEY_LENGTH]


def keys(titles: Iterable[str], codes: Sequence[str], prominent: bool) -> list[str]:
    """The terms of `KEYS`; of `prominent` resources also the first letter. Made for every record of a sync, hence plain
    loops and words remembered."""
    found: list[str] = []
    for title in titles:
        words = _words(title)
        if words:
            found.append(_whole(words))
            found += _first(words[0], prominent)
            for word in words[:WORDS_OF_TITLE]:
                found += _word(word)
            if not title.isascii():
                found += _readings(words)
    for key in codes[:CODES]:
        found += [CODE + key[:end] for end in range(1, min(len(key), CODE_EDGE) + 1)]
        found.append(CODE + key)
    return list(dict.fromkeys(found))


def whole_title(title: str) -> str:
    """The key of a title that is this and no more: what two titles that are the same to a reader have in common; blank
    for one without letters or digits."""
    words = _words(title)
    return _whole(words) if words else ""


def _words(title: str) -> list[str]:
    return runs(fold(title[: VALUE_LENGTH * 2]))


def _whole(words: Sequence[str]) -> str:
    return WHOLE + "".join(words)[:WHOLE_LENGTH]


@lru_cache(maxsize=65_536)
def _first(word: str, prominent: bool) -> tuple[str, ...]:
    shortest = 1 if prominent or is_han(word) or len(word) == 1 else 2
    return tuple(FIRST + word[:end] for end in range(shortest, min(len(word), EDGE) + 1))


@lru_cache(maxsize=65_536)
def _word(word: str) -> tuple[str, ...]:
    """The short beginnings of a word; Han strings are found anywhere, by their grams."""
    if is_han(word) or word in STOP_WORDS:
        return ()
    return tuple(WORD + word[:end] for end in range(1, min(len(word), EDGE) + 1))


def _readings(words: Sequence[str]) -> Iterator[str]:
    """How the Han characters of a title are read, from each on, and the first letters of its beginning."""
    left = READ_OF_TITLE
    for word in words:
        if is_han(word) and left > 0:
            read = syllables(word[:left])
            if left == READ_OF_TITLE and len(read) > 1:
                yield INITIALS + initials(read)
            left -= len(read)
            yield from (READING + "".join(read[at : at + READ_TOGETHER]) for at in range(len(read)))


def weight(record: Record) -> int:
    """What comes first among equals: a collection before its boxes, a short title before a long one."""
    level = 10 if record.authority is not None else _LEVELS.get(record.level or "", _OTHER_LEVEL)
    return level * 1_000 - min(len(record.title), 500)
