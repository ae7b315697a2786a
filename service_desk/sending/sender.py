"""A thread that sends what is queued, so that nobody at a screen waits for a mail server."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

_log = structlog.get_logger(__name__)
_GOODBYE = 2.0
"""Seconds that the end of the program waits for a notice that is on its way; cut off, it is sent once more later."""


class Sender:
    """Begun by the first `wake`. With `every` it also looks by itself, in seconds."""

    def __init__(self, deliver: Callable[[], int]) -> None:
        self._deliver = deliver
        self._lock = threading.Lock()
        self._called = threading.Event()
        self._every: float | None = None
        self._is_closed = False
        self._thread: threading.Thread | None = None

    def wake(self, every: float | None = None) -> None:
        """Send soon. Returns at once."""
        with self._lock:
            self._every = every or self._every
            self._called.set()
            if self._thread is None and not self._is_closed:
                self._thread = threading.Thread(target=self._run, name="notices", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Send nothing more."""
        with self._lock:
            self._is_closed, thread = True, self._thread
            self._called.set()
        if thread is not None:
            thread.join(_GOODBYE)

    def _run(self) -> None:
        while True:
            self._called.wait(self._every)
            self._called.clear()
            if self._is_closed:
                return
            try:
                self._deliver()
            except Exception as error:  # the database is away, say: the next time it is there again
                _log.warning("notices could not be sent now", reason=type(error).__name__)
