"""A sheet of aged paper on which text is set, with the box of every word, and its ALTO description.

Ink is drawn on a layer of its own, which is skewed as one; the boxes of the words go through the same rotation.
"""

from __future__ import annotations

import io
import math
import random
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache, reduce
from pathlib import Path
from xml.sax.saxutils import quoteattr

import numpy as np
import rjieba
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

WIDTH, HEIGHT = 900, 1250
QUALITY = 55
INK, FAINT, RULE, SEAL_RED, BLUE = (38, 32, 30), (120, 108, 98), (150, 118, 88), (168, 42, 36), (44, 52, 92)
PAPERS = ((243, 232, 208), (246, 238, 220), (237, 225, 196), (241, 233, 214), (233, 221, 195))

CJK = Path("/usr/share/fonts/opentype/noto")
LATIN = Path("/usr/share/fonts/truetype/liberation")
FACES = {
    "song": (CJK / "NotoSerifCJK-Regular.ttc", 3),
    "song-bold": (CJK / "NotoSerifCJK-Bold.ttc", 3),
    "hei": (CJK / "NotoSansCJK-Regular.ttc", 3),
    "mono": (LATIN / "LiberationMono-Regular.ttf", 0),
    "mono-bold": (LATIN / "LiberationMono-Bold.ttf", 0),
    "serif": (LATIN / "LiberationSerif-Regular.ttf", 0),
    "serif-bold": (LATIN / "LiberationSerif-Bold.ttf", 0),
}
UPRIGHT = dict(zip("（）「」『』，。、：；－-—…〈〉《》", "︵︶﹁﹂﹃﹄︐︒︑︓︔︱︱︱︙︿﹀︽︾", strict=True))
"""Forms of punctuation in vertical lines."""
ASCENT = 0.88  # of the em box of a Han character, above the base line


