"""Which engine reads a page: as the source's file says, else by the languages of its record and what is installed.

Measured on rendered pages: Tesseract's ``chi_tra`` reads .996 of traditional characters (RapidOCR .87), RapidOCR 1.00
of simplified ones (Tesseract's ``chi_sim`` .997); RapidOCR runs English words together. On photographs and columns
Tesseract sees little where RapidOCR sees much: it has the second try at what Tesseract is unsure of.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, Literal

from msgspec import Struct, structs

from mappings.languages import code_of
from mappings.record import Problem, Record, checksum
from mappings.text import fold
from pipelines.ocr import rapid, tesseract

VERSION: Final = 1
"""Of how engines are asked and answers taken: another number has every page read again."""
AUTO: Final = "auto"
Name = Literal["rapidocr", "tesseract"]
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]")
_CHINESE: Final = {"zh", "zh-Hans", "zh-Hant", "lzh", "yue"}
_OLD: Final = {"lzh", "yue"}
"""Written with traditional characters, whatever the title in the catalogue is written with."""
_SCRIPTS: Final = {"zh-Hant": ("chi_tra", "chi_tra_vert"), "zh-Hans": ("chi_sim", "chi_sim_vert")}
_MOST: Final = 3
"""Languages Tesseract is given at once: each makes it slower."""


class Choice(Struct, frozen=True):
    """An engine with its version, and the languages it is given (of Tesseract, joined by ``+``). `second` is the
    version of RapidOCR when that is asked, too, where Tesseract is unsure.
    """

    engine: Name
    version: str
    languages: str = ""
    language: str | None = None
    second: str | None = None

    @property
    def by(self) -> str:
        """As a person reads it."""
        return " ".join(filter(None, (self.engine, self.version, self.languages)))

    @property
    def signature(self) -> str:
        """Changes when the same picture could be read otherwise."""
        return f"{self.by} {VERSION}" if self.second is None else f"{self.by}, {self.after.by} {VERSION}"

    @property
    def after(self) -> Choice:
        """Who is asked when this one is unsure."""
        return Choice("rapidocr", self.second or "", language=self.language)


class Engines(Struct, frozen=True):
    """What is installed: the version of RapidOCR, and Tesseract with its languages."""

    rapid: str | None
    tesseract: tesseract.Installed | None

    @classmethod
    def here(cls) -> Engines:
        """On this machine."""
        return cls(rapid.installed(), tesseract.installed())

    def signature(self, setting: str) -> str:
        """Of all that decides how the pages of a source are read."""
        languages = sorted(self.tesseract.languages) if self.tesseract else []
        version = self.tesseract.version if self.tesseract else ""
        return checksum(*(part.encode() for part in (setting, self.rapid or "", version, *languages, str(VERSION))))

    def choose(self, setting: str, record: Record) -> Choice | Problem:
        """Who reads the pages of a record."""
        if setting != AUTO:
            return self._named(setting)
        wanted = expected(record)
        language = wanted[0] if len(wanted) == 1 else None
        if wanted in (["zh-Hant"], ["en"]):
            return self._unsure(wanted, language) or self._rapid(language) or self._missing(*wanted)
        if set(wanted) <= {"zh-Hans"}:
            return (
                self._rapid(language)
                or self._tesseract(wanted or ["en", "zh-Hans"], language)
                or self._missing(*wanted)
            )
        return self._tesseract(wanted, language) or self._missing(*wanted)

    def _unsure(self, codes: list[str], language: str | None) -> Choice | None:
        """Tesseract, and RapidOCR after it."""
        found = self._tesseract(codes, language)
        return structs.replace(found, second=self.rapid) if found else None

    def _named(self, setting: str) -> Choice | Problem:
        """An engine that the source's file names."""
        name, _, given = setting.partition(":")
        if name == "rapidocr" and not given:
            return self._rapid() or _no_engine("RapidOCR is not installed", "pip install 'onestop-archives[ocr]'")
        if name != "tesseract":
            reason = f"ocr: {setting!r} names no engine"
            return _no_engine(reason, "write auto, rapidocr, tesseract, or tesseract:chi_tra+eng")
        if self.tesseract is None:
            return _no_engine("Tesseract is not installed", "apt install tesseract-ocr, and its languages")
        languages = given.split("+") if given else sorted(self.tesseract.languages)[:_MOST]
        if lacking := [one for one in languages if one not in self.tesseract.languages]:
            package = f"tesseract-ocr-{lacking[0].replace('_', '-')}"
            return _no_engine(f"Tesseract has no language {lacking[0]!r} here", f"apt install {package}")
        return Choice("tesseract", self.tesseract.version, "+".join(languages))

    def _rapid(self, language: str | None = None) -> Choice | None:
        return Choice("rapidocr", self.rapid, language=language) if self.rapid else None

    def _tesseract(self, codes: list[str], language: str | None) -> Choice | None:
        """Tesseract with the languages of these codes that it has; None without the first of them."""
        names = [name for code in codes for name in self._languages(code)]
        if self.tesseract is None or not self._languages(codes[0]):
            return None
        return Choice("tesseract", self.tesseract.version, "+".join(names[:_MOST]), language)

    def _languages(self, code: str) -> list[str]:
        """What Tesseract calls a language, as far as it has it."""
        if self.tesseract is None:
            return []
        if code in _SCRIPTS:
            return [name for name in _SCRIPTS[code] if name in self.tesseract.languages]
        return sorted(name for name in self.tesseract.languages if "_" not in name and code_of(name) == code)

    def _missing(self, *wanted: str) -> Problem:
        what = ", ".join(wanted) or "pages of an unknown language"
        hint = "install Tesseract's data for it (tesseract-ocr-...), or say `ocr: tesseract:...` in the source's file"
        return _no_engine(f"nothing that reads {what} is installed", hint)


def _no_engine(reason: str, hint: str) -> Problem:
    return Problem("ocr-engine-missing", reason, hint)


def expected(record: Record) -> list[str]:
    """The languages its pages may be in, as far as its record says; Chinese with its script. Empty: nothing is known.

    A script that no language code states is that of the title, since catalogues are written in the script of their
    archives. English beside Chinese is left out: the Chinese models read it, and with English beside them take whole
    lines of characters for strange words (measured: .73 instead of .95 of drawn traditional text).
    """
    codes = list(dict.fromkeys(filter(None, map(code_of, record.languages))))
    if not codes:
        codes = ["zh"] if _HAN.search(record.title) else ["en"] if re.search(r"[A-Za-z]", record.title) else []
    found = list(dict.fromkeys(_script(record.title, code) if code in _CHINESE else code for code in codes))
    chinese = [code for code in found if code in _SCRIPTS]
    return [code for code in found if code != "en" or len(found) == 1] if chinese else found


def _script(title: str, code: str) -> str:
    """``zh-Hans`` or ``zh-Hant`` of a Chinese language."""
    if code in _SCRIPTS:
        return code
    han = [char for char in title if _HAN.match(char)]
    traditional = sum(fold(char) != char for char in han)
    is_traditional = code in _OLD or traditional > sum(char in _simplified() for char in han)
    return "zh-Hant" if is_traditional else "zh-Hans"


@lru_cache(maxsize=1)
def _simplified() -> frozenset[str]:
    """What traditional characters become when they are simplified; some (里, 后, 干) are characters of both scripts."""
    unified = map(chr, range(0x4E00, 0xA000))
    return frozenset(folded for char in unified if (folded := fold(char)) != char)
