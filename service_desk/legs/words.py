"""Texts of rules with what is said in them: days by language, fields by name."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping

from babel.dates import format_date

_FIELD = re.compile(r"\{(\w+)\}")
_DAY = {"en": "d MMMM y", "zh-Hans": "M 月 d 日", "zh-Hant": "M 月 d 日"}


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its fields; nothing in a value is looked at again."""
    return _FIELD.sub(lambda field: values.get(field[1], ""), text)


def day(date: dt.date, language: str) -> str:
    """A day as it stands in a sentence."""
    return format_date(date, _DAY.get(language, _DAY["en"]), locale=language.replace("-", "_"))
