"""Names of persons in Chinese papers about private persons, both scripts: rules over folded running text.

Here a missed name is worse than a word too many, unlike in `pipelines.enrichment`: staff look at every span before a
copy leaves the house. A name begins with a family name. It is one when something says so (a word before or behind it,
its neighbours in a list, the segmentation), and when it ends where something else begins.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, Final, NamedTuple

from mappings.text import HAN, fold
from pipelines.deidentify.lists import folded as folded_words
from pipelines.enrichment.words import words

_IS_HAN: Final = re.compile(f"[{HAN}]")
_FOREIGN: Final = re.compile(rf"(?<![{HAN}])?[{HAN}]{{1,6}}(?:[·•‧・][{HAN}]{{1,6}}){{1,3}}")
_MARKS: Final = r"(?:\([^()]{1,16}\))?(?:[:是为系乃] ?| ){0,2}"
"""What may stand between a word and the name it announces: what else the person is, a colon, a blank."""
_SEX: Final = re.compile(r"[, (/](?:男|女)(?=[,)( \d性]|$)")
_CLOSERS: Final = "因与系和及诉称等之的于在经将向持均被把也又已未去当当供述为有"
"""Characters that rarely end a given name, and often follow a name."""
_CLOSER_AT_END: Final = 1.5
_ENDS_WELL: Final = 1.5
_NOT_GIVEN: Final = tuple("其本此该我你他她们的了是不有在和与及或之以")
"""What no given name begins with."""
_WORDS_FIRST: Final = frozenset(map(fold, "元原和應經由伊都時能從向於于關連相成全自為"))
"""Family names that are other words far more often: they count only behind a word that announces a name."""
_COMMON: Final = frozenset(
    map(
        fold,
        "王李張劉陳楊黃趙吳周徐孫馬朱胡郭何林高羅鄭梁謝宋唐許鄧馮韓曹曾彭蕭蔡潘田董袁余葉蔣杜蘇魏程呂丁沈姚盧傅鍾姜崔譚廖范汪陸"
        "戴賈韋夏邱侯鄒熊孟秦江閻薛尹段雷黎史龍陶賀顧毛郝龔邵錢嚴賴洪湯游簡",
    )
)
"""Family names that stand second in those of married women, who put their husband's before their own."""
_NO_NOUNS: Final = "vpdcrmtu"
"""What words that are no names are for the segmentation: verbs, adverbs, pronouns and other small words."""

_BETWEEN: Final = "、,和与及同/ "
_SURE, _LIKELY, _DOUBTFUL = 0.9, 0.75, 0.6
Named = tuple[int, int, float]
"""Start, end, confidence."""


class _Token(NamedTuple):
    start: int
    end: int
    tag: str


def persons(text: str, known: frozenset[str] = frozenset()) -> list[Named]:
    """Names in running text (`Flow`), in order; they do not overlap. `known`: folded names of other texts."""
    if not _IS_HAN.search(text):
        return []
    return _Paper(fold(text), known).names()


