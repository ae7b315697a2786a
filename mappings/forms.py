"""In which forms a text is written: what folding makes equal and the exact-form switch tells apart again.

A *unit* is a Han (Kana, Hangul ...) character or a word; its *forms* are how it is written (鐵 or 铁, Café or CAFE).
Of a text only these are kept, as a set of tokens without positions:

- where a unit is written in another form than the folded one, all the forms it is written in;
- ``!unit`` where one of them is not among those that can be known beforehand (other characters that fold to it, a
  capital or capitals);
- ``unit|`` where what follows a word before the next is not just a blank (beside a Han run: not nothing);
- ``|`` where a mark that does not count stands in a Han run.

So a text that holds a string when folded holds it as written, too, if it has no other form of any of its units;
only where it has several must somebody look (`indexer.exact`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from mappings.text import JOINER, LETTER, LETTERS, RUN, STRINGS, ascii_words, fold, is_han, spelled, written_forms

END = "\0"
"""Between values."""
STREWN = "|"
"""Token of a text with marks within Han runs."""
_SIGNS = bytes(code if chr(code).isalnum() or chr(code) in " '" else 1 for code in range(128)).ljust(256, b"\1")
"""Every ASCII character: letters, digits, blanks and apostrophes as they are, anything else as a sign."""
_OTHER_LETTER = re.compile(r"[^\W\x00-\x7f]")
_STREWN = re.compile(rf"[{STRINGS}]{JOINER}")


def forms(values: Iterable[str]) -> set[str]:
    """The tokens that say in which forms the values of a text are written.

    Runs for every record of a sync. What stands loosely is told too often rather than with care: it costs a look.
    """
    text = END.join(values)
    if text.isascii():
        return _of_words(set(ascii_words(text))).union(_loose(text.lower()))
    words = list(_word().finditer(text))
    found = _of_words({word[0] for word in words})
    plain = spelled(fold(text))
    if not _OTHER_LETTER.search(plain):
        return found.union(_loose(plain))
    found.update(unit + "|" for word in words for unit in _loose_at(text, *word.span()))
    return found | _of_characters(text)


def _of_words(written: set[str]) -> set[str]:
    """Tokens of the words of a text, each as written."""
    found: set[str] = set()
    for form in [word for word in written if not (word.islower() and word.isascii())]:
        unit = form.lower() if form.isascii() else spelled(fold(form))
        if form != unit:
            found.add(form)
            if unit in written:
                found.add(unit)
            if form not in (unit.capitalize(), unit.upper()):
                found.add("!" + unit)
    return found


def _loose(plain: str) -> list[str]:
    """Words of a plain text in small letters that have more beside them than one blank."""
    signs = plain.encode("ascii", "replace").translate(_SIGNS).decode()
    signs = signs.replace(" \1", "\1").replace("  ", "\1 ")
    strewn = [part for part in signs.split(" ") if "\1" in part or "'" in part]
    return [word + "|" for word in ascii_words(" ".join(strewn))] if strewn else strewn


def _of_characters(text: str) -> set[str]:
    """Tokens of the characters of a text that are matched as strings."""
    found: set[str] = set()
    table = _folds()
    for form in set(_variant().findall(text)):
        unit = table.get(form)
        if unit is None:
            continue
        found.add(form)
        if unit in text:
            found.add(unit)
    if _mark().search(text):
        found |= _of_composed(text)
    return found


def _of_composed(text: str) -> set[str]:
    """What marks make of characters: a text that has some is looked at with care."""
    folded = fold(text)
    pairs = {(form, unit) for form, unit in zip(text, folded, strict=True) if form != unit and is_han(unit)}
    found = {token for form, unit in pairs if form not in written_forms().get(unit, "") for token in (form, "!" + unit)}
    return found | {STREWN} if _STREWN.search(folded) else found


@cache
def _folds() -> dict[str, str]:
    """Characters that are matched as strings and fold to another."""
    return {form: unit for unit, others in written_forms().items() for form in others if is_han(unit)}


@cache
def _variant() -> re.Pattern[str]:
    """A character that may fold to another; beyond the basic plane any, since single ones make a class slow."""
    basic = "".join(re.escape(form) for form in _folds() if form <= "\uffff")
    return re.compile(f"[{basic}\U00020000-\U0003ffff]")


@cache
def _marks() -> str:
    """All marks that do not count, as ranges of a character class."""
    codes = sorted(map(ord, written_forms()[JOINER] + JOINER))
    starts = [code for before, code in pairwise([0, *codes]) if code != before + 1]
    ends = [code for code, after in pairwise([*codes, 0]) if after != code + 1]
    return "".join(f"{chr(start)}-{chr(end)}" for start, end in zip(starts, ends, strict=True))


@cache
def _mark() -> re.Pattern[str]:
    """Marks that do not count, and what is put together from parts."""
    return re.compile(f"[{_marks()}\u1100-\u1112\u30fc\uff70]")


@cache
def _word() -> re.Pattern[str]:
    """A word as it is written, with its marks and apostrophes."""
    apostrophes = "".join(map(re.escape, written_forms()["'"]))
    letters = LETTERS.replace(JOINER, _marks())
    return re.compile(f"{letters}(?:['{apostrophes}]{letters})*")


def _loose_at(text: str, start: int, end: int) -> Iterator[str]:
    """Units that stand loosely before or after a word: a blank is not loose between words, nothing beside others."""
    after = text[end : end + 2]
    if after and not (is_han(after) or (after[0] == " " and after[1:].isalnum() and not is_han(after[1:]))):
        yield spelled(fold(text[start:end]))
    if start and not text[start - 1].isalnum():
        before = text[max(0, start - 20) : start].rstrip(" ")
        while before and not before[-1].isalnum() and not is_han(before[-1]):
            before = before[:-1]
        if before and is_han(before[-1]):
            yield fold(before[-1])


def _usual(run: str, following: str) -> str:
    """What usually stands between two runs: a blank between words, nothing beside a Han run."""
    return "" if is_han(run) or is_han(following) else " "


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as it was typed: its form, what it folds to, and the other forms it may be known to have."""

    form: str
    folded: str
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """A string as it was typed: its units, the places where text may stand loosely, and whether it says itself what
    stands between its runs, which no token tells."""

    units: tuple[Unit, ...]
    loose: tuple[str, ...]
    is_strewn: bool

    @property
    def is_single(self) -> bool:
        """Is it one unit and nothing else?"""
        return len(self.units) == 1 and not self.loose and not self.is_strewn


