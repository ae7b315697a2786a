"""The one pattern by which dates in western figures and words are found: alternatives, the more definite first.

The name of an alternative is that of the function in `understood.HANDLERS` that says what it means.
"""

from __future__ import annotations

import re
from functools import cache

from mappings.dates.eras import eras, periods
from mappings.dates.patterns import any_of
from mappings.dates.words import MONTHS, ORDINALS, PARTS, REPUBLICAN_MONTHS, SEASONS

_YEAR = r"[012]\d{3}"
_DAY = r"\d{1,2}(?!\d)(?:st|nd|rd|th|er|eme|o|a)?(?![a-z])"
_OF = r"(?:(?:day of|de|of|del|di|do|den|d')\s*)?"
_AND = r"\s*(?:-|&|,|/|and|to|und|et|y|e|or)\s*"
_SEPARATOR = r"\s?([./-])\s?"
_BEFORE = r"(\s*b\.?\s?c\.?(?:\s?e\.?)?(?![a-z\d])|\s*v\.?\s?chr\.?|\s*av\.? j\.?-?\s?c\.?|\s*a\.\s?c\.(?!e))"
_CLOCK = r"(?:[t ]\d\d:?\d\d(?::?\d\d)?(?:[.,]\d+)?\s*(?:z|utc|[+-]\d\d:?\d\d)?)?"
_CENTURIES = (
    r"(?:centur(?:y|ies)|cent\.?(?![a-z])|c\.|siecles?|secolo|siglos?|seculo|jahrhunderts?|jh\.?|jhdt\.?|jhs\.|eeuw)"
)
_WORD = r"(?<![a-z])"
_PLAIN = (
    "iso", "compact", "year_month", "signed", "year_first", "numeric", "numeric_short", "month_slash", "placeholder",
    "double", "run_together", "early", "year",
)  # fmt: skip
"""Alternatives without a word: the others are left out for texts without a letter."""


@cache
def pattern(letters: bool) -> re.Pattern[str]:
    """All alternatives, or those for a text without letters."""
    parts = (*_full(), *_words(), *_other_calendars(), *_years())
    chosen = [f"(?P<{name}>{part})" for name, part in parts if letters or name in _PLAIN]
    return re.compile(rf"(?<!\d)(?<!\d\.)(?:{'|'.join(chosen)})")


def _full() -> tuple[tuple[str, str], ...]:
    """Days and months in figures."""
    return (
        ("iso", rf"({_YEAR})-(\d\d)-(\d\d)(?!\d){_CLOCK}"),
        ("compact", r"([12]\d{3})(\d\d)(\d\d)(?!\d)(?:t\d{4,6}z?)?"),
        ("year_month", r"([12]\d{3})(0[1-9]|1[0-2])(?!\d)"),
        ("signed", r"(?<![\w.-])(?<!\w )-(0\d{3})(?:-(\d\d)(?:-(\d\d))?)?(?!\d)"),
        ("year_first", rf"({_YEAR})[./](\d{{1,2}})[./](\d{{1,2}})(?!\d)"),
        ("numeric", rf"(\d{{1,2}}){_SEPARATOR}(\d{{1,2}}){_SEPARATOR}({_YEAR})(?!\d)"),
        ("numeric_short", r"(\d{1,2})/(\d{1,2})/'?(\d\d)(?![\d/])"),
        ("month_slash", rf"(0?[1-9]|1[0-2])[/.]({_YEAR})(?!\d)"),
    )


def _words() -> tuple[tuple[str, str], ...]:
    """Days, months, seasons and centuries with words."""
    month = rf"({any_of(MONTHS)})(?![a-z])"
    season = rf"({any_of(SEASONS)})(?![a-z])"
    part = rf"(?:(?:the\s+)?({any_of(PARTS)})[\s-]*(?:the\s+)?)?"
    ordinal = rf"(\d{{1,2}}(?:st|nd|rd|th|\.|e|eme)?|{any_of(ORDINALS)}|[ivx]+(?:\.|e|eme)?(?![a-z]))"
    double, short = rf"({_YEAR})(?!\d)(?:/(\d{{1,2}})(?!\d))?", r"[-']\s?(\d\d)(?![\d/]|\s*[a-z])"
    days = rf"(?:\s*({_DAY})(?:{_AND}({_DAY}))?(?!\s*{month}))?"
    return (
        (
            "year_word",
            rf"({_YEAR})(?!,\s*[a-z]+\.?,?\s*(?:\d[\d\s-]*,\s*)?{_YEAR})[.,:]?\s*{month}\.?,?"
            rf"(?:\s*({_DAY})(?:\s*(?:[-&,]|and)\s*({_DAY}))?(?!\s*{month}))?",
        ),
        (
            "day_word",
            rf"({_DAY})(?:{_AND}({_DAY}))?\s*[-./]?\s*{_OF}{month}[.,]*\s*{_OF}(?:-?{double}|{short})?",
        ),
        ("republican", _republican()),
        ("month_word", rf"{_WORD}{month}\.?,?{days}(?:[\s,.]*{_OF}[-/]?\s?{double}|\s?{short})?"),
        (
            "season_word",
            rf"{_WORD}{season}(?:\s*[-/&,]\s*{season})?(?:\s*term)?(?:\s*of)?,?\s*({_YEAR})(?!\d)(?:\s*[-/]\s*({_YEAR}|\d\d)(?!\d))?",
        ),
        ("year_season", rf"({_YEAR})[,.]?\s*{season}(?:\s*[-/&,]\s*{season})?"),
        (
            "century",
            rf"{_WORD}((?<!\S)-)?{part}{ordinal}(?:\s*{_CENTURIES})?(?:\s*(?:-|/|to|and|or|&)\s*{part}{ordinal})?"
            rf"[\s-]*{_CENTURIES}{_BEFORE}?",
        ),
        (
            "century_after",
            rf"{_WORD}(?:s\.|saec\.?|saeculo|siglos?|seculo|secolo|sec\.)\s*([ivx]+|\d{{1,2}})"
            rf"(?:\s*-\s*([ivx]+|\d{{1,2}}))?(?!\w)|{_WORD}([ivx]+)e\s+s\.",
        ),
    )


