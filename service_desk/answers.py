"""The files of an answer: checked, put into the object store before the answer is committed, read back only whole."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from service_desk.errors import Invalid, NotFound, Unavailable
from service_desk.forms import one_line
from service_desk.models import AnswerFile, Request
from service_desk.ports import ObjectStore, Upload

FILES_BOUND = 20
FILE_BYTES = 50 * 1024 * 1024
_FILE_NAME_BOUND = 200
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,62}/[a-z0-9][a-z0-9!#$&^_.+-]{0,62}")


def check(files: Sequence[Upload]) -> None:
    """Raises Invalid when there are too many files, or one is empty or too large."""
    if len(files) > FILES_BOUND:
        raise Invalid.one("files", f"at most {FILES_BOUND} files")
    for upload in files:
        if not 0 < len(upload.data) <= FILE_BYTES:
            raise Invalid.one("files", f"{file_name(upload.name)} is empty or over {FILE_BYTES // 1024**2} MiB")


def store(objects: ObjectStore, files: Sequence[Upload]) -> list[AnswerFile]:
    """Put the bytes away under their digest; the rows that refer to them."""
    return [_stored(objects, number, upload) for number, upload in enumerate(files, start=1)]


def evidence(files: Sequence[AnswerFile]) -> list[dict[str, str]]:
    """What the event keeps of the files, so that it can be shown later which bytes were handed over."""
    return [{"name": file.name, "sha256": file.sha256} for file in files]


def fetch(objects: ObjectStore, request: Request, number: int) -> tuple[AnswerFile, bytes]:
    """A file of the answer. Raises NotFound; Unavailable when the store lost or changed the bytes."""
    row = next((file for file in request.files if file.number == number), None)
    if row is None:
        raise NotFound("There is no such file.")
    return row, intact(objects, row.object_key, row.sha256)


def intact(objects: ObjectStore, key: str, sha256: str) -> bytes:
    """The bytes under a key as they were put there. Raises Unavailable."""
    try:
        data = objects.get(key)
    except KeyError:
        raise Unavailable("This file is not in the object store; please tell the desk.") from None
    if hashlib.sha256(data).hexdigest() != sha256:
        raise Unavailable("This file is damaged in the object store; please tell the desk.")
    return data


def file_name(name: str) -> str:
    """The last part of the name as handed in, on one line: shown, offered for saving, never used as a path of ours."""
    last = str(one_line(re.split(r"[\\/]", name)[-1])).strip(". ")
    return last[-_FILE_NAME_BOUND:] or "file"


def _stored(objects: ObjectStore, number: int, upload: Upload) -> AnswerFile:
    sha256 = hashlib.sha256(upload.data).hexdigest()
    key = f"answers/{sha256[:2]}/{sha256}"
    objects.put(key, upload.data)
    given = upload.media_type.lower()
    return AnswerFile(
        number=number,
        name=file_name(upload.name),
        media_type=given if _MEDIA_TYPE.fullmatch(given) else "application/octet-stream",
        size=len(upload.data),
        sha256=sha256,
        object_key=key,
    )
