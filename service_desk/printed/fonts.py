"""Fonts for printed documents: which there are, and which characters they have.

No font of Han characters is part of this package: one weight has 8-26 MB. They come from the system
(``fonts-noto-cjk`` on Debian), from the Python package ``manimgx-fonts-cjk``, or from a folder of the house.
"""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Final

import typst
from fontTools.ttLib import TTFont

from service_desk.errors import Unavailable
from service_desk.printed.sheets import Script

LATIN: Final = "Libertinus Serif"
"""Comes with Typst."""
FAMILIES: Final[dict[Script, tuple[str, ...]]] = {
    "Hans": (
        "Noto Serif CJK SC",
        "Source Han Serif SC",
        "Noto Serif SC",
        "Noto Sans CJK SC",
        "Source Han Sans SC",
        "Noto Sans SC",
        "Songti SC",
        "SimSun",
        "Microsoft YaHei",
        "PingFang SC",
    ),
    "Hant": (
        "Noto Serif CJK TC",
        "Source Han Serif TC",
        "Noto Serif TC",
        "Noto Sans CJK TC",
        "Source Han Sans TC",
        "Noto Sans TC",
        "Songti TC",
        "PMingLiU",
        "Microsoft JhengHei",
        "PingFang TC",
    ),
}
"""Fonts of Han characters that we know, the best first."""
PACKAGES: Final = ("manimgx_fonts_cjk",)
PATTERN: Final = "档檔骨直國国"
"""A font that lacks one of these is none for our documents."""
_LATIN: Final = (range(0x20, 0x7F), range(0xA0, 0x180), range(0x370, 0x3FF), range(0x400, 0x460), range(0x1E00, 0x1EFA))
_UNSEEN: Final = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0), range(0x200B, 0x2010), (0x0A, 0x2060, 0xFEFF))
MISSING: Final = (
    "There is no font with Chinese characters, and nothing is printed without one. Install one: the Debian package "
    "fonts-noto-cjk, or pip install 'onestop-archives[fonts]', or put a font file into the folder fonts of the "
    "workspace."
)


class FontsMissing(Unavailable):
    """Nothing can be printed; the message says what to install."""


class Fonts:
    """The fonts of one installation; looked for when the first document is printed."""

    def __init__(self, folders: Sequence[Path] = (), *, use_system: bool = True) -> None:
        """`folders` are those of the house, looked at before the system."""
        self._folders = [*folders, *_packaged()]
        self._use_system = use_system
        self._lock = threading.Lock()
        self._covered: dict[str, frozenset[int]] = {}

    @cached_property
    def found(self) -> typst.Fonts:
        """All that Typst may take."""
        there = [folder for folder in self._folders if folder.is_dir()]
        return typst.Fonts(include_system_fonts=self._use_system, include_embedded_fonts=True, font_paths=there)

    def families(self, script: Script) -> tuple[str, ...]:
        """The fonts for a document in this script, in the order they are asked for a character. Raises FontsMissing."""
        there = set(self.found.families())
        chosen = [name for name in FAMILIES[script] if name in there and self._has(name, PATTERN)]
        others = [name for names in FAMILIES.values() for name in names if name in there and name not in chosen]
        if not chosen and not any(self._has(name, PATTERN) for name in others):
            raise FontsMissing(MISSING)
        return (LATIN, *chosen[:2], *others[:2])

    def uncovered(self, text: Iterable[str], script: Script) -> list[str]:
        """The characters that none of these fonts has, each once. Raises FontsMissing."""
        families = self.families(script)[1:]
        wanted = {char for part in text for char in part if not _is_drawn_anyway(ord(char))}
        for family in families:
            wanted = {char for char in wanted if ord(char) not in self._characters(family)}
        return sorted(wanted)

    def face(self, script: Script) -> tuple[str, int]:
        """The file of the font for Han characters, and its number in that file. Raises FontsMissing."""
        face = self._face(self.families(script)[1])
        if face is None or face.path is None:
            raise FontsMissing(MISSING)
        return face.path, face.index

    def described(self) -> str:
        """What documents are printed with. Raises FontsMissing."""
        return ", ".join(dict.fromkeys(self.families(script)[1] for script in FAMILIES))

    def _has(self, family: str, text: str) -> bool:
        return {ord(char) for char in text} <= self._characters(family)

    def _characters(self, family: str) -> frozenset[int]:
        with self._lock:
            if family not in self._covered:
                self._covered[family] = self._read(family)
            return self._covered[family]

    def _read(self, family: str) -> frozenset[int]:
        face = self._face(family)
        if face is None or face.path is None:
            return frozenset()
        seen = Path(face.path).stat()
        return _read_lately(face.path, face.index, (seen.st_size, seen.st_mtime_ns))

    def _face(self, family: str) -> typst.FontInfo | None:
        """The plain weight of a family."""
        faces = [face for face in self.found.fonts() if face.family == family and face.path]
        return min(faces, key=lambda face: (abs(face.weight - 400), face.style != "normal"), default=None)


@lru_cache(maxsize=16)
def _read_lately(path: str, index: int, version: tuple[int, int]) -> frozenset[int]:
    """The characters of a face. To read them takes a tenth of a second, so they are kept until the file is another one,
    which `version` tells.
    """
    with Path(path).open("rb") as file:
        is_collection = file.read(4) == b"ttcf"
    with TTFont(path, fontNumber=index if is_collection else -1, lazy=True) as font:
        font.setGlyphOrder([""] * font["maxp"].numGlyphs)  # or it reads their names, which takes longest
        return frozenset(font.getBestCmap() or ())


def _packaged() -> list[Path]:
    """Folders of fonts that are installed as Python packages."""
    specs = [importlib.util.find_spec(name) for name in PACKAGES]
    return [Path(place) for spec in specs if spec for place in spec.submodule_search_locations or ()]


def _is_drawn_anyway(code: int) -> bool:
    return any(code in some for some in (*_LATIN, *_UNSEEN))
