"""What an authority record gives to the gazetteer: its forms, when and where it was. Needs no spaCy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from mappings.authorities import forms
from mappings.record import AgentType, MentionType, Record
from mappings.text import fold, is_han

MOST_HOMONYMS = 40
"""A form that more authorities share (市辖区 names 280 places of China) says nothing about any of them."""
TYPES: dict[AgentType, MentionType] = {
    "person": "person",
    "family": "person",
    "organisation": "organisation",
    "place": "place",
    "function": "office",
}
_LONGEST = 60
_DATED = re.compile(r"[,(\s]*(?:(?:b|d|ca|fl|active|born|died)\.?\s*)?-?\d{3,4}\b.*$", re.IGNORECASE)
_QUALIFIED = re.compile(r"\s*\([^()]*\)\s*$")
_UNCOMPARED = frozenset('"\\\n')
_LATIN_WORD = re.compile(r"[^\W\d_]+")
_PLACE_SUFFIX = re.compile(fold("(?:省|市|特別行政區|壯族自治區|回族自治區|維吾爾自治區|自治區)$"))


class Entry(NamedTuple):
    """An authority: `key` is ``SOURCE:SOURCE_ID``, `forms` are folded, `near` are folded names of places it belongs
    to. Years are astronomical, both ends included.
    """

    key: str
    name: str
    type: MentionType
    forms: tuple[str, ...]
    start: int | None = None
    end: int | None = None
    near: tuple[str, ...] = ()


def entry_of(source: str, record: Record) -> Entry | None:
    """What an authority record gives; None for other records and for what is no name of the kinds looked for."""
    authority = record.authority
    kind = TYPES.get(authority.type) if authority else None
    if authority is None or kind is None:
        return None
    found = {form: None for name in forms(record.title, authority) for form in _forms(name, kind, name == record.title)}
    if not found:
        return None
    near = [name.name for name in record.names if name.type == "place"]
    near += [relation.name for relation in authority.relations]
    dates = record.dates
    return Entry(
        f"{source}:{record.source_id}",
        record.title,
        kind,
        tuple(found),
        dates.start if dates else None,
        dates.end if dates else None,
        tuple(dict.fromkeys(fold(name) for name in near if 2 <= len(name) <= _LONGEST)),
    )


def _forms(name: str, kind: MentionType, is_heading: bool) -> Iterator[str]:
    """The forms of a name as texts have them: without dates, a person both inverted and not."""
    plain = _QUALIFIED.sub("", _DATED.sub("", name)).strip(" ,;")
    folded = fold(plain)
    if not 2 <= len(folded) <= _LONGEST or not _UNCOMPARED.isdisjoint(folded):
        return
    if is_han(folded[0]):
        yield from _han_forms(folded, kind, is_heading)
    elif folded[0].isalpha():
        yield from _latin_forms(folded, kind)


def _han_forms(folded: str, kind: MentionType, is_heading: bool) -> Iterator[str]:
    """A variant of two characters is a courtesy name or a by-name: it stands for a dozen people and is a word, too; and
    every family had its 趙氏.
    """
    if kind == "person" and len(folded) < 3 and (not is_heading or folded[-1] == "氏"):
        return
    yield folded
    short = _PLACE_SUFFIX.sub("", folded)
    if kind == "place" and len(short) >= 2 and short != folded:
        yield short


def _latin_forms(folded: str, kind: MentionType) -> Iterator[str]:
    """One word names a place; a person or a body only when it is not the whole of the name."""
    count = len(_LATIN_WORD.findall(folded))
    if kind == "person":
        surname, comma, rest = folded.partition(", ")
        if count >= 2:
            yield folded
        if comma and count >= 2 and "," not in rest:
            yield f"{rest} {surname}"
    elif count >= 2 or (kind == "place" and len(folded) >= 4):
        yield folded
