"""What screens ask at every run and a workspace works out once: states of sources, links, the pulse of the engine."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from mappings.access import ANONYMOUS
from search_ui.memory import Memory

if TYPE_CHECKING:
    from indexer.engines.guarded import Pulse
    from onestop.wiring import Workspace
    from search_ui.services import LinkState, SourceState


def source_states(here: Workspace) -> list[SourceState]:
    """How many resources of each source the public finds, and the day it was last brought up to date."""
    from indexer.query import Query
    from pipelines.ledger import as_of
    from search_ui.services import SourceState

    days = {name: moment.partition("T")[0] for name, moment in as_of(here.nights.runs()).items()}
    states = []
    for name, spec in here.readable_sources().items():
        found = here.searcher.search(Query(filters={"source": (name,)}, size=0), ANONYMOUS)["total"]
        states.append(SourceState(name, spec.title, spec.holder, found, days.get(name)))
    return states


def remembered_sources(here: Workspace) -> Callable[[], list[SourceState]]:
    """`source_states`, anew for each state of the index, and each minute."""
    states: Memory[list[SourceState]] = Memory(1)
    return lambda: states.get((here.shown_version(), _minute()), lambda: source_states(here))


def remembered_links(here: Workspace) -> Callable[[], LinkState]:
    """What the last link step left, anew for each version of the store."""
    from onestop.link_state import link_state

    known: Memory[LinkState] = Memory(1)

    def links() -> LinkState:
        here.store.refresh()
        return known.get(here.store.version, lambda: link_state(here.store))

    return links


def remembered_pulse(here: Workspace, met: Callable[[], Pulse]) -> Callable[[], Pulse]:
    """How the engine does, as `met` by this process. What has not answered it yet worked when the last run ended."""
    ended: Memory[dt.datetime | None] = Memory(1)

    def pulse() -> Pulse:
        now = met()
        if now.since is None or now.worked is not None:
            return now
        return replace(now, worked=ended.get(_minute(), here.nights.last_end))

    return pulse


def _minute() -> int:
    return int(time.monotonic() // 60)
