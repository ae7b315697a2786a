"""What can be had, by access value, viewer and day. A table a reading-room archivist can check."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from indexer.availability import actions
from mappings.access import ANONYMOUS, Viewer

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
    released: bool = False,
) -> dict[str, Any]:
    """A stored hit with the parts that matter here."""
    copies = [[pages, url, access, opens_on, here, False, ["r", True] if released else None]] if pages or url else []
    entries = int("thematic" in kinds)
    return {
        "access": access,
        "opens_on": opens_on,
        "kinds": list(kinds),
        "copies": copies,
        "holdings_total": 0,
        "entries_total": entries,
        "authority": None,
    }


CASES = {
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
    "closed and opened meanwhile": (hit("closed", OPENED, pages=2), ANONYMOUS, ["read", "consult", "copy", "ask"]),
}


@pytest.mark.parametrize("name", CASES)
def test_ways(name: str) -> None:
    stored, viewer, ways = CASES[name]
    assert [action["action"] for action in actions(stored, viewer, TODAY)] == ways


def test_never_a_wall() -> None:
    for access in ("open", "registered", "onsite", "restricted", "closed", "internal"):
        assert actions(hit(access), ANONYMOUS, TODAY)[-1]["action"] == "ask"
