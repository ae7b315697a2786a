"""An index behind its alias: searches sent together, their answers checked, and what the index says of itself."""

from __future__ import annotations

import time
from base64 import b64decode
from collections.abc import Sequence
from typing import Any, Protocol

import orjson

from indexer.engines.cluster.bodies import Body
from indexer.engines.cluster.connection import Connection, Refused
from indexer.engines.cluster.dsl import term
from indexer.engines.marker import MARKER
from indexer.errors import EngineUnavailable, IndexMissing, IndexPartial, IndexVersionMismatch, SearchError
from indexer.fields import SCHEMA_VERSION

FRESH = 1.0
"""Seconds for which the version of an index is believed; after that it comes with the next answer."""
SERVERS_SHARE = 0.5
"""Of the time a reader waits: what is not found on a server by then is left out of the answer, which says so."""
_MARKER: Body = {
    "query": {"bool": {"filter": [term("scope", MARKER)]}},
    "size": 1,
    "_source": False,
    "docvalue_fields": ["store_version", "schema_version"],
}


class Asks(Protocol):
    """What can be asked as an index."""

    @property
    def connection(self) -> Connection: ...

    @property
    def shown(self) -> str:
        """The index that was last seen behind the alias."""
        ...

    def search(self, bodies: Sequence[Body]) -> list[Body]: ...
    def ask(self, method: str, path: str, body: Body | None = None) -> Any: ...


