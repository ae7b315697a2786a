"""What can be had now: the next acts a viewer may take on a hit, best first. A refusal is never the only line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from mappings.access import Access, Level, Viewer

CONSULT_DAYS = 2
COPY_DAYS = 3
ANSWER_DAYS = 2
"""Working days promised where the desk has no history of its own yet."""


def access_of(value: str, opens_on: str | None) -> Access:
    """The access statement kept in a stored hit."""
    level: Level = value  # type: ignore[assignment]  # written by indexer.documents from an Access
    return Access(level, opens_on=dt.date.fromisoformat(opens_on) if opens_on else None)


def readable(copy: Sequence[Any], viewer: Viewer, today: dt.date) -> bool:
    """May this viewer read a stored hit's copy (as `indexer.documents` keeps it) now?"""
    return viewer.may_read(access_of(copy[2], copy[3]), today, copy[7])


def actions(hit: dict[str, Any], viewer: Viewer, today: dt.date) -> list[dict[str, Any]]:
    """The ways to a resource for this viewer: at most one of each action."""
    if hit["authority"] and not hit["copies"]:  # all it has is its description, which is read by who sees the hit
        return [{"action": "read", "from": "now"}, {"action": "ask", "working_days": ANSWER_DAYS}]
    physical = bool(hit["holdings_total"]) or "physical" in hit["kinds"]
    copies = tuple((*copy[:6], bool(copy[6]), tuple(copy[7])) for copy in hit["copies"])
    access, place = access_of(hit["access"], hit["opens_on"]), tuple(hit["place"])
    return list(_actions(access, copies, bool(hit["entries_total"]), physical, place, viewer, today))


@lru_cache(maxsize=4096)
def _actions(
    access: Access,
    copies: tuple[Any, ...],
    has_entries: bool,
    physical: bool,
    place: tuple[str, ...],
    viewer: Viewer,
    today: dt.date,
) -> tuple[dict[str, Any], ...]:
    """Remembered: most hits of an archive are alike in this."""
    found: list[dict[str, Any]] = []
    may = viewer.may_read(access, today, place)
    for copy in copies:
        if readable(copy, viewer, today):
            here = copy[0] and (copy[4] or copy[5])  # pages of which only the address is known are read elsewhere
            found.append({"action": "read", "from": "now"} if here else {"action": "link", "url": copy[1]})
        elif copy[0]:
            if copy[6]:  # a released copy of its text, with names and numbers masked
                found.append({"action": "deidentified", "from": "now"})
            found += _conditions(access_of(copy[2], copy[3]))
    if has_entries and not physical and not copies and may:
        found.append({"action": "read", "from": "now"})
    if physical:
        found += _original(access, may)
    elif not may:
        found += _conditions(access)
    found.append({"action": "ask", "working_days": ANSWER_DAYS})
    return tuple({action["action"]: action for action in reversed(found)}.values())[::-1]


def _original(access: Access, may: bool) -> list[dict[str, Any]]:
    if may or access.value in ("open", "registered", "onsite"):
        consult = {"action": "consult", "working_days": CONSULT_DAYS}
        return [consult, {"action": "copy", "working_days": COPY_DAYS}]
    return _conditions(access)


def _conditions(access: Access) -> list[dict[str, Any]]:
    if access.value == "registered":
        return [{"action": "sign_in"}]
    if access.value == "onsite":
        return [{"action": "onsite"}]
    if access.value == "closed":
        return [{"action": "opens", "on": access.opens_on.isoformat()} if access.opens_on else {"action": "closed"}]
    return [{"action": "apply"}]