class _Paper:
    """A folded text, cut into words, on its way through the rules."""

    def __init__(self, text: str, known: frozenset[str]) -> None:
        self._text, self._known = text, known
        self._tokens = {token.start: token for token in _tokens(text)}
        self._cuts = self._tokens.keys() | {len(text)}
        self._found: dict[int, tuple[int, float]] = {}
        self._taken = bytearray(len(text))

    def names(self) -> list[Named]:
        for rule in (self._foreign, self._announced, self._closed):
            for start, end, sure in rule():
                self._keep(start, end, sure)
        self._repeated()
        for rule in (self._segmented, self._alone):
            for start, end, sure in rule():
                self._keep(start, end, sure)
        self._neighbours()
        return sorted((start, end, sure) for start, (end, sure) in self._found.items())

    def _keep(self, start: int, end: int, sure: float) -> bool:
        """Take a name in, unless a part of it is taken."""
        if any(self._taken[start:end]):
            return False
        self._taken[start:end] = b"\1" * (end - start)
        self._found[start] = end, sure
        return True

    # The rules, the surest first

    def _repeated(self) -> None:
        """Names that are known by now, wherever else they stand."""
        known = self._known | {self._text[start:end] for start, (end, _) in self._found.items()}
        for name in sorted(known, key=len, reverse=True):
            at = self._text.find(name)
            while at >= 0:
                self._keep(at, at + len(name), _LIKELY)
                at = self._text.find(name, at + len(name))

    def _foreign(self) -> Iterator[Named]:
        """Parts with a dot between them: 阿依古丽·买买提."""
        for found in _FOREIGN.finditer(self._text):
            begin = found.start()
            dot = next(at for at in range(begin, found.end()) if not _IS_HAN.match(self._text[at]))
            for at in range(begin, dot):
                cue = _announcing().match(self._text, at)
                begin = cue.end() if cue and begin < cue.end() < dot else begin
            yield begin, found.end(), _SURE

    def _announced(self) -> Iterator[Named]:
        """Those behind a word such as 原告 or 姓名:."""
        pattern = _announcing()
        for at in range(len(self._text)):
            found = pattern.match(self._text, at)
            while found:
                end = self._end_of_name(found.end()) or self._likely_end(found["word"], found.end())
                if end and self._is_announced(found["word"], found.end(), end):
                    yield found.end(), end, _SURE
                    break
                shorter = found["word"][:-1]
                found = _exactly(shorter).match(self._text, at) if shorter in _cues() else None

    def _is_announced(self, word: str, start: int, end: int) -> bool:
        """Is it a name behind this word? Of one character (父, 子) it says less."""
        part = self._text[start:end]
        if len(word) == 1:
            return not self._is_word(start, end)
        token = self._tokens.get(start)
        if token is not None and token.end == end and token.tag[0] in _NO_NOUNS:
            return False
        return part not in _not_names() and part[:3] not in _not_names() and not part.endswith(_last())

    def _closed(self) -> Iterator[Named]:
        """Those before 同志, 先生 and the like, or before the sex of a person."""
        ends = [found.start() for found in (*_SEX.finditer(self._text), *_titles().finditer(self._text))]
        for end in ends:
            for length in (3, 4, 2):
                start = end - length
                if start >= 0 and length in self._lengths(start) and self._begins(start, end):
                    yield start, end, _SURE
                    break

    def _segmented(self) -> Iterator[Named]:
        """What the segmentation takes for a person's name."""
        for token in self._tokens.values():
            if token.tag.startswith("nr") and token.end - token.start in self._lengths(token.start):
                end = self._end_of_name(token.start) or token.end
                if not self._is_word(token.start, end):
                    yield token.start, end, _LIKELY

    def _alone(self) -> Iterator[Named]:
        """What has the form of a name, and nothing beside it: between marks, in the cell of a form; or a word before it
        that takes a person.
        """
        led = {found.end() for found in _leading().finditer(self._text)}
        for start in sorted(self._tokens.keys() | led):
            bare = not start or not _IS_HAN.match(self._text[start - 1])
            end = self._end_of_name(start) if bare or start in led else None
            if end and not self._is_word(start, end) and (bare or self._stops(end)):
                yield start, end, _DOUBTFUL

    def _neighbours(self) -> None:
        """Those named with others: behind a name and 、 or 和."""
        waiting = list(self._found.values())
        while waiting:
            end, sure = waiting.pop()
            start = end + 1
            if end < len(self._text) and self._text[end] in _BETWEEN:
                stop = self._end_of_name(start)
                if stop and not self._is_word(start, stop) and self._keep(start, stop, min(sure, _LIKELY)):
                    waiting.append((stop, sure))

    # What a name is

    def _lengths(self, start: int) -> tuple[int, ...]:
        """How long a name that begins here may be, as its family name says; the likelier first."""
        if self._text[start : start + 2] in _double():
            return (4, 3)
        if self._text[start : start + 1] not in _single():
            return ()
        return (3, 2, 4) if self._text[start + 1 : start + 2] in _COMMON else (3, 2)

    def _end_of_name(self, start: int) -> int | None:
        """Where the name that begins here ends; None when there is none."""
        if self._text[start + 1 : start + 2] in _NOT_GIVEN:
            return None
        ends = [start + length for length in self._lengths(start) if self._is_han(start, start + length)]
        score, end = max(((self._ends_well(start, end), end) for end in ends), default=(0.0, start))
        return end if score >= _ENDS_WELL else None

    def _likely_end(self, word: str, start: int) -> int | None:
        """Where a name ends that nothing ends: behind a long word that announces it, at a cut, else after the third."""
        lengths = [length for length in self._lengths(start) if length < 4 and self._is_han(start, start + length)]
        if len(word) < 2 or not lengths or self._is_word(start, start + lengths[0]):
            return None
        return next((start + length for length in lengths if start + length in self._cuts), start + lengths[0])

    def _ends_well(self, start: int, end: int) -> float:
        """How much speaks for a name to end here: a mark, a word that follows names, any other word, the segmentation.
        Three characters are the rule, four are two family names before a given one.
        """
        length = (0.3 if end - start == 3 else 0.0) - (0.1 if end - start == 4 else 0.0)
        open_at_last = _CLOSER_AT_END if self._text[end - 1] in _CLOSERS and end - start > 2 else 0.0
        if self._is_open(end):
            return 3.0 + length - (open_at_last if self._text[end : end + 1].isdigit() else 0.0)
        if followed := _following().match(self._text, end):
            return (3.0 if len(followed[0]) > 1 else 2.0) + length - open_at_last
        if self._is_cut_as_name(start, end):
            return 1.8 + length - open_at_last
        return (1.5 if self._begins_word(end) else 0.0) + length - open_at_last

    def _begins_word(self, at: int) -> bool:
        """Does a word of two characters begin here?"""
        part = self._text[at : at + 2]
        return len(part) == 2 and bool(_segmenter().has_word(part)) and part[0] not in _single()

    def _is_cut_as_name(self, start: int, end: int) -> bool:
        """Is it one word for the segmentation, or a family name and one word?"""
        inner = [cut for cut in range(start + 1, end) if cut in self._cuts]
        return start in self._cuts and end in self._cuts and inner in ([], [start + 1])

    def _is_han(self, start: int, end: int) -> bool:
        part = self._text[start:end]
        return len(part) == end - start and all(map(_IS_HAN.match, part))

    def _is_open(self, at: int) -> bool:
        """Does nothing Chinese follow here?"""
        return at >= len(self._text) or not _IS_HAN.match(self._text[at])

    def _is_followed(self, at: int) -> bool:
        return _following().match(self._text, at) is not None

    def _stops(self, at: int) -> bool:
        return self._is_open(at) or self._is_followed(at)

    def _begins(self, start: int, end: int) -> bool:
        """May a name that ends here begin there: at a cut, and as no other word?"""
        part = self._text[start:end]
        at_cut = start in self._cuts or not self._is_han(max(start - 1, 0), start)
        return at_cut and self._is_han(start, end) and part not in _not_names() and part[0] not in _WORDS_FIRST

    def _is_word(self, start: int, end: int) -> bool:
        """Is it, or does it begin with, a word that is no name? Some family names are words far more often."""
        part = self._text[start:end]
        if (
            part[0] in _WORDS_FIRST
            or part.endswith(_last())
            or any(part[:length] in _not_names() for length in (2, 3, 4))
        ):
            return True
        token = self._tokens.get(start)
        if token is None or token.end == start + 1 or token.tag.startswith("nr"):
            return False
        return bool(_segmenter().has_word(self._text[start : token.end]))


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    for word, tag in _segmenter().tag(text):
        yield _Token(at, at + len(word), tag)
        at += len(word)


