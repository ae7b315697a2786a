"""Which records are about private persons: civil registration, medicine, courts, personnel. Names are masked in these
alone; in others they are what a reader looks for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

from mappings.record import Record
from mappings.text import fold
from pipelines.deidentify.lists import lines

_LATIN = re.compile(r"[a-z][a-z'-]*")


def class_of(record: Record) -> str | None:
    """The class of a record by the words of its title, of what contains it, and of its forms and subjects; None for
    one in which names stay. What stands nearest to the record decides.
    """
    return class_of_words(_said(record))


def class_of_words(said: Iterable[str]) -> str | None:
    """The class that the first of these texts names which names any."""
    for text in said:
        folded = fold(text)
        latin = set(_LATIN.findall(folded))
        for name, (words, strings) in _classes().items():
            if words & latin or any(string in folded for string in strings):
                return name
    return None


def _said(record: Record) -> Iterator[str]:
    yield record.title
    yield from (name.name for name in record.names if name.type in ("genre", "subject"))
    yield from record.formats
    yield from (ancestor.title for ancestor in reversed(record.ancestors))


@cache
def _classes() -> dict[str, tuple[frozenset[str], tuple[str, ...]]]:
    """By class: Latin words, and strings of other scripts."""
    found = {}
    for line in lines("classes"):
        name, _, rest = line.partition(":")
        words = fold(rest).split()
        latin = frozenset(word for word in words if word.isascii())
        found[name] = latin, tuple(word for word in words if word not in latin)
    return found
