"""Is what was typed, as a whole, a reference code? J1-2-345, j001/002 0345, Z013/1/1, MC 00313, 全宗12-3."""

from __future__ import annotations

import re

from indexer.understanding.years import years
from mappings.reference_codes import CARRIERS, key
from mappings.text import is_han

_LONGEST = 60
_LETTERS = 5
"""Letters in a row that a code holds at most; more are a word."""


def typed_code(text: str) -> str | None:
    """The key of the code a text is (`mappings.reference_codes.key`), however it is spaced and punctuated; None for
    words, for dates and for a bare number.
    """
    typed = text.strip()
    found = key(typed) if 1 < len(typed) <= _LONGEST and not set(typed) & set('"“”*=?') else None
    if found is None:
        return None
    parts = found.split(" ")
    numbers = sum(part.isdigit() for part in parts)
    words = [part for part in parts if not part.isdigit()]
    if any(len(word) > _LETTERS or word in CARRIERS for word in words) or len(words) > 1 + numbers:
        return None
    if any(map(is_han, words)) and (words != parts[:1] or numbers < 2):  # 12号 is said of many things, 全宗12-3 of one
        return None
    if not words and numbers < 3 and not re.search(r"[-/.:·]", typed):
        return None
    return found if len(parts) > 1 and not _is_date(typed) else None


def _is_date(text: str) -> bool:
    return any(piece.end - piece.start == len(text) for piece in years(text))
