"""Records from the store, as the index would show them: for when the index cannot be asked.

One resource at a time is made into documents, by what makes those of the index, and put into an index of its own in
memory, which the one search function then asks. So shapes and rights are those of the index, whatever these become: who
may not know of a record finds an index without it. What only the whole index knows is left out (`LEFT_OUT`).
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa

from indexer.engines.memory import MemoryEngine
from indexer.pages import Copied
from indexer.search import Searcher
from indexer.synonyms import SynonymFile, Synonyms
from mappings.access import Viewer
from pipelines.errors import StoreUnusable
from pipelines.places import Places
from pipelines.record_store import RecordStore
from pipelines.stored_volumes import Volumes

LEFT_OUT = ("children_total", "siblings_before")
"""What is None of a record from the store. Besides, its names lead to no authority, and nobody counts who names it."""
LOOK_AGAIN = 2.0
"""Seconds for which the last look at what was committed is new enough."""

Json = dict[str, Any]


class StoredRecords:
    """Opened at the first question. Safe to share between threads.

    Methods answer as those of `indexer.search.Searcher`, with the rights of the viewer, and raise StoreUnusable.
    """

    def __init__(
        self,
        store: Callable[[], RecordStore],
        synonyms: SynonymFile | None = None,
        today: Callable[[], dt.date] = dt.date.today,
        clock: Callable[[], float] = time.monotonic,
        ended: Callable[[], frozenset[str] | None] = frozenset,
    ) -> None:
        """`clock` counts seconds; `ended` as in `indexer.search.Searcher`."""
        self._ended = ended
        self._open, self._synonyms, self._today, self._clock = store, synonyms, today, clock
        self._lock = threading.Lock()
        self._places: tuple[Places, Places, Places] | None = None
        self._known: tuple[int, Volumes] | None = None
        self._looked = 0.0

    def resource(self, identifier: str, viewer: Viewer, whole: bool = False) -> Json | None:
        """A resource by id or ``SOURCE:SOURCE_ID``, without `LEFT_OUT`; None when there is none for this viewer."""
        found = self._searcher(identifier).resource(identifier, viewer, whole)
        return None if found is None else _without_others(found)

    def page(
        self, identifier: str, number: int, viewer: Viewer, query_text: str = "", part: int | None = None
    ) -> Json | None:
        """A page, with the words of a query marked; None when it may not be read."""
        return self._searcher(identifier, number).page(identifier, number, viewer, query_text, part)

    def page_image(self, identifier: str, number: int, viewer: Viewer) -> tuple[str, str, int | None] | None:
        """Where the image of a page is, when this viewer may read it."""
        return self._searcher(identifier, number).page_image(identifier, number, viewer)

    def copied_page(self, identifier: str, number: int, viewer: Viewer) -> Copied | None:
        """A page of a released copy, when this viewer reads that in place of the text."""
        return self._searcher(identifier, number).copied_page(identifier, number, viewer)

    def version(self) -> int:
        """The version of the store that is shown."""
        with _readable():
            return self._state()[0]

    def _searcher(self, identifier: str, number: int | None = None) -> Searcher:
        """A search over an index of what goes by this identifier, and of one of its pages."""
        with _readable():
            version, volumes = self._state()
            meant = volumes.meant(identifier)
            documents = [document for volume in meant for document in volume.documents]
            if number is not None:
                documents += [page for volume in meant for page in volumes.page(volume, number)]
        engine = MemoryEngine()
        writer = engine.writer()
        writer.add(documents)
        writer.commit(version)
        return Searcher(engine, today=self._today, synonyms=Synonyms(engine, self._synonyms), ended=self._ended)

    def _state(self) -> tuple[int, Volumes]:
        """The state of the store, looked at anew when the last look is too old; one looks, the others wait."""
        with self._lock:
            if self._known is None or self._clock() - self._looked > LOOK_AGAIN:
                store = self._open()
                store.refresh()
                if self._known is None or self._known[0] != store.version:
                    self._places = self._places or (
                        Places(store, "record"),
                        Places(store, "page"),
                        Places(store, "masked"),
                    )
                    self._known = (store.version, Volumes(store, *self._places))
                self._looked = self._clock()
            return self._known


def _without_others(view: Json) -> Json:
    """A record without what others would have to be asked for; it says so itself."""
    view |= dict.fromkeys(LEFT_OUT) | {"from_store": True}
    view["names"] = [name | {"authority": None} for name in view["names"]]
    view["mentions"] = [mention | {"authority": None, "candidates": []} for mention in view["mentions"]]
    if view["authority"]:
        view["authority"]["relations"] = [one | {"authority": None} for one in view["authority"]["relations"]]
        view["authority"]["named_in"] = {"headings": [], "total": None}
    return view


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
        raise StoreUnusable(f"The record store cannot be read ({reason}).") from error
