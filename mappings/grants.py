"""What somebody may do here beyond reading what is for everybody: a closed set of actions, each granted everywhere or
within a scope.
"""

from __future__ import annotations

from typing import Literal, get_args

from msgspec import Struct, structs

Action = Literal[
    "requests.see",  # the inbox, and a request with everything on it
    "requests.work",  # take and release a request, write to its reader, leave notes
    "requests.decide",  # answer and refuse
    "feedback.see",
    "feedback.work",
    "links.decide",
    "runs.see",
    "deidentify.review",  # look at de-identified copies, decide on spans, release and withdraw
    "records.review",  # say whether records may be opened, and see what a policy of opening does
    "opening.apply",  # bring a policy of opening into force, and undo it
    "records.know_internal",  # records, shelf marks and notes that are for staff only
    "records.read_text",  # text and images whatever the access value
    "persons.register",  # walk-in persons, identity documents
    "accounts.manage",
    "audit.read",
    "requests.coordinate",  # what is late, stuck or nobody's; reassign, extend, reopen
    "answers.write",  # the answer library
    "rooms.work",  # seats, bookings, visits and the queue of the window
    "stacks.work",  # pick lists, what goes out and comes in, the register of places
    "indicators.see",
    "desk.configure",  # the rules of the desk: types, materials, routes, calendars, texts
]
ACTIONS: tuple[Action, ...] = get_args(Action)
FORMERLY_STAFF: frozenset[Action] = frozenset(ACTIONS[: ACTIONS.index("persons.register")])
"""What the one role `staff` could do before roles were data (docs/decisions/0018-rights-are-data.md)."""
SCOPED: frozenset[Action] = frozenset(
    {"requests.see", "requests.work", "requests.decide", "requests.coordinate", "records.read_text"}
)
"""What is done to things that say where they belong. A grant of any other action within a scope allows nothing yet."""


class Scope(Struct, frozen=True, omit_defaults=True):
    """Where something belongs: its holder, its fonds (the reference code of the topmost unit, else its title), a
    department, a theme; as a part of a grant, where that holds. What is None does not limit.
    """

    holder: str | None = None
    fonds: str | None = None
    department: str | None = None
    theme: str | None = None

    def covers(self, other: Scope) -> bool:
        """Does what belongs there lie within this scope? What does not say where it belongs lies in no narrower one."""
        return all(mine in (None, its) for mine, its in zip(structs.astuple(self), structs.astuple(other), strict=True))


ANYWHERE = Scope()


def places(holder: str | None, fonds: str | None) -> frozenset[str]:
    """Where a record belongs, as an index keeps it: a name for each scope of holder and fonds that covers it."""
    both = f"{holder}\x1f{fonds}" if holder and fonds else None
    return frozenset(f"{kind}:{name}" for kind, name in (("h", holder), ("f", fonds), ("b", both)) if name)


def place(scope: Scope) -> str | None:
    """The name of a scope among those of `places`; None for one that records do not say they belong to."""
    if scope.department or scope.theme or scope == ANYWHERE:
        return None
    names = places(scope.holder, scope.fonds)
    return next(name for name in sorted(names) if scope.holder is None or scope.fonds is None or name[0] == "b")


class Grant(Struct, frozen=True):
    """An action that somebody may do, within a scope."""

    action: Action
    scope: Scope = ANYWHERE