@cache
def font(face: str, size: int) -> ImageFont.FreeTypeFont:
    """A face of `FACES` at a size in pixels."""
    path, index = FACES[face]
    return ImageFont.truetype(str(path), size, index=index)


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels, edges included in neither direction."""

    left: float
    top: float
    right: float
    bottom: float

    def union(self, other: Box) -> Box:
        """The smallest box around both."""
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )


@dataclass(frozen=True)
class SetWord:
    """A word as it was set."""

    text: str
    box: Box


@dataclass
class Sheet:
    """One page being set. `seed` (volume, slash, page) decides its paper, stains and skew.

    `lines` collect what was set, in reading order.
    """

    seed: str
    language: str = "zh-Hant"
    spaced: bool = False
    lines: list[list[SetWord]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)  # noqa: S311  # stains, not secrets
        self.ink = Image.new("RGBA", (WIDTH, HEIGHT), (255, 255, 255, 0))
        self.draw = ImageDraw.Draw(self.ink)
        self.skew = self.random.uniform(-0.75, 0.75)

    # -- setting text --------------------------------------------------------------------------------------------

    def column(
        self,
        text: str,
        x: float,
        top: float,
        size: int = 28,
        pitch: float = 1.12,
        face: str = "song",
        colour: tuple[int, int, int] = INK,
    ) -> float:
        """Set one vertical line whose right edge cells are `size` wide at `x`; returns the y below it."""
        line: list[SetWord] = []
        y = top
        for word in _words(text):
            start = y
            for cell in _cells(word):
                if cell.strip():
                    self._cell(cell, x, y, size, face, colour)
                y += size * (pitch if cell.strip() else 0.7)
            if word.strip():
                line.append(SetWord(word, Box(x, start, x + size, y - size * (pitch - 1))))
        self.lines.append(line)
        return y

    def _cell(self, cell: str, x: float, y: float, size: int, face: str, colour: tuple[int, int, int]) -> None:
        """One character cell; a number of two digits stands upright in one."""
        wobble = self.random.uniform(-0.5, 0.5)
        if len(cell) == 2:
            narrow = font(face, int(size * 0.92))
            self.draw.text((x + size / 2, y + size * 0.54 + wobble), cell, colour, narrow, anchor="mm")
        else:
            shown = UPRIGHT.get(cell, cell)
            shift = (size - font(face, size).getlength(shown)) / 2
            self.draw.text((x + shift + wobble, y + ASCENT * size), shown, colour, font(face, size), anchor="ls")

    def row(
        self, text: str, x: float, y: float, size: int = 26, face: str = "song", colour: tuple[int, int, int] = INK
    ) -> float:
        """Set one horizontal line with its top at `y`; returns the x behind it."""
        line: list[SetWord] = []
        for word in re.findall(r"\S+|\s+", text) if self.spaced else _words(text):
            length = font(face, size).getlength(word)
            if word.strip():
                lift = self.random.uniform(-0.7, 0.7)
                self.draw.text((x, y + lift), word, colour, font(face, size))
                _, top, _, bottom = font(face, size).getbbox(word)
                line.append(SetWord(word, Box(x, y + min(top, 0.2 * size), x + length, y + max(bottom, size))))
            x += length
        if line:
            self.lines.append(line)
        return x

    def seal(self, characters: str, left: float, top: float, size: int = 96) -> None:
        """A square red seal of four characters, read from the right column down."""
        stamp = Image.new("RGBA", (size, size), (255, 255, 255, 0))
        draw = ImageDraw.Draw(stamp)
        draw.rectangle((2, 2, size - 3, size - 3), outline=(*SEAL_RED, 235), width=max(3, size // 22))
        cell = size * 0.41
        for index, char in enumerate(characters[:4]):
            place = (size * (0.71 if index < 2 else 0.29), size * (0.29 if index % 2 == 0 else 0.71))
            draw.text(place, char, (*SEAL_RED, 230), font("song-bold", int(cell)), anchor="mm")
        stamp.putalpha(ImageChops.multiply(stamp.getchannel("A"), _wear(size, self.random)))
        turned = stamp.rotate(self.random.uniform(-4, 4), Image.Resampling.BICUBIC, expand=True)
        self.ink.alpha_composite(turned, (int(left), int(top)))

    # -- the finished page ---------------------------------------------------------------------------------------

    def image(self) -> bytes:
        """The page as JPEG."""
        tone = random.Random(self.seed.rpartition("/")[0]).choice(PAPERS)  # noqa: S311  # one stock for all pages of a volume
        paper = _paper(tone, self.random)
        ink = self.ink.rotate(self.skew, Image.Resampling.BICUBIC)
        ink.putalpha(ImageChops.multiply(ink.getchannel("A"), _patchy(self.random)))
        paper.paste(ink.convert("RGB"), mask=ink.getchannel("A"))
        page = _speckled(paper, self.random).filter(ImageFilter.GaussianBlur(0.55))
        stream = io.BytesIO()
        page.save(stream, "JPEG", quality=QUALITY, optimize=True)
        return stream.getvalue()

    def alto(self, image_name: str) -> str:
        """The page as ALTO 4 (https://www.loc.gov/standards/alto/), measured in pixels of the image."""
        lines = [[SetWord(word.text, self._skewed(word.box)) for word in line] for line in self.lines if line]
        head = (
            '<?xml version="1.0" encoding="UTF-8"?>\n<alto xmlns="http://www.loc.gov/standards/alto/ns-v4#">\n'
            f"<Description><MeasurementUnit>pixel</MeasurementUnit><sourceImageInformation><fileName>{image_name}</fileName>"
            "</sourceImageInformation></Description>\n"
            f'<Layout><Page ID="P1" PHYSICAL_IMG_NR="{int(image_name[:4])}" WIDTH="{WIDTH}" HEIGHT="{HEIGHT}">'
            f'<PrintSpace HPOS="0" VPOS="0" WIDTH="{WIDTH}" HEIGHT="{HEIGHT}">\n'
        )
        edge = _around(word.box for line in lines for word in line)
        block = f'<TextBlock ID="B1" {_place(edge)} LANG="{self.language}">\n'
        body = "".join(_alto_line(number, line, self.spaced) for number, line in enumerate(lines, 1))
        return f"{head}{block}{body}</TextBlock></PrintSpace></Page></Layout></alto>\n"

    def _skewed(self, box: Box) -> Box:
        """The box around the four corners after the rotation of the ink layer (counterclockwise around the centre)."""
        angle = math.radians(self.skew)
        cos, sin, cx, cy = math.cos(angle), math.sin(angle), WIDTH / 2, HEIGHT / 2
        corners = [(x - cx, y - cy) for x in (box.left, box.right) for y in (box.top, box.bottom)]
        xs = [cx + x * cos + y * sin for x, y in corners]
        ys = [cy - x * sin + y * cos for x, y in corners]
        return Box(max(min(xs), 0), max(min(ys), 0), min(max(xs), WIDTH), min(max(ys), HEIGHT))


def _words(text: str) -> list[str]:
    """Words of at most four characters; numbers, codes and white space stay whole."""
    words: list[str] = []
    for part in re.findall(r"[0-9A-Za-z][0-9A-Za-z.-]*|\s+|[^0-9A-Za-z\s]+", text):
        whole = part.isspace() or part.isascii()
        words += [part] if whole else [piece for word in rjieba.cut(part) for piece in re.findall(r".{1,4}", word)]
    return words


def _cells(word: str) -> list[str]:
    """Characters of a vertical line; a number of two digits shares a cell."""
    return [word] if re.fullmatch(r"\d{2}", word) else list(word)


def _around(boxes: Iterable[Box]) -> Box:
    return reduce(Box.union, boxes)


def _place(box: Box) -> str:
    left, top = math.floor(box.left), math.floor(box.top)
    width, height = math.ceil(box.right) - left, math.ceil(box.bottom) - top
    return f'HPOS="{left}" VPOS="{top}" WIDTH="{width}" HEIGHT="{height}"'


def _alto_line(number: int, line: list[SetWord], spaced: bool) -> str:
    strings = [f"<String {_place(word.box)} CONTENT={quoteattr(word.text)}/>" for word in line]
    return (
        f'<TextLine ID="L{number}" {_place(_around(word.box for word in line))}>'
        + ("<SP/>" if spaced else "").join(strings)
        + "</TextLine>\n"
    )


# -- paper ------------------------------------------------------------------------------------------------------------


def _field(source: random.Random, cells: tuple[int, int], spread: float) -> np.ndarray:
    """Smooth noise over the page: random cells, enlarged."""
    grid = np.array([[source.gauss(0, spread) for _ in range(cells[0])] for _ in range(cells[1])])
    small = Image.fromarray((grid + 128).clip(0, 255).astype(np.uint8))
    return np.asarray(small.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC), dtype=np.float32) - 128


