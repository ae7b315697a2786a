"""What an engine read on one picture, as it is kept and as it becomes the text of a page."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import Struct, structs

from mappings.formats.page_text import page_of
from mappings.record import Page, Word

Line = tuple[Word, ...]
_TALL = 1.5
"""A line this much higher than wide is written from top to bottom."""


class Reading(Struct, frozen=True, omit_defaults=True):
    """Lines of words with boxes in pixels of a picture of `width` x `height`; `by` names the engine as people do,
    `language` is the one the page was read in, if it was one.
    """

    width: int
    height: int
    by: str
    lines: tuple[Line, ...] = ()
    language: str | None = None


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Reading).decode


def encoded(reading: Reading) -> bytes:
    """As JSON."""
    return _encode(reading)


def decoded(payload: bytes | str) -> Reading:
    """Of `encoded`."""
    return _decode(payload)


def read_page(page: Page, reading: Reading) -> Page:
    """The page with the text that was read; without any it stays blank, and keeps its size."""
    if not reading.lines:
        return structs.replace(page, text="", lines=(), read_by=None)
    made = page_of(list(reading.lines), page.label, float(reading.width), float(reading.height), reading.language)
    return structs.replace(
        page,
        text=made.text,
        lines=made.lines,
        width=made.width,
        height=made.height,
        language=page.language or made.language,
        read_by=reading.by,
    )


def word(text: str, box: Sequence[float], confidence: float, scale: float) -> Word:
    """A word in whole pixels of the page as shown; `box` is x, y, width, height in a picture `scale` times as large."""
    x, y, width, height = (round(value / scale) for value in box)
    return Word(text, x, y, width, height, round(min(max(confidence, 0.0), 1.0), 2))


def sureness(lines: Sequence[Line]) -> tuple[float, float]:
    """Characters read, each counted by its confidence: in all, and on the average (0 without any)."""
    words = [one for line in lines for one in line]
    total = sum(len(one.text) * (one.confidence or 0.0) for one in words)
    return total, total / max(sum(len(one.text) for one in words), 1)


def in_reading_order(lines: list[Line]) -> tuple[Line, ...]:
    """As they came, unless most of the text stands in columns: those are read from right to left."""
    tall = sum(sum(len(one.text) for one in line) for line in lines if _is_tall(line))
    if 2 * tall <= sum(len(one.text) for line in lines for one in line):
        return tuple(lines)
    return tuple(sorted(lines, key=lambda line: (-max(one.x + one.width for one in line), line[0].y)))


def _is_tall(line: Line) -> bool:
    across = max(one.x + one.width for one in line) - min(one.x for one in line)
    down = max(one.y + one.height for one in line) - min(one.y for one in line)
    return down > _TALL * across
