"""Which de-identified copies and copies made to order stand no more: what the desk knows, for whoever searches."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from onestop.standing import has_desk

if TYPE_CHECKING:
    from onestop.wiring import Workspace

PATIENCE: Final = 5.0
"""Seconds until a desk that did not answer is asked again: readers search meanwhile, and do not wait for it."""


class Ended:
    """The ids of those that stand no more, asked for with every question, so that a copy that is taken back is gone at
    once; None where the desk does not answer: no copy is shown then, and nobody waits for it again for `PATIENCE`.
    """

    def __init__(self, here: Workspace, clock: Callable[[], float] = time.monotonic) -> None:
        self._here, self._clock = here, clock
        self._silent_until = -math.inf

    def __call__(self) -> frozenset[str] | None:
        from service_desk.errors import Unavailable

        if self._clock() < self._silent_until:
            return None
        try:
            if not has_desk(self._here):
                return frozenset()
            return self._here.desk.copies.ended() | self._here.desk.made.ended()
        except Unavailable:
            self._silent_until = self._clock() + PATIENCE
            return None
