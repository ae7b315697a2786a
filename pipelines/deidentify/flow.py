"""Running text without what the lines of a page put into it, and where each of its characters stands.

Line ends between Chinese characters are gone, and so are the blanks of widely set ones (姓 名); other line ends are
blanks. Digits and the signs between them are in their narrow forms.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from mappings.text import HAN
from pipelines.personal.spans import narrow

_LINE_END = re.compile(rf"(?<=[{HAN}])[ \u3000]?\n[ \u3000]?(?=[{HAN}])")
_WIDELY_SET = re.compile(rf"(?<!\S)[{HAN}](?:[ \u3000][{HAN}](?!\S))+")
_BREAK = re.compile(r"\s")


class Flow(NamedTuple):
    """`text`, and for each of its characters where it stands in the page's."""

    text: str
    places: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where the characters `start` to `end` (excluded, at least one) stand on the page."""
        return self.places[start], self.places[end - 1] + 1


def flow_of(page: str) -> Flow:
    """The running text of a page."""
    left_out = {at for gap in _LINE_END.finditer(page) for at in range(*gap.span())}
    left_out |= {at for run in _WIDELY_SET.finditer(page) for at in range(*run.span()) if page[at] in " \u3000"}
    places = tuple(at for at in range(len(page)) if at not in left_out)
    text = narrow("".join(page[at] for at in places))
    return Flow(_BREAK.sub(" ", text), places)
