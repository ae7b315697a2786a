"""Eras and dynasties by which years were counted in East Asia, and the lunar years files are dated by.

Three small tables of facts lie in `mappings/data`: `eras.tsv`, `periods.tsv` and `lunar_years.tsv` (`docs/dates.md`
says where they come from). Names are compared folded, so traditional, simplified and most variant forms meet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources
from typing import NamedTuple

from mappings.dates.days import STILL, Stretch, day, last_day, of_ordinal, years
from mappings.text import fold

_JAPANESE = str.maketrans("霊亀応暦斉寛徳観楽戸広蔵竜弐弌弎淸", "灵龟应历齐宽德观乐户广藏龙二一三清")


def folded(text: str) -> str:
    """The text as all names and numbers here are compared: `fold`, and the newer Japanese forms with the others.

    Same length as the text.
    """
    return fold(text).translate(_JAPANESE)


_LATE = frozenset(folded("明 南明 清 後金 民國 滿洲國 太平天國 大韓 朝鮮 韓國").split())
_GREAT = frozenset(
    folded(
        "西漢 新 東漢 曹魏 蜀漢 孫吳 西晉 東晉 劉宋 南齊 南梁 陳 北魏 東魏 西魏 北齊 北周 隋 唐 武周 "
        "後梁 後唐 後晉 後漢 後周 北宋 南宋 遼 金 蒙古 元"
    ).split()
)
_JAPAN, _VIETNAM, _KOREA = folded("日本"), folded("越南"), frozenset(map(folded, ("朝鮮", "大韓", "韓國")))
_COUNTED_ON = 200
"""Years that an era without an end is counted: 民國 103年 is a date of Taiwan."""


class Era(NamedTuple):
    """`first` is its year 1; `last` is None for what is still counted."""

    name: str
    state: str
    first: int
    last: int | None
    rulers: tuple[str, ...]

    @property
    def length(self) -> int:
        """Years that can be counted in it."""
        if self.last is None:
            return _COUNTED_ON if self.first > 0 else 5000
        return self.last - self.first + 1

    @property
    def end(self) -> int:
        """The last year of what is called by its name alone: 民國 is 1912 to 1949."""
        if self.last is not None:
            return self.last
        return 1949 if self.first == 1912 else STILL

    @property
    def rank(self) -> int:
        """How likely files and books are dated by it, when a name alone does not say."""
        if self.state in _LATE or (
            self.state in (_JAPAN, _VIETNAM) and self.first >= (1868 if self.state == _JAPAN else 1802)
        ):
            return 3
        return 2 if self.state in _GREAT else 1

    def is_solar(self, year: int) -> bool:
        """Do its months follow the western calendar then? In Japan since 1873, Korea 1896, China 1912."""
        if self.state == _JAPAN:
            return year >= 1873
        return year >= 1896 if self.state in _KOREA else year >= 1912


def _rows(name: str) -> Iterator[list[str]]:
    text = resources.files("mappings").joinpath(f"data/{name}").read_text(encoding="utf-8")
    return (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))


@cache
def eras() -> dict[str, tuple[Era, ...]]:
    """Every era by each of its names, folded."""
    found: dict[str, list[Era]] = {}
    for names, state, first, last, *rulers in _rows("eras.tsv"):
        who = tuple(map(folded, rulers[0].split("|"))) if rulers and rulers[0] else ()
        for name in map(folded, names.split("|")):
            era = Era(name, folded(state), int(first), int(last) if last else None, who)
            if era not in found.setdefault(name, []):
                found[name].append(era)
    return {name: tuple(members) for name, members in found.items()}


@cache
def periods() -> dict[str, tuple[tuple[int, int] | None, ...]]:
    """First and last years of every dynasty by each of its names, folded; what it means alone comes first."""
    found: dict[str, list[tuple[int, int] | None]] = {}
    for names, first, last in _rows("periods.tsv"):
        for name in map(folded, names.split("|")):
            found.setdefault(name, []).append((int(first), int(last or STILL)) if first else None)
    return {name: tuple(spans) for name, spans in found.items()}


def candidates(name: str, state: str | None, ruler: str | None) -> tuple[Era, ...]:
    """The eras a name can mean: those of the state and ruler named before it, when there are such."""
    found = eras().get(name, ())
    if ruler and (narrowed := tuple(era for era in found if ruler in era.rulers)):
        found = narrowed
    if not state:
        return found
    if narrowed := tuple(era for era in found if era.state == state):
        return narrowed
    for span in periods().get(state, ()):
        if span and (narrowed := tuple(era for era in found if _is_of(era, span))):
            return narrowed
    return found


def _is_of(era: Era, span: tuple[int, int]) -> bool:
    return era.state not in (_JAPAN, _VIETNAM) and span[0] <= era.first <= span[1]


def likeliest(found: Iterable[Era]) -> tuple[Era, ...]:
    """Of eras of one name those of the highest rank: 天順 is of 明, 大同 of 滿洲國; 上元 stays one of two of 唐."""
    members = tuple(found)
    best = max((era.rank for era in members), default=0)
    return tuple(era for era in members if era.rank == best)


@cache
def _lunar_years() -> dict[int, tuple[int, int, str]]:
    return {int(year): (int(first), int(leap), lengths) for year, first, leap, lengths in _rows("lunar_years.tsv")}


def lunar_month(year: int, month: int, leap: bool = False) -> tuple[int, int] | None:
    """Julian day number of the first day and the number of days of a month; `year` is the one its lunar year begins in.

    None outside 1369 to 1911. A leap month the year has not is read as the month of that number.
    """
    found = _lunar_years().get(year)
    if found is None:
        return None
    first, leap_month, lengths = found
    place = month - 1
    if leap_month and (month > leap_month or (month == leap_month and leap)):
        place += 1
    return first + sum(29 + int(one) for one in lengths[:place]), 29 + int(lengths[place])


def lunar(year: int, first: int, last: int, leap: bool = False, number: int | None = None) -> Stretch:
    """Months, or a day of one, of a lunar year.

    Where the table has no such year, the bounds within which the months lie in any year: a lunar year begins
    between the middle of January and the end of February.
    """
    begin, end = lunar_month(year, first, leap), lunar_month(year, last, leap)
    if begin is None or end is None:
        return _about(year, first, last)
    if number is not None and 1 <= number <= begin[1]:
        at = of_ordinal(begin[0] + number - 1)
        return Stretch(at, at, "day", "chinese")
    precision = "month" if first == last else "season"
    return Stretch(of_ordinal(begin[0]), of_ordinal(end[0] + end[1] - 1), precision, "chinese")


def _about(year: int, first: int, last: int) -> Stretch:
    end_year, end_month = (year, last + 2) if last <= 10 else (year + 1, last - 10)
    end = day(end_year, end_month, last_day(end_year, end_month))
    return Stretch(day(year, first, 1), end, "month", "chinese", approximate=True)


def whole(found: Iterable[Era]) -> Stretch | None:
    """All years of eras."""
    members = tuple(found)
    if not members:
        return None
    covered = years(min(era.first for era in members), max(era.end for era in members), "era")
    return covered._replace(uncertain=len(members) > 1)
