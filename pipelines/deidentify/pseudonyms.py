"""What stands in a masked text: the same pseudonym for the same person throughout a record, and words for the rest that
say what it was and nothing of how long.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, Literal

from mappings.deidentification import Kind
from mappings.text import HAN, fold

Script = Literal["zh_Hans", "zh_Hant", "en"]
_HAN: Final = re.compile(f"[{HAN}]")
_LATIN_WORD: Final = re.compile(r"[^\W\d_][\w'’-]+")
_MANY: Final = 0.05
"""Share of traditional characters from which a text is traditional; some are characters of both scripts."""
_STEMS: Final = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LABELS: Final[dict[Script, dict[Kind, str]]] = {
    "zh_Hans": {
        "id_number": "〔证件号码〕",
        "bank_card": "〔卡号〕",
        "phone": "〔电话〕",
        "email": "〔邮箱〕",
        "address": "〔住址〕",
        "birth_date": "〔出生日期〕",
    },
    "zh_Hant": {
        "id_number": "〔證件號碼〕",
        "bank_card": "〔卡號〕",
        "phone": "〔電話〕",
        "email": "〔郵箱〕",
        "address": "〔住址〕",
        "birth_date": "〔出生日期〕",
    },
    "en": {
        "id_number": "[identity number]",
        "bank_card": "[card number]",
        "phone": "[telephone]",
        "email": "[e-mail address]",
        "address": "[address]",
        "birth_date": "[date of birth]",
    },
}


def script_of(text: str) -> Script:
    """The script whose words stand in this text when it is masked."""
    han = "".join(_HAN.findall(text))
    if not han:
        return "en"
    changed = sum(before != after for before, after in zip(han, fold(han), strict=True))
    return "zh_Hant" if changed > _MANY * len(han) else "zh_Hans"


class Pseudonyms:
    """Those of one record: persons are counted in the order in which `names` has them."""

    def __init__(self, names: Iterable[str]) -> None:
        self._persons: dict[str, int] = {}
        counted = {True: 0, False: 0}
        keys = list(dict.fromkeys(map(_key, names)))
        for key in sorted(keys, key=len, reverse=True):
            self._persons[key] = -1
        for key in keys:
            whole = self._whole(key)
            if self._persons[whole] < 0:
                self._persons[whole] = counted[_is_han(whole)]
                counted[_is_han(whole)] += 1
            self._persons[key] = self._persons[whole]

    def of(self, kind: Kind, text: str, script: Script) -> str:
        """What stands instead of `text`. A person must be one of the names."""
        if kind != "name":
            return _LABELS[script][kind]
        key = _key(text)
        number = self._persons[key]
        if _is_han(key):
            return f"某{_STEMS[number]}" if number < len(_STEMS) else f"某{number + 1}"
        return f"Person {_LETTERS[number]}" if number < len(_LETTERS) else f"Person {number + 1}"

    def _whole(self, key: str) -> str:
        """The fuller name of the same person, when there is only one: Hartley is John Hartley, 建国 is 张建国."""
        if _is_han(key):
            fuller = [name for name in self._persons if len(key) > 1 and name != key and name.endswith(key)]
        else:
            words = set(key.split())
            fuller = [name for name in self._persons if words < set(name.split())]
        longest = [name for name in fuller if not any(_within(name, other) for other in fuller if other != name)]
        return longest[0] if len(longest) == 1 else key


def _within(name: str, other: str) -> bool:
    return other.endswith(name) if _is_han(name) else set(name.split()) < set(other.split())


def _is_han(name: str) -> bool:
    return bool(_HAN.search(name))


def _key(name: str) -> str:
    """A name as it is compared: without script, blanks and line ends, case, initials and the order of its words."""
    if _is_han(name):
        return "".join(fold(name).split())
    return " ".join(sorted(_LATIN_WORD.findall(fold(name)))) or fold(name)
