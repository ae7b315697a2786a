"""Copies made to order: digital copies that the desk made for a reader and keeps for everyone.

They are records of a source of their own, each of which names the record it is a copy of (`mappings.record.Record`,
``copy_of``) and belongs to its resource. Who may read them is what that record says, decided anew every night
(`pipelines.opening`); until it is, nobody but staff knows of them. One that is taken back is shut at once, by what its
pages say of where they belong.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

SOURCE: Final = "copies-to-order"
"""The source that such copies come from; no source file may be called so."""
MANIFEST: Final = "made.json"
"""What a copy is and of what, beside its files (`mappings.formats.made`)."""
ANY: Final = "m:"
"""What every page of such a copy says of where it belongs; no scope of holder or fonds is called so."""


def place(copy: str) -> str:
    """What the pages of one copy say of where they belong."""
    return f"{ANY}{copy}"


def shut(ended: Collection[str] | None) -> frozenset[str]:
    """Where nobody reads: copies that were taken back; all of them while nobody can tell which those are (None)."""
    return frozenset({ANY}) if ended is None else frozenset(place(copy) for copy in ended)
