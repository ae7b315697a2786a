"""How long a run waits for a source that says "later": as long as it asks, else longer each time, in all no more than
its budget.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_random_exponential

from connectors.base import RetryLater

T = TypeVar("T")
_LONGER = wait_random_exponential(multiplier=0.5, max=60)


class Patience:
    """`seconds` of waiting in all, whatever is asked; the clock of the wall has no say in it. `told` hears of each
    wait; `stop` ends one early, and there is no other after it.
    """

    def __init__(
        self,
        seconds: float,
        told: Callable[[float], None] = lambda _: None,
        stop: threading.Event | None = None,
    ) -> None:
        self._left = seconds
        self._told = told
        self._stop = stop or threading.Event()

    def ask(self, what: Callable[[], T]) -> T:
        """The answer, asked for again as long as it is "later". Raises RetryLater when the patience is used up."""
        try:
            return what()
        except RetryLater as error:
            if not self._waits(error):
                raise
        again = Retrying(
            retry=retry_if_exception_type(RetryLater),
            wait=_asked_for,
            stop=lambda state: self._stop.is_set() or state.upcoming_sleep > self._left,
            sleep=self._pause,
            reraise=True,
        )
        return again(what)

    def _waits(self, error: RetryLater) -> bool:
        seconds = 0.5 if error.after is None else error.after
        if self._stop.is_set() or seconds > self._left:
            return False
        self._pause(seconds)
        return True

    def _pause(self, seconds: float) -> None:
        self._left -= seconds
        self._told(seconds)
        self._stop.wait(seconds)


def _asked_for(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    after = error.after if isinstance(error, RetryLater) else None
    return _LONGER(state) if after is None else after
