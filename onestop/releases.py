"""Which de-identified copies stand: what the desk knows, for the nightly run and for whoever searches."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from onestop.settings import sqlite_file

if TYPE_CHECKING:
    from mappings.deidentification import Release
    from onestop.wiring import Workspace

PATIENCE: Final = 5.0
"""Seconds until a desk that did not answer is asked again: readers search meanwhile, and do not wait for it."""


def standing(here: Workspace) -> list[Release] | None:
    """The releases that stand, for the nightly run; None where the desk does not answer: a run that did not know them
    would take every copy away.
    """
    from service_desk.errors import Unavailable

    try:
        return here.desk.copies.standing() if _has_desk(here) else []
    except Unavailable:
        return None


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
            return self._here.desk.copies.ended() if _has_desk(self._here) else frozenset()
        except Unavailable:
            self._silent_until = self._clock() + PATIENCE
            return None


def _has_desk(here: Workspace) -> bool:
    file = sqlite_file(here.settings.database_url)
    return file is None or file.exists()