@cache
def _segmenter() -> Any:
    import rjieba

    return rjieba


@cache
def _single() -> frozenset[str]:
    return frozenset(map(fold, words("zh_surnames"))) | frozenset(folded_words("zh_surnames_more"))


@cache
def _double() -> frozenset[str]:
    return frozenset(map(fold, words("zh_surnames_of_two"))) | frozenset(folded_words("zh_compound_surnames"))


@cache
def _cues() -> frozenset[str]:
    return frozenset(folded_words("zh_before_names"))


@cache
def _announcing() -> re.Pattern[str]:
    """A word that announces a name, the longest there is, and what stands between."""
    return re.compile(rf"(?P<word>{_any(folded_words('zh_before_names'))}){_MARKS}")


@cache
def _exactly(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?P<word>{word}){_MARKS}")


@cache
def _following() -> re.Pattern[str]:
    return re.compile(_any(folded_words("zh_after_names")))


@cache
def _titles() -> re.Pattern[str]:
    titles = map(fold, ("同志", "先生", "女士", "小姐", "夫人", "醫師", "醫生", "護士", "律師", "大夫", "老師"))
    return re.compile(_any(titles))


@cache
def _leading() -> re.Pattern[str]:
    return re.compile(_any(folded_words("zh_leading")))


@cache
def _last() -> tuple[str, ...]:
    return folded_words("zh_not_last")


@cache
def _not_names() -> frozenset[str]:
    lists = ("zh_not_names", "zh_before_names", "zh_after_names")
    return frozenset(word for name in lists for word in folded_words(name) if len(word) > 1)


def _any(alternatives: Iterable[str]) -> str:
    return "(?:" + "|".join(alternatives) + ")"
