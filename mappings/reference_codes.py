"""Reference codes (ISAD(G) 3.1.1, DA/T 13 档号): how they are compared, what looks like one, and which fonds one belongs to."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_SEPARATORS = re.compile(r"[\s\-‐‑‒–—―−_/\\.,:;·•・∙〇‧]+")
_CODE = re.compile(r"[0-9a-z\u4e00-\u9fff]+(?:-[0-9a-z\u4e00-\u9fff]+){2,}")


@lru_cache(maxsize=65536)
def normalise(code: str) -> str:
    """The form in which two writings of one code are equal: NFKC, case folded, every run of separators one hyphen."""
    folded = unicodedata.normalize("NFKC", code).casefold()
    return _SEPARATORS.sub("-", folded).strip("-")


def looks_like_code(text: str) -> bool:
    """Is this, say, the name of a folder, a code of three parts or more with a digit in it ("Z013-1-001-005")?"""
    code = normalise(text)
    return (
        len(text) <= 60
        and " " not in text.strip()
        and any(char.isdigit() for char in code)
        and bool(_CODE.fullmatch(code))
    )


def fonds_of(code: str | None) -> str | None:
    """The fonds code in a code of DA/T 13: the part before the first separator, as written; None when there is only one part."""
    if code is None:
        return None
    parts = _SEPARATORS.split(code.strip(), maxsplit=1)
    return parts[0] if len(parts) == 2 and parts[0] and parts[1] else None
