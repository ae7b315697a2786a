"""Did you mean: another spelling of what was typed, when it finds what this one does not.

Candidates come from titles, names, subjects and descriptions this viewer may know of, and each is counted for this
viewer before it is offered. English by edit distance; Chinese by characters that are read alike, by one character
that differs in a longer word, and by characters that look alike.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from rapidfuzz.distance import OSA

from indexer.engines.base import Engine
from indexer.fields import SUGGESTED_FACETS
from indexer.plan import And, Key, Node, Or, Plan, Rights, Term, near_distance, terms
from indexer.suggest_keys import BREAK, KEY_LENGTH, OUTSET, READ_TOGETHER, READING, WITHIN
from mappings.pinyin import compact, cut, syllables
from mappings.text import fold, is_han, runs, stem

RARE = 2
"""Records up to which a word may be a slip; one that more of them have is a word."""
TIMES_MORE = 5
"""How many times as many records another spelling must find when this one finds any."""
SHORTEST = 4
"""Letters of the shortest word that is looked at: of three, half the dictionary is one letter away."""
LONGEST = 12
MOST_WORDS = 6
SEEN = 20
"""Resources whose words are looked through for candidates."""
TEXT_SEEN = 1_000
CANDIDATES = 3
"""Candidates for one word that are counted."""
TRIED = 12
"""Han strings that are looked up for one word."""
OFFERED = 3
ALIKE = """
    己已巳 未末 戊戌戍 日曰 土士 千干于 人入 大太犬 天夭 王玉 洒酒 刀力 免兔 折拆 拔拨 侯候 历厉 师帅
    陕峡 斤斥 治冶 晴睛 准淮 栗粟 辨辩 壁璧 竞竟 博搏 毫亳 代伐 仑仓 令今 名各 官宫 宣宜 亨享
