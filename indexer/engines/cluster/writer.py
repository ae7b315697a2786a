"""Writing to an index on a cluster: into the one that is shown, or into a new one beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

import orjson

from indexer.engines.cluster import build, catalog
from indexer.engines.cluster.bulk import Action, Bulks, deletes, keys
from indexer.engines.cluster.connection import Connection
from indexer.engines.cluster.numbers import Numbers
from indexer.engines.cluster.session import Session
from indexer.engines.marker import MARKER, marker
from indexer.errors import IndexIncomplete, SearchError

LOOKED_UP = 1_000
"""Resources whose documents are counted in one request."""
PROBED = 1_024
"""Documents of one resource, beyond those that can be seen, that are looked for at once."""


class ClusterWriter:
    """One writing session. The index that is shown is written in place, and nobody sees anything of it before the one
    refresh of its commit; where there is none, or it is cleared, a new one is built, verified and shown in its place.

    A session that ends in the middle leaves documents that nobody sees yet: the next one knows it, and takes them out
    with the resources it deletes. Whoever writes has to write what the store has changed since the last commit.
    """

    def __init__(self, connection: Connection, committed: Callable[[], None] = lambda: None) -> None:
        """`committed` is called when something else is shown than before. Raises EngineUnavailable when another run
        writes, or when what stands there is not ours.
        """
        self._connection, self._committed = connection, committed
        self._session = Session.begin(connection)
        try:
            self._built = build.tidy(connection, catalog.read(connection))
        except BaseException:
            self._session.end()
            raise
        shown = next((one for one in self._built if one.shown), None)
        self._shown = shown.name if shown and shown.is_current else None
        self._leftovers = self._shown in self._session.unfinished
        self._index = self._shown
        self._bulks: Bulks | None = None
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._numbers, self._tally = Numbers(), build.Tally()

    @property
    def _is_new(self) -> bool:
        """Is it an index beside the one that is shown?"""
        return self._index is None or self._index != self._shown

    def delete(self, resource_ids: Iterable[str]) -> None:
        """See `Writer`. In a new index only what this session wrote is there."""
        wanted = keys(resource_ids)
        for start in range(0, len(wanted), LOOKED_UP):
            some = wanted[start : start + LOOKED_UP]
            for resource, count in self._counts(some).items():
                for action in deletes(resource, count):
                    self._open().put(action)

    def clear(self) -> None:
        """See `Writer`: the next documents go into a new index."""
        self._let_go()
        self._index = None
        self._begin_anew()

    def add(self, documents: Iterable[bytes]) -> None:
        """See `Writer`. Raises EngineUnavailable."""
        self._session.check()
        put, number, tally = self._open().put, self._numbers.action, self._tally.add if self._is_new else None
        for document in documents:
            action = number(document)
            if tally:
                tally(action, document)
            put(action)

    def commit(self, store_version: int) -> dict[str, str]:
        """See `Writer`. Raises IndexIncomplete when a new index does not hold all that was written, EngineUnavailable
        when the cluster does not carry on.
        """
        bulks = self._open()
        bulks.flush()
        self._session.confirm()
        bulks.put(_marker(store_version))
        bulks.flush()
        index = self._target()
        build.refresh(self._connection, index)
        if self._is_new:
            self._show(index, bulks.refused)
        self._committed()
        self._session.note(self._session.unfinished - {index})
        self._leftovers = False
        refused = dict(bulks.refused)
        bulks.close()
        self._bulks = None
        return refused

    def close(self) -> None:
        """See `Writer`."""
        try:
            self._let_go()
        finally:
            self._session.end()

    def _open(self) -> Bulks:
        """The way into the index that is written, which is announced or made when it is first needed."""
        if self._bulks is None:
            index = self._target()
            if index == self._shown:
                self._session.note(self._session.unfinished | {index})
            self._bulks = Bulks(self._connection, index)
        return self._bulks

    def _target(self) -> str:
        if self._index is None:
            self._index = catalog.make(self._connection)
        return self._index

    def _let_go(self) -> None:
        """What was not committed is dropped: a new index goes, the one that is shown is left to the next session."""
        if self._bulks is not None:
            self._bulks.close()
            self._bulks = None
        if self._index is not None and self._is_new:
            with suppress(SearchError):  # then the next session takes it away
                catalog.drop(self._connection, [self._index])
            self._index = None

    def _show(self, index: str, refused: dict[str, str]) -> None:
        """Verified, with its copies, in place of the one that is shown."""
        try:
            build.verify(self._connection, index, self._tally, refused)
        except IndexIncomplete:
            self._index = self._shown  # it stays for whoever wants to look, until the next session
            raise
        build.give_copies(self._connection, index)
        self._session.confirm()
        catalog.show(self._connection, index, catalog.read(self._connection))
        self._shown = index
        self._built = build.tidy(self._connection, catalog.read(self._connection))
        self._session.note(self._session.unfinished & {one.name for one in self._built})

    def _counts(self, resources: Sequence[bytes]) -> dict[bytes, int]:
        """How many documents of these there are, seen or not."""
        written = {resource: self._numbers.forget(resource) for resource in resources}
        if self._is_new:
            for resource, count in written.items():
                self._tally.take_out(resource, count)
            return {resource: count for resource, count in written.items() if count}
        seen = self._seen(resources)
        counts = {resource: max(seen.get(resource, 0), count) for resource, count in written.items()}
        if self._leftovers or self._numbers.has_forgotten:
            self._open().flush()
            self._probe(counts)
        return {resource: count for resource, count in counts.items() if count}

    def _seen(self, resources: Sequence[bytes]) -> dict[bytes, int]:
        """How many documents of each the last commit shows."""
        names = [str(orjson.loads(b'"%b"' % resource)) for resource in resources]
        body = {
            "size": 0,
            "track_total_hits": False,
            "query": {"bool": {"filter": {"terms": {"id": names}}}},
            "aggs": {"id": {"terms": {"field": "id", "size": len(names)}}},
        }
        asked = {"allow_partial_search_results": "false", "request_cache": "false"}
        answer = self._connection.ask("POST", f"/{self._target()}/_search", body, asked, patience=catalog.PATIENCE)
        buckets = answer["aggregations"]["id"]["buckets"]
        return dict(zip(keys(bucket["key"] for bucket in buckets), (b["doc_count"] for b in buckets), strict=True))

    def _probe(self, counts: dict[bytes, int]) -> None:
        """Add what a session that never ended left beyond what can be seen: it is the next numbers, without a gap."""
        open_ones, width = list(counts), 1
        while open_ones:
            step, longer = PROBED // width, []
            for some in (open_ones[start : start + step] for start in range(0, len(open_ones), step)):
                asked = [(one, number) for one in some for number in range(counts[one], counts[one] + width)]
                there = self._are_there(asked)
                for (one, _), is_there in zip(asked, there, strict=True):
                    counts[one] += is_there
                longer += [one for one, last in zip(some, there[width - 1 :: width], strict=True) if last]
            open_ones, width = longer, min(width * 4, PROBED)

    def _are_there(self, documents: Sequence[tuple[bytes, int]]) -> list[bool]:
        """Are these in the index, seen or not?"""
        lines = [b'{"_id":"%b:%d","routing":"%b","_source":false}' % (one, at, one) for one, at in documents]
        body = b'{"docs":[%b]}' % b",".join(lines)
        answer = self._connection.ask("POST", f"/{self._target()}/_mget", body, patience=catalog.PATIENCE)
        return [bool(one.get("found")) for one in answer["docs"]]


def _marker(store_version: int) -> Action:
    """The document that says what the index shows."""
    name = MARKER.encode()
    return Action(name, b'{"index":{"_id":"%b","routing":"%b"}}' % (name, name), orjson.dumps(marker(store_version)))