def written(text: str) -> Written:
    """The units of a typed string."""
    folded = fold(text)
    found = list(RUN.finditer(folded))
    units: dict[Unit, None] = {}
    loose: dict[str, None] = {}
    for run in found:
        units.update((unit, None) for unit in _units(text[run.start() : run.end()], run[0]))
        if is_han(run[0]) and len(run[0]) > 1:
            loose[STREWN] = None
    is_strewn = (bool(found) and (found[0].start() > 0 or found[-1].end() < len(text))) or _STREWN.search(
        folded
    ) is not None
    for run, following in pairwise(found):
        between = text[run.end() : following.start()]
        is_strewn |= between != _usual(run[0], following[0]) or (is_han(run[0]) and is_han(following[0]))
        last = run[0].rstrip(JOINER)[-1] if is_han(run[0]) else spelled(run[0])
        loose[last + "|"] = None
    return Written(tuple(units), tuple(loose), is_strewn)


def _units(text: str, folded: str) -> Iterator[Unit]:
    if is_han(folded):
        for form, unit in zip(text, folded, strict=True):
            others = [other for other in (unit, *written_forms().get(unit, "")) if other != form]
            is_put_together = unit < "\u3400" or unit >= "\uac00"  # Kana and Hangul, from parts
            yield Unit(form, unit, (*others, "!" + unit) if is_put_together else tuple(others))
    else:
        unit = spelled(folded)
        others = [other for other in dict.fromkeys((unit, unit.capitalize(), unit.upper())) if other != text]
        yield Unit(text, unit, (*others, "!" + unit))


def exact_pattern(strings: Iterable[str]) -> re.Pattern[str]:
    """Finds strings as typed, but no part of a word."""
    return re.compile("|".join(_bounded(string) for string in sorted(strings, key=len, reverse=True)))


def _bounded(string: str) -> str:
    before = rf"(?<!{LETTER})(?<!{LETTER}['’])" if _is_wordlike(string[:1]) else ""
    after = rf"(?!{LETTER}|['’]{LETTER})" if _is_wordlike(string[-1:]) else ""
    return before + re.escape(string) + after


def _is_wordlike(char: str) -> bool:
    return char.isalnum() and not is_han(char)
