"""What staff decided about personal data in a record, as plain data: what is masked in the copy that readers get."""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct

from mappings.decisions import Key

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
