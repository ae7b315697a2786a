"""What the cells of a column look like: the share of dates, addresses, codes, languages, access words among them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from mappings.access import LEVELS
from mappings.access_statements import statement
from mappings.dates import NOTHING, parse
from mappings.languages import code_of
from mappings.reference_codes import looks_like_code

_WRITTEN_DATE = re.compile(
    r"[12]\d{3}([-./年]\d{1,2}([-./月]\d{1,2}日?)?)?年?|[12]\d{3}[01]\d[0-3]\d|[12]\d{3}\s*[-/–]\s*[12]\d{3}"
)
_DATE_WORDS = re.compile(r"\b\d{1,2} [A-Z][a-z]{2,8} \d{4}\b|[〇一二三四五六七八九十元\d]+年")
_URL = re.compile(r"https?://\S+|ark:/\S+|urn:\S+", re.IGNORECASE)
_ISBN = re.compile(r"(?:97[89][- ]?)?\d[\d -]{7,14}[\dXx]")
_NUMBER = re.compile(r"[-+]?\d+([.,]\d+)?")
_FLAGS = frozenset(("true", "false", "t", "f", "yes", "no", "y", "n", "0", "1", "是", "否"))
_LEVEL_WORDS = """
fonds subfonds sub-fonds collection series subseries sub-series file item recordgrp part volume
全宗 案卷 文件 件 卷 案卷级 文件级 类
"""
_LEVELS = frozenset(_LEVEL_WORDS.split())
_CARRIER_WORDS = """
text image map photograph photographs audio video film book books manuscript manuscripts print drawing
painting newspaper textual
graphic 纸质 纸 照片 录音 录像 胶片 电子 光盘 缩微
"""
_CARRIERS = frozenset(_CARRIER_WORDS.split())
_DIGITS = re.compile(r"[\d\W]+")  # a telephone number is made like a code
_PIECES = re.compile(r"[|;,；、]")
_UNKNOWN = frozenset("0?-")
_SEPARATORS = ("|", ";", "；", "、")


class Look(Struct, frozen=True):
    """Shares are of the cells with text, from 0 to 1; `length` is their mean in characters."""

    filled: int
    distinct: float
    length: float
    dates: float = 0.0
    written_dates: float = 0.0
    addresses: float = 0.0
    isbn: float = 0.0
    codes: float = 0.0
    languages: float = 0.0
    access: float = 0.0
    levels: float = 0.0
    carriers: float = 0.0
    numbers: float = 0.0
    flags: float = 0.0
    separator: str | None = None


def look(cells: Sequence[str]) -> Look:
    """What a column's cells with text look like."""
    if not cells:
        return Look(0, 0.0, 0.0)
    folded = [text.casefold() for text in cells]

    def share(*hits: bool) -> float:
        return sum(hits) / len(cells)

    return Look(
        len(cells),
        len(set(cells)) / len(cells),
        sum(map(len, cells)) / len(cells),
        share(*(parse(text) != NOTHING or text in _UNKNOWN for text in cells)),
        share(*(bool(_WRITTEN_DATE.fullmatch(text) or _DATE_WORDS.search(text)) for text in cells)),
        share(*(bool(_URL.match(text)) for text in cells)),
        share(*(_is_isbn(text) for text in cells)),
        share(*(looks_like_code(text) and not _DIGITS.fullmatch(text) for text in cells)),
        share(*(code_of(_PIECES.split(text)[0]) is not None for text in cells)),
        share(*(text in LEVELS or statement(text) is not None for text in folded)),
        share(*(text in _LEVELS for text in folded)),
        share(*(text.split(" ")[0] in _CARRIERS for text in folded)),
        share(*(bool(_NUMBER.fullmatch(text)) for text in cells)),
        share(*(text in _FLAGS for text in folded)),
        _separator(cells),
    )


def _is_isbn(text: str) -> bool:
    """Ten or thirteen digits whose last checks (https://www.isbn-international.org)."""
    if not _ISBN.fullmatch(text):
        return False
    digits = [10 if sign in "Xx" else int(sign) for sign in text if sign.isalnum()]
    if len(digits) == 10:
        return sum(digit * (10 - place) for place, digit in enumerate(digits)) % 11 == 0
    return len(digits) == 13 and sum(digit * (3 if place % 2 else 1) for place, digit in enumerate(digits)) % 10 == 0


def _separator(cells: Sequence[str]) -> str | None:
    """A sign that divides at least a third of short cells into several values."""
    short = [text for text in cells if len(text) < 200]
    for sign in _SEPARATORS:
        if short and sum(sign in text.strip(sign) for text in short) * 3 >= len(short):
            return sign
    return None
