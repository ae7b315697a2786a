"""The word lists that come with the rules (`data/*.txt`): own facts, divided by blanks, ``#`` for remarks."""

from __future__ import annotations

from functools import cache
from importlib import resources

from mappings.text import fold


@cache
def lines(name: str) -> tuple[str, ...]:
    """The lines of a list."""
    text = resources.files(__package__).joinpath(f"data/{name}.txt").read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line and not line.startswith("#"))


@cache
def words(name: str) -> frozenset[str]:
    """The words of a list as they are written."""
    return frozenset(word for line in lines(name) for word in line.split())


@cache
def folded(name: str) -> tuple[str, ...]:
    """The words of a list folded, the longest first: as alternatives of a pattern."""
    return tuple(sorted({fold(word) for word in words(name)}, key=lambda word: (-len(word), word)))
