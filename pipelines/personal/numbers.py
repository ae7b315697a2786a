"""Numbers of persons: identity cards, bank cards, telephones. With check digits wherever there are any, and never
within a longer number or code.

GB 11643 (resident identity numbers), GB/T 2260 (their places, with the years in which they were given), ISO/IEC 7812
(Luhn and issuers of cards), E.164. Identity numbers of Taiwan and Hong Kong by their published check digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from stdnum import luhn, numdb
from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from pipelines.personal.spans import Span

_BEFORE: Final = r"(?<![0-9A-Za-z+])(?<![0-9A-Za-z][-./:_])"
_AFTER: Final = r"(?![0-9A-Za-z])(?![-./:_][0-9A-Za-z])"
"""Neither side goes on, nor does a sign that holds the parts of a code together."""
_EARLIEST, _LATEST = 1885, 2100
"""Years of birth: the first of the oldest who got an identity card in 1984."""

_RESIDENT: Final = re.compile(rf"{_BEFORE}\d{{6}}([ -]?)\d{{8}}\1\d{{3}}[0-9Xx]{_AFTER}")
_FIRST_RESIDENT: Final = re.compile(rf"{_BEFORE}\d{{15}}{_AFTER}")
_TAIWAN: Final = re.compile(rf"{_BEFORE}[A-Z][1289]\d{{8}}{_AFTER}")
_HONG_KONG: Final = re.compile(rf"{_BEFORE}([A-Z]{{1,2}})(\d{{6}})\(([0-9A])\)")
_CARD: Final = re.compile(
    rf"{_BEFORE}(?:\d{{13,19}}|\d{{4}}(?:([ -])\d{{4}})(?:\1\d{{4}}){{2}}(?:\1\d{{1,3}})?){_AFTER}"
)
_ISSUERS: Final = re.compile(
    r"62\d{14,17}|4\d{15}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}"
    r"|35(?:2[89]|[3-8]\d)\d{12}|6(?:011|5\d\d)\d{12}"
)
"""UnionPay, Visa, Mastercard, American Express, JCB, Discover."""
_MOBILE: Final = re.compile(
    rf"(?:{_BEFORE}|(?<![0-9A-Za-z])(?:\+|00)86[ -]?)1[3-9]\d(?:([ -]?)\d{{4}}\1\d{{4}}){_AFTER}"
)
_LANDLINE: Final = re.compile(
    rf"(?:{_BEFORE}|(?<![0-9A-Za-z])\+86[ -]?\(?)\(?0(?:10|2\d|[3-9]\d{{2}})(?:\) ?|[- ])"
    rf"[2-9]\d{{2,3}}[ -]?\d{{4}}{_AFTER}"
)
_TAIWAN_LANDLINE: Final = re.compile(rf"{_BEFORE}\(?0[2-8]\d?(?:\) ?|-)\d{{3,4}}-\d{{4}}{_AFTER}")
_ABROAD: Final = re.compile(rf"(?<![0-9A-Za-z])\+[1-9]\d{{0,2}}(?:[ .-]?\(?\d{{1,4}}\)?){{2,5}}{_AFTER}")
_AMERICAN: Final = re.compile(rf"{_BEFORE}(?:\(\d{{3}}\) ?|\d{{3}}[-. ])\d{{3}}[-. ]\d{{4}}{_AFTER}")
_ID_WORD: Final = re.compile(r"(?:身[份分][证證]|证件|證件|\bID\b|identity card)[^。；;\n]{0,12}$", re.IGNORECASE)
_PHONE_WORD: Final = re.compile(
    r"(?:电话|電話|手机|手機|联系|聯絡|聯繫|传真|傳真|\btel(?:ephone)?\b|\bphone\b|\bmobile\b|\bfax\b|\bcell\b|\bcall\b)"
    r"[^。；;\n]{0,24}$",
    re.IGNORECASE,
)
_NEAR: Final = 40
"""Characters before a number in which a word says what it is."""


def numbers(text: str) -> Iterator[Span]:
    """All of them; spans may overlap."""
    yield from _residents(text)
    yield from _taiwanese(text)
    yield from _hong_kong(text)
    yield from _cards(text)
    yield from _phones(text)


# Identity numbers


def _residents(text: str) -> Iterator[Span]:
    for found in _RESIDENT.finditer(text):
        if is_resident(re.sub("[ -]", "", found[0])):
            yield Span(*found.span(), "id_number", "cn-resident", 0.99)
    for found in _FIRST_RESIDENT.finditer(text):
        if is_first_resident(found[0]):
            sure = 0.9 if _said(_ID_WORD, text, found.start()) else 0.6
            yield Span(*found.span(), "id_number", "cn-resident-15", sure)


@lru_cache(maxsize=4096)
def is_resident(number: str) -> bool:
    """Is this an 18-digit number whose check digit, day of birth and place are right?

    A place counts whenever it had this code: who was born before it had, got the number later, too.
    """
    return number[-1].upper() == ric.calc_check_digit(number) and _is_born(number) and _is_place(number[:6])


@lru_cache(maxsize=4096)
def is_first_resident(number: str) -> bool:
    """Is this a 15-digit number (until 1999: two digits of the year, no check digit) of a day and a place?"""
    return _is_born(f"{number[:6]}19{number[6:]}0") and _is_place(number[:6])


def _is_born(number: str) -> bool:
    try:
        return _EARLIEST <= ric.get_birth_date(number).year < _LATEST
    except ValidationError:
        return False


def _is_place(code: str) -> bool:
    return any("county" in about for _, about in numdb.get("cn/loc").info(code))


_TAIWAN_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVXYWZIO"
"""In the order of their values from 10."""


def _taiwanese(text: str) -> Iterator[Span]:
    for found in _TAIWAN.finditer(text):
        if is_taiwanese(found[0]):
            yield Span(*found.span(), "id_number", "tw-id", 0.95 if _said(_ID_WORD, text, found.start()) else 0.7)


def is_taiwanese(number: str) -> bool:
    """Does the check digit of a national identity or resident certificate number fit?"""
    first = 10 + _TAIWAN_LETTERS.index(number[0])
    digits = [first // 10, first % 10, *map(int, number[1:])]
    return (
        sum(digit * weight for digit, weight in zip(digits, (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1), strict=True)) % 10 == 0
    )


def _hong_kong(text: str) -> Iterator[Span]:
    for found in _HONG_KONG.finditer(text):
        if is_hong_kong(found[1], found[2], found[3]):
            yield Span(*found.span(), "id_number", "hk-id", 0.95 if _said(_ID_WORD, text, found.start()) else 0.7)


def is_hong_kong(letters: str, digits: str, check: str) -> bool:
    """Does the check digit of a Hong Kong identity card number fit? A single letter has a blank (36) before it."""
    values = [36] * (2 - len(letters)) + [ord(letter) - 55 for letter in letters] + [int(digit) for digit in digits]
    total = sum(value * weight for value, weight in zip(values, range(9, 1, -1), strict=True))
    return (total + (10 if check == "A" else int(check))) % 11 == 0


# Bank cards


def _cards(text: str) -> Iterator[Span]:
    for found in _CARD.finditer(text):
        digits = re.sub("[ -]", "", found[0])
        if _ISSUERS.fullmatch(digits) and len(set(digits)) > 3 and luhn.is_valid(digits):
            yield Span(*found.span(), "bank_card", "luhn", 0.9 if digits.startswith("62") or found[1] else 0.7)


# Telephones


def _phones(text: str) -> Iterator[Span]:
    for rule, pattern, alone, said in (
        ("cn-mobile", _MOBILE, 0.7, 0.95),
        ("cn-landline", _LANDLINE, 0.7, 0.95),
        ("tw-landline", _TAIWAN_LANDLINE, 0.7, 0.95),
        ("international", _ABROAD, 0.8, 0.95),
        ("us", _AMERICAN, 0.0, 0.9),
    ):
        for found in pattern.finditer(text):
            sure = said if _said(_PHONE_WORD, text, found.start()) else alone
            if sure and 7 <= sum(char.isdigit() for char in found[0]) <= 15:
                yield Span(*found.span(), "phone", rule, sure)


def _said(word: re.Pattern[str], text: str, start: int) -> bool:
    """Does a word before a number say what it is?"""
    return bool(word.search(text[max(0, start - _NEAR) : start]))
