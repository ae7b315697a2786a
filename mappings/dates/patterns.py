"""What patterns of several readers share."""

from __future__ import annotations

import re
from collections.abc import Iterable

READ = "\0"
"""Stands for each character that a reader has understood, so that no later one reads it again."""


_BLANKS = re.compile(r"[^\S ]|  ")


def single_spaced(text: str) -> str:
    """White space as single blanks: patterns with several optional blanks take forever over a long run of them."""
    return " ".join(text.split()) if _BLANKS.search(text) else text


def any_of(names: Iterable[str]) -> str:
    """An alternation, longest names first, branching on the first character: a name is tried only where it can be."""
    by_first: dict[str, list[str]] = {}
    for name in sorted(names, key=len, reverse=True):
        by_first.setdefault(name[0], []).append(re.escape(name[1:]))
    return "|".join(f"{re.escape(first)}(?:{'|'.join(rest)})" for first, rest in by_first.items())
