"""Pages drawn for the tests: known text in fonts of the system."""

from __future__ import annotations

import subprocess
from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont
from rapidfuzz.distance import Levenshtein

SIMPLIFIED = (
    "档案馆开放利用工作简报",
    "一九五六年铁路局职工名册",
    "关于加强防汛工作的通知",
    "市政府办公厅来函登记簿",
)
TRADITIONAL = ("臺灣總督府公文類纂目錄", "民國三十八年鐵路局檔案", "關於加強防汛工作的通知", "縣政府祕書處來函登記簿")
ENGLISH = (
    "Minutes of the harbour commission",
    "Letters received from the railway board",
    "Register of vessels and their owners",
)


@lru_cache(maxsize=8)
def font(language: str, size: int) -> ImageFont.FreeTypeFont:
    """A serif font of the system for a language."""
    asked = subprocess.run(
        ["fc-match", "-f", "%{file}|%{index}", f"serif:lang={language}"], capture_output=True, text=True, check=True
    )
    file, index = asked.stdout.split("|")
    return ImageFont.truetype(file, size, index=int(index))


def drawn(lines: tuple[str, ...], language: str, size: int = 36) -> Image.Image:
    """Lines, black on white."""
    chosen = font(language, size)
    width = max(int(chosen.getlength(line)) for line in lines) + 4 * size
    image = Image.new("RGB", (width, (2 * len(lines) + 2) * size), "white")
    pen = ImageDraw.Draw(image)
    for number, line in enumerate(lines):
        pen.text((2 * size, (2 * number + 1) * size), line, "black", chosen)
    return image


def payload(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def accuracy(read: str, written: tuple[str, ...]) -> float:
    """1 - Levenshtein / length, blanks and line ends left out."""
    expected, got = "".join("".join(written).split()), "".join(read.split())
    return 1 - Levenshtein.distance(got, expected) / len(expected)
