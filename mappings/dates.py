"""Years understood from a date as written."""

from __future__ import annotations

import re
from functools import lru_cache

_YEAR = re.compile(r"(?<!\d)(1[0-9]{3}|20[0-9]{2})(?!\d)")


@lru_cache(maxsize=65536)
def parse(text: str) -> tuple[int | None, int | None]:
    """The first and last year a text speaks of, both included; (None, None) when it names none. Never raises."""
    years = [int(year) for year in _YEAR.findall(text)]
    return (min(years), max(years)) if years else (None, None)
