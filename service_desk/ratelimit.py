"""So many calls a minute and client, counted in memory over a sliding window: enough for one process, gone with it."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable

from service_desk.errors import TooMany

CLIENTS_REMEMBERED = 10_000


class RateLimit:
    """At most `calls` within any `seconds` for one key. Calls that are refused do not count."""

    def __init__(self, calls: int = 60, seconds: float = 60.0, now: Callable[[], float] = time.monotonic) -> None:
        self._calls = calls
        self._seconds = seconds
        self._now = now
        self._lock = threading.Lock()
        self._seen: OrderedDict[str, deque[float]] = OrderedDict()

    def spend(self, key: str) -> None:
        """Count one call of this client. Raises TooMany with the whole seconds to wait."""
        now = self._now()
        with self._lock:
            calls = self._seen.setdefault(key, deque())
            self._seen.move_to_end(key)
            while calls and calls[0] <= now - self._seconds:
                calls.popleft()
            if len(calls) >= self._calls:
                wait = int(calls[0] + self._seconds - now) + 1
                raise TooMany(f"Too many calls; try again in {wait} seconds.", wait)
            calls.append(now)
            if len(self._seen) > CLIENTS_REMEMBERED:
                self._seen.popitem(last=False)

    def forgive(self, key: str) -> None:
        """The last call of this client does not count after all: what it tried was its right."""
        with self._lock:
            if calls := self._seen.get(key):
                calls.pop()
