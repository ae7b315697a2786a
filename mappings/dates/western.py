"""Dates in western figures and words: ISO 8601 and EDTF, days and months in eight languages, seasons, decades, years.

One pattern of many alternatives finds the dates from left to right, the more definite before the less; what understands
each stands in `understood.py`. The text is folded and stripped of the signs of doubt (`stripped`).
"""

from __future__ import annotations

import re
from functools import cache

from mappings.dates.days import Stretch, year_of, years
from mappings.dates.eras import eras, periods
from mappings.dates.patterns import READ, any_of
from mappings.dates.understood import HANDLERS, Partial
from mappings.dates.words import MONTHS, ORDINALS, PARTS, REPUBLICAN_MONTHS, SEASONS

_SUPPLIED_DIGITS = re.compile(r"(?<![\d\[])(\d{0,3})\[(\d{1,3})\](\d{0,3})(?!\d)")
_OPEN_DIGIT = re.compile(r"(?<!\d)((?:1\d|20)\d)\?(?!\d)")
_OPEN_DIGITS = re.compile(r"(?<!\d)(1\d|20)\?\?")
_ROUGH = re.compile(r"[~%](?!\s*\d)|^\s*~|\?")
_CORRECTED = re.compile(r"^.*\bi\.?\s?e\.?,?\s*(?=\D*[012]\d{3})")
_BRACKETS = str.maketrans("[({<", "    ", "])}>")


def stripped(text: str) -> str:
    """Brackets and signs of doubt gone: 19[45] is 1945, 190? is 190x, "1697 [i.e. 1967]" is 1967."""
    if "(?)" in text:
        text = text.replace("(?)", "?")
    if "[" in text:
        text = _SUPPLIED_DIGITS.sub(_joined, text)
    if "?" in text:
        text = _OPEN_DIGITS.sub(r"\1xx", _OPEN_DIGIT.sub(r"\1x", text))
    if "?" in text or "~" in text or "%" in text:
        text = _ROUGH.sub("", text).replace("~", "-")
    if "e" in text and "i" in text:
        text = _CORRECTED.sub("", text)
    return text.translate(_BRACKETS)


def _joined(found: re.Match[str]) -> str:
    digits = "".join(found.groups())
    return digits if len(digits) == 4 and (found[1] or found[3]) else found[0]


_YEAR, _DAY = r"[012]\d{3}", r"\d{1,2}(?!\d)(?:st|nd|rd|th|er|eme|o|a)?(?![a-z])"
_OF = r"(?:(?:day of|de|of|del|di|do|den|d')\s*)?"
_AND = r"\s*(?:-|&|,|/|and|to|und|et|y|e|or)\s*"
_SEPARATOR = r"\s?([./-])\s?"
_BEFORE = r"(\s*b\.?\s?c\.?(?:\s?e\.?)?(?![a-z])|\s*v\.?\s?chr\.?|\s*av\.? j\.?-?\s?c\.?|\s*a\.\s?c\.(?!e))"
_CLOCK = r"(?:[t ]\d\d:?\d\d(?::?\d\d)?(?:[.,]\d+)?\s*(?:z|utc|[+-]\d\d:?\d\d)?)?"
_CENTURY_WORD = (
    r"(?:centur(?:y|ies)|cent\.?(?![a-z])|c\.|siecles?|secolo|siglos?|seculo|jahrhunderts?|jh\.?|jhdt\.?|jhs\.|eeuw)"
)


