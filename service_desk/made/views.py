"""Copies made to order, as they are shown and as the night takes them."""

from __future__ import annotations

import datetime as dt

from msgspec import Struct

from mappings.decisions import Key


class KeptFile(Struct, frozen=True):
    """A file of a copy: `number` among the files of the answer; `pages` once the night has read it, `problem` why it
    could not.
    """

    number: int
    name: str
    media_type: str
    size: int
    sha256: str
    pages: int | None = None
    problem: str | None = None


class KeptCopy(Struct, frozen=True):
    """A copy of a record, kept for everyone: of what, by whom, since when it is a digital copy (`shown`), and when it
    was taken back, by whom and why. `replaces` is the copy that goes once this one is there.
    """

    copy: str
    resource_id: str
    title: str
    at: dt.datetime
    by: str
    files: tuple[KeptFile, ...]
    shown: dt.datetime | None = None
    ended: dt.datetime | None = None
    ended_by: str | None = None
    why: str | None = None
    replaces: str | None = None

    @property
    def pages(self) -> int:
        """As many as the night has read."""
        return sum(file.pages or 0 for file in self.files)


class StandingFile(Struct, frozen=True):
    """A file as the night takes it: the name says its place and kind and nothing else."""

    name: str
    media_type: str
    sha256: str
    object_key: str


class StandingCopy(Struct, frozen=True):
    """A copy that stands: its name, the record it is of, what that is called and where it belongs, its files."""

    copy: str
    of: Key
    title: str
    holder: str | None
    fonds: str | None
    files: tuple[StandingFile, ...]


class Outcome(Struct, frozen=True):
    """What became of one file of a copy in a night: so many pages, or why none."""

    copy: str
    name: str
    pages: int = 0
    problem: str | None = None
