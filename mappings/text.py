"""How text becomes tokens, the same for every engine and for both sides of a search.

Text is folded one character to one character (case, width, accents, traditional and variant Han forms), so offsets
in folded and stored text agree and highlights and page boxes stay right. Marks that do not count (accents written
apart, vowel points, soft hyphens) fold to `JOINER`; `spelled` leaves them out and writes ligatures in full. Text is
then kept in two layers:

- *words* rank: Latin words stemmed, without stop words; of Han runs the dictionary words, the words within them and
every character;
- *grams* match: every Han run as its overlapping pairs plus its last character alone, other words whole and
  unstemmed, at true positions. A Han string of two or more characters occurs in a text exactly when its pairs stand
  in a row. Hangul and scripts written without blanks (Thai, Lao, Khmer, Burmese) are treated so, too.

What can be written in several ways is kept in other spellings, too (`mappings.spellings`): compounds and initials among
the words, numbers at the end of the grams.

Measured on judged sets before the start: folded words with a share of bigrams rank best; words alone lose 24-59 %
of matches.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib import import_module, resources
from itertools import pairwise
from typing import Any

import Stemmer

from mappings.spellings import is_number, other_spellings

HAN = (
    r"\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
HANGUL = r"\u1100-\u11ff\ua960-\ua97f\uac00-\ud7ff"
UNSPACED = r"\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ece\u1000-\u103f\u1050-\u108f\u1780-\u17d3"
"""Thai, Lao, Burmese and Khmer letters with their marks."""
STRINGS = HAN + HANGUL + UNSPACED
"""What is matched as strings of characters, not as words."""


def _marks() -> str:
    """Signs that belong to a word but are no letters (vowel signs of Indic scripts), as ranges of a character class."""
    codes = [code for code in range(0x900, 0x1CFB) if unicodedata.category(chr(code)) in ("Mn", "Mc")]
    starts = [code for before, code in pairwise([0, *codes]) if code != before + 1]
    ends = [code for code, after in pairwise([*codes, 0]) if after != code + 1]
    return "".join(f"{chr(start)}-{chr(end)}" for start, end in zip(starts, ends, strict=True))


JOINER = "\u034f"
"""What marks that do not count fold to (COMBINING GRAPHEME JOINER)."""
MARKS = _marks() + JOINER
LETTER = rf"[^\W_{STRINGS}]"
LETTERS = rf"{LETTER}+(?:[{MARKS}]+{LETTER}*)*"
RUN = re.compile(rf"[{HAN}]+|[{HANGUL}]+|[{UNSPACED}]+|{LETTERS}(?:'{LETTERS})*")
_ASCII_RUN = re.compile(r"[A-Za-z0-9]+(?:'[A-Za-z0-9]+)*")
_ASCII_WORDS = bytes(code if chr(code).isalnum() else 32 for code in range(128)).ljust(256)
"""Every ASCII character, all but letters and digits as blanks."""
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_HAN_CHAR = re.compile(f"[{STRINGS}]")
_SEGMENTED = re.compile(f"[{HAN}]")
_LATIN = re.compile(r"[a-z]+(?:'[a-z]+)*")
GAP = "|"
"""Token between values of one field, so that no phrase crosses from one value into the next."""
_MEMO_LIMIT = 50_000

STOP_WORDS = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "been",
        "but",
        "by",
        "did",
        "do",
        "does",
        "for",
        "from",
        "had",
        "has",
        "have",
        "how",
        "i",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "may",
        "must",
        "of",
        "on",
        "or",
        "s",
        "such",
        "than",
        "that",
        "the",
        "their",
        "there",
        "these",
        "they",
        "this",
        "those",
        "to",
        "was",
        "were",
        "what",
        "when",
        "where",
        "which",
        "who",
        "whom",
        "why",
        "will",
        "with",
        "would",
    ]
)


@cache
def _fold_table() -> dict[int, str]:
    lines = resources.files("mappings").joinpath("data/fold.txt").read_text(encoding="utf-8").split("\n")
    return {ord(char): new for char, new in zip(lines[0], lines[1], strict=True)}


@cache
def written_forms() -> dict[str, str]:
    """Every character that others fold to, with these others in a row."""
    forms: dict[str, str] = {}
    for code, folded in _fold_table().items():
        forms[folded] = forms.get(folded, "") + chr(code)
    return forms


def fold(text: str) -> str:
    """`text` folded, character by character: same length, same offsets."""
    lowered = text.lower()
    if text.isascii():
        return lowered
    if len(lowered) != len(text):  # a few letters (İ) have longer lower-case forms
        lowered = text
    folded = _NOT_ASCII.sub(_fold_match, lowered)
    if JOINER in folded or LONG in folded:
        folded = _NOT_ASCII.sub(_fold_match, _composed(lowered))
    return folded


def _fold_match(match: re.Match[str]) -> str:
    return match[0].translate(_fold_table())


LONG = "\u30fc"
_LAST_LONG = re.compile(
    "(?<=[\u30a1-\u30fc\uff66-\uff9d][\u30a1-\u30fc\uff66-\uff9f][\u30a1-\u30fc\uff66-\uff9f])[\u30fc\uff70]"
    "(?![\u30a1-\u30fc\uff66-\uff9f])"
)
"""The long vowel at the end of a Katakana word of three sounds and more, which is written or left out at will."""
_APART = re.compile("[^\\W\\d_][\u0300-\u0345\u3099\u309a\uff9e\uff9f]+|[\u1100-\u1112][\u1161-\u1175][\u11a8-\u11c2]?")
"""A letter and what was written apart from it: accents, sound marks of Kana, the parts of a Hangul syllable."""
_SOUND_MARKS = str.maketrans("\uff9e\uff9f", "\u3099\u309a")


def _composed(text: str) -> str:
    """Letters put together with their marks, each mark replaced by a joiner: same length."""
    return _APART.sub(_compose, _LAST_LONG.sub(JOINER, text))


def _compose(match: re.Match[str]) -> str:
    parts = match[0].translate(_SOUND_MARKS)
    whole = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", parts[0]) + parts[1:])
    return whole[0] + JOINER * (len(parts) - 1)


_IN_FULL = {
    "æ": "ae", "ǽ": "ae", "œ": "oe", "ß": "ss", "þ": "th", "ĳ": "ij", "ŀ": "l", "ŉ": "n",
    "ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st",
    "ﻵ": "لا", "ﻶ": "لا", "ﻷ": "لا", "ﻸ": "لا", "ﻹ": "لا", "ﻺ": "لا", "ﻻ": "لا", "ﻼ": "لا",
}  # fmt: skip
_IN_FULL |= {chr(code): unicodedata.normalize("NFKC", chr(code)) for code in range(0x2170, 0x2180)}
_IN_FULL |= {char: form for code in range(0x2469, 0x2474) for char, form in [(chr(code), str(code - 0x245F))]}
_TO_SPELL = re.compile(f"[{JOINER}{''.join(_IN_FULL)}]")


def spelled(folded: str) -> str:
    """Folded text without joiners and with ligatures in full: what tokens are made of. Offsets change."""
    return folded if folded.isascii() else _TO_SPELL.sub(_spell, folded)


def _spell(match: re.Match[str]) -> str:
    return _IN_FULL.get(match[0], "")


def spelled_with_offsets(folded: str) -> tuple[str, Sequence[int] | None]:
    """`spelled`, and where each of its characters, and its end, stands in `folded`; None where all stand alike."""
    if folded.isascii() or not _TO_SPELL.search(folded):
        return folded, None
    text: list[str] = []
    offsets: list[int] = []
    last = 0
    for match in _TO_SPELL.finditer(folded):
        full = _spell(match)
        text += folded[last : match.start()], full
        offsets += range(last, match.start())
        offsets += [match.start()] * len(full)
        last = match.end()
    return "".join((*text, folded[last:])), [*offsets, *range(last, len(folded) + 1)]


def is_han(run: str) -> bool:
    """Is the run one of Han or Kana, Hangul or unspaced characters, matched as a string? Runs never mix."""
    return _HAN_CHAR.match(run) is not None


def runs(folded: str) -> list[str]:
    """Runs of Han characters and runs of other letters and digits; everything else separates."""
    return RUN.findall(spelled(folded))


class _Stems(dict[str, str]):
    """Stems already taken; a lookup costs a tenth of stemming, and catalogues repeat their words."""

    _stemmer = Stemmer.Stemmer("english", 0)

    def __missing__(self, word: str) -> str:
        if len(self) > _MEMO_LIMIT:
            self.clear()
        self[word] = result = self._stemmer.stemWord(word) if _LATIN.fullmatch(word) else word
        return result


_stems = _Stems()


def stem(word: str) -> str:
    """English stem (Snowball) of a folded Latin word; other words unchanged."""
    return _stems[word]


@cache
def _jieba() -> Any:
    """The segmenter; reading its dictionary takes 0.1 s, which only the first Han run has to wait for."""
    return import_module("rjieba")


def segment(run: str) -> list[str]:
    """A Han run as dictionary words, in order, without overlap."""
    return list(_jieba().cut(run))


def words_and_grams(text: str) -> tuple[list[str], list[str]]:
    """Both layers of a stored text: the tokens that rank and the tokens that match, each in text order, and
    after them other spellings."""
    plain = text if text.isascii() else spelled(fold(text))
    if plain.isascii():
        found = grams = ascii_words(plain.lower())
        words = [_stems[run] for run in grams if run not in STOP_WORDS]
    else:
        found = RUN.findall(plain)
        words, grams = _layers(found)
    others = other_spellings(plain, found)
    for other in others:
        if is_number(other):
            grams += (GAP, other)
        else:
            words.append(_stems[other])
    return words, grams


def ascii_words(text: str) -> list[str]:
    """The words of a plain ASCII text, as they are written. Cutting at blanks takes a third of the time of looking."""
    return _ASCII_RUN.findall(text) if "'" in text else text.encode().translate(_ASCII_WORDS).decode().split()


def _layers(found: Sequence[str]) -> tuple[list[str], list[str]]:
    words: list[str] = []
    grams: list[str] = []
    for run in found:
        if _HAN_CHAR.match(run):
            words += _words_within(run)
            grams += [a + b for a, b in pairwise(run)]
            grams.append(run[-1])
        else:
            if run not in STOP_WORDS:
                words.append(_stems[run])
            grams.append(run)
    return words, grams


def _words_within(run: str) -> list[str]:
    """The words that rank: those of the dictionary, pairs in a script it does not know, and every character."""
    if len(run) == 1:
        return [run]
    words = _jieba().cut_for_search(run) if _SEGMENTED.match(run) else [a + b for a, b in pairwise(run)]
    return [*(word for word in words if len(word) > 1), *run]


def phrase(folded: str) -> list[tuple[int, str]]:
    """(position, token) pairs that find `folded` in the grams of a text.

    A run of one Han character stands as that character alone: it matches every pair that begins with it (`is_open`).
    """
    out: list[tuple[int, str]] = []
    position = 0
    for run in runs(folded):
        if is_han(run) and len(run) > 1:
            out += [(position + offset, a + b) for offset, (a, b) in enumerate(pairwise(run))]
            position += len(run)
        else:
            out.append((position, run))
            position += 1
    return out


def is_open(token: str) -> bool:
    """Is this gram of a query a single Han character, which also matches the pairs it begins?"""
    return len(token) == 1 and is_han(token)


def boundaries(folded: str, start: int, end: int) -> bool:
    """Does ``folded[start:end]`` begin and end where a token does (Latin words whole; Han anywhere)?"""
    return not (_inside_word(folded, start) or _inside_word(folded, end))


def _inside_word(folded: str, at: int) -> bool:
    if at <= 0 or at >= len(folded):
        return False
    before, after = folded[at - 1], folded[at]
    return before.isalnum() and after.isalnum() and not is_han(before) and not is_han(after)
