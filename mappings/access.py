"""Who may know of a record, read its description, read its text and images.

Six values (docs: the access table of README and `docs/access.md`); statements are inherited, the nearest wins, and
below an internal or closed ancestor only an explicit statement loosens.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal

from msgspec import Struct

Level = Literal["open", "registered", "onsite", "restricted", "closed", "internal"]
LEVELS: tuple[Level, ...] = ("open", "registered", "onsite", "restricted", "closed", "internal")
STRICTNESS = {level: rank for rank, level in enumerate(LEVELS)}
StatedBy = Literal["record", "ancestor", "source", "nowhere"]


class Access(Struct, frozen=True, omit_defaults=True):
    """An access statement: the value, the words it was taken from, the day it opens (closed only) and who stated it."""

    value: Level
    reason: str | None = None
    opens_on: dt.date | None = None
    stated_by: StatedBy = "record"


UNSTATED = Access("restricted", stated_by="nowhere")


class Viewer(Struct, frozen=True):
    """Who is looking. There is no query, no record and no page without one."""

    name: str | None = None
    roles: frozenset[str] = frozenset()
    on_site: bool = False

    @property
    def signed_in(self) -> bool:
        return self.name is not None

    @property
    def is_staff(self) -> bool:
        return "staff" in self.roles

    def may_know(self, access: Access) -> bool:
        """May this viewer know that the record exists, and read its description?"""
        return access.value != "internal" or self.is_staff

    def may_read(self, access: Access, today: dt.date) -> bool:
        """May this viewer read text and images on that day?"""
        return access.value in self.readable_levels() or opened(access, today)

    def readable_levels(self) -> frozenset[str]:
        """The access values whose text and images this viewer reads whatever the day."""
        if self.is_staff:
            return frozenset(LEVELS)
        levels = {"open"}
        if self.signed_in:
            levels.add("registered")
        if self.on_site:
            levels.add("onsite")
        return frozenset(levels)


ANONYMOUS = Viewer()


def opened(access: Access, today: dt.date) -> bool:
    """Has the closure of this record ended?"""
    return access.value == "closed" and access.opens_on is not None and access.opens_on <= today


def inherit(own: Access | None, parent: Access | None) -> Access | None:
    """The nearest statement: the record's own, else its parent's (already resolved) as an inherited one."""
    if own is not None or parent is None:
        return own
    return Access(parent.value, parent.reason, parent.opens_on, "ancestor")


def effective(stated: Access | None, source_default: Level | None) -> Access:
    """The access of a record after its source's default; stated nowhere means text and images on application only."""
    if stated is not None:
        return stated
    if source_default is not None:
        return Access(source_default, stated_by="source")
    return UNSTATED
