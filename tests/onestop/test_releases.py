"""A desk that does not answer shows no copies, and holds nobody up; a workspace without one has none."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from onestop.releases import PATIENCE, Ended
from onestop.standing import standing
from onestop.wiring import Workspace
from service_desk.errors import Unavailable


class Copies:
    """The desk's copies; `up` says whether it answers."""

    def __init__(self) -> None:
        self.up, self.asked = True, 0

    def ended(self) -> frozenset[str]:
        self.asked += 1
        if not self.up:
            raise Unavailable("no desk")
        return frozenset({"r"})

    def standing(self) -> list[Any]:
        self.ended()
        return []


def house(copies: Copies) -> Workspace:
    settings = SimpleNamespace(database_url="postgresql+psycopg://desk@nowhere.example/desk")
    made = SimpleNamespace(ended=lambda: frozenset({"00000001"}))
    desk = SimpleNamespace(copies=copies, made=made)
    return cast(Workspace, SimpleNamespace(settings=settings, desk=desk))


def test_a_desk_that_does_not_answer_is_asked_again_after_a_while() -> None:
    copies, now = Copies(), [0.0]
    ended = Ended(house(copies), lambda: now[0])
    assert ended() == {"r", "00000001"}
    copies.up = False
    assert ended() is None and ended() is None
    assert copies.asked == 2, "nobody waits for it twice"
    copies.up, now[0] = True, PATIENCE + 1
    assert ended() == {"r", "00000001"}


def test_a_run_that_cannot_ask_leaves_copies_as_they_are() -> None:
    copies = Copies()
    assert standing(house(copies), lambda desk: desk.copies.standing()) == []
    copies.up = False
    assert standing(house(copies), lambda desk: desk.copies.standing()) is None
