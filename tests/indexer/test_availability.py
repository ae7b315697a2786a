"""What can be had, by access value, viewer and day. A table a reading-room archivist can check."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from indexer.availability import actions, rights_shown
from mappings.access import ANONYMOUS, Viewer
from mappings.grants import Grant, Scope

TODAY = dt.date(2026, 11, 23)
READER = Viewer("li", frozenset({"reader"}))
ON_SITE = Viewer(None, frozenset(), True)
STAFF = Viewer("mei", frozenset({"staff"}))
OPENED, LATER = "2020-01-01", "2046-01-01"


def hit(
    access: str,
    opens_on: str | None = None,
    kinds: tuple[str, ...] = ("physical",),
    pages: int = 0,
    url: str | None = None,
    here: bool = True,
    stated: dict[str, str] | None = None,
    others: tuple[list[str | None], ...] = (),
    released: bool = False,
) -> dict[str, Any]:
    """A stored hit with the parts that matter here."""
    one = [pages, url, access, opens_on, (stated or {}).get("copy"), here, False, [], ["r", True] if released else None]
    copies = [one] if pages or url else []
    entries = int("thematic" in kinds)
    return {
        "access": access,
        "opens_on": opens_on,
        "kinds": list(kinds),
        "copies": copies,
        "holdings_total": 0,
        "entries_total": entries,
        "authority": None,
        "stated": stated or {},
        "others": list(others),
        "place": [],
    }


def at_north(hit: dict[str, Any]) -> dict[str, Any]:
    """The same hit of a record that belongs to North, with its copies."""
    copies = [[*copy[:7], ["h:North"], copy[-1]] for copy in hit["copies"]]
    return {**hit, "place": ["h:North"], "copies": copies}


OF_NORTH = Viewer("he", frozenset({"staff"}), grants=frozenset({Grant("records.read_text", Scope(holder="North"))}))

CASES = {
    "restricted scans, for who reads at that house": (
        at_north(hit("restricted", pages=3, released=True)),
        OF_NORTH,
        ["read", "consult", "copy", "ask"],
    ),
    "restricted scans of another house": (hit("restricted", pages=3), OF_NORTH, ["apply", "ask"]),
    "open shelf record": (hit("open"), ANONYMOUS, ["consult", "copy", "ask"]),
    "open scans": (hit("open", pages=3), ANONYMOUS, ["read", "consult", "copy", "ask"]),
    "open copy elsewhere": (hit("open", url="https://example.org/1"), ANONYMOUS, ["link", "consult", "copy", "ask"]),
    "open pages of which only the address is known": (
        hit("open", kinds=("digital",), pages=9, url="https://example.org/manifest.json", here=False),
        ANONYMOUS,
        ["link", "ask"],
    ),
    "an authority whose source says nothing of access": (
        {**hit("restricted", kinds=("thematic",)), "authority": {"type": "person", "keys": []}},
        ANONYMOUS,
        ["read", "ask"],
    ),
    "closed, with a released copy": (
        hit("closed", LATER, pages=3, released=True),
        ANONYMOUS,
        ["deidentified", "opens", "ask"],
    ),
    "a copy is no way for who may read the text": (
        hit("registered", pages=3, released=True),
        READER,
        ["read", "consult", "copy", "ask"],
    ),
    "open entry": (hit("open", kinds=("thematic",)), ANONYMOUS, ["read", "ask"]),
    "open shelf record with an entry has no pages to read": (
        hit("open", kinds=("physical", "thematic")),
        ANONYMOUS,
        ["consult", "copy", "ask"],
    ),
    "registered scans, not signed in": (hit("registered", kinds=("digital",), pages=3), ANONYMOUS, ["sign_in", "ask"]),
    "registered scans, signed in": (hit("registered", kinds=("digital",), pages=3), READER, ["read", "ask"]),
    "on-site scans from home": (hit("onsite", kinds=("digital",), pages=3), READER, ["onsite", "ask"]),
    "on-site scans in the reading room": (hit("onsite", kinds=("digital",), pages=3), ON_SITE, ["read", "ask"]),
    "restricted": (hit("restricted", pages=3), READER, ["apply", "ask"]),
    "restricted, for staff": (hit("restricted", pages=3), STAFF, ["read", "consult", "copy", "ask"]),
    "shelf record with scans for readers with an account": (
        hit("registered", pages=3),
        ANONYMOUS,
        ["sign_in", "consult", "copy", "ask"],
    ),
    "closed with a date": (hit("closed", LATER), READER, ["opens", "ask"]),
    "closed without a date": (hit("closed"), READER, ["closed", "ask"]),
    "open, but no copies": (hit("open", pages=3, stated={"copy": "closed"}), ANONYMOUS, ["read", "consult", "ask"]),
    "open, copies on application": (
        hit("open", pages=3, stated={"copy": "restricted"}),
        READER,
        ["read", "consult", "copy", "ask"],
    ),
    "not described": (hit("closed", stated={"describe": "internal"}), READER, ["closed", "ask"]),
    "not described, though its closure is over": (
        hit("closed", OPENED, stated={"describe": "internal"}),
        READER,
        ["apply", "ask"],
    ),
    "not described, and open else": (hit("open", stated={"describe": "internal"}), READER, ["apply", "ask"]),
    "not described, for staff": (hit("open", stated={"describe": "internal"}), STAFF, ["consult", "copy", "ask"]),
    "closed here, open at another holder": (
        hit("closed", others=(["South", "open", None, None],)),
        READER,
        ["holder", "closed", "ask"],
    ),
    "closed here and there": (
        hit("closed", others=(["South", "closed", LATER, None],)),
        READER,
        ["closed", "holder", "ask"],
    ),
    "open here and at another holder": (
        hit("open", others=(["South", "open", None, "https://example.org/2"],)),
        READER,
        ["consult", "copy", "holder", "ask"],
    ),
    "closed and opened meanwhile": (hit("closed", OPENED, pages=2), ANONYMOUS, ["read", "consult", "copy", "ask"]),
}


@pytest.mark.parametrize("name", CASES)
def test_ways(name: str) -> None:
    stored, viewer, ways = CASES[name]
    assert [action["action"] for action in actions(stored, viewer, TODAY)] == ways


def test_never_a_wall() -> None:
    for access in ("open", "registered", "onsite", "restricted", "closed", "internal"):
        assert actions(hit(access), ANONYMOUS, TODAY)[-1]["action"] == "ask"


def test_a_way_says_why_and_what_to_bring() -> None:
    said = {"reason": "personal data", "article": "档案法 第二十七条"}
    opens, closed = hit("closed", LATER, stated=said), hit("closed", stated=said)
    assert actions(opens, READER, TODAY)[0] == {"action": "opens", "on": LATER, **said}
    assert actions(closed, READER, TODAY)[0] == {"action": "closed", **said}
    apply = actions(hit("restricted", stated=said), READER, TODAY)[0]
    assert apply["papers"][:2] == ["identity_document", "proof_of_relation"]
    copies = hit("open", stated={"copy": "restricted", "copy_reason": "permission of the donor"})
    ordered = next(one for one in actions(copies, READER, TODAY) if one["action"] == "copy")
    assert "donors_permission" in ordered["papers"]


def test_other_holders_are_named_with_whether_it_is_open_there() -> None:
    others = (["South", "registered", None, None], ["West", "open", None, "https://example.org/2"])
    found = next(one for one in actions(hit("closed", others=others), ANONYMOUS, TODAY) if one["action"] == "holder")
    assert found["holders"] == [
        {"holder": "South", "access": "registered", "open": False, "url": None},
        {"holder": "West", "access": "open", "open": True, "url": "https://example.org/2"},
    ]


def test_the_four_answers_are_told_with_what_they_rest_on() -> None:
    said = {"reason": "personal data", "article": "第二十七条", "stated_by": "ancestor", "copy": "closed"}
    told = rights_shown(hit("closed", LATER, stated=said), READER, TODAY)
    assert [told[name] for name in ("know", "describe", "read", "copy")] == ["yes", "yes", "closed", "closed"]
    assert (told["reason"], told["article"], told["opens_on"]) == ("personal data", "第二十七条", LATER)
    assert told["stated_by"] == "ancestor"
