"""The interface's words: three languages, gettext catalogues read at run time, dates and numbers by CLDR.

Only words of the interface are translated; titles, text and dates of a record stay as written. In the domains ``app``
and ``web`` the msgid is the English text; in ``terms`` it is a code (``level.file``), with a catalogue for English too.
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.core import UnknownLocaleError
from babel.dates import format_date
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

LANGUAGES: Final = ("zh-Hans", "zh-Hant", "en")
DEFAULT: Final = "zh-Hans"
COOKIE: Final = "lang"
OWN_NAMES: Final = {"zh-Hans": "简体中文", "zh-Hant": "繁體中文", "en": "English"}
SHORT_NAMES: Final = {"zh-Hans": "简", "zh-Hant": "繁", "en": "EN"}

_FOLDER = Path(__file__).with_name("locale")
_TRADITIONAL = frozenset({"tw", "hk", "mo", "hant"})
_SENTENCE_DAY = {"en": "EEEE d MMMM", "zh-Hans": "M 月 d 日（EEE）", "zh-Hant": "M 月 d 日（EEE）"}
_SENTENCE_DAY_YEAR = {"en": "EEEE d MMMM y", "zh-Hans": "y 年 M 月 d 日（EEE）", "zh-Hant": "y 年 M 月 d 日（EEE）"}
# ISO 639-2 as catalogues write it (bibliographic and terminological) where CLDR knows the language by two letters only.
_CODES = """
    ara:ar arm:hy hye:hy ben:bn bul:bg bur:my mya:my chi:zh zho:zh cze:cs ces:cs dan:da dut:nl nld:nl eng:en fin:fi
    fre:fr fra:fr ger:de deu:de gle:ga gre:el ell:el heb:he hin:hi hun:hu ice:is isl:is ind:id ita:it jpn:ja khm:km
    kor:ko lao:lo lat:la may:ms msa:ms mon:mn nor:no per:fa fas:fa pol:pl por:pt rum:ro ron:ro rus:ru san:sa slo:sk
    slk:sk spa:es srp:sr swe:sv tam:ta tha:th tib:bo bod:bo tur:tr uig:ug ukr:uk urd:ur vie:vi wel:cy cym:cy yid:yi
"""
_TWO_LETTERS = dict(pair.split(":") for pair in _CODES.split())


def canonical(tag: str | None) -> str | None:
    """Our language for a BCP 47 tag (``zh-TW`` is ``zh-Hant``), or None for a language we do not speak."""
    parts = (tag or "").strip().lower().replace("_", "-").split("-")
    if parts[0] == "en":
        return "en"
    if parts[0] == "zh":
        return "zh-Hant" if _TRADITIONAL.intersection(parts[1:]) and "hans" not in parts else "zh-Hans"
    return None


def negotiate(query_param: str | None, cookie: str | None, accept_language: str | None) -> str:
    """The language of a page: the address, then the reader's earlier choice, then the browser's wish (RFC 9110)."""
    for choice in (query_param, cookie):
        if choice in LANGUAGES:
            return choice
    for tag in _by_quality(accept_language or ""):
        if (language := canonical(tag)) is not None:
            return language
    return DEFAULT


def _by_quality(header: str) -> list[str]:
    """The tags of an Accept-Language header, best first; malformed weights count as refused."""
    wishes: list[tuple[float, str]] = []
    for part in header[:500].split(","):
        tag, _, weight = part.partition(";")
        try:
            quality = float(weight.strip().removeprefix("q=")) if weight else 1.0
        except ValueError:
            quality = 0.0
        if quality > 0:
            wishes.append((-quality, tag.strip()))
    return [tag for _, tag in sorted(wishes, key=lambda wish: wish[0])]


@cache
def catalogue(language: str, domain: str) -> dict[str, tuple[str, ...]]:
    """msgid -> its forms (one, or singular and plural) in ``locale/<language>/<domain>.po``; empty without the file."""
    path = _FOLDER / language.replace("-", "_") / f"{domain}.po"
    if not path.is_file():
        return {}
    with path.open("rb") as stream:
        messages = list(read_po(stream, locale=language.replace("-", "_")))
    return {_key(message.id): _forms(message.string) for message in messages if message.id and message.string}


def _key(msgid: str | tuple[str, ...] | list[str]) -> str:
    return msgid if isinstance(msgid, str) else msgid[0]


def _forms(string: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (string,) if isinstance(string, str) else tuple(string)


class Translator:
    """The words of one domain in one language. Cheap: catalogues are shared. Values go in by name (``{count}``)."""

    def __init__(self, language: str, domain: str = "app", timezone: str | None = None) -> None:
        """`timezone` (IANA name) is that of the archive's clock, by which moments are told; None is the machine's."""
        self.language = language if language in LANGUAGES else DEFAULT
        self.domain = domain
        self.locale = Locale.parse(self.language.replace("-", "_"))
        self._zone = ZoneInfo(timezone) if timezone else None
        self._words = catalogue(self.language, domain)

    def t(self, msgid: str, **values: object) -> str:
        """The text for `msgid`; the msgid itself when the catalogue has none."""
        text = self._words.get(msgid, (msgid,))[0]
        return text.format(**values) if values else text

    def n(self, singular: str, plural: str, count: int, **values: object) -> str:
        """The text for a number of things; ``{count}`` is the number in the language's own writing."""
        forms = self._words.get(singular, (singular, plural))
        chosen = forms[0] if count == 1 or len(forms) == 1 else forms[1]
        return chosen.format(count=self.number(count), **values)

    def term(self, group: str, code: str) -> str:
        """The word for a code (``term("level", "file")``); an unknown one stays as it is: it comes from a catalogue."""
        return catalogue(self.language, "terms").get(f"{group}.{code}", (code,))[0]

    def language_name(self, code: str) -> str:
        """A language named in this one, from ISO 639 or BCP 47; the code itself when CLDR does not know it."""
        try:
            found = Locale.parse(_TWO_LETTERS.get(code.lower(), code), sep="-")
        except (ValueError, UnknownLocaleError):
            return code
        return found.get_display_name(self.locale) or code

    def date(self, value: dt.date, *, year: bool = False) -> str:
        """A day as in a sentence: ``12 月 1 日（周二）``, ``Tuesday 1 December``; with the year when asked.
        Of a moment, the day it falls on by the archive's clock.
        """
        if isinstance(value, dt.datetime):
            value = value.astimezone(self._zone)
        pattern = (_SENTENCE_DAY_YEAR if year else _SENTENCE_DAY)[self.language]
        return format_date(value, pattern, locale=self.locale)

    def moment(self, value: dt.datetime) -> str:
        """Day and time as data: ``11-23 09:12``, by the archive's clock."""
        return value.astimezone(self._zone).strftime("%m-%d %H:%M")

    def stamp(self, value: dt.datetime) -> str:
        """The same with the year: ``2026-11-23 09:12``."""
        return value.astimezone(self._zone).strftime("%Y-%m-%d %H:%M")

    def lately(self, value: dt.datetime, now: dt.datetime) -> str:
        """A moment as in a sentence, by the archive's clock: ``09:12`` of today, else with its day."""
        there = value.astimezone(self._zone)
        time = there.strftime("%H:%M")
        return time if there.date() == now.astimezone(self._zone).date() else f"{self.date(there.date())} {time}"

    def number(self, value: float) -> str:
        """A number with the language's own grouping."""
        if isinstance(value, int) and -1000 < value < 1000:
            return str(value)  # no separator in any of our languages, and CLDR takes 30 microseconds to say so
        return format_decimal(value, locale=self.locale)
