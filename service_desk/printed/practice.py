"""What a training desk gives out says that it is practice: pictures and PDFs that do not say so yet are drawn on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from service_desk.printed.fonts import Fonts

SAID: Final = b"onestop-training"
"""Stands among the keywords of what `Press` printed for practice, readable in the file."""


def for_practice(data: bytes, media_type: str, across: str, fonts: Callable[[], Fonts], stamp: str = "") -> bytes:
    """The file with `stamp` and `across` over each page; `across` not on what says so already, and on nothing but
    pictures and PDFs. Raises CannotPrint, FontsMissing.
    """
    drawn = media_type.startswith(("image/", "application/pdf"))
    text = "\n".join(filter(None, (stamp, across if drawn and SAID not in data else "")))
    if not text:
        return data
    from service_desk.printed.watermark import watermarked  # draws, and few files are drawn on

    return watermarked(data, media_type, text, fonts())
