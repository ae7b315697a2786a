"""Parts the desk's tests are made of: people, a clock that stands still until told, holdings that can be taken down."""

from __future__ import annotations

import datetime as dt
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher

from mappings.access import Viewer
from service_desk.casework import FORMS
from service_desk.errors import Unavailable
from service_desk.ports import FrozenHit
from service_desk.privacy import Privacy
from service_desk.roles import bundled
from service_desk.rules import bundled_text, read
from service_desk.views import RoleView

START = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)  # Monday, 9 o'clock in Shanghai
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
READER = Viewer("wang", frozenset({"reader"}))
OTHER_READER = Viewer("zhao", frozenset({"reader"}))
CLERK = bundled().viewer("li", [RoleView("staff")])
COLLEAGUE = bundled().viewer("chen", [RoleView("staff")])
ONCE = pytest.mark.parametrize("kind", ["sqlite"])
"""For what does not depend on the database: it runs on one of them."""
NOTICE = read(Privacy, bundled_text(Privacy)).mark
LEAST: dict[str, dict[str, Any]] = {
    **{key: {} for key in FORMS},
    "ask_materials": {"verdicts": {"identity_document": "missing"}},
    "check": {"verdicts": {"identity_document": "verified"}},
    "hand_over": {"to": "chen"},
    "quote": {"lines": [{"what": "Copies", "price": 100}]},
    "make_ready": {"how": "pickup"},
    "answer_part": {"text": "x"},
    "not_held": {"text": "x"},
    "reopen": {"text": "x"},
    "extend": {"days": 1, "text": "x"},
    "consent": {"consent": NOTICE, "consent_way": "paper"},
}
"""The least that each act of staff takes."""


class StandingClock:
    """Moves only when pushed."""

    def __init__(self) -> None:
        self.time = START

    def now(self) -> dt.datetime:
        return self.time

    def push(self, **by: float) -> None:
        self.time += dt.timedelta(**by)


class FakeHoldings:
    """A few records; `internal` ones exist for staff only; `down` means search does not answer."""

    def __init__(self) -> None:
        self.down = False
        self.records = {
            "r-rail": FrozenHit(
                "r-rail",
                "粵漢鐵路購地卷",
                "J12-3-45",
                "East Wing",
                "open",
                True,
                7,
                fonds="J12",
                themes=("railways", "rails"),
            ),
            "r-hidden": FrozenHit("r-hidden", "Vetting file", "X-1", "East Wing", "internal", True, 7),
        }

    def record_of(self, resource_id: str, viewer: Viewer) -> tuple[str, str] | None:
        return ("list", resource_id) if self.hit(resource_id, viewer) else None

    def hit(self, resource_id: str, viewer: Viewer) -> FrozenHit | None:
        if self.down:
            raise Unavailable("search is down")
        found = self.records.get(resource_id)
        return None if found and found.access == "internal" and not viewer.is_staff else found


def mails(outbox: Path) -> list[EmailMessage]:
    """What has left for that folder, in its order."""
    files = sorted(outbox.glob("*.eml")) if outbox.exists() else []
    return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]