def _paper(tone: tuple[int, int, int], source: random.Random) -> Image.Image:
    """Toned paper with clouds, darker edges, a fold and a fine grain."""
    shade = _field(source, (6, 8), 5) + _field(source, (40, 56), 2.2)
    x, y = np.meshgrid(np.linspace(-1, 1, WIDTH), np.linspace(-1, 1, HEIGHT))
    shade -= 26 * np.maximum(np.abs(x), np.abs(y)) ** 9
    fold = source.uniform(-0.25, 0.25)
    shade -= 7 * np.exp(-(((y - fold) * 130) ** 2))
    grain = np.random.default_rng(source.getrandbits(32)).normal(0, 1.6, (HEIGHT, WIDTH)).astype(np.float32)
    sheet = np.array(tone, dtype=np.float32) + (shade + grain)[:, :, None] * np.array([1, 1.02, 1.12], dtype=np.float32)
    return Image.fromarray(sheet.clip(0, 255).astype(np.uint8))


def _patchy(source: random.Random) -> Image.Image:
    """How well the ink took: mostly full, paler in places."""
    strength = 232 + _field(source, (24, 34), 22)
    return Image.fromarray(strength.clip(150, 255).astype(np.uint8))


def _wear(size: int, source: random.Random) -> Image.Image:
    """Wear of a stamp."""
    values = np.random.default_rng(source.getrandbits(32)).random((size, size))
    return Image.fromarray(np.where(values < 0.1, 70, 255).astype(np.uint8))


def _speckled(page: Image.Image, source: random.Random) -> Image.Image:
    """Specks of dust and foxing."""
    draw = ImageDraw.Draw(page, "RGBA")
    _sprinkle(draw, source, 46, 0.4, 1.3, lambda: (70, 58, 48, source.randint(60, 150)))
    _sprinkle(draw, source, 7, 2, 7, lambda: (150, 112, 66, source.randint(14, 34)))
    return page


def _sprinkle(
    draw: ImageDraw.ImageDraw,
    source: random.Random,
    count: int,
    low: float,
    high: float,
    colour: Callable[[], tuple[int, int, int, int]],
) -> None:
    for _ in range(count):
        x, y, radius = source.uniform(0, WIDTH), source.uniform(0, HEIGHT), source.uniform(low, high)
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour())
