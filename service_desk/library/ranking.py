"""Ranking some thousands of short texts by words, in memory: Okapi BM25 over words and pairs of Han characters, in any
script. The same on every database, and without the index of the holdings.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from itertools import pairwise
from typing import Final, Generic, TypeVar

from mappings.text import STOP_WORDS, fold, is_han, runs, stem

_K1: Final = 1.2
_B: Final = 0.6
"""As in the literature for short texts: a word said twice counts little more, length counts somewhat less."""
LONGEST: Final = 4_000
"""Characters of a text that are looked at."""
K = TypeVar("K", bound=Hashable)


def tokens(text: str) -> list[str]:
    """Words as they are compared: stems of those with blanks between them, pairs of Han characters, folded."""
    found: list[str] = []
    for run in runs(fold(text[:LONGEST])):
        if is_han(run):
            found += (one + other for one, other in pairwise(run)) if len(run) > 1 else (run,)
        elif run not in STOP_WORDS:
            found.append(stem(run))
    return found


def weighted(*parts: tuple[str, float]) -> dict[str, float]:
    """The words of several texts, each with the weight of its text."""
    found: Counter[str] = Counter()
    for text, weight in parts:
        for token in tokens(text):
            found[token] += weight  # type: ignore[assignment]  # a counter of numbers, whole or not
    return dict(found)


class Ranking(Generic[K]):
    """Texts by key. Not safe to change while somebody searches: whoever shares one holds a lock."""

    def __init__(self, texts: Iterable[tuple[K, Mapping[str, float]]] = ()) -> None:
        self._postings: defaultdict[str, dict[K, float]] = defaultdict(dict)
        self._texts: dict[K, Mapping[str, float]] = {}
        self._lengths: dict[K, float] = {}
        self._length = 0.0
        for key, text in texts:
            self.put(key, text)

    def put(self, key: K, text: Mapping[str, float]) -> None:
        """Add a text (`weighted`), in place of what went by its key."""
        self.drop(key)
        self._texts[key] = text
        self._lengths[key] = sum(text.values())
        self._length += self._lengths[key]
        for token, weight in text.items():
            self._postings[token][key] = weight

    def drop(self, key: K) -> None:
        """Take a text out; nothing when there is none."""
        for token in self._texts.pop(key, {}):
            del self._postings[token][key]
            if not self._postings[token]:
                del self._postings[token]
        self._length -= self._lengths.pop(key, 0.0)

    def search(
        self, text: str, fits: Callable[[K], bool] = lambda key: True, limit: int = 10, least: float = 0.0
    ) -> list[tuple[K, float]]:
        """The best `limit` that fit, with their scores, best first. Each has at least the share `least` of what is
        asked, rare words counting more.
        """
        asked = {token: self._rarity(token) for token in dict.fromkeys(tokens(text))}
        whole, scores, shares = sum(asked.values()), defaultdict[K, float](float), defaultdict[K, float](float)
        mean = self._length / len(self._texts) if self._texts else 1.0
        for token, rarity in asked.items():
            for key, weight in self._postings.get(token, {}).items():
                norm = _K1 * (1 - _B + _B * self._lengths[key] / mean)
                scores[key] += rarity * weight * (_K1 + 1) / (weight + norm)
                shares[key] += rarity
        found = [(key, score) for key, score in scores.items() if shares[key] >= least * whole and fits(key)]
        return sorted(found, key=lambda one: -one[1])[:limit]

    def _rarity(self, token: str) -> float:
        """Inverse document frequency; what stands nowhere counts as what stands once."""
        having = max(1, len(self._postings.get(token, ())))
        return math.log(1 + (len(self._texts) - having + 0.5) / (having + 0.5)) if self._texts else 1.0
