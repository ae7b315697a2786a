"""A stretch of text that is personal data, and how several rules share a text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from mappings.deidentification import KINDS, Kind

_WIDE: Final = str.maketrans("０１２３４５６７８９＋－（）＠．　Ｘｘ", "0123456789+-()@. Xx")
_IS_WIDE: Final = re.compile("[０-９＋－（）＠．　Ｘｘ]")


class Span(Struct, frozen=True, order=True):
    """Characters `start` to `end` (excluded) of a text; `rule` found them, `confidence` is how sure it is, 0 to 1."""

    start: int
    end: int
    kind: Kind
    rule: str
    confidence: float


def narrow(text: str) -> str:
    """Digits and the signs between them in their narrow forms, a character for a character."""
    return text.translate(_WIDE) if _IS_WIDE.search(text) else text


def apart(spans: Iterable[Span]) -> list[Span]:
    """Those that do not overlap, in order: the surer kind has a stretch, then the longer span."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda one: (KINDS.index(one.kind), one.start - one.end, one.start)):
        if all(span.end <= other.start or other.end <= span.start for other in kept):
            kept.append(span)
    return sorted(kept)
