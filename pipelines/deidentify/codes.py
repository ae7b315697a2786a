"""Numbers that say who somebody is or how they are reached, in records that are masked: everything that
`pipelines.personal` finds, and what only looks like it.

There a number must prove itself, since hits are counted over whole archives. Here one that is missed is read by a
stranger: a number miscopied or misread (its check digit wrong) is masked by its shape, and whatever follows a word that
says what it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from mappings.deidentification import Kind
from pipelines.deidentify.lists import lines
from pipelines.personal.spans import Span

_ALONE: Final = r"(?<![0-9A-Za-z])"
_ENDS: Final = r"(?![0-9A-Za-z])"
_DAY: Final = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_GAP: Final = r"[:： .#=]{0,3}(?:[为為是]|号码|號碼)?[:： ]{0,2}"
"""What stands between a word and its number."""
_VALUE: Final = r"(?P<value>(?:[A-Z]{1,4}[ /-]?)?\d[0-9A-Z]*(?:[ /-](?=[0-9A-Z]*\d)[0-9A-Z]{1,8}){0,5}(?:[ ]?[A-Z]\b)?)"
"""A number with letters before, within and behind it, in groups."""

# Shapes: what a number is by itself

_SHAPES: Final[tuple[tuple[Kind, str, float, re.Pattern[str]], ...]] = (
    (
        "id_number",
        "cn-resident-shape",
        0.8,
        re.compile(
            rf"{_ALONE}[1-8]\d{{5}}(?:(?:18|19|20)\d\d{_DAY}\d{{3}}[0-9Xx]|\d\d{_DAY}\d{{3}}){_ENDS}"
            rf"|{_ALONE}[1-8]\d{{3}}[ -]\d{{4}}[ -]\d{{4}}[ -]\d{{4}}[ -][0-9Xx]{{1,2}}{_ENDS}"
            rf"|{_ALONE}[1-8]\d{{5}}[ -](?:19|20)\d\d{_DAY}[ -]\d{{3}}[0-9Xx]{_ENDS}"
        ),
    ),
    ("id_number", "tw-id-shape", 0.6, re.compile(rf"{_ALONE}[A-Z][1289]\d{{8}}{_ENDS}")),
    ("id_number", "hk-id-shape", 0.7, re.compile(rf"{_ALONE}[A-Z]{{1,2}}\d{{6}} ?\([0-9A]\)")),
    ("id_number", "sg-id-shape", 0.7, re.compile(rf"{_ALONE}[STFGM]\d{{7}}[A-Z]{_ENDS}")),
    ("id_number", "us-ssn-shape", 0.8, re.compile(rf"{_ALONE}(?<![0-9]-)\d{{3}}-\d{{2}}-\d{{4}}{_ENDS}(?!-\d)")),
    (
        "id_number",
        "uk-ni-shape",
        0.8,
        re.compile(rf"{_ALONE}[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d\d ?\d\d ?\d\d ?[A-D]{_ENDS}"),
    ),
    (
        "id_number",
        "us-medicare-shape",
        0.8,
        re.compile(rf"{_ALONE}\d[A-Z][A-Z0-9]\d-?[A-Z][A-Z0-9]\d-?[A-Z]{{2}}\d\d{_ENDS}"),
    ),
    ("id_number", "cn-officer", 0.9, re.compile(r"[军軍士兵退残殘文职職警]{1,2}字第? ?\d{4,10} ?[号號]?")),
    (
        "bank_card",
        "card-shape",
        0.6,
        re.compile(
            rf"{_ALONE}(?:62\d{{14,17}}|[3456]\d{{3}}([ -])\d{{4}}\1\d{{4}}\1\d{{3,4}}(?:\1\d{{1,3}})?"
            rf"|3[47]\d\d[ -]\d{{6}}[ -]\d{{5}}){_ENDS}"
        ),
    ),
    (
        "phone",
        "cn-mobile-shape",
        0.7,
        re.compile(rf"{_ALONE}(?:(?:\+|00)?86[ -]?)?1[3-9]\d([ -]?)\d{{4}}\1\d{{4}}{_ENDS}"),
    ),
    ("phone", "tw-mobile-shape", 0.7, re.compile(rf"{_ALONE}09\d\d-?\d{{3}}-?\d{{3}}{_ENDS}")),
    ("phone", "cn-landline-shape", 0.7, re.compile(rf"{_ALONE}\(?0\d{{1,3}}(?:\) ?| ?- ?)\d{{3,4}}-?\d{{4}}{_ENDS}")),
    (
        "phone",
        "us-shape",
        0.6,
        re.compile(rf"{_ALONE}(?:1[-. ])?(?:\(\d{{3}}\) ?|\d{{3}}[-.])\d{{3}}[-.]\d{{4}}{_ENDS}"),
    ),
    (
        "phone",
        "uk-shape",
        0.6,
        re.compile(
            rf"{_ALONE}0(?:\d{{2}} \d{{4}} \d{{4}}|\d{{3}}[ -]\d{{3}} ?\d{{4}}|\d{{4}} \d{{6}}"
            rf"|\d{{4}} \d{{3}} \d{{3,4}}){_ENDS}"
        ),
    ),
)

# Words: what a number is because they say so


def _any(name: str) -> str:
    return "(?:" + "|".join(lines(name)) + ")"


_NUMBER_WORD: Final = r"(?: ?(?:[Nn]os?\.?|[Nn]umbers?|#|[Nn]um\.?|[Rr]ef(?:erence)?\.?)){0,2}"
_ID_ZH: Final = _any("before_id_numbers_zh")
_ID_EN: Final = _any("before_id_numbers_en") + r"(?: (?:[Ii][Dd]|[Rr]egistration|[Cc]ard))?" + _NUMBER_WORD
_PHONE_ZH: Final = _any("before_phones_zh") + "(?:[号號][码碼]?)?"
_PHONE_EN: Final = _any("before_phones_en") + r"(?: (?:[Nn]umber|[Nn]o\.?|phone|me|at|on|is|left|her|him|us|them))*"
_CARD: Final = _any("before_cards")
_SAID: Final[tuple[tuple[Kind, str, re.Pattern[str]], ...]] = (
    (
        "id_number",
        "said-zh",
        re.compile(
            rf"{_ID_ZH}{_GAP}\(?"
            r"(?P<value>(?:[\u4e00-\u9fff]{1,2})?[A-Z]{0,3}-?\d[0-9A-Zx -]{2,24}[0-9A-ZxX](?:\([0-9A]\))?)"
        ),
    ),
    ("id_number", "said-en", re.compile(rf"(?<![A-Za-z]){_ID_EN}{_GAP}(?:is )?{_VALUE}")),
    ("id_number", "number-of", re.compile(r"(?<![A-Za-z])No\. (?P<value>\d{4,9})(?= (?:[A-Z]|\())")),
    ("phone", "said-zh", re.compile(rf"{_PHONE_ZH}{_GAP}(?P<value>\(?\+?\d[\d() -]{{5,18}}\d)")),
    (
        "phone",
        "said-en",
        re.compile(rf"(?<![A-Za-z]){_PHONE_EN}[^.;\n]{{0,24}}?{_GAP}(?P<value>(?:\+|\()?\d[\d() .-]{{5,17}}\d)"),
    ),
    ("phone", "exchange", re.compile(rf"(?<![A-Za-z]){_PHONE_EN}{_GAP}(?P<value>[A-Z][A-Za-z]{{3,}} \d-?\d{{3,4}})")),
    ("phone", "exchange", re.compile(r"(?<![A-Za-z])(?P<value>[A-Z]{2}[a-z]{3,9} \d-\d{4})(?!\d)")),
    ("bank_card", "said", re.compile(rf"{_CARD}[^0-9。;；\n]{{0,16}}?(?P<value>\d(?:[ -]?\d){{11,18}})(?!\d)")),
)
_LEFT: Final = (
    (
        "numbered",
        re.compile(
            rf"(?<![A-Za-z])(?:[Nn]os?\.?|NO\.?|[Nn]umber|[Rr]ef(?:erence)?\.?|REF\.?)[:# ]{{1,3}}{_VALUE}"
            r"|(?:[号號][码碼]|[编編][号號]|[证證卡]号)[:： 为為是]{0,2}(?P<zh>[A-Z]{0,3}-?\d[0-9A-Z-]{3,20})"
        ),
    ),
    (
        "long-number",
        re.compile(
            r"(?<![0-9A-Za-z.,£$€¥第/-])(?<![£$€¥第] )"
            r"(?P<value>(?:[A-Z]{1,3}[ -]?)?\d{6,12}(?:[ -]?[A-Z])?|[A-Z]{1,3}\d{2,4}[ -]\d{3,4}(?:[ -]\d{3,4})?)"
            r"(?![0-9A-Za-z]|[.,]\d|[-/]\d| ?[元年円圓%])"
        ),
    ),
)
"""Numbers that nothing says anything of. In such records they are those of a person more often than not."""


def leftovers(text: str, found: Sequence[Span]) -> Iterator[Span]:
    """Numbers that none of the spans found so far touches."""
    for rule, pattern in _LEFT:
        for one in pattern.finditer(text):
            start, end = one.span("zh" if one.groupdict().get("zh") else "value")
            if _fits("id_number", text[start:end]) and all(end <= span.start or span.end <= start for span in found):
                yield Span(start, end, "id_number", rule, 0.5)


def codes(text: str) -> Iterator[Span]:
    """All of them in narrow text (`Flow`); spans may overlap."""
    for kind, rule, sure, pattern in _SHAPES:
        for found in pattern.finditer(text):
            yield Span(*found.span(), kind, rule, sure)
    for kind, rule, pattern in _SAID:
        for found in pattern.finditer(text):
            start, end = found.span("value")
            while end > start and text[end - 1] in " -":
                end -= 1
            if _fits(kind, text[start:end]):
                yield Span(start, end, kind, rule, 0.9)


def _fits(kind: Kind, value: str) -> bool:
    """Has a value after a word as many digits as such numbers have?"""
    digits = sum(char.isdigit() for char in value)
    return digits >= 4 and (kind != "phone" or digits <= 15)
