"""Files of released de-identified copies, as readers get them: masked images and PDFs, drawn once and kept below the
cache of the workspace under the id of their release. Rights are the caller's business, at each request.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

import structlog

from mappings.deidentification import CopyPage, ImageMask
from search_ui import images
from search_ui.security import fingerprint

if TYPE_CHECKING:
    from pipelines.deidentify.drawing import Drawing

log = structlog.get_logger(__name__)
MOST_PDF_PAGES: Final = 200
"""Of a PDF that is made while somebody waits: a page takes half a second, and one is made at a time."""
OpenItem = Callable[[str, str], BinaryIO]


class CopyFiles:
    """Those of one process. Images and PDFs are drawn by programs of their own, so that nobody waits for a page while a
    volume is made."""

    def __init__(
        self, open_item: OpenItem, cache: Path, ended: Callable[[], Collection[str] | None] = frozenset
    ) -> None:
        """`ended` tells the ids of releases that stand no more: their files go when those of another one come."""
        self._open, self._folder, self._ended = open_item, cache / "copies", ended
        self._lock = threading.Lock()
        self._pages: Drawing | None = None
        self._volumes: Drawing | None = None

    def image(
        self, source: str, release: str, mask: ImageMask, number: int, width: int | None
    ) -> images.PageImage | None:
        """The masked image of a page, smaller when asked; None when it cannot be drawn."""
        from pipelines.deidentify.drawing import CannotMask

        whole = self._folder / release / f"{_name(source, number)}.jpg"
        try:
            data = whole.read_bytes() if whole.exists() else self._drawn(whole, source, mask, number)
        except CannotMask as error:
            log.warning("a page of a released copy cannot be drawn", reason=str(error))
            return None
        except Exception:  # whatever a transport meets, a page without its image still shows
            log.exception("an image of a released copy cannot be read", source=source)
            return None
        return images.smaller(data, width) if width is not None else images.PageImage(data, "image/jpeg")

    def _drawn(self, file: Path, source: str, mask: ImageMask, number: int) -> bytes:
        data = self._drawing().image(source, lambda key: self._open(source, key), mask, number)
        self._begin(file.parent)
        _put(file, data)
        return data

    def _begin(self, folder: Path) -> None:
        """The folder of a release; with a new one, those of ended releases go."""
        if not folder.exists():
            for other in self._folder.glob("*"):
                if other.name in (self._ended() or ()):
                    shutil.rmtree(other, ignore_errors=True)
            with suppress(OSError):
                folder.mkdir(parents=True, exist_ok=True)

    def drawn(self, source: str, mask: ImageMask, number: int) -> images.PageImage | None:
        """A page as it would be masked now, kept nowhere."""
        from pipelines.deidentify.drawing import CannotMask

        try:
            data = self._drawing().image(source, lambda key: self._open(source, key), mask, number)
        except CannotMask as error:
            log.warning("a page cannot be masked", reason=str(error))
            return None
        return images.PageImage(data, "image/jpeg")

    def pdf(self, source: str, release: str, first: int, pages: Sequence[CopyPage]) -> Path | None:
        """A PDF of some pages of a released copy, all of which have an image; None when it cannot be made."""
        from pipelines.deidentify.drawing import CannotMask
        from pipelines.deidentify.layer import DeidentifiedLayer, LayerPage
        from pipelines.deidentify.masks import MaskedPage

        file = self._folder / release / f"{_name(source, first)}.pdf"
        if file.exists():
            return file
        made = tuple(LayerPage(MaskedPage(one.page, (), ()), one.image) for one in pages)
        try:
            self._begin(file.parent)
            layer = DeidentifiedLayer("", "", made)
            self._drawing(volumes=True).pdf(source, lambda key: self._open(source, key), layer, file)
        except CannotMask as error:
            log.warning("a PDF of a released copy cannot be made", reason=str(error))
            return None
        except Exception:  # as above
            log.exception("a PDF of a released copy cannot be made", source=source)
            return None
        return file

    def _drawing(self, *, volumes: bool = False) -> Drawing:
        """The program that draws, started when it is first needed."""
        from pipelines.deidentify.drawing import Drawing

        with self._lock:
            if volumes:
                self._volumes = self._volumes or Drawing()
                return self._volumes
            self._pages = self._pages or Drawing()
            return self._pages


def _name(source: str, number: int) -> str:
    """The name of a file, which says nothing of the item it was drawn from."""
    return fingerprint([source, str(number)])


def _put(file: Path, data: bytes) -> None:
    """Kept whole, or not at all; a full disk only costs the time to draw it again."""
    try:
        part = file.with_suffix(".part")
        part.write_bytes(data)
        part.replace(file)
    except OSError:
        return
