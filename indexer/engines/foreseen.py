"""Answers that were found before anybody asked for them: what is likely to be asked next, asked together."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import fields
from operator import attrgetter
from typing import Any

from indexer.plan import Plan

MOST = 128
"""Answers a thread keeps."""
GOOD_FOR = 1.0
"""Seconds after which nobody asks any more what was foreseen, and its answer may be an old one."""


class Foreseen:
    """Safe to share between threads: each has its own, since it asks right after what it foresaw."""

    def __init__(self) -> None:
        self._of_thread = threading.local()

    def keep(self, key: Hashable, answer: Any) -> None:
        """An answer for the next question with this key."""
        kept = self._kept()
        kept[key] = (time.monotonic() + GOOD_FOR, answer)
        while len(kept) > MOST:
            kept.popitem(last=False)

    def take(self, key: Hashable) -> Any:
        """The answer to a question, None when it was not foreseen; given once."""
        until, answer = self._kept().pop(key, (0.0, None))
        return answer if time.monotonic() < until else None

    def _kept(self) -> OrderedDict[Hashable, tuple[float, Any]]:
        try:
            kept: OrderedDict[Hashable, tuple[float, Any]] = self._of_thread.kept
        except AttributeError:
            kept = self._of_thread.kept = OrderedDict()
        return kept


def key_of(plan: Plan) -> Hashable:
    """What tells a plan from others."""
    return _values(plan), tuple(plan.filters.items())


_values = attrgetter(*(field.name for field in fields(Plan) if field.name != "filters"))
