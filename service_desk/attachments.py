"""Files that readers hand in with a request: looked at, bounded, kept as objects, read by those who work on it."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence

from msgspec import Struct

from service_desk import answers
from service_desk.errors import Invalid, NotFound
from service_desk.models import Attachment, Request
from service_desk.ports import ObjectStore, Upload
from service_desk.sniffing import MAX_BYTES, Refused, checked

AT_ONCE = 10
OF_A_REQUEST = 40
_SENTENCES = {
    "empty": "{name} is empty; choose another file",
    "large": f"{{name}} is over {MAX_BYTES // 1024**2} MB; send it in parts or smaller",
    "kind": "{name} is not what its name says, or of a kind that is not taken; send a PDF or a picture",
}


class Supplied(Struct, frozen=True):
    """A file, and the material it is for: its code, None for one that nobody asked for."""

    upload: Upload
    material: str | None = None


def sniffed(supplied: Sequence[Supplied]) -> list[Supplied]:
    """The files with the media types that their bytes prove. Raises Invalid."""
    if len(supplied) > AT_ONCE:
        raise Invalid.one("files", f"at most {AT_ONCE} files at once")
    return [Supplied(_sniffed(one.upload), one.material) for one in supplied]


def _sniffed(upload: Upload) -> Upload:
    try:
        return checked(answers.file_name(upload.name), upload.data)
    except Refused as error:
        raise Invalid.one("files", _SENTENCES[error.reason].format(name=error.name)) from None


def put(objects: ObjectStore, supplied: Sequence[Supplied]) -> list[tuple[Supplied, str]]:
    """Put the bytes away under their digest, before there are rows that refer to them; each file with its digest."""
    kept = [(one, hashlib.sha256(one.upload.data).hexdigest()) for one in supplied]
    for one, digest in kept:
        objects.put(_key(digest), one.upload.data)
    return kept


def attach(request: Request, kept: Sequence[tuple[Supplied, str]], at: dt.datetime) -> list[dict[str, str]]:
    """Add the rows; what the event keeps of them. Raises Invalid when there are too many by now."""
    if len(request.attachments) + len(kept) > OF_A_REQUEST:
        raise Invalid.one("files", f"at most {OF_A_REQUEST} files with a request; bring the others to the window")
    for number, (one, digest) in enumerate(kept, start=len(request.attachments) + 1):
        request.attachments.append(_row(number, one, digest, at))
    return [{"name": one.upload.name, "sha256": digest} for one, digest in kept]


def fetch(objects: ObjectStore, request: Request, number: int) -> tuple[Attachment, bytes]:
    """A file that was handed in. Raises NotFound; Unavailable when the store lost or changed the bytes."""
    row = next((one for one in request.attachments if one.number == number), None)
    if row is None:
        raise NotFound("There is no such file.")
    return row, answers.intact(objects, row.object_key, row.sha256)


def _row(number: int, one: Supplied, digest: str, at: dt.datetime) -> Attachment:
    return Attachment(
        number=number,
        material=one.material,
        name=one.upload.name,
        media_type=one.upload.media_type,
        size=len(one.upload.data),
        sha256=digest,
        object_key=_key(digest),
        at=at,
    )


def _key(digest: str) -> str:
    return f"attachments/{digest[:2]}/{digest}"