"""
"""Characters that are taken for each other in writing, printing and reading by machine."""
Json = dict[str, Any]


def found_words(text: str, word: str, most: int) -> Iterator[str]:
    """Words of a text that are spelt nearly as one: within this edit distance, and not another form of it. They begin
    with the same letter, as nearly all slips do.
    """
    rest = f"{{{max(1, len(word) - 1 - most)},{len(word) - 1 + most}}}"
    likely = re.findall(rf"\b{re.escape(word[0])}[^\W_]{rest}\b", fold(text))
    for other in dict.fromkeys(likely):
        if OSA.distance(other, word) <= most and stem(other) != stem(word):
            yield other


@dataclass(frozen=True, slots=True)
class Speller:
    """The index, and the rights of who asks it."""

    engine: Engine
    rights: Rights

    def offered(self, text: str, node: Node, found: int, count: Callable[[str], int]) -> list[Json]:
        """Other spellings of a text as ``{"text", "count"}``, those that find most first; `found` is what its own
        finds, `count` says what another one would.
        """
        least = max(1, found * TIMES_MORE)
        if found and not (found <= RARE and self._may_be_a_slip(node, least)):
            return []
        slips = {term.text: others for term in self._doubtful(node) if (others := self._others(term))}
        texts = dict.fromkeys(islice(_respelt(text, slips), CANDIDATES * 2))
        counted = ((other, count(other)) for other in texts if other != text)
        offered = sorted((pair for pair in counted if pair[1] >= least), key=lambda pair: -pair[1])
        return [{"text": other, "count": total} for other, total in offered[:OFFERED]]

    def _may_be_a_slip(self, node: Node, least: int) -> bool:
        """Is what finds something a single word that many records have nearly so? Several words that any record has
        are hardly ever a slip, and this is asked of every page with few hits."""
        if not isinstance(node, Term) or node.kind != "word" or node.field is not None:
            return False
        if is_han(node.folded):
            return True
        # Looking through the dictionary takes longer than the rest of the page: not for words that are never respelt.
        return len(node.folded) >= SHORTEST and self._total(replace(node, kind="near")) >= least

    def _doubtful(self, node: Node) -> Iterator[Term]:
        """Words of a question that hardly any record has."""
        words = [term for term in terms(node) if term.kind in ("word", "phrase") and term.field is None]
        for term in words[:MOST_WORDS]:
            shortest = 2 if is_han(term.folded) else SHORTEST
            if shortest <= len(term.folded) and len(runs(term.folded)) == 1 and self._total(term) <= RARE:
                yield term

    def _total(self, node: Node) -> int:
        return self.engine.counts([Plan(self.rights, node)])[0]

    def _others(self, term: Term) -> list[str]:
        """The likeliest other spellings of a word."""
        word = term.folded
        if not is_han(word):
            return self._read_so(word) or self._near(word)
        if len(word) > LONGEST:
            return []
        alike = self._known((*self._read_alike(word), *_looking_alike(word)))
        return alike or self._known(self._one_differs(word))

    def _known(self, others: Iterable[str]) -> list[str]:
        """Those of some strings that records have, the commonest first."""
        unlike = {fold(other): other for other in others}
        counted = [(self._total(Term(other, key, "phrase")), other) for key, other in islice(unlike.items(), TRIED)]
        return [other for total, other in sorted(counted, key=lambda pair: -pair[0]) if total][:CANDIDATES]

    def _near(self, word: str) -> list[str]:
        """Words that records have, nearly so spelt: the nearest first, then those of most records."""
        most = near_distance(word)
        found: Counter[str] = Counter()
        for stored in self._seen(Term(word, word, "near")):
            found.update(found_words(_told(stored), word, most))
        ranked = sorted(found, key=lambda other: (OSA.distance(other, word), -found[other], other))
        return ranked[:CANDIDATES]

    def _read_so(self, word: str) -> list[str]:
        """Han characters that are read so, when the word can be pinyin."""
        letters = compact(word)
        read = cut(letters) if letters else None
        if not read or len(read) < 2:
            return []
        found = Counter(_with_reading(self._texts_read(read), read))
        return [other for other, _ in found.most_common(CANDIDATES)]

    def _read_alike(self, word: str) -> list[str]:
        """Other characters that are read as these."""
        read = syllables(word)
        if not all(read):
            return []
        found = Counter(other for other in _with_reading(self._texts_read(read), read) if fold(other) != word)
        return [other for other, _ in found.most_common(CANDIDATES)]

    def _texts_read(self, read: Sequence[str]) -> Iterator[str]:
        """Names and titles in which something is read so."""
        yield from self._names("".join(read)[:KEY_LENGTH])
        key = Key(READING + "".join(read[:READ_TOGETHER]), prefix=len(read) < READ_TOGETHER)
        yield from (stored["title"] for stored in self._seen(key))

    def _names(self, beginning: str) -> Iterator[str]:
        """Names that begin so, or in which something does."""
        for place in (OUTSET, WITHIN):
            for term, _ in self.engine.values(place + beginning, self.rights, SEEN):
                yield term.split(BREAK)[-1]

    def _one_differs(self, word: str) -> list[str]:
        """Strings of names and titles in which one of three or more characters is another."""
        if len(word) <= 2:
            return []
        sides = [[part for part in (word[:at], word[at + 1 :]) if part] for at in range(len(word))]
        nodes = [And(tuple(Term(part, part, "phrase", "title") for part in parts)) for parts in sides]
        texts = [stored["title"] for stored in self._seen(Or(tuple(nodes)))]
        for beginning in (word[:-1], word[1:]):
            texts += self._names(beginning)
        found = Counter(other for text in texts for other in _differing(text, word))
        return [other for other, _ in found.most_common(CANDIDATES)]

    def _seen(self, node: Node) -> list[Json]:
        """What is stored of the weightiest resources."""
        plan = Plan(self.rights, node, sort="weight", size=SEEN, pages_per_hit=0)
        return [hit.stored for hit in self.engine.search(plan).hits]


def _told(stored: Json) -> str:
    """Title, names and the beginning of the description, as far as a word is looked for in them."""
    names = (value for facet in SUGGESTED_FACETS for value in stored["facets"].get(facet, ()))
    return "\n".join((stored["title"], *names, stored["text"][:TEXT_SEEN]))


def _respelt(text: str, slips: dict[str, list[str]]) -> Iterator[str]:
    """The text with every slip put right, first each by its likeliest spelling, then one by the next likely ones."""
    if not slips:
        return
    best = {slip: others[0] for slip, others in slips.items()}
    yield _replaced(text, best)
    for slip, others in slips.items():
        yield from (_replaced(text, {**best, slip: other}) for other in others[1:])


def _replaced(text: str, spelt: dict[str, str]) -> str:
    for slip, other in spelt.items():
        text = text.replace(slip, other, 1)
    return text


def _with_reading(texts: Iterable[str], read: Sequence[str]) -> Iterator[str]:
    """The parts of texts that are read exactly so."""
    for text in texts:
        of_text = syllables(fold(text))
        for at in range(len(of_text) - len(read) + 1):
            if of_text[at : at + len(read)] == list(read):
                yield text[at : at + len(read)]


def _differing(text: str, word: str) -> Iterator[str]:
    """The strings of a text in which one character is another than in a word."""
    folded = fold(text)
    for at in range(len(folded) - len(word) + 1):
        other = folded[at : at + len(word)]
        if sum(a != b for a, b in zip(other, word, strict=True)) == 1 and is_han(other) and len(runs(other)) == 1:
            yield text[at : at + len(word)]


def _looking_alike(word: str) -> Iterator[str]:
    for at, char in enumerate(word):
        for group in ALIKE.split():
            if char in group:
                yield from (word[:at] + other + word[at + 1 :] for other in group if other != char)
