"""Who may know of a record, read its description, read its text and images, get a copy of them.

Six values are the common cases (`docs/access.md`). Statements are inherited, the nearest wins for each question it
speaks of, and below an internal or closed ancestor only an explicit statement loosens.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
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
    (whoever may read, unless `copy` says who, for `copy_reason`). `article` is the provision it rests on, such as
    档案法 第二十七条. A statement that is `stated_by` nowhere says nothing of knowing and reading: of what it has else
    `describe` and `copy` count, and its `value` is what holds until something else is said.
    """

    value: Level
    reason: str | None = None
    opens_on: dt.date | None = None
    stated_by: StatedBy = "record"
    article: str | None = None
    reasons: tuple[tuple[str, str], ...] = ()  # the reason in other languages, each with its tag
    describe: Literal["open", "internal"] | None = None
    copy: Level | None = None
    copy_reason: str | None = None


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
        """May this viewer know that the record exists?"""
        return access.value != "internal" or self.knows_internal

    def may_describe(self, access: Access) -> bool:
        """May this viewer read the description? Nobody reads the description of what they may not know of."""
        return self.may_know(access) and (access.describe != "internal" or self.knows_internal)

    def may_read(self, access: Access, today: dt.date, where: Collection[str] = ()) -> bool:
        """May this viewer read text and images on that day of a record that belongs there (`mappings.grants.places`)?
        They say more than the description, and need it.
        """
        return self.may_describe(access) and (self.lets_in(access.value, where) or opened(access, today))

    def may_copy(self, access: Access, today: dt.date, where: Collection[str] = ()) -> bool:
        """May this viewer have a copy of text and images on that day? Only of what this viewer may read."""
        if not self.may_read(access, today, where):
            return False
        asked = access.copy or access.value
        return self.lets_in(asked, where) or (asked == "closed" and opened(access, today))

    def lets_in(self, level: Level, where: Collection[str] = ()) -> bool:
        """Is this viewer among those that an access value lets in, whatever the day?"""
        return level in self.readable_levels() or not self.places().isdisjoint(where)

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


def is_explicit(access: Access) -> bool:
    """Did somebody state this for the record or what it belongs to, rather than for everything a source gives?"""
    return access.stated_by not in ("source", "nowhere")


def inherit(own: Access | None, parent: Access | None) -> Access | None:
    """The nearest statement for each question: the record's own, else its parent's (already resolved) as an inherited
    one.

    ISAD(G) 2.4: what is said above holds below. A note on reproduction at the series and one on access at the fonds
    both hold for the files; reason, article and day belong to who may read and come from where that was said.
    """
    if parent is None:
        return own
    above = parent if parent.stated_by == "nowhere" else structs.replace(parent, stated_by="ancestor")
    return above if own is None else _beside(own, above)


def _beside(own: Access, above: Access) -> Access:
    """What `own` says, and what it leaves open as `above` says it."""
    base = above if own.stated_by == "nowhere" else own
    copied = own if own.copy is not None else above
    return structs.replace(
        base, describe=own.describe or above.describe, copy=copied.copy, copy_reason=copied.copy_reason
    )


def together(found: Iterable[Access]) -> Access | None:
    """Several statements of one level as one: the strictest for each question; None when there is none."""
    statements = list(found)
    if not statements:
        return None
    stated = [one for one in statements if one.stated_by != "nowhere"]
    base = max(stated or statements, key=lambda one: STRICTNESS[one.value])
    described = {one.describe for one in statements}
    copied = strictest_copy(statements) or base
    return structs.replace(
        base,
        describe="internal" if "internal" in described else "open" if "open" in described else None,
        copy=copied.copy,
        copy_reason=copied.copy_reason,
    )


def strictest_copy(statements: Iterable[Access]) -> Access | None:
    """The statement that says the strictest of copies, of those that say anything of them."""
    saying = [one for one in statements if one.copy is not None]
    return max(saying, key=lambda one: STRICTNESS[one.copy or "open"], default=None)


def only(
    copy: Level | None = None, copy_reason: str | None = None, describe: Literal["open", "internal"] | None = None
) -> Access:
    """A statement on copies or on the description alone, as a note on reproduction is."""
    return structs.replace(UNSTATED, copy=copy, copy_reason=copy_reason, describe=describe)


def effective(stated: Access | None, source_default: Level | None) -> Access:
    """The access of a record after its source's default; stated nowhere means text and images on application only."""
    if stated is not None and stated.stated_by != "nowhere":
        return stated
    default = UNSTATED if source_default is None else Access(source_default, stated_by="source")
    return default if stated is None else _beside(stated, default)
