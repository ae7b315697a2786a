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

from indexer.engines.base import Beginning, Engine
from indexer.fields import SUGGESTED_FACETS
from indexer.plan import And, Key, Node, Or, Plan, Rights, Term, near_distance, terms, without_hits
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
LONGEST_FOUND = 3
"""Han characters of a word that is found and may be a slip all the same: more in a row are no chance."""
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

    def offered(self, text: str, node: Node, found: int, count: Callable[[Sequence[str]], list[int]]) -> list[Json]:
        """Other spellings of a text as ``{"text", "count"}``, those that find most first; `found` is what its own
        finds, `count` says what others would.
        """
        least = max(1, found * TIMES_MORE)
        if found and not (found <= RARE and self._may_be_a_slip(node, least)):
            return []
        slips = {term.text: others for term in self._doubtful(node) if (others := self._others(term))}
        texts = [other for other in dict.fromkeys(islice(_respelt(text, slips), CANDIDATES * 2)) if other != text]
        counted = zip(texts, count(texts), strict=True)
        offered = sorted((pair for pair in counted if pair[1] >= least), key=lambda pair: -pair[1])
        return [{"text": other, "count": total} for other, total in offered[:OFFERED]]

    def _may_be_a_slip(self, node: Node, least: int) -> bool:
        """Is what finds something a single word that many records have nearly so? Several words that any record has
        are hardly ever a slip, and this is asked of every page with few hits."""
        if not isinstance(node, Term) or node.kind != "word" or node.field is not None:
            return False
        if is_han(node.folded):
            return len(node.folded) <= LONGEST_FOUND
        # Looking through the dictionary takes longer than the rest of the page: not for words that are never respelt.
        return len(node.folded) >= SHORTEST and self._totals([replace(node, kind="near")])[0] >= least

    def _doubtful(self, node: Node) -> list[Term]:
        """Words of a question that hardly any record has."""
        words = [term for term in terms(node) if term.kind in ("word", "phrase") and term.field is None]
        likely = [term for term in words[:MOST_WORDS] if _is_respelt(term.folded)]
        if len(likely) == 1:
            self._foresee(likely, counted=True)
        doubtful = [term for term, total in zip(likely, self._totals(likely), strict=True) if total <= RARE]
        if len(likely) > 1:
            self._foresee(doubtful)
        return doubtful

    def _totals(self, nodes: Iterable[Node]) -> list[int]:
        return self.engine.counts([Plan(self.rights, node) for node in nodes])

    def _foresee(self, words: Sequence[Term], counted: bool = False) -> None:
        """What other spellings of some words are looked for in, asked together."""
        looked = [_looked_in(term.folded) for term in words]
        plans = [self._weightiest(node) for nodes, _ in looked for node in nodes]
        counts = [without_hits(Plan(self.rights, term)) for term in words] if counted else []
        beginnings = [one for _, every in looked for begun in every for one in self._beginnings(begun)]
        self.engine.foresee([*counts, *plans], beginnings)

    def _others(self, term: Term) -> list[str]:
        """The likeliest other spellings of a word."""
        word = term.folded
        if not is_han(word):
            return self._read_so(word) or self._near(word)
        return self._known([*self._read_so(word), *_looking_alike(word)], self._one_differs(word))

    def _known(self, *likely: Iterable[str]) -> list[str]:
        """Of several lists of strings the first of which records have any: those, the commonest first."""
        lists = [list({fold(other): other for other in others}.items())[:TRIED] for others in likely]
        totals = iter(self._totals(Term(other, key, "phrase") for others in lists for key, other in others))
        for others in lists:
            counted = [(next(totals), other) for _, other in others]
            if found := [other for total, other in sorted(counted, key=lambda pair: -pair[0]) if total]:
                return found[:CANDIDATES]
        return []

    def _near(self, word: str) -> list[str]:
        """Words that records have, nearly so spelt: the nearest first, then those of most records."""
        most = near_distance(word)
        found: Counter[str] = Counter()
        for stored in self._seen(_nearly(word)):
            found.update(found_words(_told(stored), word, most))
        ranked = sorted(found, key=lambda other: (OSA.distance(other, word), -found[other], other))
        return ranked[:CANDIDATES]

    def _read_so(self, word: str) -> list[str]:
        """Other strings that are read as these characters, or of which these letters are the pinyin."""
        read = _reading(word)
        found = Counter(other for other in _with_reading(self._texts_read(read), read) if fold(other) != word)
        return [other for other, _ in found.most_common(CANDIDATES)]

    def _texts_read(self, read: Sequence[str]) -> Iterator[str]:
        """Names and titles in which something is read so."""
        if read:
            yield from self._names(_key_read(read))
            yield from (stored["title"] for stored in self._seen(_title_read(read)))

    def _names(self, beginning: str) -> Iterator[str]:
        """Names that begin so, or in which something does."""
        for begun in self._beginnings(beginning):
            for term, _ in self.engine.values(*begun):
                yield term.split(BREAK)[-1]

    def _beginnings(self, beginning: str) -> Iterator[Beginning]:
        return ((place + beginning, self.rights, SEEN) for place in (OUTSET, WITHIN))

    def _one_differs(self, word: str) -> list[str]:
        """Strings of names and titles in which one of three or more characters is another."""
        if len(word) <= 2:
            return []
        texts = [stored["title"] for stored in self._seen(_but_one(word))]
        for beginning in _ends(word):
            texts += self._names(beginning)
        found = Counter(other for text in texts for other in _differing(text, word))
        return [other for other, _ in found.most_common(CANDIDATES)]

    def _seen(self, node: Node) -> list[Json]:
        """What is stored of the weightiest resources."""
        return [hit.stored for hit in self.engine.search(self._weightiest(node)).hits]

    def _weightiest(self, node: Node) -> Plan:
        return Plan(self.rights, node, sort="weight", size=SEEN, pages_per_hit=0)


