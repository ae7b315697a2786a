"""What the header of an image says: sizes, frames, how it is to be turned, when it was taken. Pixels are never decoded.

TIFF 6.0, JPEG, PNG, JPEG 2000, WebP, GIF and BMP, told by their bytes. EXIF 2.32: Orientation (274) 5 to 8 stand on
their side, so that width and height change places; ImageDescription (270); DateTimeOriginal (36867). DateTime (306) is
the last change of the file and says nothing of what is shown.
"""

from __future__ import annotations

import re
import warnings
from io import BytesIO
from typing import Any, BinaryIO

from msgspec import Struct

from mappings.formats.reading import read_up_to
from mappings.record import Problem, clean

FRAMES = 10_000
"""Pages one TIFF may have."""
READABLE = ("JPEG", "PNG", "GIF", "WEBP", "TIFF", "JPEG2000", "BMP")
_LARGEST_UNSEEKABLE = 64 * 2**20
_ORIENTATION, _DESCRIPTION, _EXIF_IFD, _TAKEN = 274, 270, 0x8769, 36867
_ON_ITS_SIDE = (5, 6, 7, 8)
_DAY = re.compile(r"(\d{4})[:-](\d\d)[:-](\d\d)")
_DEFAULTS = re.compile(
    r"(?:OLYMPUS|KODAK|MINOLTA|SONY|SAMSUNG|DCIM|DIGITAL|Created (?:with|by)|Exported by)\b.*|image|untitled",
    re.IGNORECASE,
)


class Header(Struct, frozen=True):
    """`frames` are (width, height) in pixels of each picture as it is to be seen; `taken` an ISO day."""

    frames: tuple[tuple[int, int], ...]
    description: str | None = None
    taken: str | None = None


def read_header(stream: BinaryIO) -> Header | Problem:
    """The header of the image in a stream, which is closed. Never raises for what a file holds."""
    from PIL import Image  # only where images are looked at

    with stream, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # large scans and odd tags: nothing is decoded here
        try:
            source = stream if stream.seekable() else BytesIO(read_up_to(stream, _LARGEST_UNSEEKABLE))
            with Image.open(source, formats=READABLE) as image:
                return _header(image)
        except Image.DecompressionBombError:
            return Problem("image-too-large", "the image has more pixels than may be opened", "make it smaller")
        except Exception as error:  # decoders of images meet whatever a damaged file holds
            reason = f"no image can be read in it: {type(error).__name__}: {clean(str(error)[:120]) or 'damaged'}"
            return Problem("damaged-image", reason, "scan or export it again")


def _header(image: Any) -> Header:
    frames = _frames(image)
    if len(frames) > 1:
        image.seek(0)
    exif = _exif(image)
    return Header(tuple(frames), _description(exif.get(_DESCRIPTION)), _day(exif.get_ifd(_EXIF_IFD).get(_TAKEN)))


def _frames(image: Any) -> list[tuple[int, int]]:
    """The size of each page of a TIFF; of other formats that of the first picture, since their others are motion."""
    frames = [_upright(image)]
    if image.format != "TIFF":
        return frames
    try:
        for frame in range(1, FRAMES):
            image.seek(frame)
            frames.append(_upright(image))
    except EOFError:
        pass
    return frames


def _upright(image: Any) -> tuple[int, int]:
    """Width and height as seen; Pillow turns those of a TIFF itself."""
    width, height = image.size
    if image.format != "TIFF" and _exif(image).get(_ORIENTATION) in _ON_ITS_SIDE:
        return height, width
    return width, height


def _exif(image: Any) -> Any:
    """The tags in the header; Pillow's own way for PNG would decode the whole picture to look for tags behind it."""
    from PIL import Image

    return Image.Image.getexif(image)


def _description(value: object) -> str | None:
    """ImageDescription, unless a camera or program wrote it of its own accord."""
    text = clean(value) if isinstance(value, str) else None
    return None if text is None or _DEFAULTS.fullmatch(text) else text[:500]


def _day(value: object) -> str | None:
    """DateTimeOriginal, ``YYYY:MM:DD HH:MM:SS``, as an ISO day; None for clocks that were never set."""
    found = _DAY.match(value) if isinstance(value, str) else None
    return "-".join(found.groups()) if found and found[1] > "1826" else None
