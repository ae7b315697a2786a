"""Reference codes (ISAD(G) 3.1.1, DA/T 13 档号): how they compare, what looks like one, and whose fonds it is."""

from __future__ import annotations

import re
import unicodedata

from mappings.remember import remember

_SEPARATORS = re.compile(r"[\s\-‐‑‒–—―−_/\\.,:;·•・∙〇‧]+")
_PART = re.compile(r"[a-z]{0,4}\d{0,8}[a-z]?|[\u4e00-\u9fff]{1,4}\d{0,8}")


@remember(16_384)
def normalise(code: str) -> str:
    """The form in which two writings of one code are equal: NFKC, case folded, every run of separators one hyphen."""
    folded = unicodedata.normalize("NFKC", code).casefold()
    return _SEPARATORS.sub("-", folded).strip("-")


_KEY_PART = re.compile(r"\d+|[^\W\d_]+")


def key(code: str) -> str | None:
    """What all ways to type a code have in common: ``J1-2-345``, ``j001/002 0345`` and ``J 1.2.345`` give one key; None
    for a text without a digit, which is no code.

    Parts are runs of letters and runs of digits without leading zeros, so a code written without separators between
    its numbers has another key.
    """
    parts = [part.lstrip("0") or "0" if part.isdigit() else part for part in _KEY_PART.findall(normalise(code))]
    return " ".join(parts) if any(part.isdigit() for part in parts) else None


def beginning(typed: str) -> str:
    """What was typed of a code so far, as the `key` of every code that begins so begins: ``Z013-1-0`` gives ``z013 1``,
    for what follows a nought is not known yet.
    """
    parts = [part.lstrip("0") if part.isdigit() else part for part in _KEY_PART.findall(normalise(typed))]
    return " ".join(filter(None, parts)) if all(parts[:-1]) else ""


def looks_like_code(text: str) -> bool:
    """Is this, say, the name of a folder, a code of three short parts or more, two of them with digits
    ("Z013-1-001-005")?
    """
    parts = normalise(text).split("-")
    numbered = sum(any(char.isdigit() for char in part) for part in parts)
    return len(parts) >= 3 and numbered >= 2 and " " not in text.strip() and all(map(_PART.fullmatch, parts))


def fonds_of(code: str | None) -> str | None:
    """The fonds code in a code of DA/T 13: the part before the first separator, as written; None when there is only
    one part.
    """
    if code is None:
        return None
    parts = _SEPARATORS.split(code.strip(), maxsplit=1)
    return parts[0] if len(parts) == 2 and parts[0] and parts[1] else None


_FONDS_NUMBER = re.compile(r"[a-z]{1,6}-\d{3,8}")
_CARRIER_WORDS = """
box boxes folder folders item items file files reel reels carton tube volume vol page pages series part no nr number
roll map drawer case album bundle disc disk tape cassette slide negative image img scan page bag shelf
"""
CARRIERS = frozenset(_CARRIER_WORDS.split())


def is_fonds_code(code: str | None) -> bool:
    """Is this the code of a whole fonds or collection: capitals, a separator, a number ("MC 00313"), and no carrier?"""
    if code is None or not code[:1].isupper():
        return False
    folded = normalise(code)
    return bool(_FONDS_NUMBER.fullmatch(folded)) and folded.partition("-")[0] not in CARRIERS
