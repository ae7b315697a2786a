"""What an index and a store show of the same records: the same, but for what only an index knows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from indexer.engines.base import Engine
from indexer.search import Searcher
from mappings.access import ANONYMOUS, Viewer
from pipelines.record_store import RecordStore
from pipelines.stored_records import LEFT_OUT, StoredRecords

STAFF = Viewer("clerk", frozenset({"staff"}))
VIEWERS = (ANONYMOUS, Viewer("li", frozenset({"reader"})), Viewer(None, frozenset(), True), STAFF)
DAY = dt.date(2026, 6, 1)
QUERY = "railway 石碇"


def agree(engine: Engine, store: RecordStore, identifiers: Iterable[str], viewers: Iterable[Viewer] = VIEWERS) -> int:
    """Each of these is the same to each of these from both, with its pages and images; how many there are to see."""
    index, stored = Searcher(engine, today=lambda: DAY), StoredRecords(lambda: store, today=lambda: DAY)
    seen = 0
    for viewer in viewers:
        for identifier in identifiers:
            told = index.resource(identifier, viewer)
            assert stored.resource(identifier, viewer) == (told and without_others(told)), (identifier, viewer)
            if told and told["shortened"]:
                whole = index.resource(identifier, viewer, whole=True)
                assert whole and stored.resource(identifier, viewer, whole=True) == without_others(whole)
            seen += told is not None
            for number in range(told["page_total"] + 2 if told and told["id"] == identifier else 2):
                page = index.page(identifier, number, viewer, QUERY)
                assert stored.page(identifier, number, viewer, QUERY) == page, (identifier, number, viewer)
                image = index.page_image(identifier, number, viewer)
                assert stored.page_image(identifier, number, viewer) == image, (identifier, number, viewer)
                copied = index.copied_page(identifier, number, viewer)
                assert stored.copied_page(identifier, number, viewer) == copied, (identifier, number, viewer)
    return seen


def without_others(view: dict[str, Any]) -> dict[str, Any]:
    """A record as an index shows it, less what others have to be asked for."""
    assert view["from_store"] is False
    less = view | dict.fromkeys(LEFT_OUT) | {"from_store": True}
    less["names"] = [{**name, "authority": None} for name in view["names"]]
    less["mentions"] = [{**mention, "authority": None, "candidates": []} for mention in view["mentions"]]
    if view["authority"]:
        relations = [{**relation, "authority": None} for relation in view["authority"]["relations"]]
        nobody: dict[str, Any] = {"headings": [], "total": None}
        less["authority"] = view["authority"] | {"relations": relations, "named_in": nobody}
    return less
