"""Which tests stay on one process when several work side by side (`--dist loadfile`), and which begin first.

A file stays together, and so do files that share what takes long to begin. What takes longest begins first, so that no
process waits for another at the end (`--no-loadscope-reorder` keeps that order).
"""

from __future__ import annotations

import gc
from typing import Any, Final

import pytest

TOGETHER = ("tests/browser/", "tests/indexer/test_cluster_", "tests/corpus_counts/")
"""Beginnings of the names of files that share a house and Chromium, search servers, or counts of the whole corpus."""
GARBAGE: Final = (50_000, 20, 20)
"""After so many new objects Python looks for garbage among the youngest, the younger and all."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """How tests are given out."""
    from xdist.scheduler import LoadFileScheduling

    class ByPlace(LoadFileScheduling):  # type: ignore[misc]  # xdist says no types
        def _split_scope(self, nodeid: str) -> str:
            return place(nodeid)

    return ByPlace(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    ranks: dict[str, int] = {}
    for item in items:
        where = place(item.nodeid)
        ranks[where] = min(_rank(item, where), ranks.get(where, len(TOGETHER) + 1))
    items.sort(key=lambda item: ranks[place(item.nodeid)])


def place(nodeid: str) -> str:
    """What a test stays together with: its file, or a beginning of its name."""
    file = nodeid.partition("::")[0]
    return next((beginning for beginning in TOGETHER if file.startswith(beginning)), file)


def _rank(item: pytest.Item, where: str) -> int:
    """What takes long before what does not."""
    if where in TOGETHER:
        return TOGETHER.index(where)
    is_long = item.get_closest_marker("slow") or item.get_closest_marker("services")
    return len(TOGETHER) if is_long else len(TOGETHER) + 1


def pytest_configure() -> None:
    """Python looks for garbage less often: with everything imported and collected, a fifth of the time went there."""
    gc.set_threshold(*GARBAGE)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What is there by now stays: it is not looked through again."""
    gc.collect()
    gc.freeze()
