"""What can be had now: the next acts a viewer may take on a hit, best first. A refusal is never the only line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from msgspec import structs

from mappings.access import Access, Level, Viewer, opened
from mappings.papers import papers_for
from mappings.rights import Answers, rights

CONSULT_DAYS = 2
COPY_DAYS = 3
ANSWER_DAYS = 2
"""Working days promised where the desk has no history of its own yet."""
REASON_SHOWN = 200
"""Characters of a reason kept with a hit; the record has all of it."""
Json = dict[str, Any]
_STATED = ("reason", "article", "stated_by", "describe", "copy", "copy_reason")


def kept_access(access: Access) -> Json:
    """An access statement as a stored hit has it."""
    stated = {name: value[:REASON_SHOWN] for name in _STATED if (value := getattr(access, name))}
    return {"access": access.value, "opens_on": _day(access), "stated": stated}


def kept_copy(access: Access) -> list[str | None]:
    """Who may read a copy and have files of it, as the stored hit has it: value, day, who may copy."""
    return [access.value, _day(access), access.copy]


def _day(access: Access) -> str | None:
    return access.opens_on.isoformat() if access.opens_on else None


def stated(hit: Mapping[str, Any]) -> Access:
    """The access statement of a stored hit."""
    return _stated(hit["access"], hit["opens_on"], tuple(hit["stated"].items()))


@lru_cache(maxsize=4096)
def _stated(value: Level, opens_on: str | None, more: tuple[tuple[str, Any], ...]) -> Access:
    return Access(value, opens_on=dt.date.fromisoformat(opens_on) if opens_on else None, **dict(more))


def access_of(value: str, opens_on: str | None, copy: str | None = None) -> Access:
    """The access of a copy kept in a stored hit, from its three parts."""
    level: Level = value  # type: ignore[assignment]  # written by `kept_copy` from an Access
    return _stated(level, opens_on, (("copy", copy),))


def readable(copy: Sequence[Any], viewer: Viewer, today: dt.date) -> bool:
    """May this viewer read a stored hit's copy (as `indexer.documents` keeps it) now?"""
    return viewer.may_read(access_of(*copy[2:5]), today, copy[7])


def rights_shown(hit: Mapping[str, Any], viewer: Viewer, today: dt.date) -> Json:
    """The four answers for this viewer now, and what they rest on."""
    access = stated(hit)
    found = _answers(access, viewer, today, tuple(hit["place"]))
    return {
        "know": found.know,
        "describe": found.describe,
        "read": found.read,
        "copy": found.copy,
        "reason": access.reason,
        "copy_reason": access.copy_reason,
        "article": access.article,
        "opens_on": hit["opens_on"],
        "stated_by": access.stated_by,
        "description_internal": access.describe == "internal",
    }


@lru_cache(maxsize=4096)
def _answers(access: Access, viewer: Viewer, today: dt.date, place: tuple[str, ...]) -> Answers:
    """Remembered: most hits of an archive are alike in this."""
    return rights(access, viewer, today, place)


def actions(hit: Mapping[str, Any], viewer: Viewer, today: dt.date) -> list[Json]:
    """The ways to a resource for this viewer: at most one of each action."""
    if hit["authority"] and not hit["copies"]:  # all it has is its description, which is read by who sees the hit
        return [{"action": "read", "from": "now"}, {"action": "ask", "working_days": ANSWER_DAYS}]
    physical = bool(hit["holdings_total"]) or "physical" in hit["kinds"]
    copies = tuple((*copy[:7], tuple(copy[7]), bool(copy[-1])) for copy in hit["copies"])
    others, place = tuple(map(tuple, hit["others"])), tuple(hit["place"])
    has_entries = bool(hit["entries_total"])
    return list(_actions(stated(hit), copies, has_entries, physical, others, place, viewer, today))


@lru_cache(maxsize=4096)
def _actions(
    access: Access,
    copies: tuple[Any, ...],
    has_entries: bool,
    physical: bool,
    others: tuple[Any, ...],
    place: tuple[str, ...],
    viewer: Viewer,
    today: dt.date,
) -> tuple[Json, ...]:
    """Remembered: most hits of an archive are alike in this."""
    answers = _answers(access, viewer, today, place)
    may = answers.read == "yes"
    found = [*_copies(copies, viewer, today)]
    if has_entries and not physical and not copies and may:
        found.append({"action": "read", "from": "now"})
    holders = _holders(others, viewer, today)
    elsewhere: list[Json] = [{"action": "holder", "holders": holders}] if holders else []
    if not may and any(one["open"] for one in holders):
        found, elsewhere = [*found, *elsewhere], []  # open at another house: before what is asked for here
    if physical:
        found += _original(access, answers, today)
    elif not may:
        found += _conditions(access, today)
    found += [*elsewhere, {"action": "ask", "working_days": ANSWER_DAYS}]
    return tuple({action["action"]: action for action in reversed(found)}.values())[::-1]


def _copies(copies: tuple[Any, ...], viewer: Viewer, today: dt.date) -> Iterator[Json]:
    """What the digital copies allow."""
    for copy in copies:
        if readable(copy, viewer, today):
            here = copy[0] and (copy[5] or copy[6])  # pages of which only the address is known are read elsewhere
            yield {"action": "read", "from": "now"} if here else {"action": "link", "url": copy[1]}
        elif copy[0]:
            if copy[-1]:  # a released copy of its text, with names and numbers masked
                yield {"action": "deidentified", "from": "now"}
            yield from _conditions(access_of(*copy[2:5]), today)


def _original(access: Access, answers: Answers, today: dt.date) -> list[Json]:
    if answers.read not in ("yes", "sign_in", "onsite"):
        return _conditions(access, today)
    consult = {"action": "consult", "working_days": CONSULT_DAYS}
    order: Json = {"action": "copy", "working_days": COPY_DAYS}
    if answers.copy == "apply":
        asked = structs.replace(access, reason=access.copy_reason or access.reason)
        return [consult, {**order, "papers": papers_for(asked)}]
    return [consult, order] if answers.copy in ("yes", "sign_in", "onsite") else [consult]


def _conditions(access: Access, today: dt.date) -> list[Json]:
    if access.describe != "internal" and access.value == "registered":
        return [{"action": "sign_in"}]
    if access.describe != "internal" and access.value == "onsite":
        return [{"action": "onsite"}]
    if access.value == "closed" and not opened(access, today):  # opened, and its description still for staff
        why = {name: text for name in ("reason", "article") if (text := getattr(access, name))}
        if access.opens_on:
            return [{"action": "opens", "on": access.opens_on.isoformat(), **why}]
        return [{"action": "closed", **why}]
    return [{"action": "apply", "papers": papers_for(access)}]


def _holders(others: tuple[Any, ...], viewer: Viewer, today: dt.date) -> list[Json]:
    """The other holders of the same thing, and whether it is open there."""
    return [
        {"holder": holder, "access": value, "open": viewer.may_read(access_of(value, day), today), "url": url}
        for holder, value, day, url in others
    ]
