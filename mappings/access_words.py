"""Coded words on access: what vocabularies of the field mean by them, from the table ``data/access_words.yml``.

Only a whole statement is looked up; running notes are read by `mappings.access_statements`. What is said of use
(RightsStatements.org, Creative Commons) speaks of copies and says nothing of who may read.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import Literal

import msgspec
from msgspec import Struct

from mappings.access import UNSTATED, Access, Level
from mappings.record import clean

About = Literal["access", "use", "security"]
LONGEST = 200
"""Characters of a statement that may be a code."""


class Entry(Struct, frozen=True, forbid_unknown_fields=True):
    """One meaning of a vocabulary, and the words for it."""

    words: tuple[str, ...] = ()
    begins: tuple[str, ...] = ()
    called: str | None = None
    value: Level | None = None
    describe: Literal["open", "internal"] | None = None
    copy: Level | None = None
    article: str | None = None
    waits: bool = False

    def __post_init__(self) -> None:
        if not (self.words or self.begins):
            raise ValueError("an entry has words, or how statements begin")
        if self.value is None and self.copy is None:
            raise ValueError("an entry says who may read (value) or have copies (copy)")


class Vocabulary(Struct, frozen=True, forbid_unknown_fields=True):
    """The words of one standard or house, and where it explains them."""

    vocabulary: str
    address: str
    about: About
    entries: tuple[Entry, ...]


def read(payload: bytes) -> tuple[Vocabulary, ...]:
    """Vocabularies as a file says them. Raises msgspec.ValidationError, which names the place."""
    return msgspec.yaml.decode(payload, type=tuple[Vocabulary, ...])


@cache
def vocabularies() -> tuple[Vocabulary, ...]:
    """What the file of this package says."""
    return read(resources.files("mappings").joinpath("data/access_words.yml").read_bytes())


def coded(text: str | None) -> Access | None:
    """What a coded statement on access says; None for what is none."""
    return _meant(text, "access")


def copying(text: str | None) -> Access | None:
    """What a coded statement on use says of copies."""
    return _meant(text, "use")


def security(text: str | None) -> Access | None:
    """What a security class (密级) says; None for what is public, and for what is no class."""
    return _meant(text, "security")


def waits(access: Access) -> bool:
    """Does a statement wait for a day that is said elsewhere, as an embargo does?"""
    found = _entry(access.reason, "access")
    return found is not None and found.waits and access.opens_on is None


def _meant(text: str | None, about: About) -> Access | None:
    entry, said = _entry(text, about), clean(text)
    if entry is None or said is None:
        return None
    reason = _reason(entry, said)
    if entry.value is None:
        return msgspec.structs.replace(UNSTATED, copy=entry.copy, copy_reason=reason)
    return Access(entry.value, reason, article=entry.article, describe=entry.describe, copy=entry.copy)


def _reason(entry: Entry, said: str) -> str:
    """The statement as written, and what it is called where it is an address or a code."""
    is_code = "/" in said or (" " not in said and said.isascii())
    return entry.called if entry.called and is_code else said


def _entry(text: str | None, about: About) -> Entry | None:
    if not text or len(text) > LONGEST:
        return None
    whole, beginnings = _table(about)
    written = _key(text)
    found = whole.get(written)
    if found is not None:
        return found
    return next((entry for begins, entry in beginnings if written.startswith(begins)), None)


@cache
def _table(about: About) -> tuple[dict[str, Entry], list[tuple[str, Entry]]]:
    """The entries of all vocabularies about that, by word, and by how longer statements begin, the longest first."""
    entries = [entry for one in vocabularies() if one.about == about for entry in one.entries]
    whole = {_key(word): entry for entry in entries for word in entry.words}
    beginnings = [(_begin(begins), entry) for entry in entries for begins in entry.begins]
    return whole, sorted(beginnings, key=lambda pair: -len(pair[0]))


_SCHEME = re.compile(r"^https?://(?:www\.)?")


def _begin(text: str) -> str:
    return _SCHEME.sub("", " ".join(text.split()).casefold())


def _key(text: str) -> str:
    return _begin(text).strip(" .,;:/。；，：")
