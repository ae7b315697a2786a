"""By which beginnings a resource and the names on it are suggested while somebody types.

Two fields of its document, both of them whole terms:

- `VALUES`: every name and subject as ``KEY, field, value``, once for each place where a reader may begin to type it.
  The dictionary of such terms is the list of suggestions, in order, and counting the documents of a term for a viewer
  is the count beside it;
- `KEYS`: beginnings of the title and of the codes. Resources that have one are asked for by a `Key` of a plan, those
  of more weight first.

Both are made for each audience's document from what that audience may know of, like all else in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from indexer.fields import KEYS, SUGGESTED_FACETS, VALUES, WEIGHT
from mappings.authorities import forms
from mappings.pinyin import syllables
from mappings.record import Record
from mappings.reference_codes import key as code_key
from mappings.text import STOP_WORDS, fold, is_han, runs

BREAK = "\x1f"
"""Between the parts of a term of `VALUES`; in no text (`_clean`)."""
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
CODE_LENGTH = 20
WORDS_OF_TITLE = 12
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


def fields(facets: dict[str, list[str]], records: Sequence[Record], codes: Iterable[str]) -> dict[str, Any]:
    """The fields of a document, given its facets, its records and their codes."""
    titles = dict.fromkeys(record.title for record in records)
    return {VALUES: values(facets, records), KEYS: keys(titles, codes), WEIGHT: weight(records[0])}


def values(facets: dict[str, list[str]], records: Sequence[Record]) -> list[str]:
    """The terms of `VALUES` for the names on a resource, and for its own forms if it is an authority."""
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


def _beginnings(value: str, surname: bool) -> tuple[str, ...]:
    """The keys of a name: from each word on, from each Han character on, and as it is read."""
    found: dict[str, None] = {}
    words = runs(fold(value))
    for place, word in enumerate(words):
        if len(found) >= STARTS:
            break
        starts = range(len(word)) if is_han(word) else range(1)
        if place and word in STOP_WORDS:
            continue
        rest = " ".join(words[place + 1 :])
        found.update(dict.fromkeys(f"{word[at:]} {rest}".strip()[:KEY_LENGTH] for at in starts))
    keys = list(found)[:STARTS]
    for word in words[:2]:
        if is_han(word) and len(word) > 1:
            read = syllables(word, surname)
            keys += ["".join(read[at:])[:KEY_LENGTH] for at in range(min(len(read), STARTS))]
            keys.append(initials(read))
    return tuple(dict.fromkeys(filter(None, keys)))


def initials(read: Sequence[str]) -> str:
    """The first letters of a reading, as people type them: ``gx`` for 光緒."""
    return "".join(syllable[:1] for syllable in read)[:KEY_LENGTH]


def keys(titles: Iterable[str], codes: Iterable[str]) -> list[str]:
    """The terms of `KEYS`."""
    found: dict[str, None] = {}
    for title in titles:
        found.update(dict.fromkeys(_of_title(title)))
        if whole := whole_title(title):
            found[whole] = None
    for code in list(codes)[:3]:
        if key := code_key(code):
            found.update(dict.fromkeys(CODE + key[:end] for end in range(1, min(len(key), CODE_LENGTH) + 1)))
    return list(found)


def whole_title(title: str) -> str:
    """The key of a title that is this and no more: what two titles that are the same to a reader have in common; blank
    for one without letters or digits."""
    said = "".join(runs(fold(title)))[:WHOLE_LENGTH]
    return WHOLE + said if said else ""


def _of_title(title: str) -> Iterator[str]:
    words = runs(fold(title[: VALUE_LENGTH * 2]))
    if words:
        yield from (FIRST + words[0][:end] for end in range(1, min(len(words[0]), EDGE) + 1))
    latin = [word for word in dict.fromkeys(words) if not is_han(word) and word not in STOP_WORDS]
    for word in latin[:WORDS_OF_TITLE]:
        yield from (WORD + word[:end] for end in range(1, min(len(word), EDGE) + 1))
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
