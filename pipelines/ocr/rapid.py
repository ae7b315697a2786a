"""Reading with RapidOCR: PP-OCR models for simplified Chinese and English, which lie in its wheel. One thread."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of
from itertools import groupby
from typing import Any, Final

import numpy as np
from PIL import Image

from mappings.formats.page_text import characters
from mappings.record import Word, clean
from pipelines.ocr.reading import Line, in_reading_order, word

PACKAGE: Final = "rapidocr-onnxruntime"


@lru_cache(maxsize=1)
def installed() -> str | None:
    """Its version here, None without it. Nothing of it is imported: that costs a second."""
    try:
        return version_of(PACKAGE)
    except PackageNotFoundError:
        return None


@lru_cache(maxsize=1)
def _engine() -> Any:
    from rapidocr_onnxruntime import RapidOCR

    return RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1)


def read(image: Image.Image, scale: float) -> tuple[Line, ...]:
    """The lines of a picture that is `scale` times as large as the page."""
    blue_first = np.asarray(image)[:, :, ::-1]
    found, _ = _engine()(blue_first, return_word_box=True)
    return in_reading_order([line for one in found or () if (line := _line(one, scale))])


def _line(found: Sequence[Any], scale: float) -> Line:
    """Corners, text and confidence of a line; then corners, text and confidence of each character, blanks left out."""
    corners, text, confidence, *each = found
    cleaned = clean(text)
    if cleaned is None:
        return ()
    if len(each) == 3 and "".join(each[1]) == "".join(cleaned.split()):
        return _words(cleaned, list(zip(each[0], each[2], strict=True)), scale)
    return characters(word(cleaned, _box([corners]), float(confidence), scale))


def _words(text: str, each: list[tuple[Any, float]], scale: float) -> Line:
    """Characters with their corners and confidence as words: each Chinese one by itself, what hangs together else."""
    kinds: list[tuple[int, str, tuple[Any, float]]] = []
    begun, at = 0, iter(each)
    for place, char in enumerate(text):
        if char == " ":
            begun = place
            continue
        begun = begun if char.isascii() else place
        kinds.append((begun, char, next(at)))
        begun = begun if char.isascii() else place + 1
    words: list[Word] = []
    for _, members in groupby(kinds, key=lambda one: one[0]):
        some = list(members)
        confidence = sum(float(one[2][1]) for one in some) / len(some)
        words.append(word("".join(one[1] for one in some), _box([one[2][0] for one in some]), confidence, scale))
    return tuple(words)


def _box(corners: Sequence[Any]) -> tuple[float, float, float, float]:
    """The upright box around some quadrilaterals."""
    points = np.asarray(corners, dtype=float).reshape(-1, 2)
    left, top = points.min(axis=0)
    right, bottom = points.max(axis=0)
    return left, top, right - left, bottom - top