def _is_respelt(word: str) -> bool:
    """Is another spelling of such a word looked for?"""
    fits = 2 <= len(word) <= LONGEST if is_han(word) else len(word) >= SHORTEST
    return fits and len(runs(word)) == 1


def _looked_in(word: str) -> tuple[list[Node], list[str]]:
    """In which resources other spellings of a word are looked for, and in names of which beginnings."""
    nodes: list[Node] = []
    beginnings: list[str] = []
    if read := _reading(word):
        nodes.append(_title_read(read))
        beginnings.append(_key_read(read))
    if not is_han(word):
        nodes.append(_nearly(word))
    elif len(word) > 2:
        nodes.append(_but_one(word))
        beginnings += _ends(word)
    return nodes, beginnings


def _reading(word: str) -> Sequence[str]:
    """The syllables of Han characters, or those that letters can be the pinyin of, two or more; empty without."""
    if is_han(word):
        read = syllables(word)
        return read if all(read) else ()
    letters = compact(word)
    cut_up = cut(letters) if letters else None
    return cut_up if cut_up and len(cut_up) > 1 else ()


def _key_read(read: Sequence[str]) -> str:
    return "".join(read)[:KEY_LENGTH]


def _title_read(read: Sequence[str]) -> Key:
    return Key(READING + "".join(read[:READ_TOGETHER]), prefix=len(read) < READ_TOGETHER)


def _nearly(word: str) -> Term:
    return Term(word, word, "near")


def _but_one(word: str) -> Or:
    """Titles that hold all of a word but one character."""
    sides = [[part for part in (word[:at], word[at + 1 :]) if part] for at in range(len(word))]
    return Or(tuple(And(tuple(Term(part, part, "phrase", "title") for part in parts)) for parts in sides))


def _ends(word: str) -> tuple[str, str]:
    """A word without its last character, and without its first."""
    return word[:-1], word[1:]


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
