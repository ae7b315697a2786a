"""Dates in Chinese among other words: eras, dynasties, decades, centuries and years, wherever they stand in a run.

Catalogues begin a date where a field begins, questions have it in the middle of a sentence: 上海光緒年間的奏摺. So they
are looked for here, and read by `mappings.dates`. A year of an era that several states had means that year of each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from indexer.understanding.piece import word_edges
from mappings.dates import parse
from mappings.dates.eras import candidates, eras, folded, likeliest, periods, whole
from mappings.dates.numerals import BRANCHES, NUMBER, STEMS, han
from mappings.dates.patterns import any_of
from mappings.text import RUN

Years = tuple[int, int]
Found = tuple[int, int, tuple[Years, ...]]
MOST_ERAS = 6
"""Eras of one name that are looked for."""
_DIGITS = "〇零○一二三四五六七八九"
_TO = "[至到~—–-]"
_DAY = r"(?:(?:初?[一二三四五六七八九十廿卅]{1,3}|\d{1,2})[日号])?"
_MONTH = rf"(?:闰?(?:[正元腊冬]|[一二三四五六七八九十]{{1,3}}|\d{{1,2}})月{_DAY})?"
_HAN = "\u4e00-\u9fff"
_PARTS = "初期|末期|中期|早期|晚期|初年|末年|中叶|末叶|初|末|季"
_KINDS = "王朝|时代|时期|朝|代"
_SINGLE = "汉晋隋唐宋辽元明清秦魏"
"""Names of one character that mean a dynasty when 代, 朝, 初 or 末 follows."""
_NAMES_ALONE = "民國 中華民國 明清 晚清 北宋 南宋 西漢 東漢 西晉 東晉 偽滿 滿清"
_ALONE = tuple(map(folded, _NAMES_ALONE.split()))
_EDGE = "的之"


@cache
def _pattern() -> re.Pattern[str]:
    era = any_of(name for name in eras() if not name.isascii())
    state = any_of({one.state for members in eras().values() for one in members if not one.state.isascii()})
    dynasty = any_of([*(name for name in periods() if len(name) > 1 and not name.isascii()), *_SINGLE])
    alternatives = (
        rf"(?P<in_era>(?:(?:{state})[朝代]?)?(?P<era>{era})(?:前?(?P<number>{NUMBER})(?:年?{_TO}{NUMBER})?(?:年{_MONTH}|(?<=\d)(?=$|\W))"
        rf"|[{STEMS}][{BRANCHES}]年?|(?:[{_HAN}]{{2}})?(?:年间|年号|年代|朝|时期|时代|间|末年|初年)))",
        rf"(?P<range>\d{{3,4}}\s*年?\s*{_TO}\s*\d{{2,4}}\s*年(?!代))",
        rf"(?P<century>(?:公元前|西元前)?(?:{NUMBER}|上)(?:{_TO}{NUMBER})?个?世纪(?:的?(?:\d0|[一二三四五六七八九]?十)年代)?(?:{_PARTS}|上半叶|下半叶)?)",
        rf"(?P<decade>(?<!\d)(?:\d{{3}}0|[一二三四五六七八九][{_DIGITS}]{{2}}[〇零○])\s*年代(?:{_PARTS})?)",
        rf"(?P<short>(?<!\d)(?:[2-9]0|[二三四五六七八九]十)年代(?:{_PARTS})?)",
        rf"(?P<year>(?<!\d)(?:公元前|西元前|公元|西元)?(?:\d{{3,4}}|[{_DIGITS}]{{4}})年(?!代){_MONTH})",
        rf"(?P<dynasty>(?:(?:{dynasty}|民)(?:{_PARTS})?[至到]?)?(?:(?:{dynasty})(?:{_KINDS})(?:{_PARTS})?|(?:{dynasty}|民)(?:{_PARTS})))",
    )
    return re.compile("|".join(alternatives))


def chinese_dates(text: str) -> list[Found]:
    """Where dates in Chinese stand in a folded text, and the years of each; in order of place."""
    if text.isascii():
        return []
    edges = word_edges(text)
    found = []
    for match in _pattern().finditer(text):
        if match["dynasty"] and not {match.start(), match.end()} <= edges:
            continue  # 民初 is no time in 國民初級中學
        if spans := _spans(match):
            found.append((*match.span(), spans))
    return [*found, *_standing_alone(text, found)]


def _spans(match: re.Match[str]) -> tuple[Years, ...]:
    if match["number"] and match["in_era"] == match["era"] + match["number"] + "年":
        members = candidates(match["era"], None, None)
        number = han(match["number"])
        if number is not None and len(members) > 1:
            dated = dict.fromkeys(era.first + number - 1 for era in members if 1 <= number <= era.length)
            return tuple((year, year) for year in sorted(dated)[:MOST_ERAS])
    first, last = parse(match[0].replace("上世纪", "20世纪").replace("上个世纪", "20世纪"))
    return () if first is None or last is None else ((first, last),)


def _standing_alone(text: str, found: list[Found]) -> Iterator[Found]:
    """Names of eras and dynasties that are a word of their own: 康熙 奏摺, 民國的土地."""
    for run in RUN.finditer(text):
        name = run[0].split(_EDGE[0])[0].split(_EDGE[1])[0]
        start, end = run.start(), run.start() + len(name)
        if not name or any(start < other and end > at for at, other, _ in found):
            continue
        if (spans := _of_name(name)) is not None:
            yield start, end, (spans,)


def _of_name(name: str) -> Years | None:
    members = likeliest(candidates(name, None, None))
    if len(members) == 1 and members[0].rank == 3 and not name.isascii() and (reign := whole(members)):
        return reign.first >> 9, reign.last >> 9
    first, last = parse(name) if name in _ALONE else (None, None)
    return None if first is None or last is None else (first, last)
