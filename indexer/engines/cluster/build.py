"""An index that was built beside the one shown: is all of it there, has it its copies, and may it be shown?"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, field

import orjson

from indexer.engines.cluster import catalog
from indexer.engines.cluster.bulk import Action
from indexer.engines.cluster.connection import Connection, Refused
from indexer.engines.cluster.mapping import STORED, Json
from indexer.engines.cluster.session import Session
from indexer.errors import EngineUnavailable, IndexIncomplete, IndexMissing
from indexer.fields import facet_field

SAMPLES = 32
"""Documents read back, about."""
SAMPLE_BYTES = 128 << 10
"""Larger ones are not kept to be compared."""
SOURCES_MOST = 10_000
COPIES_PATIENCE = 600.0
"""Seconds in which copies are made before an index is shown: the one before it serves as long."""
REFRESH_PATIENCE = 60.0
_SOURCE = b'"%b":' % facet_field("source").encode()


@dataclass(slots=True)
class Tally:
    """What was written into a new index: documents, resources by source (as JSON), and some documents in full."""

    documents: int = 0
    by_source: Counter[bytes] = field(default_factory=Counter)
    samples: list[Action] = field(default_factory=list)
    has_deletes: bool = False
    _stride: int = 1

    def add(self, action: Action, document: bytes) -> None:
        """One document more."""
        if (at := document.find(_SOURCE)) >= 0:
            start = at + len(_SOURCE)
            self.by_source[document[start : document.index(b"]", start) + 1]] += 1
        if self.documents % self._stride == 0 and len(document) <= SAMPLE_BYTES:
            self.samples.append(action)
            if len(self.samples) > SAMPLES:
                del self.samples[1::2]
                self._stride *= 2
        self.documents += 1

    def take_out(self, resource: bytes, documents: int) -> None:
        """All documents of a resource less."""
        self.documents -= documents
        self.samples = [sample for sample in self.samples if sample.resource != resource]
        self.has_deletes = True

    def sources(self) -> dict[str, int]:
        """Resource documents by name of source; one of two sources counts in both."""
        found: Counter[str] = Counter()
        for names, count in self.by_source.items():
            found.update(dict.fromkeys(orjson.loads(names), count))
        return dict(found)


def refresh(connection: Connection, index: str) -> None:
    """Make visible what was written. Raises EngineUnavailable when a part of the index does not."""
    end = time.monotonic() + REFRESH_PATIENCE
    while connection.ask("POST", f"/{index}/_refresh", patience=REFRESH_PATIENCE)["_shards"]["failed"]:
        if time.monotonic() > end:
            address = connection.address
            raise EngineUnavailable(
                f"{address.title} at {address} cannot make visible what was written, since a part of the index is "
                "away; look at its nodes, then run `onestop sync` again."
            )
        time.sleep(1)


def verify(connection: Connection, index: str, tally: Tally, refused: Collection[str]) -> None:
    """Does the index hold all that was written into it? Raises IndexIncomplete."""
    there = {one.name for one in catalog.read(connection)}
    if index not in there:
        raise _incomplete(connection, index, "it is gone")
    documents, sources = _counted(connection, index)
    if documents != tally.documents + 1:
        raise _incomplete(connection, index, f"it has {documents - 1} documents instead of {tally.documents}")
    if not refused and not tally.has_deletes:
        for name, count in tally.sources().items():
            if sources.get(name) != count:
                what = f"it has {sources.get(name, 0)} descriptions of source {name} instead of {count}"
                raise _incomplete(connection, index, what)
    samples = [sample for sample in tally.samples if sample.resource.decode() not in refused]
    if not _reads_as_written(connection, index, samples):
        raise _incomplete(connection, index, "documents read back are not those that were written")


def _counted(connection: Connection, index: str) -> tuple[int, dict[str, int]]:
    """All documents, and descriptions by source: no other document has one."""
    body = {
        "size": 0,
        "track_total_hits": True,
        "aggs": {"sources": {"terms": {"field": facet_field("source"), "size": SOURCES_MOST}}},
    }
    answer = connection.ask("POST", f"/{index}/_search", body, {"allow_partial_search_results": "false"})
    buckets = answer["aggregations"]["sources"]["buckets"]
    return answer["hits"]["total"]["value"], {bucket["key"]: bucket["doc_count"] for bucket in buckets}


def _reads_as_written(connection: Connection, index: str, samples: list[Action]) -> bool:
    """What is stored of some documents, against what was sent."""
    if not samples:
        return True
    wanted = [{**orjson.loads(sample.line)["index"], "stored_fields": STORED} for sample in samples]
    found = connection.ask("POST", f"/{index}/_mget", {"docs": wanted})["docs"]
    return all(_is(answer, sample) for answer, sample in zip(found, samples, strict=True))


def _is(answer: Json, sample: Action) -> bool:
    sent = orjson.loads(sample.document or b"{}")
    stored = {name: values[0] for name, values in answer.get("fields", {}).items()}
    return bool(answer.get("found")) and stored == {name: sent[name] for name in STORED if name in sent}


def _incomplete(connection: Connection, index: str, what: str) -> IndexIncomplete:
    address = connection.address
    return IndexIncomplete(
        f"The new index {index} on {address.title} at {address} is not shown: {what}; the search shows what it showed. "
        "Look at the server's log, then run `onestop reindex`."
    )


def give_copies(connection: Connection, index: str) -> None:
    """The copies that the address asks for, as far as there are nodes for them."""
    if not connection.address.replicas:
        return
    body = {"index": {"number_of_replicas": connection.address.replicas}}
    connection.ask("PUT", f"/{index}/_settings", body)
    end = time.monotonic() + COPIES_PATIENCE
    asked = {"wait_for_no_initializing_shards": "true", "timeout": "10s"}
    while time.monotonic() < end:
        with suppress(Refused, EngineUnavailable):  # not everybody may ask; late is 408
            if not connection.ask("GET", f"/_cluster/health/{index}", None, asked)["timed_out"]:
                return
        time.sleep(1)


def tidy(connection: Connection, built: Iterable[catalog.Built]) -> list[catalog.Built]:
    """Those that are shown or kept; the others go: nobody finished them, or they are out of date."""
    found = list(built)
    catalog.drop(connection, (one.name for one in found if not (one.shown or one.kept)))
    return [one for one in found if one.shown or one.kept]


def go_back(connection: Connection) -> str:
    """Show the index that was shown before, and keep the one shown now; the name of the one. Raises IndexMissing when
    there is none, and EngineUnavailable.
    """
    session = Session.begin(connection)
    try:
        built = catalog.read(connection)
        last = next((one for one in built if one.kept), None)
        if last is None:
            raise IndexMissing(
                f"There is no earlier index {connection.address.name!r} to go back to: one is kept whenever "
                "`onestop reindex` shows a new one."
            )
        if not last.is_current:
            raise IndexMissing(
                f"The index {last.name} was built by another version of onestop, so that this one cannot search it; "
                "go back to that version, or run `onestop reindex`."
            )
        catalog.show(connection, last.name, built)
        return last.name
    finally:
        session.end()
