"""Who may know of a record, read its description, read its text and images.

Six values (docs: the access table of README and `docs/access.md`); statements are inherited, the nearest wins, and
below an internal or closed ancestor only an explicit statement loosens.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Literal

from msgspec import Struct, structs

from mappings.grants import ANYWHERE, FORMERLY_STAFF, SCOPED, Action, Grant, Scope, place

Level = Literal["open", "registered", "onsite", "restricted", "closed", "internal"]
LEVELS: tuple[Level, ...] = ("open", "registered", "onsite", "restricted", "closed", "internal")
STRICTNESS = {level: rank for rank, level in enumerate(LEVELS)}
StatedBy = Literal["record", "ancestor", "source", "policy", "review", "nowhere"]


class Access(Struct, frozen=True, omit_defaults=True):
    """An access statement: the value, the words it was taken from, the day it opens (closed only) and who stated it.

    Four questions, each with its own answer: may somebody know that the record exists (`value` is not internal), read
    its description (the same, unless `describe` says who), read its text and images (`value`), get a copy of them
    (whoever may read, unless `copy` says who). `article` is the provision it rests on, such as 档案法 第二十七条.
    """

    value: Level
    reason: str | None = None
    opens_on: dt.date | None = None
    stated_by: StatedBy = "record"
    article: str | None = None
    describe: Literal["open", "internal"] | None = None
    copy: Level | None = None


UNSTATED = Access("restricted", stated_by="nowhere")


class Viewer(Struct, frozen=True):
    """Who is looking. There is no query, no record and no page without one.

    `grants` are what the roles allow by the policy of the house; whoever has any has the role ``staff``, too.
    """

    name: str | None = None
    roles: frozenset[str] = frozenset()
    on_site: bool = False
    grants: frozenset[Grant] = frozenset()

    @property
    def signed_in(self) -> bool:
        return self.name is not None

    @property
    def is_staff(self) -> bool:
        return "staff" in self.roles

    @property
    def knows_internal(self) -> bool:
        """May this viewer know of what is for staff only: records, shelf marks, notes?"""
        return may(self, "records.know_internal")

    def may_know(self, access: Access) -> bool:
        """May this viewer know that the record exists, and read its description?"""
        return access.value != "internal" or self.knows_internal

    def may_read(self, access: Access, today: dt.date, where: Collection[str] = ()) -> bool:
        """May this viewer read text and images on that day of a record that belongs there (`mappings.grants.places`)?"""
        if access.value in self.readable_levels() or opened(access, today):
            return True
        return self.may_know(access) and not self.places().isdisjoint(where)

    def readable_levels(self) -> frozenset[str]:
        """The access values whose text and images this viewer reads whatever the day."""
        if may(self, "records.read_text"):
            return frozenset(LEVELS) if self.knows_internal else frozenset(LEVELS) - {"internal"}
        levels = {"open"}
        if self.signed_in:
            levels.add("registered")
        if self.on_site or self.is_staff:
            levels.add("onsite")
        return frozenset(levels)

    def places(self) -> frozenset[str]:
        """Where this viewer reads whatever may be known of there, beside what is readable anywhere."""
        within = (place(scope) for scope in scopes(self, "records.read_text"))
        return frozenset(name for name in within if name is not None)


def may(viewer: Viewer, action: Action, scope: Scope = ANYWHERE) -> bool:
    """May this viewer do that to what belongs there? A grant within a scope is none for what lies anywhere."""
    if _is_of_old(viewer):
        return action in FORMERLY_STAFF
    return any(grant.action == action and grant.scope.covers(scope) for grant in viewer.grants)


def may_begin(viewer: Viewer, action: Action) -> bool:
    """May this viewer do that at least within some scope? Tells which screens there are, not what is on them."""
    return may(viewer, action) or any(grant.action == action and action in SCOPED for grant in viewer.grants)


def scopes(viewer: Viewer, action: Action) -> tuple[Scope, ...]:
    """Where this viewer may do that, for lists; `ANYWHERE` alone when nothing limits it."""
    if may(viewer, action):
        return (ANYWHERE,)
    return tuple(grant.scope for grant in viewer.grants if grant.action == action)


def _is_of_old(viewer: Viewer) -> bool:
    """Staff without grants: made by code that looks at everything, such as the nightly run. Accounts have grants."""
    return viewer.is_staff and not viewer.grants


ANONYMOUS = Viewer()


def opened(access: Access, today: dt.date) -> bool:
    """Has the closure of this record ended?"""
    return access.value == "closed" and access.opens_on is not None and access.opens_on <= today


def inherit(own: Access | None, parent: Access | None) -> Access | None:
    """The nearest statement: the record's own, else its parent's (already resolved) as an inherited one."""
    if own is not None or parent is None:
        return own
    return structs.replace(parent, stated_by="ancestor")


def effective(stated: Access | None, source_default: Level | None) -> Access:
    """The access of a record after its source's default; stated nowhere means text and images on application only."""
    if stated is not None:
        return stated
    if source_default is not None:
        return Access(source_default, stated_by="source")
    return UNSTATED
