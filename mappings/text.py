"""How text becomes tokens, the same for every engine and for both sides of a search.

Text is folded one character to one character (case, width, accents, traditional and variant Han forms), so offsets
in folded and stored
text agree and highlights and page boxes stay right. It is then kept in two layers:

- *words* rank: Latin words stemmed, without stop words; of Han runs the dictionary words, the words within them and
every character;
- *grams* match: every Han run as its overlapping pairs plus its last character alone, other words whole and
unstemmed, at true
  positions. A Han string of two or more characters occurs in a text exactly when its pairs stand in a row.

Measured on judged sets before the start: folded words with a share of bigrams rank best; words alone lose 24-59 %
of matches.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module, resources
from itertools import pairwise
from typing import Any

import Stemmer

HAN = (
    r"\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
RUN = re.compile(rf"[{HAN}]+|[^\W_{HAN}]+(?:['’][^\W_{HAN}]+)*")
_ASCII_RUN = re.compile(r"[a-z0-9]+(?:'[a-z0-9]+)*")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_HAN_CHAR = re.compile(f"[{HAN}]")
_LATIN = re.compile(r"[a-z]+(?:['’][a-z]+)*")
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


def fold(text: str) -> str:
    """`text` folded, character by character: same length, same offsets."""
    lowered = text.lower()
    if text.isascii():
        return lowered
    if len(lowered) != len(text):  # a few letters (İ) have longer lower-case forms
        lowered = text
    return _NOT_ASCII.sub(_fold_match, lowered)


def _fold_match(match: re.Match[str]) -> str:
    return match[0].translate(_fold_table())


def is_han(run: str) -> bool:
    """Does the run consist of Han (or kana) characters? Runs never mix."""
    return _HAN_CHAR.match(run) is not None


def runs(folded: str) -> list[str]:
    """Runs of Han characters and runs of other letters and digits; everything else separates."""
    return RUN.findall(folded)


class _Stems(dict[str, str]):
    """Stems already taken; a lookup costs a tenth of stemming, and catalogues repeat their words."""

    _stemmer = Stemmer.Stemmer("english", 0)

    def __missing__(self, word: str) -> str:
        if len(self) > _MEMO_LIMIT:
            self.clear()
        self[word] = result = self._stemmer.stemWord(word.replace("’", "'")) if _LATIN.fullmatch(word) else word
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
    """Both layers of a stored text: the tokens that rank and the tokens that match, each in text order."""
    if text.isascii():
        found = _ASCII_RUN.findall(text.lower())
        return [_stems[run] for run in found if run not in STOP_WORDS], found
    folded = fold(text)
    found = RUN.findall(folded)
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
    """The words that rank: those of the dictionary, and every character."""
    if len(run) == 1:
        return [run]
    return [*(word for word in _jieba().cut_for_search(run) if len(word) > 1), *run]


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
