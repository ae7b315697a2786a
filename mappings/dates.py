"""Years understood from a date as written: ISO 8601 and EAD `@normal`, what cataloguers write in English, plain and era
dates in Chinese.

Years are astronomical: 0 is 1 BCE. A span covers all that a text speaks of, "undated" aside; what is open at one end
has None there. "About", "probably" and brackets change nothing: cataloguers' "circa" has no agreed width, and @normal
says it where it matters.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from mappings.remember import remember

Span = tuple[int | None, int | None]
NOTHING: Span = (None, None)
LONGEST = 500  # characters; a longer text is a note, not a date

_ONE = re.compile(r"\s*\[?([12]\d{3})\]?[.?]?\s*", re.ASCII)
_TWO = re.compile(r"\s*\[?([12]\d{3})\s*[-/]\s*([12]\d{3})\]?\s*", re.ASCII)
_HAN = re.compile(r"[\u4e00-\u9fff]")
_DASHES = {
    **dict.fromkeys(map(ord, "‐‑‒–—―−～~〜"), "-"),
    **{ord(wide): chr(ord(wide) - 0xFEE0) for wide in "／．，（）［］？："},
}

# First and last year of eras that files of the last centuries are dated by
_ERAS = {
    "顺治": (1644, 1661), "康熙": (1662, 1722), "雍正": (1723, 1735), "乾隆": (1736, 1795), "嘉庆": (1796, 1820),
    "道光": (1821, 1850), "咸丰": (1851, 1861), "同治": (1862, 1874), "光绪": (1875, 1908), "宣统": (1909, 1911),
    "民国": (1912, 1949), "大同": (1932, 1934), "康德": (1934, 1945), "明治": (1868, 1912), "大正": (1912, 1926),
    "昭和": (1926, 1989),
}  # fmt: skip
_SIMPLIFIED = str.maketrans("順慶豐緒統國紀前後間時期約至", "顺庆丰绪统国纪前后间时期约至")
_WRITTEN = ("〇零○０", "一壹１", "二贰貳２", "三叁參３", "四肆４", "五伍５", "六陆陸６", "七柒７", "八捌８", "九玖９")
_DIGITS = {char: value for value, chars in enumerate(_WRITTEN) for char in chars}
_NUMBER = r"(?:元|[〇零○一二三四五六七八九十廿卅百壹贰叁肆伍陆柒捌玖]{1,5}|\d{1,3})"
_ERA = re.compile(rf"({'|'.join(_ERAS)})(前)?\s*({_NUMBER})\s*年(?:.{{0,8}}?[至到-]\s*({_NUMBER})\s*年)?")
_ERA_WHOLE = re.compile(rf"({'|'.join(_ERAS)})(?:年间|朝|时期|年代)")
_HAN_CENTURY = re.compile(
    r"(?:公元|西元)?(前)?\s*(\d{1,2}|[一二三四五六七八九十廿]{1,3})\s*世纪(?:\s*(\d0|[二三四五六七八九]?十)\s*年代)?"
)
_HAN_DECADE = re.compile(r"(?<!\d)(\d{3}0)\s*年代")
_HAN_YEAR = re.compile(r"(公元前|西元前|公元|西元)?\s*((?<!\d)\d{1,4}(?!\d)|[〇零○一二三四五六七八九]{4})\s*年(?!代)")

_UNCERTAIN = re.compile(
    r"[\[\](){}?]|\b(?:circa|ca?\.?|approximately|approx\.?|about|probably|possibly)(?=[\s\d-])|约", re.IGNORECASE
)
_PLACEHOLDER = re.compile(r"(?<!\d)(\d{2})(?:(\d)[-xu?](?=\D|$)|(?:--|xx|uu|\?\?)(?=\D|$))", re.IGNORECASE)
_ORDINAL = r"(\d{1,2})(?:st|nd|rd|th)"
_CENTURY = re.compile(
    rf"(?:(early|mid|middle|late)[\s-]*)?{_ORDINAL}(?:\s*(?:-|to|and|or)\s*(?:(early|mid|middle|late)[\s-]*)?{_ORDINAL})?"
    r"[\s-]*(?:centur(?:y|ies)|c\.)(?:\s*(b\.?c\.?(?:e\.?)?))?",
    re.IGNORECASE,
)
_PARTS = {"early": (0, 39), "mid": (30, 69), "middle": (30, 69), "late": (60, 99)}
_BEFORE_CHRIST = re.compile(
    r"(?<!\d)(\d{1,4})(?:\s*(?:-|to)\s*(\d{1,4}))?\s*(?:b\.?\s?c\.?(?:\s?e\.?)?)(?![a-z])", re.IGNORECASE
)
_OF_CHRIST = re.compile(
    r"\b(?:a\.?d\.?|anno)\s*(\d{1,4})(?!\d)|(?<!\d)(\d{1,4})(?:\s*(?:-|to)\s*(\d{1,4}))?\s*(?:c\.?e\.?|a\.?d\.?)(?![a-z])",
    re.IGNORECASE,
)
_DECADE = re.compile(r"(?<!\d)([12]\d{2})0'?s\b", re.IGNORECASE)
_SHORT_DECADES = re.compile(r"(?<!\d)([12]\d)(\d)0(?:'?s)?\s*-\s*'?(\d)0'?s\b", re.IGNORECASE)
_COMPACT = re.compile(r"(?<!\d)([12]\d{3})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)")
_SIGNED = re.compile(r"^\s*(-0\d{3})(?!\d)")
_SHORT_END = re.compile(r"(?<!\d)([12]\d)(\d\d)\s*[-/]\s*(\d\d)(?![\d-])(?!\s*-\s*\d)")
_YEAR = re.compile(r"(?<!\d)([012]\d{3})(?!\d)")
_EARLY_YEARS = re.compile(r"\s*(\d{3})(?:\s*[-/]\s*(\d{3,4}))?\s*")
_OPEN_END = re.compile(
    r"\d[^-]*(?:-|/|to)\s*(?:\.\.|9999|present|current|ongoing|date|open|now)?[\s.,;]*$|^\s*(?:after|since|from)\b(?!.*(?:-|/|\bto\b|\band\b).*\d)|(?:以后|以後|起|至今)\s*$",
    re.IGNORECASE,
)
_OPEN_START = re.compile(
    r"^\s*(?:before|until|till|up to|pre-|\.\.\s*/|/|-(?=\s*[12]\d{3}))|(?:以前|之前)\s*$", re.IGNORECASE
)


@remember(65536)
def parse(text: str) -> Span:
    """The first and last year a text speaks of, both included; None at an open end, (None, None) when it names none.
    Never raises.
    """
    if found := _ONE.fullmatch(text):
        return int(found[1]), int(found[1])
    if (found := _TWO.fullmatch(text)) and found[1] <= found[2]:
        return int(found[1]), int(found[2])
    plain = text[:LONGEST].translate(_DASHES)
    years: list[int] = []
    rest = _chinese(plain.translate(_SIMPLIFIED), years) if _HAN.search(plain) else plain
    _western(rest, years)
    if not years:
        return NOTHING
    start, end = min(years), max(years)
    bare = _UNCERTAIN.sub(" ", _PLACEHOLDER.sub(" ", plain))
    if _OPEN_END.search(bare):
        return start, None
    if _OPEN_START.search(bare):
        return None, end
    return start, end


def _take(
    pattern: re.Pattern[str], text: str, understand: Callable[[re.Match[str]], list[int]], years: list[int]
) -> str:
    """Collect the years of every match and blank it out, so that no later rule reads it again."""

    def replace(found: re.Match[str]) -> str:
        understood = understand(found)
        years.extend(understood)
        return " " if understood else found[0]

    return pattern.sub(replace, text)


def _chinese(text: str, years: list[int]) -> str:
    """Era years, centuries and decades, plain years in Arabic or Chinese digits."""
    for pattern, understand in (
        (_ERA, _era),
        (_ERA_WHOLE, lambda found: list(_ERAS[found[1]])),
        (_HAN_CENTURY, _han_century),
        (_HAN_DECADE, lambda found: [int(found[1]), int(found[1]) + 9]),
        (_HAN_YEAR, _han_year),
    ):
        text = _take(pattern, text, understand, years)
    return text


def _era(found: re.Match[str]) -> list[int]:
    """民国38年 is 1949, 民国前2年 1910, 光绪元年 1875; a second year after 至 counts in the same era."""
    first, last = _ERAS[found[1]]
    numbers = [number for group in (found[3], found[4]) if group and (number := _value(group)) is not None]
    if found[2]:
        return [first - number for number in numbers]
    longest = 200 if found[1] == "民国" else last - first + 1
    return [first + number - 1 for number in numbers if 1 <= number <= longest]


def _han_century(found: re.Match[str]) -> list[int]:
    century = _value(found[2])
    if not century or century > 30:
        return []
    if found[1]:
        return [1 - century * 100, -(century - 1) * 100]
    if found[3]:
        decade = (century - 1) * 100 + (_value(found[3]) or 0)
        return [decade, decade + 9]
    return [(century - 1) * 100 + 1, century * 100]


def _han_year(found: re.Match[str]) -> list[int]:
    """1949年, 一九四九年, 公元前221年; a bare number of less than four digits is no year of the common era."""
    digits = found[2]
    year = int(digits) if digits.isascii() else int("".join(str(_DIGITS[char]) for char in digits))
    if found[1] and found[1].endswith("前"):
        return [1 - year] if year else []
    return [year] if found[1] or len(digits) == 4 else []


def _value(number: str) -> int | None:
    """A number in Arabic or Chinese digits up to 199; 元 is one."""
    if number.isascii():
        return int(number)
    if number == "元":
        return 1
    total = 0
    current = 0
    for char in number:
        if char in _DIGITS:
            current = _DIGITS[char]
        elif char == "百":
            total, current = total + (current or 1) * 100, 0
        else:
            tens = {"十": current or 1, "廿": 2, "卅": 3}.get(char)
            if tens is None:
                return None
            total, current = total + tens * 10, 0
    return total + current


def _western(text: str, years: list[int]) -> None:
    """ISO and compact dates, centuries, decades, BCE, abbreviated ranges, years."""
    text = _take(_SIGNED, text, lambda found: [int(found[1])], years)
    text = _take(_PLACEHOLDER, text, _placeholder, years)
    text = _UNCERTAIN.sub(" ", text)
    if not years and (early := _EARLY_YEARS.fullmatch(text)):
        years += [int(group) for group in early.groups() if group]
    for pattern, understand in (
        (_CENTURY, _century),
        (_BEFORE_CHRIST, _before_christ),
        (_OF_CHRIST, lambda found: [int(group) for group in found.groups() if group]),
        (_COMPACT, lambda found: [int(found[1])]),
        (_SHORT_DECADES, lambda found: [int(found[1] + found[2] + "0"), int(found[1] + found[3] + "9")]),
        (_DECADE, lambda found: [int(found[1] + "0"), int(found[1] + "9")]),
        (_SHORT_END, _short_end),
        (_YEAR, lambda found: [year] if 0 < (year := int(found[1])) < 2200 else []),
    ):
        text = _take(pattern, text, understand, years)


def _placeholder(found: re.Match[str]) -> list[int]:
    """Digits left open: 193-, 193x, 19--, 19uu."""
    if found[2]:
        return [int(found[1] + found[2] + "0"), int(found[1] + found[2] + "9")]
    return [int(found[1] + "00"), int(found[1] + "99")]


def _century(found: re.Match[str]) -> list[int]:
    """The 19th century is 1801 to 1900; early, mid and late are its first four, middle and last four decades."""
    part, first, other, second, before = found.groups()
    spans = [_hundred(int(first), part, before)]
    if second:
        spans.append(_hundred(int(second), other, before))
    return [year for span in spans for year in span]


def _hundred(century: int, part: str | None, before: str | None) -> tuple[int, int]:
    low, high = _PARTS.get((part or "").lower(), (0, 99))
    base = 1 - century * 100 if before else (century - 1) * 100 + 1
    return base + low, base + high


def _before_christ(found: re.Match[str]) -> list[int]:
    return [1 - int(group) for group in found.groups() if group]


def _short_end(found: re.Match[str]) -> list[int]:
    """1982-89 is a range; 1905-06 may be a month and is read as one, as ISO 8601 has it."""
    century, start, end = found.groups()
    if int(end) <= 12 or int(end) <= int(start):
        return []
    return [int(century + start), int(century + end)]