def _alternatives() -> dict[str, str]:
    month = rf"({any_of(MONTHS)})(?![a-z])"
    season = rf"({any_of(SEASONS)})(?![a-z])"
    part = rf"(?:(?:the\s+)?({any_of(PARTS)})[\s-]*(?:the\s+)?)?"
    ordinal = rf"(\d{{1,2}}(?:st|nd|rd|th|\.|e|eme)?|{any_of(ORDINALS)}|[ivx]+(?:\.|e|eme)?(?![a-z]))"
    romanised = any_of(name for name in eras() if name.isascii())
    dynasty = any_of(name for name in periods() if name.isascii())
    republican = any_of(REPUBLICAN_MONTHS)
    word = r"(?<![a-z])"
    return {
        "iso": rf"({_YEAR})-(\d\d)-(\d\d)(?!\d){_CLOCK}",
        "compact": r"([12]\d{3})(\d\d)(\d\d)(?!\d)(?:t\d{4,6}z?)?",
        "year_month": r"([12]\d{3})(0[1-9]|1[0-2])(?!\d)",
        "signed": r"(?<![\w.-])(?<!\w )-(0\d{3})(?:-(\d\d)(?:-(\d\d))?)?(?!\d)",
        "year_first": rf"({_YEAR})[./](\d{{1,2}})[./](\d{{1,2}})(?!\d)",
        "numeric": rf"(\d{{1,2}}){_SEPARATOR}(\d{{1,2}}){_SEPARATOR}({_YEAR})(?!\d)",
        "numeric_short": r"(\d{1,2})/(\d{1,2})/'?(\d\d)(?![\d/])",
        "month_slash": rf"(0?[1-9]|1[0-2])/({_YEAR})(?!\d)",
        "year_word": rf"({_YEAR})[.,:]?\s*{month}\.?,?(?:\s*({_DAY})(?:\s*[-&,]\s*({_DAY}))?(?!\s*{month}))?",
        "day_word": rf"({_DAY})(?:{_AND}({_DAY}))?\s*[-./]?\s*{_OF}{month}[.,]*\s*{_OF}(?:-?({_YEAR})(?!\d)(?:/(\d{{1,2}})(?!\d))?|[-'](\d\d)(?!\d|\s*[a-z]))?",
        "republican": rf"(?:({_DAY})?\s*({republican})\s*,?\s*(?:de\s+)?(?:l')?)?{word}an\s+([ivx]+|\d{{1,2}})(?![\w'])",
        "month_word": rf"{word}{month}\.?,?(?:\s*({_DAY})(?:{_AND}({_DAY}))?(?!\s*{month}))?(?:[\s,.]*{_OF}[-/]?\s?({_YEAR})(?!\d)(?:/(\d{{1,2}})(?!\d))?|\s?[-']\s?(\d\d)(?![\d/]|\s*[a-z]))?",
        "season_word": rf"{word}{season}(?:\s*term)?(?:\s*of)?,?\s*({_YEAR})(?!\d)(?:\s*[-/]\s*({_YEAR}|\d\d)(?!\d))?",
        "year_season": rf"({_YEAR})[,.]?\s*{season}",
        "century": rf"{word}((?<!\S)-)?{part}{ordinal}(?:\s*{_CENTURY_WORD})?(?:\s*(?:-|/|to|and|or|&)\s*{part}{ordinal})?[\s-]*{_CENTURY_WORD}{_BEFORE}?",
        "century_after": rf"{word}(?:s\.|saec\.?|saeculo|siglo|siglos|seculo|secolo|sec\.)\s*([ivx]+|\d{{1,2}})(?:\s*-\s*([ivx]+|\d{{1,2}}))?(?![\w])",
        "before_christ": rf"(\d{{1,4}})(?:\s*(?:-|to)\s*(\d{{1,4}}))?{_BEFORE}",
        "hebrew": rf"{word}(?:a\.?m\.|anno mundi|hebrew|jewish)\s*(5\d{{3}})(?!\d)",
        "hijri": rf"{word}(?:a\.?\s?h\.?|anno hegirae|hijri|h\.)\s*(\d{{1,4}})(?!\d)|(\d{{3,4}})\s*(?:a\.?h\.?(?![a-z])|h\.|hijri|هجري|هـ|ه(?!\w))",
        "of_christ": rf"{word}(?:a\.?d\.?|anno|ano|n\.\s?chr\.)\s*(\d{{1,4}})(?!\d)|(\d{{1,4}})(?:\s*(?:-|to)\s*(\d{{1,4}}))?\s*(?:c\.?e\.?|a\.?d\.?|n\.\s?chr\.)(?![a-z])",
        "japanese": rf"{word}([mtshr])\.?\s?(\d{{1,2}})[./-](\d{{1,2}})[./-](\d{{1,2}})(?!\d)",
        "short_decades": r"([12]\d)(\d)0(?:'?s)?\s*-\s*'?(\d)0'?s(?![a-z])",
        "decade": r"([12]\d{2})0'?s(?![a-z])|([12]\d{2})s(?![a-z])|([12]\d{2})0er(?![a-z])|(?:annees|decada de|decenio de|anni|anos|jaren)\s+([12]\d{2})0(?!\d)",
        "placeholder": r"(?:(1\d|20)(?:(\d)[-xu](?=\D|$)|(?:--|xx|uu)(?=\D|$))|([12])[xu]{3})(?:-[\dxu]{2}(?!\d)){0,2}",
        "double": r"([12]\d)(\d\d)\s*([-/])\s*(\d{1,2})(?!\d)(?!\s?-\s?\d)",
        "run_together": r"([12]\d{3})([12]\d{3})(?!\d)",
        "early": r"([1-9]\d\d)\s*[-/]\s*(1\d{3})(?!\d)",
        "year": rf"({_YEAR})(?!\d)",
        "roman": rf"{word}(m[dcm][dclxvi]+)(?![a-z])",
        "romanised": rf"{word}({romanised})\s*(?:(\d{{1,3}})(?!\d)(?:\s*(?:nian|nen|year))?|(?=reign|period|era|nianjian|jian|$|\s*[\[(]))",
        "dynasty": rf"{word}(?:(early|mid|middle|late)[\s-]+)?({dynasty})",
    }  # fmt: skip


