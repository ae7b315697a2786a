"""Where persons are reached: addresses of mail and post."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from pipelines.personal.spans import Span

_LOCAL: Final = re.compile(r"[A-Za-z0-9_%+-][A-Za-z0-9._%+-]{0,63}\Z")
_DOMAIN: Final = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,24}(?![A-Za-z0-9])")

_HAN: Final = r"[\u4e00-\u9fff]"
_COUNT: Final = r"(?:\d{1,5}|[一二三四五六七八九十百千零〇○]{1,6})"
_CHINESE: Final = re.compile(
    rf"(?P<where>{_HAN}{{2,6}}(?:省|市|自治[区區]))?"
    rf"(?P<part>{_HAN}{{1,6}}(?:[市区區县縣]))?"
    rf"(?:{_HAN}{{1,6}}(?:[镇鎮乡鄉]|街道|[村里]))?"
    rf"{_HAN}{{1,6}}?(?:大道|胡同|[路街道巷弄村])(?:[东西南北中東]?{_COUNT}?段)?"
    rf"(?:{_COUNT}[巷弄衖]){{0,2}}(?P<number>{_COUNT}(?:[-之]{_COUNT})?[号號])"
    rf"(?:(?:之)?{_COUNT}(?:[号號][楼樓]|[楼樓室栋棟幢座层層]|单元|單元)){{0,4}}"
)
_LIVES: Final = re.compile("(?:[现現原]?(?:居住|住所|住址|住|居)|地址|位)?[在于於址]?")
"""What may stand before an address without a space, and is none of it."""
_NUMBER: Final = re.compile(r"[0-9一二三四五六七八九十百千零〇○][号號]")
_AHEAD: Final = 48
"""Characters before the number in which an address begins."""
_STREETS: Final = (
    r"(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Square|Sq|Place|Pl|Terrace|Crescent)"
)
_ENGLISH: Final = re.compile(
    rf"(?<![\w/.:#-])\d{{1,5}}[A-Za-z]? (?:(?:North|South|East|West|[NSEW]\.?) )?"
    rf"(?:(?:[A-Z][a-z'’]{{1,19}}|\d{{1,3}}(?:st|nd|rd|th)) ){{1,3}}{_STREETS}\b\.?"
    r"(?P<town>,? (?:[A-Z][A-Za-z.]{1,19},? ){1,3}(?:[A-Z]{2} )?\d{5}(?:-\d{4})?\b)?"
)


def emails(text: str) -> Iterator[Span]:
    """RFC 5322 addresses as people write them."""
    at = text.find("@")
    while at >= 0:
        local, domain = _LOCAL.search(text[max(0, at - 64) : at]), _DOMAIN.match(text, at + 1)
        if local and domain:
            yield Span(at - len(local[0]), domain.end(), "email", "email", 0.99)
        at = text.find("@", at + 1)


def addresses(text: str) -> Iterator[Span]:
    """Postal addresses with the number of a house."""
    yield from _chinese(text)
    for found in _ENGLISH.finditer(text):
        yield Span(*found.span(), "address", "en-street", 0.8 if found["town"] else 0.6)


def _chinese(text: str) -> Iterator[Span]:
    """Around each ``N號``: a road, and where it is. A number of papers (字第12號) has no road."""
    begun = 0
    for number in _NUMBER.finditer(text):
        if number.start() < begun:
            continue
        low = max(begun, number.start() - _AHEAD)
        found = _CHINESE.search(text, low, min(len(text), number.end() + 24))
        if found is None or not found.start("number") <= number.start() < found.end("number"):
            continue
        begun = found.end()
        lives = _LIVES.match(text, found.start())
        yield Span(
            lives.end() if lives else found.start(),
            begun,
            "address",
            "zh-street",
            0.8 if found["where"] or found["part"] else 0.6,
        )
