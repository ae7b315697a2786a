"""Names of files in archives whose encoding nobody wrote down."""

from __future__ import annotations

from collections.abc import Iterable

_FREQUENT = {"gb18030": (0xB0A1, 0xD7F9), "big5": (0xA440, 0xC67E)}
"""Where GB 2312 (level 1) and Big5 (frequently used) keep the characters that names are made of."""


def decoded(names: Iterable[bytes]) -> list[str]:
    """The names as text, all in one encoding: UTF-8 where all of them are, else GB 18030 or Big5, whichever makes more
    of its frequent characters out of them; what is neither is read as CP437, the standard of ZIP.
    """
    raw = list(names)
    odd = [name for name in raw if not name.isascii()]
    encoding = _encoding(b"\n".join(odd)) if odd else "utf-8"
    return [name.decode(encoding) for name in raw]


def _encoding(sample: bytes) -> str:
    if _is_valid(sample, "utf-8"):
        return "utf-8"
    counts = {name: _frequent(sample, *bounds) for name, bounds in _FREQUENT.items() if _is_valid(sample, name)}
    best = max(counts, key=lambda name: counts[name], default="cp437")
    return best if counts.get(best) else "cp437"


def _is_valid(sample: bytes, encoding: str) -> bool:
    try:
        sample.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _frequent(sample: bytes, first: int, last: int) -> int:
    """How many pairs of bytes lie in the range."""
    at = count = 0
    while at < len(sample) - 1:
        if sample[at] < 0x80:
            at += 1
            continue
        count += first <= sample[at] << 8 | sample[at + 1] <= last
        at += 2
    return count
