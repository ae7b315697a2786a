"""Dates written in Chinese characters or Hangul: eras and sexagenary years, plain years, centuries, decades, dynasties.

The text is folded (`eras.folded`), so one form of each character stands here. Readers run from the most to the least
definite; what one has read is blanked, place for place, so that no later one reads it again. A bare 三年, 五月 or 初十
counts on from the date before it: 宣統元年至三年.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from mappings.dates.days import Stretch, days, months, years
from mappings.dates.eras import Era, candidates, eras, likeliest, lunar, periods, whole
from mappings.dates.numerals import BRANCHES, HAN_DIGITS, NUMBER, STEMS, han, years_of
from mappings.dates.patterns import READ, any_of

_HAN = "\u4e00-\u9fff"
_PAIR = f"[{STEMS}][{BRANCHES}]"
_MONTH = r"(?P<leap>闰)?(?P<month>[正元腊冬]|[一二三四五六七八九十]{1,3}|\d{1,2})\s*[月월]份?"
_DAY = (
    r"(?P<day>初[一二三四五六七八九十]|[一二三四五六七八九十廿卅]{1,3}(?=[日号]|$|\W)"
    r"|\d{1,2}(?=\s*[日号일]|\s*$)|朔|望|晦)\s*[日号일]?"
)
_TAIL = (
    rf"(?:\s*\(?(?:岁次|太岁)?{_PAIR}\)?年?)?\s*(?P<season>[春夏秋冬])?季?"
    rf"\s*(?:{_MONTH}\s*(?:{_DAY})?|[./-]\s*(?P<month2>\d{{1,2}})(?!\d)(?:[./-]\s*(?P<day2>\d{{1,2}})(?!\d))?)?"
)
_SEASONS = {"春": (1, 3), "夏": (4, 6), "秋": (7, 9), "冬": (10, 12)}
_SOLAR_SEASONS = {"春": (3, 5), "夏": (6, 8), "秋": (9, 11), "冬": (1, 12)}
_MONTHS = {"正": 1, "元": 1, "冬": 11, "腊": 12}
_CENTURY_PARTS = {
    **dict.fromkeys(("初", "初期", "早期"), (0, 39)),
    **dict.fromkeys(("中叶", "中期"), (30, 69)),
    **dict.fromkeys(("末", "末期", "晚期", "末叶"), (60, 99)),
    **dict.fromkeys(("上半叶", "前半", "前半叶", "上半期", "前半期"), (0, 49)),
    **dict.fromkeys(("下半叶", "后半", "后半叶", "后半期"), (50, 99)),
}
_PERIOD_PARTS = {
    **dict.fromkeys(("初", "初期", "初年", "早期", "前期", "早"), (0.0, 0.25)),
    **dict.fromkeys(("中", "中期", "中叶", "盛"), (0.25, 0.75)),
    **dict.fromkeys(("末", "末期", "末年", "晚期", "后期", "季", "晚", "叔"), (0.75, 1.0)),
    "前半": (0.0, 0.5),
    "后半": (0.5, 1.0),
}
_ALSO_WORDS = frozenset(("奈良", "平安", "镰仓", "室町", "江户", "德川", "安土桃山", "民"))
"""Periods that are places or words unless 時代, 初 or the like follows."""


class _Found(NamedTuple):
    """What was read at a place, and what a bare number after it counts on from."""

    at: int
    stretch: Stretch
    eras: tuple[Era, ...] = ()
    year: int | None = None
    month: int | None = None


@cache
def _readers() -> tuple[tuple[re.Pattern[str], Callable[[re.Match[str], list[_Found]], _Found | None]], ...]:
    """Patterns and what understands them, in order; made when the first such text comes."""
    names = any_of(name for name in eras() if not name.isascii())
    named = {*periods(), *(era.state for members in eras().values() for era in members)}
    states = any_of(name for name in named if name and not name.isascii())
    head = rf"(?:(?P<state>{states})[朝代]?)?\s*(?P<ruler>[{_HAN}]{{1,3}}[帝宗祖王公后主])?\s*(?P<era>{names})"
    number = (
        rf"(?P<before>前)?\s*(?P<number>{NUMBER})(?:\s*[至到、,/-]\s*(?P<until>{NUMBER})(?=\s*[年载년]))?"
        rf"\s*(?:[年载년]|(?=$|[\s至到、,();./-]))"
    )
    common = r"(?P<common>公元前|西元前|纪元前|前|公元|西元|西历|公历)?\s*"
    plain = r"(?:(?<!\d)\d{1,4}(?!\d)|[〇零○一二三四五六七八九]{4})"
    century = (
        rf"(?P<before>公元前|西元前|前)?\s*(?P<number>{NUMBER})(?:\s*[至到、-]\s*(?P<until>{NUMBER}))?\s*(?:世纪|세기)"
        rf"(?:的?\s*(?P<decade>\d0|[一二三四五六七八九]?十)\s*年代)?(?P<part>{any_of(_CENTURY_PARTS)})?"
    )
    bounds = (
        r"[朝代]|年[间代号]|间|时[期代]?|[初中末]|晚期|[刻刊抄钞写]?[本版]|刻|刊|以|原|[至到]"
        rf"|(?=$|[^{_HAN}])|(?={names})"
    )
    return (
        (re.compile(rf"{head}\s*(?:{number}|(?P<pair>{_PAIR})年?){_TAIL}"), _era_year),
        (re.compile(century), _century),
        (re.compile(r"(?<!\d)(?P<year>\d{3}0|[一二三四五六七八九]{3}[〇零○])\s*年代"), _decade),
        (re.compile(r"(?P<tens>[2-9]0|[二三四五六七八九]十)\s*年代"), _short_decade),
        (re.compile(rf"{common}(?P<year>{plain})\s*(?:[年년](?!代)|(?<=[{_HAN}])(?=$|[\s至到-])){_TAIL}"), _plain_year),
        (re.compile(rf"(?<![{_HAN}]){head}(?:{bounds})"), _era_whole),
        (re.compile(rf"(?<![{_HAN}]){head}(?:{bounds})"), _era_whole),  # 同治光緒間: the second follows the first
        (re.compile(rf"(?P<number>{NUMBER})\s*年(?![代间]){_TAIL}"), _later_year),
        (re.compile(rf"{_MONTH}\s*(?:{_DAY})?"), _later_month),
        (
            re.compile(r"(?P<day>初[一二三四五六七八九十]|[一二三四五六七八九十廿卅]{1,3}(?=日)|\d{1,2}(?=\s*日))日?"),
            _later_day,
        ),
    )


@cache
def _period() -> re.Pattern[str]:
    states = any_of(name for name in periods() if not name.isascii())
    parts = any_of(_PERIOD_PARTS)
    return re.compile(
        rf"(?P<before>[初盛中晚早])?(?P<name>{states})(?P<kind>王朝|时代|时期|[朝代时]|시대)?(?P<part>{parts})?"
    )


def read_chinese(text: str) -> tuple[list[Stretch], str]:
    """What a folded text says in Chinese characters, in order of place, and the text with that blanked."""
    found: list[_Found] = []
    for pattern, understand in _readers():
        spans = []
        for match in pattern.finditer(text):
            if (one := understand(match, found)) is not None:
                found.append(one)
                spans.append(match.span())
        for start, end in spans:
            text = f"{text[:start]}{READ * (end - start)}{text[end:]}"
    if not found:
        return _dynasties(text)
    return [one.stretch for one in sorted(found, key=lambda one: one.at)], text


def _dynasties(text: str) -> tuple[list[Stretch], str]:
    """Dynasties and periods alone, 明末清初: only when nothing else is in Chinese, for their names are words, too."""
    rest = _period().sub(lambda match: READ * len(match[0]), text)
    if any(char in rest for char in HAN_DIGITS) or re.search(
        rf"[{_HAN}\uac00-\ud7a3]", re.sub("[至到或及约与前]", "", rest)
    ):
        return [], text
    found = [one for match in _period().finditer(text) if (one := _one_period(match)) is not None]
    return found, rest


def _one_period(match: re.Match[str]) -> Stretch | None:
    """A dynasty, its first or last quarter when it says 初 or 末, its middle when it says 中."""
    part = match["part"] or match["before"]
    if match["name"] in _ALSO_WORDS and not (match["kind"] or part):
        return None
    span = periods()[match["name"]][0]
    if span is None:
        return None
    low, high = _PERIOD_PARTS.get(part or "", (0.0, 1.0))
    length = span[1] - span[0]
    found = years(span[0] + round(length * low), span[0] + round(length * high), "era")
    return found._replace(approximate=part is not None)


def _era_year(match: re.Match[str], _: list[_Found]) -> _Found | None:
    """民國38年 is 1949, 民國前2年 1910, 光緒元年 1875, 康熙丁亥 1707."""
    members = candidates(match["era"], match["state"], match["ruler"])
    number = han(match["number"]) if match["number"] else None
    if number is not None and match["before"]:
        first = members[0].first
        return _Found(match.start(), years(first - number, first - number), members, first - number)
    if number is not None:
        fitting = [era for era in members if 1 <= number <= era.length]
        dated = [(era, era.first + number - 1) for era in likeliest(fitting)]
    else:
        fitting = [era for era in members if years_of(match["pair"], era.first, era.end)]
        dated = [(era, year) for era in likeliest(fitting) for year in years_of(match["pair"], era.first, era.end)]
    if not dated:
        return None
    stretches = [_within_year(match, year, era.is_solar(year)) for era, year in dated]
    stretches += _until(match, number, [era for era, _ in dated])
    together = _covering(stretches)
    return _Found(
        match.start(),
        together._replace(uncertain=len(dated) > 1),
        tuple(era for era, _ in dated),
        dated[0][1],
        _month_of(match),
    )


def _until(match: re.Match[str], number: int | None, members: list[Era]) -> list[Stretch]:
    """The second number of 民國38-42年 and of 光緒二十三、四年."""
    last = han(match["until"]) if match["until"] else None
    if last is None or number is None:
        return []
    if last < 10 < number:
        last += number // 10 * 10
    return [
        years(era.first + last - 1, era.first + last - 1, calendar="chinese") for era in members if last <= era.length
    ]


def _covering(stretches: list[Stretch]) -> Stretch:
    first, last = min(one.first for one in stretches), max(one.last for one in stretches)
    return stretches[0]._replace(first=first, last=last)


def _month_of(match: re.Match[str]) -> int | None:
    groups = match.groupdict()
    text = groups.get("month") or groups.get("month2")
    return None if text is None else _MONTHS.get(text) or han(text)


def _day_of(match: re.Match[str]) -> int | None:
    groups = match.groupdict()
    text = groups.get("day") or groups.get("day2")
    if text is None:
        return None
    return {"朔": 1, "望": 15, "晦": 30}.get(text) or han(text.removeprefix("初"))


def _within_year(match: re.Match[str], year: int, solar: bool) -> Stretch:
    """The year, or the season, month and day of it that follow; by the lunar calendar unless `solar`."""
    month, number = _month_of(match), _day_of(match)
    if month is not None and 1 <= month <= 12:
        return _monthly(year, month, number, solar, match["leap"] is not None)
    if season := match.groupdict().get("season"):
        if solar:
            first, last = _SOLAR_SEASONS[season]
            return months(year, first, last, "season")
        return lunar(year, *_SEASONS[season])
    return years(year, year, calendar="gregorian" if solar else "chinese")


def _monthly(year: int, month: int, number: int | None, solar: bool, leap: bool = False) -> Stretch:
    if not solar:
        return lunar(year, month, month, leap, number)
    found = days(year, month, number) if number is not None else None
    return found or months(year, month, month)


def _plain_year(match: re.Match[str], _: list[_Found]) -> _Found | None:
    """1949年, 一九四九年, 公元前221年; less than four digits are a year only after 公元."""
    text, common = match["year"], match["common"]
    year = han(text)
    if year is None or not year or (not common and len(text) < 4) or not 0 < year < 2200:
        return None
    if common and common.endswith("前"):
        return _Found(match.start(), years(1 - year, 1 - year), (), 1 - year)
    return _Found(match.start(), _within_year(match, year, True), (), year, _month_of(match))


def _century(match: re.Match[str], _: list[_Found]) -> _Found | None:
    """十九世紀 is 1801 to 1900, 十九世紀末 1861 to 1900, 20世紀80年代 1980 to 1989."""
    first = han(match["number"])
    last = han(match["until"]) if match["until"] else first
    if not first or not last or max(first, last) > 30:
        return None
    if match["before"]:
        return _Found(match.start(), years(1 - first * 100, -(last - 1) * 100, "century"))
    if match["decade"]:
        start = (first - 1) * 100 + (han(match["decade"]) or 0)
        return _Found(match.start(), years(start, start + 9, "decade"))
    low, high = _CENTURY_PARTS.get(match["part"] or "", (0, 99))
    return _Found(match.start(), years((first - 1) * 100 + 1 + low, (last - 1) * 100 + 1 + high, "century"))


def _decade(match: re.Match[str], _: list[_Found]) -> _Found | None:
    year = han(match["year"]) or 0
    return _Found(match.start(), years(year, year + 9, "decade"))


def _short_decade(match: re.Match[str], _: list[_Found]) -> _Found | None:
    """五十年代 without a century is of the twentieth."""
    year = 1900 + (han(match["tens"]) or 0)
    return _Found(match.start(), years(year, year + 9, "decade")._replace(uncertain=True))


def _era_whole(match: re.Match[str], _: list[_Found]) -> _Found | None:
    """康熙年間, 乾隆朝, 萬曆刻本, or the era's name alone, when it is the name of one only: 太平 is a word, too."""
    members = likeliest(candidates(match["era"], match["state"], match["ruler"]))
    if len(members) > 1 and match.end("era") == match.end():
        return None
    stretch = whole(members)
    return None if stretch is None else _Found(match.start(), stretch, members)


