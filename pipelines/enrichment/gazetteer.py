"""Names that are known: one Aho-Corasick automaton over the folded forms of every authority. Built without spaCy.

Folding changes no offset, so what is found in the folded text stands at the same place in the text. Latin forms match
whole words that are written with a capital. Han forms match where the segmentation allows a word to begin or end;
persons of two characters need more than that (`context`), since half of them are words, too.
"""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterable, Sequence
from itertools import accumulate
from pathlib import Path

import ahocorasick

from mappings.record import MentionType
from mappings.text import boundaries, is_han
from pipelines.enrichment.context import has_context, is_other
from pipelines.enrichment.entries import MOST_HOMONYMS, Entry
from pipelines.enrichment.found import GAZETTEER, Found

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
        self._han, self._latin = ahocorasick.Automaton(), ahocorasick.Automaton()
        for form, numbers in by_form.items():
            if len(numbers) > MOST_HOMONYMS:
                continue
            if is_han(form[0]):
                self._han.add_word(_bytes(form), self._of_types(form, numbers))
            else:
                self._latin.add_word(form, self._of_types(form, numbers))
        self._han.make_automaton()
        self._latin.make_automaton()
        self._has_han, self._has_latin = len(self._han) > 0, len(self._latin) > 0

    def _of_types(self, form: str, numbers: Sequence[int]) -> tuple[_Form, ...]:
        """A form by the types of what goes by it: 長安 is a city and a person, and the text says which."""
        types = dict.fromkeys(self.entries[number].type for number in numbers)
        return tuple(
            (form, kind, tuple(number for number in numbers if self.entries[number].type == kind)) for kind in types
        )

    def __len__(self) -> int:
        return len(self._han) + len(self._latin)

    def save(self, path: Path) -> None:
        """Write it to a file from which other processes load it faster than they could build it."""
        path.write_bytes(pickle.dumps(self, pickle.HIGHEST_PROTOCOL))

    @classmethod
    def load(cls, path: Path) -> Gazetteer:
        """The gazetteer of `save`: only ever a file that this run wrote itself."""
        loaded: Gazetteer = pickle.loads(path.read_bytes())  # noqa: S301  # written by this very run
        return loaded

    def find(self, text: str, folded: str, words: Sequence[str], everywhere: bool = False) -> list[Found]:
        """Every place where a known name stands as a name. `words` are those that a text with Han was cut into;
        `everywhere`: they do not matter.
        """
        found: list[Found] = []
        if self._has_latin:
            for last, forms in self._latin.iter(folded):
                end = last + 1
                start = end - len(forms[0][0])
                is_apart = not (folded[start - 1 : start].isalnum() or folded[end : end + 1].isalnum())
                if text[start].isupper() and (is_apart or boundaries(folded, start, end)):
                    for _, kind, entries in forms:
                        found.append(Found(start, end, kind, GAZETTEER, entries))
        if self._has_han and not folded.isascii():
            self._find_han(folded, Cuts(folded, words, everywhere), found)
        return found

    def _find_han(self, folded: str, cuts: Cuts, found: list[Found]) -> None:
        for last, forms in self._han.iter(_bytes(folded)):
            end = (last + 1) // 2
            for form, kind, entries in forms:
                start = end - len(form)
                if not folded.startswith(form, start) or cuts.in_book(start):
                    continue  # between two characters, or one of those that share a sign; or in a title
                if kind == "person" and has_context(folded, start, end):
                    found.append(Found(start, end, kind, GAZETTEER, entries))
                elif cuts.allow(start, end) and not (kind == "place" and is_other(folded, end)):
                    found.append(Found(start, end, kind, GAZETTEER, entries, kind == "person" and len(form) == 2))


_Form = tuple[str, MentionType, tuple[int, ...]]
"""A form, a type, and the entries of that type which go by it."""
_BEYOND = re.compile("[\U00010000-\U0010ffff]")


def _bytes(folded: str) -> str:
    """The text with two signs for each character, of 256 that there are: the automaton looks at a state's children one
    by one, and where a name can begin there are as many as family names (3 x on Chinese text).
    """
    return _BEYOND.sub("\uffff", folded).encode("utf-16-be", "surrogatepass").decode("latin-1")


class Cuts:
    """Where the words of a text begin and end, worked out only when a Han name was found in it."""

    def __init__(self, folded: str, words: Sequence[str], everywhere: bool) -> None:
        self._folded, self._words, self._everywhere = folded, words, everywhere
        self._cuts: frozenset[int] | None = None
        self._books: frozenset[int] | None = None if "《" in folded else frozenset()

    def in_book(self, at: int) -> bool:
        """Is it in the title of a work? Who is named there is what the work is called."""
        if self._books is None:
            self._books = frozenset(at for found in _BOOK.finditer(self._folded) for at in range(*found.span()))
        return at in self._books

    def allow(self, start: int, end: int) -> bool:
        """May a Han name stand there? A short one is cut out by the segmentation; of a long one, one end is."""
        if self._everywhere:
            return True
        if self._cuts is None:
            self._cuts = frozenset(accumulate(map(len, self._words), initial=0))
        begins, ends = start in self._cuts, end in self._cuts
        return begins and ends if end - start <= 2 else begins or ends
