"""A cache for functions of one text. Short texts only: catalogues repeat those, hostile files send long ones."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

Value = TypeVar("Value")


def remember(size: int, longest: int = 200) -> Callable[[Callable[[str], Value]], Callable[[str], Value]]:
    """Keep the last `size` results for texts of at most `longest` characters."""

    def decorate(function: Callable[[str], Value]) -> Callable[[str], Value]:
        cached = lru_cache(maxsize=size)(function)

        @wraps(function)
        def call(text: str) -> Value:
            return cached(text) if len(text) <= longest else function(text)

        return call

    return decorate
