"""Fields made of several cells: a reference code of its parts (DA/T 13, ISAD(G) 3.1.1)."""

from __future__ import annotations

import re
from collections.abc import Callable

_PLACE = re.compile(r"\{(\??)([^{}]+)\}")


class Template:
    """``{header}`` stands for a cell; ``{?header}`` for nothing, but the cell must have text. All must, or none
    counts.
    """

    def __init__(self, text: str) -> None:
        self._parts = [(text[at : found.start()], found[1], found[2]) for at, found in _places(text)]
        self._end = text[text.rfind("}") + 1 :] if self._parts else text

    def filled(self, cell: Callable[[str], str | None]) -> str | None:
        """The text, or None when a cell it needs has none."""
        done: list[str] = []
        for before, needed, header in self._parts:
            text = cell(header)
            if text is None:
                return None
            done += (before,) if needed else (before, text)
        return "".join((*done, self._end)) or None


def _places(text: str) -> list[tuple[int, re.Match[str]]]:
    """Each placeholder with the end of the one before."""
    found = list(_PLACE.finditer(text))
    return list(zip([0, *(place.end() for place in found)], found, strict=False))
