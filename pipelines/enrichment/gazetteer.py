"""Names that are known: one Aho-Corasick automaton over the folded forms of every authority. Built without spaCy.

Folding changes no offset, so what is found in the folded text stands at the same place in the text. Latin forms match
whole words that are written with a capital. Han forms match where the segmentation allows a word to begin or end;
persons of two characters need more than that (`context`), since half of them are words, too.
"""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import ahocorasick

from mappings.record import MentionType
from mappings.text import boundaries, is_han
from pipelines.enrichment.context import has_context, is_other
from pipelines.enrichment.entries import MOST_HOMONYMS, Entry
from pipelines.enrichment.found import GAZETTEER, Found

if TYPE_CHECKING:
    from spacy.tokens import Doc

_BOOK = re.compile(r"《[^《》]*》")


class Gazetteer:
    """Forms and what goes by them. Forms are folded; a form of more than `MOST_HOMONYMS` entries names nothing."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries: list[Entry] = []
        by_form: dict[str, list[int]] = {}
        for number, entry in enumerate(entries):
            self.entries.append(entry)
            for form in entry.forms:
                by_form.setdefault(form, []).append(number)
        self._automaton = ahocorasick.Automaton()
        for form, numbers in by_form.items():
            if len(numbers) <= MOST_HOMONYMS:
                self._automaton.add_word(form, _Form(len(form), is_han(form[0]), tuple(numbers)))
        self._automaton.make_automaton()

    def __len__(self) -> int:
        return len(self._automaton)

    def save(self, path: Path) -> None:
        """Write it to a file from which other processes load it faster than they could build it."""
        path.write_bytes(pickle.dumps((self.entries, self._automaton), pickle.HIGHEST_PROTOCOL))

    @classmethod
    def load(cls, path: Path) -> Gazetteer:
        """The gazetteer of `save`: only ever a file that this run wrote itself."""
        one = cls.__new__(cls)
        one.entries, one._automaton = pickle.loads(path.read_bytes())  # noqa: S301  # written by this very run
        return one

    def matches(self, text: str, folded: str, tokens: Tokens) -> Iterator[Found]:
        """Every place where a known name stands as a name."""
        if not self._automaton:
            return
        entries = self.entries
        for last, form in self._automaton.iter(folded):
            start, end = last + 1 - form.length, last + 1
            kind = entries[form.entries[0]].type
            if not form.is_han:
                if text[start].isupper() and boundaries(folded, start, end):
                    yield Found(start, end, kind, GAZETTEER, form.entries)
            elif kind == "person" and has_context(folded, start, end) and not tokens.in_book(start):
                yield Found(start, end, kind, GAZETTEER, form.entries)
            elif tokens.allow(start, end, kind) and not (kind == "place" and is_other(folded, end)):
                yield Found(start, end, kind, GAZETTEER, form.entries, kind == "person" and form.length == 2)


class _Form(NamedTuple):
    length: int
    is_han: bool
    entries: tuple[int, ...]


class Tokens:
    """Where the words of a text begin and end, asked for only when a Han name was found in it."""

    def __init__(self, doc: Doc) -> None:
        self._doc = doc

    @cached_property
    def starts(self) -> frozenset[int]:
        return frozenset(token.idx for token in self._doc)

    @cached_property
    def ends(self) -> frozenset[int]:
        return frozenset(token.idx + len(token) for token in self._doc)

    @cached_property
    def _in_books(self) -> frozenset[int]:
        """Places in titles of works: who is named there is what the work is called."""
        return frozenset(at for found in _BOOK.finditer(self._doc.user_data["text"]) for at in range(*found.span()))

    def in_book(self, at: int) -> bool:
        """Is it in the title of a work?"""
        return at in self._in_books

    def allow(self, start: int, end: int, kind: MentionType) -> bool:
        """May a Han name stand there? A short one is cut out by the segmentation; of a long one, one end is."""
        if self.in_book(start):
            return False
        begins, ends = start in self.starts, end in self.ends
        if end - start <= 2 and kind != "office":
            return begins and ends
        return begins or ends
