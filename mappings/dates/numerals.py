"""Numbers as dates carry them: Chinese, Roman and Arabic-Indic figures, the sixty stems and branches."""

from __future__ import annotations

import re

_WRITTEN = ("〇零○", "一壹弌", "二贰两", "三叁弎", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
HAN_DIGITS = {char: value for value, chars in enumerate(_WRITTEN) for char in chars}
_TENS = {"廿": 20, "卅": 30, "卌": 40}
NUMBER = r"(?:元|[〇零○一二三四五六七八九十廿卅卌百壹贰叁肆伍陆柒捌玖拾佰两]{1,6}|\d{1,4})"
"""A number in Chinese or Arabic figures, folded."""
STEMS, BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}
ROMAN = re.compile(r"m{0,3}(?:cm|cd|d?c{0,4})(?:xc|xl|l?x{0,4})(?:ix|iv|v?i{0,4})")


def han(number: str) -> int | None:
    """A number in Arabic or (folded) Chinese figures, 元 and 正 being one: 卅八, 三十八 and 三八 are 38."""
    if number.isdecimal():
        return int(number)
    if number in ("元", "正"):
        return 1
    if all(char in HAN_DIGITS for char in number):
        return int("".join(str(HAN_DIGITS[char]) for char in number))
    total = current = 0
    for char in number:
        if char in HAN_DIGITS:
            current = HAN_DIGITS[char]
        elif char in "百佰":
            total, current = total + (current or 1) * 100, 0
        elif char in "十拾":
            total, current = total + (current or 1) * 10, 0
        elif char in _TENS:
            total, current = total + _TENS[char], 0
        else:
            return None
    return total + current


def sexagenary(pair: str) -> int | None:
    """The place of a stem and a branch in the cycle of sixty, 甲子 being 0; None for a pair that does not exist."""
    stem, branch = STEMS.find(pair[0]), BRANCHES.find(pair[1])
    return next((place for place in range(stem, 60, 10) if place % 12 == branch), None)


def years_of(pair: str, first: int, last: int) -> list[int]:
    """The years from `first` to `last` that the pair names: 丁亥 of 康熙 is 1707."""
    place = sexagenary(pair)
    if place is None:
        return []
    return list(range(first + (place - (first - 4)) % 60, last + 1, 60))


def roman(text: str) -> int | None:
    """A Roman number in lower case: mdccxl is 1740; None when it is none."""
    if not text or ROMAN.fullmatch(text) is None:
        return None
    values = [_ROMAN[char] for char in text]
    following = [*values[1:], 0]
    return sum(-value if value < after else value for value, after in zip(values, following, strict=True))
