"""Media types told by file name, as the screens need them to show or offer a file."""

from __future__ import annotations

from urllib.parse import urlsplit

MEDIA_TYPES = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "jp2": "image/jp2",
    "jpx": "image/jpx",
    "bmp": "image/bmp",
    "webp": "image/webp",
    "pdf": "application/pdf",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "txt": "text/plain",
    "htm": "text/html",
    "html": "text/html",
}


def media_type(address: str) -> str | None:
    """The media type a path or address ends in, if it is a known one."""
    try:
        path = urlsplit(address).path
    except ValueError:
        return None
    return MEDIA_TYPES.get(path.rpartition(".")[2].lower())
