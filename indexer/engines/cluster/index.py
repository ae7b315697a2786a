"""An index behind its alias: searches sent together, their answers checked, and what the index says of itself."""

from __future__ import annotations

import time
from base64 import b64decode
from collections.abc import Sequence
from typing import Any

import orjson

from indexer.engines.cluster.bodies import Body
from indexer.engines.cluster.connection import Connection, Refused
from indexer.engines.cluster.dsl import term
from indexer.engines.cluster.mapping import MARKER
from indexer.errors import EngineUnavailable, IndexMissing, IndexVersionMismatch
from indexer.fields import SCHEMA_VERSION

FRESH = 1.0
"""Seconds for which the version of an index is believed; after that it comes with the next answer."""
_MARKER: Body = {
    "query": {"bool": {"filter": [term("scope", MARKER)]}},
    "size": 1,
    "_source": False,
    "docvalue_fields": ["store_version", "schema_version"],
}


class Index:
    """What stands behind the alias of an address. Safe to share between threads."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.name = self.shown = connection.address.name
        self._version: int | None = None
        self._looked = float("-inf")

    def version(self) -> int | None:
        """The version of the record store that is shown, None when there is no index. Raises IndexVersionMismatch."""
        if time.monotonic() - self._looked > FRESH:
            try:
                self.search([])
            except IndexMissing:
                return None
        return self._version

    def state(self) -> tuple[str, int | None]:
        """What is shown: the index, and the version of the record store in it. Raises IndexVersionMismatch."""
        version = self.version()
        return self.shown, version

    def forget(self) -> None:
        """Look at the version anew with the next question."""
        self._looked = float("-inf")

    def search(self, bodies: Sequence[Body]) -> list[Body]:
        """The answers to some searches, sent as one request. Raises IndexMissing, IndexVersionMismatch,
        EngineUnavailable."""
        looks = time.monotonic() - self._looked > FRESH
        lines = [b"{}\n" + orjson.dumps(body) + b"\n" for body in bodies]
        if looks:
            lines.append(orjson.dumps({"index": self.name}) + b"\n" + orjson.dumps(_MARKER) + b"\n")
        if not lines:
            return []
        answers = self._sent(b"".join(lines))
        if looks:
            self._learn(answers.pop())
        return answers

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
            answers: list[Body] = self.connection.lines(f"/{index}/_msearch", lines)["responses"]
        except Refused as error:
            raise self._told(error.status, error.type, error.reason) from None
        for answer in answers:
            self._check(answer)
        return answers

    def ask(self, method: str, path: str, body: Body | None = None) -> Any:
        """A request beside the searches. Raises as `search` does."""
        try:
            return self.connection.ask(method, path, body)
        except Refused as error:
            raise self._told(error.status, error.type, error.reason) from None

    def _learn(self, answer: Body) -> None:
        found = answer["hits"]["hits"]
        if not found:
            raise self._mismatch("it was not built by onestop, or never to its end")
        fields = found[0]["fields"]
        if fields["schema_version"] != [SCHEMA_VERSION]:
            raise self._mismatch(f"schema {fields['schema_version'][0]}")
        self.shown, self._version, self._looked = found[0]["_index"], fields["store_version"][0], time.monotonic()

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
        if kind == "index_not_found_exception" or status == 404:
            return IndexMissing(f"There is no index {address} yet. Run `onestop sync` to build it.")
        return EngineUnavailable(
            f"{address.title} at {address} could not answer ({kind or status}: {reason[:200]}); try again in a moment, "
            "and if it stays so, `onestop doctor` says what it lacks."
        )


def is_partial(answer: Body) -> bool:
    """Did some of the servers not answer, or not in time?"""
    return bool(answer.get("timed_out") or answer["_shards"]["failed"])


def stored(hit: Body, field: str = "hit") -> Any:
    """The JSON stored in a field of a found document."""
    return orjson.loads(raw(hit, field) or b"{}")


def raw(hit: Body, field: str) -> bytes | None:
    """The bytes stored in a field of a found document, None when there are none."""
    found = hit.get("fields", {}).get(field)
    return b64decode(found[0]) if found else None
