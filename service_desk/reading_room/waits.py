"""How long one waits at the window, from how long others did."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

from msgspec import Struct


class Waited(Struct, frozen=True):
    """A ticket that was called: after how many seconds, and how many were before it when it was taken."""

    seconds: float
    ahead: int


def expected(samples: Sequence[Waited], before: int, enough: int) -> int | None:
    """Whole minutes until a ticket with `before` others before it is called: the median of what each place in the queue
    took, for each place. None with fewer than `enough` samples.
    """
    if len(samples) < enough:
        return None
    a_place = median(max(one.seconds, 0.0) / (one.ahead + 1) for one in samples)
    return math.ceil(a_place * (before + 1) / 60)
