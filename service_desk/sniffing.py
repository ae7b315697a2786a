"""Files that people hand in: what they are is told by their first bytes, not by their name, and size is looked at."""

from __future__ import annotations

from pathlib import PurePath
from typing import Final

from service_desk.ports import Upload

MAX_BYTES: Final = 20 * 1024 * 1024
SUFFIXES: Final = ("pdf", "jpg", "jpeg", "png", "tif", "tiff", "webp", "txt", "csv", "docx", "xlsx", "zip")
_SIGNATURES: Final = (
    (b"%PDF-", "application/pdf", ("pdf",)),
    (b"\xff\xd8\xff", "image/jpeg", ("jpg", "jpeg")),
    (b"\x89PNG\r\n\x1a\n", "image/png", ("png",)),
    (b"II*\x00", "image/tiff", ("tif", "tiff")),
    (b"MM\x00*", "image/tiff", ("tif", "tiff")),
    (b"RIFF", "image/webp", ("webp",)),
    (b"PK\x03\x04", "application/zip", ("zip",)),
    (b"PK\x03\x04", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", ("docx",)),
    (b"PK\x03\x04", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ("xlsx",)),
)
_TEXTS: Final = {"txt": "text/plain", "csv": "text/csv"}


class Refused(ValueError):
    """A file that is not taken: `reason` is ``empty``, ``large`` or ``kind``, `name` the file's."""

    def __init__(self, reason: str, name: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.reason = reason
        self.name = name


def checked(name: str, data: bytes) -> Upload:
    """The file with the media type its bytes prove. Raises Refused."""
    if not data:
        raise Refused("empty", name)
    if len(data) > MAX_BYTES:
        raise Refused("large", name)
    media_type = _media_type(PurePath(name).suffix.lower().lstrip("."), data)
    if media_type is None:
        raise Refused("kind", name)
    return Upload(name, media_type, data)


def _media_type(suffix: str, data: bytes) -> str | None:
    if suffix in _TEXTS:
        return _TEXTS[suffix] if _is_text(data) else None
    if suffix == "webp" and data[8:12] != b"WEBP":
        return None
    return next((kind for start, kind, known in _SIGNATURES if suffix in known and data.startswith(start)), None)


def _is_text(data: bytes) -> bool:
    """Text of ours is UTF-8; a byte of zero means it is something else under a text's name."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b"\0" not in data
