"""Page images: known by their first bytes, made smaller, kept on disk. Rights are the caller's business."""

from __future__ import annotations

import io
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from PIL import Image, UnidentifiedImageError

from pipelines.pictures import upright
from search_ui.security import fingerprint

WIDTHS: Final = (120, 400, 900)
MAX_BYTES: Final = 64 * 1024 * 1024
MAX_PIXELS: Final = 200_000_000
# What browsers show, by its first bytes; other images (TIFF, JPEG 2000) are sent as JPEG, what is no image is not sent.
_SIGNATURES: Final = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}
_READABLE: Final = ("JPEG", "PNG", "GIF", "WEBP", "TIFF", "JPEG2000", "BMP")


@dataclass(frozen=True, slots=True)
class PageImage:
    """Bytes fit for a browser."""

    data: bytes
    media_type: str


def media_type(data: bytes) -> str | None:
    """The type of an image a browser shows, by its first bytes; a name's ending says nothing."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in _SIGNATURES.items() if data.startswith(start)), None)


def read(stream: BinaryIO) -> bytes | None:
    """The whole item, or None when it is larger than any page image ought to be."""
    with stream:
        data = stream.read(MAX_BYTES + 1)
    return data if len(data) <= MAX_BYTES else None


def original(data: bytes, frame: int | None = None) -> PageImage | None:
    """The image as it is, or as JPEG when browsers cannot show it; None for what is no image.

    `frame` is which picture of a file with several is meant. A browser turns a JPEG by its EXIF orientation itself.
    """
    kind = media_type(data) if frame is None else None
    return PageImage(data, kind) if kind else smaller(data, None, frame)


def smaller(data: bytes, width: int | None, frame: int | None = None) -> PageImage | None:
    """A JPEG at most `width` pixels wide, upright; None for what is no image or too large to open safely."""
    try:
        with Image.open(io.BytesIO(data), formats=_READABLE) as image:
            if frame:
                image.seek(frame)
            if image.width * image.height > MAX_PIXELS:
                return None
            if width:
                image.draft("RGB", (width, image.height))
            seen = upright(image)
    except (UnidentifiedImageError, OSError, EOFError, ValueError, Image.DecompressionBombError, SyntaxError):
        return None
    if width and seen.width > width:
        height = max(1, round(seen.height * width / seen.width))
        seen = seen.resize((width, height), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    seen.save(out, "JPEG", quality=82, optimize=True, progressive=True)
    return PageImage(out.getvalue(), "image/jpeg")


class Thumbnails:
    """Smaller images, a folder for each version of the index, so that a replaced scan never shows its old face."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, version: str, source: str, key: str, width: int) -> PageImage | None:
        """The image kept for this item and width."""
        try:
            return PageImage(self._path(version, source, key, width).read_bytes(), "image/jpeg")
        except OSError:
            return None

    def put(self, version: str, source: str, key: str, width: int, image: PageImage) -> None:
        """Keep an image; a full disk only costs the time to make it again."""
        path = self._path(version, source, key, width)
        try:
            if not path.parent.is_dir():
                self._forget_others(path.parent)
                path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_suffix(".part")
            part.write_bytes(image.data)
            part.replace(path)
        except OSError:
            return

    def _path(self, version: str, source: str, key: str, width: int) -> Path:
        return self._folder / f"v-{fingerprint([version])[:16]}" / f"{fingerprint([source, key, str(width)])}.jpg"

    def _forget_others(self, keep: Path) -> None:
        for old in self._folder.glob("v-*"):
            if old != keep:
                shutil.rmtree(old, ignore_errors=True)