class Index:
    """What stands behind the alias of an address. Safe to share between threads."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.name = self.shown = connection.address.name
        self._within = connection.address.search_timeout
        self._timeout = f"{self._within * SERVERS_SHARE * 1000:.0f}ms"
        self._version: int | None = None
        self._looked = float("-inf")

    def version(self) -> int | None:
        """The version of the record store that is shown, None when there is no index. Raises IndexVersionMismatch, and
        IndexPartial when the server that knows it does not answer."""
        if time.monotonic() - self._looked > FRESH:
            try:
                self.search([])
            except IndexMissing:
                return None
        if self._version is None:
            raise self._partial()
        return self._version

    def state(self) -> tuple[str, int | None]:
        """What is shown: the index, and the version of the record store in it. Raises IndexVersionMismatch."""
        version = self.version()
        return self.shown, version

    def forget(self) -> None:
        """Look at the version anew with the next question, which is put to what then is behind the alias."""
        self.shown, self._looked = self.name, float("-inf")

    def search(self, bodies: Sequence[Body]) -> list[Body]:
        """The answers to some searches, sent as one request. Raises IndexMissing, IndexVersionMismatch,
        EngineUnavailable, and IndexPartial when some of the servers did not answer."""
        answers = self.search_parts(bodies)
        if any(map(is_partial, answers)):
            raise self._partial()
        return answers

    def search_parts(self, bodies: Sequence[Body]) -> list[Body]:
        """As `search`; what some of the servers answered is an answer, too (`is_partial`)."""
        looks = time.monotonic() - self._looked > FRESH
        lines = [b"{}\n" + orjson.dumps({**body, "timeout": self._timeout}) + b"\n" for body in bodies]
        if looks:
            lines.append(orjson.dumps({"index": self.name}) + b"\n" + orjson.dumps(_MARKER) + b"\n")
        if not lines:
            return []
        answers = self._sent(b"".join(lines))
        if looks:
            self._learn(answers.pop())
        return answers

    def first(self, body: Body) -> Body | None:
        """The first document of a search, None when there is none. Raises IndexPartial when nobody can tell."""
        answer = self.search_parts([body])[0]
        found: list[Body] = answer["hits"]["hits"]
        if not found and is_partial(answer):
            raise self._partial()
        return found[0] if found else None

    def _sent(self, lines: bytes) -> list[Body]:
        """Asked of the index that was last seen behind the alias: it stays for a while when another takes its place, so
        that all steps of an answer are of one index. Gone, it is looked for anew."""
        try:
            return self._answers(self.shown, lines)
        except IndexMissing:
            if self.shown == self.name:
                raise
            self.shown = self.name
            return self._answers(self.name, lines)

    def _answers(self, index: str, lines: bytes) -> list[Body]:
        try:
            sent = self.connection.lines(f"/{index}/_msearch", lines, within=self._within)
        except Refused as error:
            raise self._told(error.status, error.type, error.reason) from None
        answers: list[Body] = sent["responses"]
        for answer in answers:
            self._check(answer)
        return answers

    def ask(self, method: str, path: str, body: Body | None = None) -> Any:
        """A request beside the searches. Raises as `search` does."""
        answer = self.ask_parts(method, path, body)
        if "_shards" in answer and is_partial(answer):
            raise self._partial()
        return answer

    def ask_parts(self, method: str, path: str, body: Body | None = None) -> Any:
        """As `ask`, with parts as in `search_parts`."""
        sent = {**body, "timeout": self._timeout} if body and path.endswith("/_search") else body
        try:
            return self.connection.ask(method, path, sent, within=self._within)
        except Refused as error:
            raise self._told(error.status, error.type, error.reason) from None

    def _learn(self, answer: Body) -> None:
        found = answer["hits"]["hits"]
        if not found and is_partial(answer):
            self._learn_without_marker()
            return
        if not found:
            raise self._mismatch("it was not built by onestop, or never to its end")
        fields = found[0]["fields"]
        if fields["schema_version"] != [SCHEMA_VERSION]:
            raise self._mismatch(f"schema {fields['schema_version'][0]}")
        self.shown, self._version, self._looked = found[0]["_index"], fields["store_version"][0], time.monotonic()

    def _learn_without_marker(self) -> None:
        """The part that holds the version does not answer: what was known of it holds on."""
        if self._version is None:
            asked = f"/{self.name}/_mapping?filter_path=*.mappings._meta.onestop.schema"
            made: Body = next(iter(self.ask_parts("GET", asked).values()), {})
            schema = made.get("mappings", {}).get("_meta", {}).get("onestop", {}).get("schema")
            if schema != SCHEMA_VERSION:
                raise self._mismatch(f"schema {schema}")
        self._looked = time.monotonic()

    def _partial(self) -> IndexPartial:
        address = self.connection.address
        return IndexPartial(
            f"A part of the index {address} is on servers that do not answer now, and this cannot be told without it; "
            "try again in a minute, and look at the nodes of the cluster: `onestop doctor` says what is missing."
        )

    def _mismatch(self, found: str) -> IndexVersionMismatch:
        return IndexVersionMismatch(
            f"The index {self.connection.address} was built by another version of onestop ({found}; this one needs "
            f"schema {SCHEMA_VERSION}). Run `onestop sync` to build it again from the records."
        )

    def _check(self, answer: Body) -> None:
        """Raises what a failed search means; what some of the servers answered is an answer (`is_partial`)."""
        if "error" in answer:
            error = answer["error"]
            cause = (error.get("root_cause") or [error])[0]
            raise self._told(answer.get("status", 500), cause.get("type", ""), cause.get("reason") or "")

    def _told(self, status: int, kind: str, reason: str) -> Exception:
        address = self.connection.address
        if kind != "search_context_missing_exception" and (kind == "index_not_found_exception" or status == 404):
            return IndexMissing(f"There is no index {address} yet. Run `onestop sync` to build it.")
        is_busy = status >= 500 or status == 429
        return (EngineUnavailable if is_busy else SearchError)(  # a question it does not take is no reason to rest
            f"{address.title} at {address} could not answer ({kind or status}: {reason[:200]}); try again in a moment, "
            "and if it stays so, `onestop doctor` says what it lacks."
        )


class Lenient:
    """An index for an answer that says itself what it lacks: `is_partial`, whether that is so by now."""

    def __init__(self, index: Index) -> None:
        self._index, self.is_partial = index, False

    @property
    def connection(self) -> Connection:
        return self._index.connection

    @property
    def shown(self) -> str:
        return self._index.shown

    def search(self, bodies: Sequence[Body]) -> list[Body]:
        """See `Index.search_parts`."""
        answers = self._index.search_parts(bodies)
        self.is_partial |= any(map(is_partial, answers))
        return answers

    def ask(self, method: str, path: str, body: Body | None = None) -> Any:
        """See `Index.ask_parts`."""
        answer = self._index.ask_parts(method, path, body)
        self.is_partial |= "_shards" in answer and is_partial(answer)
        return answer


def is_partial(answer: Body) -> bool:
    """Did some of the servers not answer, or not in time? A part that is nowhere counts as not successful, and not as
    failed."""
    shards = answer["_shards"]
    return bool(answer.get("timed_out") or shards["failed"] or shards["successful"] < shards["total"])


def stored(hit: Body, field: str = "hit") -> Any:
    """The JSON stored in a field of a found document."""
    return orjson.loads(raw(hit, field) or b"{}")


def raw(hit: Body, field: str) -> bytes | None:
    """The bytes stored in a field of a found document, None when there are none."""
    found = hit.get("fields", {}).get(field)
    return b64decode(found[0]) if found else None
