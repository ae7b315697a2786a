"""What staff decided about personal data in a record, as plain data: what is masked in the copy that readers get."""

from __future__ import annotations

import hashlib
from typing import Final, Literal

from msgspec import Struct

from mappings.decisions import Key
from mappings.record import Page

Kind = Literal["id_number", "bank_card", "phone", "email", "address", "birth_date", "name"]
KINDS: Final[tuple[Kind, ...]] = ("id_number", "bank_card", "email", "birth_date", "phone", "address", "name")
"""Of two kinds on one stretch, the first has it: a rule with a check digit is surer than one without."""


class Mark(Struct, frozen=True, order=True):
    """A stretch of a record that is, or may be, personal data: characters `start` to `end` (excluded) of the text of
    its page number `page`, counted through all copies from 1.
    """

    page: int
    start: int
    end: int
    kind: Kind


class Release(Struct, frozen=True):
    """A copy that staff released: of the text with this `version` (`pipelines.deidentify.layer.text_version`), with
    these stretches masked. `images` are the items its page images come from, with the digests of their bytes
    (`pipelines.deidentify.drawing.image_digests`): an image that is none of these is not shown. `at` is the ISO instant
    of the release.
    """

    key: Key
    version: str
    marks: tuple[Mark, ...]
    images: dict[str, str] = {}
    at: str = ""

    @property
    def id(self) -> str:
        """Tells this release from every other one, also of the same record. It names nothing and nobody."""
        told = "\0".join((*self.key, self.version, self.at)).encode(errors="surrogatepass")
        return hashlib.blake2b(told, digest_size=12).hexdigest()


class Box(Struct, frozen=True, array_like=True):
    """A rectangle of a page in the coordinates of its boxes."""

    x: float
    y: float
    width: float
    height: float


class ImageMask(Struct, frozen=True):
    """Which image a masked page is drawn from: item `key` of the source with this `digest`, and its `frame`. Its boxes
    are counted in `width` x `height` (None: in its pixels); `boxes` are black.
    """

    key: str
    digest: str
    frame: int | None
    width: float | None
    height: float | None
    boxes: tuple[Box, ...]


class CopyPage(Struct, frozen=True, omit_defaults=True):
    """A page of a released copy as it is kept, indexed and shown: masked text and words, without image and address.
    `masks` are the stretches of its text (start, end) that stand for something masked: they can be read, and nobody
    finds them. `image` says how its picture is drawn, None when none can be given.
    """

    page: Page
    masks: tuple[tuple[int, int], ...] = ()
    image: ImageMask | None = None


class ReleasedCopy(Struct, frozen=True, omit_defaults=True):
    """The copy that stands for a record's text where this may not be read: the id of its release, whether it has an
    image of every page, and those of its pages that are at hand.
    """

    release: str
    imaged: bool = False
    pages: tuple[CopyPage, ...] = ()
