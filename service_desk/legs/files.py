"""Files that come with the answer of a leg: looked at, bounded, kept as objects."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from service_desk import answers
from service_desk.attachments import Supplied, sniffed
from service_desk.errors import Invalid, NotFound
from service_desk.legs.tables import Leg, LegFile
from service_desk.ports import ObjectStore, Upload

OF_A_LEG = 20


def put(objects: ObjectStore, files: Sequence[Upload]) -> list[LegFile]:
    """Put the bytes away under their digest, before there are rows that refer to them. Raises Invalid."""
    return [_put(objects, one.upload) for one in sniffed([Supplied(file) for file in files])]


def keep(leg: Leg, rows: Sequence[LegFile]) -> None:
    """Add the rows. Raises Invalid when there are too many by now."""
    if len(leg.files) + len(rows) > OF_A_LEG:
        raise Invalid.one("files", f"at most {OF_A_LEG} files with an answer")
    for number, row in enumerate(rows, start=len(leg.files) + 1):
        row.number = number
        leg.files.append(row)


def fetch(objects: ObjectStore, leg: Leg, number: int) -> tuple[LegFile, bytes]:
    """A file of an answer. Raises NotFound; Unavailable when the store lost or changed the bytes."""
    row = next((one for one in leg.files if one.number == number), None)
    if row is None:
        raise NotFound("There is no such file.")
    return row, answers.intact(objects, row.object_key, row.sha256)


def _put(objects: ObjectStore, upload: Upload) -> LegFile:
    sha256 = hashlib.sha256(upload.data).hexdigest()
    key = f"legs/{sha256[:2]}/{sha256}"
    objects.put(key, upload.data)
    return LegFile(name=upload.name, media_type=upload.media_type, size=len(upload.data), sha256=sha256, object_key=key)
