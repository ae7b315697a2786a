"""By what records that may be one thing are brought together to be compared: a few short keys for each.

A key is two rare words of the title, or one with the year, the creator or the collection. The longest words stand for
the rarest: no mapping knows how often a word occurs elsewhere. Of Han text, where words have no ends and length says
nothing, three characters in a row are a word, and which of them count is left to their hash, so that both catalogues
choose alike wherever their titles agree. `docs/linking.md` says what becomes of the keys.
"""

from __future__ import annotations

import re
from itertools import combinations
from zlib import crc32

from mappings.record import Record
from mappings.remember import remember
from mappings.text import STOP_WORDS, fold, is_han, runs

LONGEST = 400
"""Characters of a title that are looked at."""
MOST = 10
"""Keys of one record."""
_SIGNALS = 3
_STEM = 6  # characters of a word that count: what follows is where it is shortened, inflected or misspelt
_PER_COLLECTION = 4_096
_ASCII_RUN = re.compile("[a-z0-9]+")


def blocks(record: Record) -> tuple[str, ...]:
    """The keys of a record, at most `MOST`; none for an authority, and none where the title is ours or says nothing."""
    if record.supplied_title or record.authority is not None:
        return ()
    words, numbers, first = _signals(record.title[:LONGEST])
    if not words:
        return ()
    two = (words[0],) if words[0] == first else (words[0], first)
    keys = [f"{one} {other}" for one, other in combinations(sorted(words[:_SIGNALS]), 2)]
    if record.dates is not None and record.dates.start is not None:
        keys += [f"{word} {record.dates.start}" for word in two]
    if within := _within(record):
        keys += [f"{word} < {within}" for word in two]
        keys += [f"{words[0]} < {within} {number}" for number in numbers[-1:]]
    elif creator := _creator(record):
        keys.append(f"{words[0]} @ {creator}")
    keys += [f"{words[0]} # {number}" for number in numbers[-1:]]
    if len(words) == 1 and len(keys) < 2:
        keys.append(words[0])
    return tuple(dict.fromkeys(keys))[:MOST]


@remember(_PER_COLLECTION)
def _signals(text: str) -> tuple[list[str], list[str], str]:
    """(the words of a text that tell it apart best, the best one first; its numbers; its first word).

    A number is a word only where there is nothing else.
    """
    words: list[tuple[int, str]] = []
    grams: set[str] = set()
    numbers: list[str] = []
    is_ascii = text.isascii()
    for run in _ASCII_RUN.findall(text.lower()) if is_ascii else runs(fold(text)):
        if run.isdigit():
            numbers.append(run[:_STEM].lstrip("0"))
        elif not is_ascii and is_han(run):
            grams.update([run] if len(run) < 4 else [run[at : at + 3] for at in range(len(run) - 2)])
        elif len(run) > 1 and run not in STOP_WORDS:
            words.append((-len(run), run[:_STEM]))
    first = words[0][1] if words else ""
    best = [word for _, word in sorted(words)]
    if grams:
        best += sorted(grams, key=lambda gram: crc32(gram.encode()))
    best = list(dict.fromkeys(best)) or numbers[:_SIGNALS]
    return best, numbers if words or grams else [], first or (best[0] if best else "")


def _within(record: Record) -> str:
    """The best word of the collection a record is part of, empty outside of any."""
    return _best(record.ancestors[0].title) if record.ancestors else ""


def _creator(record: Record) -> str:
    return next((_best(name.name) for name in record.names if name.role == "creator"), "")


def _best(text: str) -> str:
    words = _signals(text[:LONGEST])[0]
    return words[0] if words else ""
