"""What was worked out for one state of the index and may be shown again: a rerun of a page asks nothing twice."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class _Turn(Generic[T]):
    """One value being made, for those who wait for it."""

    def __init__(self) -> None:
        self.lock, self.made = threading.Lock(), list[T]()


class Memory(Generic[T]):
    """The latest `size` values by key. Safe to share between threads; values are shared too and must not be changed.

    A key names everything its value depends on: also the viewer, the day and the version of the index.
    """

    def __init__(self, size: int = 256) -> None:
        self._size = size
        self._values: OrderedDict[Hashable, T] = OrderedDict()
        self._making: dict[Hashable, _Turn[T]] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], T], is_kept: Callable[[T], bool] = lambda value: True) -> T:
        """The value of a key, made when it is not there. Of several who ask at once one makes it, the others wait for
        it. One that is not to be kept goes to those who wait and nobody else.

        Errors of `make` are passed on to its caller; the next one tries again.
        """
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
            turn = self._making.setdefault(key, _Turn())
        with turn.lock:
            if turn.made:
                return turn.made[0]
            try:
                value = make()
                turn.made.append(value)
                with self._lock:
                    if is_kept(value):
                        self._keep(key, value)
            finally:
                with self._lock:
                    self._making.pop(key, None)
            return value

    def _keep(self, key: Hashable, value: T) -> None:
        self._values[key] = value
        while len(self._values) > self._size:
            self._values.popitem(last=False)


def frozen(value: Any) -> Hashable:
    """A hashable stand-in for nested dicts and lists of plain values."""
    if isinstance(value, dict):
        return tuple((name, frozen(part)) for name, part in value.items())
    if isinstance(value, list | tuple):
        return tuple(frozen(part) for part in value)
    return value  # type: ignore[no-any-return]  # plain values are hashable
