"""An engine that nobody waits for while it does not answer.

After an `EngineUnavailable`, which a server gives after seconds of waiting, every call fails at once with the same
sentence. When `REST` seconds have passed, the next call still fails at once, and meanwhile the engine is asked beside
it for its version: once it answers, calls reach it again. So no reader ever waits for a trial, and whoever tries again
finds it well. Other errors of the index are answers: they go through as they are and stop no call.

For those who search; a run that writes has a patience of its own and takes the engine itself.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, cast

from indexer.engines.base import Engine
from indexer.errors import EngineUnavailable, QueryError, SearchError

REST = 5.0
"""Seconds for which an engine that did not answer is left alone."""
SAYS_NOTHING = ("store_version", "refresh")
"""Calls that an index which is not there answers as well, with None."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """How an engine was met by this process: when it last answered (UTC; None: never), and since when it does not, with
    the sentence it gives, which is for staff: it names folders and hosts."""

    worked: dt.datetime | None = None
    since: dt.datetime | None = None
    reason: str = ""


def guarded(engine: Engine, **settings: Any) -> tuple[Engine, Callable[[], Pulse]]:
    """The engine behind its guard, and what tells how it does; `settings` are those of `Guard`."""
    guard = Guard(engine, **settings)
    return cast(Engine, guard), guard.pulse


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _in_a_thread(work: Callable[[], None]) -> None:
    threading.Thread(target=work, daemon=True, name="engine-trial").start()


class Guard:
    """Has every method of the engine it guards. Safe to share between threads."""

    def __init__(
        self,
        engine: Engine,
        rest: float = REST,
        clock: Callable[[], float] = time.monotonic,
        beside: Callable[[Callable[[], None]], None] = _in_a_thread,
    ) -> None:
        """`clock` counts seconds; `beside` does work while its caller goes on."""
        self._engine, self._rest, self._clock, self._beside = engine, rest, clock, beside
        self._lock = threading.Lock()
        self._pulse = Pulse()
        self._is_closed = False
        self._again = 0.0
        self._is_tried = False

    def __getattr__(self, name: str) -> Any:
        """Whatever one can ask an engine, asked through the guard."""
        found = getattr(self._engine, name)
        return partial(self._ask, name, found) if callable(found) else found

    def pulse(self) -> Pulse:
        """How the engine was last met. One that is down is tried again, beside."""
        self._try_again()
        return self._pulse

    def _ask(self, name: str, call: Callable[..., Any], *given: Any, **named: Any) -> Any:
        if self._is_closed:
            self._try_again()
            if self._is_closed:
                raise EngineUnavailable(self._pulse.reason)
        try:
            answer = call(*given, **named)
        except QueryError:
            raise
        except SearchError as error:
            self._failed(error)
            raise
        if answer is not None or name not in SAYS_NOTHING:
            self._answered()
        return answer

    def _answered(self) -> None:
        with self._lock:
            self._pulse = Pulse(worked=_now())
            self._is_closed = False

    def _failed(self, error: SearchError) -> None:
        with self._lock:
            self._pulse = replace(self._pulse, since=self._pulse.since or _now(), reason=str(error))
            self._is_closed = isinstance(error, EngineUnavailable)
            self._again = self._clock() + self._rest

    def _try_again(self) -> None:
        """Have an engine that is down tried when it has rested; by one trial at a time."""
        with self._lock:
            if self._is_tried or self._pulse.since is None or self._clock() < self._again:
                return
            self._is_tried = True
        self._beside(self._trial)

    def _trial(self) -> None:
        try:
            answers = self._engine.store_version() is not None
        except SearchError as error:
            self._failed(error)
        except BaseException:
            self._is_closed = False  # no error of an engine: whoever calls next is told as it is
            raise
        else:
            self._answered() if answers else self._let_through()
        finally:
            self._is_tried = False

    def _let_through(self) -> None:
        """It answers, and has no index: what it is asked next tells so."""
        with self._lock:
            self._is_closed = False
            self._again = self._clock() + self._rest