def _republican() -> str:
    months = any_of(REPUBLICAN_MONTHS)
    return rf"(?:({_DAY})?\s*({months})\s*,?\s*(?:de\s+)?(?:l')?)?{_WORD}an\s+([ivx]+|\d{{1,2}})(?![\w'])"


def _other_calendars() -> tuple[tuple[str, str], ...]:
    """Years with the name of what they are counted from."""
    ranged = r"(\d{1,4})(?:\s*(?:-|to)\s*(\d{1,4}))?"
    return (
        ("before_christ", rf"{ranged}{_BEFORE}"),
        ("hebrew", rf"{_WORD}(?:a\.?m\.|anno mundi|hebrew|jewish)\s*(5\d{{3}})(?!\d)"),
        (
            "hijri",
            rf"{_WORD}(?:a\.?\s?h\.?|anno hegirae|hijri|h\.)\s*(\d{{1,4}})(?!\d)"
            r"|(\d{3,4})\s*(?:a\.?h\.?(?![a-z])|h\.|hijri|هجري|هـ|ه(?!\w))",
        ),
        (
            "of_christ",
            rf"{_WORD}(?:a\.?d\.?|anno|ano|n\.\s?chr\.)\s*(\d{{1,4}})(?!\d)"
            rf"|{ranged}\s*(?:c\.?e\.?|a\.?d\.?|n\.\s?chr\.)(?![a-z])",
        ),
        ("japanese", rf"{_WORD}([mtshr])\.?\s?(\d{{1,2}})[./-](\d{{1,2}})[./-](\d{{1,2}})(?!\d)"),
    )


def _years() -> tuple[tuple[str, str], ...]:
    """Decades, years, digits left open, Roman numbers, romanised eras, dynasties."""
    romanised = any_of(name for name in eras() if name.isascii())
    dynasty = any_of(name for name in periods() if name.isascii())
    return (
        ("short_decades", r"([12]\d)(\d)0(?:'?s)?\s*-\s*'?(\d)0'?s(?![a-z])"),
        (
            "decade",
            r"([12]\d{2})0'?s(?![a-z])|([12]\d{2})s(?![a-z])|([12]\d{2})0er(?![a-z])"
            r"|(?:annees|decada de|decenio de|anni|anos|jaren)\s+([12]\d{2})0(?!\d)",
        ),
        (
            "placeholder",
            r"(?:(1\d|20)(?:(\d)[-xu](?=\D|$)|(?:--|xx|uu)(?=\D|$))|([12])[xu]{3})(?:-[\dxu]{2}(?!\d)){0,2}",
        ),
        ("double", r"([12]\d)(\d\d)\s*([-/])\s*(\d{1,2})(?![\dxu])(?!\s?-\s?\d)"),
        ("run_together", r"([12]\d{3})([12]\d{3})(?!\d)"),
        ("early", r"([1-9]\d\d)\s*[-/]\s*(1\d{3})(?!\d)"),
        ("year", rf"({_YEAR})(?!\d)"),
        ("roman", rf"{_WORD}(m[dcm][mdclxvi]+)(?![a-z])"),
        (
            "romanised",
            rf"{_WORD}({romanised})\s*(?:(\d{{1,3}})(?!\d)(?:\s*(?:nian|nen|year))?"
            r"|(?=reign|period|era|nianjian|jian|$|\s*[\[(]))",
        ),
        ("dynasty", rf"{_WORD}(?:(early|mid|middle|late)[\s-]+)?({dynasty})"),
    )
