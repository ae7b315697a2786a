"""How Han characters are read in Mandarin, without tones, so that what is typed in Latin letters can find them.

Readings are only ever offered to a reader to choose from (suggestions, "did you mean"): they match nothing by
themselves, for they would make a thousand different words one.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib import resources

from mappings.text import fold

LONGEST = 4
"""Characters of the longest word that is read as a whole."""
SURNAMES = {
    "曾": "zeng",
    "单": "shan",
    "解": "xie",
    "仇": "qiu",
    "朴": "piao",
    "查": "zha",
    "盖": "ge",
    "区": "ou",
    "翟": "zhai",
    "冼": "xian",
    "缪": "miao",
    "覃": "qin",
    "乐": "yue",
    "员": "yun",
    "燕": "yan",
    "隗": "wei",
    "宓": "mi",
    "折": "she",
    "种": "chong",
    "召": "shao",
    "尉迟": "yu chi",
    "长孙": "zhang sun",
    "万俟": "mo qi",
    "澹台": "tan tai",
}
"""Family names that are read otherwise than the words they look like."""
_TONED_U = str.maketrans("üǖǘǚǜÜǕǗǙǛ", "v" * 10)
_TYPED = re.compile(r"[a-z]+(?:[ '’-][a-z]+)*", re.ASCII)
_TONE = re.compile(r"(?<=[a-z])[1-5](?![0-9])")


@cache
def _tables() -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """The first reading of each character; the readings of words in which one is read otherwise."""
    text = resources.files("mappings").joinpath("data/pinyin.txt").read_text(encoding="utf-8")
    of_characters, _, of_words = text.partition("\n\n")
    first = {}
    for line in of_characters.splitlines():
        syllable, _, characters = line.partition(" ")
        first.update(dict.fromkeys(characters, syllable))
    words = {word: tuple(read.split(" ")) for word, _, read in (line.partition(" ") for line in of_words.splitlines())}
    return first, words


def syllables(folded: str, surname: bool = False) -> list[str]:
    """The reading of each character of a folded text, ``""`` for what has none; `surname`: it begins with one."""
    first, words = _tables()
    read: list[str] = []
    if surname:
        name = next((folded[:n] for n in (2, 1) if folded[:n] in SURNAMES), "")
        read += SURNAMES[name].split(" ") if name else []
    while len(read) < len(folded):
        at = len(read)
        word = next((w for n in range(LONGEST, 1, -1) if (w := folded[at : at + n]) in words), None)
        read += words[word] if word else (first.get(folded[at], ""),)
    return read[: len(folded)]


def compact(typed: str) -> str | None:
    """What was typed as one string of letters, without tones and blanks: ``Guāng xù``, ``guang1xu4``, ``guang'xu`` give
    ``guangxu``; None when it is not all Latin letters.
    """
    plain = _TONE.sub("", fold(typed.strip().translate(_TONED_U)))
    return re.sub(r"[ '’-]", "", plain) if _TYPED.fullmatch(plain) else None


@cache
def _one() -> re.Pattern[str]:
    """One syllable, the longest first."""
    first, words = _tables()
    known = {*first.values(), *(syllable for read in words.values() for syllable in read)} - {""}
    return re.compile("|".join(sorted(known, key=lambda syllable: (-len(syllable), syllable))))


@cache
def _beginnings() -> frozenset[str]:
    return frozenset(syllable[:n] for syllable in _one().pattern.split("|") for n in range(1, len(syllable) + 1))


def cut(letters: str) -> list[str] | None:
    """Letters as syllables, of which the last may be the beginning of one; None where they cannot be read so.

    The longest syllables are tried first: ``xian`` is one, ``xi'an`` typed without its sign as well.
    """
    found = _cut(letters)
    return None if found is None else list(found)


@lru_cache(maxsize=4_096)
def _cut(letters: str) -> tuple[str, ...] | None:
    """Remembered, for dead ends meet the same rest of the letters again and again."""
    if letters in _beginnings():
        return (letters,)
    if not letters:
        return ()
    for length in range(min(6, len(letters)), 0, -1):
        if _one().fullmatch(letters, 0, length) and (rest := _cut(letters[length:])):
            return (letters[:length], *rest)
    return None
