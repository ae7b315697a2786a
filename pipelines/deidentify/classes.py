"""Which records are about private persons: civil registration, medicine, courts, personnel. Names are masked in these
alone; in others they are what a reader looks for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Final, Protocol

from mappings.record import Record
from mappings.text import fold
from pipelines.deidentify.lists import lines

_LATIN = re.compile(r"[a-z][a-z'-]*")


Words = Mapping[str, Sequence[str]]
"""Words by class; those of `NONE` say that names stay."""
NONE: Final = "none"


def class_of(record: Record, own: Words = MappingProxyType({})) -> str | None:
    """The class of a record by the words of its title, of what contains it, and of its forms and subjects; None for
    one in which names stay. What stands nearest to the record decides; of one text the `own` words of an archive first.
    """
    return class_of_words(texts_of(record), own)


def class_of_words(said: Iterable[str], own: Words = MappingProxyType({})) -> str | None:
    """The class that the first of these texts names which names any."""
    mine = _divided(own.items())
    for text in said:
        folded = fold(text)
        latin = set(_LATIN.findall(folded))
        for name, (words, strings) in (*mine.items(), *_classes().items()):
            if words & latin or any(string in folded for string in strings):
                return None if name == NONE else name
    return None


class _Named(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def type(self) -> str: ...


class _Titled(Protocol):
    @property
    def title(self) -> str: ...


class Described(_Titled, Protocol):
    """What of a record tells its class."""

    @property
    def names(self) -> Sequence[_Named]: ...
    @property
    def formats(self) -> Sequence[str]: ...
    @property
    def ancestors(self) -> Sequence[_Titled]: ...


def texts_of(record: Described) -> Iterator[str]:
    """The texts by whose words a record is about private persons, the nearest to it first."""
    yield record.title
    yield from (name.name for name in record.names if name.type in ("genre", "subject"))
    yield from record.formats
    yield from (ancestor.title for ancestor in reversed(record.ancestors))


_Divided = dict[str, tuple[frozenset[str], tuple[str, ...]]]
"""By class: Latin words, and strings: those of other scripts, and of several words."""


@cache
def _classes() -> _Divided:
    return _divided((name, words.split()) for name, _, words in (line.partition(":") for line in lines("classes")))


def _divided(classes: Iterable[tuple[str, Sequence[str]]]) -> _Divided:
    found = {}
    for name, words in classes:
        folded = [fold(word) for word in words]
        latin = frozenset(word for word in folded if _LATIN.fullmatch(word))
        found[name] = latin, tuple(word for word in folded if word not in latin)
    return found