def _before(match: re.Match[str], found: list[_Found]) -> _Found | None:
    return max((one for one in found if one.at < match.start()), key=lambda one: one.at, default=None)


def _later_year(match: re.Match[str], found: list[_Found]) -> _Found | None:
    """三年 after a date of an era counts in the same era."""
    before, number = _before(match, found), han(match["number"])
    if before is None or number is None:
        return None
    for era in before.eras:
        if 1 <= number <= era.length:
            year = era.first + number - 1
            stretch = _within_year(match, year, era.is_solar(year))
            return _Found(match.start(), stretch, before.eras, year, _month_of(match))
    return None


def _later_month(match: re.Match[str], found: list[_Found]) -> _Found | None:
    """五月 or 五月初十 after a date is of the same year."""
    before, month = _before(match, found), _month_of(match)
    if before is None or before.year is None or month is None or not 1 <= month <= 12:
        return None
    solar = not before.eras or before.eras[0].is_solar(before.year)
    stretch = _monthly(before.year, month, _day_of(match), solar, match["leap"] is not None)
    return _Found(match.start(), stretch, before.eras, before.year, month)


def _later_day(match: re.Match[str], found: list[_Found]) -> _Found | None:
    """初十 after a date is of the same month."""
    before, number = _before(match, found), _day_of(match)
    if before is None or before.year is None or before.month is None or number is None:
        return None
    solar = not before.eras or before.eras[0].is_solar(before.year)
    stretch = _monthly(before.year, before.month, number, solar)
    return _Found(match.start(), stretch, before.eras, before.year, before.month)
