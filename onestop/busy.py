"""What the desk says keeps a record now, for whoever shows hits: asked seldom, and gone without when it is silent."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, TypeVar

from onestop.releases import PATIENCE
from onestop.standing import has_desk
from search_ui.memory import Memory
from service_desk.stacks.busy import Busy
from service_desk.stacks.finding import Thing

if TYPE_CHECKING:
    from onestop.wiring import Workspace

T = TypeVar("T")
FRESH: Final = 5.0
"""Seconds that what the desk said of its state counts."""


class HouseBusy:
    """The desk's answers, remembered as long as nothing goes in or out. Safe to share between threads."""

    def __init__(self, here: Workspace, clock: Callable[[], float] = time.monotonic) -> None:
        self._here, self._clock = here, clock
        self._silent_until = -math.inf
        self._known: tuple[float, Hashable] = -math.inf, None
        self._answers: Memory[Mapping[str, Busy] | None] = Memory(256)

    def state(self) -> Hashable:
        """What the answers depend on; None while the desk does not answer, and where there is none."""
        now = self._clock()
        asked, state = self._known
        if now - asked >= FRESH:
            state = self._ask(lambda: self._here.desk.stacks.busy.revision())
            self._known = now, state
        return state

    def __call__(self, things: Sequence[Thing]) -> Mapping[str, Busy]:
        """What keeps these records, by id; nothing while the desk does not answer."""
        state = self.state()
        if state is None:
            return {}
        return (
            self._answers.get((state, tuple(things)), lambda: self._kept(things), lambda found: found is not None) or {}
        )

    def _kept(self, things: Sequence[Thing]) -> Mapping[str, Busy] | None:
        return self._ask(lambda: self._here.desk.stacks.busy(things))

    def _ask(self, question: Callable[[], T]) -> T | None:
        from service_desk.errors import Unavailable

        if self._clock() < self._silent_until or not has_desk(self._here):
            return None
        try:
            return question()
        except Unavailable:
            self._silent_until = self._clock() + PATIENCE
            return None