@cache
def _pattern(letters: bool) -> re.Pattern[str]:
    """All alternatives; those that begin with or hold a word are left out for texts without a letter."""
    plain = {"iso", "compact", "year_month", "signed", "year_first", "numeric", "numeric_short", "month_slash", "placeholder",
             "double", "run_together", "early", "year"}  # fmt: skip
    parts = [f"(?P<{name}>{part})" for name, part in _alternatives().items() if letters or name in plain]
    return re.compile(rf"(?<!\d)(?:{'|'.join(parts)})")


_LETTER = re.compile(r"[a-z\u0600-\u06ff]")
_EARLY = re.compile(
    r"\s*(?P<lived>(?:fl|f|d|b|r|active|born|died|reigned)\b\.?\s*)?(?:(?:ca|c|circa|about)\b\.?\s*)?(?P<first>-?\d{1,3})"
    r"(?:\s*[-/]\s*(?:(?:ca|c|circa|about)\b\.?\s*)?(?P<last>-?\d{1,4}))?[\s.]*"
)


def read_western(text: str) -> tuple[list[Stretch], str]:
    """What a stripped text says, in order, and the text with that marked as read."""
    found: list[Stretch | Partial] = []
    spans: list[tuple[int, int]] = []
    for match in _pattern(_LETTER.search(text) is not None).finditer(text):
        kind = match.lastgroup or ""
        first = match.lastindex or 0
        one = HANDLERS[kind](match.groups()[first:])
        if one is not None:
            found.append(one)
            spans.append(match.span())
    if not found:
        return _early(text)
    dated = _dated(found)
    if len(dated) == 1 and dated[0].precision == "decade" and re.search("00'?s", text):
        dated = [_hundreds(dated[0])]
    return dated, _marked(text, spans)


def _hundreds(found: Stretch) -> Stretch:
    """1800s alone may be a decade or a century; a range (1890s-1900s) says which. Cataloguers' own `@normal` of 1900s is
    1900/1999 in all of the corpus; 2000s is still a decade.
    """
    year = year_of(found.first)
    if year % 100 or year >= 2000 or year_of(found.last) != year + 9:
        return found
    return years(year, year + 99, "century")._replace(uncertain=True)


def _marked(text: str, spans: list[tuple[int, int]]) -> str:
    if len(spans) == 1 and spans[0] == (0, len(text)):
        return ""
    parts, at = [], 0
    for start, end in spans:
        parts += [text[at:start], READ]
        at = end
    return "".join((*parts, text[at:]))


def _dated(found: list[Stretch | Partial]) -> list[Stretch]:
    """Days and months without a year take that of the next date, or else of the one before: 20 Apr. - 1 May 1987."""
    dated: list[Stretch] = []
    waiting: list[Partial] = []
    for one in found:
        if isinstance(one, Stretch):
            dated += [stretch for part in waiting if (stretch := part.before(one)) is not None]
            dated.append(one)
            waiting = []
        else:
            waiting.append(one)
    if waiting and dated:
        year = year_of(dated[-1].last)
        dated += [stretch for part in waiting if (stretch := part.of(year)) is not None]
    return dated


def _early(text: str) -> tuple[list[Stretch], str]:
    """Years of less than four digits, when there is nothing else: 618-907, fl. 40, -545 - -501."""
    match = _EARLY.fullmatch(text)
    if match is None:
        return [], text
    numbers = [int(number) for number in (match["first"], match["last"]) if number]
    if not (match["lived"] or numbers[0] < 0 or max(numbers) > 99) or max(numbers) > 2100:
        return [], text
    first, last = min(numbers), max(numbers)
    return [years(first, last)], ""
