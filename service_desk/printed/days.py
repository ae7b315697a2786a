"""Days as sentences of each language write them."""

from __future__ import annotations

import datetime as dt
from typing import Final

from service_desk.printed.sheets import Language

_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_WEEK: Final = {"zh-Hans": "周", "zh-Hant": "週"}


def written(day: dt.date, language: Language) -> str:
    """``Tuesday 1 December 2026``, ``2026 年 12 月 1 日（周二）``."""
    if language == "en":
        return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"
    return f"{day.year} 年 {day.month} 月 {day.day} 日（{_WEEK[language]}{'一二三四五六日'[day.weekday()]}）"
