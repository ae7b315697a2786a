"""Numbers as they are written in words and letters: Chinese numerals of all kinds, Roman ones where they must be some.

Everything looks at folded text (`mappings.text.fold`), so 貳拾叄 and 二○○八 need no entries of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from typing import NamedTuple

_ROWS = ("〇零", "一壹", "二贰", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
_DIGITS = {digit: value for value, row in enumerate(_ROWS) for digit in row} | {"两": 2, "参": 3}
_TENS = {"廿": 20, "卅": 30, "卌": 40}
_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1_000, "仟": 1_000}
_LARGE = {"万": 10_000, "亿": 100_000_000}
_NULLS = frozenset("〇零")
_POSITIONAL = frozenset("〇零一二三四五六七八九壹贰叁肆伍陆柒捌玖")
CHARACTERS = "".join((*_DIGITS, *_TENS, *_UNITS, *_LARGE))
_RUN = re.compile(f"[{CHARACTERS}]{{2,}}|[{''.join(_TENS)}]")
LONGEST = 24
"""Characters of the longest run that is read as a number."""
LONGEST_POSITIONAL = 8
VOLUME_WORDS = frozenset(
    (
        "vol",
        "vols",
        "volume",
        "volumes",
        "no",
        "nr",
        "num",
        "number",
        "numbers",
        "nos",
        "chapter",
        "chapters",
        "chap",
        "ch",
        "book",
        "books",
        "bk",
        "part",
        "parts",
        "pt",
        "section",
        "sect",
        "series",
        "ser",
        "bd",
        "band",
        "tome",
        "tom",
        "tomo",
        "fasc",
        "appendix",
        "act",
        "plate",
        "pl",
        "fig",
        "box",
        "folder",
        "reel",
        "item",
        "century",
    )
)
"""After these a Roman numeral is a number."""
_ROMAN = re.compile(r"(?=[ivxlc])c{0,3}(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})")
_ROMAN_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
_AFTER_VOLUME = re.compile(rf"(?<![^\W_])(?:{'|'.join(sorted(VOLUME_WORDS))})\.? ?([ivxlc]+)(?![^\W_])")


class Numeral(NamedTuple):
    """A numeral in a text: where it stands and what it means."""

    start: int
    end: int
    value: int


def han_numerals(folded: str) -> Iterator[Numeral]:
    """Numbers in Chinese words and signs, in order: single characters are words, not numbers, but for 廿 and 卅."""
    for run in _RUN.finditer(folded):
        if (number := value(run[0])) is not None:
            yield Numeral(run.start(), run.end(), number)


@lru_cache(maxsize=4_096)
def value(run: str) -> int | None:
    """What a run of numeral characters means: 一九四九, 二十三, 廿三, 一百零八, 三万; None when it is no number.

    Digits in a row are a number from three on, or two with a nought: 三五 is three to five.
    """
    if len(run) > LONGEST:
        return None
    if all(char in _POSITIONAL for char in run):
        return _positional(run)
    return _structured(run)


def _positional(run: str) -> int | None:
    is_number = len(run) >= 3 or (len(run) == 2 and run[1] in _NULLS)
    if not is_number or len(run) > LONGEST_POSITIONAL or run[0] in _NULLS:
        return None
    return int("".join(str(_DIGITS[char]) for char in run))


def _structured(run: str) -> int | None:
    """Units in falling order, each with one digit before it; 廿 三十 二 are parts of it. Larger units multiply."""
    total, rest = 0, run
    for large, factor in reversed(_LARGE.items()):
        before, unit, rest_after = rest.partition(large)
        if unit:
            section = _section(before)
            if section is None:
                return None
            if rest_after and rest_after[0] not in _NULLS and not _goes_on(rest_after, factor):
                return None
            total, rest = total + section * factor, rest_after
    if not rest:
        return total
    last = _section(rest.lstrip("〇零") if total else rest)
    return None if last is None else total + last


def _goes_on(rest: str, factor: int) -> bool:
    """Does what follows a large unit without a nought begin in the next lower place? 三万五千, but not 万一."""
    return any(char in _UNITS or char in _TENS or char in _LARGE for char in rest[:2]) and factor > 1


def _section(run: str) -> int | None:
    """A number below ten thousand: 三千四百零五, 十二, 廿三."""
    total, digit, limit = 0, None, 10_000
    null_before = False
    for char in run:
        if char in _NULLS:
            if digit is not None or null_before or not total:
                return None
            null_before = True
        elif char in _DIGITS:
            if digit is not None:
                return None
            digit = _DIGITS[char]
        else:
            unit = 10 if char in _TENS else _UNITS.get(char, 0)
            if not unit or unit >= limit or (char in _TENS and digit is not None):
                return None
            total += _TENS.get(char) or (1 if digit is None else digit) * unit
            digit, limit, null_before = None, unit, False
    if digit is None:
        return total if total and not null_before else None
    if limit > 10 and not null_before and total:
        return None  # 一百五 is a hundred and fifty, or five
    return total + digit


def roman_value(numeral: str) -> int | None:
    """The value of a small Roman numeral in lower case (below 400), or None."""
    if not numeral or not _ROMAN.fullmatch(numeral):
        return None
    values = [_ROMAN_VALUES[letter] for letter in numeral]
    return sum(-now if now < after else now for now, after in zip(values, [*values[1:], 0], strict=True))


ROMANS = frozenset(
    "".join(parts)
    for parts in product(
        ("", "c", "cc", "ccc"),
        ("", "x", "xx", "xxx", "xl", "l", "lx", "lxx", "lxxx", "xc"),
        ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix"),
    )
) - {"", "c", "l"}
"""Roman numerals below 400, but for single letters that more often number something else."""
ROMAN_OF = {roman_value(roman): roman for roman in ROMANS}
"""Numbers, each with its Roman numeral."""


def roman_numerals(folded: str) -> Iterator[Numeral]:
    """Roman numerals after words that have a number (vol. XII), in order."""
    for roman in _AFTER_VOLUME.finditer(folded):
        if roman[1] in ROMANS and (number := roman_value(roman[1])):
            yield Numeral(roman.start(1), roman.end(1), number)


STYLES = 6
"""Ways to write numbers that `in_style` knows."""


def in_style(number: int, style: int) -> str:
    """A number below 100,000, folded, in one of the ways it may be written: 23, 二十三, 贰拾叁, 廿三; from 100 on also
    digit by digit, as 一九〇八 and 一九零八. Where a style has nothing of its own it is as the second."""
    words = _in_words(number)
    if style == 0:
        return str(number)
    if style == 2:
        return words.translate(_FORMAL)
    if style == 3:
        return _SHORT_TENS.get(words[:2], words[:2]) + words[2:]
    if style in (4, 5) and number >= 100:
        row = "".join("〇一二三四五六七八九"[int(digit)] for digit in str(number))
        return row if style == 4 else row.replace("〇", "零")
    return words


_FORMAL = str.maketrans("一二三四五六七八九十百千", "壹贰叁肆伍陆柒捌玖拾佰仟")
_SHORT_TENS = {"二十": "廿", "三十": "卅", "四十": "卌"}


def _in_words(number: int) -> str:
    if 10 <= number < 20:
        return "十" + "〇一二三四五六七八九"[number - 10].strip("〇")
    text, nulls = "", False
    for unit, sign in ((10_000, "万"), (1_000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            text += ("零" if nulls and text else "") + "〇一二三四五六七八九"[digit] + sign
        nulls = not digit
    return text
