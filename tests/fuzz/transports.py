"""What transports parse themselves, as fuzz targets: archives of a folder and pages of OAI-PMH."""

from __future__ import annotations

import io
from collections.abc import Callable

from connectors.archive_members import Archive, Unfolding, Unreadable
from connectors.archive_tar import TarArchive
from connectors.archive_zip import ZipArchive
from connectors.oai_repository import BrokenPage, Page, header_of, identifier_in, metadata_in, metadata_of


def _members(archive: Archive) -> None:
    for member in archive.members.values():
        if member.refusal is None:
            try:
                with io.BufferedReader(Unfolding(archive.pieces(member.name))) as stream:
                    stream.read()
            except Unreadable as error:
                assert str(error)


def _zip(payload: bytes) -> None:
    try:
        _members(ZipArchive(io.BytesIO(payload)))
    except Unreadable as error:
        assert str(error)


def _tar(payload: bytes) -> None:
    """The first byte says how it is packed."""
    packing = (None, "gz", "bz2", "xz")[payload[0] % 4] if payload else None
    try:
        _members(TarArchive(io.BytesIO(payload[1:]), packing))
    except Unreadable as error:
        assert str(error)


def _page(payload: bytes) -> None:
    try:
        page = Page(payload, {"verb": "ListRecords"}, salvage=True)
    except BrokenPage as error:
        assert str(error)
        return
    for entry in page.entries("record"):
        header_of(entry)
        metadata_of(entry)
    for piece in page.broken:
        identifier_in(piece)
        metadata_in(piece)


TRANSPORTS: dict[str, Callable[[bytes], None]] = {"oai_pmh": _page, "tar": _tar, "zip": _zip}
