"""Images of one folder are the pages of one volume; a TIFF has as many pages as pictures.

Told by their bytes, never decoded; see `mappings.formats.image_header` for what is read of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from mappings.base import Content, MappingOptions, Outcome, Unit
from mappings.formats.volume import PageFile, Reader, Volume


class ImageMapping:
    """Mapping ``image``."""

    unit: ClassVar[Unit] = "folder"

    def __init__(self, options: MappingOptions) -> None:
        self._options = options

    def records(self, contents: Sequence[Content]) -> Iterator[Outcome]:
        """The volume a folder of images is, and a row for each file beside them."""
        return Volume(Reader("image", (), lambda _: PageFile(None), measures=True), self._options).outcomes(contents)
